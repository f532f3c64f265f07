package bundles

import (
	"context"
	"testing"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
)

// However many bundles somebody asks for, few are worked at; and files whose reading had to wait are still there to be read.
func TestFewBundlesAreWorkedAtAtOnce(t *testing.T) {
	a, _ := twoDevices(t)
	endless := func(ctx context.Context, _ *job) error { <-ctx.Done(); return ctx.Err() }
	var ids []string
	for range runningMax {
		one, err := a.start(endless)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, one.ID)
	}
	file, err := a.Announce(t.Context(), api.BundleFile{Name: "monday", Size: 3})
	if err != nil {
		t.Fatal(err)
	}
	for range 10 * jobsMax {
		if _, err := a.Write(t.Context(), api.BundleWish{}); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("one more is begun: %v", err)
		}
		if _, err := a.Read(t.Context(), api.BundleReading{Files: []string{file.ID}}); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("one more is begun: %v", err)
		}
	}
	if len(a.jobs) != runningMax {
		t.Errorf("%d are remembered", len(a.jobs))
	}
	for _, id := range ids {
		if err := a.Cancel(id); err != nil {
			t.Fatal(err)
		}
	}
	if one := a.ended(a.Job(ids[0])); one.State != "cancelled" {
		t.Errorf("it is %s", one.State)
	}
	if _, err := a.Read(t.Context(), api.BundleReading{Files: []string{file.ID}}); err != nil {
		t.Errorf("with all of them cancelled, the next is refused: %v", err)
	}
}

// A bundle that is being written keeps its folder when somebody begins another one, which is told why it does not begin.
func TestOneBundleIsWrittenAtATime(t *testing.T) {
	a, _ := twoDevices(t)
	a.write("one")
	begun, goOn := make(chan struct{}), make(chan struct{})
	a.config.Before = func(context.Context) { close(begun); <-goOn }
	first, err := a.Write(t.Context(), api.BundleWish{})
	if err != nil {
		t.Fatal(err)
	}
	<-begun
	if err := a.makeRoom(&job{view: api.BundleJob{ID: "another"}}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("another one begins: %v", err)
	}
	close(goOn)
	if first = a.ended(a.Job(first.ID)); first.State != "done" {
		t.Fatalf("the first one: %+v", first)
	}
	part, _, err := a.Part(first.ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := part.Close(); err != nil {
		t.Error(err)
	}
	a.config.Before = func(context.Context) {}
	if third := a.ended(a.Write(t.Context(), api.BundleWish{})); third.State != "done" {
		t.Errorf("the next one: %+v", third)
	}
}
