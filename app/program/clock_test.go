package program

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// untilStatus waits until sharing stands as wanted.
func untilStatus(t *testing.T, p *Program, so func(api.SyncStatus) bool) api.SyncStatus {
	t.Helper()
	changes, done := p.site.sharing.syncer.Changes()
	defer done()
	for {
		status := p.site.sharing.Status()
		if so(status) {
			return status
		}
		select {
		case <-changes:
		case <-t.Context().Done():
			t.Fatalf("sharing never stood as wanted: %+v", status)
		}
	}
}

// skewed gives what a device says of a clock that does not fit.
func skewed(status api.SyncStatus) string {
	at := slices.IndexFunc(status.Peers, func(p api.Peer) bool { return p.Error != nil && p.Error.Code == string(fault.ClockSkewed) })
	if at < 0 {
		return ""
	}
	return status.Peers[at].Error.Sentence
}

// TestAClockThatIsTenYearsOff sets the clock of a desktop ten years wrong. It saves all the same and says which clocks disagree; once its clock is right,
// all of its work is shared, with the wrong time marked and cut back.
func TestAClockThatIsTenYearsOff(t *testing.T) {
	for name, off := range map[string]time.Duration{"ahead": 87600 * time.Hour, "behind": -87600 * time.Hour} {
		t.Run(name, func(t *testing.T) { tenYearsOff(t, off) })
	}
}

func tenYearsOff(t *testing.T, off time.Duration) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	clock := &calendar{}
	clock.now.Store(time.Now().UnixMilli())
	q, err := Open(t.Context(), Config{Data: t.TempDir(), Version: "test", Listen: "127.0.0.1:0", Wall: clock.wall, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer shutAt(t, q)
	invite, err := p.Services().Sync.Invite(t.Context(), api.InviteWish{Role: "desktop", Hours: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Join(t.Context(), api.Joining{Invite: invite.Text, Person: "Ben"}); err != nil {
		t.Fatal(err)
	}
	untilStatus(t, q, func(s api.SyncStatus) bool { return s.State == "up_to_date" })
	sharing := q.Services().Sync
	if err := sharing.Pause(); err != nil {
		t.Fatal(err)
	}
	clock.pass(off)
	made := reportOnly(t, q)
	if err := sharing.Resume(); err != nil {
		t.Fatal(err)
	}
	said := skewed(untilStatus(t, q, func(s api.SyncStatus) bool { return skewed(s) != "" }))
	if !strings.Contains(said, clock.wall().Format("2006")) || !strings.Contains(said, "Set the wrong one right") {
		t.Errorf("the desktop does not say what is wrong and what to do: %s", said)
	}
	if state, err := q.site.store.View(made); err != nil || state == nil || q.site.store.PendingCount() != 1 {
		t.Errorf("the desktop does not keep the ticket: %v, %v", state, err)
	}
	if err := sharing.Pause(); err != nil {
		t.Fatal(err)
	}
	clock.pass(-off)
	if err := sharing.Resume(); err != nil {
		t.Fatal(err)
	}
	until(t, q, func() bool { return q.site.store.PendingCount() == 0 })
	checkShared(t, p, made, off)
}

// reportOnly makes a ticket that nobody agrees on yet.
func reportOnly(t *testing.T, p *Program) record.ID {
	t.Helper()
	state, err := p.site.desk.Create(t.Context(), p.site.actor(), ticketOf(p))
	if err != nil {
		t.Fatal(err)
	}
	return state.ID
}

// checkShared holds the ticket at the other device against what was typed, and its time against what others can believe.
func checkShared(t *testing.T, p *Program, made record.ID, off time.Duration) {
	t.Helper()
	state, err := p.site.store.View(made)
	if err != nil || state == nil || state.Shown("title").AsText() != secret || state.Shown("number").AsText() == "" {
		t.Fatalf("the ticket came as %+v: %v", state, err)
	}
	outcome, ok := p.site.store.Outcome(state.Created.Edit)
	if !ok || outcome.Result != record.Applied {
		t.Fatalf("its outcome is %+v", outcome)
	}
	if ahead := off > 0; outcome.Skewed != ahead || state.Created.When().Time().After(time.Now().Add(time.Hour)) {
		t.Errorf("it was made at %v by what others believe, marked: %v", state.Created.When().Time(), outcome.Skewed)
	}
}
