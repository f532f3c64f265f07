package enrol_test

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

func openLedger(t testing.TB, path string) *enrol.FileLedger {
	t.Helper()
	l, err := enrol.OpenFileLedger(path)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLedgerRemembersAcrossRestarts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "invites")
	now := time.Unix(1_795_000_000, 0).UTC()
	first, second := enrol.InviteID{1}, enrol.InviteID{2}
	device, other := record.DeviceID{1}, record.DeviceID{2}
	l := openLedger(t, path)
	for i, id := range []enrol.InviteID{first, second} {
		issued := enrol.Issued{ID: id, Verifier: []byte{1}, Role: enrol.Node, Site: "LYO", Issued: now.Add(time.Duration(i) * time.Hour), Expires: now.Add(24 * time.Hour)}
		if err := l.Add(t.Context(), issued); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Use(t.Context(), first, device, now); err != nil {
		t.Fatal(err)
	}
	if err := l.Withdraw(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	l = openLedger(t, path)
	for _, c := range []struct {
		name   string
		id     enrol.InviteID
		device record.DeviceID
		want   fault.Code
	}{
		{"the same device again", first, device, ""},
		{"another device", first, other, enrol.InviteUsed},
		{"withdrawn", second, device, enrol.InviteUnknown},
		{"never issued", enrol.InviteID{3}, device, enrol.InviteUnknown},
	} {
		if err := l.Use(t.Context(), c.id, c.device, now); (err == nil) != (c.want == "") || err != nil && !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	all, err := l.List(t.Context())
	if err != nil || len(all) != 2 || all[0].ID != second || !all[0].Withdrawn || all[1].UsedBy != device || !all[1].UsedAt.Equal(now) {
		t.Fatalf("%+v, %v", all, err)
	}
	if _, err := l.Find(t.Context(), enrol.InviteID{3}); !fault.Is(err, enrol.InviteUnknown) {
		t.Errorf("never issued: %v", err)
	}
}

func TestOneDeviceWinsAnInvite(t *testing.T) {
	l := openLedger(t, filepath.Join(t.TempDir(), "invites"))
	id := enrol.InviteID{1}
	if err := l.Add(t.Context(), enrol.Issued{ID: id}); err != nil {
		t.Fatal(err)
	}
	var won atomic.Int32
	var racing sync.WaitGroup
	for i := range 16 {
		racing.Go(func() {
			switch err := l.Use(t.Context(), id, record.DeviceID{byte(i + 1)}, time.Unix(1, 0)); {
			case err == nil:
				won.Add(1)
			case !fault.Is(err, enrol.InviteUsed):
				t.Error(err)
			}
		})
	}
	racing.Wait()
	if won.Load() != 1 {
		t.Fatalf("%d devices used one invite", won.Load())
	}
}

func TestLedgerThatCannotBeWrittenAdmitsNobody(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	l := openLedger(t, filepath.Join(folder, "invites"))
	id := enrol.InviteID{1}
	if err := l.Add(t.Context(), enrol.Issued{ID: id}); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if err := l.Use(t.Context(), id, record.DeviceID{1}, time.Unix(1, 0)); err == nil {
		t.Fatal("used without a trace")
	}
	if issued, err := l.Find(t.Context(), id); err != nil || !issued.UsedBy.IsZero() {
		t.Fatalf("the failed use counted: %+v, %v", issued, err)
	}
	if err := l.Add(t.Context(), enrol.Issued{ID: enrol.InviteID{2}}); err == nil {
		t.Fatal("added without a trace")
	}
	if all, _ := l.List(t.Context()); len(all) != 1 {
		t.Fatalf("the failed addition counted: %+v", all)
	}
}

func TestLedgerFilesThatAreRefused(t *testing.T) {
	write := func(raw []byte) string {
		path := filepath.Join(t.TempDir(), "invites")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	newer, err := record.Encode(map[int]any{1: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		raw  []byte
		want fault.Code
	}{{[]byte("damaged"), fault.Corrupt}, {newer, fault.NewerFormat}} {
		if _, err := enrol.OpenFileLedger(write(c.raw)); !fault.Is(err, c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

func TestLedgerIsBounded(t *testing.T) {
	folder := t.TempDir()
	full := map[int]any{1: 1}
	var invites []enrol.Issued
	for i := range limit.InvitesMax {
		invites = append(invites, enrol.Issued{ID: enrol.InviteID{1, byte(i), byte(i >> 8)}, Expires: time.Unix(int64(1000+i), 0)})
	}
	full[2] = invites
	raw, err := record.Encode(full)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "invites")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	l := openLedger(t, path)
	latest := enrol.InviteID{9}
	if err := l.Add(t.Context(), enrol.Issued{ID: latest, Expires: time.Unix(1e9, 0)}); err != nil {
		t.Fatal(err)
	}
	all, err := l.List(t.Context())
	if err != nil || len(all) != limit.InvitesMax {
		t.Fatalf("%d invites, %v", len(all), err)
	}
	if _, err := l.Find(t.Context(), enrol.InviteID{1, 0, 0}); !fault.Is(err, enrol.InviteUnknown) {
		t.Errorf("the earliest to expire is still there: %v", err)
	}
	if _, err := l.Find(t.Context(), latest); err != nil {
		t.Error(err)
	}
}
