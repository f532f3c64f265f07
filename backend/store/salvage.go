package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dgraph-io/badger/v4/options"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// salvage takes out of a damaged database what proves itself: the program's values, tentative and quarantined edits one by one, and of each space's log the unbroken start, which is
// applied again from the first commit on, entry by entry: a node that stood within one could never apply what its group's log goes on with. Records and history follow from that. What is missing comes from peers. It never fails: a database that gives nothing gives nothing.
type salvage struct {
	store *Store
	db    *database
}

// salvageFrom opens a damaged folder for reading; nil when it cannot be opened at all.
func (s *Store) salvageFrom(folder string) *salvage {
	o := databaseOptions(&s.cfg, folder).WithNumCompactors(0).WithChecksumVerificationMode(options.OnBlockRead)
	var db *database
	err := leaveOut(o)
	if err == nil {
		db, err = openWith(o)
	}
	if err != nil {
		s.cfg.Log.Warn("Nothing could be taken out of the damaged database.", "error", err)
		return nil
	}
	return &salvage{store: s, db: db}
}

// rows copies the rows that stand for themselves to a new database.
func (v *salvage) rows(fresh *database) error {
	var rows []Row
	for i := range localFamilies {
		err := v.each([]byte{localFamilies[i]}, func(key, value []byte) error {
			if localFamilies[i] == famTentative {
				if _, err := decodeTentative(value); err != nil {
					return nil
				}
			}
			rows = append(rows, Row{bytes.Clone(key), append([]byte{}, value...)})
			return nil
		})
		if err != nil {
			v.store.cfg.Log.Warn("Some rows of the damaged database could not be read.", "error", err)
		}
	}
	for piece := range batches(rows, txnBytesMax) {
		if err := fresh.transact(piece); err != nil {
			return err
		}
	}
	return nil
}

// each walks the rows of a prefix; what Badger panics with is an error.
func (v *salvage) each(prefix []byte, f func(key, value []byte) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	txn := v.db.NewTransaction(false)
	defer txn.Discard()
	return scan(txn, prefix, f)
}

// commits applies the unbroken start of each space's log again.
func (v *salvage) commits(ctx context.Context) {
	w := logWalk{store: v.store, broken: map[record.Space]bool{}, ends: map[record.Space]uint64{}}
	err := v.each([]byte{famFrontier}, func(_, value []byte) error {
		var f record.Frontier
		if record.Decode(value, &f) == nil {
			w.ends[f.Space] = f.Commit
		}
		return nil
	})
	err = errors.Join(err, v.each([]byte{famCommit}, func(key, value []byte) error { return w.row(ctx, key, value) }))
	if err = errors.Join(err, w.finish(ctx)); err != nil {
		v.store.cfg.Log.Warn("Some of the damaged log could not be read.", "error", err)
	}
	v.store.cfg.Log.Info("Agreed changes were taken out of the damaged database.", "commits", w.taken)
}

// logWalk makes entries of the rows of logs, up to the first gap of each. Commits of one time are of one entry, or of several that can go together; what stands before a gap is left
// out as far as it may be a part of an entry.
type logWalk struct {
	store  *Store
	space  record.Space
	next   uint64
	broken map[record.Space]bool
	ends   map[record.Space]uint64 // where each log ended, as far as that could be read
	entry  record.Entry
	taken  int
}

func (w *logWalk) row(ctx context.Context, key, value []byte) error {
	space, rest, ok := splitSpace(key)
	if !ok || len(rest) != 8 {
		return nil
	}
	if space != w.space {
		if err := w.finish(ctx); err != nil {
			return err
		}
		w.space, w.next = space, 1
	}
	var c Commit
	if w.broken[space] || binary.BigEndian.Uint64(rest) != w.next || record.Decode(value, &c) != nil || c.Redacted {
		w.broken[space], w.entry = true, record.Entry{}
		return nil
	}
	if c.Generation != w.entry.Generation || c.Time != w.entry.Time {
		if err := w.flush(ctx); err != nil {
			return err
		}
	}
	if len(w.entry.Edits) == 0 {
		w.entry = record.Entry{Format: record.EntryFormat, Space: space, Generation: c.Generation, EvaluatedAt: w.next - 1, Time: c.Time}
	}
	w.entry.Edits, w.entry.Outcomes = append(w.entry.Edits, c.Sealed), append(w.entry.Outcomes, c.Outcome)
	w.next++
	return nil
}

// finish ends a space's log: what is left is a whole entry only where nothing of the log is missing behind it.
func (w *logWalk) finish(ctx context.Context) error {
	if w.next == 0 || w.ends[w.space] != w.next-1 {
		w.entry = record.Entry{}
	}
	return w.flush(ctx)
}

func (w *logWalk) flush(ctx context.Context) error {
	entry := w.entry
	w.entry = record.Entry{}
	if len(entry.Edits) == 0 || w.broken[entry.Space] {
		return ctx.Err()
	}
	if err := w.raise(ctx, entry); err != nil {
		return err
	}
	applied, err := w.store.Apply(ctx, entry, RaftPosition{})
	if err != nil || !applied {
		w.broken[entry.Space] = true
		w.store.cfg.Log.Warn("A part of the damaged log could not be applied again.", "space", string(entry.Space), "error", err)
		return ctx.Err()
	}
	w.taken += len(entry.Edits)
	return ctx.Err()
}

// raise moves the space on to the entry's generation, as an entry without edits did that the log does not show.
func (w *logWalk) raise(ctx context.Context, entry record.Entry) error {
	at := w.store.Frontier(entry.Space)
	if at.Commit == 0 || at.Generation >= entry.Generation {
		return nil
	}
	_, err := w.store.Apply(ctx, record.Entry{Format: record.EntryFormat, Space: entry.Space, Generation: entry.Generation, EvaluatedAt: at.Commit}, RaftPosition{})
	return err
}

func (v *salvage) close() {
	defer func() {
		if p := recover(); p != nil {
			v.store.cfg.Log.Warn("The damaged database could not be closed.", "error", fmt.Sprint(p))
		}
	}()
	if err := v.db.Close(); err != nil {
		v.store.cfg.Log.Warn("The damaged database could not be closed.", "error", err)
	}
}

// beginSalvage notes under which name a damaged database is set aside, before anything is moved.
func beginSalvage(dir, aside string) error {
	return diskfile.Replace(filepath.Join(dir, salvageName), []byte(aside+"\n"), fileMode)
}

// interruptedSalvage gives the name that beginSalvage noted and no endSalvage has taken away; "" when there is none.
func interruptedSalvage(dir string) (string, error) {
	raw, err := os.ReadFile(filepath.Join(dir, salvageName))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", folderFault(err, "store.Open", dir)
	}
	name := strings.TrimSpace(string(raw))
	if number, _, marked := strings.Cut(name, asideMark); !marked || filepath.Base(name) != name || number == "" {
		return "", fault.Newf(fault.Corrupt, "store.Open", "The file %s is damaged: it should name a folder in %s. Write the name of the newest one that was set aside into it.",
			filepath.Join(dir, salvageName), filepath.Join(dir, databases))
	}
	return name, nil
}

func endSalvage(dir string) error {
	if err := os.Remove(filepath.Join(dir, salvageName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return folderFault(err, "store.Open", dir)
	}
	return nil
}
