package sla

import (
	"slices"
	"time"
)

// Deadline is when something is due, and why.
type Deadline struct {
	// Due is the instant, in the calendar's zone; zero while Paused.
	Due time.Time
	// Paused says that a pause has begun before the target was used up and has not ended, so that nobody can say yet when it is due.
	Paused      bool
	Explanation Explanation
}

// Due gives the earliest instant at which the open time since start, pauses left out, reaches the target. A clock that starts outside
// open time waits for the next opening; time that runs out exactly at closing is due at closing. Pauses may overlap and come in any
// order; one whose To is zero has not ended. A nil calendar is open all the time. Errors: a target that is none, or one
// beyond a hundred years.
func Due(c *Calendar, start time.Time, target Target, pauses []Span) (Deadline, error) {
	if err := target.check(); err != nil {
		return Deadline{}, err
	}
	r := newReckoning(c, start, pauses)
	r.explanation.Target = target
	need, timed := target.openTime()
	if !timed {
		return r.workingDays(target)
	}
	return r.run(start, need)
}

// Step gives the instant at which percent (1–100) of a target is used up, reckoned like Due.
func Step(c *Calendar, start time.Time, target Target, pauses []Span, percent int) (Deadline, error) {
	if err := target.check(); err != nil {
		return Deadline{}, err
	}
	need, timed := target.openTime()
	if !timed {
		whole, err := Due(c, start, target, nil)
		if err != nil {
			return Deadline{}, err
		}
		need = c.OpenBetween(start, whole.Due)
	}
	r := newReckoning(c, start, pauses)
	r.explanation.Target = target
	return r.run(start, need*time.Duration(percent)/100)
}

// Elapsed gives the open time in [from, to) without the pauses.
func Elapsed(c *Calendar, from, to time.Time, pauses []Span) time.Duration {
	total := c.OpenBetween(from, to)
	for _, p := range tidy(from, pauses) {
		end := to
		if !p.To.IsZero() {
			end = earlier(p.To, to)
		}
		total -= c.OpenBetween(later(p.From, from), end)
	}
	return total
}

// reckoning is one walk along a calendar.
type reckoning struct {
	calendar    *Calendar
	pauses      []Span
	explanation Explanation
}

func newReckoning(c *Calendar, start time.Time, pauses []Span) *reckoning {
	return &reckoning{
		calendar: c, pauses: tidy(start, pauses),
		explanation: Explanation{Calendar: c.Key(), Zone: c.Zone().String(), Start: start.In(c.Zone())},
	}
}

// tidy orders pauses, joins those that touch and drops what lies before start. A pause without an end swallows all after it.
func tidy(start time.Time, pauses []Span) []Span {
	sorted := slices.Clone(pauses)
	slices.SortFunc(sorted, func(a, b Span) int { return a.From.Compare(b.From) })
	var out []Span
	for _, p := range sorted {
		ended := !p.To.IsZero()
		if ended && (!p.From.Before(p.To) || !start.Before(p.To)) {
			continue
		}
		p.From = later(p.From, start)
		if n := len(out); n > 0 && (out[n-1].To.IsZero() || !out[n-1].To.Before(p.From)) {
			if !ended || out[n-1].To.IsZero() {
				out[n-1].To = time.Time{}
			} else {
				out[n-1].To = later(out[n-1].To, p.To)
			}
			continue
		}
		out = append(out, p)
	}
	return out
}

// run walks from an instant until need is used up.
func (r *reckoning) run(from time.Time, need time.Duration) (Deadline, error) {
	for span := range r.calendar.open(from, r.explanation.skip) {
		for _, part := range r.unpaused(span) {
			if part.length() >= need {
				due := part.From.Add(need).In(r.calendar.Zone())
				r.explanation.use(Span{part.From, due})
				return r.finish(due), nil
			}
			need -= part.length()
			r.explanation.use(part)
		}
		if r.stuckAt(span.To) {
			r.explanation.close(r.calendar, span.To, r.pauses)
			return Deadline{Paused: true, Explanation: r.explanation}, nil
		}
	}
	return Deadline{}, neverDue()
}

// unpaused cuts the pauses out of an open span.
func (r *reckoning) unpaused(span Span) []Span {
	parts := []Span{}
	at := span.From
	for _, p := range r.pauses {
		if !p.To.IsZero() && !p.To.After(at) {
			continue
		}
		if !p.From.Before(span.To) {
			break
		}
		if at.Before(p.From) {
			parts = append(parts, Span{at, p.From})
		}
		if p.To.IsZero() {
			return parts
		}
		at = later(at, p.To)
	}
	if at.Before(span.To) {
		parts = append(parts, Span{at, span.To})
	}
	return parts
}

// stuckAt reports whether a pause without end has begun before t.
func (r *reckoning) stuckAt(t time.Time) bool {
	n := len(r.pauses)
	return n > 0 && r.pauses[n-1].To.IsZero() && r.pauses[n-1].From.Before(t)
}

func (r *reckoning) finish(due time.Time) Deadline {
	r.explanation.close(r.calendar, due, r.pauses)
	return Deadline{Due: due, Explanation: r.explanation}
}
