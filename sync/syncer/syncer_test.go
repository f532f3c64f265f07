package syncer_test

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/enrol"
	"holdfast/sync/enrol/enroltest"
	"holdfast/sync/node"
	"holdfast/sync/node/nodetest"
	"holdfast/sync/session"
	"holdfast/sync/syncer"
	"holdfast/sync/transport"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// roster knows devices by the certificates of the cluster.
type roster struct {
	trust *enrol.Credentials
	mu    sync.Mutex
	held  map[record.DeviceID]session.Device
}

func newRoster(trust *enrol.Credentials) *roster {
	own := trust.Device()
	return &roster{trust: trust, held: map[record.DeviceID]session.Device{
		own.ID(): {Key: own.PublicKey(), Certificate: trust.Membership().Certificate},
	}}
}

func (r *roster) KeyOf(device record.DeviceID) ed25519.PublicKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held[device].Key
}

func (r *roster) Introduce(device record.DeviceID) (session.Device, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d, found := r.held[device]
	return d, found
}

func (r *roster) Admit(_ context.Context, device session.Device) error {
	identity, err := r.trust.Verify(device.Certificate)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held[identity.Device] = device
	return nil
}

// party is one device on loopback.
type party struct {
	t           testing.TB
	dir         string
	credentials *enrol.Credentials
	roster      *roster
	store       *store.Store
	listener    *transport.Listener
	node        *node.Node
	syncer      *syncer.Syncer
	port        string
	joining     bool // a node that is to be added to a group
	meters      *meters
}

// newParty makes a device with a store; up starts what runs on it.
func newParty(t testing.TB, credentials *enrol.Credentials) *party {
	t.Helper()
	p := &party{t: t, dir: t.TempDir(), credentials: credentials, roster: newRoster(credentials), port: "127.0.0.1:0"}
	p.store = nodetest.Store(t, filepath.Join(p.dir, "store"), credentials.Device())
	t.Cleanup(p.down)
	return p
}

// up opens the port and starts the node, if the device is one, and the syncer.
func (p *party) up() *party {
	p.t.Helper()
	ctx := context.Background()
	var err error
	p.listener, err = transport.Listen(ctx, transport.Config{
		Addresses: []string{p.port}, Protocols: []string{transport.Session, transport.Raft}, Credentials: p.credentials, Wall: time.Now,
		Log: slog.New(slog.DiscardHandler),
	})
	must(p.t, err)
	p.port = p.listener.Addresses()[0]
	dialer := &transport.Dialer{Credentials: p.credentials, Wall: time.Now}
	if p.meters != nil {
		dialer.Connect = p.meters.connect
	}
	config := syncer.Config{
		Store: p.store, Credentials: p.credentials, Dialer: dialer, Listener: p.listener.Protocol(transport.Session),
		Addresses: p.listener.Addresses, Devices: p.roster, Random: func() float64 { return 0 },
	}
	if p.credentials.Identity().Role == enrol.Node {
		p.node, err = node.New(ctx, node.Config{
			Store: p.store, Decider: nodetest.Decider{}, Device: p.credentials.Device().ID(), Dir: filepath.Join(p.dir, "raft"), Bootstrap: !p.joining,
			Stream: transport.NewRaftLayer(p.listener.Protocol(transport.Raft), dialer, transport.Raft, p.port, nil),
			Timing: node.Timing{Heartbeat: time.Second},
		})
		must(p.t, err)
		config.Group = p.node
	}
	p.syncer, err = syncer.New(ctx, config)
	must(p.t, err)
	return p
}

// down stops everything but the store.
func (p *party) down() {
	if p.syncer == nil {
		return
	}
	if err := p.syncer.Close(); err != nil {
		p.t.Error(err)
	}
	if p.node != nil {
		if err := p.node.Close(); err != nil {
			p.t.Error(err)
		}
	}
	if err := p.listener.Close(); err != nil {
		p.t.Error(err)
	}
	p.syncer, p.node = nil, nil
}

// invited makes a desktop that knows the address of another device.
func invited(t testing.TB, cluster *enroltest.Cluster, name string, by ...*party) *party {
	t.Helper()
	return told(t, cluster.Desktop(t, name, "LYO"), by...)
}

// told makes a party of a device that was told of the others.
func told(t testing.TB, credentials *enrol.Credentials, by ...*party) *party {
	t.Helper()
	membership := *credentials.Membership()
	for _, p := range by {
		identity := p.credentials.Identity()
		membership.Peers = append(membership.Peers, enrol.Peer{Device: identity.Device, Role: identity.Role, Name: identity.Name, Addresses: []string{p.port}})
	}
	must(t, credentials.Replace(&membership))
	return newParty(t, credentials)
}

// until waits until a condition holds; it is asked again when the status or the store changes.
func (p *party) until(what string, holds func() bool) {
	p.t.Helper()
	changes := p.store.Subscribe(1)
	defer changes.Close()
	moves, done := p.syncer.Changes()
	defer done()
	patience := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-changes.C():
		case <-moves:
		case <-patience:
			p.t.Fatalf("%s waited in vain until %s: %+v", p.credentials.Identity().Name, what, p.syncer.Status())
		}
	}
}

func (p *party) untilState(state syncer.State) {
	p.t.Helper()
	p.until("it is "+string(state), func() bool { return p.syncer.Status().State == state })
}

func (p *party) untilSame(other *party) {
	p.t.Helper()
	p.until("it stands where "+other.credentials.Identity().Name+" stands", func() bool {
		return p.store.Frontier(nodetest.Lyon) == other.store.Frontier(nodetest.Lyon) && p.store.PendingCount() == 0
	})
}

func (p *party) append(drafts ...record.Draft) {
	p.t.Helper()
	_, err := p.store.Append(context.Background(), drafts...)
	must(p.t, err)
}

func (p *party) title(id record.ID) string {
	p.t.Helper()
	state, err := p.store.View(id)
	must(p.t, err)
	if state == nil {
		return ""
	}
	return state.Shown(nodetest.Title).AsText()
}

func TestTwoDesktopsAndANodeConverge(t *testing.T) {
	cluster := enroltest.New(t)
	n := newParty(t, cluster.Node(t, "node", "LYO")).up()
	a, b := invited(t, cluster, "a", n).up(), invited(t, cluster, "b", n).up()
	x, y := nodetest.NewID(), nodetest.NewID()
	a.append(nodetest.Ticket(x, "Printer on fire"))
	b.append(nodetest.Ticket(y, "Mail is late"))
	a.until("it sees b's ticket committed", func() bool { s, err := a.store.Committed(y); return err == nil && s != nil })
	b.until("it sees a's ticket committed", func() bool { s, err := b.store.Committed(x); return err == nil && s != nil })
	for _, p := range []*party{a, b} {
		p.untilSame(n)
		p.untilState(syncer.UpToDate)
	}
	for _, peer := range a.syncer.Status().Peers {
		if peer.Role == enrol.Node && (!peer.Connected || !peer.Covered || peer.LastExchange.IsZero() || peer.Name != "node") {
			t.Errorf("a's node is %+v", peer)
		}
		if peer.Role == enrol.Desktop && peer.Connected {
			t.Error("a talks with another desktop though a node is there")
		}
	}
}

// Without the node the desktops find each other: both know where the other listens from the node's card.
func TestDesktopsShareDirectlyWhenTheNodeIsGone(t *testing.T) {
	cluster := enroltest.New(t)
	n := newParty(t, cluster.Node(t, "node", "LYO")).up()
	a := invited(t, cluster, "a", n).up()
	a.untilState(syncer.UpToDate)
	b := invited(t, cluster, "b", n).up()
	b.untilState(syncer.UpToDate)
	n.down()
	x := nodetest.NewID()
	a.append(nodetest.Ticket(x, "Water in the cellar"))
	b.until("it sees a's ticket", func() bool { return b.title(x) == "Water in the cellar" })
	b.untilState(syncer.Waiting)
	a.untilState(syncer.Waiting)
	if state, err := b.store.Committed(x); err != nil || state != nil {
		t.Errorf("it is committed without a node: %v, %v", state, err)
	}
	n.up()
	a.syncer.Retry()
	b.syncer.Retry()
	for _, p := range []*party{a, b} {
		p.untilState(syncer.UpToDate)
		p.untilSame(n)
	}
}

func TestWorkOffline(t *testing.T) {
	cluster := enroltest.New(t)
	n := newParty(t, cluster.Node(t, "node", "LYO")).up()
	a := invited(t, cluster, "a", n).up()
	a.untilState(syncer.UpToDate)
	a.syncer.Pause()
	a.untilState(syncer.Paused)
	if a.syncer.Status().Since.IsZero() {
		t.Error("it does not say since when")
	}
	x := nodetest.NewID()
	a.append(nodetest.Ticket(x, "Written on the train"))
	n.until("it has lost a", func() bool { return !n.syncer.Status().Peers[0].Connected })
	if n.title(x) != "" {
		t.Error("the node got what was written offline")
	}
	if got := a.syncer.Status(); got.State != syncer.Paused || got.Waiting != 1 {
		t.Errorf("the status is %+v", got)
	}
	a.syncer.Resume()
	a.untilState(syncer.UpToDate)
	a.untilSame(n)
}

func TestALostNodeIsNoticed(t *testing.T) {
	cluster := enroltest.New(t)
	n := newParty(t, cluster.Node(t, "node", "LYO")).up()
	a := invited(t, cluster, "a", n).up()
	a.untilState(syncer.UpToDate)
	before := time.Now()
	n.down()
	a.untilState(syncer.CutOff)
	status := a.syncer.Status()
	if status.Since.Before(before) || status.Since.After(time.Now()) {
		t.Errorf("it says since %v", status.Since)
	}
	a.until("the trouble is told", func() bool {
		trouble := a.syncer.Status().Peers[0].Trouble
		return trouble != nil && trouble.Sentence != "" && trouble.Code == "unavailable"
	})
	n.up()
	a.untilState(syncer.UpToDate)
}
