package sim

import (
	"flag"
	"fmt"
	"testing"
)

var (
	seeds     = flag.Int("seeds", 12, "how many seeds to run")
	stepCount = flag.Int("steps", 250, "how many steps each seed runs")
	one       = flag.Uint64("seed", 0, "run this seed only")
)

func TestSeeds(t *testing.T) {
	from, to := uint64(1), uint64(*seeds)
	if *one != 0 {
		from, to = *one, *one
	}
	for seed := from; seed <= to; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			if err := Run(t.Context(), Config{Seed: seed, Steps: *stepCount, Dir: t.TempDir()}); err != nil {
				t.Fatal(err)
			}
		})
	}
}
