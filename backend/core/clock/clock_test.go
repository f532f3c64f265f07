package clock_test

import (
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/limit"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// hands is a wall clock that a test moves.
type hands struct{ now time.Time }

func (h *hands) wall() time.Time { return h.now }

func TestStampKeepsItsInstant(t *testing.T) {
	for name, c := range map[string]struct{ in, want time.Time }{
		"now":               {noon.Add(7 * time.Millisecond), noon.Add(7 * time.Millisecond)},
		"below a ms":        {noon.Add(7 * time.Microsecond), noon},
		"1970":              {time.Unix(0, 0), time.Unix(0, 0)},
		"before 1970":       {time.Date(1911, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(0, 0)},
		"2099":              {time.Date(2099, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(2099, 12, 31, 23, 59, 59, 0, time.UTC)},
		"another time zone": {noon.In(time.FixedZone("east", 3600)), noon},
	} {
		if got := clock.At(c.in).Time(); !got.Equal(c.want) || got.Location() != time.UTC {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestAddKeepsTheCounter(t *testing.T) {
	s := clock.At(noon) + 5
	if got := s.Add(time.Second); got != clock.At(noon.Add(time.Second))+5 {
		t.Errorf("%d", got)
	}
	if got := s.Add(time.Second).Add(-time.Second); got != s {
		t.Errorf("there and back: %d, want %d", got, s)
	}
}

func TestNowFollowsTheWallClock(t *testing.T) {
	h := &hands{now: noon}
	c := clock.NewHybrid(h.wall, 0)
	if got := c.Now(); got != clock.At(noon) {
		t.Errorf("first %d, want %d", got, clock.At(noon))
	}
	if got := c.Now(); got != clock.At(noon)+1 {
		t.Errorf("within the same millisecond: %d", got)
	}
	h.now = noon.Add(time.Millisecond)
	if got := c.Now(); got != clock.At(h.now) {
		t.Errorf("a millisecond later: %d", got)
	}
}

func TestNowNeverRunsBack(t *testing.T) {
	for name, year := range map[string]int{"to 1970": 1970, "to 2099": 2099, "to 1900": 1900} {
		h := &hands{now: noon}
		c := clock.NewHybrid(h.wall, clock.At(noon)+9)
		first := c.Now()
		if first <= clock.At(noon)+9 {
			t.Errorf("%s: %d is not above the floor", name, first)
		}
		h.now = time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		second := c.Now()
		h.now = noon
		if third := c.Now(); second <= first || third <= second {
			t.Errorf("%s: %d, %d, %d", name, first, second, third)
		}
	}
}

func TestWhatIsWrittenAfterReadingIsLater(t *testing.T) {
	h := &hands{now: noon}
	c := clock.NewHybrid(h.wall, 0)
	remote := clock.At(noon.Add(time.Minute)) + 3
	c.Observe(remote)
	if got := c.Now(); got != remote+1 {
		t.Errorf("%d, want %d", got, remote+1)
	}
	c.Observe(clock.At(noon.Add(-time.Hour)))
	if got := c.Now(); got != remote+2 {
		t.Errorf("an old stamp moved the clock to %d", got)
	}
}

func TestOneWrongClockCannotDragTheOthers(t *testing.T) {
	h := &hands{now: noon}
	c := clock.NewHybrid(h.wall, 0)
	for range 100 {
		c.Observe(clock.At(time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)))
	}
	bound := noon.Add(limit.ClockStepMax)
	if got := c.Now().Time(); got.After(bound) {
		t.Errorf("the clock went to %s, beyond %s", got, bound)
	}
	h.now = noon.Add(2 * limit.ClockStepMax)
	if got := c.Now(); got != clock.At(h.now) {
		t.Errorf("the wall clock has caught up, and the stamp is %s", got.Time())
	}
}

func TestAClockThatWasSetRightIsAstray(t *testing.T) {
	h := &hands{now: noon}
	c := clock.NewHybrid(h.wall, 0)
	c.Observe(clock.At(noon.AddDate(70, 0, 0)))
	c.Now()
	if c.Astray() {
		t.Error("a remote stamp led it astray")
	}
	h.now = noon.AddDate(70, 0, 0)
	c.Now()
	if c.Astray() {
		t.Error("it is astray while it follows the wall clock")
	}
	h.now = noon
	if !c.Astray() {
		t.Error("the wall clock was set right, and the clock does not notice")
	}
}

func TestClockWithoutBatteryGoesOnFromWhatItStored(t *testing.T) {
	h := &hands{now: time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)}
	c := clock.NewHybrid(h.wall, clock.At(noon))
	if got := c.Now(); got != clock.At(noon)+1 {
		t.Errorf("%s", got.Time())
	}
	c.Observe(clock.At(noon.Add(time.Hour)))
	if got := c.Now(); got != clock.At(noon)+2 {
		t.Errorf("the bound counts from a wall clock in 1970, and the stamp is %s", got.Time())
	}
}

// TestAnyHistory: whatever the wall clock and the peers do, stamps rise, and never pass the larger of what was there and the bound.
func TestAnyHistory(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		h := &hands{now: noon}
		instant := rapid.Int64Range(0, 4102444800000)
		floor := clock.Stamp(rapid.Uint64Range(0, uint64(clock.At(noon))).Draw(r, "floor"))
		c := clock.NewHybrid(h.wall, floor)
		last, ceiling := floor, max(floor, clock.At(h.now).Add(limit.ClockStepMax))
		for range rapid.IntRange(1, 20).Draw(r, "steps") {
			switch rapid.IntRange(0, 2).Draw(r, "step") {
			case 0:
				h.now = time.UnixMilli(instant.Draw(r, "wall"))
			case 1:
				c.Observe(clock.Stamp(instant.Draw(r, "remote") << 16))
			}
			ceiling = max(ceiling, clock.At(h.now).Add(limit.ClockStepMax))
			now := c.Now()
			if now <= last || now > ceiling+20 {
				r.Fatalf("%d after %d, at most %d", now, last, ceiling)
			}
			last = now
		}
	})
}

func TestConcurrentCallersGetDifferentStamps(t *testing.T) {
	c := clock.NewHybrid(func() time.Time { return noon }, 0)
	const callers, each = 8, 200
	stamps := make([][each]clock.Stamp, callers)
	var wait sync.WaitGroup
	for i := range stamps {
		wait.Go(func() {
			for n := range stamps[i] {
				stamps[i][n] = c.Now()
				c.Observe(stamps[i][n])
			}
		})
	}
	wait.Wait()
	known := map[clock.Stamp]bool{}
	for _, list := range stamps {
		for _, s := range list {
			known[s] = true
		}
	}
	if len(known) != callers*each {
		t.Errorf("%d different stamps of %d", len(known), callers*each)
	}
}
