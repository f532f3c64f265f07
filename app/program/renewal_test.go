package program

import (
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/app/api"
	"holdfast/sync/enrol"
)

// TestCertificatesAreRenewed opens two devices again when a third of their certificates' time is over: both go on with new ones, at once and
// after another start.
func TestCertificatesAreRenewed(t *testing.T) {
	var ahead atomic.Int64
	wall := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	open := func(folder string) *Program {
		p, err := Open(t.Context(), Config{Data: folder, Version: "test", Listen: "127.0.0.1:0", Wall: wall, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Close() }) // a second close does nothing
		return p
	}
	folders := []string{filepath.Join(t.TempDir(), "founder"), filepath.Join(t.TempDir(), "desktop")}
	founder, desktop := open(folders[0]), open(folders[1])
	if _, err := founder.Found(t.Context(), api.FirstSite{Name: "Lyon office", Code: "LYO", Person: "Ana"}); err != nil {
		t.Fatal(err)
	}
	invite, err := founder.Services().Sync.Invite(t.Context(), api.InviteWish{Role: "desktop", Hours: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := desktop.Join(t.Context(), api.Joining{Invite: invite.Text, Person: "Ben"}); err != nil {
		t.Fatal(err)
	}
	shutAt(t, desktop)
	shutAt(t, founder)

	ahead.Store(int64(enrol.CertificateTime / 2))
	founder, desktop = open(folders[0]), open(folders[1])
	due := wall().Add(enrol.CertificateTime - time.Hour)
	for _, p := range []*Program{founder, desktop} {
		renewed(t, p, due)
	}
	identity := desktop.site.trust.Identity()
	shutAt(t, desktop)
	if again := open(folders[1]).site.trust.Identity(); !again.Expires.Equal(identity.Expires) || again.Person != identity.Person {
		t.Errorf("after another start the certificate says %+v, want %+v", again, identity)
	}
}

// renewed waits until the certificate of p lasts beyond due.
func renewed(t *testing.T, p *Program, due time.Time) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(20 * time.Second); !p.site.trust.Identity().Expires.After(due); <-ticker.C {
		if time.Now().After(end) {
			t.Fatalf("the certificate still expires on %v", p.site.trust.Identity().Expires)
		}
	}
}
