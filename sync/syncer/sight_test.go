package syncer_test

import (
	"fmt"
	"slices"
	"testing"

	"holdfast/sync/enrol"
	"holdfast/sync/enrol/enroltest"
	"holdfast/sync/node/nodetest"
	"holdfast/sync/syncer"
)

// Two desktops that know nobody's address share as soon as one is told where the other one is.
func TestASightLeadsToAPeer(t *testing.T) {
	cluster := enroltest.New(t)
	a, b := newParty(t, cluster.Desktop(t, "a", "LYO")).up(), newParty(t, cluster.Desktop(t, "b", "LYO")).up()
	x := nodetest.NewID()
	a.append(nodetest.Ticket(x, "Water in the cellar"))
	if !a.syncer.Alone() {
		t.Error("it does not look for others")
	}
	for range 3 { // announcements come again and again
		a.syncer.Sight(b.port)
	}
	b.until("it sees a's ticket", func() bool { return b.title(x) == "Water in the cellar" })
	b.listener.Drop(a.credentials.Device().ID())
	y := nodetest.NewID()
	b.append(nodetest.Ticket(y, "After a cut"))
	a.until("it sees b's ticket", func() bool { return a.title(y) == "After a cut" })
}

// A node that is seen ends the search; one that leads a group does not search.
func TestWhoLooksForOthers(t *testing.T) {
	cluster := enroltest.New(t)
	n := newParty(t, cluster.Node(t, "node", "LYO")).up()
	a := newParty(t, cluster.Desktop(t, "a", "LYO")).up()
	a.syncer.Sight(n.port)
	a.untilState(syncer.UpToDate)
	if a.syncer.Alone() || n.syncer.Alone() {
		t.Error("they look for others")
	}
	a.syncer.Pause()
	if a.syncer.Alone() {
		t.Error("it works offline and looks for others")
	}
}

// Whoever cannot prove to be of the site is dropped: another cluster's device at TLS, a device of another site after it.
func TestASightOfSomebodyElse(t *testing.T) {
	cluster := enroltest.New(t)
	stranger := newParty(t, enroltest.New(t).Desktop(t, "stranger", "LYO")).up()
	elsewhere := newParty(t, cluster.Desktop(t, "elsewhere", "BER")).up()
	a, b := newParty(t, cluster.Desktop(t, "a", "LYO")).up(), newParty(t, cluster.Desktop(t, "b", "LYO")).up()
	for _, other := range []*party{stranger, elsewhere, a, b} { // a's own address among them
		a.syncer.Sight(other.port)
	}
	x := nodetest.NewID()
	a.append(nodetest.Ticket(x, "For b alone"))
	b.until("it sees a's ticket", func() bool { return b.title(x) != "" })
	for _, p := range a.syncer.Status().Peers {
		if p.Device != b.credentials.Device().ID() {
			t.Errorf("it took %+v for a peer", p)
		}
	}
	for _, other := range []*party{stranger, elsewhere} {
		if other.title(x) != "" {
			t.Errorf("%s got the ticket", other.credentials.Identity().Name)
		}
	}
}

// Thousands of addresses at which nobody is cost bounded memory, and do not keep out the one that is real and announces itself again.
func TestThousandsOfFalseSights(t *testing.T) {
	cluster := enroltest.New(t)
	b := newParty(t, cluster.Desktop(t, "b", "LYO")).up()
	a := newParty(t, cluster.Member(t, enrol.Identity{Role: enrol.Desktop, Name: "a", Person: nodetest.NewID(), Sites: []string{"LYO"}}, nil))
	again := make(chan struct{}, 1)
	a.meters = &meters{leads: map[string]bool{b.port: true}, vain: func() {
		select {
		case again <- struct{}{}:
		default:
		}
	}}
	a.up()
	flood := func(from, count int) {
		for n := range count {
			a.syncer.Sight(fmt.Sprintf("10.%d.%d.%d:4711", from, n>>8, n&255))
		}
		if got := a.syncer.Sights(); got > syncer.SightsMax {
			t.Fatalf("%d addresses are remembered", got)
		}
	}
	flood(1, 5000)
	moves, done := a.syncer.Changes()
	defer done()
	for round := 2; !connected(a, b); round++ {
		select {
		case <-again:
		case <-moves:
		}
		a.syncer.Sight(b.port)
		flood(round&255, 200)
	}
}

func connected(a, b *party) bool {
	return slices.ContainsFunc(a.syncer.Status().Peers, func(p syncer.PeerStatus) bool { return p.Device == b.credentials.Device().ID() && p.Connected })
}

// A device that has a node, or is in a group, looks for nobody; an address that a person names is dialled all the same, and only whoever is of the site is taken for a peer.
func TestAPersonNamesAnAddress(t *testing.T) {
	cluster := enroltest.New(t)
	n := newParty(t, cluster.Node(t, "node", "LYO")).up()
	a, b := newParty(t, cluster.Desktop(t, "a", "LYO")).up(), newParty(t, cluster.Desktop(t, "b", "LYO")).up()
	stranger := newParty(t, enroltest.New(t).Desktop(t, "stranger", "LYO")).up()
	elsewhere := newParty(t, cluster.Desktop(t, "elsewhere", "BER")).up()
	if err := a.syncer.Call(t.Context(), n.port); err != nil {
		t.Fatal(err)
	}
	a.untilState(syncer.UpToDate)
	if err := a.syncer.Call(t.Context(), stranger.port, elsewhere.port); err == nil {
		t.Error("somebody else was taken for a device of the site")
	}
	if err := a.syncer.Call(t.Context(), stranger.port, b.port); err != nil {
		t.Error(err)
	}
	a.until("it talks with b", func() bool { return connected(a, b) })
	a.syncer.Pause()
	if err := a.syncer.Call(t.Context(), b.port); err == nil {
		t.Error("a device that works offline talks")
	}
}
