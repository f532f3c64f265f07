package scenario

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"holdfast/app/api"
)

var (
	stormTime = flag.Duration("storm", 15*time.Second, "how long TestStorm and TestStormOnHosts let faults happen")
	stormSeed = flag.Uint64("storm-seed", 0, "which faults they choose; 0: new ones")
)

// The devices of a storm, and how long its faults last.
const (
	stormDesktops = 4
	faultsAtOnce  = 2
	faultMax      = 3 * time.Second
	afterStorm    = 3 * time.Minute // until all hold the same again, at most
)

// TestStorm lets three nodes and four desktops work while their processes are killed and stopped and the wires between them cut and slowed. Nothing
// that was acknowledged may be missing afterwards, all hold the same, and the order in which claims and numbers were given out and configuration was
// published must be one that a single, never failing desk could have produced. go test ./app/scenario -run TestStorm -storm 10m -timeout 20m makes it longer.
func TestStorm(t *testing.T) { storming(t, &loopback{wires: map[*sheltered]*wire{}}) }

// ground is what the devices of a storm stand on, and what can go wrong with the network there.
type ground interface {
	// shelter makes a device, which listens where the others reach it; it is not started.
	shelter(t *testing.T, name string, node bool) *sheltered
	// faults are those of the network at one device; what they begin they can end.
	faults(t *testing.T, d *sheltered, random *rand.Rand) []fault
	// wide are those that befall many devices at once.
	wide(t *testing.T) []fault
}

func storming(t *testing.T, on ground) {
	seed := *stormSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("replay the choice of faults with -storm-seed %d", seed)
	began := time.Now()
	s := startStorm(t, on, rand.New(rand.NewPCG(seed, 0)))
	t.Logf("the cluster stands after %v", time.Since(began))
	end := time.Now().Add(*stormTime)
	var people sync.WaitGroup
	for i, d := range s.desktops {
		w := &worker{storm: s, desktop: d, number: i, random: rand.New(rand.NewPCG(seed, uint64(i+1)))}
		s.workers = append(s.workers, w)
		people.Go(func() { w.work(end) })
	}
	s.blow(end)
	people.Wait()
	s.check(t)
}

// storm is the cluster, and what happens to it.
type storm struct {
	ground
	targets         []*target
	nodes, desktops []*sheltered
	workers         []*worker
	random          *rand.Rand // of the faults
	tickets         tickets
	faults          map[string]int // how many there were of each kind
	begin           string         // the configuration before the storm
}

// sheltered is a device that is restarted while others use it.
type sheltered struct {
	*device
	mu sync.RWMutex // held by whoever restarts it, and for reading by whoever calls it
	me string       // the id of its person
}

func (d *sheltered) ask(method, path string, in, out any) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.try(method, path, in, out)
}

func startStorm(t *testing.T, on ground, random *rand.Rand) *storm {
	t.Helper()
	s := &storm{ground: on, random: random, faults: map[string]int{}}
	c := &cluster{}
	for i := range 3 {
		node := s.shelter(t, fmt.Sprintf("N%d", i+1), true)
		if i == 0 {
			node.args = append(node.args, "--bootstrap", "--cluster", "Works", "--site", siteCode)
		} else {
			node.args = append(node.args, "--join", c.nodes[0].invite(t, "node"))
		}
		node.start(t)
		s.nodes, c.nodes = append(s.nodes, node), append(c.nodes, node.device)
	}
	c.giveVotes(t)
	for i := range stormDesktops {
		d := s.shelter(t, fmt.Sprintf("D%d", i+1), false)
		d.run(t, "join", "--data", d.folder, c.nodes[0].invite(t, "desktop"), "--person", "Person "+d.name, "--device", d.name)
		d.start(t)
		d.me = d.person
		s.desktops = append(s.desktops, d)
	}
	s.tickets.add(s.desktops[0].create(t, map[string]any{"title": "The first one"}).ID)
	s.letPublish(t)
	awaitSame(t, s.everyone()...)
	s.begin = get[api.ConfigStatus](t, s.nodes[0].device, "/config").Commit
	for _, d := range s.all() {
		s.targets = append(s.targets, &target{faults: func() []fault { return append(s.ofProcess(t, d), on.faults(t, d, random)...) }})
	}
	if len(on.wide(t)) > 0 {
		s.targets = append(s.targets, &target{faults: func() []fault { return on.wide(t) }})
	}
	return s
}

func (s *storm) everyone() []*device {
	var all []*device
	for _, d := range s.all() {
		all = append(all, d.device)
	}
	return all
}

func (s *storm) all() []*sheltered { return slices.Concat(s.nodes, s.desktops) }

// fault is something that goes wrong for a while.
type fault struct {
	name       string
	begin, end func()
}

// target is what faults befall, one at a time.
type target struct {
	faults func() []fault
	struck *fault // under way
}

// blow lets faults begin and end until the storm is over, at most so many at once.
func (s *storm) blow(end time.Time) {
	var struck []*target
	calm := func() {
		struck[0].struck.end()
		struck[0].struck = nil
		struck = struck[1:]
	}
	for time.Now().Before(end) {
		if len(struck) == faultsAtOnce || len(struck) > 0 && s.random.IntN(2) == 0 {
			calm()
		} else {
			struck = append(struck, s.strike())
		}
		<-time.After(time.Duration(s.random.Int64N(int64(faultMax / faultsAtOnce))))
	}
	for len(struck) > 0 {
		calm()
	}
}

// strike begins a fault where there is none.
func (s *storm) strike() *target {
	free := slices.DeleteFunc(slices.Clone(s.targets), func(at *target) bool { return at.struck != nil })
	at := free[s.random.IntN(len(free))]
	kinds := at.faults()
	at.struck = &kinds[s.random.IntN(len(kinds))]
	s.faults[at.struck.name]++
	at.struck.begin()
	return at
}

// ofProcess gives what can befall the process of a device.
func (s *storm) ofProcess(t *testing.T, d *sheltered) []fault {
	return []fault{
		// Whoever calls it at that moment gets no answer; then nobody calls it until it is back.
		{"killed", func() { d.running.kill(t); d.mu.Lock() }, func() { d.start(t); d.mu.Unlock() }},
		{"stopped", func() { s.stop(t, d, true) }, func() { s.stop(t, d, false) }},
	}
}

// stop lets a process stand still, as a laptop that sleeps, or go on.
func (s *storm) stop(t *testing.T, d *sheltered, still bool) {
	if err := standStill(d.running.command.Process, still); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%s could not be stopped or go on: %v", d.name, err)
	}
}

// tickets are those that a storm has made so far.
type tickets struct {
	mu  sync.Mutex
	ids []string
}

func (l *tickets) add(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids = append(l.ids, id)
}

// any gives one of the newest tickets, so that several people meet on it.
func (l *tickets) any(random *rand.Rand) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	newest := l.ids[max(0, len(l.ids)-6):]
	return newest[random.IntN(len(newest))]
}
