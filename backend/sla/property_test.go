package sla_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"holdfast/backend/sla"
)

func drawCalendar(t *rapid.T, all map[string]*sla.Calendar) *sla.Calendar {
	return all[rapid.SampledFrom([]string{"A", "A7", "B", "C", "D", "E", "F"}).Draw(t, "calendar")]
}

func drawInstant(name string) *rapid.Generator[time.Time] {
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return rapid.Custom(func(t *rapid.T) time.Time {
		return first.Add(time.Duration(rapid.Int64Range(0, 3*365*24*60*60).Draw(t, name)) * time.Second)
	})
}

func drawTarget() *rapid.Generator[sla.Target] {
	return rapid.Custom(func(t *rapid.T) sla.Target {
		unit := rapid.SampledFrom([]sla.Unit{sla.Minutes, sla.Hours}).Draw(t, "unit")
		return sla.Target{Amount: rapid.IntRange(1, 200).Draw(t, "amount"), Unit: unit}
	})
}

func drawPauses(start time.Time) *rapid.Generator[[]sla.Span] {
	return rapid.Custom(func(t *rapid.T) []sla.Span {
		var pauses []sla.Span
		for range rapid.IntRange(0, 5).Draw(t, "count") {
			from := start.Add(time.Duration(rapid.IntRange(-1000, 20_000).Draw(t, "from")) * time.Minute)
			pauses = append(pauses, sla.Span{From: from, To: from.Add(time.Duration(rapid.IntRange(1, 5000).Draw(t, "length")) * time.Minute)})
		}
		return pauses
	})
}

func due(t *rapid.T, c *sla.Calendar, start time.Time, target sla.Target, pauses []sla.Span) time.Time {
	got, err := sla.Due(c, start, target, pauses)
	if err != nil || got.Paused {
		t.Fatalf("%+v, %v", got, err)
	}
	return got.Due
}

func TestOpenTimeUntilDueIsTheTarget(t *testing.T) {
	all := calendars(t)
	rapid.Check(t, func(t *rapid.T) {
		c, start, target := drawCalendar(t, all), drawInstant("start").Draw(t, "start"), drawTarget().Draw(t, "target")
		pauses := drawPauses(start).Draw(t, "pauses")
		need := time.Duration(target.Amount) * time.Minute
		if target.Unit == sla.Hours {
			need *= 60
		}
		end := due(t, c, start, target, pauses)
		if got := sla.Elapsed(c, start, end, pauses); got != need {
			t.Fatalf("%s until %s, want %s", got, end, need)
		}
		if got := sla.Elapsed(c, start, end.Add(-time.Second), pauses); got >= need {
			t.Fatalf("%s was already reached a second before %s", need, end)
		}
	})
}

func TestDueIsMonotone(t *testing.T) {
	all := calendars(t)
	rapid.Check(t, func(t *rapid.T) {
		c, start, target := drawCalendar(t, all), drawInstant("start").Draw(t, "start"), drawTarget().Draw(t, "target")
		shift := time.Duration(rapid.IntRange(0, 100_000).Draw(t, "shift")) * time.Minute
		first := due(t, c, start, target, nil)
		if next := due(t, c, start.Add(shift), target, nil); next.Before(first) {
			t.Fatalf("starting %s later is due earlier: %s before %s", shift, next, first)
		}
		more := sla.Target{Amount: target.Amount + rapid.IntRange(0, 50).Draw(t, "more"), Unit: target.Unit}
		if next := due(t, c, start, more, nil); next.Before(first) {
			t.Fatalf("%s is due before %s", more, target)
		}
		days := sla.Target{Amount: rapid.IntRange(1, 20).Draw(t, "days"), Unit: rapid.SampledFrom([]sla.Unit{sla.WorkingDays, sla.WorkingDayEnds}).Draw(t, "day unit")}
		if due(t, c, start.Add(shift), days, nil).Before(due(t, c, start, days, nil)) {
			t.Fatalf("%s: starting %s later is due earlier", days, shift)
		}
	})
}

func TestSplittingAPauseChangesNothing(t *testing.T) {
	all := calendars(t)
	rapid.Check(t, func(t *rapid.T) {
		c, start := drawCalendar(t, all), drawInstant("start").Draw(t, "start")
		units := []sla.Unit{sla.Minutes, sla.Hours, sla.WorkingDays, sla.WorkingDayEnds}
		target := sla.Target{Amount: rapid.IntRange(1, 30).Draw(t, "amount"), Unit: rapid.SampledFrom(units).Draw(t, "unit")}
		pauses := drawPauses(start).Draw(t, "pauses")
		var split []sla.Span
		for _, p := range pauses {
			cut := p.From.Add(time.Duration(rapid.Float64Range(0, 1).Draw(t, "cut") * float64(p.To.Sub(p.From))).Truncate(time.Second))
			split = append(split, sla.Span{From: cut, To: p.To}, sla.Span{From: p.From, To: cut})
		}
		slices.Reverse(split)
		if whole, parts := due(t, c, start, target, pauses), due(t, c, start, target, split); !whole.Equal(parts) {
			t.Fatalf("due %s, with pauses split %s", whole, parts)
		}
	})
}

func TestTheOrderOfArrivalChangesNothing(t *testing.T) {
	cal := calendars(t)["A"]
	first := at(t, cal, "2026-03-09 09:00")
	rapid.Check(t, func(t *rapid.T) {
		events := drawStory(cal, first).Draw(t, "story")
		now := first.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "now")) * time.Minute)
		want, err := sla.Evaluate(events, now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := sla.Evaluate(rapid.Permutation(events).Draw(t, "arrival"), now)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

// drawStory draws a ticket's life: its creation, and up to a dozen things that happen to it.
func drawStory(cal *sla.Calendar, first time.Time) *rapid.Generator[[]sla.Event] {
	return rapid.Custom(func(t *rapid.T) []sla.Event {
		happenings := []sla.Happening{sla.Retargeted, sla.Held, sla.Resumed, sla.Asked, sla.Answered, sla.Done, sla.Reopened}
		events := []sla.Event{{At: first, What: sla.Created, Promise: &sla.Promise{Calendar: cal,
			FirstResponse: sla.Target{Amount: 1, Unit: sla.Hours}, NextUpdate: sla.Target{Amount: 4, Unit: sla.Hours}, Resolution: sla.Target{Amount: 1, Unit: sla.WorkingDays}}}}
		for i := range rapid.IntRange(0, 12).Draw(t, "events") {
			e := sla.Event{At: first.Add(time.Duration(rapid.IntRange(0, 4000).Draw(t, "minute")) * time.Minute), Tie: string(rune('a' + i))}
			e.What = rapid.SampledFrom(happenings).Draw(t, "what")
			if e.What == sla.Retargeted {
				e.OnChange = rapid.SampledFrom([]sla.ChangeRule{sla.Retroactive, sla.RetroactiveIgnoringPauses, sla.Restart}).Draw(t, "rule")
				e.Promise = &sla.Promise{Calendar: cal, Resolution: drawTarget().Draw(t, "target")}
			}
			events = append(events, e)
		}
		return events
	})
}

func TestNextDueIsWhatTheClocksSay(t *testing.T) {
	cal := calendars(t)["A"]
	first := at(t, cal, "2026-03-09 09:00")
	rapid.Check(t, func(t *rapid.T) {
		events := drawStory(cal, first).Draw(t, "events")
		now := first.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "now")) * time.Minute)
		clocks, err := sla.Evaluate(events, now)
		if err != nil {
			t.Fatal(err)
		}
		next, _ := sla.Next(clocks)
		got, err := sla.NextDue(events, now)
		if err != nil || !got.Equal(next.Deadline.Due) {
			t.Fatalf("due %s, %v; the clocks say %s", got, err, next.Deadline.Due)
		}
	})
}
