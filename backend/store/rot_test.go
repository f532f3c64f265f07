package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4/options"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

var rotTrials = flag.Int("rot", 96, "how many times a file of a database is damaged and the store opened")

// rotFolder names the environment variable that makes this test binary the program that opens damaged stores: some damage would end it.
const rotFolder = "HOLDFAST_STORE_TEST_ROT"

// region is a part of a table's file, as offsets from its start.
type region struct {
	name     string
	from, to int
}

// regionsOf gives the parts of a table: blocks with their checksums, the index, and the end that says how long that is and what its checksum is.
func regionsOf(raw []byte) []region {
	const length = 4
	sum := len(raw) - length - int(binary.BigEndian.Uint32(raw[len(raw)-length:]))
	size := sum - length
	index := size - int(binary.BigEndian.Uint32(raw[size:]))
	return []region{
		{"the first block's start", 0, 8}, {"the blocks", 8, index - 32}, {"the last block's end", index - 32, index}, {"the index", index, size},
		{"the length of the index", size, sum}, {"the checksum", sum, len(raw) - length}, {"the length of the checksum", len(raw) - length, len(raw)},
	}
}

// decay damages one file of a store's database as the trial's number says, and tells how.
func decay(dir string, trial int) (what string, err error) {
	random := rand.New(rand.NewPCG(uint64(trial), 1))
	files, err := filepath.Glob(filepath.Join(dir, databases, "1", "*"))
	if err != nil {
		return "", err
	}
	table := func(name string) bool { return strings.HasSuffix(name, ".sst") }
	elsewhere := []string{"KEYREGISTRY", "MANIFEST"} // damage of which has tests of its own
	wanted := func(name string) bool {
		return table(name) == (trial%8 != 7) && !slices.Contains(elsewhere, filepath.Base(name))
	}
	files = slices.DeleteFunc(files, func(name string) bool { return !wanted(name) })
	name := files[random.IntN(len(files))]
	raw, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	filled := len(bytes.TrimRight(raw, "\x00"))
	in := region{"the file", 0, max(filled, 1)}
	if table(name) {
		in = regionsOf(raw)[trial%8]
	}
	at := in.from + random.IntN(in.to-in.from)
	switch kind := random.IntN(5); {
	case len(raw) == 0:
	case kind == 0:
		raw = raw[:at]
	case kind == 1:
		clear(raw[at:min(at+4096, len(raw))])
	case kind == 2:
		raw[at] ^= 1 << random.IntN(8)
	default:
		for i := at; i < min(at+8, len(raw)); i++ {
			raw[i] ^= byte(1 + random.IntN(255))
		}
	}
	return fmt.Sprintf("trial %d: %s of %s at %d of %d", trial, in.name, filepath.Base(name), at, len(raw)), os.WriteFile(name, raw, fileMode)
}

// openDecayed opens copies of a store's folder, each damaged in another way, and works with them.
func openDecayed(dir string) error {
	var first, count int
	if _, err := fmt.Sscanf(os.Getenv(rotFolder+"_TRIALS"), "%d %d", &first, &count); err != nil {
		return err
	}
	for trial := first; trial < first+count; trial++ {
		copied := filepath.Join(filepath.Dir(dir), fmt.Sprint("trial", trial))
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			return err
		}
		what, err := decay(copied, trial)
		if err != nil {
			return err
		}
		fmt.Println(what)
		if err := useDecayed(copied, !strings.Contains(what, ".sst")); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if err := os.RemoveAll(copied); err != nil {
			return err
		}
	}
	return nil
}

// useDecayed opens a damaged store: it works, and does not say that all is well while something is missing, unless that is as after a power cut.
func useDecayed(dir string, cut bool) error {
	ctx := context.Background()
	cfg := configIn(dir, newSigner("A"))
	cfg.Key = []byte(os.Getenv(rotFolder + "_KEY"))
	if len(cfg.Key) == 0 {
		cfg.Key = nil
	}
	s, err := Open(ctx, cfg)
	if err != nil {
		if fault.CodeOf(err) == "" || !isSentence(fault.SentenceOf(err)) {
			return fmt.Errorf("it says in no sentence what is wrong: %w", err)
		}
		return fmt.Errorf("it does not open: %w", err)
	}
	if commits := s.Frontier(lyon).Commit; commits != rotCommits && s.Health().Rebuilt == "" && !cut {
		return fmt.Errorf("%d of %d commits are there, and it says nothing", commits, rotCommits)
	}
	mine := newID()
	_, err = s.Append(ctx, draftOf(mine, true, strings.Repeat("new ", 1000)))
	if err == nil {
		err = s.db.Flatten(2) // what the database does in its own time: it reads all of its tables and writes others
	}
	if err != nil {
		return err
	}
	found, err := s.Verify(ctx)
	if err != nil || len(found) > 0 {
		return fmt.Errorf("findings: %v, %w", found, err)
	}
	n := 0
	err = s.EachView(ctx, func(*record.State) error { n++; return nil })
	if err == nil && n <= int(s.Frontier(lyon).Commit) {
		err = fmt.Errorf("%d records are shown at commit %d", n, s.Frontier(lyon).Commit)
	}
	return errors.Join(err, s.Close())
}

// rotCommits is how many records the damaged stores had.
const rotCommits = 6 * 60

// TestDamageAnywhereInADatabaseIsSurvived opens stores with damaged files in a program of its own, which damage must not end: plain, encrypted, and as a kill left them.
func TestDamageAnywhereInADatabaseIsSurvived(t *testing.T) {
	self, err := os.Executable()
	must(t, err)
	for i, c := range []struct {
		name, key string
		killed    bool
	}{{"plain", "", false}, {"encrypted", "0123456789abcdef0123456789abcdef", false}, {"killed", "", true}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			base := t.TempDir()
			dir := filepath.Join(base, "store")
			cfg := configIn(dir, newSigner("A"))
			if c.key != "" {
				cfg.Key = []byte(c.key)
			}
			for round := range 6 { // a table each
				s, err := Open(t.Context(), cfg)
				must(t, err)
				if s.Health().Rebuilt != "" {
					t.Fatal("a sound database is taken for a damaged one")
				}
				fill(t, s, rotCommits/6)
				if c.killed && round == 5 {
					must(t, os.CopyFS(filepath.Join(base, "killed"), os.DirFS(dir)))
				}
				must(t, s.Close())
			}
			if c.killed {
				dir = filepath.Join(base, "killed")
			}
			child := exec.CommandContext(t.Context(), self)
			trials := *rotTrials / 3
			child.Env = append(os.Environ(), rotFolder+"="+dir, rotFolder+"_KEY="+c.key, fmt.Sprintf("%s_TRIALS=%d %d", rotFolder, i*trials, trials))
			var said, wrong bytes.Buffer
			child.Stdout, child.Stderr = &said, &wrong
			if err := child.Run(); err != nil {
				lines := strings.Split(strings.TrimSpace(said.String()), "\n")
				t.Errorf("%v at %s: %s", err, lines[len(lines)-1], wrong.Bytes()[:min(wrong.Len(), 6000)])
			}
		})
	}
}

// TestADamagedTableIsUnmappedOnce: the second time would take what another goroutine has mapped at the same address, and end the program when it reads that.
func TestADamagedTableIsUnmappedOnce(t *testing.T) {
	dir := t.TempDir()
	committedIn(t, dir, newSigner("A"))
	name := tablesOf(t, dir)[0]
	raw, err := os.ReadFile(name)
	must(t, err)
	o := databaseOptions(&Config{Log: slog.New(slog.DiscardHandler)}, filepath.Dir(name))
	mismatches := 0
	for at := range len(raw) {
		spoiled := bytes.Clone(raw)
		spoiled[at] ^= 0x5a
		must(t, os.WriteFile(name, spoiled, fileMode))
		wrong := checkTable(name, o, options.Snappy, nil, nil)
		if wrong == nil {
			t.Errorf("a wrong byte at %d of %d is not noticed", at, len(raw))
			continue
		}
		if text := wrong.Error(); strings.Contains(text, "sync file") || strings.Contains(text, "munmap") || strings.Contains(text, "already closed") {
			t.Fatalf("a wrong byte at %d of %d: %v", at, len(raw), wrong)
		}
		if strings.Contains(wrong.Error(), "mismatch") {
			mismatches++
		}
	}
	if mismatches == 0 {
		t.Error("no damage was of the kind that Badger itself unmaps the table for")
	}
}

// TestABlockThatClaimsToBeHugeIsNotUnfolded: Badger reserves what a damaged length says, up to 4 GiB, which a laptop may not have.
func TestABlockThatClaimsToBeHugeIsNotUnfolded(t *testing.T) {
	dir := t.TempDir()
	committedIn(t, dir, newSigner("A"))
	name := tablesOf(t, dir)[0]
	raw, err := os.ReadFile(name)
	must(t, err)
	copy(raw, binary.AppendUvarint(nil, 1<<32-1))
	must(t, os.WriteFile(name, raw, fileMode))
	o := databaseOptions(&Config{Log: slog.New(slog.DiscardHandler)}, filepath.Dir(name))
	if wrong := checkTable(name, o, options.Snappy, nil, nil); wrong == nil || !strings.Contains(wrong.Error(), "block 0 says that it holds 4294967295 bytes") {
		t.Error(wrong)
	}
}
