package store

import (
	"cmp"
	"encoding/binary"
	"slices"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Commit is one step of a space's agreed order, as sessions pass it on.
type Commit struct {
	Outcome    []byte        `cbor:"1,keyasint"` // the encoded record.Outcome, exactly as chained
	Sealed     record.Sealed `cbor:"2,keyasint"` // a session may leave it empty where the receiver holds the edit
	Time       clock.Stamp   `cbor:"3,keyasint"`
	Generation uint64        `cbor:"4,keyasint"`
	// Redacted says that the content was removed for good: Outcome is a stub, Sealed has no payload, and After is the chain behind this step. Sessions never pass such a step on.
	Redacted bool        `cbor:"5,keyasint,omitempty"`
	After    record.Hash `cbor:"6,keyasint,omitzero"`
}

// Tail summarises an incarnation with edits that are not committed yet.
type Tail struct {
	Incarnation record.Incarnation `cbor:"1,keyasint"`
	Committed   uint64             `cbor:"2,keyasint"` // highest committed sequence
	Held        uint64             `cbor:"3,keyasint"` // highest sequence held; greater than Committed
}

// Frontier says how far the replica is in a space; Commit is zero for a space without commits.
func (s *Store) Frontier(space record.Space) record.Frontier {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f := s.frontiers[space]
	f.Space = space
	return f
}

// Frontiers gives the frontiers of all spaces with commits, ordered by name.
func (s *Store) Frontiers() []record.Frontier {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]record.Frontier, 0, len(s.frontiers))
	for _, f := range s.frontiers {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b record.Frontier) int { return cmp.Compare(a.Space, b.Space) })
	return all
}

// Spaces names all spaces with commits or tentative edits, ordered.
func (s *Store) Spaces() []record.Space {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []record.Space
	for space := range s.frontiers {
		all = append(all, space)
	}
	for space := range s.pending.ordered {
		all = append(all, space)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Commits gives commits of a space from number from on (from itself included), as many as fit into maxBytes but at least one if there is one. Code trimmed when from is no longer kept,
// or stands before a step whose content was removed.
func (s *Store) Commits(space record.Space, from uint64, maxBytes int) ([]Commit, error) {
	return s.commits(space, from, maxBytes, false)
}

func (s *Store) commits(space record.Space, from uint64, maxBytes int, removed bool) ([]Commit, error) {
	const op = "store.Commits"
	s.mu.RLock()
	f, last := s.frontiers[space], s.redactions.last[space]
	r, err := s.readerLocked()
	s.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	defer r.close()
	if from == 0 || from > f.Commit {
		return nil, nil
	}
	if !removed && from <= last {
		return nil, trimmedLog(op, from, space)
	}
	var out []Commit
	size := 0
	err = scanFrom(r.txn, spaceKey(famCommit, space), numberKey(famCommit, space, from), func(key, value []byte) error {
		if number := binary.BigEndian.Uint64(key[len(key)-8:]); number != from+uint64(len(out)) {
			return errStop
		}
		if size += len(value); size > maxBytes && len(out) > 0 {
			return errStop
		}
		var c Commit
		if err := record.Decode(value, &c); err != nil {
			return err
		}
		out = append(out, c)
		return nil
	})
	if err == nil && len(out) == 0 {
		return nil, trimmedLog(op, from, space)
	}
	return out, r.db.readFault(err, op)
}

func trimmedLog(op string, from uint64, space record.Space) error {
	return fault.Newf(Trimmed, op, "The agreed changes from number %d of %q are no longer kept one by one. Take a snapshot of the space instead.", from, space)
}

// LogStart gives the number of the first commit of a space that Commits can give; one more than the frontier's when none is kept.
func (s *Store) LogStart(space record.Space) (uint64, error) {
	s.mu.RLock()
	start, last := s.frontiers[space].Commit+1, s.redactions.last[space]
	r, err := s.readerLocked()
	s.mu.RUnlock()
	if err != nil {
		return 0, err
	}
	defer r.close()
	err = scanKeys(r.txn, spaceKey(famCommit, space), func(key []byte) error {
		start = binary.BigEndian.Uint64(key[len(key)-8:])
		return errStop
	})
	return max(start, last+1), r.db.readFault(err, "store.LogStart")
}

// commitOf reads the commit of an edit from the log; nil when there is none or it is no longer kept.
func (r *reader) commitOf(space record.Space, id record.EditID) (*Commit, error) {
	const op = "store.Outcome"
	raw, err := r.get(op, editKey(famEdit, space, id))
	if err != nil {
		return nil, err
	}
	var row []byte
	if len(raw) == 8 {
		row, err = r.get(op, numberKey(famCommit, space, binary.BigEndian.Uint64(raw)))
	}
	for _, family := range []byte{famParked, famOwn} { // they outlive the log
		if err == nil && row == nil {
			row, err = r.get(op, editKey(family, space, id))
		}
	}
	if err != nil || row == nil {
		return nil, err
	}
	c := &Commit{}
	return c, record.Decode(row, c)
}

// commitOf is the reader's, as of now.
func (s *Store) commitOf(space record.Space, id record.EditID) (*Commit, error) {
	r, err := s.reader()
	if err != nil {
		return nil, err
	}
	defer r.close()
	return r.commitOf(space, id)
}

// Tails gives the incarnations of a space that have tentative edits, ordered.
func (s *Store) Tails(space record.Space) []Tail {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []Tail
	for key, edits := range s.pending.tails {
		if key.space != space {
			continue
		}
		committed := s.committedSequence(space, key.Incarnation).Sequence
		held := committed
		if edits[0].ID.Sequence <= committed+1 {
			held = edits[len(edits)-1].ID.Sequence
		}
		all = append(all, Tail{key.Incarnation, committed, held})
	}
	slices.SortFunc(all, func(a, b Tail) int { return a.Incarnation.Compare(b.Incarnation) })
	return all
}

// CommittedSequence gives the highest committed sequence of an incarnation; zero for an unknown one.
func (s *Store) CommittedSequence(space record.Space, i record.Incarnation) uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0
	}
	return s.committedSequence(space, i).Sequence
}

// HeldSequence gives the highest sequence of an incarnation that is held or committed.
func (s *Store) HeldSequence(space record.Space, i record.Incarnation) uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0
	}
	held, _ := s.joinedEnd(space, i)
	return held
}

// EditsFrom gives tentative edits of an incarnation from a sequence on, as many as fit into maxBytes (but at least one batch), ending on a signed edit. From at or below the
// committed sequence starts behind it.
func (s *Store) EditsFrom(space record.Space, i record.Incarnation, from uint64, maxBytes int) ([]record.Sealed, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, errClosed
	}
	tail := s.pending.tails[spaced{space, i}]
	if len(tail) == 0 || from > tail[len(tail)-1].ID.Sequence {
		return nil, nil
	}
	if first := tail[0].ID.Sequence; from > first {
		tail = tail[from-first:]
	}
	size, signed := 0, 0
	for n, e := range tail {
		size += len(e.Sealed.Header) + len(e.Sealed.Payload) + len(e.Sealed.Signature)
		if size > maxBytes && signed > 0 {
			break
		}
		if len(e.Sealed.Signature) > 0 {
			signed = n + 1
		}
	}
	out := make([]record.Sealed, signed)
	for n := range out {
		out[n] = tail[n].Sealed
	}
	return out, nil
}
