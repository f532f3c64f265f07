package record

import "slices"

// Complete fills in what the author of m saw in s, the record as shown to the author, where the intent leaves it out: the values that a transition
// replaces, the adds that a removal takes away, the whole record for archiving and restoring, and, on an archived record, the archiving.
// What a set or text has seen is for the form to say, because the record may have moved on since it was opened; it is left as it is.
func (s *State) Complete(m *Mutation) {
	switch m.Op {
	case OpArchive, OpRestore:
		if len(m.Seen) == 0 {
			m.Seen = s.SeenAll()
		}
		return
	case OpTransition:
		if len(m.Seen) == 0 {
			m.Seen = s.seenInStep(m)
		}
	case OpRemove:
		f := s.Fields[m.Field]
		if i, found := find(f.Elements, m.Value); found && len(m.Seen) == 0 {
			m.Seen = slices.Clone(f.Elements[i].Adds)
		}
	case OpCreate:
		return
	}
	if archived, ok := s.Fields[FieldArchived]; ok && !isParkedSettling(m) {
		for _, id := range archived.Seen() {
			if !slices.Contains(m.Seen, id) {
				m.Seen = append(slices.Clip(m.Seen), id)
			}
		}
	}
}

// seenInStep names what a transition goes on from: its own field and those of With.
func (s *State) seenInStep(m *Mutation) []EditID {
	f := s.Fields[m.Field]
	seen := f.Seen()
	for _, pair := range m.With {
		f := s.Fields[pair.Field]
		for _, id := range f.Seen() {
			if !slices.Contains(seen, id) {
				seen = append(seen, id)
			}
		}
	}
	return seen
}
