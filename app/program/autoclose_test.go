package program

import (
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/app/api"
	"holdfast/backend/desk"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// calendar is a wall clock that moves only when it is told to.
type calendar struct{ now atomic.Int64 }

func (c *calendar) wall() time.Time { return time.UnixMilli(c.now.Load()).UTC() }

func (c *calendar) pass(d time.Duration) { c.now.Add(d.Milliseconds()) }

// dated founds a site whose clock the test holds.
func dated(t *testing.T) (*Program, *calendar) {
	t.Helper()
	clock := &calendar{}
	clock.now.Store(time.Now().UnixMilli())
	p, err := Open(t.Context(), Config{Data: t.TempDir(), Version: "test", Listen: "127.0.0.1:0", Wall: clock.wall, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Found(t.Context(), api.FirstSite{Name: "Lyon office", Code: "LYO", Person: "Ana"}); err != nil {
		t.Fatal(err)
	}
	return p, clock
}

// change makes one edit of a ticket and waits until it is agreed.
func change(t *testing.T, p *Program, id record.ID, mutations ...record.Mutation) {
	t.Helper()
	if _, err := p.site.desk.Change(t.Context(), p.site.actor(), desk.Intent{Record: id, Mutations: mutations}); err != nil {
		t.Fatal(err)
	}
	until(t, p, func() bool { return p.site.store.PendingCount() == 0 })
}

func goTo(from, to string, with ...record.Pair) record.Mutation {
	return record.Mutation{Op: record.OpTransition, Field: ticket.FieldStatus, From: from, Value: record.Text(to), With: with}
}

func resolveIt(t *testing.T, p *Program, id record.ID) {
	t.Helper()
	change(t, p, id, goTo("in_progress", "resolved", record.Pair{Field: "service", Value: record.Ref(id)},
		record.Pair{Field: "resolution_code", Value: record.Text("solved")}, record.Pair{Field: "resolution_text", Value: record.Text("Renewed")}))
}

// closings counts how often a ticket was closed, and checks by whom.
func closings(t *testing.T, p *Program, id record.ID) int {
	t.Helper()
	changes, err := p.site.store.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i := range changes {
		if c := &changes[i]; c.Field == ticket.FieldStatus && c.To.AsText() == "closed" {
			n++
			if c.Author != (record.ID{}) || c.Action != desk.ActionAutoClose {
				t.Errorf("%s closed it by %q, want the system", c.Author, c.Action)
			}
		}
	}
	return n
}

// untilListed waits until the lists show what the store has, which they follow by themselves.
func untilListed(t *testing.T, p *Program) {
	t.Helper()
	shown := p.changes.subscribe(t.Context())
	for !listed(t, p) {
		if _, open := <-shown; !open {
			t.Fatal("the lists never showed what is stored")
		}
	}
}

func listed(t *testing.T, p *Program) bool {
	t.Helper()
	table, all := p.site.tables.For(ticket.Incident), true
	err := p.site.store.EachView(t.Context(), func(state *record.State) error {
		if state.Kind != ticket.Incident {
			return nil
		}
		row, shown := table.Row(state.ID)
		status := state.Shown(ticket.FieldStatus).AsText()
		all = all && shown && row.Pending == (state.Pending > 0) && slices.Equal(table.Values(&row, ticket.FieldStatus), []string{status})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// look has the leader look for tickets to close, twice, as a tick and a start would.
func look(t *testing.T, p *Program) {
	t.Helper()
	untilListed(t, p)
	for range 2 {
		if err := p.site.sharing.closeResolved(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	until(t, p, func() bool { return p.site.store.PendingCount() == 0 })
}

func TestResolvedTicketsCloseOnceTenDaysAfterTheirResolution(t *testing.T) {
	p, clock := dated(t)
	defer shutAt(t, p)
	const day = 24 * time.Hour
	plain, major, reopened := report(t, p), report(t, p), report(t, p)
	change(t, p, major, record.Mutation{Op: record.OpSet, Field: ticket.FieldMajor, Value: record.Flag(true)})
	for _, id := range []record.ID{plain, major, reopened} {
		change(t, p, id, goTo("new", "in_progress"))
		resolveIt(t, p, id)
	}
	clock.pass(5 * day)
	change(t, p, reopened, goTo("resolved", "in_progress"))
	resolveIt(t, p, reopened)
	change(t, p, plain, record.Mutation{Op: record.OpSet, Field: "location", Value: record.Text("Cellar")}) // must not begin it anew
	clock.pass(5*day - time.Minute)
	look(t, p)
	if n := closings(t, p, plain); n != 0 {
		t.Fatalf("closed %d times a minute before its time", n)
	}
	clock.pass(2 * time.Minute)
	look(t, p)
	for id, want := range map[record.ID]int{plain: 1, major: 0, reopened: 0} {
		if n := closings(t, p, id); n != want {
			t.Errorf("closed %d times after ten days, want %d", n, want)
		}
	}
	clock.pass(30 * day)
	look(t, p)
	for id, want := range map[record.ID]int{plain: 1, major: 0, reopened: 1} {
		if n := closings(t, p, id); n != want {
			t.Errorf("closed %d times in the end, want %d", n, want)
		}
	}
	if parked, _, err := p.site.store.Parked(t.Context(), ""); err != nil || len(parked) != 0 {
		t.Errorf("%d edits were parked: %v", len(parked), err)
	}
}
