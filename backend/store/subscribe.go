package store

import (
	"slices"
	"sync"

	"holdfast/backend/record"
)

// ChangeSet says what changed since the subscription's last one. It goes out after the transaction that it speaks of.
type ChangeSet struct {
	Revision   uint64         // of the store, counted since Open; grows with every change
	Records    []record.ID    // touched records, each once
	Everything bool           // more changed than Records can say (restore, first sync): read all again
	Moved      []record.Space // spaces whose frontier moved
	Pending    int            // tentative edits held, all spaces
}

// changeSetRecordsMax is where a change set stops naming records and says Everything.
const changeSetRecordsMax = 200_000

// Subscription hands out what changed. C is closed by Close or when the store closes.
type Subscription struct {
	news *announcer
	out  chan ChangeSet
	wake chan struct{}
	end  chan struct{}
	once sync.Once

	mu      sync.Mutex
	waiting merged
	handing bool // run has a change set in hand that it has not passed on yet
}

// merged gathers change sets that the reader has not taken yet.
type merged struct {
	news    bool
	set     ChangeSet
	records map[record.ID]struct{}
	moved   map[record.Space]struct{}
}

func (m *merged) add(n ChangeSet) {
	if !m.news {
		*m = merged{news: true, records: map[record.ID]struct{}{}, moved: map[record.Space]struct{}{}}
	}
	m.set.Revision, m.set.Pending = n.Revision, n.Pending
	m.set.Everything = m.set.Everything || n.Everything
	for _, space := range n.Moved {
		m.moved[space] = struct{}{}
	}
	if m.set.Everything {
		m.records = nil
		return
	}
	for _, id := range n.Records {
		m.records[id] = struct{}{}
	}
	if len(m.records) > changeSetRecordsMax {
		m.set.Everything, m.records = true, nil
	}
}

func (m *merged) take() (ChangeSet, bool) {
	if !m.news {
		return ChangeSet{}, false
	}
	set := m.set
	for id := range m.records {
		set.Records = append(set.Records, id)
	}
	for space := range m.moved {
		set.Moved = append(set.Moved, space)
	}
	slices.Sort(set.Moved)
	*m = merged{}
	return set, true
}

// C gives the channel of change sets.
func (s *Subscription) C() <-chan ChangeSet { return s.out }

// Close ends the subscription and waits for its goroutine.
func (s *Subscription) Close() {
	s.news.forget(s)
	s.once.Do(func() { close(s.end) })
	for range s.out { // until the goroutine closes it
	}
}

func (s *Subscription) publish(n ChangeSet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting.add(n)
	if !s.handing && len(s.out) < cap(s.out) { // nobody else writes to out now, so there is room for sure
		set, _ := s.waiting.take()
		s.out <- set
		return
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// next gives what waits, to be handed over.
func (s *Subscription) next() (ChangeSet, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set, found := s.waiting.take()
	s.handing = found
	return set, found
}

// run hands over, merged and at the reader's pace, what found no room in the channel.
func (s *Subscription) run() {
	defer close(s.out)
	for {
		select {
		case <-s.end:
			return
		case <-s.wake:
		}
		for set, found := s.next(); found; set, found = s.next() {
			select {
			case s.out <- set:
			case <-s.end:
				return
			}
		}
	}
}

// announcer is the list of subscriptions.
type announcer struct {
	mu      sync.Mutex
	closed  bool
	members map[*Subscription]struct{}
	running sync.WaitGroup
}

func newAnnouncer() *announcer { return &announcer{members: map[*Subscription]struct{}{}} }

// Subscribe starts a subscription. At most buffer change sets wait in its channel; later ones are merged until there is room, so a slow reader misses no record
// and never holds up a writer.
func (s *Store) Subscribe(buffer int) *Subscription {
	sub := &Subscription{news: s.news, out: make(chan ChangeSet, max(buffer, 0)), wake: make(chan struct{}, 1), end: make(chan struct{})}
	s.news.mu.Lock()
	defer s.news.mu.Unlock()
	if s.news.closed {
		sub.once.Do(func() { close(sub.end) })
		close(sub.out)
		return sub
	}
	s.news.members[sub] = struct{}{}
	s.news.running.Go(sub.run)
	return sub
}

func (a *announcer) publish(n ChangeSet) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for sub := range a.members {
		sub.publish(n)
	}
}

func (a *announcer) forget(sub *Subscription) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.members, sub)
}

func (a *announcer) close() {
	a.mu.Lock()
	a.closed = true
	for sub := range a.members {
		sub.once.Do(func() { close(sub.end) })
	}
	clear(a.members)
	a.mu.Unlock()
	a.running.Wait()
}
