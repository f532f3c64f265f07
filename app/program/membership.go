package program

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/people"
	"holdfast/backend/policy"
	"holdfast/backend/record"
	"holdfast/sync/node"
)

// memberTick is how often a leader looks again at nodes that are not voters yet.
const memberTick = time.Second

// keepMembers lets the leader take nodes into the group that the cluster has admitted: first without a vote, then, once they have caught up, with one.
func (sh *sharing) keepMembers(life context.Context) {
	changes := sh.site.store.Subscribe(1)
	defer changes.Close()
	leadership, done := sh.node.LeadershipChanges()
	defer done()
	tick := time.NewTicker(memberTick)
	defer tick.Stop()
	tick.Stop()
	for look := true; ; {
		if look {
			if sh.tendMembers(life) {
				tick.Reset(memberTick)
			} else {
				tick.Stop()
			}
		}
		look = true
		select {
		case <-life.Done():
			return
		case set, open := <-changes.C():
			if !open {
				return
			}
			look = set.Everything || slices.Contains(set.Moved, record.Organisation) // devices are records of the organisation
		case <-leadership:
		case <-tick.C:
		}
	}
}

// tendMembers reports whether it has to be called again soon.
func (sh *sharing) tendMembers(ctx context.Context) bool {
	if !sh.node.Leader().Self || sh.node.Embedded() {
		return false
	}
	again := sh.reinstate(ctx)
	sh.group.Lock()
	defer sh.group.Unlock()
	members, err := sh.node.Members()
	if err != nil {
		return true
	}
	nodes, err := sh.admittedNodes()
	if err != nil {
		sh.try(ctx, "the list of nodes cannot be read", err)
		return true
	}
	for _, state := range nodes {
		device, address := record.DeviceID(state.ID), state.Shown(people.FieldAddress).AsText()
		member, in := find(members, device)
		switch {
		case address == "":
		case !in:
			again = true
			sh.try(ctx, "a node could not be taken into the group yet", sh.node.Join(ctx, device, address))
		case !member.Voter:
			again = true
			err := sh.node.Promote(ctx, device, func(space record.Space) uint64 { return sh.heldBy(device, space) })
			if !fault.Is(err, fault.Unavailable) {
				sh.try(ctx, "a node could not be given a vote yet", err)
			}
		}
	}
	return again
}

func (sh *sharing) try(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		sh.site.program.config.Log.Warn(what, "error", err)
	}
}

func find(members []node.Member, device record.DeviceID) (node.Member, bool) {
	for _, member := range members {
		if member.Device == device {
			return member, true
		}
	}
	return node.Member{}, false
}

// admittedNodes gives the records of the nodes that the cluster knows and that belong to its newest group.
func (sh *sharing) admittedNodes() ([]*record.State, error) {
	rows, err := sh.site.everyDevice()
	if err != nil {
		return nil, err
	}
	former := sh.site.former()
	var nodes []*record.State
	for _, row := range rows {
		state, err := sh.site.store.Committed(row.ID)
		if err != nil {
			return nil, err
		}
		if state != nil && state.Shown(people.FieldRole).AsText() == people.RoleNode && len(state.Shown(people.FieldRevoked)) == 0 && !former[record.DeviceID(row.ID)] {
			nodes = append(nodes, state)
		}
	}
	return nodes, nil
}

// Members gives the group as this device knows it.
func (sh *sharing) Members(context.Context) (api.Members, error) {
	if sh.node == nil {
		return sh.seenNodes()
	}
	members, err := sh.node.Members()
	if err != nil {
		return api.Members{}, err
	}
	view := api.Members{Members: make([]api.Member, 0, len(members)), Warning: groupWarning(members)}
	leader := sh.node.Leader()
	for _, m := range members {
		row, _ := sh.site.tables.Row(record.ID(m.Device))
		view.Members = append(view.Members, api.Member{
			ID: m.Device.String(), Name: row.Title, Address: m.Address, Voter: m.Voter, Leader: m.Leader, Healthy: m.Healthy,
			Unknown: unheard(&m, leader),
		})
	}
	return view, nil
}

// unheard reports whether a node cannot tell of a member that it does not answer: only the leader hears of all.
func unheard(m *node.Member, leader node.Leadership) bool {
	return !m.Healthy && !leader.Self && !leader.Leader.IsZero()
}

// groupWarning says plainly what a number of voters means.
func groupWarning(members []node.Member) string {
	voters := 0
	for _, m := range members {
		if m.Voter {
			voters++
		}
	}
	switch {
	case voters == 1:
		return "There is one node. When it is gone, nothing can be agreed until it is back; work goes on and is kept. Three nodes survive the loss of one."
	case voters%2 == 0:
		return "An even number of nodes survives no more losses than one node fewer. Add one, or take one out."
	}
	return ""
}

// Promote gives a node a vote.
func (sh *sharing) Promote(ctx context.Context, id string) error {
	device, err := sh.change("program.Promote", id)
	if err != nil {
		return err
	}
	return sh.node.Promote(ctx, device, func(space record.Space) uint64 { return sh.heldBy(device, space) })
}

// Remove takes a node out of the group and shuts it out of the cluster.
func (sh *sharing) Remove(ctx context.Context, id string) error {
	device, err := sh.change("program.Remove", id)
	if err != nil {
		return err
	}
	if err := sh.isNode(device); err != nil {
		return err
	}
	// Without a majority nobody can be taken out, and then nobody must be shut out either.
	if err := sh.node.Barrier(ctx); err != nil {
		return err
	}
	out := desk.Revocation{Why: "Taken out of the group of nodes", As: people.Left}
	if err := sh.site.desk.Revoke(ctx, sh.site.actor(), device, out); err != nil {
		return err
	}
	err = sh.node.Remove(ctx, device)
	if fault.Is(err, fault.NotFound) {
		return nil // it was taken out before, by somebody who may not have heard of it
	}
	return err
}

// isNode fails for a device that is neither a member of the group nor enrolled as a node: who means a desktop shuts it out as a device.
func (sh *sharing) isNode(device record.DeviceID) error {
	members, err := sh.node.Members()
	if err != nil {
		return err
	}
	if _, in := find(members, device); in {
		return nil
	}
	state, err := sh.site.store.View(people.DeviceRecord(device))
	if err == nil && (state == nil || state.Shown(people.FieldRole).AsText() != people.RoleNode) {
		err = fault.New(fault.NotFound, "program.Remove", "The cluster has no node with this id. The column ID of holdfast members shows those of the nodes.")
	}
	return err
}

// change checks that this device and its person may change the group.
func (sh *sharing) change(op, id string) (record.DeviceID, error) {
	device, err := record.ParseDevice(id)
	if err != nil {
		return device, err
	}
	if sh.node == nil {
		return device, fault.New(fault.Forbidden, op, "The group of nodes is changed on one of its nodes, not here.")
	}
	return device, sh.mayManage(op)
}

// mayManage checks that the person of this device may change how the cluster is made up.
func (sh *sharing) mayManage(op string) error {
	may, err := sh.manages()
	if err == nil && !may {
		err = fault.New(fault.Forbidden, op, "Your roles do not allow you to change the group of nodes. Ask an administrator.")
	}
	return err
}

// manages reports whether the person of this device may change how the cluster is made up. Nobody in particular works on a node, and may.
func (sh *sharing) manages() (bool, error) {
	person := sh.site.actor().Person
	if person == (record.ID{}) {
		return true, nil
	}
	may, err := sh.site.desk.May(person, []string{policy.ClusterManage})
	return may[policy.ClusterManage], err
}

func parseID(text string) (record.ID, error) {
	id, err := uuid.Parse(strings.TrimSpace(text))
	if err != nil {
		return record.ID{}, fault.Newf(fault.Invalid, "program.parseID", "%q is not the id of a record.", text)
	}
	return id, nil
}
