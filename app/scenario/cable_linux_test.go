package scenario

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"holdfast/app/api"
)

// TestTwoLaptopsOnACable puts two laptops that know each other from the office on a cable, with no node, no gateway and no names: what is pending on one is seen on the other. Addresses are
// those of the office, which the two kept, or those that computers give themselves where nobody gives them any.
func TestTwoLaptopsOnACable(t *testing.T) {
	for name, addresses := range map[string][2]string{
		"with the addresses that they had": {},
		"with addresses of their own":      {"169.254.17.5/16", "169.254.201.9/16"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of the time the laptops wait for an answer that does not come
			onACable(t, addresses)
		})
	}
}

// The laptops' interfaces: one for the office and one for the cable.
const (
	cable  = "eth1"
	office = "office"
)

func onACable(t *testing.T, own [2]string) {
	yard := newYard(t)
	if yard == nil {
		return
	}
	yard.ip(t, "link add "+office+" type bridge", "link set "+office+" up")
	var hosts [3]*host
	for i := range hosts {
		hosts[i] = yard.newHost(t)
		port := fmt.Sprintf("port%d", i)
		yard.plug(t, port, hosts[i], outlet)
		yard.ip(t, fmt.Sprintf("link set %s master %s", port, office))
		hosts[i].ip(t, fmt.Sprintf("addr add %s/24 dev %s", officeAddress(i), outlet))
	}
	c := &cluster{}
	node := &device{name: "N1", folder: filepath.Join(t.TempDir(), "data"), within: hosts[2].enter}
	node.args = []string{"node", "--listen", officeAddress(2) + ":7420", "--bootstrap", "--cluster", "Works", "--site", siteCode}
	node.start(t)
	c.nodes = []*device{node}
	laptops := [2]*device{c.laptop(t, "A", "Ada Lovelace", hosts[0]), c.laptop(t, "B", "Blaise Pascal", hosts[1])}
	c.a, c.b = laptops[0], laptops[1]

	hosts[0].plug(t, cable, hosts[1], cable)
	for i, given := range own {
		if given != "" {
			hosts[i].ip(t, fmt.Sprintf("addr add %s dev %s", given, cable))
			laptops[i].running.kill(t)
			laptops[i].start(t) // it listens there from now on, and says so
		}
	}
	for _, d := range laptops {
		await(t, d.name+" knows the other laptop", agreeTime, func() bool { return len(get[api.SyncStatus](t, d, "/sync").Peers) == 2 })
	}
	c.a.create(t, map[string]any{"title": "Written in the office"})
	awaitSame(t, c.everyone()...)

	for i, h := range hosts[:2] {
		lines := []string{fmt.Sprintf("addr flush dev %s", outlet), fmt.Sprintf("link set %s down", outlet)}
		if own[i] == "" {
			lines = append(lines, fmt.Sprintf("addr add %s/30 dev %s", officeAddress(i), cable))
		}
		h.ip(t, lines...)
	}
	c.shareOverCable(t)

	hosts[0].ip(t, fmt.Sprintf("link set %s up", outlet), fmt.Sprintf("addr add %s/24 dev %s", address(0, 21), outlet))
	awaitSame(t, c.everyone()...)
	denseNumbers(t, c.b, siteCode)
}

// officeAddress gives the address of the laptops, which would also do on a network of four, and of the node in the office.
func officeAddress(i int) string { return []string{address(0, 13), address(0, 14), address(0, 20)}[i] }

func (c *cluster) laptop(t *testing.T, name, person string, on *host) *device {
	t.Helper()
	d := &device{name: name, folder: filepath.Join(t.TempDir(), "data"), within: on.enter}
	d.args = []string{"serve", "--listen", "127.0.0.1:0", "--peers", "0.0.0.0:7420"}
	d.run(t, "join", "--data", d.folder, c.nodes[0].invite(t, "desktop"), "--person", person, "--device", "Laptop "+name)
	d.start(t)
	return d
}

// shareOverCable lets each laptop write something that the other one shows, without any decision.
func (c *cluster) shareOverCable(t *testing.T) {
	t.Helper()
	view := c.a.create(t, map[string]any{"title": "Written in the field, on A"})
	took := await(t, "B shows A's pending ticket", agreeTime, func() bool { return c.b.shows(view.ID) })
	t.Logf("on the cable, the other laptop showed it after %v", took)
	c.b.say(t, view.ID, "note", "Read in the field, on B")
	await(t, "A shows B's pending note", agreeTime, func() bool {
		shown := c.a.ticket(t, view.ID)
		return slices.Contains(saidOn(&shown, "note"), "Read in the field, on B")
	})
	for _, d := range []*device{c.a, c.b} {
		if shown := d.ticket(t, view.ID); shown.Number != nil || shown.Pending < 2 {
			t.Errorf("%s shows number %v and %d pending edits", d.name, shown.Number, shown.Pending)
		}
	}
}
