package sla

import (
	"iter"
	"time"

	"holdfast/backend/core/fault"
)

// horizonYears bounds how far ahead a due time is searched.
const horizonYears = 100

// Span is the time [From, To).
type Span struct {
	From, To time.Time
}

func (s Span) length() time.Duration { return s.To.Sub(s.From) }

// Skipped is a date on which a window of the week did not open as usual.
type Skipped struct {
	Date Date
	Name string
}

// open yields the calendar's open spans after from, in order, none overlapping another; skipped, unless nil, hears of special dates.
func (c *Calendar) open(from time.Time, skipped func(Skipped)) iter.Seq[Span] {
	return func(yield func(Span) bool) {
		if c == nil {
			yield(Span{from, from.AddDate(horizonYears, 0, 0)})
			return
		}
		first := DateOf(from.In(c.rules.Zone))
		last := first.Add(horizonYears * 366)
		covered := from
		for date := first.Add(-1); date.Before(last); date = date.Add(1) {
			windows, special := c.day(date)
			if special != "" && skipped != nil && !date.Before(first) {
				skipped(Skipped{date, special})
			}
			for _, w := range windows {
				span := Span{later(c.at(date, w.Open), covered), c.at(date, w.Close)}
				if !span.From.Before(span.To) {
					continue
				}
				covered = span.To
				if !yield(span) {
					return
				}
			}
		}
	}
}

// OpenAt reports whether the calendar is open at an instant.
func (c *Calendar) OpenAt(t time.Time) bool {
	for span := range c.open(t, nil) {
		return span.From.Equal(t)
	}
	return false
}

// NextOpen gives the first open instant at or after t.
func (c *Calendar) NextOpen(t time.Time) (time.Time, error) {
	for span := range c.open(t, nil) {
		return span.From, nil
	}
	return time.Time{}, neverDue()
}

// OpenBetween gives the open time in [from, to); zero when to is not after from.
func (c *Calendar) OpenBetween(from, to time.Time) time.Duration {
	var total time.Duration
	if !from.Before(to) {
		return 0
	}
	for span := range c.open(from, nil) {
		if !span.From.Before(to) {
			break
		}
		total += Span{span.From, earlier(span.To, to)}.length()
	}
	return total
}

func neverDue() error {
	return fault.Newf(fault.Invalid, "sla.Due", "This target would not be due within %d years. Give the calendar more open time or the target less.", horizonYears)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
