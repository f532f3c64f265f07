package sla

import "time"

// workingDays reckons a target in working days: so many working days after the one on which the clock starts, at the same time of day
// clipped to that day's windows, or at its closing. Pauses push the result back by the open time they cover.
func (r *reckoning) workingDays(target Target) (Deadline, error) {
	start, err := r.calendar.NextOpen(r.explanation.Start)
	if err != nil {
		return Deadline{}, err
	}
	day, err := r.calendar.workingDayAfter(r.calendar.workingDayOf(start), target.Amount, r.explanation.skip)
	if err != nil {
		return Deadline{}, err
	}
	due := r.calendar.closing(day)
	if target.Unit == WorkingDays {
		due = r.calendar.sameTime(start, day)
	}
	r.explanation.use(Span{start, due})
	return r.pushBack(start, due)
}

// pushBack moves a due time by the open time of the pauses before it, and by that of pauses that this brings before it.
func (r *reckoning) pushBack(start, due time.Time) (Deadline, error) {
	if r.stuckAt(due) {
		r.explanation.close(r.calendar, due, r.pauses)
		return Deadline{Paused: true, Explanation: r.explanation}, nil
	}
	lost := r.calendar.OpenBetween(start, due) - Elapsed(r.calendar, start, due, r.pauses)
	if lost == 0 {
		return r.finish(due), nil
	}
	return r.run(due, lost)
}

// workingDayOf gives the date on which the window that holds an open instant starts.
func (c *Calendar) workingDayOf(open time.Time) Date {
	date := DateOf(open.In(c.Zone()))
	if c == nil {
		return date
	}
	before := date.Add(-1)
	windows, _ := c.day(before)
	for _, w := range windows {
		if c.at(before, w.Close).After(open) {
			return before
		}
	}
	return date
}

// workingDayAfter gives the n-th date after day on which a window starts.
func (c *Calendar) workingDayAfter(day Date, n int, skipped func(Skipped)) (Date, error) {
	if c == nil {
		return day.Add(n), nil
	}
	for range horizonYears * 366 {
		day = day.Add(1)
		windows, special := c.day(day)
		if special != "" {
			skipped(Skipped{day, special})
		}
		if len(windows) > 0 {
			n--
		}
		if n == 0 {
			return day, nil
		}
	}
	return Date{}, neverDue()
}

// closing gives the instant at which the last window of a working day closes.
func (c *Calendar) closing(day Date) time.Time {
	if c == nil {
		return day.at(secondsPerDay, time.UTC)
	}
	windows, _ := c.day(day)
	return c.at(day, windows[len(windows)-1].Close)
}

// sameTime gives the time of day of start on a working day: between two windows the closing of the first, before the first its opening,
// after the last its closing.
func (c *Calendar) sameTime(start time.Time, day Date) time.Time {
	local := start.In(c.Zone())
	hour, minute, second := local.Clock()
	seconds := hour*60*60 + minute*60 + second
	if c == nil {
		return day.at(seconds, time.UTC)
	}
	if c.workingDayOf(start) != DateOf(local) {
		seconds += secondsPerDay
	}
	windows, _ := c.day(day)
	clipped := max(seconds, windows[0].Open)
	for i, w := range windows {
		if clipped > w.Close && (i == len(windows)-1 || clipped < windows[i+1].Open) {
			clipped = w.Close
		}
	}
	return c.at(day, clipped)
}
