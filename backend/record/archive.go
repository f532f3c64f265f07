package record

import (
	"bytes"
	"slices"
)

// FieldArchived is the hidden register that says whether a record is archived. It exists only on records that somebody archived once. Its
// values are the edits that archived or restored the record, and those of other fields that neither saw an archiving nor were seen by it: each of
// those holds the record live. Awaited has, for each incarnation, the newest edit that somebody who archived or restored it had seen.
const FieldArchived = "archived"

// SeenAll names the newest edit of each incarnation in the record: what OpArchive and OpRestore name as seen.
func (s *State) SeenAll() []EditID {
	var seen []EditID
	note := func(ids []EditID) { seen = widenAll(seen, ids) }
	seen = widen(seen, s.Created.Edit)
	for name, f := range s.Fields {
		note(f.Seen())
		note(f.Replaced)
		if name == FieldArchived {
			note(f.Awaited)
		}
		for _, element := range f.Elements {
			note(element.Adds)
		}
		for i := range f.Items {
			seen = widen(seen, f.Items[i].Edit)
		}
	}
	return without(seen, EditID.IsZero)
}

// SeenIn gives what a mutation of the field names as seen: Field.Seen and, on an archived record, the edits that archived it.
func (s *State) SeenIn(field string) []EditID {
	f := s.Fields[field]
	seen := f.Seen()
	if archived, ok := s.Fields[FieldArchived]; ok && field != FieldArchived {
		seen = append(seen, archived.Seen()...)
	}
	return seen
}

// archive takes the record out of the lists, or puts it back.
func (a *arrival) archive(s *State, m *Mutation) {
	f := s.Fields[FieldArchived]
	f.Rule = RuleRegister
	before := f.Values
	known := s.SeenAll()
	f.drop(func(h *Held) bool { return h.Edit == a.edit.ID || reached(m.Seen, h.Edit) })
	f.Awaited = widenAll(f.Awaited, m.Seen)
	archiving := m.Op == OpArchive
	held := Held{Origin: a.origin(m), Value: Flag(archiving)}
	// Another archiving or restoring that came earlier may have seen this one: it has replaced it then.
	if !reached(f.Awaited, a.edit.ID) {
		f.Values = insertHeld(f.Values, held)
	}
	s.Fields[FieldArchived] = f
	if archiving {
		for _, id := range known {
			a.holdLive(s, id)
		}
	}
	f = s.Fields[FieldArchived]
	a.settle(before, f.Values)
	s.deriveArchived()
}

// touch lets an edit of other fields hold an archived record live, unless its author knew.
func (a *arrival) touch(s *State, seen []EditID) {
	f, ok := s.Fields[FieldArchived]
	if !ok {
		return
	}
	unaware := func(h Held) bool {
		return h.Value.AsFlag() && !a.edit.ID.reaches(h.Edit) && !slices.Contains(seen, h.Edit)
	}
	if slices.ContainsFunc(f.Values, unaware) {
		a.holdLive(s, a.edit.ID)
		s.deriveArchived()
	}
}

// holdLive enters the edit as one against which the record was archived, unless whoever archived it had seen it.
func (a *arrival) holdLive(s *State, id EditID) {
	f := s.Fields[FieldArchived]
	if reached(f.Awaited, id) {
		return
	}
	for i := range f.Values {
		held := &f.Values[i]
		if held.Edit.reaches(id) {
			return
		}
	}
	f.drop(func(h *Held) bool { return h.At == 0 && id.reaches(h.Edit) })
	f.Values = insertHeld(f.Values, Held{Origin: Origin{Edit: id}, Value: Flag(false)})
	s.Fields[FieldArchived] = f
}

// deriveArchived orders the values so that one that holds the record live is shown, and derives State.Archived.
func (s *State) deriveArchived() {
	f := s.Fields[FieldArchived]
	f.Values = slices.Clone(f.Values)
	slices.SortStableFunc(f.Values, func(x, y Held) int {
		if c := bytes.Compare(x.Value, y.Value); c != 0 {
			return c // false sorts before true
		}
		return -later(&x.Origin, &y.Origin)
	})
	s.Fields[FieldArchived] = f
	s.Archived = f.archived()
}

func (f *Field) archived() bool { return len(f.Values) > 0 && f.Values[0].Value.AsFlag() }
