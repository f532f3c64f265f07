package program

import (
	"context"
	"os"
	"sync"
	"testing"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/people"
	"holdfast/backend/query"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

// twoNodes makes a cluster of two nodes; the second has a copy of the first one's list of invites, as one that was put back from an image of the first one's disk has.
func twoNodes(t *testing.T, invites func(first *Program) []string) (first, second *Program, made []string) {
	t.Helper()
	home, other := quietly(t.TempDir()), quietly(t.TempDir())
	home.Role, other.Role = Node, Node
	open := func(c Config) *Program {
		p, err := Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	first, second = open(home), open(other)
	if _, err := first.Found(t.Context(), api.FirstSite{Name: "Lyon office", Code: "LYO"}); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Join(t.Context(), api.Joining{Invite: inviteFor(t, first, "node")}); err != nil {
		t.Fatal(err)
	}
	come(t, func() bool {
		members, err := first.Services().Sync.Members(t.Context())
		return err == nil && len(members.Members) == 2 && members.Members[0].Voter && members.Members[1].Voter
	})
	made = invites(first)
	shutAt(t, second)
	raw, err := os.ReadFile(first.path("device", "invites"))
	if err == nil {
		err = os.WriteFile(second.path("device", "invites"), raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return first, open(other), made
}

// TestTwoNodesAreOfferedTheSameInvite lets two devices use one invite at two nodes at the same time.
func TestTwoNodesAreOfferedTheSameInvite(t *testing.T) {
	const rounds = 4
	first, second, invites := twoNodes(t, func(p *Program) (made []string) {
		for range rounds {
			made = append(made, inviteFor(t, p, "desktop"))
		}
		return made
	})
	defer shutAt(t, first)
	defer shutAt(t, second)
	come(t, func() bool { return !second.site.sharing.node.Leader().Leader.IsZero() })
	before := devicesOf(first)
	for _, text := range invites {
		var joining sync.WaitGroup
		var failed [2]error
		for at, node := range []*Program{first, second} {
			invite, err := enrol.ParseInvite(text)
			if err != nil {
				t.Fatal(err)
			}
			invite.Addresses = node.site.sharing.addresses()
			here, err := invite.Text()
			if err != nil {
				t.Fatal(err)
			}
			desktop := openAt(t, t.TempDir())
			defer shutAt(t, desktop)
			joining.Go(func() { _, failed[at] = desktop.Join(t.Context(), api.Joining{Invite: here, Person: "Ben"}) })
		}
		joining.Wait()
		if (failed[0] == nil) == (failed[1] == nil) {
			t.Fatalf("one invite admits one device: %v, %v", failed[0], failed[1])
		}
		for _, err := range failed {
			if err != nil && !fault.Is(err, enrol.InviteUsed) {
				t.Errorf("the other one is told %v", err)
			}
		}
	}
	come(t, func() bool { return devicesOf(first) == before+rounds && devicesOf(second) == before+rounds })
	parked, _, err := first.site.store.Parked(t.Context(), "")
	if err != nil || len(parked) > 0 {
		t.Errorf("people are asked about %d changes: %v", len(parked), err)
	}
}

// A device that tries again while nobody could agree to its first attempt is not told that somebody else used its invite.
func TestAnInviteThatIsUndecidedIsNotUsed(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	device, invite := record.DeviceID{7}, people.InviteRecord(enrol.InviteID{7})
	nobody, end := context.WithCancel(t.Context())
	end()
	if err := p.site.invitedAs(nobody, invite, device); !fault.Is(err, fault.Unavailable) {
		t.Errorf("with nobody to decide: %v", err)
	}
	var waiting sync.WaitGroup
	waiting.Go(func() {
		if err := p.site.invitedAs(t.Context(), invite, device); err != nil {
			t.Errorf("once it is decided: %v", err)
		}
	})
	if _, err := p.site.desk.Create(t.Context(), p.site.actor(), desk.Creation{ID: invite, Kind: people.Invite, Fields: map[string]record.Value{
		people.FieldTitle: record.Text("Ben's laptop"), people.FieldDevice: record.Text(device.String()),
	}}); err != nil {
		t.Fatal(err)
	}
	waiting.Wait()
	if err := p.site.invitedAs(t.Context(), invite, record.DeviceID{8}); !fault.Is(err, enrol.InviteUsed) {
		t.Errorf("for another device: %v", err)
	}
}

func devicesOf(p *Program) int {
	page, err := p.site.tables.For(people.Device).List(query.Request{Order: query.OrderTitle, Limit: 200})
	committed := 0
	for _, row := range page.Rows {
		if state, err := p.site.store.Committed(row.ID); err == nil && state != nil && (state.ID != record.ID{}) {
			committed++
		}
	}
	if err != nil {
		return -1
	}
	return committed
}
