package desk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"holdfast/backend/attachment"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// carryBytes and carryItems bound what one edit carries over of a long conversation; the rest comes in further edits.
const (
	carryBytes = 256 << 10
	carryItems = 500
)

// Owes reports whether Onward may have something to say of a record.
func Owes(state *record.State) bool {
	if !ticket.Is(state.Kind) {
		return false
	}
	from, _ := ticket.MovedFrom(state)
	return from != (record.ID{}) || ticket.MovedTo(state) != ""
}

// Onward gives what the system has to do next so that a ticket that was moved is whole at its new site, and pointed to from the old one. It follows from committed state
// alone; asking twice gives the same edits, and the second of each comes to nothing. id is that of the ticket on either side.
func (d *Desk) Onward(r record.Reader, id record.ID) ([]record.Draft, error) {
	state, err := r.Committed(id)
	if err != nil || state == nil || !ticket.Is(state.Kind) {
		return nil, err
	}
	var drafts []record.Draft
	if from, _ := ticket.MovedFrom(state); from != (record.ID{}) {
		old, err := r.Committed(from)
		if err != nil {
			return nil, err
		}
		if drafts, err = d.onward(r, old, drafts); err != nil {
			return nil, err
		}
	}
	return d.onward(r, state, drafts)
}

func (d *Desk) onward(r record.Reader, old *record.State, drafts []record.Draft) ([]record.Draft, error) {
	if old == nil || ticket.MovedTo(old) == "" {
		return drafts, nil
	}
	id, here, err := ticket.Landing(r, old)
	if err != nil {
		return nil, err
	}
	number := old.Shown(ticket.FieldMovedAs).AsText()
	switch {
	case id == (record.ID{}):
		return nil, fault.Newf(fault.Conflict, "desk.Onward", "The ticket %s cannot arrive at %s: its place there is taken. It is whole where it was.", old.Shown(ticket.FieldNumber).AsText(), ticket.MovedTo(old))
	case here == nil && number == "":
		draft, err := d.arrival(r, old, id)
		if err != nil {
			return nil, err
		}
		return append(drafts, draft), nil
	case here == nil: // it was there once; a recovery lost it, and whoever held it brings it back
		return drafts, nil
	}
	if following := carried(old, here, nil); len(following) > 0 {
		drafts = append(drafts, draftAt(here.Space, ActionFollow, onto(here.ID, following)))
	}
	if now := here.Shown(ticket.FieldNumber); number == "" && len(now) > 0 {
		drafts = append(drafts, draftAt(old.Space, ActionForward, []record.Mutation{{
			Op: record.OpSet, Record: old.ID, Field: ticket.FieldMovedAs, Value: now, Seen: old.SeenIn(ticket.FieldMovedAs),
		}}))
	}
	return drafts, nil
}

func draftAt(space record.Space, action string, mutations []record.Mutation) record.Draft {
	return record.Draft{Space: space, Action: action, Mutations: mutations, Blobs: attachment.Blobs(mutations)}
}

func onto(id record.ID, mutations []record.Mutation) []record.Mutation {
	for i := range mutations {
		mutations[i].Record = id
	}
	return mutations
}

// arrival makes the ticket at its new site: every field with its author and time, and the conversation as far as it fits into one edit.
func (d *Desk) arrival(r record.Reader, old *record.State, id record.ID) (record.Draft, error) {
	mutations := []record.Mutation{{Op: record.OpCreate, Kind: old.Kind, By: old.Created.Author, On: old.Created.When()}}
	var names []string
	for name := range old.Fields {
		if !ticket.IsMoving(name) && name != record.FieldArchived && name != ticket.FieldNumber {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		field := old.Fields[name]
		mutations = append(mutations, valuesOf(name, &field)...)
	}
	for _, number := range []string{old.Shown(ticket.FieldNumber).AsText(), Provisional(d.kinds, old)} {
		if number != "" {
			mutations = append(mutations, record.Mutation{Op: record.OpAdd, Field: record.FieldFormerNumbers, Value: record.Text(number)})
		}
	}
	mutations = append(mutations, record.Mutation{Op: record.OpSet, Field: ticket.FieldMovedFrom, Value: ticket.From(old)})
	words, err := d.leftBehind(r, old)
	if err != nil {
		return record.Draft{}, err
	}
	if words != "" {
		mutations = append(mutations, record.Mutation{
			Op: record.OpAppend, Field: ticket.FieldNotes, Item: uuid.NewSHA1(id, []byte("arrival")),
			Value: record.Named(map[string]record.Value{ticket.ItemText: record.Text(words)}),
		})
	}
	mutations = append(mutations, carried(old, nil, mutations)...)
	if old.Archived {
		mutations = append(mutations, record.Mutation{Op: record.OpArchive})
	}
	return draftAt(record.SiteSpace(ticket.MovedTo(old)), ActionArrive, onto(id, mutations)), nil
}

// valuesOf gives the mutations that make a field what it shows; entries of lists come apart from it.
func valuesOf(name string, field *record.Field) []record.Mutation {
	var mutations []record.Mutation
	op := map[record.Rule]record.Op{
		record.RuleRegister: record.OpSet, record.RuleUnique: record.OpSet, record.RuleText: record.OpText, record.RuleState: record.OpTransition,
	}[field.Rule]
	if op != "" && len(field.Values) > 0 && len(field.Values[0].Value) > 0 {
		held := field.Values[0]
		mutations = append(mutations, record.Mutation{Op: op, Field: name, Value: held.Value, By: held.Author, On: held.When()})
	}
	for _, element := range field.Elements {
		mutations = append(mutations, record.Mutation{Op: record.OpAdd, Field: name, Value: element.Value})
	}
	if field.Rule == record.RuleCounter && field.Sum != 0 {
		mutations = append(mutations, record.Mutation{Op: record.OpCount, Field: name, Delta: field.Sum})
	}
	return mutations
}

// carried gives the entries that the new ticket lacks, oldest list first, as many as fit into an edit that holds beside already.
func carried(old, here *record.State, beside []record.Mutation) []record.Mutation {
	var names []string
	for name := range old.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	room := carryBytes
	for i := range beside {
		room -= len(beside[i].Value)
	}
	var mutations []record.Mutation
	for _, name := range names {
		known := map[record.ID]bool{}
		if here != nil {
			for _, item := range here.Fields[name].Items {
				known[item.ID] = true
			}
		}
		for _, item := range old.Fields[name].Items {
			if known[item.ID] {
				continue
			}
			if room -= len(item.Value); len(mutations) == carryItems || room < 0 && len(beside)+len(mutations) > 0 {
				return mutations
			}
			mutations = append(mutations, record.Mutation{
				Op: record.OpAppend, Field: name, Item: item.ID, Value: item.Value, By: item.Author, On: item.When(),
			})
		}
	}
	return mutations
}

// leftBehind says what of a ticket its fields cannot say at the new site: values that somebody else set without seeing the one that is shown, and whom it names that only
// the old site knows. "" when there is nothing.
func (d *Desk) leftBehind(r record.Reader, old *record.State) (string, error) {
	kind, known := d.kinds.Kind(old.Kind)
	if !known {
		return "", nil
	}
	var words strings.Builder
	for _, definition := range kind.Fields {
		field := old.Fields[definition.Name]
		for _, other := range field.Conflicts() {
			shown, _, err := d.wordOf(r, definition, other.Value)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&words, "\n- %s: %s (%s)", definition.Label, shown, other.When().Time().Format("2006-01-02 15:04 UTC"))
		}
		named := make([]record.Value, 0, 1+len(field.Elements))
		if len(field.Values) > 0 {
			named = append(named, field.Values[0].Value)
		}
		for _, element := range field.Elements {
			named = append(named, element.Value)
		}
		for _, value := range named {
			title, local, err := d.wordOf(r, definition, value)
			if err != nil {
				return "", err
			}
			if local {
				fmt.Fprintf(&words, "\n- %s: %s, known at %s only", definition.Label, title, old.Space.Site())
			}
		}
	}
	if words.Len() == 0 {
		return "", nil
	}
	return "Beside what the ticket shows, this stood in it at " + old.Space.Site() + ":\n" + words.String(), nil
}

// wordOf gives a value in words, and whether it is a record that only a site knows.
func (d *Desk) wordOf(r record.Reader, definition record.Definition, value record.Value) (words string, local bool, err error) {
	if definition.Type != record.TypeRef {
		return firstOf(value.AsText(), "(nothing)"), false, nil
	}
	state, err := r.Committed(value.AsRef())
	if err != nil || state == nil {
		return value.AsRef().String(), false, err
	}
	kind, known := d.kinds.Kind(state.Kind)
	if !known {
		return value.AsRef().String(), false, nil
	}
	return firstOf(state.Shown(kind.Title).AsText(), state.ID.String()), state.Space != record.Organisation, nil
}
