package sla

import (
	"slices"
	"time"
)

// clock reckons one cycle under every promise that was in force in it. It reports false when nothing is promised at its end.
func (s *story) clock(c cycle) (Clock, bool, error) {
	clock := Clock{Metric: c.metric, Condition: Running, Start: c.from, MetAt: c.to}
	end := s.now
	if !c.to.IsZero() {
		end = c.to
		clock.Condition = Met
	}
	promised := false
	for i, t := range s.terms {
		until := end
		if i+1 < len(s.terms) && s.terms[i+1].from.Before(end) {
			until = s.terms[i+1].from
		}
		if t.from.After(end) || (i+1 < len(s.terms) && !s.terms[i+1].from.After(c.from)) {
			continue
		}
		promised = t.event.Promise != nil && !t.event.Promise.target(c.metric).IsZero()
		if !promised {
			continue
		}
		if err := s.underTerm(&clock, t, until, end); err != nil {
			return Clock{}, false, err
		}
	}
	return clock, promised || len(clock.Breaches) > 0, nil
}

// underTerm reckons the clock under one promise, in force until an instant, and notes a breach that falls into that time.
func (s *story) underTerm(clock *Clock, t term, until, end time.Time) error {
	promise := t.event.Promise
	target := promise.target(clock.Metric)
	start, pauses := s.basis(clock.Start, t)
	pauses = s.during(pauses, clock, end)
	deadline, err := Due(promise.Calendar, start, target, pauses)
	if err != nil {
		return err
	}
	deadline.Explanation.Policy = t.event.Policy
	clock.Deadline = deadline
	if !deadline.Paused && until.After(deadline.Due) {
		clock.Breaches = append(clock.Breaches, Breach{later(deadline.Due, later(t.from, clock.Start)), t.event.Policy, target})
	}
	if clock.Condition != Met {
		clock.Condition = Running
		if s.resting() {
			clock.Condition = Paused
		}
	}
	if s.brief {
		return nil
	}
	clock.Elapsed = Elapsed(promise.Calendar, start, end, pauses)
	return s.remaining(clock, promise.Calendar, start, target, pauses, end)
}

func (s *story) resting() bool { return !s.paused.IsZero() }

// basis gives what a promise reckons from: its own start and the pauses that count as pauses.
func (s *story) basis(start time.Time, t term) (time.Time, []Span) {
	if t.initial || !start.Before(t.from) {
		return start, s.pauses
	}
	switch t.event.OnChange {
	case Restart:
		return t.from, s.pauses
	case RetroactiveIgnoringPauses:
		return start, tidy(t.from, s.pauses)
	}
	return start, s.pauses
}

// during leaves out pauses that began when the clock had already stopped: being resolved is what stops it.
func (s *story) during(pauses []Span, clock *Clock, end time.Time) []Span {
	if clock.Condition != Met {
		return pauses
	}
	var kept []Span
	for _, p := range pauses {
		if p.From.Before(end) {
			kept = append(kept, p)
		}
	}
	return kept
}

// remaining fills the open time left at end; for a pause that goes on, as if it ended there.
func (s *story) remaining(clock *Clock, c *Calendar, start time.Time, target Target, pauses []Span, end time.Time) error {
	due, ended := clock.Deadline.Due, pauses
	if slices.ContainsFunc(pauses, func(p Span) bool { return p.To.IsZero() }) {
		ended = slices.Clone(pauses)
		for i := range ended {
			if ended[i].To.IsZero() {
				ended[i].To = end
			}
		}
		d, err := Due(c, start, target, ended)
		if err != nil {
			return err
		}
		due = d.Due
	}
	clock.Remaining = c.OpenBetween(end, due)
	if clock.Remaining == 0 {
		clock.Remaining = -Elapsed(c, due, end, ended)
	}
	return nil
}
