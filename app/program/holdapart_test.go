package program

import (
	"log/slog"
	"testing"
	"time"

	"holdfast/app/api"
	"holdfast/backend/core/clock"
	"holdfast/backend/desk"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// atNoon opens a program on the calendar that several share.
func atNoon(t *testing.T, now *calendar) *Program {
	t.Helper()
	p, err := Open(t.Context(), Config{Data: t.TempDir(), Version: "test", Listen: "127.0.0.1:0", Wall: now.wall, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shutAt(t, p) })
	return p
}

// office founds a site on a day before the end of summer time in Berlin, with two desktops that share its calendar.
func office(t *testing.T) (p, a, b *Program, now *calendar) {
	t.Helper()
	now = &calendar{}
	now.now.Store(time.Date(2026, 10, 23, 12, 0, 0, 0, time.UTC).UnixMilli()) // a Friday
	p = atNoon(t, now)
	if _, err := p.Found(t.Context(), api.FirstSite{Name: "Berlin office", Code: "BER", Person: "Ana"}); err != nil {
		t.Fatal(err)
	}
	desktops := [2]*Program{}
	for i, person := range []string{"Ben", "Cem"} {
		desktops[i] = atNoon(t, now)
		if _, err := desktops[i].Join(t.Context(), api.Joining{Invite: inviteFor(t, p, "desktop"), Person: person}); err != nil {
			t.Fatal(err)
		}
	}
	return p, desktops[0], desktops[1], now
}

// dueAt gives when the next promise of a ticket is due, as a replica reckons it from what is agreed.
func dueAt(t *testing.T, p *Program, id record.ID) clock.Stamp {
	t.Helper()
	state, err := p.site.store.Committed(id)
	if err != nil || state == nil {
		t.Fatalf("the ticket is not there: %v", err)
	}
	return p.site.desk.Due(state)
}

// Scenario 32: two devices put one ticket on hold and take it up again while neither is in touch, over the end of summer time. Whoever comes back first, all replicas name one instant at which
// the promise is broken, and note once that it was.
func TestAClockThatTwoDevicesStopApartRunsOutAtOneInstant(t *testing.T) {
	hold := goTo("in_progress", "on_hold", record.Pair{Field: ticket.FieldHoldReason, Value: record.Text("caller")})
	for _, first := range []string{"the one that stopped it first", "the one that stopped it last"} {
		t.Run(first+" comes back first", func(t *testing.T) {
			p, a, b, now := office(t)
			everyone := []*Program{p, a, b}
			id := report(t, a)
			change(t, a, id, record.Mutation{Op: record.OpSet, Field: ticket.FieldImpact, Value: record.Text("2")},
				record.Mutation{Op: record.OpSet, Field: ticket.FieldUrgency, Value: record.Text("2")})
			change(t, a, id, goTo("new", "in_progress"))
			come(t, func() bool {
				return known(b, id) && b.site.store.PendingCount() == 0 && dueAt(t, b, id) == dueAt(t, a, id)
			})
			before := dueAt(t, a, id)
			if before == 0 {
				t.Fatal("nothing is promised")
			}
			for _, d := range everyone[1:] {
				if err := d.Services().Sync.Pause(); err != nil {
					t.Fatal(err)
				}
			}
			now.pass(time.Hour)
			propose(t, a, id, hold)
			now.pass(time.Hour)
			propose(t, b, id, hold)
			now.pass(3 * 24 * time.Hour) // over the night of the change and a working day
			propose(t, b, id, goTo("on_hold", "in_progress"))
			now.pass(time.Hour)
			propose(t, a, id, goTo("on_hold", "in_progress"))
			order := []*Program{a, b}
			if first != "the one that stopped it first" {
				order = []*Program{b, a}
			}
			for _, d := range order {
				if err := d.Services().Sync.Resume(); err != nil {
					t.Fatal(err)
				}
				until(t, d, func() bool { return d.site.store.PendingCount() == 0 })
			}
			space := record.SiteSpace("BER")
			come(t, func() bool {
				return p.site.store.Frontier(space) == a.site.store.Frontier(space) && p.site.store.Frontier(space) == b.site.store.Frontier(space)
			})
			due := dueAt(t, p, id)
			if due <= before {
				t.Errorf("due at %v, and at %v before it was on hold", due.Time(), before.Time())
			}
			for _, d := range everyone {
				if at := dueAt(t, d, id); at != due {
					t.Errorf("due at %v for one and at %v for another", due.Time(), at.Time())
				}
			}
			now.pass(due.Time().Sub(now.wall()) + time.Minute)
			lookOverdue(t, p)
			come(t, func() bool { return len(noted(t, a, id)) == 1 && len(noted(t, b, id)) == 1 })
			if got := noted(t, p, id); len(got) != 1 {
				t.Errorf("noted are %v", got)
			}
		})
	}
}

// propose makes one edit of a ticket, which nobody may decide yet.
func propose(t *testing.T, p *Program, id record.ID, m record.Mutation) {
	t.Helper()
	if _, err := p.site.desk.Change(t.Context(), p.site.actor(), desk.Intent{Record: id, Mutations: []record.Mutation{m}}); err != nil {
		t.Fatal(err)
	}
}
