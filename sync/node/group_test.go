package node_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/enrol"
	"holdfast/sync/enrol/enroltest"
	"holdfast/sync/node"
	"holdfast/sync/node/nodetest"
	"holdfast/sync/transport"
)

// server is one node of a group on loopback.
type server struct {
	t           testing.TB
	dir         string
	credentials *enrol.Credentials
	store       *store.Store
	listener    *transport.Listener
	node        *node.Node
	port        string
	decider     node.Decider
	trailing    uint64
	formats     []node.Format // those of its program; nil: this one's
	heartbeat   time.Duration // 0: short, as tests wait for elections, and long enough for a busy machine: a leader that cannot keep it loses its lead
}

func (s *server) id() record.DeviceID { return s.credentials.Device().ID() }

// up starts the node; founder makes it the group's first.
func (s *server) up(founder bool) {
	s.t.Helper()
	ctx := context.Background()
	var err error
	s.listener, err = transport.Listen(ctx, transport.Config{
		Addresses: []string{s.port}, Protocols: []string{transport.Raft}, Credentials: s.credentials, Wall: time.Now, Log: silent(), Entries: uint64(len(s.formats)),
	})
	must(s.t, err)
	s.port = s.listener.Addresses()[0]
	layer := transport.NewRaftLayer(s.listener.Protocol(transport.Raft), &transport.Dialer{Credentials: s.credentials, Wall: time.Now, Entries: uint64(len(s.formats))}, transport.Raft, s.port, nil)
	s.node, err = node.New(ctx, node.Config{
		Store: s.store, Decider: s.decider, Device: s.id(), Dir: filepath.Join(s.dir, "raft"), Stream: raft.StreamLayer(layer), Bootstrap: founder,
		Timing: node.Timing{Heartbeat: cmp.Or(s.heartbeat, time.Second)}, Trailing: s.trailing, Formats: s.formats, Reads: layer.Reads,
	})
	must(s.t, err)
}

// down stops the node and leaves the store open.
func (s *server) down() {
	if s.node == nil {
		return
	}
	if err := s.node.Close(); err != nil {
		s.t.Error(err)
	}
	if err := s.listener.Close(); err != nil {
		s.t.Error(err)
	}
	s.node = nil
}

func newServer(t testing.TB, cluster *enroltest.Cluster, name string, decider node.Decider) *server {
	t.Helper()
	s := &server{t: t, dir: t.TempDir(), credentials: cluster.Node(t, name, "LYO"), port: "127.0.0.1:0", decider: decider}
	if _, measured := t.(*testing.B); measured {
		s.heartbeat = patience // only the leader's store is written to
	}
	s.store = nodetest.Store(t, filepath.Join(s.dir, "store"), s.credentials.Device())
	t.Cleanup(s.down)
	return s
}

// group makes voters that all follow the first.
func group(t testing.TB, size int, decider node.Decider) []*server {
	t.Helper()
	cluster := enroltest.New(t)
	servers := []*server{newServer(t, cluster, "node 0", decider)}
	servers[0].up(true)
	leads(t, servers[0])
	for i := 1; i < size; i++ {
		s := newServer(t, cluster, fmt.Sprint("node ", i), decider)
		s.up(false)
		servers = append(servers, s)
		enlist(t, servers[0], s)
	}
	return servers
}

// enlist takes a server into the group, first without a vote.
func enlist(t testing.TB, leader, s *server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	must(t, leader.node.Join(ctx, s.id(), s.port))
	must(t, leader.node.Barrier(ctx))
	until(t, s.store, "the new node has caught up", func() bool {
		return s.store.Frontier(nodetest.Lyon) == leader.store.Frontier(nodetest.Lyon)
	})
	must(t, leader.node.Promote(ctx, s.id(), func(space record.Space) uint64 { return s.store.Frontier(space).Commit }))
}

func leads(t testing.TB, s *server) {
	t.Helper()
	changes, done := s.node.LeadershipChanges()
	defer done()
	patience := time.After(30 * time.Second)
	for !s.node.Leader().Self {
		select {
		case <-changes:
		case <-time.After(20 * time.Millisecond):
		case <-patience:
			t.Fatal("it does not lead")
		}
	}
}

// leaderAmong waits until one of the servers leads.
func leaderAmong(t testing.TB, servers ...*server) *server {
	t.Helper()
	patience := time.After(30 * time.Second)
	for {
		for _, s := range servers {
			if s.node.Leader().Self {
				return s
			}
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-patience:
			t.Fatal("nobody leads")
		}
	}
}

// agree waits until all servers stand at one frontier with nothing tentative.
func agree(t testing.TB, commits uint64, servers ...*server) {
	t.Helper()
	for _, s := range servers {
		until(t, s.store, fmt.Sprintf("%d commits are there", commits), func() bool { return s.store.Frontier(nodetest.Lyon).Commit >= commits })
	}
	for _, s := range servers[1:] {
		if a, b := servers[0].store.Frontier(nodetest.Lyon), s.store.Frontier(nodetest.Lyon); a != b {
			t.Errorf("the frontiers differ:\n%+v\n%+v", a, b)
		}
	}
}

// give hands the tentative edits of one store to another, as a session would.
func give(t testing.TB, from *store.Store, signer store.Signer, to *store.Store) {
	t.Helper()
	for _, tail := range from.Tails(nodetest.Lyon) {
		for at := to.HeldSequence(nodetest.Lyon, tail.Incarnation) + 1; at <= tail.Held; {
			run, err := from.EditsFrom(nodetest.Lyon, tail.Incarnation, at, 1<<20)
			must(t, err)
			_, err = to.Receive(context.Background(), keyOf(signer), nodetest.Lyon, run)
			must(t, err)
			at += uint64(len(run))
		}
	}
}

// checkOutcomes checks that each edit has exactly one outcome, and that numbers are dense and unique.
func checkOutcomes(t testing.TB, s *store.Store, ids []record.EditID, tickets []record.ID) {
	t.Helper()
	seen := map[uint64]record.EditID{}
	for _, id := range ids {
		o, found := s.Outcome(id)
		if !found {
			t.Fatalf("%s has no outcome", id)
		}
		if other, twice := seen[o.Commit]; twice {
			t.Errorf("%s and %s have one commit number", id, other)
		}
		seen[o.Commit] = id
	}
	for n := uint64(1); n <= s.Frontier(nodetest.Lyon).Commit; n++ {
		if _, found := seen[n]; !found && len(ids) == int(s.Frontier(nodetest.Lyon).Commit) {
			t.Errorf("commit %d is missing", n)
		}
	}
	numbers := map[string]bool{}
	for _, id := range tickets {
		state, err := s.Committed(id)
		must(t, err)
		numbers[state.Shown(nodetest.Number).AsText()] = true
	}
	for n := 1; n <= len(tickets); n++ {
		if number := fmt.Sprintf("TCK-LYO-%05d", n); !numbers[number] {
			t.Errorf("the number %s was not given out", number)
		}
	}
}

func tickets(n int) (ids []record.ID, drafts []record.Draft) {
	for i := range n {
		ids = append(ids, nodetest.NewID())
		drafts = append(drafts, nodetest.Ticket(ids[i], fmt.Sprint("Ticket ", i)))
	}
	return ids, drafts
}

// The leader goes down in the middle of the work. The edits are of a desktop that all nodes have them from.
func TestTheLeaderIsLostInTheMiddle(t *testing.T) {
	servers := group(t, 3, nodetest.Decider{})
	device := nodetest.NewSigner("desktop")
	desktop := nodetest.Store(t, t.TempDir(), device)
	made, drafts := tickets(1000)
	var ids []record.EditID
	lost := leaderAmong(t, servers...)
	var left []*server
	for _, s := range servers {
		if s != lost {
			left = append(left, s)
		}
	}
	for i := 0; i < len(drafts); i += 50 {
		ids = append(ids, appendAll(t, desktop, drafts[i:i+50]...)...)
		for _, s := range servers {
			give(t, desktop, device, s.store)
		}
		if i == 500 {
			lost.down()
		}
	}
	agree(t, 1000, left...)
	checkOutcomes(t, left[0].store, ids, made)
	lost.up(false)
	agree(t, 1000, servers...)
	checkOutcomes(t, lost.store, ids, made)
}

// A leader that is cut off from the others commits nothing; what it was given commits once, when it is back.
func TestAnIsolatedLeaderCommitsNothing(t *testing.T) {
	servers := group(t, 3, nodetest.Decider{})
	leader := leaderAmong(t, servers...)
	for _, s := range servers {
		if s != leader {
			s.down()
		}
	}
	made, drafts := tickets(20)
	ids := appendAll(t, leader.store, drafts...)
	until(t, leader.store, "the edits are held", func() bool { return leader.store.PendingCount() == 20 })
	changes, done := leader.node.LeadershipChanges()
	defer done()
	for leader.node.Leader().Self {
		<-changes
	}
	if at := leader.store.Frontier(nodetest.Lyon).Commit; at != 0 {
		t.Fatalf("%d were committed without a majority", at)
	}
	for _, s := range servers {
		if s != leader {
			s.up(false)
		}
	}
	// Only the old leader holds the edits, so it passes them on as its session to the new one would.
	now := leaderAmong(t, servers...)
	if now != leader {
		give(t, leader.store, leader.credentials.Device(), now.store)
	}
	agree(t, 20, servers...)
	checkOutcomes(t, leader.store, ids, made)
}

func TestAFollowerThatWasAwayTakesASnapshot(t *testing.T) {
	servers := group(t, 3, nodetest.Decider{})
	for _, s := range servers {
		s.down()
		s.trailing = 5
	}
	for _, s := range servers {
		s.up(false)
	}
	leader := leaderAmong(t, servers...)
	var away *server
	for _, s := range servers {
		if s != leader {
			away = s
		}
	}
	away.down()
	made, drafts := tickets(300)
	var ids []record.EditID
	for i := range drafts {
		ids = append(ids, appendAll(t, leader.store, drafts[i])...)
	}
	committed(t, leader.store)
	must(t, leader.node.TrimLog())
	if first, err := os.Stat(filepath.Join(leader.dir, "raft", "snapshot")); err != nil || first.Size() > 4096 {
		t.Errorf("the snapshot is %v, %v", first, err)
	}
	own := appendAll(t, away.store, nodetest.Ticket(nodetest.NewID(), "Written while away"))
	away.up(false)
	agree(t, 300, servers...)
	checkOutcomes(t, away.store, ids, made)
	if _, held := away.store.PendingEdit(own[0]); !held {
		t.Error("what was written while away is gone")
	}
	appendAll(t, leader.store, nodetest.Retitle(made[0], "Afterwards"))
	agree(t, 301, servers...)
	away.down()
	away.up(false) // it starts on its snapshot
	appendAll(t, leader.store, nodetest.Retitle(made[0], "Again"))
	agree(t, 302, servers...)
}

func TestMembers(t *testing.T) {
	servers := group(t, 2, nodetest.Decider{})
	members, err := servers[0].node.Members()
	must(t, err)
	if len(members) != 2 || !members[0].Voter || !members[1].Voter || !members[0].Leader || !members[1].Healthy || members[1].Address != servers[1].port {
		t.Errorf("the members are %+v", members)
	}
	if node.Warning(members) == "" {
		t.Error("nobody is warned of two voters")
	}
	ctx := context.Background()
	if err := servers[1].node.Join(ctx, servers[0].id(), servers[0].port); err == nil {
		t.Error("a follower changed the group")
	}
	must(t, servers[0].node.Remove(ctx, servers[1].id()))
	if members, err = servers[0].node.Members(); err != nil || len(members) != 1 || node.Warning(members) != "" {
		t.Errorf("the members are %+v, %v", members, err)
	}
	if err := servers[0].node.Remove(ctx, servers[0].id()); err == nil {
		t.Error("the last voter was removed")
	}
}
