package record

import "slices"

// Ready reports whether an edit can be decided. It cannot, and waits, while a record that it touches is not committed, while its content is
// missing, or when it needs a newer program. A fault of the reader means no.
func Ready(r Reader, e *Edit) bool {
	if e.Redacted() || Newer(e) {
		return false
	}
	lacked, err := lacks(r, e, 1)
	return err == nil && len(lacked) == 0
}

// Newer reports whether an edit needs a newer program. Whether its kinds do, the catalogue knows.
func Newer(e *Edit) bool {
	if e.MaySkip {
		return false
	}
	return e.Format > FormatVersion || slices.ContainsFunc(e.Mutations, func(m Mutation) bool { return !known(m.Op) })
}

// Lacks gives the records that an edit changes and that are not there, neither committed nor made by the edit itself: each once, in its order. An edit that waits for a newer program
// lacks nothing.
func Lacks(r Reader, e *Edit) ([]ID, error) {
	if Newer(e) {
		return nil, nil
	}
	return lacks(r, e, len(e.Mutations))
}

func lacks(r Reader, e *Edit, most int) ([]ID, error) {
	var there, lacked []ID // records known to be there, or about to be; records that are not
	for i := range e.Mutations {
		m := &e.Mutations[i]
		switch {
		case m.Op == OpCreate:
			there = append(there, m.Record)
		case !known(m.Op) || isParkedSettling(m) || slices.Contains(there, m.Record) || slices.Contains(lacked, m.Record):
		default:
			s, err := r.Committed(m.Record)
			if err != nil {
				return nil, err
			}
			if s != nil {
				there = append(there, m.Record)
				continue
			}
			if lacked = append(lacked, m.Record); len(lacked) == most {
				return lacked, nil
			}
		}
	}
	return lacked, nil
}

// Creates reports whether an edit makes a record.
func (e *Edit) Creates(id ID) bool {
	return slices.ContainsFunc(e.Mutations, func(m Mutation) bool { return m.Op == OpCreate && m.Record == id })
}

// GivesUp reports whether an edit says that another one is not to be waited for, or looked at, any more.
func (e *Edit) GivesUp(other EditID) bool {
	return slices.ContainsFunc(e.Mutations, func(m Mutation) bool { return isParkedSettling(&m) && slices.Contains(m.Seen, other) })
}

func known(op Op) bool {
	switch op {
	case OpCreate, OpArchive, OpRestore, OpSettle, OpRedact:
		return true
	}
	return fits(op, ruleOf(op))
}
