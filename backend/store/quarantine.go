package store

import (
	"context"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"holdfast/backend/record"
)

// Quarantined is an edit that was set aside because its id already names other content, or because it hangs on such an edit.
type Quarantined struct {
	Edit record.EditID `cbor:"1,keyasint"`
	// Sealed holds the bytes as received.
	Sealed record.Sealed `cbor:"2,keyasint"`
	Space  record.Space  `cbor:"3,keyasint"`
	// Reissue says that this device wrote the edit itself and offers it again under a new id; NewID names it once that is done.
	Reissue bool          `cbor:"4,keyasint,omitempty"`
	NewID   record.EditID `cbor:"5,keyasint"`
}

// quarantine adds the row that keeps an edit that cannot have its id.
func (s *Store) quarantine(set *writeSet, e *record.Edit, reissue bool) error {
	key := quarantineKey(e.Space, e.ID, e.Sealed.Hash())
	return set.putEncoded(key, Quarantined{Edit: e.ID, Sealed: e.Sealed, Space: e.Space, Reissue: reissue})
}

// quarantineReceived does so for an edit that a peer sent. What is noted of it already stays: the peer may have had it from this device, which offers it again.
func (s *Store) quarantineReceived(set *writeSet, e *record.Edit) error {
	key := quarantineKey(e.Space, e.ID, e.Sealed.Hash())
	if s.owed.has(key) {
		return nil
	}
	known := false
	err := s.db.view("store.Receive", func(txn *badger.Txn) error {
		raw, err := get(txn, key)
		known = raw != nil
		return err
	})
	if err != nil || known {
		return err
	}
	return s.quarantine(set, e, false)
}

// SetAside counts the edits that were set aside, without reading them.
func (s *Store) SetAside() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0
	}
	return s.countQuarantined()
}

// Quarantine gives the edits that were set aside.
func (s *Store) Quarantine(ctx context.Context) ([]Quarantined, error) {
	r, err := s.reader()
	if err != nil {
		return nil, err
	}
	defer r.close()
	var all []Quarantined
	err = scan(r.txn, []byte{famQuarantine}, func(_, value []byte) error {
		var q Quarantined
		if err := record.Decode(value, &q); err != nil {
			return err
		}
		all = append(all, q)
		return ctx.Err()
	})
	return all, r.db.readFault(err, "store.Quarantine")
}

// reissueLost offers edits of this device that lost their id to other content again, under new ids and with their own times. It runs on the appender's goroutine.
func (s *Store) reissueLost() {
	all, err := s.Quarantine(context.Background())
	if s.isClosed() {
		return
	}
	if err != nil {
		s.unasked.Store(true)
		s.cfg.Log.Error("The edits set aside could not be read.", "error", err)
		return
	}
	r := &appendRequest{done: make(chan appendResult, 1)}
	for _, q := range all {
		if !q.Reissue || !q.NewID.IsZero() || s.settlingOwed(&q) {
			continue
		}
		e, err := record.Open(q.Sealed)
		if err != nil {
			s.cfg.Log.Error("An edit set aside could not be read.", "edit", q.Edit.String(), "error", err)
			continue
		}
		r.drafts = append(r.drafts, record.Draft{Space: e.Space, Author: e.Author, Action: e.Action, Mutations: e.Mutations, Blobs: e.Blobs, MaySkip: e.MaySkip})
		r.reissue = append(r.reissue, reissue{lostEdit{e.ID, e.Sealed.Hash()}, e.Time})
	}
	if len(r.drafts) == 0 {
		return
	}
	s.renewAll() // their times lie before those of the current incarnation's edits
	s.appendGroup([]*appendRequest{r})
	if result := <-r.done; result.err != nil {
		s.unasked.Store(true)
		s.cfg.Log.Error("Edits that lost their ids could not be offered again yet.", "error", result.err)
	}
}

// askAgain asks for lost edits that a disk without room kept from being offered again. It follows a write that went well.
func (s *Store) askAgain() {
	if s.unasked.CompareAndSwap(true, false) {
		signal(s.lost)
	}
}

// renameSeen lets an edit that is offered again speak of the lost edits before it by their new ids.
func renameSeen(mutations []record.Mutation, before []reissue, ids []record.EditID) []record.Mutation {
	renamed := map[record.EditID]record.EditID{}
	for i := range before {
		renamed[before[i].lost.Edit] = ids[i]
	}
	out := slices.Clone(mutations)
	for i := range out {
		out[i].Seen = slices.Clone(out[i].Seen)
		for n, id := range out[i].Seen {
			if other, found := renamed[id]; found {
				out[i].Seen[n] = other
			}
		}
	}
	return out
}

// settleOne notes in the quarantine under which id a lost edit is offered again.
func (s *Store) settleOne(space record.Space, lost lostEdit, now record.EditID) {
	key := quarantineKey(space, lost.Edit, lost.Hash)
	var q Quarantined
	err := s.db.view("store.Append", func(txn *badger.Txn) error {
		raw, err := get(txn, key)
		if err != nil || raw == nil {
			return err
		}
		return record.Decode(raw, &q)
	})
	if err != nil || q.Edit.IsZero() {
		return // the quarantine was lost with the database; the journal still says what became of the edit
	}
	q.NewID = now
	raw, err := record.Encode(q)
	if err != nil {
		s.cfg.Log.Error("The quarantine could not be kept up.", "error", err)
		return
	}
	s.owed.put(key, raw)
}

// settlingOwed reports whether it is known, but not written yet, that the edit is offered again.
func (s *Store) settlingOwed(q *Quarantined) bool {
	s.writing.Lock()
	defer s.writing.Unlock()
	_, found := s.owed.rows[string(quarantineKey(q.Space, q.Edit, q.Sealed.Hash()))]
	return found
}

// settleReissued does the same at opening, for what the journal knows and the database may not.
func (s *Store) settleReissued(lost map[spacedEdit]lostEdit) {
	for now, was := range lost {
		s.settleOne(now.space, was, now.EditID)
	}
}
