package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"

	"github.com/dgraph-io/badger/v4"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// TrimLog forgets the commits of a space below number before one by one: records, history, parked edits, committed sequences and this device's own commits stay. Peers that are further
// behind then need a snapshot.
func (s *Store) TrimLog(ctx context.Context, space record.Space, before uint64) error {
	for {
		n, err := s.trimSome(space, min(before, s.Frontier(space).Commit+1))
		if err != nil || n == 0 {
			return err
		}
		if err := ctx.Err(); err != nil {
			return fault.Wrap(err, fault.Unavailable, "store.TrimLog", "Trimming was cancelled; it can be gone on with at any time.")
		}
	}
}

// LogSince gives the number of the first commit of a space that is kept one by one and was decided at or after a time; one more than the frontier's when there is none.
func (s *Store) LogSince(space record.Space, at clock.Stamp) (uint64, error) {
	s.mu.RLock()
	first := s.frontiers[space].Commit + 1
	r, err := s.readerLocked()
	s.mu.RUnlock()
	if err != nil {
		return 0, err
	}
	defer r.close()
	err = scan(r.txn, spaceKey(famCommit, space), func(key, value []byte) error {
		var c Commit
		if err := record.Decode(value, &c); err != nil {
			return err
		}
		if c.Time < at {
			return nil
		}
		first = binary.BigEndian.Uint64(key[len(key)-8:])
		return errStop
	})
	return first, r.db.readFault(err, "store.LogSince")
}

// trimStep is how many commits are forgotten in one transaction.
const trimStep = 2000

// trimSome forgets the oldest commits, in order, so that what is left is always the log's unbroken end.
func (s *Store) trimSome(space record.Space, before uint64) (n int, err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	var c change
	err = s.db.view("store.TrimLog", func(txn *badger.Txn) error {
		return scan(txn, spaceKey(famCommit, space), func(key, value []byte) error {
			if n == trimStep || binary.BigEndian.Uint64(key[len(key)-8:]) >= before {
				return errStop
			}
			id, err := editOfCommit(value)
			if err != nil {
				return err
			}
			if id.Device == s.device && !isStub(value) { // should all nodes lose it, this device offers it again
				c.set.put(editKey(famOwn, space, id), bytes.Clone(value))
			}
			c.set.remove(bytes.Clone(key))
			c.set.remove(editKey(famEdit, space, id))
			n++
			return nil
		})
	})
	if err != nil || n == 0 {
		return 0, err
	}
	return n, s.commit(&c)
}

// DropOwn forgets this device's own commits of a space that stand apart from the trimmed log, were decided in a generation, and have no higher number than through: a proven backup holds
// them, so that it need not be this device which offers them again when all nodes are lost. What the records keep of them stays.
func (s *Store) DropOwn(ctx context.Context, space record.Space, generation, through uint64) error {
	for {
		n, err := s.dropSomeOwn(space, generation, min(through, s.Frontier(space).Commit))
		if err != nil || n < trimStep {
			return err
		}
		if err := ctx.Err(); err != nil {
			return fault.Wrap(err, fault.Unavailable, "store.DropOwn", "Tidying up was cancelled; it can be gone on with at any time.")
		}
	}
}

func (s *Store) dropSomeOwn(space record.Space, generation, through uint64) (n int, err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	var c change
	err = s.db.view("store.DropOwn", func(txn *badger.Txn) error {
		return scan(txn, spaceKey(famOwn, space), func(key, value []byte) error {
			if n == trimStep {
				return errStop
			}
			var own Commit
			var o record.Outcome
			if err := record.Decode(value, &own); err != nil {
				return err
			}
			if err := record.Decode(own.Outcome, &o); err != nil {
				return err
			}
			if own.Generation == generation && o.Commit <= through {
				c.set.remove(bytes.Clone(key))
				n++
			}
			return nil
		})
	})
	if err != nil || n == 0 {
		return 0, err
	}
	return n, s.commit(&c)
}

// isStub reports whether a row of the log is one whose content was removed: nobody can offer that edit again.
func isStub(row []byte) bool {
	var c Commit
	return record.Decode(row, &c) == nil && c.Redacted
}

func editOfCommit(row []byte) (record.EditID, error) {
	var c Commit
	if err := record.Decode(row, &c); err != nil {
		return record.EditID{}, err
	}
	var o record.Outcome
	err := record.Decode(c.Outcome, &o)
	return o.Edit, err
}

// valueFilesMax bounds how many value files one Tend rewrites.
const valueFilesMax = 8

// Tend gives space back that large values left behind. Call it when nobody works, about daily.
func (s *Store) Tend(ctx context.Context) error {
	r, err := s.reader()
	if err != nil {
		return err
	}
	defer r.close()
	for range valueFilesMax {
		err := r.db.RunValueLogGC(0.5)
		switch {
		case errors.Is(err, badger.ErrNoRewrite), errors.Is(err, badger.ErrRejected):
			return nil
		case err != nil:
			return writeFault(err, r.db.folder)
		case ctx.Err() != nil:
			return nil
		}
	}
	return nil
}

// Sync makes everything that was committed so far durable: after it the log that it came from may be trimmed.
func (s *Store) Sync() error { return s.syncDatabase() }
