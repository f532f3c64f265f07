package scenario

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// TestStormOnHosts is TestStorm with a host for each device, in two buildings: cables are pulled, packets get lost and late, connections are left half open, ways
// change, and laptops come back with another address.
func TestStormOnHosts(t *testing.T) {
	if on := newBuildings(t); on != nil {
		storming(t, on)
	}
}

// buildings are two switches with hosts, and two routers between them, of which the first is in use while it can be.
type buildings struct {
	yard   *host
	router [2]*host
	places map[*sheltered]*place
	way    int // the router in use
	loses  bool
	slows  bool
}

// place is where a device is plugged in.
type place struct {
	*host
	building int
	port     string // the switch's end of the cable
	number   int    // the host's address in its building
}

// outlet is the host's end of its cable.
const outlet = "eth0"

// inFirst are the devices in the first building.
const inFirst = "N1 N2 D1 D2"

func newBuildings(t *testing.T) *buildings {
	t.Helper()
	yard := newYard(t)
	if yard == nil {
		return nil
	}
	b := &buildings{yard: yard, places: map[*sheltered]*place{}}
	yard.ip(t, "link add lan0 type bridge", "link set lan0 up", "link add lan1 type bridge", "link set lan1 up")
	for i := range b.router {
		b.router[i] = yard.newHost(t)
		b.router[i].forward(t)
		for building := range 2 {
			end := fmt.Sprintf("eth%d", building)
			yard.plug(t, leg(i, building), b.router[i], end)
			yard.ip(t, fmt.Sprintf("link set %s master lan%d", leg(i, building), building))
			b.router[i].ip(t, fmt.Sprintf("addr add %s/24 dev %s", address(building, 1+i), end))
		}
	}
	b.loses = yard.lose(leg(0, 0), 1) == nil && yard.keepAll(leg(0, 0)) == nil
	b.slows = yard.slow(leg(0, 0), 1) == nil && yard.fast(leg(0, 0)) == nil
	if !b.loses || !b.slows {
		notChecked(t, fmt.Sprintf("a network that loses packets (checked: %v) or is slow (checked: %v): this computer's system cannot make one", b.loses, b.slows))
	}
	return b
}

// leg is the switch's end of a router's cable.
func leg(router, building int) string { return fmt.Sprintf("r%dlan%d", router, building) }

func address(building, number int) string { return fmt.Sprintf("10.83.%d.%d", building, number) }

func (b *buildings) shelter(t *testing.T, name string, node bool) *sheltered {
	t.Helper()
	p := &place{host: b.yard.newHost(t), port: strings.ToLower(name), number: 11 + len(b.places)}
	if !strings.Contains(inFirst, name) {
		p.building = 1
	}
	b.yard.plug(t, p.port, p.host, outlet)
	b.yard.ip(t, fmt.Sprintf("link set %s master lan%d", p.port, p.building))
	p.ip(t, fmt.Sprintf("addr add %s/24 dev %s", address(p.building, p.number), outlet), b.wayOut(p))
	d := &sheltered{device: &device{name: name, folder: filepath.Join(t.TempDir(), "data"), within: p.enter}}
	d.args = []string{"serve", "--listen", "127.0.0.1:0", "--peers", "0.0.0.0:7420"}
	if node {
		d.args = []string{"node", "--listen", address(p.building, p.number) + ":7420"}
	}
	b.places[d] = p
	return d
}

func (b *buildings) wayOut(p *place) string {
	return "route replace default via " + address(p.building, 1+b.way)
}

func (b *buildings) faults(t *testing.T, d *sheltered, random *rand.Rand) []fault {
	p := b.places[d]
	of100, milliseconds := 5+random.Uint64N(40), 20+random.IntN(180)
	do := func(act func() error) func() {
		return func() {
			if err := act(); err != nil {
				t.Errorf("%s: %v", d.name, err)
			}
		}
	}
	all := []fault{
		{"unplugged", do(b.at("link set %s down", p.port)), do(b.at("link set %s up", p.port))},
		// Nothing says that the others are gone: what is under way hangs.
		{"silent", do(b.at("link set %s nomaster", p.port)), do(b.at("link set %s master lan%d", p.port, p.building))},
	}
	if b.loses {
		all = append(all, fault{"losing packets", do(func() error { return b.yard.lose(p.port, of100) }), do(func() error { return b.yard.keepAll(p.port) })})
	}
	if b.slows {
		all = append(all, fault{"slow", do(func() error { return errors.Join(b.yard.slow(p.port, milliseconds), p.slow(outlet, milliseconds)) }),
			do(func() error { return errors.Join(b.yard.fast(p.port), p.fast(outlet)) })})
	}
	if d.args[0] == "serve" {
		all = append(all, fault{"moved", do(func() error { return b.move(p) }), func() {}})
	}
	return all
}

func (b *buildings) at(line string, words ...any) func() error {
	return func() error { return b.yard.try(fmt.Sprintf(line, words...)) }
}

// move gives a host another address, as a laptop gets where it is plugged in next.
func (b *buildings) move(p *place) error {
	p.number += 20
	if p.number > 250 {
		p.number -= 220
	}
	return p.try("addr flush dev "+outlet, fmt.Sprintf("addr add %s/24 dev %s", address(p.building, p.number), outlet), b.wayOut(p))
}

func (b *buildings) wide(t *testing.T) []fault {
	return []fault{
		{"buildings apart", func() { b.set(t, b.way, "nomaster") }, func() { b.set(t, b.way, "master lan1") }},
		{"another way", func() { b.set(t, 0, "down"); b.turn(t, 1) }, func() { b.set(t, 0, "up"); b.turn(t, 0) }},
	}
}

func (b *buildings) set(t *testing.T, router int, state string) {
	t.Helper()
	b.yard.ip(t, fmt.Sprintf("link set %s %s", leg(router, 1), state))
}

// turn has everybody go by way of another router.
func (b *buildings) turn(t *testing.T, router int) {
	t.Helper()
	b.way = router
	for _, p := range b.places {
		p.ip(t, b.wayOut(p))
	}
}
