package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"maps"
	"slices"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// writeStates puts the rows of the records that an entry touched, and keeps the digest and the index of conflicts.
func (a *applier) writeStates() error {
	for _, id := range a.order {
		w := a.states[id]
		if w.state == nil {
			continue
		}
		raw := record.EncodeState(w.state)
		if w.existed {
			a.frontier.Digest = a.frontier.Digest.Minus(w.before)
		}
		a.frontier.Digest = a.frontier.Digest.Plus(record.DigestOf(raw))
		a.change.set.put(recordKey(famState, a.entry.Space, id), raw)
		a.change.records = append(a.change.records, id)
		switch now := conflicted(w.state); {
		case now && !w.conflict:
			a.change.set.put(recordKey(famConflict, a.entry.Space, id), nil)
		case !now && w.conflict:
			a.change.set.remove(recordKey(famConflict, a.entry.Space, id))
		}
	}
	return nil
}

// conflicted reports whether a person has something to settle on a record.
func conflicted(s *record.State) bool {
	for _, f := range s.Fields {
		if len(f.Conflicts()) > 0 {
			return true
		}
		for _, held := range f.Values {
			if held.Duplicate != (record.ID{}) {
				return true
			}
		}
	}
	return false
}

// writeHistory puts the rows of what the outcome changes, before it changes it.
func (a *applier) writeHistory(d *decision) error {
	var failed error
	before := func(id record.ID) *record.State {
		w, err := a.record(id)
		if err != nil {
			failed = cmp.Or(failed, err)
			return nil
		}
		return w.state
	}
	rows := record.Changes(d.edit, &d.outcome, before)
	if failed != nil {
		return failed
	}
	for _, id := range slices.SortedFunc(maps.Keys(rows), compareIDs) {
		a.change.set.put(historyKey(a.entry.Space, id, d.outcome.Commit), record.EncodeChanges(rows[id]))
		a.change.records = append(a.change.records, id)
	}
	// Whoever settles a parked edit changes nothing in its record, but the record no longer shows that edit.
	for i := range d.edit.Mutations {
		a.change.records = append(a.change.records, d.edit.Mutations[i].Record)
	}
	return nil
}

func compareIDs(x, y record.ID) int { return bytes.Compare(x[:], y[:]) }

// writeCommit puts the rows of the log and of the parked edits.
func (a *applier) writeCommit(d *decision) error {
	o := &d.outcome
	set := &a.change.set
	row, err := record.Encode(Commit{Outcome: d.raw, Sealed: d.sealed, Time: a.entry.Time, Generation: a.entry.Generation})
	if err != nil {
		return fault.Wrap(err, fault.Internal, "store.Apply", "An outcome could not be stored. Nothing was changed.")
	}
	set.put(numberKey(famCommit, a.entry.Space, o.Commit), row)
	set.put(editKey(famEdit, a.entry.Space, o.Edit), binary.BigEndian.AppendUint64(nil, o.Commit))
	if o.Result == record.Parked || o.Result == record.Poison {
		set.put(editKey(famParked, a.entry.Space, o.Edit), row)
	}
	if err := a.writeBlobs(d.edit); err != nil {
		return err
	}
	for _, id := range o.Settles {
		set.remove(editKey(famParked, a.entry.Space, id))
	}
	return nil
}

// writeBlobs notes the blobs that an edit names. The first edit that names one stays, so that a later one cannot say other things of it.
func (a *applier) writeBlobs(e *record.Edit) error {
	about := subject(e)
	for _, h := range e.Blobs {
		key := append(spaceKey(famBlob, a.entry.Space), h[:]...)
		known, err := a.reader.get("store.Apply", key)
		if err != nil {
			return err
		}
		if len(known) == 0 && !a.named[h] {
			a.change.set.put(key, about[:])
			a.named[h] = true
		}
		a.change.blobs = append(a.change.blobs, Missing{h, about})
	}
	return nil
}

// finishApply writes what the applier worked out.
func (s *Store) finishApply(a *applier, at RaftPosition) error {
	if at.Index != 0 {
		a.change.raft = &at
		if err := a.change.set.putEncoded([]byte{famRaft}, at); err != nil {
			return err
		}
	}
	a.change.records = unique(a.change.records)
	if err := s.commit(&a.change); err != nil {
		return err
	}
	s.hybrid.Load().Observe(a.entry.Time)
	if len(a.change.gone) > 0 {
		signal(s.tidy)
	}
	if a.change.redacted != nil {
		signal(s.purge)
	}
	if a.lost || a.copied {
		s.renewAll()
	}
	if a.lost {
		signal(s.lost)
	}
	return nil
}

func unique(ids []record.ID) []record.ID {
	slices.SortFunc(ids, compareIDs)
	return slices.Compact(ids)
}

// signal wakes the goroutine behind c unless it is awake already.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// NotePosition records a Raft position whose entry changes no space.
func (s *Store) NotePosition(ctx context.Context, at RaftPosition) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if at.Index <= s.RaftPosition().Index {
		return nil
	}
	c := change{raft: &at}
	if err := c.set.putEncoded([]byte{famRaft}, at); err != nil {
		return err
	}
	return s.commit(&c)
}

// RaftPosition gives the position of the newest applied log entry.
func (s *Store) RaftPosition() RaftPosition {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.raft
}
