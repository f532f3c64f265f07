// Package clock gives hybrid logical time (Kulkarni et al., "Logical Physical Clocks", OPODIS 2014): stamps that are close
// to the wall clock and never run backwards on a replica.
package clock

import (
	"sync"
	"time"

	"holdfast/backend/core/limit"
)

// Stamp is a hybrid logical time: 48 bits of Unix milliseconds, then 16 bits of a logical counter. Stamps compare as numbers.
type Stamp uint64

const logicalBits = 16

// At gives the earliest stamp of an instant; instants before 1970 give zero.
func At(t time.Time) Stamp {
	ms := t.UnixMilli()
	if ms < 0 {
		return 0
	}
	return Stamp(ms) << logicalBits
}

// Time gives the stamp's wall-clock part in UTC, to the millisecond.
func (s Stamp) Time() time.Time { return time.UnixMilli(int64(s >> logicalBits)).UTC() }

// Add moves the stamp by d, keeping the logical part.
func (s Stamp) Add(d time.Duration) Stamp { return s + Stamp(d.Milliseconds())<<logicalBits }

// Wall reads the wall clock. time.Now is the real one; tests hand in their own.
type Wall func() time.Time

// Hybrid issues stamps. It is safe for concurrent use.
type Hybrid struct {
	wall Wall
	mu   sync.Mutex
	last Stamp
}

// NewHybrid makes a clock that never issues a stamp at or below floor (the newest stamp the replica has stored).
func NewHybrid(wall Wall, floor Stamp) *Hybrid { return &Hybrid{wall: wall, last: floor} }

// Now issues the next stamp: the wall clock's, or one logical step after the last when the wall clock stands or runs back.
func (h *Hybrid) Now() Stamp {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := At(h.wall()); now > h.last {
		h.last = now
	} else {
		h.last++
	}
	return h.last
}

// Observe takes note of a remote stamp, so that what is written next is later than what was read. It moves the clock at
// most limit.ClockStepMax beyond the wall clock, so one wrong clock cannot drag the others with it.
func (h *Hybrid) Observe(remote Stamp) {
	h.mu.Lock()
	defer h.mu.Unlock()
	bound := At(h.wall()).Add(limit.ClockStepMax)
	h.last = max(h.last, min(remote, bound))
}

// Astray reports whether the clock is much further ahead of the wall clock than any remote stamp moves it: the wall clock was wrong and has been set right since.
func (h *Hybrid) Astray() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last > At(h.wall()).Add(2*limit.ClockStepMax)
}
