// Package sim runs the real store, session and evaluation of several devices under one seeded scheduler: people edit at random, messages are
// delayed, lost, doubled and reordered, connections cut, devices crash, disks fill up, fail and are replaced by old copies, clocks are wrong. When
// everything is healed, what must hold is checked. The same seed gives the same run, byte for byte.
package sim

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"holdfast/backend/record"
	"holdfast/backend/store"
)

// Config describes one run.
type Config struct {
	Seed     uint64
	Steps    int    // before healing
	Desktops int    // zero: three
	Nodes    int    // zero: two
	Rarities int    // how many of the rarities may come, the oldest first; zero: all
	Dir      string // an empty folder for the stores
}

// Tally counts what happened in a run: events, kinds of messages, results of edits.
type Tally map[string]int

// Report is what a run came to.
type Report struct {
	Tally Tally
	Trace []string // what happened, a line each
}

// Run runs one simulation. Its error names what does not hold, and ends with the newest lines of what happened.
func Run(ctx context.Context, cfg Config) (report Report, err error) {
	w := newWorld(ctx, cfg)
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.populate(cfg); err != nil {
		return Report{}, err
	}
	w.schedule(cfg.Steps, cmp.Or(cfg.Rarities, len(rarities)))
	err = w.live(cfg.Steps)
	return Report{w.tally, w.trace}, err
}

func (w *world) live(steps int) error {
	for at := range steps {
		if err := errors.Join(w.rarely(at), w.step()); err != nil {
			return w.failed(err)
		}
	}
	if err := w.heal(); err != nil {
		return w.failed(err)
	}
	if err := w.check(); err != nil {
		return w.failed(err)
	}
	return nil
}

// world is everything in a run.
type world struct {
	ctx     context.Context
	seed    uint64
	rand    *rand.Rand
	dir     string
	now     time.Time
	devices []*device
	keys    []ed25519.PublicKey // of all devices that there ever were
	links   []*link
	groups  []*group        // the last one counts
	cloned  bool            // a device was cloned
	twins   record.DeviceID // the device that was
	rewound *device         // was put back as it once was
	backups map[*device]string
	apart   map[*device]bool // devices that reach only each other
	ledger  ledger
	chains  map[branch][]record.Hash // by commit number, as first seen
	trace   []string
	tally   Tally
	// archived are the commits that some device has trimmed, from the first on.
	archived map[branch][]store.Commit
	decided  map[record.Hash]bool // the edits in them

	due       map[int][]rarity // by step
	at        int              // the step
	mixed     bool             // some devices run a newer version of the program
	contended bool             // people meet in few places, and do what they may not
	outcast   outcast
	gizmos    map[record.Space][]record.ID
	recovery  recovery
}

func newWorld(ctx context.Context, cfg Config) *world {
	return &world{
		ctx: ctx, seed: cfg.Seed, rand: rand.New(rand.NewPCG(cfg.Seed, 7)), dir: cfg.Dir,
		now:   time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC),
		apart: map[*device]bool{}, backups: map[*device]string{},
		ledger: newLedger(),
		tally:  Tally{},
		chains: map[branch][]record.Hash{},

		archived: map[branch][]store.Commit{}, decided: map[record.Hash]bool{},
		due: map[int][]rarity{}, outcast: newOutcast(), gizmos: map[record.Space][]record.ID{}, groups: []*group{{}}, recovery: newRecovery(cfg.Seed),
	}
}

func (w *world) populate(cfg Config) error {
	for i := range max(cfg.Desktops, 0) + 3*btoi(cfg.Desktops == 0) {
		spaces := []record.Space{record.Organisation, site}
		if i == 2 {
			spaces = spaces[:1] // a desktop of another site
		}
		if err := w.add(fmt.Sprintf("D%d", i+1), false, spaces); err != nil {
			return err
		}
	}
	for i := range max(cfg.Nodes, 0) + 2*btoi(cfg.Nodes == 0) {
		if err := w.add(fmt.Sprintf("N%d", i+1), true, everything); err != nil {
			return err
		}
	}
	return nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// step lets one thing happen.
func (w *world) step() error {
	w.now = w.now.Add(time.Duration(w.rand.IntN(20_000)) * time.Millisecond)
	for _, event := range events {
		if w.chance(event.percent) {
			w.tally[event.name]++
			return event.happens(w)
		}
	}
	return nil
}

// events are what may happen in a step, looked at in this order.
var events = []struct {
	name    string
	percent int
	happens func(*world) error
}{
	{"crash", 2, (*world).crash},
	{"restart", 1, (*world).restart},
	{"clone", 1, (*world).clone},
	{"partition", 2, (*world).partition},
	{"clock", 1, (*world).misset},
	{"fill", 2, (*world).fill},
	{"decay", 1, (*world).decay},
	{"backup", 2, (*world).backUp},
	{"restore", 1, (*world).bringBack},
	{"double", 2, (*world).double},
	{"trim", 2, (*world).trim},
	{"lose", 2, (*world).lose},
	{"reorder", 2, (*world).reorder},
	{"cut", 3, (*world).cutOne},
	{"connect", 12, (*world).connectSome},
	{"edit", 25, (*world).edit},
	{"lead", 20, (*world).lead},
	{"apply", 30, (*world).applySome},
	{"poll", 30, (*world).pollOne},
	{"deliver", 100, (*world).deliverSome},
}

func (w *world) chance(percent int) bool { return w.rand.IntN(100) < percent }

func pick[T any](w *world, from []T) T { return from[w.rand.IntN(len(from))] }

func (w *world) nodes() []*device {
	return slices.DeleteFunc(slices.Clone(w.devices), func(d *device) bool { return d.group == nil })
}

func (w *world) desktops() []*device {
	return slices.DeleteFunc(slices.Clone(w.devices), func(d *device) bool { return d.node })
}

func (w *world) note(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf("%s  ", w.now.Format("15:04:05"))+fmt.Sprintf(format, args...))
}

// traceLines is how much of what happened a failure shows.
const traceLines = 150

func (w *world) failed(err error) error {
	lines := w.trace[max(0, len(w.trace)-traceLines):]
	return fmt.Errorf("seed %d: %w\nwhat happened last:\n%s", w.seed, err, strings.Join(lines, "\n"))
}

func (w *world) close() error {
	for len(w.links) > 0 {
		w.cut(w.links[0])
	}
	var all []error
	for _, d := range w.devices {
		if d.store != nil { // it would not open again
			all = append(all, d.store.Close())
		}
	}
	return errors.Join(all...)
}
