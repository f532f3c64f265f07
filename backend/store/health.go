package store

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Health is what a person or a monitor should know about the store.
type Health struct {
	ClockSuspicion string   // a sentence when the device's clock looks wrong, or ""
	FolderWarning  string   // a sentence when the folder looks unsuitable (network drive), or ""
	Rebuilt        string   // where a damaged database was set aside at Open, or ""
	Damage         []string // sentences about damaged files of the journal that were set aside at Open
	Forks          int      // runs since Open that showed that a device was copied or restored; Quarantine lists the edits
	Quarantined    int      // edits set aside, those offered again included
	Pending        int
	DatabaseBytes  int64
	JournalBytes   int64
	DiskFull       bool // something was refused, and will be until there is space
}

// incompleteName is the named value that says where a damaged database lies since which this replica was not seen to be whole.
const incompleteName = "store/incomplete"

// Incomplete gives where a damaged database was set aside, at this Open or an earlier one, when nobody has said since then that the replica holds again what others hold; "" otherwise.
// Faults: those of reading.
func (s *Store) Incomplete() (string, error) {
	raw, err := s.Meta(incompleteName)
	return string(raw), err
}

// Completed notes that the replica holds again what others hold.
func (s *Store) Completed(ctx context.Context) error {
	aside, err := s.Incomplete()
	if err != nil || aside == "" {
		return err
	}
	return s.SetMeta(ctx, incompleteName, nil)
}

// healthNotes is what only Open and the writers know.
type healthNotes struct {
	folder  string
	rebuilt string
	opening []string // what was mended before the database could be opened
	damage  []string
	forks   atomic.Int64
	journal atomic.Int64
}

// Health gives the store's condition without reading much.
func (s *Store) Health() Health {
	h := Health{
		ClockSuspicion: suspicion(s.cfg.Wall(), s.newestCommit()), FolderWarning: s.health.folder, Rebuilt: s.health.rebuilt, Damage: s.health.damage,
		Forks: int(s.health.forks.Load()), JournalBytes: s.health.journal.Load(), DiskFull: s.room.full.Load() || s.journalRoom.full.Load(),
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	h.Pending = s.pending.count
	if !s.closed {
		tables, values := s.db.Size()
		h.DatabaseBytes = tables + values
		h.Quarantined = s.countQuarantined()
	}
	return h
}

// countQuarantined counts keys only; there are few if any.
func (s *Store) countQuarantined() (n int) {
	err := s.db.View(func(txn *badger.Txn) error {
		return scanKeys(txn, []byte{famQuarantine}, func([]byte) error { n++; return nil })
	})
	if err != nil {
		s.cfg.Log.Error("The edits set aside could not be counted.", "error", err)
	}
	return n
}

// A clock beyond these is taken for wrong: more than a year behind the newest commit, or more than ten years after this program was made.
const (
	clockBehindMax = 365 * 24 * time.Hour
	madeIn         = 2026
	clockAheadMax  = 10 // years
)

func suspicion(now time.Time, newest clock.Stamp) string {
	if newest != 0 && newest.Time().Sub(now) > clockBehindMax {
		return fmt.Sprintf("This computer's clock says %s, but changes from %s are here already. Set the clock; nothing is refused because of it.",
			now.Format(time.DateOnly), newest.Time().Format(time.DateOnly))
	}
	if now.Year() > madeIn+clockAheadMax {
		return fmt.Sprintf("This computer's clock says %s, which is far in the future. Set the clock; nothing is refused because of it.", now.Format(time.DateOnly))
	}
	return ""
}

// networkWarning gives a sentence when the folder is on a network drive.
func networkWarning(dir string) string {
	if !onNetwork(dir) && !strings.HasPrefix(dir, `\\`) {
		return ""
	}
	return "The data folder " + dir + " is on a network drive. Holdfast may lose work there when the network fails; move it to this computer's own disk."
}

// Finding is one thing that Verify found wrong.
type Finding struct {
	Space record.Space // "" when it is about no space
	What  string       // a sentence
}

// Verify reads everything: checksums, the digest and the chain of every space against its frontier, blobs against their names. No findings means that all is well.
func (s *Store) Verify(ctx context.Context) ([]Finding, error) {
	r, err := s.reader()
	if err != nil {
		return nil, err
	}
	defer r.close()
	var found []Finding
	report := func(space record.Space, what string) { found = append(found, Finding{space, what}) }
	if err := r.db.VerifyChecksum(); err != nil {
		report("", "The database in "+r.db.folder+" fails its checksums.")
		s.cfg.Log.Error("The database fails its checksums.", "error", err)
	}
	for _, what := range s.health.damage {
		report("", what)
	}
	for _, f := range s.Frontiers() {
		if err := r.verifySpace(ctx, f.Space, report); err != nil {
			if ctx.Err() != nil {
				return found, fault.Wrap(err, fault.Unavailable, "store.Verify", "The check was cancelled.")
			}
			report(f.Space, "It could not be read: "+fault.SentenceOf(err))
		}
	}
	return found, s.blobs.verify(ctx, func(what string) { report("", what) })
}

// verifySpace recomputes a space's digest, and its chain where the whole log is kept.
func (r *reader) verifySpace(ctx context.Context, space record.Space, report func(record.Space, string)) error {
	var frontier record.Frontier
	raw, err := r.get("store.Verify", spaceKey(famFrontier, space))
	if err != nil {
		return err
	}
	if err := record.Decode(raw, &frontier); err != nil {
		return err
	}
	var digest record.Hash
	err = scan(r.txn, spaceKey(famState, space), func(_, value []byte) error {
		digest = digest.Plus(record.DigestOf(value))
		return ctx.Err()
	})
	if err != nil {
		return r.db.readFault(err, "store.Verify")
	}
	if digest != frontier.Digest {
		report(space, "Its records do not match its digest: they were altered or damaged.")
	}
	return r.verifyChain(ctx, frontier, report)
}

func (r *reader) verifyChain(ctx context.Context, frontier record.Frontier, report func(record.Space, string)) error {
	var chain record.Hash
	next := uint64(1)
	err := scan(r.txn, spaceKey(famCommit, frontier.Space), func(key, value []byte) error {
		var c Commit
		if err := record.Decode(value, &c); err != nil {
			return err
		}
		var o record.Outcome
		if err := record.Decode(c.Outcome, &o); err != nil {
			return err
		}
		if next == 1 && o.Commit > 1 {
			return errStop // the log was cut: its start is not here to compute from
		}
		if o.Commit != next || c.Sealed.Hash() != o.Hash {
			report(frontier.Space, fmt.Sprintf("Commit %d of its log is missing or altered.", next))
			return errStop
		}
		if chain, next = record.ChainHash(chain, c.Outcome), next+1; c.Redacted {
			if chain = c.After; chain == (record.Hash{}) {
				return errStop // decided by a leader that no longer kept the steps before it
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return r.db.readFault(err, "store.Verify")
	}
	if next == frontier.Commit+1 && chain != frontier.Chain {
		report(frontier.Space, "The chain of its outcomes is broken: its log was altered.")
	}
	return nil
}
