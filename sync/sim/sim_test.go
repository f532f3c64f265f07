package sim

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

var (
	seeds     = flag.Int("seeds", 16, "how many seeds to run")
	stepCount = flag.Int("steps", 250, "how many steps each seed runs")
	first     = flag.Uint64("first", 1, "the first of the seeds")
	twice     = flag.Int("twice", 6, "how many seeds to run twice, to see that a seed always runs the same way")
	halt      = flag.Bool("halt", false, "begin no further seed once one has failed")
	one       = flag.Uint64("seed", 0, "run this seed only")
)

// happenings are what a fair number of seeds must have brought about, or the simulation has gone blind.
var happenings = []string{"crash", "restart", "partition", "clock", "double", "cut", "clone", "trim", "replaced", "SnapshotOffer", "Snapshot", "Commits", "Edits", "WantEdits",
	"offered again", "applied", "merged", "conflict", "parked", "lose", "reorder", "power cut", "stop while saving", "unanswered and there", "unreadable",
	"refused by a full disk", "decay", "rebuilt", "restored", "lost with its disk"}

// rareHappenings are what many seeds must have brought about.
var rareHappenings = []string{"re-formed", "fenced", "former number", "join", "lost for good", "shut out", "let in again", "refused an outcast", "kept by an outcast",
	"set aside, left", "set aside, compromised", "upgrade", "rivals", "scratched", "gouged", "gouged log taken up in part", "put back in place", "an id given twice",
	"wiped", "wiped with its device", "commits of the founder alone", "agreed otherwise"}

// manySeeds are enough for rareHappenings.
const manySeeds = 200

func TestSeeds(t *testing.T) {
	from, to := *first, *first+uint64(*seeds)-1
	if *one != 0 {
		from, to = *one, *one
	}
	var mu sync.Mutex
	var broken atomic.Bool
	total := Tally{}
	t.Run("seed", func(t *testing.T) {
		for seed := from; seed <= to; seed++ {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				if *halt && broken.Load() {
					return
				}
				t.Cleanup(func() { broken.Store(broken.Load() || t.Failed()) })
				tally := run(t, Config{Seed: seed, Steps: *stepCount}).Tally
				mu.Lock()
				defer mu.Unlock()
				for what, times := range tally {
					total[what] += times
				}
			})
		}
	})
	for _, what := range slices.Sorted(maps.Keys(total)) {
		t.Log(what, total[what])
	}
	if t.Failed() || to-from < 11 {
		return
	}
	wanted := happenings
	if to-from+1 >= manySeeds {
		wanted = slices.Concat(happenings, rareHappenings)
	}
	for _, what := range wanted {
		if total[what] == 0 {
			t.Errorf("no seed brought about: %s", what)
		}
	}
}

func run(t *testing.T, cfg Config) Report {
	t.Helper()
	cfg.Dir = t.TempDir()
	report, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// A replay must show what happened the first time.
func TestASeedRunsTheSameWayAgain(t *testing.T) {
	for seed := *first; seed < *first+uint64(*twice); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			cfg := Config{Seed: seed, Steps: *stepCount}
			before, after := run(t, cfg).Trace, run(t, cfg).Trace
			for i := range min(len(before), len(after)) {
				if before[i] != after[i] {
					t.Fatalf("line %d of %d was %q and is %q", i, len(before), before[i], after[i])
				}
			}
			if len(before) != len(after) {
				t.Fatalf("%d lines and then %d", len(before), len(after))
			}
		})
	}
}
