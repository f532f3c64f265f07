package sim

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
)

var (
	seeds     = flag.Int("seeds", 16, "how many seeds to run")
	stepCount = flag.Int("steps", 250, "how many steps each seed runs")
	one       = flag.Uint64("seed", 0, "run this seed only")
)

// happenings are what a fair number of seeds must have brought about, or the simulation has gone blind.
var happenings = []string{"crash", "restart", "partition", "clock", "double", "cut", "clone", "SnapshotOffer", "Snapshot", "Commits", "Edits", "WantEdits",
	"offered again", "applied", "merged", "conflict", "parked"}

func TestSeeds(t *testing.T) {
	from, to := uint64(1), uint64(*seeds)
	if *one != 0 {
		from, to = *one, *one
	}
	total := Tally{}
	for seed := from; seed <= to; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			tally, err := Run(t.Context(), Config{Seed: seed, Steps: *stepCount, Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			for what, times := range tally {
				total[what] += times
			}
		})
	}
	for _, what := range slices.Sorted(maps.Keys(total)) {
		t.Log(what, total[what])
	}
	if t.Failed() || to-from < 11 {
		return
	}
	for _, what := range happenings {
		if total[what] == 0 {
			t.Errorf("no seed brought about: %s", what)
		}
	}
}
