//go:build unix

package program

import (
	"log/slog"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"holdfast/app/api"
	"holdfast/sync/syncer"
)

// idleWindow is how long nothing happens while the processor's time is taken.
const idleWindow = 20 * time.Second

// BenchmarkIdle measures what a node and a desktop that are connected, up to date and left alone take of the processor, together.
func BenchmarkIdle(b *testing.B) {
	node, err := Open(b.Context(), Config{Data: filepath.Join(b.TempDir(), "node"), Version: "test", Role: Node, Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer shutAt(b, node)
	if _, err := node.Found(b.Context(), api.FirstSite{Name: "Lyon office", Code: "LYO"}); err != nil {
		b.Fatal(err)
	}
	desktop := joined(b, node, b.TempDir())
	defer shutAt(b, desktop)
	fill(b, desktop, 1000)
	for _, p := range []*Program{node, desktop} {
		upToDate(b, p)
		p.site.feed.settle(b.Context())
	}
	for b.Loop() {
		before, start := processorTime(b), time.Now()
		<-time.After(idleWindow)
		b.ReportMetric(float64((processorTime(b)-before).Microseconds())/1000/time.Since(start).Seconds(), "cpu-ms/s")
	}
}

// upToDate waits until sharing says so.
func upToDate(b testing.TB, p *Program) {
	b.Helper()
	changes, done := p.site.sharing.syncer.Changes()
	defer done()
	for p.site.sharing.syncer.Status().State != syncer.UpToDate {
		select {
		case <-changes:
		case <-b.Context().Done():
			b.Fatal("it never was up to date")
		}
	}
}

func processorTime(b testing.TB) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
