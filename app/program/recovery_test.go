package program

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"holdfast/app/api"
	"holdfast/backend/continuity"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// crashes copies a data folder as a crash would leave it at each step of a recovery.
type crashes struct {
	t       *testing.T
	folder  string
	folders map[string]string // by step
}

func newCrashes(t *testing.T, folder string) *crashes {
	t.Helper()
	return &crashes{t, folder, map[string]string{}}
}

func (c *crashes) at(step string) {
	c.t.Helper()
	to := filepath.Join(c.t.TempDir(), "data")
	copyFolder(c.t, c.folder, to)
	c.folders[step] = to
}

// copyFolder copies what is on the disk, again where a file went meanwhile: the database tidies up by itself, and a crash is of one instant.
func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	err := copyOnce(from, to)
	for errors.Is(err, fs.ErrNotExist) {
		if err = os.RemoveAll(to); err == nil {
			err = copyOnce(from, to)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// copyOnce copies a folder without its locks, which are the operating system's: a crash leaves none.
func copyOnce(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		case !entry.Type().IsRegular() || entry.Name() == "LOCK":
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), raw, 0o600)
	})
}

// burnt is a site whose every node is lost but for what is in folder: an agreed ticket, and one that nobody has agreed to.
func burnt(t *testing.T) (folder, key string, agreed, waiting record.ID) {
	t.Helper()
	home := t.TempDir()
	p := founded(t, home)
	key, err := p.Services().Sync.RecoveryKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	agreed = report(t, p)
	folder = t.TempDir()
	desktop := joined(t, p, folder)
	come(t, func() bool { return seen(desktop, agreed) && desktop.site.store.PendingCount() == 0 })
	shutAt(t, p)
	waiting = reportOnly(t, desktop)
	shutAt(t, desktop)
	return folder, key, agreed, waiting
}

func quietly(folder string) Config {
	return Config{Data: folder, Version: "test", Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)}
}

// goesOn opens a recovered folder and checks that it decides, in a later generation, and holds everything.
func goesOn(t *testing.T, folder string, ids ...record.ID) {
	t.Helper()
	p, err := Open(t.Context(), quietly(folder))
	if err != nil {
		t.Error(err)
		return
	}
	defer shutAt(t, p)
	come(t, func() bool { return p.site.store.PendingCount() == 0 })
	report(t, p)
	for _, id := range ids {
		if state, err := p.site.store.Committed(id); err != nil || state == nil || state.Shown("number").AsText() == "" {
			t.Errorf("the ticket %s is not agreed after the recovery: %v", id, err)
		}
	}
	if g := p.site.store.Frontier(record.Organisation).Generation; g < 2 {
		t.Errorf("it stands in generation %d", g)
	}
	if findings, err := p.site.store.Verify(t.Context()); err != nil || len(findings) > 0 {
		t.Error(findings, err)
	}
}

func TestARecoveryThatCrashesAtAnyStepIsRunAgain(t *testing.T) {
	folder, key, agreed, waiting := burnt(t)
	before := filepath.Join(t.TempDir(), "data")
	copyFolder(t, folder, before)
	stops := newCrashes(t, folder)
	r := newRecovery(defaults(quietly(folder)))
	r.reached = stops.at
	if _, err := r.recover(t.Context(), Recovering{Key: key}); err != nil {
		t.Fatal(err)
	}
	if len(stops.folders) != 5 {
		t.Fatalf("the recovery reached %d steps", len(stops.folders))
	}
	goesOn(t, folder, agreed, waiting)
	for step, at := range stops.folders {
		t.Run(step, func(t *testing.T) {
			// Somebody may start Holdfast before they think of running the recovery again: nothing is lost by that.
			if p, err := Open(t.Context(), quietly(at)); err != nil {
				t.Errorf("started in between: %v", err)
			} else {
				if !seen(p, agreed) || !seen(p, waiting) {
					t.Error("started in between, a ticket is missing")
				}
				shutAt(t, p)
			}
			if _, err := Recover(t.Context(), quietly(at), Recovering{Key: key}); err != nil {
				t.Fatal(err)
			}
			goesOn(t, at, agreed, waiting)
		})
	}
	cancelled := 0
	for n := int64(1); ; n++ {
		_, err := Recover(newCountdown(t, n), quietly(before), Recovering{Key: key})
		if err == nil {
			break
		}
		cancelled++
	}
	t.Logf("cancelled %d times", cancelled)
	if cancelled == 0 {
		t.Error("it was never cancelled")
	}
	goesOn(t, before, agreed, waiting)
}

// countdown is a context that is cancelled once it has been asked so many times.
type countdown struct {
	context.Context
	left   atomic.Int64
	cancel context.CancelFunc
}

func newCountdown(t *testing.T, asks int64) *countdown {
	t.Helper()
	inner, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	c := &countdown{Context: inner, cancel: cancel}
	c.left.Store(asks)
	return c
}

func (c *countdown) Err() error {
	if c.left.Add(-1) <= 0 {
		c.cancel()
	}
	return c.Context.Err()
}

// backedUp makes a site with a backup of all that it holds.
func backedUp(t *testing.T) (p *Program, file, key string, id record.ID) {
	t.Helper()
	p = founded(t, t.TempDir())
	key, err := p.Services().Sync.RecoveryKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id = report(t, p)
	file = filepath.Join(t.TempDir(), "monday.age")
	if _, err := p.Services().Sync.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	return p, file, key, id
}

func TestARestoreThatCrashesAtAnyStepIsRunAgain(t *testing.T) {
	p, file, key, id := backedUp(t)
	shutAt(t, p)
	folder := filepath.Join(t.TempDir(), "new")
	stops := newCrashes(t, folder)
	r := newRecovery(defaults(quietly(folder)))
	r.reached = stops.at
	if _, err := r.restore(t.Context(), Restoring{File: file, Key: key}); err != nil {
		t.Fatal(err)
	}
	goesOn(t, folder, id)
	if len(stops.folders) != 10 {
		t.Fatalf("the restore reached %d steps", len(stops.folders))
	}
	for step, at := range stops.folders {
		t.Run(step, func(t *testing.T) {
			if p, err := Open(t.Context(), quietly(at)); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.SentenceOf(err), "holdfast restore") {
				if err == nil {
					shutAt(t, p)
				}
				t.Errorf("half a restore is opened: %v", err)
			}
			if _, err := Restore(t.Context(), quietly(at), Restoring{File: file, Key: key}); err != nil {
				t.Fatal(err)
			}
			goesOn(t, at, id)
		})
	}
	if _, err := Restore(t.Context(), quietly(folder), Restoring{File: file, Key: key}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a folder in use is restored over: %v", err)
	}
}

func TestABackupThatIsBrokenOffIsMadeAgain(t *testing.T) {
	p, _, key, id := backedUp(t)
	defer shutAt(t, p)
	file := filepath.Join(t.TempDir(), "tuesday.age")
	broken := 0
	var made api.Backup
	for n := int64(1); ; n++ {
		var err error
		if made, err = p.Services().Sync.Backup(newCountdown(t, n), file); err == nil {
			break
		}
		broken++
		if _, err := os.Stat(file); err == nil {
			t.Fatalf("broken off for the %dth time, it stands under its name", n)
		}
		// What a crash would leave beside it.
		for _, left := range []string{file + ".part", filepath.Join(p.path("backup-trial"), "store", "junk")} {
			if err := os.MkdirAll(filepath.Dir(left), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(left, []byte("half a backup"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("broken off %d times", broken)
	if broken == 0 || made.File != file {
		t.Errorf("broken off %d times, then %+v", broken, made)
	}
	if _, err := os.Stat(p.path("backup-trial")); err == nil {
		t.Error("the trial restore is left")
	}
	folder := filepath.Join(t.TempDir(), "new")
	if _, err := Restore(t.Context(), quietly(folder), Restoring{File: file, Key: key}); err != nil {
		t.Fatal(err)
	}
	goesOn(t, folder, id)
}

// recoverable gives a site with a recovery key, and a desktop of it; both are closed with the test.
func recoverable(t *testing.T) (p, desktop *Program) {
	t.Helper()
	p = founded(t, t.TempDir())
	t.Cleanup(func() { shutAt(t, p) })
	if _, err := p.Services().Sync.RecoveryKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	desktop = joined(t, p, t.TempDir())
	t.Cleanup(func() { shutAt(t, desktop) })
	return p, desktop
}

// Once a proven backup is announced, a desktop forgets what it kept of its own beside the records; what came after the backup stays.
func TestABackupLetsDevicesForgetWhatItCovers(t *testing.T) {
	p, desktop := recoverable(t)
	space := record.SiteSpace("LYO")
	made := reportOnly(t, desktop)
	come(t, func() bool { return desktop.site.store.PendingCount() == 0 && seen(p, made) })
	if _, err := p.Services().Sync.Backup(t.Context(), filepath.Join(t.TempDir(), "monday.age")); err != nil {
		t.Fatal(err)
	}
	covered := p.site.store.Frontier(space).Commit
	come(t, func() bool {
		coverage, err := desktop.site.desk.Covered(space)
		return err == nil && coverage.Commit == covered && coverage.Generation == desktop.site.store.Frontier(space).Generation
	})
	later := reportOnly(t, desktop)
	come(t, func() bool { return desktop.site.store.PendingCount() == 0 && seen(p, later) })
	s := desktop.site.store
	if err := s.TrimLog(t.Context(), space, s.Frontier(space).Commit+1); err != nil {
		t.Fatal(err)
	}
	if err := desktop.site.sharing.tendStore(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[record.ID]bool{made: false, later: true} {
		state, err := s.Committed(id)
		if err != nil || state == nil {
			t.Fatal(err)
		}
		if _, kept := s.Outcome(state.Fields["title"].Values[0].Edit); kept != want {
			t.Errorf("the commit of its own of %s is kept apart: %v", id, kept)
		}
	}
}

// Two devices that announce their backups at once leave nobody with a conflict to settle, and the one that goes further counts.
func TestBackupsThatAreAnnouncedAtOnce(t *testing.T) {
	p, desktop := recoverable(t)
	promote(t, p, desktop)
	until(t, desktop, func() bool { return known(desktop, continuity.ClusterID) })
	up := func(commit uint64) []record.Frontier {
		return []record.Frontier{{Space: record.SiteSpace("LYO"), Generation: 1, Commit: commit}}
	}
	announce := func(p *Program, commit uint64) {
		if err := p.site.desk.AnnounceBackup(t.Context(), p.site.actor(), up(commit)); err != nil {
			t.Fatal(err)
		}
	}
	announce(p, 3)
	come(t, func() bool {
		coverage, err := desktop.site.desk.Covered(record.SiteSpace("LYO"))
		return err == nil && coverage.Commit == 3
	})
	if err := desktop.Services().Sync.Pause(); err != nil {
		t.Fatal(err)
	}
	announce(desktop, 9)
	announce(p, 7)
	if err := desktop.Services().Sync.Resume(); err != nil {
		t.Fatal(err)
	}
	covered := func(p *Program) uint64 {
		coverage, err := p.site.desk.Covered(record.SiteSpace("LYO"))
		if err != nil {
			t.Fatal(err)
		}
		return coverage.Commit
	}
	come(t, func() bool { return covered(p) == 9 && covered(desktop) == 9 && desktop.site.store.PendingCount() == 0 })
	state, err := p.site.store.Committed(continuity.ClusterID)
	if err != nil {
		t.Fatal(err)
	}
	field := state.Fields[continuity.FieldCovered]
	if len(field.Conflicts()) > 0 || len(field.Elements) != 2 {
		t.Errorf("%d are left, and %d conflicts", len(field.Elements), len(field.Conflicts()))
	}
	announce(p, 12)
	come(t, func() bool { return covered(desktop) == 12 })
	if state, err = p.site.store.Committed(continuity.ClusterID); err != nil || len(state.Fields[continuity.FieldCovered].Elements) != 1 {
		t.Errorf("what a later backup holds is told of still: %v", err)
	}
}

// A laptop whose database was damaged may lack what others hold: nobody begins the cluster anew on it unknowingly, not even at the second attempt.
func TestARebuiltDatabaseIsNotRecoveredFromUnknowingly(t *testing.T) {
	folder, key, _, waiting := burnt(t)
	tables, err := filepath.Glob(filepath.Join(folder, "store", "db", "*", "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("there is nothing to damage: %v, %v", tables, err)
	}
	for _, table := range tables {
		raw, err := os.ReadFile(table)
		if err != nil {
			t.Fatal(err)
		}
		for at := len(raw) - 64; at < len(raw); at++ { // where its index lies: the database cannot be opened
			raw[at] ^= 0x10
		}
		if err := os.WriteFile(table, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		done, err := Recover(t.Context(), quietly(folder), Recovering{Key: key})
		if !fault.Is(err, DataIncomplete) || !strings.Contains(fault.SentenceOf(err), "damaged") || done.Generation != "" {
			t.Fatalf("it began %+v: %v", done, err)
		}
	}
	p := openAt(t, folder) // it is still what it was
	if !seen(p, waiting) || p.site.book.Generation() != 0 {
		t.Error("the refused recovery changed something")
	}
	shutAt(t, p)
	if _, err := Recover(t.Context(), quietly(folder), Recovering{Key: key, Incomplete: true}); fault.Is(err, DataIncomplete) {
		t.Errorf("it does not go on although the person said so: %v", err)
	}
}
