package node

import (
	"context"
	"time"

	"github.com/hashicorp/raft"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
)

// run leads whenever raft says so.
func (n *Node) run() {
	leads := false
	for n.life.Err() == nil {
		if leads {
			leads = n.lead()
			continue
		}
		select {
		case <-n.life.Done():
		case leads = <-n.raft.LeaderCh():
		}
	}
}

const (
	// retryLead is how long the leader waits before it tries again what failed, and how often it looks for entries without a result.
	retryLead = time.Second
	// pipelineFrom is how many edits must wait for an entry to be sent after one that is under way: below it, waiting makes fuller entries.
	pipelineFrom = 32
	// depthMax bounds the entries of one space under way.
	depthMax = 3
)

// leading is one term of leadership. It belongs to one goroutine.
type leading struct {
	node       *Node
	ctx        context.Context
	generation uint64
	lanes      map[record.Space]*lane
	results    chan *flight
	turn       int
	failed     bool   // something waits for the next tick
	written    uint64 // the format that entries were written in last
}

// lead decides until leadership is lost; true when it was lost and won again meanwhile.
func (n *Node) lead() bool {
	ctx, cancel := context.WithCancel(n.life)
	defer cancel()
	l := &leading{node: n, ctx: ctx, lanes: map[record.Space]*lane{}, results: make(chan *flight)}
	if again, ready := l.settle(); !ready {
		return again
	}
	changes := n.cfg.Store.Subscribe(1)
	defer changes.Close()
	for {
		l.fill()
		select {
		case <-ctx.Done():
			return false
		case again := <-n.raft.LeaderCh():
			return again
		case _, open := <-changes.C():
			if !open {
				return false
			}
		case f := <-l.results:
			if f.result.halted {
				return n.handOver()
			}
			l.finish(f)
		case <-l.tick():
			l.expire()
		}
	}
}

// tick gives a channel that fires in a while if there is anything to look after, so that an idle leader sleeps.
func (l *leading) tick() <-chan time.Time {
	busy := l.failed
	for _, lane := range l.lanes {
		busy = busy || len(lane.flights) > 0
	}
	if !busy {
		return nil
	}
	return time.After(retryLead)
}

// settle waits until everything that earlier leaders committed is in this store.
func (l *leading) settle() (again, ready bool) {
	n := l.node
	for {
		passed := n.answer(n.raft.Barrier(n.cfg.Timing.Apply))
		select {
		case <-l.ctx.Done():
			return false, false
		case again := <-n.raft.LeaderCh():
			return again, false
		case err := <-passed:
			if err == nil && n.machine.halt() != nil {
				return n.handOver(), false
			}
			if err == nil {
				l.generation = n.generation()
				n.claimAddress()
				return false, true
			}
			n.cfg.Log.Info("The new leader is not up to date yet.", "error", err)
		}
		select {
		case <-l.ctx.Done():
			return false, false
		case again := <-n.raft.LeaderCh():
			return again, false
		case <-time.After(retryLead):
		}
	}
}

// handOver gives the lead to another member: this one does not write any more what is agreed. It never leads on.
func (n *Node) handOver() (again bool) {
	n.cfg.Log.Error("This node cannot write what is agreed and hands the lead over.", "error", n.machine.halt())
	if !n.Embedded() {
		n.raft.LeadershipTransfer() // without another voter it stays, and decides nothing
	}
	return false
}

// generation gives the group's.
func (n *Node) generation() uint64 {
	generation := max(n.cfg.Generation, 1)
	for _, f := range n.cfg.Store.Frontiers() {
		generation = max(generation, f.Generation)
	}
	return generation
}

// claimAddress tells the group where this node is now, if that has changed.
func (n *Node) claimAddress() {
	configuration := n.raft.GetConfiguration()
	if configuration.Error() != nil {
		return // the leadership is lost
	}
	for _, server := range configuration.Configuration().Servers {
		if string(server.ID) == n.cfg.Device.String() && server.Address != n.local {
			n.raft.AddVoter(server.ID, n.local, 0, n.cfg.Timing.Apply) // if it fails, the next leadership tries again
		}
	}
}

// fill proposes what can be proposed now; the spaces take turns.
func (l *leading) fill() {
	spaces := l.node.cfg.Store.Spaces()
	l.turn++
	for i := range spaces {
		space := spaces[(l.turn+i)%len(spaces)]
		if l.lanes[space] == nil {
			l.lanes[space] = &lane{node: l.node, space: space, generation: l.generation}
		}
		for l.propose(l.lanes[space]) {
		}
	}
}

// propose plans and sends one entry of a space; false when there is none to send now.
func (l *leading) propose(lane *lane) bool {
	n := l.node
	if !lane.open() {
		return false
	}
	plan, err := lane.plan(l.ctx, clock.At(n.cfg.Wall()))
	if err != nil {
		return false // ctx's: the leadership is over
	}
	for _, trouble := range plan.Troubles {
		n.cfg.Log.Error("A change is poison.", "space", lane.space, "why", trouble)
	}
	if plan.Failed != nil {
		l.failed = true
		n.cfg.Log.Warn("A change could not be decided yet.", "space", lane.space, "error", plan.Failed)
	}
	if plan.Empty() {
		return false
	}
	encoded, err := n.cfg.Formats[l.format()-1].Encode(&plan.Entry)
	if err != nil {
		l.failed = true
		n.cfg.Log.Error("An entry could not be encoded.", "space", lane.space, "error", err)
		return false
	}
	f := &flight{lane: lane, plan: plan, begun: time.Now()}
	lane.flights = append(lane.flights, f)
	future := n.raft.Apply(encoded, n.cfg.Timing.Apply)
	answered := n.answer(future)
	n.running.Go(func() {
		f.settle(future, <-answered)
		select {
		case l.results <- f:
		case <-l.ctx.Done():
		}
	})
	return true
}

// format gives the format for the next entry.
func (l *leading) format() uint64 {
	format := l.node.format()
	if format != l.written && len(l.node.cfg.Formats) > 1 {
		l.node.cfg.Log.Info("Entries are written in the newest format that all voters read.", "format", format, "newest", len(l.node.cfg.Formats))
	}
	l.written = format
	return format
}

// finish takes note of an entry's result.
func (l *leading) finish(f *flight) {
	f.done = true
	if f.result.err != nil {
		l.failed = true
	}
	f.lane.note(f)
	if f.unknown != nil {
		l.node.cfg.Log.Info("What became of an entry is not known; its changes are decided again.", "space", f.lane.space, "error", f.unknown)
		l.failed = true
	}
}

// expire gives up waiting for entries that raft has not answered for long: applying passes over edits that it has seen, so deciding again is safe.
func (l *leading) expire() {
	l.failed = false
	for _, lane := range l.lanes {
		if len(lane.flights) > 0 && time.Since(lane.flights[0].begun) > l.node.cfg.Timing.Apply {
			lane.flights, lane.broken = nil, false
			if !l.node.Embedded() {
				l.node.raft.LeadershipTransfer() // another member may be in better health
			}
		}
	}
}

// settle takes note of an entry's result.
func (f *flight) settle(future raft.ApplyFuture, err error) {
	if err != nil {
		f.unknown = err
		return
	}
	if v, isVerdict := future.Response().(verdict); isVerdict {
		f.result = v
	}
}
