package store

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/google/uuid"

	"holdfast/backend/record"
)

// childFolder names the environment variable that makes this test binary the program that is killed.
const childFolder = "HOLDFAST_STORE_TEST_FOLDER"

// childFailed is the child's exit code when it ends by itself.
const childFailed = 3

// storiesTold is how many random stories one run of the tests tells; -rapid.checks asks for more.
const storiesTold = "30"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		fmt.Fprintln(os.Stderr, saveUntilKilled(dir, os.Stdout))
		os.Exit(childFailed)
	}
	if dir := os.Getenv(rotFolder); dir != "" {
		if err := openDecayed(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(childFailed)
		}
		return
	}
	if err := flag.Set("rapid.checks", storiesTold); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// killedRecord gives the id of the n-th record of a save, so that parent and child mean the same.
func killedRecord(save, n int) record.ID {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "%d.%d", save, n))
}

const recordsPerSave = 3

// saveUntilKilled saves and commits, and says after each save that it was answered.
func saveUntilKilled(dir string, answers io.Writer) error {
	ctx := context.Background()
	s, err := Open(ctx, configIn(dir, newSigner("A")))
	if err != nil {
		return err
	}
	first, err := strconv.Atoi(os.Getenv(childFolder + "_FROM"))
	if err != nil {
		return err
	}
	for save := first; ; save++ {
		var drafts []record.Draft
		for n := range recordsPerSave {
			drafts = append(drafts, draftOf(killedRecord(save, n), true, fmt.Sprint(save)))
		}
		if _, err := s.Append(ctx, drafts...); err != nil {
			return err
		}
		fmt.Fprintln(answers, save)
		if save%2 == 0 {
			continue
		}
		entry, err := entryOf(s.Frontier(lyon), s.Pending(lyon))
		if err != nil {
			return err
		}
		if applied, err := s.Apply(ctx, entry, RaftPosition{}); err != nil || !applied {
			return fmt.Errorf("apply: %v, %w", applied, err)
		}
	}
}

// TestAKilledProgramLosesNoAnsweredSave is scenario 16 with a real process and the database in it.
func TestAKilledProgramLosesNoAnsweredSave(t *testing.T) {
	dir := t.TempDir()
	answered := map[int]bool{}
	next := 0
	for round := range 8 {
		last := killAfter(t, dir, next, 20+round*37, answered)
		s, err := Open(context.Background(), configIn(dir, newSigner("A")))
		must(t, err)
		for save := 0; save <= last+1; save++ { // the one after the last answer may have been saved too
			there := 0
			for n := range recordsPerSave {
				if titleOf(t, s, killedRecord(save, n)) == fmt.Sprint(save) {
					there++
				}
			}
			if answered[save] && there != recordsPerSave || there != 0 && there != recordsPerSave {
				t.Errorf("round %d: of save %d (answered: %v) %d of %d records are there", round, save, answered[save], there, recordsPerSave)
			}
		}
		wantNoFindings(t, s)
		must(t, s.Close())
		next = last + 2
	}
}

// killAfter runs the program until it has answered some saves, kills it, and gives the last save that it answered.
func killAfter(t *testing.T, dir string, first, saves int, answered map[int]bool) (last int) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	child := exec.Command(self)
	child.Env = append(os.Environ(), childFolder+"="+dir, fmt.Sprintf("%s_FROM=%d", childFolder, first))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	last = first - 1
	for lines := bufio.NewScanner(out); lines.Scan(); {
		last, err = strconv.Atoi(lines.Text())
		must(t, err)
		answered[last] = true
		if last-first == saves {
			must(t, child.Process.Kill())
		}
	}
	var exit *exec.ExitError
	if err := child.Wait(); !errors.As(err, &exit) || exit.ExitCode() == childFailed {
		t.Fatalf("the program ended by itself: %v", err)
	}
	return last
}
