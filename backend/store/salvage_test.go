package store

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

// committedIn makes a closed store of a device with agreed edits, and gives what it must still tell.
func committedIn(t *testing.T, dir string, device signer) *story {
	t.Helper()
	s, err := Open(context.Background(), configIn(dir, device))
	must(t, err)
	told := &story{}
	told.save(s, "agreed", 3)
	commitAll(t, s)
	must(t, s.Close())
	return told
}

// A kill between the making of a log file and its first write leaves one without a byte.
func TestLogFilesWithoutAByteAreNoDamage(t *testing.T) {
	for _, name := range []string{"00099.mem", "000099.vlog"} {
		t.Run(name, func(t *testing.T) {
			dir, device := t.TempDir(), newSigner("A")
			told := committedIn(t, dir, device)
			must(t, os.WriteFile(filepath.Join(dir, databases, "1", name), nil, fileMode))
			for range 2 {
				s, err := Open(context.Background(), configIn(dir, device))
				must(t, err)
				told.check(t, s)
				if s.Health().Rebuilt != "" {
					t.Errorf("it is taken for damage: %+v", s.Health())
				}
				must(t, s.Close())
			}
		})
	}
}

// A kill while a damaged database is replaced must not leave the new one, which holds only a part, as if it were all.
func TestASalvageThatWasInterruptedBeginsAnew(t *testing.T) {
	const aside = "1" + asideMark + "20261121T160000"
	for name, killed := range map[string]func(t *testing.T, dir string){
		"before anything was moved": func(*testing.T, string) {},
		"before the new one was named": func(t *testing.T, dir string) {
			must(t, os.Rename(filepath.Join(dir, "1"), filepath.Join(dir, aside)))
		},
		"while the new one was filled": func(t *testing.T, dir string) {
			must(t, os.Rename(filepath.Join(dir, "1"), filepath.Join(dir, aside)))
			must(t, switchDatabase(filepath.Dir(dir), "2"))
			db, err := openDatabase(&Config{Log: slog.New(slog.DiscardHandler)}, filepath.Join(dir, "2"))
			must(t, err)
			must(t, db.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, device := t.TempDir(), newSigner("A")
			told := committedIn(t, dir, device)
			must(t, beginSalvage(dir, aside))
			killed(t, filepath.Join(dir, databases))
			s, err := Open(context.Background(), configIn(dir, device))
			must(t, err)
			told.check(t, s)
			if commits := s.Frontier(lyon).Commit; commits != 3 || s.Health().Rebuilt == "" {
				t.Errorf("%d commits are left, and of the rebuilding it says %q", commits, s.Health().Rebuilt)
			}
			must(t, s.Close())
			if _, err := os.Stat(filepath.Join(dir, salvageName)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the salvage is not over: %v", err)
			}
			s = openStore(t, configIn(dir, device))
			told.check(t, s)
		})
	}
}
