package sim

import "math/rand/v2"

// rarity is a fault that reaches far or costs much, so that it comes in some of the seeds only, once, at a step of its own.
type rarity struct {
	name    string
	percent int // of the seeds
	happens func(*world) error
}

// rarities are drawn in this order, apart from everything else: a seed without any runs as if there were none.
var rarities = []rarity{
	{"shut out", 25, (*world).shutOut},
	{"re-form", 25, (*world).reform},
	{"upgrade", 25, (*world).upgrade},
	{"rivals", 30, (*world).rivals},
	{contention, 40, (*world).contend},
	{"scratch", 25, (*world).scratch},
	{"gouge", 40, (*world).gouge},
	{"rewind", 40, (*world).rewind},
	{"wipe", 20, (*world).wipe},
	{"re-form astray", 20, (*world).reformAstray},
}

// schedule draws which of the first rarities this seed has, and when: not before there is something to lose.
func (w *world) schedule(steps, most int) {
	draw := rand.New(rand.NewPCG(w.seed, 11))
	for _, r := range rarities[:most] {
		comes, at := draw.IntN(100) < r.percent, steps/5+draw.IntN(max(steps*3/5, 1))
		if comes {
			if r.name == contention {
				at = 0
			}
			w.due[at] = append(w.due[at], r)
		}
	}
}

// contention lasts from the first step to the last.
const contention = "contention"

// contend makes people meet in few places, and try what they may not do.
func (w *world) contend() error {
	w.contended = true
	return nil
}

// rarely lets what is due at a step happen.
func (w *world) rarely(step int) error {
	w.at = step
	for _, r := range w.due[step] {
		w.tally[r.name]++
		if err := r.happens(w); err != nil {
			return err
		}
	}
	return nil
}

// later lets something happen some steps on, if the run lasts that long.
func (w *world) later(steps int, r rarity) {
	w.due[w.at+steps] = append(w.due[w.at+steps], r)
}
