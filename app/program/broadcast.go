package program

import (
	"context"
	"strconv"
	"sync"

	"holdfast/app/api"
)

// broadcast hands change events to every listener; events that a slow listener has not taken are merged into one.
type broadcast struct {
	mu        sync.Mutex
	revision  uint64
	listeners map[*listener]struct{}
	closed    bool
}

type listener struct {
	out     chan api.ChangeEvent
	wake    chan struct{}
	waiting *api.ChangeEvent // guarded by broadcast.mu
}

func newBroadcast() *broadcast { return &broadcast{listeners: map[*listener]struct{}{}} }

// idsMax is how many ids one event names; more are told as "many".
const idsMax = 100

// send tells every listener. It never waits.
func (b *broadcast) send(event api.ChangeEvent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.revision++
	event.Revision = strconv.FormatUint(b.revision, 10)
	for l := range b.listeners {
		if l.waiting == nil {
			copied := event
			l.waiting = &copied
		} else {
			merge(l.waiting, &event)
		}
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

func merge(into, from *api.ChangeEvent) {
	into.Revision, into.Sync, into.Config = from.Revision, into.Sync || from.Sync, into.Config || from.Config
	many := (len(into.IDs) == 0 && len(into.Kinds) > 0) || (len(from.IDs) == 0 && len(from.Kinds) > 0)
	into.IDs = append(append([]string{}, into.IDs...), from.IDs...)
	into.Kinds = append(append([]string{}, into.Kinds...), from.Kinds...)
	if many || len(into.IDs) > idsMax {
		into.IDs = []string{}
	}
}

// subscribe gives a channel that is closed when ctx or the broadcast ends.
func (b *broadcast) subscribe(ctx context.Context) <-chan api.ChangeEvent {
	l := &listener{out: make(chan api.ChangeEvent), wake: make(chan struct{}, 1)}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		close(l.out)
		return l.out
	}
	b.listeners[l] = struct{}{}
	go b.feed(ctx, l)
	return l.out
}

// feed ends with its listener's ctx, or with the broadcast, which wakes it a last time.
func (b *broadcast) feed(ctx context.Context, l *listener) {
	defer close(l.out)
	defer b.drop(l)
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		}
		event, closed := b.take(l)
		if closed {
			return
		}
		if event == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case l.out <- *event:
		}
	}
}

func (b *broadcast) take(l *listener) (*api.ChangeEvent, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	event := l.waiting
	l.waiting = nil
	return event, b.closed
}

func (b *broadcast) drop(l *listener) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.listeners, l)
}

func (b *broadcast) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for l := range b.listeners {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}
