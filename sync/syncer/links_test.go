package syncer_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/backend/record"
	"holdfast/sync/enrol"
	"holdfast/sync/enrol/enroltest"
	"holdfast/sync/node/nodetest"
	"holdfast/sync/syncer"
)

func TestACutConnectionIsMadeAgain(t *testing.T) {
	cluster := enroltest.New(t)
	n := newParty(t, cluster.Node(t, "node", "LYO")).up()
	a := invited(t, cluster, "a", n).up()
	for range 3 {
		a.untilState(syncer.UpToDate)
		n.listener.Drop(a.credentials.Device().ID())
		a.append(nodetest.Ticket(nodetest.NewID(), "Written during the cut"))
		a.untilSame(n)
	}
}

// Both dial at once, and one session stays.
func TestTwoDesktopsThatDialEachOther(t *testing.T) {
	cluster := enroltest.New(t)
	a := newParty(t, cluster.Desktop(t, "a", "LYO")).up()
	a.down() // its port is known now
	b := invited(t, cluster, "b", a).up()
	membership := *a.credentials.Membership()
	membership.Peers = []enrol.Peer{{Device: b.credentials.Device().ID(), Role: enrol.Desktop, Name: "b", Addresses: []string{b.port}}}
	must(t, a.credentials.Replace(&membership))
	a.up()
	x, y := nodetest.NewID(), nodetest.NewID()
	a.append(nodetest.Ticket(x, "From a"))
	b.append(nodetest.Ticket(y, "From b"))
	a.until("it sees b's ticket", func() bool { return a.title(y) == "From b" })
	b.until("it sees a's ticket", func() bool { return b.title(x) == "From a" })
	a.untilState(syncer.Waiting)
	b.untilState(syncer.Waiting)
	if got := a.syncer.Status(); len(got.Peers) != 1 || got.Waiting != 2 || !got.Peers[0].Connected {
		t.Errorf("the status is %+v", got)
	}
}

func TestARevokedDeviceIsShutOut(t *testing.T) {
	cluster := enroltest.New(t)
	var revoked atomic.Bool
	var device record.DeviceID
	identity := enrol.Identity{Role: enrol.Node, Name: "node", Sites: []string{"LYO"}}
	standing := enroltest.ShuttingOut(func(d record.DeviceID) bool { return revoked.Load() && d == device })
	n := newParty(t, cluster.Member(t, identity, standing)).up()
	desktop := enrol.Identity{Role: enrol.Desktop, Name: "b", Person: nodetest.NewID(), Sites: []string{"LYO"}}
	a, b := invited(t, cluster, "a", n), told(t, cluster.Member(t, desktop, standing), n).up() // b knows too: a may have got to know it
	device = a.credentials.Device().ID()
	a.up()
	a.untilState(syncer.UpToDate)
	revoked.Store(true)
	b.append(nodetest.Ticket(nodetest.NewID(), "The commit by which it is known"))
	a.until("it is told", func() bool {
		for _, p := range a.syncer.Status().Peers {
			if p.Role == enrol.Node && p.Trouble != nil {
				return p.Trouble.Code == enrol.DeviceRevoked
			}
		}
		return false
	})
	secret := nodetest.NewID()
	b.append(nodetest.Ticket(secret, "Not for a"))
	b.untilSame(n)
	if a.title(secret) != "" {
		t.Error("a device that was shut out got an edit")
	}
}

// A desktop reaches only a follower; its edits get to the leader and come back as commits.
func TestAFollowerPassesEditsOn(t *testing.T) {
	cluster := enroltest.New(t)
	leader := newParty(t, cluster.Node(t, "leader", "LYO")).up()
	follower := newParty(t, cluster.Node(t, "follower", "BER"))
	follower.joining = true
	follower.up()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	leader.until("it leads", func() bool { return leader.node.Leader().Self })
	must(t, leader.node.Join(ctx, follower.credentials.Device().ID(), follower.port))
	desktop := newParty(t, cluster.Desktop(t, "desktop", "BER"))
	membership := *desktop.credentials.Membership()
	identity := follower.credentials.Identity()
	membership.Peers = []enrol.Peer{{Device: identity.Device, Role: identity.Role, Name: identity.Name, Addresses: []string{follower.port}}}
	must(t, desktop.credentials.Replace(&membership))
	desktop.up()
	ticket := nodetest.NewID()
	draft := nodetest.Ticket(ticket, "From Berlin")
	draft.Space = record.SiteSpace("BER")
	desktop.append(draft)
	desktop.until("its ticket is committed", func() bool {
		state, err := desktop.store.Committed(ticket)
		return err == nil && state != nil && state.Shown(nodetest.Number).AsText() == "TCK-BER-00001"
	})
	desktop.untilState(syncer.UpToDate)
	if space := record.SiteSpace("BER"); leader.syncer.Held(identity.Device, space) == 0 {
		t.Error("the leader does not know how far the follower is")
	}
}

// A node comes up at another address: its desktop looks for it in vain, so the node looks for its desktop.
func TestANodeThatMovedFindsItsDesktop(t *testing.T) {
	cluster := enroltest.New(t)
	n := newParty(t, cluster.Node(t, "node", "LYO")).up()
	a := invited(t, cluster, "a", n).up()
	a.untilState(syncer.UpToDate)
	before := n.port
	n.down()
	elsewhere, err := net.Listen("tcp", before) // nobody else may take the old port meanwhile
	must(t, err)
	defer elsewhere.Close()
	n.port = "127.0.0.1:0"
	n.up()
	if n.port == before {
		t.Fatal("the node has not moved")
	}
	ticket := nodetest.NewID()
	a.append(nodetest.Ticket(ticket, "Written for a node that moved"))
	a.untilSame(n)
	a.untilState(syncer.UpToDate)
}
