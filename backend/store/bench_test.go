package store

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// ticket is a draft of about the size of a real ticket: eight fields, a description of 300 bytes.
func ticket(id record.ID) record.Draft {
	d := draftOf(id, true, "The printer on the second floor does not print "+id.String())
	for field, value := range map[string]string{
		"status": "new", "impact": "2", "urgency": "3", "category": "hardware", "channel": "phone", "location": "Lyon, second floor",
		"description": strings.Repeat("It makes a noise. ", 16),
	} {
		d.Mutations = append(d.Mutations, record.Mutation{Op: record.OpSet, Record: id, Field: field, Value: record.Text(value)})
	}
	return d
}

func tickets(n int) []record.Draft {
	drafts := make([]record.Draft, n)
	for i := range drafts {
		drafts[i] = ticket(newID())
	}
	return drafts
}

// BenchmarkAppend measures one save, durable, against this disk's own synced append of 4 KiB: in turns, so that both meet the same weather.
func BenchmarkAppend(b *testing.B) {
	s := newStoreOf(b, newSigner("A"))
	f, err := os.Create(filepath.Join(b.TempDir(), "raw"))
	must(b, err)
	defer f.Close()
	block := make([]byte, 4096)
	var saves, raw []time.Duration
	b.ResetTimer()
	for b.Loop() {
		draft := ticket(newID())
		saves = append(saves, timed(func() {
			_, err := s.Append(context.Background(), draft)
			must(b, err)
		}))
		raw = append(raw, timed(func() {
			_, err := f.Write(block)
			must(b, err)
			must(b, f.Sync())
		}))
	}
	b.ReportMetric(float64(median(saves))/float64(median(raw)), "×raw")
	b.ReportMetric(float64(mean(saves))/float64(mean(raw)), "×raw-mean")
	b.ReportMetric(float64(median(raw)), "raw-ns")
}

func timed(do func()) time.Duration {
	start := time.Now()
	do()
	return time.Since(start)
}

func median(all []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(all))[len(all)/2]
}

func mean(all []time.Duration) (sum time.Duration) {
	for _, each := range all {
		sum += each
	}
	return sum / time.Duration(len(all))
}

// BenchmarkAppendTogether measures saves of 64 callers at once.
func BenchmarkAppendTogether(b *testing.B) {
	s := newStoreOf(b, newSigner("A"))
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := s.Append(context.Background(), ticket(newID())); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "saves/s")
}

// BenchmarkAppendBulk measures an import in calls of 512 tickets.
func BenchmarkAppendBulk(b *testing.B) {
	s := newStoreOf(b, newSigner("A"))
	b.ResetTimer()
	n := 0
	for b.Loop() {
		b.StopTimer()
		drafts := tickets(limit.BatchEdits)
		b.StartTimer()
		if _, err := s.Append(context.Background(), drafts...); err != nil {
			b.Fatal(err)
		}
		n += len(drafts)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "tickets/s")
}

// BenchmarkApply measures the commit of new tickets, 200 an entry.
func BenchmarkApply(b *testing.B) {
	s := newStoreOf(b, newSigner("A"))
	n := 0
	for b.Loop() {
		b.StopTimer()
		_, err := s.Append(context.Background(), tickets(200)...)
		must(b, err)
		entry := decide(b, s, s.Pending(lyon))
		b.StartTimer()
		applied, err := s.Apply(context.Background(), entry, RaftPosition{})
		if err != nil || !applied {
			b.Fatal(applied, err)
		}
		n += len(entry.Edits)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "edits/s")
}

const largeStore = 100_000

// fillLarge commits tickets as an import does.
func fillLarge(b *testing.B, s *Store, n int) {
	b.Helper()
	for n > 0 {
		some := min(n, limit.BatchEdits)
		_, err := s.Append(context.Background(), tickets(some)...)
		must(b, err)
		commitAll(b, s)
		n -= some
	}
}

// BenchmarkLarge measures a store of 100,000 tickets: reading all, first sync to another, size on disk, memory.
func BenchmarkLarge(b *testing.B) {
	dir := b.TempDir()
	s := openStore(b, configIn(dir, newSigner("A")))
	start := time.Now()
	fillLarge(b, s, largeStore)
	b.Logf("filled at %.0f tickets/s", largeStore/time.Since(start).Seconds())
	b.Logf("%.2f KiB a ticket on disk, heap %d MiB", float64(diskUse(b, dir))/largeStore/1024, heap()>>20)
	b.Run("EachView", func(b *testing.B) {
		for b.Loop() {
			n := 0
			must(b, s.EachView(context.Background(), func(*record.State) error { n++; return nil }))
			if n != largeStore {
				b.Fatal(n)
			}
		}
		b.ReportMetric(float64(largeStore*b.N)/b.Elapsed().Seconds(), "records/s")
	})
	b.Run("SpaceSnapshot", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			to := newStoreOf(b, newSigner("B"))
			b.StartTimer()
			takeOver(b, s, to, 1<<20)
		}
		b.ReportMetric(float64(largeStore*b.N)/b.Elapsed().Seconds(), "tickets/s")
	})
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// diskUse counts the blocks that files take, not the lengths of files with holes.
func diskUse(b *testing.B, dir string) (sum int64) {
	b.Helper()
	must(b, filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		sum += blocksOf(info)
		return err
	}))
	return sum
}
