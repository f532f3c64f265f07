package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/diskfile/diskfiletest"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

func TestAFolderOfANewerProgramIsLeftAlone(t *testing.T) {
	dir, device := t.TempDir(), newSigner("A")
	s, err := Open(context.Background(), configIn(dir, device))
	must(t, err)
	must(t, s.Close())
	must(t, os.WriteFile(filepath.Join(dir, formatName), []byte("99\n"), fileMode))
	before := namesIn(t, dir)
	_, err = Open(context.Background(), configIn(dir, device))
	if !fault.Is(err, fault.NewerFormat) || !isSentence(fault.SentenceOf(err)) {
		t.Errorf("got %v", err)
	}
	if after := namesIn(t, dir); after != before {
		t.Errorf("the folder was\n%s\nand is\n%s", before, after)
	}
}

func namesIn(t testing.TB, dir string) string {
	t.Helper()
	var names []string
	must(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		names = append(names, path)
		return err
	}))
	return strings.Join(names, "\n")
}

func TestAFolderThatCannotBeUsedIsExplained(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, fileMode))
	disk := newFaultyDisk(1, 0)
	disk.refuse = syscall.EROFS
	readOnly := configIn(t.TempDir(), newSigner("A"))
	readOnly.Files = disk
	full := configIn(t.TempDir(), newSigner("A"))
	full.Files = &faultyDisk{free: 1000, files: map[string]*faultyFile{}}
	badKey := configIn(t.TempDir(), newSigner("A"))
	badKey.Key = []byte("short")
	for name, c := range map[string]struct {
		cfg  Config
		want fault.Code
	}{
		"no folder": {Config{Device: newSigner("A")}, fault.Invalid},
		"no device": {Config{Dir: t.TempDir()}, fault.Invalid},
		"short key": {badKey, fault.Invalid},
		"in a file": {configIn(file, newSigner("A")), fault.Unavailable},
		"full disk": {full, fault.DiskFull},
	} {
		_, err := Open(context.Background(), c.cfg)
		if !fault.Is(err, c.want) || !isSentence(fault.SentenceOf(err)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := openStore(t, readOnly) // reading works; the journal's folder was there
	_, err := s.Append(context.Background(), draftOf(newID(), true, "x"))
	if !fault.Is(err, fault.ReadOnly) {
		t.Errorf("saving in a folder that may only be read: %v", err)
	}
}

func TestADamagedDatabaseIsSetAsideAndFilledAgain(t *testing.T) {
	ctx := context.Background()
	dir, device := t.TempDir(), newSigner("A")
	s, err := Open(ctx, configIn(dir, device))
	must(t, err)
	fill(t, s, 2000)
	peer := newStoreOf(t, newSigner("B"))
	takeOver(t, s, peer, 1<<20)
	mine := newID()
	_, err = s.Append(ctx, draftOf(mine, true, "Only in the journal"))
	must(t, err)
	want := s.Frontier(lyon)
	must(t, s.Close())
	spoilTables(t, dir)

	s = openStore(t, configIn(dir, device))
	h := s.Health()
	if h.Rebuilt == "" || s.Frontier(lyon).Commit != 0 {
		t.Fatalf("%+v at %v", h, s.Frontier(lyon))
	}
	if _, err := os.Stat(h.Rebuilt); err != nil {
		t.Errorf("the damaged database is not kept: %v", err)
	}
	if titleOf(t, s, mine) != "Only in the journal" {
		t.Error("an edit that only this device had is lost")
	}
	must(t, s.Close())
	s = openStore(t, configIn(dir, device)) // as somebody does who starts the program before they read its log
	if aside, err := s.Incomplete(); err != nil || aside != h.Rebuilt {
		t.Errorf("at the next start, nothing tells that the database was rebuilt: %q, %v", aside, err)
	}
	takeOver(t, peer, s, 1<<20)
	must(t, s.Completed(ctx))
	if aside, err := s.Incomplete(); err != nil || aside != "" {
		t.Errorf("it is whole and said to be incomplete: %q, %v", aside, err)
	}
	if s.Frontier(lyon) != want || s.PendingCount() != 1 {
		t.Errorf("%v with %d pending, want %v", s.Frontier(lyon), s.PendingCount(), want)
	}
	commitAll(t, s)
	wantNoFindings(t, s)
}

// TestADamagedDatabaseGivesWhatProvesItself has a device on its own, whose only copy of the database loses a bit or a file.
func TestADamagedDatabaseGivesWhatProvesItself(t *testing.T) {
	ctx := context.Background()
	for name, spoil := range map[string]func(t testing.TB, dir string){
		"one block": spoilFirstTable,
		"the end of a table": func(t testing.TB, dir string) {
			name := tablesOf(t, dir)[0]
			info, err := os.Stat(name)
			must(t, err)
			must(t, os.Truncate(name, info.Size()-1000))
		},
		"all that a table held": func(t testing.TB, dir string) { must(t, os.Truncate(tablesOf(t, dir)[0], 0)) },
		"the length of an index": func(t testing.TB, dir string) {
			name := tablesOf(t, dir)[0]
			raw, err := os.ReadFile(name)
			must(t, err)
			must(t, os.WriteFile(name, append(raw[:len(raw)-4], 0x06, 0x68, 0x0a, 0x2b), fileMode))
		},
		"a whole table": func(t testing.TB, dir string) { must(t, os.Remove(tablesOf(t, dir)[0])) },
		"a manifest": func(t testing.TB, dir string) {
			must(t, os.WriteFile(filepath.Join(dir, databases, "1", "MANIFEST"), []byte("no"), fileMode))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, device := t.TempDir(), newSigner("A")
			s, err := Open(ctx, configIn(dir, device))
			must(t, err)
			must(t, s.SetMeta(ctx, "cluster", []byte("x")))
			fill(t, s, 3000)
			mine := newID()
			_, err = s.Append(ctx, draftOf(mine, true, "Only in the journal"))
			must(t, err)
			want := s.Frontier(lyon)
			must(t, s.Close())
			s, err = Open(ctx, configIn(dir, device))
			must(t, err)
			must(t, s.SetMeta(ctx, "later", []byte("in another table")))
			must(t, s.Close())
			spoil(t, dir)

			s = openStore(t, configIn(dir, device))
			got := s.Frontier(lyon)
			t.Logf("%d of %d commits were taken out", got.Commit, want.Commit)
			if s.Health().Rebuilt == "" || titleOf(t, s, mine) != "Only in the journal" {
				t.Errorf("%+v, %q", s.Health(), titleOf(t, s, mine))
			}
			if got.Commit == want.Commit && got != want {
				t.Errorf("%v, want %v", got, want)
			}
			if later, err := s.Meta("later"); name != "a manifest" && string(later) != "in another table" {
				t.Errorf("the sound table gave %q, %v", later, err)
			}
			wantNoFindings(t, s)
		})
	}
}

func spoilFirstTable(t testing.TB, dir string) {
	t.Helper()
	name := tablesOf(t, dir)[0]
	raw, err := os.ReadFile(name)
	must(t, err)
	raw[len(raw)-len(raw)/4] ^= 0x10
	must(t, os.WriteFile(name, raw, fileMode))
}

func tablesOf(t testing.TB, dir string) []string {
	t.Helper()
	tables, err := filepath.Glob(filepath.Join(dir, databases, "*", "*.sst"))
	must(t, err)
	if len(tables) == 0 {
		t.Fatal("there are no tables")
	}
	return tables
}

// spoilTables flips a bit in the middle of every table of the database.
func spoilTables(t testing.TB, dir string) {
	t.Helper()
	for _, name := range tablesOf(t, dir) {
		raw, err := os.ReadFile(name)
		must(t, err)
		for at := 100; at < len(raw); at += 1000 {
			raw[at] ^= 0x10
		}
		must(t, os.WriteFile(name, raw, fileMode))
	}
}

func TestAnEncryptedStoreOpensWithItsKeyOnly(t *testing.T) {
	ctx := context.Background()
	cfg := configIn(t.TempDir(), newSigner("A"))
	cfg.Key = []byte("0123456789abcdef0123456789abcdef")
	s, err := Open(ctx, cfg)
	must(t, err)
	secret := "the password of the safe"
	id := newID()
	_, err = s.Append(ctx, draftOf(id, true, secret))
	must(t, err)
	must(t, s.Close())
	if found := diskfiletest.Holding(t, cfg.Dir, secret); len(found) > 0 {
		t.Errorf("%v hold the secret in the clear", found)
	}
	for _, key := range [][]byte{nil, []byte("0123456789abcdef0123456789abcdeX")} {
		wrong := cfg
		wrong.Key = key
		if _, err := Open(ctx, wrong); !fault.Is(err, WrongKey) {
			t.Errorf("with the key %q: %v", key, err)
		}
	}
	must(t, os.RemoveAll(filepath.Join(cfg.Dir, databases))) // the journal alone
	wrong := cfg
	wrong.Key = []byte("0123456789abcdef0123456789abcdeX")
	must(t, os.Remove(filepath.Join(cfg.Dir, currentName)))
	if _, err := Open(ctx, wrong); !fault.Is(err, WrongKey) {
		t.Errorf("the journal with another key: %v", err)
	}
	must(t, os.RemoveAll(filepath.Join(cfg.Dir, databases)))
	s = openStore(t, cfg)
	if titleOf(t, s, id) != secret {
		t.Error("the secret is lost")
	}
}

// TestADamagedKeyRegistryIsNoWrongKey: people who are told of a wrong key look for another one, and none would help.
func TestADamagedKeyRegistryIsNoWrongKey(t *testing.T) {
	ctx := context.Background()
	key := []byte("0123456789abcdef0123456789abcdef")
	flip := func(at int) func(raw []byte) []byte {
		return func(raw []byte) []byte { raw[at] ^= 0x10; return raw }
	}
	spoils := map[string]func(raw []byte) []byte{
		"its head":    flip(20),
		"its vector":  flip(0),
		"a length":    flip(28),
		"a key":       flip(60),
		"its end":     func(raw []byte) []byte { return raw[:len(raw)-3] },
		"all of it":   func([]byte) []byte { return nil },
		"the file is": nil,
	}
	for name, spoil := range spoils {
		t.Run(name, func(t *testing.T) {
			cfg := configIn(t.TempDir(), newSigner("A"))
			cfg.Key = key
			s, err := Open(ctx, cfg)
			must(t, err)
			fill(t, s, 100)
			want := s.Frontier(lyon)
			must(t, s.Close())
			spoilRegistry(t, cfg.Dir, spoil)
			s = openStore(t, cfg)
			if h := s.Health(); s.Frontier(lyon) != want || h.Rebuilt != "" || len(h.Damage) != 1 || !strings.Contains(h.Damage[0], "KEYREGISTRY") {
				t.Errorf("at %v, want %v; %+v", s.Frontier(lyon), want, h)
			}
			if found, err := s.Verify(ctx); err != nil || len(found) != 1 { // the notice itself
				t.Errorf("%v: %v", found, err)
			}
		})
	}
}

func spoilRegistry(t testing.TB, dir string, spoil func(raw []byte) []byte) {
	t.Helper()
	file := filepath.Join(dir, databases, "1", badger.KeyRegistryFileName)
	if spoil == nil {
		must(t, os.Remove(file))
		return
	}
	raw, err := os.ReadFile(file)
	must(t, err)
	must(t, os.WriteFile(file, spoil(raw), fileMode))
}

// TestADamagedKeyRegistryWithoutACopy: with a key that is proven it is damage like any other; with one that is not, both possibilities are told and nothing is changed.
func TestADamagedKeyRegistryWithoutACopy(t *testing.T) {
	ctx := context.Background()
	for name, proven := range map[string]bool{"proven": true, "of an older program": false} {
		t.Run(name, func(t *testing.T) {
			cfg := configIn(t.TempDir(), newSigner("A"))
			cfg.Key = []byte("0123456789abcdef0123456789abcdef")
			s, err := Open(ctx, cfg)
			must(t, err)
			id := newID()
			_, err = s.Append(ctx, draftOf(id, true, "Only in the journal"))
			must(t, err)
			must(t, s.Close())
			folder := filepath.Join(cfg.Dir, databases, "1")
			must(t, os.Remove(filepath.Join(folder, registryCopy)))
			if !proven {
				must(t, os.Remove(filepath.Join(cfg.Dir, keyCheckName)))
			}
			spoilRegistry(t, cfg.Dir, func(raw []byte) []byte { raw[20] ^= 1; return raw })
			if !proven {
				_, err := Open(ctx, cfg)
				if sentence := fault.SentenceOf(err); !fault.Is(err, KeyUncertain) || !strings.Contains(sentence, "vault.json") || !strings.Contains(sentence, "KEYREGISTRY") {
					t.Errorf("opening says %v", err)
				}
				return
			}
			s = openStore(t, cfg)
			if s.Health().Rebuilt == "" || titleOf(t, s, id) != "Only in the journal" {
				t.Errorf("%+v", s.Health())
			}
		})
	}
}

// TestADamagedKeyRegistryOfAPlainFolder: it holds nothing that is needed.
func TestADamagedKeyRegistryOfAPlainFolder(t *testing.T) {
	ctx := context.Background()
	cfg := configIn(t.TempDir(), newSigner("A"))
	s, err := Open(ctx, cfg)
	must(t, err)
	fill(t, s, 100)
	want := s.Frontier(lyon)
	must(t, s.Close())
	spoilRegistry(t, cfg.Dir, func(raw []byte) []byte { raw[20] ^= 1; return raw })
	s = openStore(t, cfg)
	if s.Frontier(lyon) != want || s.Health().Rebuilt != "" {
		t.Errorf("at %v, want %v; %+v", s.Frontier(lyon), want, s.Health())
	}
	must(t, s.Close())
	must(t, os.WriteFile(filepath.Join(cfg.Dir, keyCheckName), []byte("no"), fileMode))
	if s = openStore(t, cfg); s.Frontier(lyon) != want {
		t.Error("a damaged KEYCHECK keeps a folder shut")
	}
}

func TestAWrongClockIsToldAndRefusesNothing(t *testing.T) {
	ctx := context.Background()
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	cfg := configIn(t.TempDir(), newSigner("A"))
	cfg.Wall = func() time.Time { return now }
	s := openStore(t, cfg)
	fill(t, s, 1)
	if got := s.Health().ClockSuspicion; got != "" {
		t.Errorf("a good clock: %q", got)
	}
	newest := s.Frontier(lyon).Time
	for _, wrong := range []time.Time{time.Unix(0, 0), now.AddDate(-2, 0, 0), now.AddDate(30, 0, 0)} {
		now = wrong
		if got := s.Health().ClockSuspicion; !isSentence(got) {
			t.Errorf("at %v: %q", wrong, got)
		}
		_, err := s.Append(ctx, draftOf(newID(), true, "x"))
		must(t, err)
	}
	for _, e := range s.Pending(lyon) {
		if e.Time <= newest {
			t.Errorf("an edit of %v is not later than the newest commit of %v", e.Time.Time(), newest.Time())
		}
	}
}

func TestAClosedStoreSaysSo(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, configIn(t.TempDir(), newSigner("A")))
	must(t, err)
	sub := s.Subscribe(0)
	must(t, s.Close())
	must(t, s.Close())
	if _, open := <-sub.C(); open {
		t.Error("the subscription is open")
	}
	sub.Close()
	_, err = s.Append(ctx, draftOf(newID(), true, "x"))
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("Append: %v", err)
	}
	if _, err := s.View(newID()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("View: %v", err)
	}
	if _, err := s.Apply(ctx, decide(t, s, nil), RaftPosition{}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("Apply: %v", err)
	}
}

// A node goes on from its group's log. Where it stood within an entry of it, no later entry would ever apply there.
func TestADamagedLogIsTakenUpToTheEndOfAnEntry(t *testing.T) {
	ctx := context.Background()
	from := newStoreOf(t, newSigner("A"))
	for i, edits := range []int{2, 3, 4} {
		for range edits {
			_, err := from.Append(ctx, draftOf(newID(), true, "A record"))
			must(t, err)
		}
		entry := decide(t, from, from.Pending(lyon))
		entry.Time = clock.At(time.UnixMilli(int64(1000 * (i + 1))))
		applied, err := from.Apply(ctx, entry, RaftPosition{})
		must(t, err)
		if !applied {
			t.Fatal("an entry is not applied")
		}
	}
	for _, c := range []struct {
		name      string
		lost      uint64 // the commit that cannot be read; zero: none
		end, want uint64
	}{
		{"nothing is lost", 0, 9, 9},
		{"within an entry", 4, 9, 2},
		{"the first of an entry", 6, 9, 2}, // it may be the last of the entry before
		{"the end", 9, 9, 5},
		{"an end that nobody knows", 0, 0, 5},
		{"the first", 1, 9, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			to := newStoreOf(t, newSigner("B"))
			w := logWalk{store: to, broken: map[record.Space]bool{}, ends: map[record.Space]uint64{lyon: c.end}}
			must(t, from.db.View(func(txn *badger.Txn) error {
				return scan(txn, []byte{famCommit}, func(key, value []byte) error {
					if binary.BigEndian.Uint64(key[len(key)-8:]) == c.lost {
						return nil
					}
					return w.row(ctx, bytes.Clone(key), bytes.Clone(value))
				})
			}))
			must(t, w.finish(ctx))
			if got := to.Frontier(lyon).Commit; got != c.want {
				t.Errorf("%d commits are taken, want %d", got, c.want)
			}
			wantNoFindings(t, to)
		})
	}
}
