package raftlog

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/raft"
	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"holdfast/backend/core/fault"
)

func openAt(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func entry(index uint64) *raft.Log {
	return &raft.Log{Index: index, Term: index/10 + 1, Data: fmt.Appendf(nil, "entry %d", index)}
}

func entries(low, high uint64) (run []*raft.Log) {
	for i := low; i <= high; i++ {
		run = append(run, entry(i))
	}
	return run
}

func same(a, b *raft.Log) bool {
	return a.Index == b.Index && a.Term == b.Term && a.Type == b.Type && bytes.Equal(a.Data, b.Data) &&
		bytes.Equal(a.Extensions, b.Extensions) && a.AppendedAt.Equal(b.AppendedAt)
}

func TestEntriesSurviveReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	whole := []*raft.Log{
		{Index: 1, Term: 1, Type: raft.LogConfiguration, Data: []byte("members")},
		{Index: 2, Term: 1, Type: raft.LogNoop},
		{Index: 3, Term: 1 << 60, Data: bytes.Repeat([]byte{0xA5}, 256<<10), Extensions: []byte{0, 1, 2}, AppendedAt: time.Unix(1_795_000_000, 123).UTC()},
		{Index: 1 << 40, Term: 2, Data: []byte{}, AppendedAt: time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
	s := openAt(t, path)
	if err := s.StoreLogs(whole); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, want := range whole {
			var got raft.Log
			if err := s.GetLog(want.Index, &got); err != nil || !same(&got, want) {
				t.Fatalf("entry %d: %v, %v", want.Index, got.Index, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openAt(t, path)
	}
}

func TestEdgesAndDeletedRanges(t *testing.T) {
	for _, c := range []struct {
		name                    string
		stored                  [][2]uint64
		deleted                 [][2]uint64
		wantFirst, wantLast     uint64
		wantPresent, wantAbsent []uint64
	}{
		{name: "empty", wantAbsent: []uint64{0, 1}},
		{name: "delete from empty", deleted: [][2]uint64{{1, 100}}},
		{name: "one", stored: [][2]uint64{{7, 7}}, wantFirst: 7, wantLast: 7, wantPresent: []uint64{7}, wantAbsent: []uint64{6, 8}},
		{name: "head cut", stored: [][2]uint64{{1, 1000}}, deleted: [][2]uint64{{1, 600}}, wantFirst: 601, wantLast: 1000, wantPresent: []uint64{601}, wantAbsent: []uint64{1, 600}},
		{name: "tail cut", stored: [][2]uint64{{1, 1000}}, deleted: [][2]uint64{{501, 1000}}, wantFirst: 1, wantLast: 500, wantPresent: []uint64{500}, wantAbsent: []uint64{501, 1000}},
		{name: "all", stored: [][2]uint64{{5, 300}}, deleted: [][2]uint64{{5, 300}}, wantAbsent: []uint64{5, 300}},
		{name: "beyond both ends", stored: [][2]uint64{{5, 300}}, deleted: [][2]uint64{{0, ^uint64(0) - 1}}},
		{name: "upside down", stored: [][2]uint64{{5, 9}}, deleted: [][2]uint64{{9, 5}}, wantFirst: 5, wantLast: 9},
		{name: "byte order", stored: [][2]uint64{{255, 257}, {65535, 65537}}, wantFirst: 255, wantLast: 65537},
		{name: "gap after a restore", stored: [][2]uint64{{1, 10}, {5000, 5010}}, deleted: [][2]uint64{{1, 4999}}, wantFirst: 5000, wantLast: 5010},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openAt(t, filepath.Join(t.TempDir(), "log"))
			for _, r := range c.stored {
				if err := s.StoreLogs(entries(r[0], r[1])); err != nil {
					t.Fatal(err)
				}
			}
			for _, r := range c.deleted {
				if err := s.DeleteRange(r[0], r[1]); err != nil {
					t.Fatal(err)
				}
			}
			first, _ := s.FirstIndex()
			last, _ := s.LastIndex()
			if first != c.wantFirst || last != c.wantLast {
				t.Errorf("edges %d..%d, want %d..%d", first, last, c.wantFirst, c.wantLast)
			}
			var got raft.Log
			for _, i := range c.wantPresent {
				if err := s.GetLog(i, &got); err != nil || !same(&got, entry(i)) {
					t.Errorf("entry %d: %v", i, err)
				}
			}
			for _, i := range c.wantAbsent {
				if err := s.GetLog(i, &got); err != raft.ErrLogNotFound {
					t.Errorf("entry %d: %v, want ErrLogNotFound", i, err)
				}
			}
		})
	}
}

// The store against a map, with reopening and compaction in between.
func TestAgainstAModel(t *testing.T) {
	folder := t.TempDir()
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		path := filepath.Join(folder, fmt.Sprint("log", round))
		s, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { s.Close(); os.Remove(path) }()
		model := map[uint64]*raft.Log{}
		indexes := rapid.Uint64Range(1, 40)
		t.Repeat(map[string]func(*rapid.T){
			"store": func(t *rapid.T) {
				low, n := indexes.Draw(t, "low"), rapid.Uint64Range(1, 8).Draw(t, "n")
				run := entries(low, low+n-1)
				for _, e := range run {
					e.Term = rapid.Uint64().Draw(t, "term")
					e.Data = rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "data")
					model[e.Index] = e
				}
				must(t, s.StoreLogs(run))
			},
			"delete": func(t *rapid.T) {
				low, high := indexes.Draw(t, "low"), indexes.Draw(t, "high")
				for i := low; i <= high; i++ {
					delete(model, i)
				}
				must(t, s.DeleteRange(low, high))
			},
			"reopen": func(t *rapid.T) {
				must(t, s.Close())
				if rapid.Bool().Draw(t, "compacted") {
					must(t, compact(path))
				}
				s, err = Open(path)
				must(t, err)
			},
			"": func(t *rapid.T) { equalsModel(t, s, model) },
		})
	})
}

func must(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

func equalsModel(t *rapid.T, s *Store, model map[uint64]*raft.Log) {
	var wantFirst, wantLast uint64
	for i := uint64(1); i < 60; i++ {
		var got raft.Log
		err := s.GetLog(i, &got)
		want := model[i]
		if want == nil && err != raft.ErrLogNotFound || want != nil && (err != nil || !same(&got, want)) {
			t.Fatalf("entry %d: %v", i, err)
		}
		if want != nil {
			wantLast = i
			if wantFirst == 0 {
				wantFirst = i
			}
		}
	}
	first, _ := s.FirstIndex()
	last, _ := s.LastIndex()
	if first != wantFirst || last != wantLast {
		t.Fatalf("edges %d..%d, want %d..%d", first, last, wantFirst, wantLast)
	}
}

func TestStableValues(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	s := openAt(t, path)
	if v, err := s.Get([]byte("LastVoteCand")); v != nil || err != nil {
		t.Fatalf("absent value: %v, %v", v, err)
	}
	if n, err := s.GetUint64([]byte("CurrentTerm")); n != 0 || err != nil {
		t.Fatalf("absent number: %v, %v", n, err)
	}
	for _, term := range []uint64{1, 0, ^uint64(0)} {
		if err := s.SetUint64([]byte("CurrentTerm"), term); err != nil {
			t.Fatal(err)
		}
		if err := s.Set([]byte("LastVoteCand"), fmt.Appendf(nil, "node %d", term)); err != nil {
			t.Fatal(err)
		}
		s.Close()
		s = openAt(t, path)
		n, err := s.GetUint64([]byte("CurrentTerm"))
		v, err2 := s.Get([]byte("LastVoteCand"))
		if n != term || string(v) != fmt.Sprint("node ", term) || err != nil || err2 != nil {
			t.Fatalf("term %d: read %d, %q, %v, %v", term, n, v, err, err2)
		}
	}
	if _, err := s.GetUint64([]byte("LastVoteCand")); !fault.Is(err, fault.Corrupt) {
		t.Fatalf("a text read as a number: %v", err)
	}
}

func TestStableKeysAndEntriesDoNotMeet(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "log"))
	if err := s.SetUint64(keyOf(3), 99); err != nil {
		t.Fatal(err)
	}
	if last, _ := s.LastIndex(); last != 0 {
		t.Fatalf("a stable value shows as entry %d", last)
	}
	if err := s.StoreLog(entry(3)); err != nil {
		t.Fatal(err)
	}
	if n, err := s.GetUint64(keyOf(3)); n != 99 || err != nil {
		t.Fatalf("an entry replaced a stable value: %d, %v", n, err)
	}
}

func TestCompactionShrinksTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	s := openAt(t, path)
	big := &raft.Log{Term: 1, Data: bytes.Repeat([]byte{1}, 64<<10)}
	for big.Index = 1; big.Index <= 64; big.Index++ {
		if err := s.StoreLog(big); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.DeleteRange(1, 60); err != nil {
		t.Fatal(err)
	}
	if err := s.SetUint64([]byte("CurrentTerm"), 5); err != nil {
		t.Fatal(err)
	}
	before, _ := s.SizeBytes()
	s.Close()
	if err := compact(path); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	after, _ := s.SizeBytes()
	first, _ := s.FirstIndex()
	term, _ := s.GetUint64([]byte("CurrentTerm"))
	if after > before/4 || first != 61 || term != 5 {
		t.Fatalf("%d bytes before, %d after; first entry %d, term %d", before, after, first, term)
	}
	var got raft.Log
	if err := s.GetLog(64, &got); err != nil || len(got.Data) != 64<<10 {
		t.Fatal(err)
	}
}

func TestRefusals(t *testing.T) {
	written := func(t *testing.T, change func(*Store)) string {
		path := filepath.Join(t.TempDir(), "log")
		s := openAt(t, path)
		if err := s.StoreLogs(entries(1, 2000)); err != nil {
			t.Fatal(err)
		}
		change(s)
		s.Close()
		return path
	}
	cut := func(t *testing.T, path string, to int64) {
		if err := os.Truncate(path, to); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		make func(t *testing.T) string
		want fault.Code
	}{
		{"in use", func(t *testing.T) string { return openAt(t, filepath.Join(t.TempDir(), "log")).path }, fault.InUse},
		{"newer format", func(t *testing.T) string {
			return written(t, func(s *Store) {
				s.update(func(tx *bbolt.Tx) error {
					return tx.Bucket(metaBucket).Put(formatKey, seal(formatKey, keyOf(formatVersion+1)))
				})
			})
		}, fault.NewerFormat},
		{"cut within", func(t *testing.T) string {
			path := written(t, func(*Store) {})
			cut(t, path, 5*pageBytes)
			return path
		}, fault.Corrupt},
		{"not a log", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(path, bytes.Repeat([]byte("text "), 5000), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}, fault.Corrupt},
		{"no folder", func(t *testing.T) string { return filepath.Join(t.TempDir(), "absent", "log") }, fault.NotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := c.make(t)
			s, err := Open(path)
			if !fault.Is(err, c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if s != nil {
				t.Fatal("a store came with the fault")
			}
		})
	}
}
