package exchange

import (
	"fmt"
	"slices"
	"strings"

	"holdfast/backend/people"
	"holdfast/backend/record"
)

// double tells a row of a kind whose records people know by name that is here already, and one whose name stands for several. Who has a login or an
// e-mail address of their own is somebody else than a namesake.
func (t *Table) double(cells []string) (skip, problem string) {
	for _, field := range slices.Backward(aliases[t.kind.Name]) {
		column := t.columnOf(field)
		at := slices.Index(t.header, column)
		if at < 0 || strings.TrimSpace(cells[at]) == "" {
			continue
		}
		switch found := t.around.Here.Match(t.kind.Name, cells[at]); len(found) {
		case 0:
			return "", ""
		case 1:
			return "A " + t.kind.Name + " of this name is here already.", ""
		default:
			return "", t.ambiguous(column, cells[at], t.kind.Name, len(found))
		}
	}
	return "", ""
}

func (t *Table) ambiguous(column, cell, kind string, count int) string {
	return fmt.Sprintf("The column %s says %q, which %d records of kind %s are called. Write a login, an e-mail address or a code that only one has.", column, cell, count, kind)
}

// reference gives the record that a cell stands for: the one that is here by that name, or a new one.
func (t *Table) reference(item *Item, field record.Definition, cell string) (id record.ID, problem string, err error) {
	switch found := t.around.Here.Match(field.Target, cell); len(found) {
	case 0:
		id, err = t.named(field.Target, cell, item.Line)
		return id, "", err
	case 1:
		if a := (alias{field.Target, plainName(cell)}); !t.matched[a] {
			t.matched[a] = true
			item.Matches = append(item.Matches, Match{Line: item.Line, Kind: field.Target, Name: cell, Known: found[0]})
		}
		return found[0].ID, "", nil
	default:
		return id, t.ambiguous(t.columnOf(field.Name), cell, field.Target, len(found)), nil
	}
}

func (t *Table) columnOf(field string) string {
	for _, column := range t.header {
		if t.mapping.Fields[column] == field {
			return column
		}
	}
	return ""
}

// cell gives the mutations that bring one cell in; none when the field takes none from a table.
func (t *Table) cell(item *Item, field record.Definition, cell string) (mutations []record.Mutation, problem string, err error) {
	words := []string{cell}
	if field.Rule == record.RuleSet {
		words = strings.FieldsFunc(cell, func(r rune) bool { return r == ',' || r == ';' })
	}
	op, ok := opOf[field.Rule]
	if field.Rule == record.RuleSet {
		op, ok = record.OpAdd, true
	}
	if !ok {
		return nil, "", nil
	}
	for _, word := range words {
		value, problem, err := t.value(item, field, strings.TrimSpace(word))
		if err != nil || problem != "" {
			return nil, problem, err
		}
		mutations = append(mutations, record.Mutation{Op: op, Record: item.Record, Field: field.Name, Value: value})
	}
	return mutations, "", nil
}

// value gives what a word means in a field.
func (t *Table) value(item *Item, field record.Definition, word string) (value record.Value, problem string, err error) {
	switch {
	case field.Type == record.TypeRef:
		id, problem, err := t.reference(item, field, word)
		return record.Ref(id), problem, err
	case field.Name == people.FieldSite:
		switch found := t.around.Here.Match(people.Site, word); len(found) {
		case 0:
		case 1:
			return record.Text(found[0].Code), "", nil
		default:
			return nil, t.ambiguous(t.columnOf(field.Name), word, people.Site, len(found)), nil
		}
	case field.Type == record.TypeChoice:
		if key := t.around.Choice(t.kind.Name, field.Name, word); key != "" {
			return record.Text(key), "", nil
		}
	}
	return record.Text(word), "", nil
}
