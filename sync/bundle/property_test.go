package bundle_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"holdfast/backend/record"
	"holdfast/sync/bundle"
	"holdfast/sync/enrol"
)

// Whatever two desktops and a node did apart, bundles in both directions leave them with the same, and each bundle that is read again changes nothing.
func TestBundlesBothWaysLeaveAllEqual(t *testing.T) {
	const seeds = 12
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { apart(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

func apart(t *testing.T, draw *rand.Rand) {
	w := newWorld(t)
	a, b, n := w.add("Ana", enrol.Desktop, "LYO"), w.add("Ben", enrol.Desktop, "LYO"), w.add("node", enrol.Node, "LYO")
	all := []*device{a, b, n}
	spaces := []record.Space{org, "site/LYO"}
	commits := []bundle.Commits{bundle.Lacking, bundle.All, bundle.NoneOf}
	for i := range 2 + draw.IntN(10) {
		d := all[draw.IntN(len(all))]
		switch draw.IntN(6) {
		case 0, 1, 2:
			d.write(spaces[draw.IntN(2)], fmt.Sprint(i))
		case 3, 4:
			carryTwice(t, d, all[draw.IntN(len(all))], bundle.Wish{Commits: commits[draw.IntN(len(commits))]})
		default:
			n.decide(spaces[draw.IntN(2)])
		}
	}
	for _, way := range [][2]*device{{a, n}, {b, n}, {n, a}, {n, b}} {
		carryTwice(t, way[0], way[1], bundle.Wish{Commits: bundle.All})
	}
	for _, space := range spaces {
		same(t, space, a, n)
		same(t, space, b, n)
	}
}

func carryTwice(t *testing.T, from, to *device, wish bundle.Wish) {
	t.Helper()
	files, _ := from.export(wish)
	first := to.read(files...)
	before := to.stands(org) + to.stands("site/LYO")
	again := to.read(files...)
	if after := to.stands(org) + to.stands("site/LYO"); again.Changed() || after != before {
		t.Fatalf("read again, the bundle changed something: %+v after %+v", again.Taken, first.Taken)
	}
}
