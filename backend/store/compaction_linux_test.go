package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

const (
	// fullFolder and fullStep name the environment variables that make this test binary a part of the test: the folder on which a disk of its own is put, and what to do there.
	fullFolder = "HOLDFAST_STORE_TEST_FULL"
	fullStep   = fullFolder + "_STEP"

	smallDiskBytes = 256 << 20
	longTitle      = 60_000
	// notAllowed is the part's exit code where this computer lets nobody mount a disk.
	notAllowed = 4
)

// Scenario 17: while the database joins its tables, other programs take all the room there is. It writes through memory maps, so that ends the program, as a kill would. The next
// start says that the disk is full; with room again all is there, and the tables are joined.
func TestACompactionOnAFullDiskLosesNothing(t *testing.T) {
	dir := os.Getenv(fullFolder)
	switch os.Getenv(fullStep) {
	case "all":
		compactOnAFullDisk(t, dir)
	case "compact":
		compactUntilFull(t, dir)
	default:
		part := partOf(t, t.TempDir(), "all")
		part.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
		if os.Geteuid() != 0 {
			part.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
			part.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		}
		said, err := part.CombinedOutput()
		var exit *exec.ExitError
		switch {
		case err != nil && !errors.As(err, &exit), exit != nil && exit.ExitCode() == notAllowed:
			notChecked(t, fmt.Sprintf("a compaction on a full disk: this computer does not allow disks of one's own: %v", err))
		case err != nil:
			t.Fatalf("%v: %s", err, said)
		}
	}
}

// partOf is this test in another process.
func partOf(t *testing.T, dir, step string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	part := exec.Command(self, "-test.run=^"+t.Name()+"$")
	part.Env = append(os.Environ(), fullFolder+"="+dir, fullStep+"="+step)
	return part
}

func compactOnAFullDisk(t *testing.T, dir string) {
	if err := syscall.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%d", smallDiskBytes)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(notAllowed)
	}
	data := filepath.Join(dir, "data")
	// Two levels of tables, so that there is something to join.
	titles := fillTables(t, configIn(data, newSigner("A")), true)
	byHand := configIn(data, newSigner("A"))
	byHand.ByHand = true
	for id, title := range fillTables(t, byHand, false) {
		titles[id] = title
	}

	said, err := partOf(t, dir, "compact").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !strings.Contains(string(said), "badger/v4.(*levelsController)") {
		t.Fatalf("the program does not meet a full disk while it joins its tables: %v, %s", err, said)
	}
	_, err = Open(t.Context(), configIn(data, newSigner("A")))
	if !fault.Is(err, fault.DiskFull) || !strings.Contains(fault.SentenceOf(err), "Free some space") {
		t.Errorf("the next start says %v", err)
	}
	must(t, os.Remove(filepath.Join(dir, "ballast")))
	s := openStore(t, configIn(data, newSigner("A")))
	for id, title := range titles {
		if titleOf(t, s, id) != title {
			t.Errorf("the record %s is gone", id)
		}
	}
	must(t, s.db.Flatten(2))
	fill(t, s, 3)
	wantNoFindings(t, s)
	if s.Health().Rebuilt != "" || s.Health().DiskFull {
		t.Errorf("it says %+v", s.Health())
	}
}

// fillTables writes records until there are several tables, and gives their titles.
func fillTables(t *testing.T, cfg Config, join bool) map[record.ID]string {
	t.Helper()
	s, err := Open(t.Context(), cfg)
	must(t, err)
	random, titles := rand.New(rand.NewPCG(1, 2)), map[record.ID]string{}
	for range 6 {
		for range 20 {
			title := make([]byte, longTitle)
			for i := range title {
				title[i] = byte('a' + random.IntN(26))
			}
			id := newID()
			_, err := s.Append(t.Context(), draftOf(id, true, string(title)))
			must(t, err)
			titles[id] = string(title)
		}
		commitAll(t, s)
	}
	if join {
		must(t, s.db.Flatten(2))
	}
	must(t, s.Close())
	return titles
}

// compactUntilFull has the database join its tables when other programs have just taken all the room.
func compactUntilFull(t *testing.T, dir string) {
	cfg := configIn(filepath.Join(dir, "data"), newSigner("A"))
	cfg.ByHand = true
	s, err := Open(context.Background(), cfg)
	must(t, err)
	var now syscall.Statfs_t
	must(t, syscall.Statfs(dir, &now))
	ballast, err := os.Create(filepath.Join(dir, "ballast"))
	must(t, err)
	must(t, syscall.Fallocate(int(ballast.Fd()), 0, 0, int64(now.Bavail)*now.Bsize))
	t.Fatal("it joined its tables without room: ", s.db.Flatten(2))
}

// notChecked says, in the test's own output and in the file that build/test.sh shows, what this computer does not allow to be checked.
func notChecked(t *testing.T, what string) {
	t.Helper()
	t.Log("NOT CHECKED: " + what)
	name := os.Getenv("HOLDFAST_TEST_NOTES")
	if name == "" {
		return
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	must(t, err)
	_, err = fmt.Fprintf(file, "%s: %s\n", t.Name(), what)
	must(t, errors.Join(err, file.Close()))
}
