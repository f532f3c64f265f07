package desk

import (
	"slices"
	"time"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
	"holdfast/backend/sla"
	"holdfast/backend/ticket"
	"holdfast/backend/workflow"
)

// Actions of the system's edits that note what became of a ticket's promises.
const (
	ActionBreach  = "breach"  // a target ran out
	ActionRetract = "retract" // it turned out not to have: what somebody did in time came late
)

// Breaches gives the system's edits that note which of a ticket's promises were broken by an instant, and which were not although that is noted; each is one edit. next is the
// next instant at which a running clock runs out; zero: none does. state is the committed one.
func (d *Desk) Breaches(r record.Reader, state *record.State, now time.Time) (drafts []record.Draft, next time.Time) {
	events := d.events(r, state)
	if events == nil {
		return nil, time.Time{}
	}
	clocks, err := sla.Evaluate(events, now)
	if err != nil {
		return nil, time.Time{} // a target beyond a hundred years is not broken
	}
	noted := ticket.NotedOn(state)
	var real []ticket.Breach
	for i := range clocks {
		c := &clocks[i]
		if due := c.Deadline.Due; c.Condition == sla.Running && due.After(now) && (next.IsZero() || due.Before(next)) {
			next = due
		}
		for _, b := range c.Breaches {
			breach := ticket.Breach{Metric: string(c.Metric), Start: c.Start, Target: b.Target.String(), Policy: b.Policy, When: b.At}
			real = append(real, breach)
			if !noted.Stands(breach) {
				drafts = append(drafts, draftAt(state.Space, ActionBreach, []record.Mutation{noted.Turn(breach)}))
			}
		}
	}
	promise := events[0].Promise
	for _, b := range noted.Standing() {
		if !slices.ContainsFunc(real, b.Same) && inForce(promise, b) { // one under an earlier, harder target stays
			drafts = append(drafts, draftAt(state.Space, ActionRetract, []record.Mutation{noted.Turn(b)}))
		}
	}
	return drafts, next
}

// inForce reports whether a noted breach is of a target that is promised still.
func inForce(promise *sla.Promise, b ticket.Breach) bool {
	return map[sla.Metric]sla.Target{
		sla.FirstResponse: promise.FirstResponse, sla.NextUpdate: promise.NextUpdate, sla.Resolution: promise.Resolution,
	}[sla.Metric(b.Metric)].String() == b.Target
}

// MayOweBreaches reports whether a ticket that was just touched may have something to note that its next clock does not tell of: one that is done, perhaps too late, or
// one of which something is noted already. What an import brings finished is its source's business.
func (d *Desk) MayOweBreaches(state *record.State) bool {
	if !ticket.Is(state.Kind) {
		return false
	}
	phase := d.PhaseOf(state)
	done := phase == string(workflow.Resolved) || phase == string(workflow.Closed)
	return len(state.Fields[ticket.FieldBreaches].Items) > 0 || done && state.Created.On == 0
}

// turned reports whether an edit that would note something of a promise has nothing to say by now.
func (d *Decider) turned(r record.Reader, state *record.State, e *record.Edit, received clock.Stamp) bool {
	drafts, _ := d.desk.Breaches(r, state, min(e.Time, received).Time())
	return !slices.ContainsFunc(drafts, func(draft record.Draft) bool {
		return len(e.Mutations) == 1 && draft.Action == e.Action && draft.Mutations[0].Item == e.Mutations[0].Item
	})
}
