package desk

import (
	"time"

	"holdfast/backend/catalog"
	"holdfast/backend/core/clock"
	"holdfast/backend/record"
	"holdfast/backend/sla"
	"holdfast/backend/ticket"
	"holdfast/backend/workflow"
)

// Clocks gives a ticket's service-level clocks at an instant, from the phases, replies and times that the record itself holds.
func (d *Desk) Clocks(state *record.State, now time.Time) []sla.Clock {
	events := d.events(views{d.store}, state)
	if events == nil {
		return nil
	}
	clocks, err := sla.Evaluate(events, now)
	if err != nil {
		return nil // a target beyond a hundred years: there is nothing to show
	}
	return clocks
}

// Due gives when the next clock of a ticket runs out; zero when none runs.
func (d *Desk) Due(state *record.State) clock.Stamp {
	if phase := d.Phase(state.Kind, state.Shown(ticket.FieldStatus).AsText()); phase != string(workflow.Open) {
		return 0
	}
	due, err := sla.NextDue(d.events(views{d.store}, state), state.Changed.At.Time())
	if err != nil || due.IsZero() {
		return 0 // a target beyond a hundred years: there is nothing to show
	}
	return clock.At(due)
}

// events tells a ticket's life as the clocks hear it; nil when nothing was promised.
func (d *Desk) events(r record.Reader, state *record.State) []sla.Event {
	promiseFor := d.rulebook().Promise
	if !ticket.Is(state.Kind) || promiseFor == nil || ticket.MovedTo(state) != "" {
		return nil
	}
	promise, policy, rule := promiseFor(state.Kind, d.serviceLevel(r, state), state.Shown(ticket.FieldPriority).AsText())
	if promise == nil {
		return nil
	}
	events := []sla.Event{{
		At: state.Created.When().Time(), Tie: state.Created.Edit.String(), What: sla.Created, Promise: promise, Policy: policy, OnChange: rule,
	}}
	before := workflow.Open
	for _, item := range state.Fields[ticket.FieldPhases].Items {
		phase := workflow.Phase(item.Value.AsNamed()[ticket.ItemText].AsText())
		if what, ok := happenings[step{before, phase}]; ok {
			events = append(events, sla.Event{At: item.When().Time(), Tie: item.Edit.String(), What: what})
		}
		before = phase
	}
	for _, item := range state.Fields[ticket.FieldReplies].Items {
		what := sla.Answered
		if item.Author == state.Shown(ticket.FieldCaller).AsRef() {
			what = sla.Asked
		}
		events = append(events, sla.Event{At: item.When().Time(), Tie: item.Edit.String(), What: what})
	}
	return events
}

// serviceLevel names the policy of the ticket's service, or "".
func (d *Desk) serviceLevel(r record.Reader, state *record.State) string {
	id := state.Shown(ticket.FieldService).AsRef()
	if id == (record.ID{}) {
		return ""
	}
	service, err := r.Committed(id)
	if err != nil || service == nil {
		return ""
	}
	return service.Shown(catalog.FieldSLA).AsText()
}

// step is the way from one phase to another.
type step struct{ from, to workflow.Phase }

// happenings tells what a step means to the clocks.
var happenings = map[step]sla.Happening{
	{workflow.Open, workflow.Paused}: sla.Held, {workflow.Paused, workflow.Open}: sla.Resumed,
	{workflow.Open, workflow.Resolved}: sla.Done, {workflow.Paused, workflow.Resolved}: sla.Done,
	{workflow.Open, workflow.Closed}: sla.Done, {workflow.Paused, workflow.Closed}: sla.Done,
	{workflow.Resolved, workflow.Open}: sla.Reopened, {workflow.Resolved, workflow.Paused}: sla.Reopened,
}
