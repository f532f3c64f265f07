package store

import (
	"slices"

	"holdfast/backend/record"
)

// rebase sorts the tentative edits of a space anew after its committed state was replaced as a whole: what is decided by now leaves the set, and what lost its id
// to other content is set aside. r reads the new state. The caller holds writing.
func (s *Store) rebase(r *reader, c *change, space record.Space) (lost bool, err error) {
	for key, tail := range s.pending.tails {
		if key.space != space {
			continue
		}
		raw, err := r.get("store.rebase", incarnationKey(famSequence, space, key.Incarnation))
		if err != nil {
			return lost, err
		}
		committed, _ := decodeSequence(raw)
		forked, err := r.forkOf(tail, committed)
		if err != nil {
			return lost, err
		}
		for _, e := range tail {
			switch {
			case e.ID.Sequence >= forked:
				mine := e.ID.Device == s.device
				lost = lost || mine
				if err := s.quarantine(&c.set, e, mine); err != nil {
					return lost, err
				}
			case e.ID.Sequence > committed.Sequence:
				continue
			}
			c.gone = append(c.gone, e)
			c.set.remove(editKey(famTentative, space, e.ID))
		}
	}
	return lost, nil
}

// before gives the id of the edit on which the one with an id hangs.
func before(id record.EditID) record.EditID {
	id.Sequence--
	return id
}

const noFork = ^uint64(0)

// forkOf gives the first sequence of a tail whose edit is not the one that the group committed under its id, or noFork. Through the chain one equal edit vouches for all before it.
func (r *reader) forkOf(tail []*record.Edit, committed committedSequence) (uint64, error) {
	first, last := tail[0].ID.Sequence, tail[len(tail)-1].ID.Sequence
	switch {
	case committed.Sequence < first:
		follows := committed.Sequence+1 == first && tail[0].Previous == committed.Hash
		if committed.Sequence+1 < first {
			aside, err := get(r.txn, quarantineKey(tail[0].Space, before(tail[0].ID), tail[0].Previous))
			if err != nil {
				return 0, r.db.readFault(err, "store.rebase")
			}
			follows = aside == nil
		}
		if !follows {
			return first, nil
		}
		return noFork, nil
	case committed.Sequence <= last && tail[committed.Sequence-first].Sealed.Hash() == committed.Hash:
		return noFork, nil
	}
	for _, e := range tail {
		if e.ID.Sequence > committed.Sequence {
			break
		}
		c, err := r.commitOf(e.Space, e.ID)
		if err != nil {
			return 0, err
		}
		if c != nil && c.Sealed.Hash() != e.Sealed.Hash() {
			return e.ID.Sequence, nil
		}
		if c == nil {
			told, same, err := r.inHistory(e)
			if err != nil {
				return 0, err
			}
			if !same && (told || e.ID.Device == r.store.device) { // rather offered twice than lost
				return e.ID.Sequence, nil
			}
		}
	}
	if committed.Sequence <= last {
		return committed.Sequence, nil // the log does not reach back to where they part
	}
	return noFork, nil
}

// inHistory looks for an edit, whose commit is no longer kept, in the history of the records that it touches: whether something stands there under its id, and whether that is this edit.
func (r *reader) inHistory(e *record.Edit) (told, same bool, err error) {
	wanted := record.Changes(e, nil, func(record.ID) *record.State { return nil })
	for _, id := range touched(e) {
		err := scan(r.txn, recordKey(famHistory, e.Space, id), func(_, value []byte) error {
			rows, err := record.DecodeChanges(value)
			if err != nil {
				return err
			}
			for i := range rows {
				if rows[i].Edit == e.ID {
					told = true
					same = same || slices.ContainsFunc(wanted[id], func(c record.Change) bool { return sameStep(&c, &rows[i]) })
				}
			}
			return nil
		})
		if err != nil {
			return told, same, r.db.readFault(err, "store.rebase")
		}
	}
	return told, same, nil
}

// sameStep reports whether a row of the history tells of the step that an author took; what it says of the value before may differ, and so may a merged text or a sum.
func sameStep(taken, told *record.Change) bool {
	if taken.Author != told.Author || taken.At != told.At || taken.Action != told.Action {
		return false
	}
	switch {
	case told.Field == "" && (told.Result == record.Parked || told.Result == record.Poison):
		return true
	case taken.Field != told.Field:
		return false
	}
	return taken.To.Equal(told.To) || told.Result == record.Merged || taken.To.AsInteger() != 0 && taken.To.AsInteger() == told.To.AsInteger()-told.From.AsInteger()
}
