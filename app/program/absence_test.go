package program

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/app/api"
	"holdfast/app/prefs"
	"holdfast/backend/record"
)

// openLater opens a program whose clock runs ahead by what has passed.
func openLater(t *testing.T, folder string, passed *atomic.Int64) *Program {
	t.Helper()
	wall := func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }
	p, err := Open(t.Context(), Config{Data: folder, Version: "test", Listen: "127.0.0.1:0", Wall: wall, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func saveTickets(t *testing.T, p *Program, count int) []record.EditID {
	t.Helper()
	ids, err := p.entered().store.Append(t.Context(), drafts(t, 0, count, p.entered().actor().Person)...)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// TestADeviceThatWasAwayFor400DaysLosesNothing is scenario 14 on whole programs: certificates have expired, the node keeps its log for 30 days, and 300 edits wait on the desktop.
func TestADeviceThatWasAwayFor400DaysLosesNothing(t *testing.T) {
	var passed atomic.Int64
	open := func(folder string) *Program { return openLater(t, folder, &passed) }
	home, away := t.TempDir(), t.TempDir()
	p := open(home)
	defer func() { shutAt(t, p) }()
	if err := p.Prefs().Update(func(s *prefs.Settings) { s.KeepLogDays = 30 }); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Found(t.Context(), api.FirstSite{Name: "Lyon office", Code: "LYO", Person: "Ana"}); err != nil {
		t.Fatal(err)
	}
	invite, err := p.Services().Sync.Invite(t.Context(), api.InviteWish{Role: "desktop", Hours: 1})
	if err != nil {
		t.Fatal(err)
	}
	other := open(away)
	defer func() { shutAt(t, other) }()
	if _, err := other.Join(t.Context(), api.Joining{Invite: invite.Text, Person: "Ben"}); err != nil {
		t.Fatal(err)
	}
	lyon := record.SiteSpace("LYO")
	save := func(at *Program, count int) []record.EditID { return saveTickets(t, at, count) }
	save(p, 10)
	come(t, func() bool { return other.entered().store.Frontier(lyon).Commit >= 10 })
	if err := other.Services().Sync.Pause(); err != nil {
		t.Fatal(err)
	}
	waiting := save(other, 300)
	stood := other.entered().store.Frontier(lyon).Commit
	shutAt(t, other)
	save(p, 100)
	come(t, func() bool { return p.entered().store.PendingCount() == 0 })
	shutAt(t, p)

	passed.Store(int64(400 * 24 * time.Hour))
	p = open(home)
	come(t, func() bool {
		start, err := p.entered().store.LogStart(lyon)
		return err == nil && start > stood+1
	})
	other = open(away)
	if got := other.entered().store.PendingCount(); got != 300 {
		t.Fatalf("%d edits wait, want 300", got)
	}
	if err := other.Services().Sync.Resume(); err != nil {
		t.Fatal(err)
	}
	come(t, func() bool {
		s := other.entered().store
		return s.PendingCount() == 0 && s.Frontier(lyon).Commit > stood && s.Frontier(lyon) == p.entered().store.Frontier(lyon)
	})
	for _, id := range waiting {
		if outcome, decided := other.entered().store.Outcome(id); !decided || outcome.Result != record.Applied {
			t.Fatalf("the edit %s came to %v", id, outcome)
		}
	}
	if findings, err := other.entered().store.Verify(t.Context()); err != nil || len(findings) > 0 {
		t.Error(findings, err)
	}
}
