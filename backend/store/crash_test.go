package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// story is what a person did before the computer stopped: saves with the titles that they hold, those answered and those not.
type story struct {
	mu      sync.Mutex
	saved   []attempt
	refused []attempt
}

type attempt struct {
	ids    []record.ID
	titles []string
}

// save tries to save n new records in one step.
func (y *story) save(s *Store, name string, n int) {
	var a attempt
	var drafts []record.Draft
	for i := range n {
		id, title := newID(), fmt.Sprintf("%s.%d", name, i)
		a.ids, a.titles = append(a.ids, id), append(a.titles, title)
		drafts = append(drafts, draftOf(id, true, title))
	}
	_, err := s.Append(context.Background(), drafts...)
	y.mu.Lock()
	defer y.mu.Unlock()
	if err == nil {
		y.saved = append(y.saved, a)
	} else {
		y.refused = append(y.refused, a)
	}
}

// tell saves alone and together, small and larger than a frame.
func (y *story) tell(s *Store) {
	for i := range 3 {
		y.save(s, fmt.Sprintf("alone %d", i), 1+i)
	}
	var together sync.WaitGroup
	for i := range 6 {
		together.Go(func() { y.save(s, fmt.Sprintf("together %d", i), 2) })
	}
	together.Wait()
	y.save(s, "last", 40)
}

// check looks for every save: the answered ones are there, the others whole or not at all.
func (y *story) check(t *testing.T, s *Store) {
	t.Helper()
	for _, a := range y.saved {
		for i, id := range a.ids {
			if got := titleOf(t, s, id); got != a.titles[i] {
				t.Errorf("the answered save %q holds %q", a.titles[i], got)
			}
		}
	}
	for _, a := range y.refused {
		there := 0
		for _, id := range a.ids {
			if titleOf(t, s, id) != "" {
				there++
			}
		}
		if there != 0 && there != len(a.ids) {
			t.Errorf("of the save %q %d of %d records are there", a.titles[0], there, len(a.ids))
		}
	}
}

// TestAStopAtAnyWriteLosesNoAnsweredSave is scenario 16 for the journal: with what the database had got, and with nothing of it.
func TestAStopAtAnyWriteLosesNoAnsweredSave(t *testing.T) {
	for stopAt := 1; ; stopAt++ {
		dir := t.TempDir()
		disk := newFaultyDisk(uint64(stopAt), stopAt)
		cfg := configIn(dir, newSigner("A"))
		cfg.Files = disk
		var told story
		s, err := Open(context.Background(), cfg)
		if err == nil {
			told.tell(s)
		}
		for _, withDatabase := range []bool{true, false} {
			after := openStore(t, configIn(disk.afterStop(t, dir, withDatabase), newSigner("A")))
			told.check(t, after)
			before := after.PendingCount()
			told.save(after, "afterwards", 1)
			if after.PendingCount() != before+1 {
				t.Error("saving does not work after the restart")
			}
			told.saved = told.saved[:len(told.saved)-1]
		}
		if s != nil {
			s.Close()
		}
		select {
		case <-disk.stopped:
		default:
			return // the story ended before the stop: every point was tried
		}
	}
}

func TestAFullDiskRefusesAndRecovers(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EROFS, syscall.EIO} {
		t.Run(errno.Error(), func(t *testing.T) {
			dir := t.TempDir()
			disk := newFaultyDisk(1, 0)
			cfg := configIn(dir, newSigner("A"))
			cfg.Files = disk
			s, err := Open(context.Background(), cfg)
			must(t, err)
			var told story
			told.save(s, "before", 3)
			disk.setRefuse(errno)
			_, err = s.Append(context.Background(), draftOf(newID(), true, "no room"))
			want := map[syscall.Errno]fault.Code{syscall.ENOSPC: fault.DiskFull, syscall.EROFS: fault.ReadOnly, syscall.EIO: fault.Unavailable}[errno]
			if !fault.Is(err, want) || !isSentence(fault.SentenceOf(err)) || !errors.Is(err, errno) {
				t.Errorf("got %v", err)
			}
			disk.setRefuse(nil)
			told.save(s, "after", 3)
			if len(told.saved) != 2 {
				t.Fatal("saving does not work after space was freed")
			}
			told.check(t, s)
			must(t, s.Close())
			again := openStore(t, configIn(dir, newSigner("A")))
			told.check(t, again)
			if again.PendingCount() != 6 {
				t.Errorf("%d edits", again.PendingCount())
			}
			commitAll(t, again)
			wantNoFindings(t, again)
		})
	}
}

func TestTheDatabaseIsNotWrittenOnANearlyFullDisk(t *testing.T) {
	ctx := context.Background()
	disk := newFaultyDisk(1, 0)
	cfg := configIn(t.TempDir(), newSigner("A"))
	cfg.Files = disk
	disk.free = databaseReserveBytes - 1
	s := openStore(t, cfg)
	id := newID()
	_, err := s.Append(ctx, draftOf(id, true, "Kept in the journal"))
	must(t, err)
	entry := decide(t, s, s.Pending(lyon))
	if applied, err := s.Apply(ctx, entry, RaftPosition{}); applied || !fault.Is(err, fault.DiskFull) {
		t.Fatalf("%v, %v", applied, err)
	}
	if !s.Health().DiskFull || titleOf(t, s, id) == "" || s.Frontier(lyon).Commit != 0 {
		t.Error("the refusal changed something, or is not told")
	}
	disk.setFree(0)
	applied, err := s.Apply(ctx, entry, RaftPosition{})
	must(t, err)
	if !applied || s.Health().DiskFull {
		t.Error("it does not go on after space was freed")
	}
}

func TestAStoreOpensOnANearlyFullDisk(t *testing.T) {
	dir := t.TempDir()
	disk := newFaultyDisk(1, 0)
	cfg := configIn(dir, newSigner("A"))
	cfg.Files = disk
	disk.free = databaseReserveBytes - 1
	s, err := Open(context.Background(), cfg)
	must(t, err)
	var told story
	told.save(s, "in the journal only", 2)
	must(t, s.Close())
	s = openStore(t, cfg)
	told.check(t, s)
	disk.setFree(journalReserveBytes - 1)
	_, err = s.Append(context.Background(), draftOf(newID(), true, "no room"))
	if !fault.Is(err, fault.DiskFull) || !s.Health().DiskFull {
		t.Errorf("a save: %v", err)
	}
	if _, _, err := s.Blobs().Put(context.Background(), strings.NewReader("a file")); !fault.Is(err, fault.DiskFull) {
		t.Errorf("a file: %v", err)
	}
	disk.setFree(0)
	told.save(s, "again", 1)
	told.check(t, s)
	if len(told.saved) != 2 {
		t.Error("saving does not work after space was freed")
	}
}

func TestATornEndIsCutOff(t *testing.T) {
	dir, device := t.TempDir(), newSigner("A")
	s, err := Open(context.Background(), configIn(dir, device))
	must(t, err)
	var told story
	told.save(s, "whole", 2)
	must(t, s.Close())
	must(t, os.Remove(filepath.Join(dir, cleanName)))
	for _, torn := range [][]byte{{1}, make([]byte, 4096), []byte("garbage that is longer than a frame's head"), {200, 0, 0, 0, 1, 2, 3, 4, 5}} {
		name := filepath.Join(dir, journalName, "00000001.log")
		raw, err := os.ReadFile(name)
		must(t, err)
		must(t, os.WriteFile(name, append(raw, torn...), fileMode))
		must(t, os.RemoveAll(filepath.Join(dir, databases)))
		s, err := Open(context.Background(), configIn(dir, device))
		must(t, err)
		told.check(t, s)
		if len(s.Health().Damage) != 0 {
			t.Errorf("a torn end is taken for damage: %v", s.Health().Damage)
		}
		told.save(s, "more", 1)
		must(t, s.Close())
		must(t, os.Remove(filepath.Join(dir, cleanName)))
	}
}

func TestADamagedJournalIsSetAsideAndTold(t *testing.T) {
	dir, device := t.TempDir(), newSigner("A")
	s, err := Open(context.Background(), configIn(dir, device))
	must(t, err)
	var told story
	for i := range 5 {
		told.save(s, fmt.Sprint(i), 1)
	}
	must(t, s.Close())
	name := filepath.Join(dir, journalName, "00000001.log")
	raw, err := os.ReadFile(name)
	must(t, err)
	raw[len(raw)/2] ^= 1
	must(t, os.WriteFile(name, raw, fileMode))
	s, err = Open(context.Background(), configIn(dir, device))
	must(t, err)
	told.check(t, s) // the database has its copy
	if len(s.Health().Damage) != 1 || !isSentence(s.Health().Damage[0]) {
		t.Errorf("damage %q", s.Health().Damage)
	}
	if _, err := os.Stat(name + asideMark + "0"); err != nil {
		t.Error(err)
	}
	must(t, s.Close())
	s = openStore(t, configIn(dir, device))
	told.check(t, s)
	if len(s.Health().Damage) != 0 {
		t.Errorf("told twice: %q", s.Health().Damage)
	}
}
