package desk

import (
	"strings"

	"holdfast/backend/attachment"
	"holdfast/backend/record"
	"holdfast/backend/search"
	"holdfast/backend/ticket"
)

// Document gives what is searched of a record: its title, its numbers, and the text of every searchable field.
func (d *Desk) Document(state *record.State) search.Document {
	document := search.Document{ID: state.ID, Kind: state.Kind, Gone: state.Archived}
	kind, known := d.kinds.Kind(state.Kind)
	if !known {
		return document
	}
	document.Title = state.Shown(kind.Title).AsText()
	if number := state.Shown(ticket.FieldNumber).AsText(); number != "" {
		document.Names = append(document.Names, number)
	}
	if provisional := Provisional(d.kinds, state); provisional != "" {
		document.Names = append(document.Names, provisional)
	}
	gone := ticket.Is(state.Kind) && ticket.MovedTo(state) != "" // what it says is found where it is now
	if gone {
		document.Names = append(document.Names, state.Shown(ticket.FieldMovedAs).AsText())
	}
	var text strings.Builder
	for _, field := range kind.Fields {
		if field.Searchable && field.Name != kind.Title && field.Rule != record.RuleNumber && (!gone || field.Name == record.FieldFormerNumbers) {
			writeText(&text, state.Fields[field.Name])
		}
	}
	document.Text = text.String()
	return document
}

func writeText(text *strings.Builder, field record.Field) {
	write := func(part string) {
		if part != "" {
			text.WriteString(part)
			text.WriteByte('\n')
		}
	}
	for _, held := range field.Values {
		write(held.Value.AsText())
	}
	for _, element := range field.Elements {
		write(element.Value.AsText())
	}
	for _, item := range field.Items {
		if file, ok := attachment.Read(item.Value); ok {
			write(file.Name)
			continue
		}
		write(item.Value.AsNamed()[ticket.ItemText].AsText())
	}
}

// Provisional gives the number that a record is known by until it is agreed, and can be found by for ever; "" for kinds without numbers.
func Provisional(kinds record.Catalogue, state *record.State) string {
	kind, known := kinds.Kind(state.Kind)
	if !known || kind.Prefix == "" {
		return ""
	}
	return record.Provisional(kind, state.Space, state.ID)
}
