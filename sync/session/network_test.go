package session_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"strings"

	"holdfast/backend/record"
	"holdfast/sync/session"
	"holdfast/sync/session/memory"
)

// network is a set of devices with sessions between them; messages are delivered one at a time, each through its frame.
type network struct {
	devices map[string]*device
	names   map[record.DeviceID]string
	order   []string
	queue   []parcel
	trace   strings.Builder
	digests []record.Hash
	quiet   bool // nothing is written to trace
	bytes   int  // of all frames sent
	frames  int
}

type device struct {
	name    string
	replica *memory.Replica
	roster  *memory.Roster
	node    bool
	cluster string
	ends    []*end // open sessions in order of opening
}

type end struct {
	session *session.Session
	here    *device
	there   *end
	cut     bool
}

type parcel struct {
	to    *end
	frame []byte
}

func newNetwork() *network {
	return &network{devices: map[string]*device{}, names: map[record.DeviceID]string{}}
}

// add makes a device; its roster knows the devices so far, and they know it, unless strange.
func (n *network) add(name string, node, strange bool) *device {
	d := &device{name: name, node: node, cluster: "acme", roster: memory.NewRoster()}
	d.replica = memory.New(memory.Key(name), 1)
	n.names[d.replica.ID()] = name
	for _, other := range n.devices {
		n.meet(d, other.replica.PublicKey())
		if !strange {
			n.meet(other, d.replica.PublicKey())
		}
	}
	n.meet(d, d.replica.PublicKey())
	n.devices[name], n.order = d, append(n.order, name)
	return d
}

func (n *network) meet(d *device, key ed25519.PublicKey) {
	if err := d.roster.Admit(context.Background(), session.Device{Key: key, Certificate: []byte("member")}); err != nil {
		panic(err)
	}
}

// connect opens a session between two devices and puts both greetings under way.
func (n *network) connect(a, b *device, spaces ...record.Space) (*end, *end) {
	if len(spaces) == 0 {
		spaces = []record.Space{record.Organisation}
	}
	left, right := n.end(a, b, spaces), n.end(b, a, spaces)
	left.there, right.there = right, left
	n.send(left, left.session.Start())
	n.send(right, right.session.Start())
	return left, right
}

func (n *network) end(here, there *device, spaces []record.Space) *end {
	role := session.RoleDesktop
	if here.node {
		role = session.RoleNode
	}
	e := &end{here: here, session: session.New(session.Config{
		Self: here.replica.ID(), Peer: there.replica.ID(), Role: role, Cluster: here.cluster, Spaces: spaces,
		CommitsFromRaft: here.node, Devices: here.roster,
	}, here.replica)}
	here.ends = append(here.ends, e)
	return e
}

// cut drops a session with all that is under way in it.
func (n *network) cut(e *end) {
	for _, side := range []*end{e, e.there} {
		side.cut = true
		for i, open := range side.here.ends {
			if open == side {
				side.here.ends = append(side.here.ends[:i:i], side.here.ends[i+1:]...)
				break
			}
		}
	}
}

func (n *network) send(from *end, messages []session.Message) {
	for _, m := range messages {
		frame, err := session.Encode(m)
		if err != nil {
			panic(err)
		}
		n.bytes, n.frames = n.bytes+len(frame), n.frames+1
		n.queue = append(n.queue, parcel{from.there, frame})
	}
}

// deliver hands over the oldest message; false when none is under way.
func (n *network) deliver() bool {
	if len(n.queue) == 0 {
		return false
	}
	p := n.queue[0]
	n.queue = n.queue[1:]
	if p.to.cut {
		return true
	}
	n.hand(p)
	return true
}

func (n *network) hand(p parcel) {
	m, err := session.Decode(p.frame)
	if err != nil {
		panic(err)
	}
	n.note("%s -> %s  %s", p.to.there.here.name, p.to.here.name, n.describe(m))
	answers, err := p.to.session.Step(context.Background(), m)
	if err != nil {
		n.note("%s fails: %v", p.to.here.name, err)
	}
	n.send(p.to, answers)
	n.poll(p.to.here, p.to)
	if p.to.session.Over() && p.to.there.session.Over() {
		n.cut(p.to)
	}
}

// poll tells a device's sessions, all but one, that its replica has changed.
func (n *network) poll(d *device, but *end) {
	for _, e := range d.ends {
		if e == but {
			continue
		}
		messages, err := e.session.Poll(context.Background())
		if err != nil {
			n.note("%s fails: %v", d.name, err)
		}
		n.send(e, messages)
	}
}

// settle delivers until nothing is under way.
func (n *network) settle() {
	for n.deliver() {
	}
}

func (n *network) note(format string, args ...any) {
	if !n.quiet {
		fmt.Fprintf(&n.trace, format+"\n", args...)
	}
}
