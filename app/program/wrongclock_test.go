package program

import (
	"log/slog"
	"testing"
	"time"

	"holdfast/app/api"
	"holdfast/backend/core/clock"
	"holdfast/backend/core/limit"
	"holdfast/backend/desk"
	"holdfast/backend/record"
)

// wrong joins a desktop whose clock the test holds to a new site, with one ticket that both know.
func wrong(t *testing.T) (p, q *Program, hands *calendar, id record.ID) {
	t.Helper()
	p = founded(t, t.TempDir())
	hands = &calendar{}
	hands.now.Store(time.Now().UnixMilli())
	q, err := Open(t.Context(), Config{Data: t.TempDir(), Version: "test", Listen: "127.0.0.1:0", Wall: hands.wall, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	invite, err := p.Services().Sync.Invite(t.Context(), api.InviteWish{Role: "desktop", Hours: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Join(t.Context(), api.Joining{Invite: invite.Text, Person: "Ben"}); err != nil {
		t.Fatal(err)
	}
	id = report(t, p)
	come(t, func() bool { return titleAt(q, id) == secret && q.site.store.PendingCount() == 0 })
	return p, q, hands, id
}

func titleAt(p *Program, id record.ID) string {
	state, err := p.site.store.View(id)
	if err != nil || state == nil {
		return ""
	}
	return state.Shown("title").AsText()
}

// rename gives a ticket another title on one device, and gives the edit.
func rename(t *testing.T, p *Program, id record.ID, title string) *record.Edit {
	t.Helper()
	shown, err := p.site.store.View(id)
	if err != nil {
		t.Fatal(err)
	}
	m := record.Mutation{Op: record.OpSet, Field: "title", Value: record.Text(title), Seen: shown.SeenIn("title")}
	if _, err := p.site.desk.Change(t.Context(), p.site.actor(), desk.Intent{Record: id, Mutations: []record.Mutation{m}}); err != nil {
		t.Fatal(err)
	}
	edits := p.site.store.PendingOf(id)
	if len(edits) > 0 {
		return edits[len(edits)-1]
	}
	state, err := p.site.store.View(id)
	if err != nil {
		t.Fatal(err)
	}
	field := state.Fields["title"]
	edit, err := p.site.store.Edit(field.Values[0].Edit)
	if err != nil {
		t.Fatal(err)
	}
	return edit
}

// settledAs waits until both devices agreed on a title, and checks that nothing stands against it.
func settledAs(t *testing.T, title string, id record.ID, devices ...*Program) {
	t.Helper()
	for _, p := range devices {
		come(t, func() bool { return titleAt(p, id) == title && p.site.store.PendingCount() == 0 })
		state, err := p.site.store.Committed(id)
		if err != nil {
			t.Fatal(err)
		}
		if field := state.Fields["title"]; len(field.Conflicts()) != 0 || state.Shown("title").AsText() != title {
			t.Errorf("agreed is %q with %d conflicts, want %q", state.Shown("title").AsText(), len(field.Conflicts()), title)
		}
	}
}

// while has a device work offline with a clock that is off.
func while(t *testing.T, q *Program, hands *calendar, off time.Duration, work func()) {
	t.Helper()
	sharing := q.Services().Sync
	if err := sharing.Pause(); err != nil {
		t.Fatal(err)
	}
	hands.pass(off)
	work()
	hands.pass(-off)
	if err := sharing.Resume(); err != nil {
		t.Fatal(err)
	}
}

// Scenario 4: a desktop in the year 2099. Its edit is taken and flagged; once its clock is right, whoever saw the value and writes next wins, and no clock is dragged along.
func TestTheYear2099DragsNobodyAlong(t *testing.T) {
	p, q, hands, id := wrong(t)
	defer shutAt(t, p)
	defer shutAt(t, q)
	var far *record.Edit
	while(t, q, hands, time.Until(time.Date(2099, 7, 1, 0, 0, 0, 0, time.UTC)), func() { far = rename(t, q, id, "Written in 2099") })
	if far.Time.Time().Year() != 2099 {
		t.Fatalf("the raw time is %v", far.Time.Time())
	}
	settledAs(t, "Written in 2099", id, p, q)
	if o, found := p.site.store.Outcome(far.ID); !found || o.Result != record.Applied || !o.Skewed {
		t.Fatalf("its outcome is %+v", o)
	}
	tolerated := func(what string, at clock.Stamp) {
		if ahead := time.Until(at.Time()); ahead > limit.ClockStepMax+limit.ClockTolerance {
			t.Errorf("%s is %v ahead", what, ahead)
		}
	}
	mine := rename(t, p, id, "Ana saw it")
	settledAs(t, "Ana saw it", id, p, q)
	tolerated("the clock of who saw the edit", mine.Time)
	theirs := rename(t, q, id, "Ben sees both")
	settledAs(t, "Ben sees both", id, p, q)
	tolerated("the clock that was wrong, once it is right,", theirs.Time)
	if o, found := p.site.store.Outcome(theirs.ID); !found || o.Skewed {
		t.Errorf("after the clock was set right, an edit is %+v", o)
	}
}

// Scenario 5: a desktop whose battery is empty. Its newer edits supersede its older ones, and its stamps never go back behind what it has seen agreed.
func TestAnEmptyBatteryTurnsNothingBack(t *testing.T) {
	p, q, hands, id := wrong(t)
	defer shutAt(t, p)
	defer shutAt(t, q)
	before := rename(t, q, id, "Before the battery was empty")
	settledAs(t, "Before the battery was empty", id, p, q)
	commits, err := q.site.store.Commits(record.SiteSpace("LYO"), 1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	agreed := commits[len(commits)-1].Time
	var first, second *record.Edit
	while(t, q, hands, time.Until(time.Unix(0, 0)), func() {
		first = rename(t, q, id, "In 1970")
		second = rename(t, q, id, "In 1970, corrected")
		if got := titleAt(q, id); got != "In 1970, corrected" {
			t.Errorf("the desktop shows %q", got)
		}
	})
	if first.Time <= before.Time || first.Time < agreed || second.Time <= first.Time {
		t.Errorf("stamps %v, %v, %v after what was agreed at %v", before.Time.Time(), first.Time.Time(), second.Time.Time(), agreed.Time())
	}
	settledAs(t, "In 1970, corrected", id, p, q)
	for _, e := range []*record.Edit{first, second} {
		if o, found := p.site.store.Outcome(e.ID); !found || o.Result != record.Applied {
			t.Errorf("its outcome is %+v", o)
		}
	}
}
