package desktop

import (
	"context"
	"slices"
	"time"
)

// Changed tells the interface what to fetch again: the payload of EventChanged, in the same shape as the API's event
// stream has it. Kinds without IDs mean many records of those kinds; an event that names nothing means everything.
type Changed struct {
	Revision string   `json:"revision"` // rising; a decimal string, because JavaScript numbers lose precision above 2^53
	IDs      []string `json:"ids"`
	Kinds    []string `json:"kinds"`
	Sync     bool     `json:"sync"`
	Config   bool     `json:"config"`
}

const (
	// noticeInterval is the shortest time between two events: quick enough to feel at once, slow enough that a first
	// sync of 100,000 records costs the interface twenty fetches a second at most.
	noticeInterval = 50 * time.Millisecond
	// noticeIDsMax bounds the ids of one event; beyond it the interface is told "many".
	noticeIDsMax = 100
)

// gathered collects changes until the next event. The zero value holds none.
type gathered struct {
	any        bool
	everything bool
	many       bool // too many records to name, or a change that names none of those it touched
	sum        Changed
}

func (g *gathered) add(c Changed) {
	g.any = true
	g.sum.Revision = c.Revision
	g.everything = g.everything || len(c.IDs)+len(c.Kinds) == 0 && !c.Sync && !c.Config
	g.many = g.many || len(c.IDs) == 0 && len(c.Kinds) > 0
	g.sum.Sync, g.sum.Config = g.sum.Sync || c.Sync, g.sum.Config || c.Config
	g.sum.IDs, g.sum.Kinds = union(g.sum.IDs, c.IDs), union(g.sum.Kinds, c.Kinds)
	g.many = g.many || len(g.sum.IDs) > noticeIDsMax
	if g.many {
		g.sum.IDs = nil
	}
}

// union adds what sorted lacks, and keeps it sorted.
func union(sorted, more []string) []string {
	for _, one := range more {
		if at, found := slices.BinarySearch(sorted, one); !found {
			sorted = slices.Insert(sorted, at, one)
		}
	}
	return sorted
}

// event gives what was gathered, with lists that are empty and never null.
func (g *gathered) event() Changed {
	if g.everything {
		return Changed{Revision: g.sum.Revision, IDs: []string{}, Kinds: []string{}}
	}
	e := g.sum
	e.IDs, e.Kinds = append([]string{}, e.IDs...), append([]string{}, e.Kinds...)
	return e
}

// relay passes changes on until ctx ends or the channel closes: the first at once, those within noticeInterval after it
// together. Until ready closes it only gathers, because a page that is still loading would lose its events; what was
// gathered when changes closes is still sent. send runs on relay's goroutine.
func relay(ctx context.Context, ready <-chan struct{}, changes <-chan Changed, send func(Changed)) {
	var waiting gathered
	var pause <-chan time.Time
	open := false
	flush := func() {
		if !open || !waiting.any || pause != nil {
			return
		}
		send(waiting.event())
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
