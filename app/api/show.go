package api

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/attachment"
	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// ref names a record by id; nil for the zero id. A record that is not here (yet) is named by its id alone.
func (v *Services) ref(id record.ID) *Ref {
	if id == (record.ID{}) {
		return nil
	}
	row, ok := v.Tables.Row(id)
	if !ok {
		return &Ref{ID: id.String()}
	}
	return &Ref{ID: id.String(), Title: row.Title, Number: firstOf(row.Number, row.Provisional), Kind: row.Kind}
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// device names a device as its record does.
func (v *Services) device(id record.DeviceID) NamedID {
	name := ""
	if row, ok := v.Tables.Row(record.ID(id)); ok {
		name = row.Title
	}
	return NamedID{ID: id.String(), Name: name}
}

// record shows a record whole.
func (v *Services) record(state *record.State) RecordView {
	kind, known := v.Kinds.Kind(state.Kind)
	if !known {
		kind = &record.Kind{Name: state.Kind, Label: state.Kind}
	}
	view := RecordView{
		ID: state.ID.String(), Kind: state.Kind, Space: string(state.Space), Site: state.Space.Site(),
		Provisional: v.Provisional(state), Title: state.Shown(kind.Title).AsText(), Archived: state.Archived, Pending: state.Pending,
		CreatedAt: moment(state.Created), CreatedBy: v.ref(state.Created.Author), ChangedAt: moment(state.Changed),
		Fields: make([]FieldView, 0, len(kind.Fields)), DuplicateOf: []Ref{}, Newer: !known || v.holdsNewer(kind, state),
	}
	if number := state.Shown("number").AsText(); number != "" {
		view.Number = &number
	}
	for _, definition := range kind.Fields {
		if definition.Rule == record.RuleList || definition.Rule == record.RuleNumber {
			continue
		}
		field := state.Fields[definition.Name]
		view.Fields = append(view.Fields, v.field(state.Kind, definition, &field))
		for _, held := range field.Values {
			if other := v.ref(held.Duplicate); other != nil {
				view.DuplicateOf = append(view.DuplicateOf, *other)
			}
		}
	}
	return view
}

// holdsNewer reports whether a record has fields that its kind has in newer versions only, or waits for a change that this version cannot make.
func (v *Services) holdsNewer(kind *record.Kind, state *record.State) bool {
	for name := range state.Fields {
		if _, defined := kind.Field(name); !defined && name != record.FieldArchived {
			return true
		}
	}
	return state.Pending > 0 && slices.ContainsFunc(v.Store.PendingOf(state.ID), v.newer)
}

func (v *Services) field(kind string, definition record.Definition, field *record.Field) FieldView {
	view := FieldView{
		Name: definition.Name, Label: definition.Label, Type: string(definition.Type), Rule: string(definition.Rule),
		Seen: editIDs(field.Seen()), Pending: field.Pending, ReadOnly: derived(kind, definition), Conflicts: []Held{},
	}
	switch definition.Rule {
	case record.RuleSet:
		members := make([]any, 0, len(field.Elements))
		words := make([]string, 0, len(field.Elements))
		for _, element := range field.Elements {
			members = append(members, plain(definition.Type, element.Value))
			words = append(words, v.display(kind, definition, element.Value))
			view.Seen = append(view.Seen, editIDs(element.Adds)...)
		}
		view.Value, view.Display = members, strings.Join(words, ", ")
	case record.RuleCounter:
		view.Value = field.Sum
	default:
		if len(field.Values) == 0 {
			return view
		}
		shown := field.Values[0]
		at := moment(shown.Origin)
		view.Value, view.Display = plain(definition.Type, shown.Value), v.display(kind, definition, shown.Value)
		view.By, view.At = v.ref(shown.Author), &at
		for _, other := range field.Conflicts() {
			view.Conflicts = append(view.Conflicts, v.held(kind, definition, other))
		}
	}
	return view
}

func (v *Services) held(kind string, definition record.Definition, held record.Held) Held {
	return Held{
		Base: v.baseOf(definition, held),
		Edit: held.Edit.String(), Value: plain(definition.Type, held.Value), Display: v.display(kind, definition, held.Value),
		By: v.ref(held.Author), At: moment(held.Origin), Device: firstOf(v.device(held.Edit.Device).Name, held.Edit.Device.String()),
	}
}

// baseOf gives the text that the author of another one saw before; nil where the field is no text, or the edit is not kept any more.
func (v *Services) baseOf(definition record.Definition, held record.Held) *string {
	if definition.Rule != record.RuleText {
		return nil
	}
	edit, err := v.Store.Edit(held.Edit)
	if err != nil || edit == nil {
		return nil
	}
	for i := range edit.Mutations {
		if m := &edit.Mutations[i]; m.Op == record.OpText && m.Field == definition.Name && m.Value.Equal(held.Value) {
			base := m.Base.AsText()
			return &base
		}
	}
	return nil
}

// moment is when something happened: as an import says, or when the edit took effect.
func moment(origin record.Origin) time.Time {
	if origin.On != 0 {
		return origin.On.Time()
	}
	return origin.At.Time()
}

// derived tells fields that nobody sets by hand.
func derived(kind string, definition record.Definition) bool {
	switch definition.Name {
	case record.FieldFormerNumbers, ticket.FieldMovedTo, ticket.FieldMovedAs, ticket.FieldMovedFrom:
		return true
	case "priority", "resolved_at", "closed_at", "reopen_count", "source":
		return kind == "incident" || kind == "request"
	case "key", "certificate", "role":
		return kind == "device"
	}
	return false
}

// plain gives a value as JSON has it.
func plain(kind record.Type, value record.Value) any {
	if len(value) == 0 {
		return nil
	}
	switch kind {
	case record.TypeRef:
		return value.AsRef().String()
	case record.TypeInteger, record.TypeMoney:
		return value.AsInteger()
	case record.TypeFlag:
		return value.AsFlag()
	case record.TypeInstant:
		return value.AsInstant().Time().Format(time.RFC3339)
	case record.TypeEntry:
		return plainEntry(value)
	}
	return value.AsText()
}

// plainEntry gives a named group of values, each as the JSON that its own form suggests.
func plainEntry(value record.Value) map[string]any {
	group := map[string]any{}
	for name, part := range value.AsNamed() {
		switch {
		case part.AsText() != "":
			group[name] = part.AsText()
		case part.AsRef() != (record.ID{}):
			group[name] = part.AsRef().String()
		case part.AsFlag():
			group[name] = true
		default:
			group[name] = part.AsInteger()
		}
	}
	return group
}

// display gives a value in words: the label of a choice, the title of a referred record.
func (v *Services) display(kind string, definition record.Definition, value record.Value) string {
	if len(value) == 0 {
		return ""
	}
	switch definition.Type {
	case record.TypeRef:
		return v.ref(value.AsRef()).Title
	case record.TypeChoice:
		return v.label(kind, definition.Name, value.AsText())
	case record.TypeInteger:
		return strconv.FormatInt(value.AsInteger(), 10)
	case record.TypeMoney:
		return strconv.FormatFloat(float64(value.AsInteger())/moneyScale, 'f', 2, 64)
	case record.TypeFlag:
		return strconv.FormatBool(value.AsFlag())
	case record.TypeInstant:
		return value.AsInstant().Time().Format(time.RFC3339)
	case record.TypeEntry:
		return entryWords(value)
	}
	return v.label(kind, definition.Name, value.AsText())
}

// entryWords says what an entry is about: a file's name, a site, or a promise that was broken.
func entryWords(value record.Value) string {
	if breach, untrue, ok := ticket.BreachIn(value); ok {
		words := firstOf(clockLabels[breach.Metric], breach.Metric) + ": " + breach.Target
		if untrue {
			words = "✓ " + words
		}
		return words
	}
	file, _ := attachment.Read(value)
	return firstOf(file.Name, ticket.SiteIn(value))
}

// moneyScale is how many of the smallest unit make one of the currency.
const moneyScale = 100

// valueOf reads a JSON value as a field's type takes it.
func valueOf(definition record.Definition, given any) (record.Value, error) {
	refuse := func() (record.Value, error) {
		return nil, fault.Newf(fault.Invalid, "api.valueOf", "%s does not take this value.", definition.Label)
	}
	if given == nil {
		return nil, nil
	}
	switch definition.Type {
	case record.TypeInteger, record.TypeMoney:
		number, ok := given.(float64)
		if !ok || number != float64(int64(number)) {
			return refuse()
		}
		return record.Integer(int64(number)), nil
	case record.TypeFlag:
		flag, ok := given.(bool)
		if !ok {
			return refuse()
		}
		return record.Flag(flag), nil
	case record.TypeEntry:
		return entryOf(definition, given)
	}
	text, ok := given.(string)
	if !ok {
		return refuse()
	}
	return textValue(definition, text)
}

func textValue(definition record.Definition, text string) (record.Value, error) {
	if text == "" {
		return nil, nil
	}
	switch definition.Type {
	case record.TypeRef:
		id, err := parseID(text)
		return record.Ref(id), err
	case record.TypeInstant:
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "api.valueOf", "%s takes a date and time such as 2026-03-10T14:00:00Z.", definition.Label)
		}
		return record.Instant(clock.At(at)), nil
	}
	return record.Text(text), nil
}

func entryOf(definition record.Definition, given any) (record.Value, error) {
	parts, ok := given.(map[string]any)
	if !ok {
		return nil, fault.Newf(fault.Invalid, "api.valueOf", "%s takes an entry with a text.", definition.Label)
	}
	named := make(map[string]record.Value, len(parts))
	for name, part := range parts {
		switch part := part.(type) {
		case string:
			named[name] = record.Text(part)
		case float64:
			named[name] = record.Integer(int64(part))
		case bool:
			named[name] = record.Flag(part)
		}
	}
	return record.Named(named), nil
}

func parseID(text string) (record.ID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return record.ID{}, fault.Newf(fault.Invalid, "api.parseID", "%q is not the id of a record.", text)
	}
	return id, nil
}

func editIDs(ids []record.EditID) []string {
	texts := make([]string, 0, len(ids))
	for _, id := range ids {
		texts = append(texts, id.String())
	}
	slices.Sort(texts)
	return texts
}

func parseEdits(texts []string) ([]record.EditID, error) {
	ids := make([]record.EditID, 0, len(texts))
	for _, text := range texts {
		id, err := record.ParseEditID(text)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}
