package scenario

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"holdfast/app/api"
)

var (
	stormTime = flag.Duration("storm", 20*time.Second, "how long TestStorm lets faults happen")
	stormSeed = flag.Uint64("storm-seed", 0, "which faults TestStorm chooses; 0: new ones")
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
func TestStorm(t *testing.T) {
	seed := *stormSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("replay the choice of faults with -storm-seed %d", seed)
	s := startStorm(t, rand.New(rand.NewPCG(seed, 0)))
	end := time.Now().Add(*stormTime)
	var people sync.WaitGroup
	for i, d := range s.desktops {
		w := &worker{storm: s, desktop: d, number: i, random: rand.New(rand.NewPCG(seed, uint64(i+1)))}
		s.workers = append(s.workers, w)
		people.Go(func() { w.work(end) })
	}
	s.blow(t, end)
	people.Wait()
	s.check(t)
}

// storm is the cluster with a wire in front of every device.
type storm struct {
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
	wire   *wire
	mu     sync.RWMutex // held by whoever restarts it, and for reading by whoever calls it
	me     string       // the id of its person
	struck bool         // a fault is under way here
}

func (d *sheltered) ask(method, path string, in, out any) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.try(method, path, in, out)
}

func startStorm(t *testing.T, random *rand.Rand) *storm {
	t.Helper()
	s := &storm{random: random, faults: map[string]int{}}
	c := &cluster{}
	for i := range 3 {
		node := s.shelter(t, fmt.Sprintf("N%d", i+1), "node", "--listen")
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
		d := s.shelter(t, fmt.Sprintf("D%d", i+1), "serve", "--listen", "127.0.0.1:0", "--peers")
		succeed(t, "join", "--data", d.folder, c.nodes[0].invite(t, "desktop"), "--person", "Person "+d.name, "--device", d.name)
		d.start(t)
		d.me = d.person
		s.desktops = append(s.desktops, d)
	}
	s.tickets.add(s.desktops[0].create(t, map[string]any{"title": "The first one"}).ID)
	s.letPublish(t)
	awaitSame(t, s.everyone()...)
	s.begin = get[api.ConfigStatus](t, s.nodes[0].device, "/config").Commit
	return s
}

// shelter makes a device behind a wire; its last argument is the flag that says where it listens.
func (s *storm) shelter(t *testing.T, name string, args ...string) *sheltered {
	t.Helper()
	listens := freeAddress(t)
	d := &sheltered{device: &device{name: name, folder: filepath.Join(t.TempDir(), "data")}, wire: newWire(t, listens)}
	d.args = append(slices.Clone(args), listens, "--advertise", d.wire.address())
	return d
}

func (s *storm) everyone() []*device {
	var all []*device
	for _, d := range s.all() {
		all = append(all, d.device)
	}
	return all
}

func (s *storm) all() []*sheltered { return slices.Concat(s.nodes, s.desktops) }

// fault is something that goes wrong at one device, for a while.
type fault struct {
	name       string
	at         *sheltered
	begin, end func()
}

// blow lets faults begin and end until the storm is over, at most so many at once.
func (s *storm) blow(t *testing.T, end time.Time) {
	var underWay []fault
	calm := func() {
		underWay[0].end()
		underWay[0].at.struck = false
		underWay = underWay[1:]
	}
	for time.Now().Before(end) {
		if len(underWay) == faultsAtOnce || len(underWay) > 0 && s.random.IntN(2) == 0 {
			calm()
		} else {
			f := s.choose(t)
			s.faults[f.name]++
			f.at.struck = true
			f.begin()
			underWay = append(underWay, f)
		}
		<-time.After(time.Duration(s.random.Int64N(int64(faultMax / faultsAtOnce))))
	}
	for len(underWay) > 0 {
		calm()
	}
}

// choose picks a fault at a device that has none.
func (s *storm) choose(t *testing.T) fault {
	all := slices.DeleteFunc(s.all(), func(d *sheltered) bool { return d.struck })
	d := all[s.random.IntN(len(all))]
	delay := time.Duration(20+s.random.IntN(180)) * time.Millisecond
	kinds := []fault{
		// Whoever calls it at that moment gets no answer; then nobody calls it until it is back.
		{"killed", d, func() { d.running.kill(t); d.mu.Lock() }, func() { d.start(t); d.mu.Unlock() }},
		{"stopped", d, func() { s.stop(t, d, true) }, func() { s.stop(t, d, false) }},
		{"cut off", d, d.wire.cut, d.wire.heal},
		{"slow", d, func() { d.wire.slow(delay) }, d.wire.heal},
	}
	return kinds[s.random.IntN(len(kinds))]
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
