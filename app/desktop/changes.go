package desktop

import (
	"context"
	"slices"
	"strconv"
	"time"
)

// Changed says that stored data moved on.
type Changed struct {
	Revision uint64   // of the replica's data, rising
	Keys     []string // what to fetch again, such as "tickets" or "tickets/<id>"; none means everything
}

// Notice is what the interface receives for one or more changes. Revision is a decimal string, because JavaScript
// numbers lose precision above 2^53.
type Notice struct {
	Revision string   `json:"revision"`
	Keys     []string `json:"keys"` // sorted, without repetition; empty when All
	All      bool     `json:"all"`  // everything may have changed
}

const (
	// noticeInterval is the shortest time between two notices: quick enough to feel at once, slow enough that a first
	// sync of 100,000 records costs the interface a few dozen fetches a second at most.
	noticeInterval = 50 * time.Millisecond
	// noticeKeysMax bounds a notice; beyond it the interface is told to fetch all it shows.
	noticeKeysMax = 64
)

// gathered collects changes until the next notice. The zero value holds none.
type gathered struct {
	any      bool
	all      bool
	revision uint64
	keys     []string
}

func (g *gathered) add(c Changed) {
	g.any = true
	g.revision = max(g.revision, c.Revision)
	if g.all || len(c.Keys) == 0 {
		g.all, g.keys = true, nil
		return
	}
	for _, key := range c.Keys {
		at, found := slices.BinarySearch(g.keys, key)
		if !found {
			g.keys = slices.Insert(g.keys, at, key)
		}
		if len(g.keys) > noticeKeysMax {
			g.all, g.keys = true, nil
			return
		}
	}
}

func (g *gathered) notice() Notice {
	n := Notice{Revision: strconv.FormatUint(g.revision, 10), Keys: g.keys, All: g.all}
	if n.Keys == nil {
		n.Keys = []string{}
	}
	return n
}

// relay passes changes on until ctx ends or the channel closes: the first at once, those within noticeInterval after it
// together. Until ready closes it only gathers, because a page that is still loading would lose its notices; what was
// gathered when changes closes is still sent. send runs on relay's goroutine.
func relay(ctx context.Context, ready <-chan struct{}, changes <-chan Changed, send func(Notice)) {
	var waiting gathered
	var pause <-chan time.Time
	open := false
	flush := func() {
		if !open || !waiting.any || pause != nil {
			return
		}
		send(waiting.notice())
		waiting = gathered{}
		pause = time.After(noticeInterval)
	}
	for changes != nil || (waiting.any && ready != nil) || pause != nil {
		select {
		case <-ctx.Done():
			return
		case <-ready:
			open, ready = true, nil
		case <-pause:
			pause = nil
		case c, more := <-changes:
			if !more {
				changes = nil
				break
			}
			waiting.add(c)
		}
		flush()
	}
}
