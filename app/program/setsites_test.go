package program

import (
	"net"
	"slices"
	"testing"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// TestADesktopMovesToAnotherSiteWhileItRuns changes a desktop's home: what waited at the old one is handed over, and what its person writes from then on belongs to the new one.
func TestADesktopMovesToAnotherSiteWhileItRuns(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	other := joined(t, p, t.TempDir())
	defer func() { shutAt(t, other) }()
	device := other.device.ID().String()
	if err := other.Services().Sync.SetSites(t.Context(), device, api.SitesWish{Site: "BER"}); !fault.Is(err, fault.Forbidden) {
		t.Fatalf("a technician may choose sites: %v", err)
	}
	if err := other.Services().Sync.Pause(); err != nil {
		t.Fatal(err)
	}
	waiting := reportOnly(t, other)
	set := func(wish api.SitesWish) {
		t.Helper()
		if err := p.Services().Sync.SetSites(t.Context(), device, wish); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Services().Sync.SetSites(t.Context(), device, api.SitesWish{Site: "B E R"}); !fault.Is(err, fault.Invalid) {
		t.Fatalf("a code with spaces is taken: %v", err)
	}
	set(api.SitesWish{Site: "BER"})
	if err := other.Services().Sync.Resume(); err != nil {
		t.Fatal(err)
	}
	come(t, func() bool {
		return slices.Equal(other.entered().trust.Identity().Sites, []string{"BER"}) && other.Services() != nil && other.Services().Actor.Site == "BER" && !seen(other, waiting)
	})
	if state, err := p.entered().store.Committed(waiting); err != nil || state == nil || state.Space != record.SiteSpace("LYO") {
		t.Fatalf("what waited was not handed over: %v, %v", state, err)
	}
	made := reportAt(t, other)
	come(t, func() bool {
		state, err := p.entered().store.Committed(made)
		return err == nil && state != nil && state.Space == berlin
	})

	set(api.SitesWish{Site: "BER", Sites: []string{"HAM"}})
	come(t, func() bool { return slices.Equal(other.entered().trust.Identity().Sites, []string{"BER", "HAM"}) })
	devices, err := p.Services().Sync.Devices(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(devices, func(d api.Device) bool {
		return d.ID == device && d.Site == "BER" && slices.Equal(d.Sites, []string{"HAM"})
	}) {
		t.Errorf("the devices are %+v", devices)
	}

	set(api.SitesWish{Site: "LYO", Sites: []string{"BER"}}) // home again: what was written there is seen again
	come(t, func() bool {
		services := other.Services()
		return services != nil && services.Actor.Site == "LYO" && seen(other, waiting) && seen(other, made) && other.entered().store.PendingCount() == 0
	})
}

// reportAt makes a ticket where the device is at home now.
func reportAt(t *testing.T, p *Program) record.ID {
	t.Helper()
	s := p.entered()
	state, err := s.desk.Create(t.Context(), s.actor(), desk.Creation{Kind: ticket.Incident, Fields: map[string]record.Value{
		"title": record.Text(secret), "caller": record.Ref(s.actor().Person), "channel": record.Text("phone"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return state.ID
}

// openNode opens a folder as a node.
func openNode(t *testing.T) *Program {
	t.Helper()
	config := quietly(t.TempDir())
	config.Role = Node
	p, err := Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestTheGroupIsToldWhereANodeIsReached gives a node another name for where it is: the group follows, agrees with it there, and everybody else reads it in the record.
func TestTheGroupIsToldWhereANodeIsReached(t *testing.T) {
	p, other := openNode(t), openNode(t)
	defer shutAt(t, p)
	defer shutAt(t, other)
	if _, err := p.Found(t.Context(), api.FirstSite{Name: "Lyon office", Code: "LYO"}); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Join(t.Context(), api.Joining{Invite: inviteFor(t, p, "node")}); err != nil {
		t.Fatal(err)
	}
	member := func() (found api.Member) {
		members, err := p.Services().Sync.Members(t.Context())
		if err != nil {
			return found
		}
		for _, m := range members.Members {
			if m.ID == other.device.ID().String() {
				found = m
			}
		}
		return found
	}
	come(t, func() bool { return member().Voter })
	_, port, err := net.SplitHostPort(member().Address)
	if err != nil {
		t.Fatal(err)
	}
	sync, moved := p.Services().Sync, net.JoinHostPort("localhost", port)
	for _, wrong := range []struct {
		id, address string
		code        fault.Code
	}{
		{other.device.ID().String(), "localhost", fault.Invalid},
		{other.device.ID().String(), "localhost:0", fault.Invalid},
		{other.device.ID().String(), ":" + port, fault.Invalid},
		{p.device.ID().String(), moved, fault.Invalid},
		{record.DeviceID{1}.String(), moved, fault.NotFound},
	} {
		if err := sync.SetAddress(t.Context(), wrong.id, wrong.address); !fault.Is(err, wrong.code) {
			t.Errorf("%s at %q: %v, want %s", wrong.id, wrong.address, err, wrong.code)
		}
	}
	if err := sync.SetAddress(t.Context(), other.device.ID().String(), moved); err != nil {
		t.Fatal(err)
	}
	if m := member(); m.Address != moved || !m.Voter {
		t.Errorf("the group has it as %+v", m)
	}
	ticket, _ := writeThere(t, p) // two of two have to agree, so the leader reaches it there
	come(t, func() bool {
		state, err := other.entered().store.Committed(ticket)
		device, lookErr := other.entered().store.Committed(people.DeviceRecord(other.device.ID()))
		return err == nil && lookErr == nil && state != nil && device.Shown(people.FieldAddress).AsText() == moved
	})
}
