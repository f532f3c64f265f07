package program

import (
	"testing"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/sync/node"
)

// A node that cannot be taken out because most of the nodes are away must not be shut out of the cluster either: it may come back, and is needed.
func TestNobodyIsShutOutWhereNobodyCanBeTakenOut(t *testing.T) {
	first, second := quietly(t.TempDir()), quietly(t.TempDir())
	first.Role, second.Role = Node, Node
	p, err := Open(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	defer shutAt(t, p)
	if _, err := p.Found(t.Context(), api.FirstSite{Name: "Lyon office", Code: "LYO"}); err != nil {
		t.Fatal(err)
	}
	other, err := Open(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Join(t.Context(), api.Joining{Invite: inviteFor(t, p, "node")}); err != nil {
		t.Fatal(err)
	}
	id := other.device.ID()
	come(t, func() bool {
		members, err := p.Services().Sync.Members(t.Context())
		return err == nil && len(members.Members) == 2 && members.Members[0].Voter && members.Members[1].Voter
	})
	shutAt(t, other)
	come(t, func() bool { return p.site.sharing.node.Leader().Leader == record.DeviceID{} })
	if err := p.Services().Sync.Remove(t.Context(), id.String()); !fault.Is(err, node.NotLeader) {
		t.Errorf("a node is taken out of a group without a leader: %v", err)
	}
	state, err := p.site.store.View(people.DeviceRecord(id))
	if err != nil || state == nil || len(state.Shown(people.FieldRevoked)) > 0 {
		t.Errorf("it was shut out all the same: %v, %v", state.Shown(people.FieldRevoked), err)
	}
}

// A node that follows does not say of its neighbours that they do not answer; the leader does, and so does a node of a group that nobody leads.
func TestWhoCanTellThatANodeDoesNotAnswer(t *testing.T) {
	leads := record.DeviceID{1}
	for name, c := range map[string]struct {
		healthy bool
		leader  node.Leadership
		want    bool
	}{
		"the leader, of one that answers":       {true, node.Leadership{Leader: leads, Self: true}, false},
		"the leader, of one that does not":      {false, node.Leadership{Leader: leads, Self: true}, false},
		"one that follows, of another follower": {false, node.Leadership{Leader: leads}, true},
		"one that follows, of the leader":       {true, node.Leadership{Leader: leads}, false},
		"one of a group that nobody leads":      {false, node.Leadership{}, false},
	} {
		if got := unheard(&node.Member{Healthy: c.healthy}, c.leader); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
