package sla

import (
	"cmp"
	"slices"
	"time"
)

// Metric names a clock.
type Metric string

// The clocks. None hides another.
const (
	FirstResponse Metric = "first_response" // from creation to the first public answer
	NextUpdate    Metric = "next_update"    // from the oldest unanswered message of the customer to the next public answer
	Resolution    Metric = "resolution"     // from creation to being resolved
)

// Happening is what an event means to the clocks.
type Happening string

// What may happen. Internal notes and automatic replies are no answers and are not handed in.
const (
	Created    Happening = "created"    // with the promise then in force
	Retargeted Happening = "retargeted" // another priority, service or policy, with its promise
	Held       Happening = "held"
	Resumed    Happening = "resumed"
	Asked      Happening = "asked"    // a message of the customer
	Answered   Happening = "answered" // a public message or call of an agent
	Done       Happening = "done"     // resolved, closed or cancelled
	Reopened   Happening = "reopened"
)

// Event is one fact in a ticket's life. The order in which events are handed in changes nothing: they are put in order by At, then Tie.
type Event struct {
	At   time.Time
	Tie  string // orders events of one instant, the same on every replica: the edit's id
	What Happening
	// For Created and Retargeted: what is promised from now on, nil when nothing is, and the policy as history names it.
	Promise  *Promise
	OnChange ChangeRule
	Policy   string
}

// Condition is how a clock stands.
type Condition string

// The conditions. A clock may be met and have a breach: it was late.
const (
	Running Condition = "running"
	Paused  Condition = "paused"
	Met     Condition = "met"
)

// Breach is one time that a target ran out. A later, softer target does not take it back.
type Breach struct {
	At     time.Time
	Policy string
	Target Target
}

// Clock is one clock of a ticket. NextUpdate has one for each time that a customer waited; the others have one.
type Clock struct {
	Metric    Metric
	Condition Condition
	Start     time.Time
	Deadline  Deadline      // under the promise now in force
	MetAt     time.Time     // zero unless Met
	Elapsed   time.Duration // open time used, pauses left out
	Remaining time.Duration // open time left; negative once it is overdue
	Breaches  []Breach
}

// Evaluate gives a ticket's clocks as they stand at now. It looks at nothing but its arguments, so events that arrive late simply
// give another result: a breach that turns out untrue is then no longer in it.
func Evaluate(events []Event, now time.Time) ([]Clock, error) {
	s := newStory(events, now)
	var clocks []Clock
	for _, c := range s.cycles {
		clock, promised, err := s.clock(c)
		if err != nil {
			return nil, err
		}
		if promised {
			clocks = append(clocks, clock)
		}
	}
	return clocks, nil
}

// Next gives the running clock that is due first, or false when none runs.
func Next(clocks []Clock) (Clock, bool) {
	running := slices.DeleteFunc(slices.Clone(clocks), func(c Clock) bool { return c.Condition != Running })
	if len(running) == 0 {
		return Clock{}, false
	}
	return slices.MinFunc(running, func(a, b Clock) int { return a.Deadline.Due.Compare(b.Deadline.Due) }), true
}

// NextDue gives when the running clock that is due first runs out, as Next tells it of what Evaluate gives; zero when none runs. It reckons nothing else: a list asks it of
// every ticket.
func NextDue(events []Event, now time.Time) (time.Time, error) {
	s := newStory(events, now)
	s.brief = true
	var first time.Time
	for _, c := range s.cycles {
		if !c.to.IsZero() || s.resting() {
			continue
		}
		clock, promised, err := s.clock(c)
		if err != nil {
			return time.Time{}, err
		}
		if due := clock.Deadline.Due; promised && (first.IsZero() || due.Before(first)) {
			first = due
		}
	}
	return first, nil
}

// cycle is one run of a clock; to is zero while it goes on.
type cycle struct {
	metric   Metric
	from, to time.Time
}

// term is the time in which one promise was in force.
type term struct {
	from    time.Time
	event   Event
	initial bool
}

// story is a ticket's events sorted out for the clocks.
type story struct {
	now    time.Time
	brief  bool // nothing but deadlines and breaches is asked for
	cycles []cycle
	terms  []term
	pauses []Span

	paused     time.Time // since when, zero when not
	held, done bool
	openCycles map[Metric]int // index into cycles
}

func newStory(events []Event, now time.Time) *story {
	ordered := slices.Clone(events)
	slices.SortStableFunc(ordered, func(a, b Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Tie, b.Tie), cmp.Compare(a.What, b.What))
	})
	s := &story{now: now, openCycles: map[Metric]int{}}
	for _, e := range ordered {
		if !e.At.After(now) {
			s.add(e)
		}
	}
	if !s.paused.IsZero() {
		s.pauses = append(s.pauses, Span{From: s.paused})
	}
	return s
}

func (s *story) add(e Event) {
	switch e.What {
	case Created:
		s.terms = append(s.terms, term{from: e.At, event: e, initial: true})
		s.begin(FirstResponse, e.At)
		s.begin(Resolution, e.At)
	case Retargeted:
		s.terms = append(s.terms, term{from: e.At, event: e})
	case Held:
		s.held = true
	case Resumed:
		s.held = false
	case Asked:
		s.begin(NextUpdate, e.At)
	case Answered:
		s.end(FirstResponse, e.At)
		s.end(NextUpdate, e.At)
	case Done:
		s.done = true
		s.end(NextUpdate, e.At)
		s.end(Resolution, e.At)
	case Reopened:
		s.done = false
		s.again(Resolution)
	}
	s.pause(e.At)
}

// pause opens or closes a pause when being held or done has changed.
func (s *story) pause(at time.Time) {
	resting := s.held || s.done
	switch {
	case resting && s.paused.IsZero():
		s.paused = at
	case !resting && !s.paused.IsZero():
		s.pauses = append(s.pauses, Span{s.paused, at})
		s.paused = time.Time{}
	}
}

// begin starts a clock unless it runs.
func (s *story) begin(m Metric, at time.Time) {
	if i, exists := s.openCycles[m]; exists && (m != NextUpdate || s.cycles[i].to.IsZero()) {
		return
	}
	s.openCycles[m] = len(s.cycles)
	s.cycles = append(s.cycles, cycle{metric: m, from: at})
}

func (s *story) end(m Metric, at time.Time) {
	if i, exists := s.openCycles[m]; exists && s.cycles[i].to.IsZero() {
		s.cycles[i].to = at
	}
}

func (s *story) again(m Metric) {
	if i, exists := s.openCycles[m]; exists {
		s.cycles[i].to = time.Time{}
	}
}
