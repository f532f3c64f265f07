package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// redacted is the row of one redaction: what a replica must know of it for good.
type redacted struct {
	Last  uint64        `cbor:"1,keyasint"` // the last step of the log whose content it removed
	Blobs []record.Hash `cbor:"2,keyasint,omitempty"`
}

// redactions are what the store remembers of all of them, in memory.
type redactions struct {
	count int                     // of rows
	last  map[record.Space]uint64 // peers that are behind it take a snapshot: the steps up to it cannot be applied any more
	blobs map[record.Hash]bool
}

// redactedCommitsMax bounds the steps of one redaction: their chain hashes travel in its outcome.
const redactedCommitsMax = 2000

// loadRedactions reads the rows of all redactions. The caller holds mu.
func (s *Store) loadRedactions(txn *badger.Txn) error {
	all := redactions{last: map[record.Space]uint64{}, blobs: map[record.Hash]bool{}}
	err := scan(txn, []byte{famRedacted}, func(key, value []byte) error {
		space, _, ok := splitSpace(key)
		var row redacted
		if err := record.Decode(value, &row); err != nil || !ok {
			return err
		}
		all.add(space, &row)
		return nil
	})
	s.redactions = all
	s.blobs.refuse(all.blobs)
	return err
}

// learnRedactions takes note of those that came with a space. The caller holds writing.
func (s *Store) learnRedactions() error {
	s.mu.Lock()
	err := s.db.view("store.learnRedactions", s.loadRedactions)
	s.mu.Unlock()
	s.followRedactions()
	return err
}

func (r *redactions) add(space record.Space, row *redacted) {
	r.count++
	r.last[space] = max(r.last[space], row.Last)
	for _, blob := range row.Blobs {
		r.blobs[blob] = true
	}
}

// Redactions counts what was removed for good in the spaces that are held, so that whoever keeps copies of records knows when to drop them.
func (s *Store) Redactions() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.redactions.count
}

// Redactable gives a redaction the steps of its space that held what it removes, with the chain around each where this store keeps every step. A history that is too long to be removed in
// one step is fault.Invalid. The leader calls it, on what is committed by then.
func (s *Store) Redactable(ctx context.Context, space record.Space, r *record.Redaction) error {
	const op = "store.Redactable"
	at, err := s.reader()
	if err != nil {
		return err
	}
	defer at.close()
	found := map[uint64]*record.RedactedCommit{}
	r.Commits = nil
	err = at.history(space, r.Record, func(commit uint64, rows []record.Change) error {
		held, err := at.holds(space, commit, rows, r)
		if held {
			found[commit] = &record.RedactedCommit{Number: commit}
		}
		return err
	})
	if err == nil && len(found) > redactedCommitsMax {
		return fault.Newf(fault.Invalid, op, "This was changed more than %d times, too often to be removed in one step.", redactedCommitsMax)
	}
	if err == nil && len(found) > 0 {
		err = at.chainAround(ctx, space, found)
	}
	for _, c := range found {
		r.Commits = append(r.Commits, *c)
	}
	slices.SortFunc(r.Commits, func(a, b record.RedactedCommit) int { return int(a.Number) - int(b.Number) })
	return at.db.readFault(err, op)
}

// history hands the rows of a record's history to see, commit by commit.
func (r *reader) history(space record.Space, id record.ID, see func(commit uint64, rows []record.Change) error) error {
	return scan(r.txn, recordKey(famHistory, space, id), func(key, value []byte) error {
		rows, err := record.DecodeChanges(bytes.Clone(value))
		if err != nil {
			return err
		}
		return see(binary.BigEndian.Uint64(key[len(key)-8:]), rows)
	})
}

// holds reports whether a step says something of what is removed: its edit, or the history where the step itself is no longer kept.
func (r *reader) holds(space record.Space, commit uint64, rows []record.Change, of *record.Redaction) (bool, error) {
	raw, err := r.get("store.Redactable", numberKey(famCommit, space, commit))
	if err != nil {
		return false, err
	}
	_, told := of.Clean(rows, func(id record.EditID) bool { return id == of.Edit })
	if raw == nil {
		return told, nil
	}
	var c Commit
	if err := record.Decode(raw, &c); err != nil {
		return false, err
	}
	if c.Redacted {
		return false, nil
	}
	edit, err := record.Open(c.Sealed)
	return err == nil && of.Names(edit) || told, nil
}

// chainAround computes the chain before and after the steps that were found. Where the log does not begin with the space, nothing is known of it.
func (r *reader) chainAround(ctx context.Context, space record.Space, found map[uint64]*record.RedactedCommit) error {
	var chain record.Hash
	next, left := uint64(1), len(found)
	known := map[uint64]record.Hash{} // after steps that were redacted before
	return scan(r.txn, spaceKey(famCommit, space), func(key, value []byte) error {
		var c Commit
		if err := record.Decode(value, &c); err != nil {
			return err
		}
		if binary.BigEndian.Uint64(key[len(key)-8:]) != next || left == 0 {
			return errStop
		}
		after := record.ChainHash(chain, c.Outcome)
		if c.Redacted {
			after = c.After
		}
		if after == (record.Hash{}) {
			return errStop
		}
		if one := found[next]; one != nil {
			one.Before, one.After = chain, after
			left--
		}
		known[next], chain, next = after, after, next+1
		return ctx.Err()
	})
}

// redact drops what an outcome removes for good from the rows of this replica. What the disk still holds of them goes with purge.
func (a *applier) redact(o *record.Outcome) error {
	r, space := o.Redacts, a.entry.Space
	named := map[record.EditID]bool{r.Edit: true}
	row := redacted{Blobs: r.Blobs}
	for i := range r.Commits {
		row.Last = max(row.Last, r.Commits[i].Number)
		if err := a.stub(&r.Commits[i], r.Record, named); err != nil {
			return err
		}
	}
	for id := range named {
		a.change.set.remove(editKey(famParked, space, id))
		a.change.set.remove(editKey(famOwn, space, id))
	}
	err := a.reader.history(space, r.Record, func(commit uint64, rows []record.Change) error {
		if clean, touched := r.Clean(rows, func(id record.EditID) bool { return named[id] }); touched {
			a.change.set.put(historyKey(space, r.Record, commit), record.EncodeChanges(clean))
		}
		return nil
	})
	if err != nil {
		return a.reader.db.readFault(err, "store.Apply")
	}
	for _, blob := range r.Blobs {
		a.change.set.remove(append(spaceKey(famBlob, space), blob[:]...))
	}
	if err := a.forgetQuarantined(r); err != nil {
		return err
	}
	a.change.records = append(a.change.records, r.Record)
	a.change.redacted = &row
	return a.change.set.putEncoded(numberKey(famRedacted, space, o.Commit), &row)
}

// stub takes the content out of one step of the log, and notes whose edit it was.
func (a *applier) stub(c *record.RedactedCommit, id record.ID, named map[record.EditID]bool) error {
	space := a.entry.Space
	raw, err := a.reader.get("store.Apply", historyKey(space, id, c.Number))
	if err != nil {
		return err
	}
	if raw != nil {
		rows, err := record.DecodeChanges(raw)
		if err != nil {
			return err
		}
		for i := range rows {
			named[rows[i].Edit] = true
		}
	}
	key := numberKey(famCommit, space, c.Number)
	if raw, err = a.reader.get("store.Apply", key); err != nil || raw == nil {
		return err
	}
	var row Commit
	var outcome record.Outcome
	if err := record.Decode(raw, &row); err != nil {
		return err
	}
	if err := record.Decode(row.Outcome, &outcome); err != nil {
		return err
	}
	if row.Outcome, err = record.Encode(outcome.Stub()); err != nil {
		return err
	}
	row.Sealed.Payload, row.Redacted, row.After = nil, true, c.After
	named[outcome.Edit] = true
	return a.change.set.putEncoded(key, &row)
}

// forgetQuarantined drops edits that were set aside and say something of what is removed.
func (a *applier) forgetQuarantined(r *record.Redaction) error {
	err := scan(a.reader.txn, spaceKey(famQuarantine, a.entry.Space), func(key, value []byte) error {
		var q Quarantined
		if err := record.Decode(value, &q); err != nil {
			return err
		}
		if edit, err := record.Open(q.Sealed); err == nil && r.Names(edit) {
			a.change.set.remove(bytes.Clone(key))
		}
		return nil
	})
	return a.reader.db.readFault(err, "store.Apply")
}

// alone reports whether a redaction stands in an entry of its own, and whether there is one at all: what the steps around it say must be in the database before it.
func alone(entries []record.Entry, decoded []decision) (redacts bool, err error) {
	for i := range decoded {
		redacts = redacts || decoded[i].outcome.Redacts != nil
	}
	at := 0
	for i := range entries {
		n := len(entries[i].Outcomes)
		for _, d := range decoded[at : at+n] {
			if d.outcome.Redacts != nil && n > 1 {
				return true, brokenEntry("it removes something for good and does more")
			}
		}
		at += n
	}
	return redacts, nil
}

// applySteps is ApplyRun, one entry after the other.
func (s *Store) applySteps(ctx context.Context, entries []record.Entry, at RaftPosition) (bool, error) {
	for i := range entries {
		position := RaftPosition{}
		if i == len(entries)-1 {
			position = at
		}
		if applied, err := s.ApplyRun(ctx, entries[i:i+1], position); err != nil || !applied {
			return false, err
		}
	}
	return true, nil
}

// purgedName is under what Meta keeps how many redactions this replica's disk has followed.
const purgedName = "store/purged"

// followRedactions asks for Purge where there may be something to do.
func (s *Store) followRedactions() {
	if s.Redactions() > 0 {
		signal(s.purge)
	}
}

// purgeLoop has the disk follow redactions.
func (s *Store) purgeLoop() {
	for {
		select {
		case <-s.stop:
			return
		case <-s.purge:
			if err := s.Purge(context.Background()); err != nil && !s.isClosed() {
				s.cfg.Log.Error("What was removed for good is still on the disk; it goes at the next start.", "error", err)
			}
		}
	}
}

// Purge drops what was removed for good from the disk, if anything was since the last time: the database is copied to a new folder, the journal begins a new segment, and files go. A crash leaves
// the old database or the new one, and Purge is gone on with at the next Open. What was written over by then, a disk may still hold: that is out of reach.
func (s *Store) Purge(ctx context.Context) error {
	again, err := s.purgeDatabase(ctx)
	if err != nil || !again {
		return err
	}
	s.rotate.Store(true)
	signal(s.tidy)
	return s.Settle(ctx)
}

func (s *Store) purgeDatabase(ctx context.Context) (bool, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.mend(); err != nil {
		return false, err
	}
	s.mu.RLock()
	count := s.redactions.count
	blobs := make([]record.Hash, 0, len(s.redactions.blobs))
	for blob := range s.redactions.blobs {
		blobs = append(blobs, blob)
	}
	s.mu.RUnlock()
	if done, err := s.purged(); err != nil || done == count {
		return false, err
	}
	err := s.rebuild(func(fresh *database) error {
		w := &rowCopy{fresh: fresh, room: s.room}
		if err := s.copyRows(ctx, "store.Purge", w, func(key []byte) []byte { return key }); err != nil {
			return err
		}
		if err := w.put(metaKey(purgedName), binary.BigEndian.AppendUint64(nil, uint64(count))); err != nil {
			return err
		}
		return w.flush()
	})
	if err != nil {
		return false, err
	}
	return true, s.blobs.remove(blobs)
}

func (s *Store) purged() (int, error) {
	raw, err := s.Meta(purgedName)
	if err != nil || len(raw) != 8 {
		return 0, err
	}
	return int(binary.BigEndian.Uint64(raw)), nil
}

// Steps gives steps as Commits does, those too whose content was removed.
func (s *Store) Steps(space record.Space, from uint64, maxBytes int) ([]Commit, error) {
	return s.commits(space, from, maxBytes, true)
}

// refuse has blobs neither be wanted nor handed in any more.
func (b *Blobs) refuse(hashes map[record.Hash]bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.redacted = maps.Clone(hashes)
	for hash := range hashes {
		delete(b.wants.missing, hash)
	}
	b.wants.revision++
}

// refuses reports whether a blob was removed for good.
func (b *Blobs) refuses(h record.Hash) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.redacted[h]
}
