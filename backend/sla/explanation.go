package sla

import (
	"fmt"
	"strings"
	"time"
)

// usedMax bounds the windows that an explanation lists.
const usedMax = 40

// Explanation says how a due time came about.
type Explanation struct {
	Policy   string // the policy and its version, filled by whoever chose it
	Target   Target
	Calendar string
	Zone     string
	Start    time.Time
	Used     []Span    // the open time that counted, in order; the first usedMax
	Omitted  int       // how many more there were
	Skipped  []Skipped // dates that differed from the usual week
	Pauses   []PausedTime
}

// PausedTime is one pause and the open time that it took out.
type PausedTime struct {
	Span Span
	Open time.Duration
}

func (e *Explanation) use(s Span) {
	if !s.From.Before(s.To) {
		return
	}
	if len(e.Used) >= usedMax {
		e.Omitted++
		return
	}
	e.Used = append(e.Used, s)
}

func (e *Explanation) skip(s Skipped) {
	if n := len(e.Skipped); n == 0 || e.Skipped[n-1] != s {
		e.Skipped = append(e.Skipped, s)
	}
}

// close drops what lies after the end and reckons the pauses before it.
func (e *Explanation) close(c *Calendar, end time.Time, pauses []Span) {
	lastDay := DateOf(end.In(c.Zone()))
	for len(e.Skipped) > 0 && lastDay.Before(e.Skipped[len(e.Skipped)-1].Date) {
		e.Skipped = e.Skipped[:len(e.Skipped)-1]
	}
	for _, p := range pauses {
		if !p.From.Before(end) {
			break
		}
		to := p.To
		if to.IsZero() {
			to = end
		}
		e.Pauses = append(e.Pauses, PausedTime{p, c.OpenBetween(p.From, to)})
	}
}

// String tells the explanation in a few lines, times in the calendar's zone.
func (e Explanation) String() string {
	const layout = "Mon 2006-01-02 15:04"
	zone := e.Start.Location()
	var b strings.Builder
	fmt.Fprintf(&b, "%s from %s by the calendar %s (%s).", e.Target, e.Start.Format(layout), e.Calendar, e.Zone)
	for _, s := range e.Used {
		fmt.Fprintf(&b, "\nCounted: %s to %s.", s.From.In(zone).Format(layout), s.To.In(zone).Format(layout))
	}
	if e.Omitted > 0 {
		fmt.Fprintf(&b, "\nCounted: %d more windows.", e.Omitted)
	}
	for _, s := range e.Skipped {
		fmt.Fprintf(&b, "\nSpecial day: %s, %s.", s.Date, s.Name)
	}
	for _, p := range e.Pauses {
		end := "still going on"
		if !p.Span.To.IsZero() {
			end = "until " + p.Span.To.In(zone).Format(layout)
		}
		fmt.Fprintf(&b, "\nPaused: %s %s, %s of open time.", p.Span.From.In(zone).Format(layout), end, p.Open)
	}
	if e.Policy != "" {
		fmt.Fprintf(&b, "\nPolicy: %s.", e.Policy)
	}
	return b.String()
}
