package raftlog

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/raft"

	"holdfast/backend/core/fault"
)

// crashVariable names the file to which a copy of this test program writes until it is killed.
const crashVariable = "RAFTLOG_WRITE_UNTIL_KILLED"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashVariable); path != "" {
		if err := writeUntilKilled(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeUntilKilled appends, truncates and compacts as a node does, and prints "first last" after each durable step.
func writeUntilKilled(path string) error {
	s, err := Open(path)
	if err != nil {
		return err
	}
	last, err := s.LastIndex()
	if err != nil {
		return err
	}
	for step := uint64(1); ; step++ {
		run := entries(last+1, last+1+step%7)
		if err := s.StoreLogs(run); err != nil {
			return err
		}
		last = run[len(run)-1].Index
		fmt.Println("stored", last)
		if step%20 == 0 {
			if err := s.DeleteRange(0, last-50); err != nil {
				return err
			}
		}
	}
}

func TestNothingAcknowledgedIsLostWhenKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	random := rand.New(rand.NewPCG(1, 2))
	for range 12 {
		acknowledged := killAfter(t, path, 5+random.IntN(60))
		s := openAt(t, path)
		last, err := s.LastIndex()
		if err != nil || last < acknowledged {
			t.Fatalf("last entry %d, %d was acknowledged, %v", last, acknowledged, err)
		}
		first, err := s.FirstIndex()
		if err != nil {
			t.Fatal(err)
		}
		for i := first; i <= last; i++ {
			var got raft.Log
			if err := s.GetLog(i, &got); err != nil || !same(&got, entry(i)) {
				t.Fatalf("entry %d of %d..%d: %v", i, first, last, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killAfter runs a writer, kills it after so many acknowledgements, and gives the last index that it acknowledged.
func killAfter(t *testing.T, path string, acknowledgements int) (last uint64) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	writer := exec.Command(program)
	writer.Env = append(os.Environ(), crashVariable+"="+path)
	writer.Stderr = os.Stderr
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		if n == acknowledgements {
			writer.Process.Kill()
		}
		if last, err = strconv.ParseUint(strings.TrimPrefix(lines.Text(), "stored "), 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	if writer.Wait() == nil || last == 0 {
		t.Fatalf("the writer ended by itself, or wrote nothing (%d)", last)
	}
	return last
}

// A flipped bit anywhere in the file never makes the program fall over, and no entry is ever read wrong.
func TestFlippedBitsAreFoundOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	s := openAt(t, path)
	if err := s.StoreLogs(entries(1, 300)); err != nil {
		t.Fatal(err)
	}
	s.Close()
	intact, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	random := rand.New(rand.NewPCG(3, 4))
	marker := []byte("entry ")
	for round := range 120 {
		damaged := bytes.Clone(intact)
		at := random.IntN(len(damaged))
		if round%2 == 0 { // otherwise the tree's own structure is hit as well
			at += max(0, bytes.Index(damaged[at:], marker))
		}
		damaged[at] ^= 1 << random.IntN(8)
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		found += wrongReads(t, path)
	}
	if found == 0 {
		t.Fatal("no flip hit an entry: the test shows nothing")
	}
}

func wrongReads(t *testing.T, path string) (refused int) {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		if !fault.Is(err, fault.Corrupt) {
			t.Fatal(err)
		}
		return 1
	}
	defer s.Close()
	for i := uint64(1); i <= 300; i++ {
		var got raft.Log
		switch err := s.GetLog(i, &got); {
		case err == raft.ErrLogNotFound || fault.Is(err, fault.Corrupt):
			refused++
		case err != nil:
			t.Fatal(err)
		case !same(&got, entry(i)):
			t.Fatalf("entry %d was read wrong: %q", i, got.Data)
		}
	}
	return refused
}

func FuzzDecodeEntry(f *testing.F) {
	key := keyOf(9)
	f.Add(encodeEntry(key, &raft.Log{Index: 9, Term: 3, Data: []byte("data"), Extensions: []byte("x")}))
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0xFF}, 40))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var once, again raft.Log
		if decodeEntry(key, raw, &once) != nil {
			return
		}
		if err := decodeEntry(key, encodeEntry(key, &once), &again); err != nil || !same(&once, &again) {
			t.Fatalf("%+v became %+v: %v", once, again, err)
		}
	})
}

func BenchmarkStoreLogs(b *testing.B) {
	for _, c := range []struct{ entries, bytes int }{{1, 300}, {64, 300}, {1, 256 << 10}} {
		b.Run(fmt.Sprintf("%dx%dB", c.entries, c.bytes), func(b *testing.B) {
			s := openAt(b, filepath.Join(b.TempDir(), "log"))
			run := make([]*raft.Log, c.entries)
			b.SetBytes(int64(c.entries * c.bytes))
			next := uint64(1)
			for b.Loop() {
				for i := range run {
					run[i] = &raft.Log{Index: next, Term: 1, Data: make([]byte, c.bytes)}
					next++
				}
				if err := s.StoreLogs(run); err != nil {
					b.Fatal(err)
				}
				if next%20_000 == 0 {
					if err := s.DeleteRange(0, next-10_000); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

func BenchmarkGetLog(b *testing.B) {
	s := openAt(b, filepath.Join(b.TempDir(), "log"))
	if err := s.StoreLogs(entries(1, 10_000)); err != nil {
		b.Fatal(err)
	}
	var into raft.Log
	i := uint64(0)
	for b.Loop() {
		i = i%10_000 + 1
		if err := s.GetLog(i, &into); err != nil {
			b.Fatal(err)
		}
	}
}
