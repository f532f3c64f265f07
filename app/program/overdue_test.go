package program

import (
	"testing"
	"time"

	"holdfast/backend/record"
	"holdfast/backend/sla"
	"holdfast/backend/ticket"
)

// noted reads what was noted of a ticket's promises.
func noted(t *testing.T, p *Program, id record.ID) []ticket.Breach {
	t.Helper()
	state, err := p.site.store.Committed(id)
	if err != nil || state == nil {
		t.Fatalf("the ticket is not there: %v", err)
	}
	return ticket.NotedOn(state).Standing()
}

// lookOverdue has the leader look at what is overdue, twice, as a tick and a new leadership would.
func lookOverdue(t *testing.T, p *Program) {
	t.Helper()
	for range 2 {
		if err := p.site.sharing.noteOverdue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	until(t, p, func() bool { return p.site.store.PendingCount() == 0 })
}

func TestBrokenPromisesAreNotedOnceEach(t *testing.T) {
	p, clock := dated(t)
	defer shutAt(t, p)
	id := report(t, p)
	change(t, p, id, record.Mutation{Op: record.OpSet, Field: ticket.FieldImpact, Value: record.Text("1")},
		record.Mutation{Op: record.OpSet, Field: ticket.FieldUrgency, Value: record.Text("1")})
	state, err := p.site.store.View(id)
	if err != nil {
		t.Fatal(err)
	}
	clocks := p.site.desk.Clocks(state, clock.wall())
	next, running := sla.Next(clocks)
	if !running || len(clocks) < 2 {
		t.Fatalf("the starter configuration promises %d things", len(clocks))
	}
	lookOverdue(t, p)
	if got := noted(t, p, id); len(got) > 0 {
		t.Fatalf("noted before anything is due: %v", got)
	}
	clock.pass(next.Deadline.Due.Sub(clock.wall()) + time.Minute)
	lookOverdue(t, p)
	if got := noted(t, p, id); len(got) != 1 || got[0].Metric != string(next.Metric) {
		t.Fatalf("noted are %v, want the %s", got, next.Metric)
	}
	clock.pass(60 * 24 * time.Hour) // the other clock runs out behind the one that is overdue already
	lookOverdue(t, p)
	if got := noted(t, p, id); len(got) != len(clocks) {
		t.Errorf("noted are %v, want %d", got, len(clocks))
	}
	if parked, _, err := p.site.store.Parked(t.Context(), ""); err != nil || len(parked) != 0 {
		t.Errorf("%d edits were parked: %v", len(parked), err)
	}
}
