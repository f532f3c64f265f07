package store

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"

	"holdfast/backend/record"
)

// reader is the database as of one instant.
type reader struct {
	store *Store
	db    *database
	txn   *badger.Txn
}

// reader opens a reader as of now. Close it.
func (s *Store) reader() (*reader, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.readerLocked()
}

// readerLocked is reader for a caller that holds mu and looks at what it guards as of the same instant.
func (s *Store) readerLocked() (*reader, error) {
	if s.closed {
		return nil, errClosed
	}
	return s.readerOf(s.db), nil
}

// readerOf opens a reader of a database that is not closed.
func (s *Store) readerOf(db *database) *reader {
	s.calls.Add(1)
	db.users.Add(1)
	return &reader{s, db, db.NewTransaction(false)}
}

func (r *reader) close() {
	r.txn.Discard()
	r.db.users.Done()
	r.store.calls.Done()
}

func (r *reader) get(op string, key []byte) ([]byte, error) {
	raw, err := get(r.txn, key)
	return raw, r.db.readFault(err, op)
}

// state reads a committed record of a space; nil when there is none.
func (r *reader) state(space record.Space, id record.ID) (*record.State, error) {
	raw, err := r.get("store.Committed", recordKey(famState, space, id))
	if err != nil || raw == nil {
		return nil, err
	}
	return record.DecodeState(raw)
}

// placesMax bounds the memory of where records were found; beyond it all are forgotten.
const placesMax = 1 << 16

// spacesLocked names the spaces with commits, the one where id was found last before the others.
func (s *Store) spacesLocked(id record.ID) []record.Space {
	spaces := make([]record.Space, 0, len(s.frontiers))
	for space := range s.frontiers {
		if !s.imports[space] {
			spaces = append(spaces, space)
		}
	}
	slices.Sort(spaces)
	s.placesMu.Lock()
	place, found := s.places[id]
	s.placesMu.Unlock()
	if at := slices.Index(spaces, place); found && at > 0 {
		spaces[0], spaces[at] = spaces[at], spaces[0]
	}
	return spaces
}

func (s *Store) notePlace(id record.ID, space record.Space) {
	s.placesMu.Lock()
	defer s.placesMu.Unlock()
	if len(s.places) >= placesMax {
		clear(s.places)
	}
	s.places[id] = space
}

// find looks for a committed record in the spaces given.
func (s *Store) find(r *reader, spaces []record.Space, id record.ID) (*record.State, error) {
	for i, space := range spaces {
		state, err := r.state(space, id)
		if err != nil {
			return nil, err
		}
		if state != nil {
			if i > 0 {
				s.notePlace(id, space)
			}
			return state, nil
		}
	}
	return nil, nil
}

// parallel calls f for 0 … n-1 on all cores and gives the first error. Small numbers are not worth the goroutines.
func parallel(ctx context.Context, n int, f func(i int) error) error {
	workers := min(runtime.GOMAXPROCS(0), n/16+1)
	var next atomic.Int64
	var failed atomic.Pointer[error]
	work := func() {
		for {
			i := int(next.Add(1)) - 1
			if i >= n || failed.Load() != nil {
				return
			}
			err := ctx.Err()
			if err == nil {
				err = f(i)
			}
			if err != nil {
				failed.CompareAndSwap(nil, &err)
				return
			}
		}
	}
	var running sync.WaitGroup
	for range workers - 1 {
		running.Go(work)
	}
	work()
	running.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}
