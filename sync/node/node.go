package node

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/hashicorp/raft"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/node/raftlog"
	"holdfast/sync/transport"
)

// NotLeader is the code of a request that only the leader can serve; the sentence names it.
const NotLeader fault.Code = "not_leader"

// Config says what a member of the group needs.
type Config struct {
	Store   *store.Store
	Decider Decider
	Device  record.DeviceID
	Dir     string // log, votes and snapshot marks; made when it is missing
	Key     []byte // 32 random bytes: encrypts what the log's entries say, and states that are taken over or handed on; nil: plain
	// Stream carries Raft to the other nodes; its address is transport.RaftAddress's. It is closed with the node. Nil: an embedded group of one voter, with no port.
	Stream raft.StreamLayer
	// Bootstrap founds a group of which this node is the only voter, if Dir holds none yet. An embedded group is always founded. Without it a new node waits to be added.
	Bootstrap bool
	// Generation is the cluster's incarnation that a re-formed group begins; 0 goes on with the highest that the store holds, at least 1.
	Generation uint64
	// Trailing is how many entries stay in the log for members that lag; one that lags more takes over the whole state. 0: 2048, or 64 in an embedded group.
	Trailing uint64
	// Formats are those that entries are read in; the newest that all voters read is written. Nil: Formats().
	Formats []Format
	// Reads gives the number of the newest format that a member said it reads (transport.RaftLayer), 0 while it has said nothing. Nil: nobody has.
	Reads  func(record.DeviceID) uint64
	Timing Timing
	Wall   clock.Wall   // nil: time.Now
	Log    *slog.Logger // nil: nothing is logged
}

// Timing holds raft's times; zero fields take the default. An embedded group has nobody to wait for and needs none.
type Timing struct {
	Heartbeat time.Duration // without word from a leader for so long, a follower calls an election; 1 s
	Lease     time.Duration // without word from a majority for so long, a leader steps down; 500 ms, at most Heartbeat
	Apply     time.Duration // without a result for so long, the outcome of an entry is unknown and its edits are decided again; 10 s
}

func (t *Timing) fill() {
	if t.Heartbeat == 0 {
		t.Heartbeat = time.Second
	}
	if t.Lease == 0 {
		t.Lease = t.Heartbeat / 2
	}
	if t.Apply == 0 {
		t.Apply = 10 * time.Second
	}
}

// Node is a member of the Raft group. All methods are safe for concurrent use.
type Node struct {
	cfg     Config
	planner Planner
	raft    *raft.Raft
	log     *raftlog.Store
	entries raft.LogStore // log, as raft uses it
	wire    wire
	machine *machine
	local   raft.ServerAddress

	life     context.Context
	end      context.CancelFunc
	running  sync.WaitGroup
	closing  sync.Once
	closeErr error

	mu       sync.Mutex
	watchers map[chan struct{}]struct{}
	contacts map[raft.ServerID]contact
}

// wire is a raft transport that can be closed.
type wire interface {
	raft.Transport
	raft.WithClose
}

// New starts a member. ctx bounds the start only. Faults: fault.InUse, fault.Corrupt (the node must be removed and added again), fault.NewerFormat, fault.Conflict (the
// store belongs to another group), fault.DiskFull, fault.ReadOnly.
func New(ctx context.Context, cfg Config) (*Node, error) {
	if cfg.Store == nil || cfg.Decider == nil || cfg.Device.IsZero() || cfg.Dir == "" {
		return nil, fault.New(fault.Invalid, "node.New", "A node needs a store, a decider, its device and a folder.")
	}
	cfg.Timing.fill()
	if cfg.Wall == nil {
		cfg.Wall = time.Now
	}
	if len(cfg.Formats) == 0 {
		cfg.Formats = Formats()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	n := &Node{cfg: cfg, planner: Planner{Decider: cfg.Decider}, watchers: map[chan struct{}]struct{}{}, contacts: map[raft.ServerID]contact{}}
	n.life, n.end = context.WithCancel(context.Background())
	if err := n.start(ctx); err != nil {
		n.end()
		return nil, err
	}
	observed := make(chan raft.Observation, 16)
	observer := raft.NewObserver(observed, false, observedByWatch)
	n.raft.RegisterObserver(observer)
	n.running.Go(func() {
		n.watch(observed)
		n.raft.DeregisterObserver(observer)
	})
	n.running.Go(n.run)
	return n, nil
}

// Close leaves the group's work to the others and waits for everything that the node runs. The store stays open.
func (n *Node) Close() error {
	n.closing.Do(func() {
		n.end()
		n.closeErr = n.raft.Shutdown().Error()
		n.running.Wait()
		if err := n.wire.Close(); n.closeErr == nil {
			n.closeErr = err
		}
		if err := n.log.Close(); n.closeErr == nil {
			n.closeErr = err
		}
	})
	return n.closeErr
}

// Embedded reports whether this is a group of one voter without a port.
func (n *Node) Embedded() bool { return n.cfg.Stream == nil }

// Err gives why this member no longer takes over what the group agrees on, or nil.
func (n *Node) Err() error { return n.machine.halt() }

// Leadership says who leads.
type Leadership struct {
	Leader  record.DeviceID // zero: nobody that this node knows of
	Address string          // "host:port"; empty in an embedded group
	Self    bool
}

// Leader gives who leads as far as this node knows.
func (n *Node) Leader() Leadership {
	address, id := n.raft.LeaderWithID()
	device, err := record.ParseDevice(string(id))
	if err != nil {
		return Leadership{}
	}
	l := Leadership{Leader: device, Self: device == n.cfg.Device}
	if _, plain, err := transport.ParseRaftAddress(address); err == nil {
		l.Address = plain
	}
	return l
}

// LeadershipChanges gives a channel that holds a value after the leader changed since it was last read, and the function that ends it.
func (n *Node) LeadershipChanges() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.watchers[c] = struct{}{}
	return c, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.watchers, c)
	}
}

// Barrier returns once everything agreed so far is in this node's store. It works on the leader only: fault NotLeader elsewhere.
func (n *Node) Barrier(ctx context.Context) error {
	return n.await(ctx, n.raft.Barrier(n.cfg.Timing.Apply), "node.Barrier")
}

// answer gives a channel for what becomes of a future, which is ErrRaftShutdown once this node closes: raft itself leaves unanswered what it
// has in its queues as it shuts down, and then nobody may wait for it.
func (n *Node) answer(future raft.Future) <-chan error {
	own, answered := make(chan error, 1), make(chan error, 1)
	go func() { own <- future.Error() }()
	n.running.Go(func() {
		select {
		case err := <-own:
			answered <- err
		case <-n.life.Done():
			answered <- raft.ErrRaftShutdown
		}
	})
	return answered
}

// await waits for a future, which may never come, as long as ctx allows.
func (n *Node) await(ctx context.Context, future raft.Future, op string) error {
	select {
	case err := <-n.answer(future):
		return n.explain(err, op)
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Unavailable, op, "The nodes did not answer in time. Whether they will still do it is not known; look again.")
	}
}

func (n *Node) explain(err error, op string) error {
	switch err {
	case nil:
		return nil
	case raft.ErrNotLeader, raft.ErrLeadershipLost, raft.ErrLeadershipTransferInProgress:
		if l := n.Leader(); l.Address != "" && !l.Self {
			return fault.Wrap(err, NotLeader, op, "Another node leads the group. Ask the one at "+l.Address+".")
		}
		return fault.Wrap(err, NotLeader, op, "No node leads the group right now. Try again in a moment.")
	case raft.ErrRaftShutdown:
		return fault.Wrap(err, fault.Unavailable, op, "This node is closing.")
	}
	return fault.Wrap(err, fault.Unavailable, op, "The group of nodes could not do it now. Try again.")
}

func observedByWatch(o *raft.Observation) bool {
	switch o.Data.(type) {
	case raft.LeaderObservation, raft.FailedHeartbeatObservation, raft.ResumedHeartbeatObservation:
		return true
	}
	return false
}

// watch passes changes of the leader on, and remembers which members answer.
func (n *Node) watch(observed <-chan raft.Observation) {
	for {
		select {
		case <-n.life.Done():
			return
		case o := <-observed:
			n.note(o)
		}
	}
}

func (n *Node) note(o raft.Observation) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch o := o.Data.(type) {
	case raft.FailedHeartbeatObservation:
		n.contacts[o.PeerID] = contact{lost: true, last: o.LastContact}
	case raft.ResumedHeartbeatObservation:
		delete(n.contacts, o.PeerID)
	case raft.LeaderObservation:
		clear(n.contacts)
		for c := range n.watchers {
			select {
			case c <- struct{}{}:
			default:
			}
		}
	}
}
