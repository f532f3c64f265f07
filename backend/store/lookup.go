package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"slices"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// ParkedEdit is an edit that the group did not apply, or could not evaluate, and that nobody has settled yet.
type ParkedEdit struct {
	Edit    *record.Edit
	Outcome *record.Outcome
}

// PendingEdit gives a tentative edit by id.
func (s *Store) PendingEdit(id record.EditID) (*record.Edit, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for key := range s.pending.ordered {
		if e := s.pending.find(key, id); e != nil {
			return e, true
		}
	}
	return nil, false
}

// Outcome gives the group's decision on an edit; false while there is none, or when the log was trimmed behind it and the edit is not parked.
func (s *Store) Outcome(edit record.EditID) (*record.Outcome, bool) {
	c, err := s.committedEdit(edit)
	if err != nil || c == nil {
		return nil, false
	}
	o := &record.Outcome{}
	if record.Decode(c.Outcome, o) != nil {
		return nil, false
	}
	return o, true
}

// Edit gives an edit, tentative or committed as far as the log reaches back; nil, nil when it is not kept.
func (s *Store) Edit(id record.EditID) (*record.Edit, error) {
	if e, found := s.PendingEdit(id); found {
		return e, nil
	}
	c, err := s.committedEdit(id)
	if err != nil || c == nil {
		return nil, err
	}
	return record.Open(c.Sealed)
}

// committedEdit looks for an edit's commit in all spaces.
func (s *Store) committedEdit(id record.EditID) (*Commit, error) {
	s.mu.RLock()
	spaces := s.spacesLocked(record.ID{})
	r, err := s.readerLocked()
	s.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	defer r.close()
	for _, space := range spaces {
		if c, err := r.commitOf(space, id); err != nil || c != nil {
			return c, err
		}
	}
	return nil, nil
}

// Parked gives at most limit.PageRowsMax parked and poisonous edits that nobody settled, after cursor ("" is the first page), and the next cursor ("" at the end).
func (s *Store) Parked(ctx context.Context, cursor string) ([]ParkedEdit, string, error) {
	const op = "store.Parked"
	from, err := hex.DecodeString(cursor)
	if err != nil {
		return nil, "", fault.New(fault.Invalid, op, "The place in the list is not one that this list gave. Start from its beginning.")
	}
	s.mu.RLock()
	spaces := s.spacesLocked(record.ID{})
	r, err := s.readerLocked()
	s.mu.RUnlock()
	if err != nil {
		return nil, "", err
	}
	defer r.close()
	var page []ParkedEdit
	next := ""
	err = scanFrom(r.txn, []byte{famParked}, append([]byte{famParked}, from...), func(key, value []byte) error {
		if len(page) == limit.PageRowsMax {
			next = hex.EncodeToString(key[1:])
			return errStop
		}
		if space, _, _ := splitSpace(key); !slices.Contains(spaces, space) {
			return nil // half of a space is none
		}
		p, err := parkedOf(value)
		page = append(page, p)
		return err
	})
	return page, next, r.db.readFault(err, op)
}

func parkedOf(row []byte) (ParkedEdit, error) {
	var c Commit
	p := ParkedEdit{Outcome: &record.Outcome{}}
	if err := record.Decode(row, &c); err != nil {
		return p, err
	}
	if err := record.Decode(c.Outcome, p.Outcome); err != nil {
		return p, err
	}
	edit, err := record.Open(c.Sealed)
	if err != nil { // a poisonous edit may be unreadable: its header names it all the same
		edit = &record.Edit{Sealed: c.Sealed}
		err = record.Decode(c.Sealed.Header, &edit.Header)
	}
	p.Edit = edit
	return p, err
}

// Refused reports whether the group has decided on a record's creation, and it did not come about: the record is not there, and its history tells of what was parked.
func (s *Store) Refused(space record.Space, id record.ID) (bool, error) {
	committed, err := s.CommittedIn(space, id)
	if err != nil || committed != nil || s.Frontier(space).Commit == 0 { // the rows of a space that is coming in tell nothing yet
		return false, err
	}
	r, err := s.reader()
	if err != nil {
		return false, err
	}
	defer r.close()
	told := false
	err = scanKeys(r.txn, recordKey(famHistory, space, id), func([]byte) error {
		told = true
		return errStop
	})
	return told, r.db.readFault(err, "store.Refused")
}

// Conflicted gives the ids of all records whose committed state holds an open conflict or a duplicate, by space and id.
func (s *Store) Conflicted(ctx context.Context) ([]record.ID, error) {
	s.mu.RLock()
	spaces := s.spacesLocked(record.ID{})
	r, err := s.readerLocked()
	s.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	defer r.close()
	var ids []record.ID
	for _, space := range spaces {
		err := scanKeys(r.txn, spaceKey(famConflict, space), func(key []byte) error {
			ids = append(ids, record.ID(key[len(key)-16:]))
			return ctx.Err()
		})
		if err != nil {
			return nil, r.db.readFault(err, "store.Conflicted")
		}
	}
	return ids, nil
}

// History gives a record's changes, committed ones in commit order, then tentative ones.
func (s *Store) History(ctx context.Context, id record.ID) ([]record.Change, error) {
	s.mu.RLock()
	spaces, tentative := s.spacesLocked(id), s.pending.records[id]
	r, err := s.readerLocked()
	s.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	defer r.close()
	var all []record.Change
	for _, space := range spaces {
		err := scan(r.txn, recordKey(famHistory, space, id), func(_, value []byte) error {
			rows, err := record.DecodeChanges(bytes.Clone(value))
			all = append(all, rows...)
			return err
		})
		if err != nil {
			return nil, r.db.readFault(err, "store.History")
		}
	}
	if len(tentative) == 0 {
		return all, nil
	}
	committed, err := s.find(r, spaces, id)
	if err != nil {
		return nil, err
	}
	return append(all, tentativeChanges(id, committed, tentative)...), nil
}

// tentativeChanges derives the rows of tentative edits, each on top of those before it.
func tentativeChanges(id record.ID, state *record.State, tentative []*record.Edit) []record.Change {
	var all []record.Change
	for _, e := range tentative {
		before := func(other record.ID) *record.State {
			if other == id {
				return state
			}
			return nil
		}
		all = append(all, record.Changes(e, nil, before)[id]...)
		state = record.Fold(id, state, []*record.Edit{e})
	}
	return all
}

// Meta gives a named value of the program, nil when there is none.
func (s *Store) Meta(name string) ([]byte, error) {
	r, err := s.reader()
	if err != nil {
		return nil, err
	}
	defer r.close()
	return r.get("store.Meta", metaKey(name))
}

// metaBytesMax bounds a named value.
const metaBytesMax = 64 << 10

// SetMeta stores a named value of the program, at most 64 KiB under a name of at most limit.NameBytesMax bytes, durably; nil removes it.
func (s *Store) SetMeta(ctx context.Context, name string, value []byte) error {
	if len(name) == 0 || len(name) > limit.NameBytesMax || len(value) > metaBytesMax {
		return fault.New(fault.Invalid, "store.SetMeta", "The name or the value of a setting is too long.")
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	var c change
	if value == nil {
		c.set.remove(metaKey(name))
	} else {
		c.set.put(metaKey(name), value)
	}
	if err := s.commit(&c); err != nil {
		return err
	}
	return s.syncDatabase()
}

// MetaNames gives the names with a prefix, ordered.
func (s *Store) MetaNames(prefix string) ([]string, error) {
	r, err := s.reader()
	if err != nil {
		return nil, err
	}
	defer r.close()
	var names []string
	err = scanKeys(r.txn, metaKey(prefix), func(key []byte) error {
		names = append(names, string(bytes.Clone(key[1:])))
		return nil
	})
	slices.Sort(names)
	return names, r.db.readFault(err, "store.MetaNames")
}
