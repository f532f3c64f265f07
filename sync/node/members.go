package node

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/raft"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/transport"
)

// Member is one server of the group.
type Member struct {
	Device  record.DeviceID
	Address string // "host:port"; empty in an embedded group
	Voter   bool
	Leader  bool
	Self    bool
	// Healthy says that the member answers the leader. Only the leader knows of others; elsewhere only the leader and this node count as healthy.
	Healthy bool
	// Heard is when the leader last heard of an unhealthy member; zero when not known.
	Heard time.Time
}

// contact is what the leader knows of a member that does not answer.
type contact struct {
	lost bool
	last time.Time
}

// Members gives the group as this node knows it.
func (n *Node) Members() ([]Member, error) {
	configuration, err := n.configuration()
	if err != nil {
		return nil, err
	}
	leader := n.Leader()
	n.mu.Lock()
	defer n.mu.Unlock()
	var members []Member
	for _, server := range configuration.Servers {
		device, err := record.ParseDevice(string(server.ID))
		if err != nil {
			return nil, err
		}
		m := Member{Device: device, Voter: server.Suffrage == raft.Voter, Leader: device == leader.Leader, Self: device == n.cfg.Device}
		if _, address, err := transport.ParseRaftAddress(server.Address); err == nil {
			m.Address = address
		}
		lost := n.contacts[server.ID]
		m.Healthy, m.Heard = m.Self || m.Leader || leader.Self && !lost.lost, lost.last
		members = append(members, m)
	}
	return members, nil
}

// Warning gives what people should know about the group's size, or "".
func Warning(members []Member) string {
	voters := 0
	for _, m := range members {
		if m.Voter {
			voters++
		}
	}
	switch {
	case voters == 2:
		return "Two voting nodes are no safer than one: when either is lost, nothing is agreed until it is back. Add a third."
	case voters > 0 && voters%2 == 0:
		return "An even number of voting nodes survives no more losses than one less. Add one, or remove one."
	}
	return ""
}

// Join adds a node at address ("host:port") that follows without a vote. It is done by the leader; adding a member again moves it to the address.
func (n *Node) Join(ctx context.Context, device record.DeviceID, address string) error {
	if n.Embedded() {
		return fault.New(fault.Conflict, "node.Join", "This device works on its own, without a port that other nodes could reach. Make it a node first.")
	}
	server, found, err := n.member(device)
	if err != nil {
		return err
	}
	to := transport.RaftAddress(device, address)
	if found && server.Address != to { // Raft would change the address under the hands of what replicates to it, so that ends first
		if err := n.await(ctx, n.raft.RemoveServer(server.ID, 0, n.cfg.Timing.Apply), "node.Join"); err != nil {
			return err
		}
	}
	if found && server.Suffrage == raft.Voter {
		return n.await(ctx, n.raft.AddVoter(server.ID, to, 0, n.cfg.Timing.Apply), "node.Join")
	}
	return n.await(ctx, n.raft.AddNonvoter(transport.RaftID(device), to, 0, n.cfg.Timing.Apply), "node.Join")
}

// Promote gives a member that has caught up a vote. held is the commit number at which the member stands in a space, as it says itself; the member has caught up when it lacks
// less than one entry's worth anywhere. Faults: Unavailable while it has not, NewerFormat for a member whose program is too old for what the group writes.
func (n *Node) Promote(ctx context.Context, device record.DeviceID, held func(record.Space) uint64) error {
	const op = "node.Promote"
	server, found, err := n.member(device)
	if err != nil {
		return err
	}
	if !found {
		return fault.New(fault.NotFound, op, "This device is not a member of the group. Add it first.")
	}
	if server.Suffrage == raft.Voter {
		return nil
	}
	for _, f := range n.cfg.Store.Frontiers() {
		if f.Commit > held(f.Space)+caughtUpCommits {
			return fault.Newf(fault.Unavailable, op, "The node still takes over what was agreed (%d of %d). Try again when it has caught up.", held(f.Space), f.Commit)
		}
	}
	if err := n.mayVote(server.ID); err != nil {
		return err
	}
	return n.await(ctx, n.raft.AddVoter(server.ID, server.Address, 0, n.cfg.Timing.Apply), op)
}

// caughtUpCommits is how far a node may be behind to be called caught up while the group works on.
const caughtUpCommits = 4096

// Remove takes a member out of the group. It must not come back with the folder that it has.
func (n *Node) Remove(ctx context.Context, device record.DeviceID) error {
	const op = "node.Remove"
	configuration, err := n.configuration()
	if err != nil {
		return err
	}
	voters, voter, found := 0, false, false
	for _, server := range configuration.Servers {
		if server.Suffrage == raft.Voter {
			voters++
		}
		if server.ID == transport.RaftID(device) {
			found, voter = true, server.Suffrage == raft.Voter
		}
	}
	switch {
	case !found:
		return fault.New(fault.NotFound, op, "This device is not a member of the group.")
	case voter && voters == 1:
		return fault.New(fault.Conflict, op, "This is the only voting node; without it nothing can be agreed. Add another one first.")
	}
	return n.await(ctx, n.raft.RemoveServer(transport.RaftID(device), 0, n.cfg.Timing.Apply), op)
}

// TransferLeadership hands the lead to another voter, as before this node is stopped.
func (n *Node) TransferLeadership(ctx context.Context) error {
	return n.await(ctx, n.raft.LeadershipTransfer(), "node.TransferLeadership")
}

// TrimLog drops from the log what the database holds durably, but for what members that lag a little may still need. It happens by itself now and then.
func (n *Node) TrimLog() error {
	err := n.raft.Snapshot().Error()
	if errors.Is(err, raft.ErrNothingNewToSnapshot) {
		return nil
	}
	return n.explain(err, "node.TrimLog")
}

func (n *Node) configuration() (raft.Configuration, error) {
	future := n.raft.GetConfiguration()
	if err := future.Error(); err != nil {
		return raft.Configuration{}, n.explain(err, "node.Members")
	}
	return future.Configuration(), nil
}

func (n *Node) member(device record.DeviceID) (raft.Server, bool, error) {
	configuration, err := n.configuration()
	if err != nil {
		return raft.Server{}, false, err
	}
	for _, server := range configuration.Servers {
		if server.ID == transport.RaftID(device) {
			return server, true, nil
		}
	}
	return raft.Server{}, false, nil
}
