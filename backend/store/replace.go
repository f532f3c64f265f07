package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// HistoryDiffers: a snapshot lacks what the group has decided here already, so it is of another history.
const HistoryDiffers fault.Code = "history_differs"

// replaces reports whether the committed state that comes in may take the place of what stands at mine.
func (i *SpaceImport) replaces(mine record.Frontier) bool {
	if i.later {
		return i.frontier.Generation > mine.Generation
	}
	return i.frontier.Generation == mine.Generation && i.frontier.Commit > mine.Commit
}

func errOvertaken(space record.Space) error {
	return fault.Newf(fault.Conflict, "store.ImportSpace", "This device has these agreed changes of %q already.", space)
}

// rebuild fills a new database, sorts the tentative edits anew by what is committed there, and puts it in the current one's place in one step: a crash leaves the one or the other. Readers
// see the current one until then. The caller holds writing.
func (s *Store) rebuild(fill func(fresh *database) error) error {
	if err := s.payOwed(); err != nil {
		return err
	}
	if len(s.owed.rows) > 0 {
		return s.room.check(s.owed.bytes)
	}
	name := nextDatabase(s.cfg.Dir)
	folder := filepath.Join(s.cfg.Dir, databases, name)
	fresh, err := openDatabase(&s.cfg, folder)
	if err != nil {
		return err
	}
	err = fill(fresh)
	if err == nil {
		err = s.rebaseIn(fresh)
	}
	if err == nil {
		err = writeFault(fresh.Sync(), folder)
	}
	if err == nil {
		err = switchDatabase(s.cfg.Dir, name)
	}
	if err != nil {
		return errors.Join(err, fresh.Close(), os.RemoveAll(folder))
	}
	return s.swap(fresh)
}

// rowCopy writes rows to a new database, a transaction at a time.
type rowCopy struct {
	fresh *database
	room  *room
	rows  []Row
	bytes int
}

// put takes a row over; key and value may change afterwards.
func (w *rowCopy) put(key, value []byte) error {
	w.rows = append(w.rows, Row{bytes.Clone(key), append([]byte{}, value...)})
	if w.bytes += len(key) + len(value) + 32; w.bytes < txnBytesMax/2 && len(w.rows) < txnRowsMax {
		return nil
	}
	return w.flush()
}

func (w *rowCopy) flush() error {
	if err := w.room.check(w.bytes); err != nil {
		return err
	}
	for piece := range batches(w.rows, txnBytesMax) {
		if err := w.fresh.transact(piece); err != nil {
			return err
		}
	}
	w.rows, w.bytes = w.rows[:0], 0
	return nil
}

// copyRows copies the database to a new one, row by row: place says under which key a row goes on, nil for nowhere.
func (s *Store) copyRows(ctx context.Context, op string, w *rowCopy, place func(key []byte) []byte) error {
	return s.db.view(op, func(txn *badger.Txn) error {
		return scan(txn, nil, func(key, value []byte) error {
			if to := place(key); to != nil {
				if err := w.put(to, value); err != nil {
					return err
				}
			}
			if err := ctx.Err(); err != nil {
				return fault.Wrap(err, fault.Unavailable, op, "Taking over the data was cancelled; it is as before.")
			}
			return nil
		})
	})
}

// replace puts the staged rows in the place of the space's committed state and sorts the tentative edits anew. The caller holds writing.
func (i *SpaceImport) replace(ctx context.Context) error {
	const op = "store.ImportSpace"
	s, space := i.store, i.frontier.Space
	if !i.replaces(s.Frontier(space)) {
		return errors.Join(errOvertaken(space), i.drop(ctx))
	}
	if i.later {
		return i.replaceLater(ctx)
	}
	if err := i.covers(); err != nil {
		return errors.Join(err, i.drop(ctx))
	}
	frontier, err := record.Encode(i.frontier)
	if err != nil {
		return err
	}
	return s.rebuild(func(fresh *database) error {
		w := &rowCopy{fresh: fresh, room: s.room}
		if err := s.copyRows(ctx, op, w, i.placed); err != nil {
			return err
		}
		if err := s.keepOwnCommits(w, space); err != nil {
			return err
		}
		if err := w.put(spaceKey(famFrontier, space), frontier); err != nil {
			return err
		}
		return w.flush()
	})
}

// placed gives the key of a row after the replacement: the staged rows come in, those that stood go, all others stay.
func (i *SpaceImport) placed(key []byte) []byte {
	if key[0] == famStaged {
		if i.belongs(key[1:]) {
			return key[1:]
		}
		return key
	}
	space, _, ok := splitSpace(key)
	if ok && space == i.frontier.Space && (i.belongs(key) || key[0] == famFrontier || key[0] == famImport) {
		return nil
	}
	return key
}

// covers checks that the staged state holds every edit that is committed here: one history goes on from the other.
func (i *SpaceImport) covers() error {
	return i.store.db.view("store.ImportSpace", func(txn *badger.Txn) error {
		return scan(txn, spaceKey(famSequence, i.frontier.Space), func(key, value []byte) error {
			mine, _ := decodeSequence(value)
			raw, err := get(txn, stagedKey(key))
			if err != nil {
				return err
			}
			next, found := decodeSequence(raw)
			if !found || next.Sequence < mine.Sequence || next.Sequence == mine.Sequence && next.Hash != mine.Hash {
				return fault.New(HistoryDiffers, "store.ImportSpace",
					"The other device holds another history than this one. Nothing was taken over; an administrator should compare both with a node.")
			}
			return nil
		})
	})
}

// keepOwnCommits carries this device's own commits of a space over, out of the log that goes.
func (s *Store) keepOwnCommits(w *rowCopy, space record.Space) error {
	own := append(spaceKey(famEdit, space), s.device[:]...)
	return s.db.view("store.ImportSpace", func(txn *badger.Txn) error {
		return scan(txn, own, func(key, value []byte) error {
			if len(value) != 8 {
				return nil
			}
			row, err := get(txn, numberKey(famCommit, space, binary.BigEndian.Uint64(value)))
			if err != nil || row == nil || isStub(row) {
				return err
			}
			kept := bytes.Clone(key)
			kept[0] = famOwn
			return w.put(kept, row)
		})
	})
}

// dropStaged removes what waits to replace a space's committed state, its import marker first. The caller holds writing.
func (s *Store) dropStaged(ctx context.Context, space record.Space) error {
	rows := []Row{{Key: spaceKey(famImport, space)}}
	err := s.db.view("store.ImportSpace", func(txn *badger.Txn) error {
		return scanKeys(txn, []byte{famStaged}, func(key []byte) error {
			if of, _, ok := splitSpace(key[1:]); ok && of == space {
				rows = append(rows, Row{Key: bytes.Clone(key)})
			}
			return ctx.Err()
		})
	})
	if err != nil {
		return err
	}
	for piece := range batches(rows, txnBytesMax) {
		if err := s.db.transact(piece); err != nil {
			return err
		}
	}
	return nil
}
