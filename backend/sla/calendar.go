// Package sla reckons service-level clocks: when a target is due, how much open time has passed, and why. It is pure: instants and
// calendars go in, instants and an explanation come out.
package sla

import (
	"slices"
	"sync"
	"time"

	"holdfast/backend/core/fault"
)

const secondsPerDay = 24 * 60 * 60

// Window is a time of opening: [Open, Close), in seconds of the local day. Close may go beyond the day's end into the next day.
type Window struct {
	Open, Close int
}

// Exception replaces the windows that start on one date; no windows means closed.
type Exception struct {
	Date    Date
	Name    string
	Windows []Window
}

// YearDay is a day of every year.
type YearDay struct {
	Month time.Month
	Day   int
}

// Closure closes the days from From to To of every year, both included; it may go over New Year.
type Closure struct {
	From, To YearDay
	Name     string
}

// Rules are what a calendar is made of. An exception for a date counts more than a yearly closure, which counts more than the week.
type Rules struct {
	Key        string
	Label      string
	Zone       *time.Location
	Week       [7][]Window // by time.Weekday
	Exceptions []Exception
	Closures   []Closure
}

// Calendar says when a team works. It never changes, so it is safe for concurrent use. A nil Calendar is open all the time, in UTC.
type Calendar struct {
	rules      Rules
	exceptions map[Date]Exception
	moments    sync.Map // moment to time.Time: finding out what a zone's clock shows costs more than all else here
}

// moment is a time of day on a date, in the calendar's zone.
type moment struct {
	date    Date
	seconds int
}

// at is Date.at in the calendar's zone, reckoned once.
func (c *Calendar) at(d Date, seconds int) time.Time {
	key := moment{d, seconds}
	if known, found := c.moments.Load(key); found {
		return known.(time.Time)
	}
	t := d.at(seconds, c.rules.Zone)
	c.moments.Store(key, t)
	return t
}

// NewCalendar makes a calendar, or says why nobody could ever work by it.
func NewCalendar(r Rules) (*Calendar, error) {
	const op = "sla.NewCalendar"
	if r.Zone == nil {
		return nil, fault.New(fault.Invalid, op, "The calendar needs a time zone, such as Europe/Berlin.")
	}
	c := &Calendar{rules: r, exceptions: map[Date]Exception{}}
	for day := range r.Week {
		sorted, err := sortWindows(r.Week[day])
		if err != nil {
			return nil, err
		}
		c.rules.Week[day] = sorted
	}
	for _, e := range r.Exceptions {
		if _, twice := c.exceptions[e.Date]; twice {
			return nil, fault.Newf(fault.Invalid, op, "The calendar says twice what is different on %s.", e.Date)
		}
		sorted, err := sortWindows(e.Windows)
		if err != nil {
			return nil, err
		}
		c.exceptions[e.Date] = Exception{e.Date, nameOf(e), sorted}
	}
	if !c.opens() {
		return nil, fault.New(fault.Invalid, op, "The calendar is never open. Give at least one weekday a window that no yearly closure covers.")
	}
	return c, nil
}

// nameOf gives what an explanation calls the day.
func nameOf(e Exception) string {
	switch {
	case e.Name != "":
		return e.Name
	case len(e.Windows) == 0:
		return "closed"
	}
	return "other hours"
}

// sortWindows orders the windows of one day and refuses impossible ones.
func sortWindows(windows []Window) ([]Window, error) {
	sorted := slices.Clone(windows)
	slices.SortFunc(sorted, func(a, b Window) int { return a.Open - b.Open })
	for i, w := range sorted {
		if w.Open < 0 || w.Open >= secondsPerDay || w.Close <= w.Open || w.Close > w.Open+secondsPerDay {
			return nil, fault.New(fault.Invalid, "sla.NewCalendar", "A window must open before it closes, and last a day at most.")
		}
		if i > 0 && w.Open < sorted[i-1].Close {
			return nil, fault.New(fault.Invalid, "sla.NewCalendar", "Two windows of one day overlap.")
		}
	}
	return sorted, nil
}

// opens reports whether some day of some year is open. Every day of the year falls on every weekday within a few years.
func (c *Calendar) opens() bool {
	if !slices.ContainsFunc(c.rules.Week[:], func(w []Window) bool { return len(w) > 0 }) {
		return false
	}
	const plainYear = 2025
	for day := (Date{plainYear, time.January, 1}); day.Year == plainYear; day = day.Add(1) {
		if _, closed := c.closure(day); !closed {
			return true
		}
	}
	return false
}

// Key gives the calendar's key; "always" for the nil calendar.
func (c *Calendar) Key() string {
	if c == nil {
		return "always"
	}
	return c.rules.Key
}

// Label gives what people call the calendar.
func (c *Calendar) Label() string {
	if c == nil {
		return "24 hours a day, every day"
	}
	return c.rules.Label
}

// Zone gives the calendar's time zone.
func (c *Calendar) Zone() *time.Location {
	if c == nil {
		return time.UTC
	}
	return c.rules.Zone
}

// day gives the windows that start on a date, and why the date is special, if it is.
func (c *Calendar) day(d Date) (windows []Window, special string) {
	if e, found := c.exceptions[d]; found {
		return e.Windows, e.Name
	}
	if closure, closed := c.closure(d); closed {
		return nil, closure.Name
	}
	return c.rules.Week[d.Weekday()], ""
}

func (c *Calendar) closure(d Date) (Closure, bool) {
	today := YearDay{d.Month, d.Day}
	for _, closure := range c.rules.Closures {
		afterFrom, beforeTo := !today.before(closure.From), !closure.To.before(today)
		wraps := closure.To.before(closure.From)
		if (afterFrom && beforeTo) || (wraps && (afterFrom || beforeTo)) {
			return closure, true
		}
	}
	return Closure{}, false
}

func (y YearDay) before(other YearDay) bool {
	return y.Month < other.Month || (y.Month == other.Month && y.Day < other.Day)
}
