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
