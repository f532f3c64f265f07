package sla

import (
	"fmt"
	"time"
)

// Date is a day of the calendar, without a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf gives the local date of an instant.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads "2026-04-03".
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date like 2026-04-03", text)
	}
	return DateOf(t), nil
}

// String gives the date as "2026-04-03".
func (d Date) String() string { return d.midnight().Format(time.DateOnly) }

// Add moves the date by days.
func (d Date) Add(days int) Date { return DateOf(d.midnight().AddDate(0, 0, days)) }

// Before reports whether d is the earlier date.
func (d Date) Before(other Date) bool { return d.midnight().Before(other.midnight()) }

// Weekday gives the day of the week.
func (d Date) Weekday() time.Weekday { return d.midnight().Weekday() }

func (d Date) midnight() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// at gives the instant at which a local clock in zone shows the time of day on the date; seconds may go beyond a day. A time that is
// skipped when clocks go forward means the instant of the change; one that occurs twice means the first.
func (d Date) at(seconds int, zone *time.Location) time.Time {
	wanted := d.midnight().Add(time.Duration(seconds) * time.Second)
	y, m, day := wanted.Date()
	h, min, s := wanted.Clock()
	t := time.Date(y, m, day, h, min, s, 0, zone)
	begin, end := t.ZoneBounds()
	if shown := wall(t); !shown.Equal(wanted) {
		if shown.After(wanted) {
			return begin
		}
		return end
	}
	if begin.IsZero() {
		return t
	}
	_, before := begin.Add(-time.Second).Zone()
	earlier := wanted.Add(-time.Duration(before) * time.Second)
	if earlier.Before(begin) && earlier.Before(t) {
		return earlier.In(zone)
	}
	return t
}

// wall gives what a local clock shows, as if it were UTC.
func wall(t time.Time) time.Time {
	y, m, d := t.Date()
	h, min, s := t.Clock()
	return time.Date(y, m, d, h, min, s, 0, time.UTC)
}
