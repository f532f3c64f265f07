package store

import (
	"context"
	"runtime"
	"sync"

	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// Committed gives a record as the group decided it; nil, nil for a record that has no commit.
func (s *Store) Committed(id record.ID) (*record.State, error) {
	s.mu.RLock()
	spaces := s.spacesLocked(id)
	r, err := s.readerLocked()
	s.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	defer r.close()
	return s.find(r, spaces, id)
}

// CommittedIn is Committed for a record whose space is known.
func (s *Store) CommittedIn(space record.Space, id record.ID) (*record.State, error) {
	s.mu.RLock()
	_, known := s.frontiers[space]
	r, err := s.readerLocked()
	s.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	defer r.close()
	if !known {
		return nil, nil
	}
	return r.state(space, id)
}

// viewsMax bounds the cached views of records with tentative edits; beyond it all are forgotten.
const viewsMax = 10_000

// View gives a record with the tentative edits folded in; nil, nil for an unknown record. The state is shared: never change it.
func (s *Store) View(id record.ID) (*record.State, error) {
	s.mu.RLock()
	if cached := s.views[id]; cached != nil && !s.closed {
		s.mu.RUnlock()
		return cached, nil
	}
	spaces, tentative, revision := s.spacesLocked(id), s.pending.records[id], s.revision
	r, err := s.readerLocked()
	s.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	defer r.close()
	committed, err := s.find(r, spaces, id)
	if err != nil || len(tentative) == 0 {
		return committed, err
	}
	view := fold(id, committed, tentative)
	s.cacheView(id, view, revision)
	return view, nil
}

// cacheView keeps a view unless something changed since it was read.
func (s *Store) cacheView(id record.ID, view *record.State, revision uint64) {
	if view == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.revision != revision {
		return
	}
	if len(s.views) >= viewsMax {
		clear(s.views)
	}
	s.views[id] = view
}

func fold(id record.ID, committed *record.State, tentative []*record.Edit) *record.State {
	if len(tentative) == 0 {
		return committed
	}
	return record.Fold(id, committed, tentative)
}

// walkBatch is how many rows a core decodes at a time.
const walkBatch = 256

// EachView hands every record's view to yield, in no order, as of one instant. Decoding runs on all cores; yield runs on the caller's goroutine, one at a time. An error of yield ends the walk.
func (s *Store) EachView(ctx context.Context, yield func(*record.State) error) error {
	s.mu.RLock()
	spaces := s.spacesLocked(record.ID{})
	tentative := make(map[record.ID][]*record.Edit, len(s.pending.records))
	for id, edits := range s.pending.records {
		tentative[id] = edits
	}
	r, err := s.readerLocked()
	s.mu.RUnlock()
	if err != nil {
		return err
	}
	defer r.close()
	w := &walk{reader: r, spaces: spaces, tentative: tentative, stop: make(chan struct{})}
	return w.run(ctx, yield)
}

// walk is one EachView: a goroutine reads rows, others decode them, the caller's yields.
type walk struct {
	reader    *reader
	spaces    []record.Space
	tentative map[record.ID][]*record.Edit // read only
	stop      chan struct{}

	mu       sync.Mutex
	err      error
	folded   map[record.ID]bool // records with tentative edits that turned out to be committed
	rows     chan []Row
	states   chan []*record.State
	stopOnce sync.Once
}

func (w *walk) run(ctx context.Context, yield func(*record.State) error) error {
	w.rows, w.states = make(chan []Row, 4), make(chan []*record.State, 4)
	w.folded = map[record.ID]bool{}
	var decoders, all sync.WaitGroup
	all.Go(w.read)
	for range runtime.GOMAXPROCS(0) {
		decoders.Go(w.decode)
	}
	all.Go(func() { decoders.Wait(); close(w.states) })
	for batch := range w.states {
		for _, state := range batch {
			if w.failed() == nil {
				w.fail(hand(ctx, yield, state))
			}
		}
	}
	all.Wait()
	if w.failed() == nil {
		w.fail(w.uncommitted(yield))
	}
	return w.failed()
}

func hand(ctx context.Context, yield func(*record.State) error, state *record.State) error {
	if err := ctx.Err(); err != nil || state == nil {
		return err
	}
	return yield(state)
}

func (w *walk) fail(err error) {
	if err == nil {
		return
	}
	w.mu.Lock()
	if w.err == nil {
		w.err = err
	}
	w.mu.Unlock()
	w.stopOnce.Do(func() { close(w.stop) })
}

func (w *walk) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// read passes the rows of all spaces on in batches.
func (w *walk) read() {
	defer close(w.rows)
	var batch []Row
	send := func() error {
		select {
		case w.rows <- batch:
			batch = make([]Row, 0, walkBatch)
			return nil
		case <-w.stop:
			return errStop
		}
	}
	for _, space := range w.spaces {
		err := scan(w.reader.txn, spaceKey(famState, space), func(_, value []byte) error {
			batch = append(batch, Row{Value: append([]byte(nil), value...)})
			if len(batch) < walkBatch {
				return nil
			}
			return send()
		})
		if err != nil {
			w.fail(w.reader.db.readFault(err, "store.EachView"))
			return
		}
	}
	if len(batch) > 0 {
		send() // its error says that somebody else failed
	}
}

func (w *walk) decode() {
	for batch := range w.rows {
		states := make([]*record.State, 0, len(batch))
		for _, row := range batch {
			state, err := record.DecodeState(row.Value)
			if err != nil {
				w.fail(err)
				continue
			}
			states = append(states, w.view(state))
		}
		select {
		case w.states <- states:
		case <-w.stop:
		}
	}
}

func (w *walk) view(state *record.State) *record.State {
	edits := w.tentative[state.ID]
	if len(edits) == 0 {
		return state
	}
	w.mu.Lock()
	w.folded[state.ID] = true
	w.mu.Unlock()
	return fold(state.ID, state, edits)
}

// uncommitted yields the records that only tentative edits know.
func (w *walk) uncommitted(yield func(*record.State) error) error {
	for id, edits := range w.tentative {
		if w.folded[id] {
			continue
		}
		if state := fold(id, nil, edits); state != nil {
			if err := yield(state); err != nil {
				return err
			}
		}
	}
	return nil
}

// Pending gives at most limit.EntryEdits tentative edits of a space in order of hybrid time, oldest first.
func (s *Store) Pending(space record.Space) []*record.Edit {
	return s.PendingAfter(space, PendingCursor{}, limit.EntryEdits)
}

// PendingAfter gives at most limit tentative edits after a place.
func (s *Store) PendingAfter(space record.Space, after PendingCursor, limit int) []*record.Edit {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.pending.after(space, after, limit)
}

// PendingCount counts the tentative edits of all spaces.
func (s *Store) PendingCount() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.pending.count
}

// PendingIn counts the tentative edits of a space.
func (s *Store) PendingIn(space record.Space) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.pending.ordered[space])
}

// PendingOf gives the tentative edits that touch a record, by hybrid time.
func (s *Store) PendingOf(id record.ID) []*record.Edit {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return append([]*record.Edit(nil), s.pending.records[id]...)
}
