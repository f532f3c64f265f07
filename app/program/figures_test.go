package program

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"holdfast/app/api"
	"holdfast/backend/core/limit"
	"holdfast/backend/desk"
	"holdfast/backend/exchange"
	"holdfast/backend/record"
)

// openAt opens a program on a folder that only this machine's loopback reaches.
func openAt(b testing.TB, folder string) *Program {
	b.Helper()
	p, err := Open(b.Context(), Config{Data: folder, Version: "test", Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func shutAt(b testing.TB, p *Program) {
	b.Helper()
	if err := p.Close(); err != nil {
		b.Error(err)
	}
}

func founded(b testing.TB, folder string) *Program {
	b.Helper()
	p := openAt(b, folder)
	if _, err := p.Found(b.Context(), api.FirstSite{Name: "Lyon office", Code: "LYO", Person: "Ana"}); err != nil {
		b.Fatal(err)
	}
	return p
}

// joined enrols a new desktop at p.
func joined(b testing.TB, p *Program, folder string) *Program {
	b.Helper()
	invite, err := p.Services().Sync.Invite(b.Context(), api.InviteWish{Role: "desktop", Hours: 1})
	if err != nil {
		b.Fatal(err)
	}
	other := openAt(b, folder)
	if _, err := other.Join(b.Context(), api.Joining{Invite: invite.Text, Person: "Ben"}); err != nil {
		b.Fatal(err)
	}
	return other
}

// drafts makes tickets with about as many fields as real ones.
func drafts(b testing.TB, from, count int, author record.ID) []record.Draft {
	b.Helper()
	list := make([]record.Draft, 0, count)
	for n := from; n < from+count; n++ {
		id, err := uuid.NewV7()
		if err != nil {
			b.Fatal(err)
		}
		set := func(field, text string) record.Mutation {
			return record.Mutation{Op: record.OpSet, Record: id, Field: field, Value: record.Text(text)}
		}
		list = append(list, record.Draft{Space: record.SiteSpace("LYO"), Author: author, Action: exchange.Action, Mutations: []record.Mutation{
			{Op: record.OpCreate, Record: id, Kind: "incident"}, set("title", fmt.Sprintf("Printer %d on floor %d prints blank pages", n, n%9)),
			{Op: record.OpText, Record: id, Field: "description", Value: record.Text(fmt.Sprintf("Since this morning. Serial SN-%06d, address 10.%d.%d.%d.", n, n>>16&255, n>>8&255, n&255))},
			{Op: record.OpTransition, Record: id, Field: "status", Value: record.Text([]string{"new", "in_progress", "on_hold", "closed"}[n%4])},
			set("impact", "2"), set("urgency", "2"), set("priority", "3"), set("category", []string{"hardware", "network", "mail"}[n%3]),
			set("channel", "phone"), set("location", fmt.Sprint("Building ", n%12)),
			{Op: record.OpAdd, Record: id, Field: "tags", Value: record.Text([]string{"vip", "printer", "floor"}[n%3])},
		}})
	}
	return list
}

// fill stores count tickets and waits until they are agreed.
func fill(b testing.TB, p *Program, count int) {
	b.Helper()
	for done := 0; done < count; done += limit.BatchEdits {
		if _, err := p.site.store.Append(b.Context(), drafts(b, done, min(limit.BatchEdits, count-done), p.site.actor().Person)...); err != nil {
			b.Fatal(err)
		}
	}
	agreed(b, p)
}

// agreed waits until nothing is tentative and the lists show it.
func agreed(b testing.TB, p *Program) {
	b.Helper()
	until(b, p, func() bool { return p.site.store.PendingCount() == 0 })
}

// until waits until it is so. It looks again with each change of p's store, and now and then, as what follows a change may take a moment longer. A test gives up after some minutes.
func until(b testing.TB, p *Program, so func() bool) {
	b.Helper()
	changes := p.site.store.Subscribe(1)
	defer changes.Close()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	var patience <-chan time.Time
	if _, measured := b.(*testing.B); !measured {
		patience = time.After(3 * time.Minute)
	}
	for !so() {
		select {
		case <-changes.C():
		case <-look.C:
		case <-patience:
			b.Fatal("it never came to be so")
		case <-b.Context().Done():
			b.Fatal("it never came to be so")
		}
	}
}

// BenchmarkStart measures from the start until lists and search can be used, on a folder that is built once and kept: see stocked.
func BenchmarkStart(b *testing.B) {
	for name, count := range map[string]int{"100k": 100_000, "1M": 1_000_000} {
		b.Run(name, func(b *testing.B) {
			folder := stocked(b, count)
			for b.Loop() {
				start := time.Now()
				p := openAt(b, folder)
				took := time.Since(start)
				if got := p.site.tables.For("incident").Len(); got != count {
					b.Fatalf("%d tickets are listed, want %d", got, count)
				}
				b.ReportMetric(float64(took.Milliseconds()), "ms")
				shutAt(b, p)
			}
		})
	}
}

// stocked gives a data folder with count tickets. A million take minutes to build, so it is kept beside other temporary files for the next run; delete
// holdfast-figures there after a change of what is stored.
func stocked(b *testing.B, count int) string {
	b.Helper()
	folder := filepath.Join(os.TempDir(), "holdfast-figures", fmt.Sprint(count))
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	building := folder + ".building"
	if err := os.RemoveAll(building); err != nil { // an earlier run was stopped
		b.Fatal(err)
	}
	p := founded(b, building)
	fill(b, p, count)
	p.site.feed.settle(context.Background())
	shutAt(b, p)
	if err := os.Rename(building, folder); err != nil {
		b.Fatal(err)
	}
	return folder
}

func BenchmarkMemory(b *testing.B) {
	folder := b.TempDir()
	p := founded(b, folder)
	fill(b, p, 100_000)
	p.site.feed.settle(context.Background())
	shutAt(b, p)
	for b.Loop() {
		p = openAt(b, folder)
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		b.ReportMetric(float64(memory.HeapAlloc+memory.StackInuse)/(1<<20), "MiB")
		shutAt(b, p)
	}
}

func BenchmarkDisk(b *testing.B) {
	const count = 100_000
	for b.Loop() {
		folder := b.TempDir()
		p := founded(b, folder)
		fill(b, p, count)
		p.site.feed.settle(context.Background())
		shutAt(b, p)
		var bytes int64
		err := filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			info, err := entry.Info()
			bytes += allocated(info)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(bytes)/count/1024, "KiB")
	}
}

// BenchmarkIncrementalSync measures from the end of "Work offline" until 1,000 tickets that were changed meanwhile are here: changed one after the other, as people
// do, or in one step. Both desktops hold 100,000 tickets and have nothing else to do.
func BenchmarkIncrementalSync(b *testing.B) {
	const changed = 1000
	for name, together := range map[string]int{"singly": 1, "together": changed} {
		b.Run(name, func(b *testing.B) {
			p := founded(b, b.TempDir())
			defer shutAt(b, p)
			fill(b, p, 100_000)
			other := joined(b, p, b.TempDir())
			defer shutAt(b, other)
			caughtUp(b, other, p)
			var took []time.Duration
			for b.Loop() {
				if err := other.site.sharing.Pause(); err != nil {
					b.Fatal(err)
				}
				retitle(b, p, changed, together)
				p.site.feed.settle(b.Context())
				other.site.feed.settle(b.Context())
				start := time.Now()
				if err := other.site.sharing.Resume(); err != nil {
					b.Fatal(err)
				}
				caughtUp(b, other, p)
				took = append(took, time.Since(start))
			}
			b.ReportMetric(float64(slices.Min(took).Microseconds())/1000, "least-ms")
			b.ReportMetric(float64(slices.Sorted(slices.Values(took))[len(took)/2].Microseconds())/1000, "ms")
		})
	}
}

// caughtUp waits until p holds what other has agreed.
func caughtUp(b testing.TB, p, other *Program) {
	b.Helper()
	space := record.SiteSpace("LYO")
	want := other.site.store.Frontier(space).Commit
	until(b, p, func() bool { return p.site.store.Frontier(space).Commit >= want })
}

// retitle gives count tickets other titles, so many in one step, each step agreed before the next.
func retitle(b testing.TB, p *Program, count, together int) {
	b.Helper()
	var list []record.Draft
	err := p.site.store.EachView(b.Context(), func(s *record.State) error {
		if len(list) == count || s.Kind != "incident" {
			return nil
		}
		seen := record.Mutation{Op: record.OpSet, Record: s.ID, Field: "title", Value: record.Text(s.Shown("title").AsText() + "!")}
		for _, held := range s.Fields["title"].Values {
			seen.Seen = append(seen.Seen, held.Edit)
		}
		list = append(list, record.Draft{Space: s.Space, Author: p.site.actor().Person, Action: "edit", Mutations: []record.Mutation{seen}})
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for step := range slices.Chunk(list, together) {
		if _, err := p.site.store.Append(b.Context(), step...); err != nil {
			b.Fatal(err)
		}
		agreed(b, p)
	}
}

func BenchmarkSeen(b *testing.B) {
	p := founded(b, b.TempDir())
	defer shutAt(b, p)
	other := joined(b, p, b.TempDir())
	defer shutAt(b, other)
	var took []time.Duration
	for b.Loop() {
		id, err := uuid.NewV7()
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		_, err = other.site.desk.Create(b.Context(), other.site.actor(), desk.Creation{ID: id, Kind: "incident", Fields: map[string]record.Value{
			"title": record.Text("Seen"), "caller": record.Ref(other.site.actor().Person), "channel": record.Text("phone"),
		}})
		if err != nil {
			b.Fatal(err)
		}
		until(b, p, func() bool {
			state, err := p.site.store.View(id)
			return err == nil && state != nil
		})
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
}
