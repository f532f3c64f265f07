package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"github.com/dgraph-io/badger/v4"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// complete checks the config and fills in what may be left out.
func (c *Config) complete() error {
	refuse := func(why string) error { return fault.New(fault.Invalid, "store.Open", why) }
	switch {
	case c.Dir == "":
		return refuse("No data folder is named.")
	case c.Device == nil:
		return refuse("The device has no identity.")
	case c.Key != nil && len(c.Key) != 16 && len(c.Key) != 24 && len(c.Key) != 32:
		return refuse("The key of the data has 16, 24 or 32 bytes.")
	}
	if c.Wall == nil {
		c.Wall = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Files == nil {
		c.Files = Disk{}
	}
	return nil
}

// load builds what is kept in memory from the database. Views and tentative edits of before are forgotten.
func (s *Store) load() error {
	s.frontiers = map[record.Space]record.Frontier{}
	s.pending = newPendingSet()
	s.views = map[record.ID]*record.State{}
	s.places = map[record.ID]record.Space{}
	s.imports = map[record.Space]bool{}
	s.raft = RaftPosition{}
	return s.db.view("store.Open", func(txn *badger.Txn) error {
		raw, err := get(txn, []byte{famRaft})
		if err == nil && raw != nil {
			err = record.Decode(raw, &s.raft)
		}
		if err != nil {
			return err
		}
		err = scan(txn, []byte{famFrontier}, func(_, value []byte) error {
			var f record.Frontier
			err := record.Decode(value, &f)
			s.frontiers[f.Space] = f
			return err
		})
		if err != nil {
			return err
		}
		if err := errors.Join(s.loadImports(txn), s.loadRedactions(txn)); err != nil {
			return err
		}
		edits, err := loadTentative(txn)
		s.arrange(edits)
		return err
	})
}

func (s *Store) loadImports(txn *badger.Txn) error {
	return scan(txn, []byte{famImport}, func(key, value []byte) error {
		var begun importing
		if space, _, ok := splitSpace(key); ok && (record.Decode(value, &begun) != nil || !begun.Staged) {
			s.imports[space] = true
		}
		return nil
	})
}

// loadTentative reads the tentative edits; keys ascend, so those of one incarnation come in order. A row of a decided edit can be left where the database's copy of a saved edit came
// late.
func loadTentative(txn *badger.Txn) (edits []*record.Edit, err error) {
	var at spaced
	var committed committedSequence
	err = scan(txn, []byte{famTentative}, func(key, value []byte) error {
		space, rest, ok := splitSpace(key)
		id, found := splitEdit(rest)
		if !ok || !found {
			return nil
		}
		if here := (spaced{space, id.Incarnation}); here != at {
			raw, err := get(txn, incarnationKey(famSequence, space, id.Incarnation))
			if err != nil {
				return err
			}
			at = here
			committed, _ = decodeSequence(raw)
		}
		if id.Sequence <= committed.Sequence {
			return nil
		}
		e, err := decodeTentative(value)
		if err != nil {
			return err
		}
		edits = append(edits, e)
		return nil
	})
	return edits, err
}

func decodeTentative(value []byte) (*record.Edit, error) {
	var sealed record.Sealed
	if err := record.Decode(value, &sealed); err != nil {
		return nil, err
	}
	return record.Open(sealed)
}

// arrange makes edits, each once and in any order, the tentative ones. What stands behind a gap of an incarnation cannot be offered to anybody yet: it stays out until what is missing
// comes back.
func (s *Store) arrange(edits []*record.Edit) {
	slices.SortFunc(edits, func(a, b *record.Edit) int {
		return cmp.Or(cmp.Compare(a.Space, b.Space), a.ID.Compare(b.ID))
	})
	s.pending = newPendingSet()
	const missing = "Some changes of this device are missing from its journal. They come back from other devices that hold them."
	for _, e := range edits {
		tail := s.pending.tails[spaced{e.Space, e.ID.Incarnation}]
		if n := len(tail); n > 0 && (tail[n-1].ID.Sequence+1 != e.ID.Sequence || tail[n-1].Sealed.Hash() != e.Previous) {
			if !slices.Contains(s.health.damage, missing) {
				s.health.damage = append(s.health.damage, missing)
			}
			s.cfg.Log.Error("There is a gap before a tentative edit.", "edit", e.ID.String())
			continue
		}
		s.pending.add(e)
	}
}

// replay opens the journal and adds the edits that the database lacks: Badger syncs nothing on Windows, and may have been set aside.
func (s *Store) replay(ctx context.Context, clean cleanMarker) error {
	seal, err := journalCipher(s.cfg.Key)
	if err != nil {
		return err
	}
	var kept []*record.Edit
	seen := map[record.Hash]bool{}    // a segment that was rescued may stand twice
	lost := map[spacedEdit]lostEdit{} // by the id under which a lost edit was offered again
	each := func(e journalEdit, h *record.Header) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if e.Lost != nil {
			lost[spacedEdit{h.Space, h.ID}] = *e.Lost
		}
		if s.decided(spaced{h.Space, h.ID.Incarnation}) >= h.ID.Sequence || s.pending.find(h.Space, h.ID) != nil {
			return nil
		}
		edit, err := record.Open(e.Sealed)
		if err == nil && !seen[edit.Sealed.Hash()] {
			seen[edit.Sealed.Hash()] = true
			kept = append(kept, edit)
		}
		return err
	}
	s.journal, err = openJournal(s.cfg.Files, filepath.Join(s.cfg.Dir, journalName), seal, s.cfg.Random, clean.JournalBytes, each)
	if err != nil {
		return folderFault(err, "store.Open", filepath.Join(s.cfg.Dir, journalName))
	}
	s.health.damage = append(slices.Clone(s.health.opening), s.journal.damage...)
	s.health.journal.Store(s.journal.bytes())
	if kept, err = s.withoutLost(kept, lost); err != nil {
		return err
	}
	if err := s.adopt(kept, lost); err != nil {
		return err
	}
	s.own = clean.Own
	s.checkOwn()
	s.startClock()
	return nil
}

// withoutLost leaves out the journal's edits that lost their ids: those that were set aside, and those that are offered again under other ids.
func (s *Store) withoutLost(kept []*record.Edit, lost map[spacedEdit]lostEdit) ([]*record.Edit, error) {
	gone := map[lostEdit]bool{}
	for _, was := range lost {
		gone[was] = true
	}
	var left []*record.Edit
	err := s.db.view("store.Open", func(txn *badger.Txn) error {
		for _, e := range kept {
			hash := e.Sealed.Hash()
			aside, err := get(txn, quarantineKey(e.Space, e.ID, hash))
			if err != nil {
				return err
			}
			if aside == nil && !gone[lostEdit{e.ID, hash}] {
				left = append(left, e)
			}
		}
		return nil
	})
	return left, err
}

// spacedEdit is an edit's id with its space.
type spacedEdit struct {
	space record.Space
	record.EditID
}

// adopt adds edits of the journal to memory and database.
func (s *Store) adopt(kept []*record.Edit, lost map[spacedEdit]lostEdit) error {
	s.settleReissued(lost)
	for _, e := range kept {
		s.oweEdit(e)
	}
	if len(kept) > 0 {
		for _, tail := range s.pending.tails {
			kept = append(kept, tail...)
		}
		s.arrange(kept)
	}
	return s.payOwed()
}

// checkOwn drops clean incarnations that the data contradicts: something longer is known.
func (s *Store) checkOwn() {
	if s.own == nil {
		s.own = map[record.Space]ownTail{}
	}
	for space, tail := range s.own {
		if held, hash := s.heldEnd(space, tail.Incarnation); held != tail.Sequence || hash != tail.Hash || tail.Incarnation.Device != s.device {
			delete(s.own, space)
		}
	}
}

// startClock makes sure that no stamp is issued at or below what is stored.
func (s *Store) startClock() {
	var floor clock.Stamp
	for _, f := range s.frontiers {
		floor = max(floor, f.Time)
	}
	for key, tail := range s.pending.tails {
		if key.Device != s.device {
			continue
		}
		for _, e := range tail {
			floor = max(floor, e.Time)
		}
	}
	s.hybrid.Store(clock.NewHybrid(s.cfg.Wall, floor))
}

// heldEnd gives the highest sequence of an incarnation that is held or committed, and the hash of that edit. The caller holds mu, or is alone.
func (s *Store) heldEnd(space record.Space, i record.Incarnation) (uint64, record.Hash) {
	if tail := s.pending.tails[spaced{space, i}]; len(tail) > 0 {
		last := tail[len(tail)-1]
		return last.ID.Sequence, last.Sealed.Hash()
	}
	c := s.committedSequence(space, i)
	return c.Sequence, c.Hash
}

// joinedEnd is heldEnd for others: tentative edits behind a gap, which a damaged database can leave, do not count, so that what is missing is sent again.
func (s *Store) joinedEnd(space record.Space, i record.Incarnation) (uint64, record.Hash) {
	c := s.committedSequence(space, i)
	if tail := s.pending.tails[spaced{space, i}]; len(tail) > 0 && tail[0].ID.Sequence <= c.Sequence+1 {
		last := tail[len(tail)-1]
		return last.ID.Sequence, last.Sealed.Hash()
	}
	return c.Sequence, c.Hash
}

// committedSequence reads how far an incarnation is committed. An unreadable row counts as nothing: Verify reports it.
func (s *Store) committedSequence(space record.Space, i record.Incarnation) (c committedSequence) {
	err := s.db.View(func(txn *badger.Txn) error {
		raw, err := get(txn, incarnationKey(famSequence, space, i))
		c, _ = decodeSequence(raw)
		return err
	})
	if err != nil {
		s.cfg.Log.Error("A row of the database could not be read.", "error", err)
	}
	return c
}
