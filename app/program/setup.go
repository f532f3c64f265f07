package program

import (
	"context"
	"net"
	"os"
	"strings"

	"github.com/google/uuid"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

// Found starts a new site with this device as its first, and its person, if it names one, as its administrator. It gives the recovery code
// of a folder that is to be encrypted, which is kept nowhere.
func (p *Program) Found(ctx context.Context, f api.FirstSite) (recovery string, err error) {
	const op = "program.Found"
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.site != nil {
		return "", errSetUp(op)
	}
	founding, err := p.foundingOf(f)
	if err != nil {
		return "", err
	}
	authority, membership, err := enrol.Found(p.device, enrol.Founding{
		ClusterName: founding.SiteName,
		Founder:     enrol.Identity{Role: Node, Name: founding.DeviceName, Person: founding.Person, Sites: []string{founding.SiteCode}},
		Hosts:       []string{"localhost", "127.0.0.1"},
	}, p.config.Wall, p.config.Random)
	if err != nil {
		return "", err
	}
	if recovery, err = p.lock(f.Encrypt); err != nil {
		return "", err
	}
	if err := enrol.SaveAuthority(p.path("device", "authority"), p.device, authority); err != nil {
		return "", err
	}
	if err := p.settle(ctx, membership, true); err != nil {
		return "", err
	}
	return recovery, p.begin(ctx, founding, f)
}

// foundingOf completes and checks what a person said of the new site.
func (p *Program) foundingOf(f api.FirstSite) (desk.Founding, error) {
	founding := desk.Founding{
		SiteName: strings.TrimSpace(f.Name), SiteCode: strings.ToUpper(strings.TrimSpace(f.Code)), PersonName: strings.TrimSpace(f.Person),
		DeviceName: deviceName(), Device: p.device.PublicKey(),
	}
	if p.config.Role == Desktop || founding.PersonName != "" {
		person, err := uuid.NewV7()
		if err != nil {
			return desk.Founding{}, err
		}
		founding.Person = person
	}
	return founding, founding.Check()
}

// settle enters the site first and remembers the membership then, so that a device that could not enter asks again.
func (p *Program) settle(ctx context.Context, membership *enrol.Membership, founding bool) error {
	entered, err := p.enter(ctx, membership, founding)
	if err != nil {
		return err
	}
	p.site = entered
	if err := p.forgetWipe(); err != nil {
		return err
	}
	if err := enrol.SaveMembership(p.path("device", "membership.json"), membership); err != nil {
		return err
	}
	p.running.Go(func() { p.keepStanding(p.life) })
	return nil
}

// begin writes the first edits of a site and waits until they are agreed.
func (p *Program) begin(ctx context.Context, founding desk.Founding, f api.FirstSite) error {
	s := p.site
	founding.Address = s.address()
	first, err := s.desk.Found(ctx, founding)
	if err != nil {
		return err
	}
	if err := s.agreed(ctx, first); err != nil {
		return err
	}
	if !f.Starter {
		return nil
	}
	edits, err := s.desk.AddStarterPack(ctx, s.actor(), f.Sample)
	if err != nil {
		return err
	}
	for _, edit := range edits {
		if err := s.agreed(ctx, edit); err != nil {
			return err
		}
	}
	return nil
}

// Join enrols this device with an invite and enters the site. It gives the recovery code of a folder that is to be encrypted, which is kept nowhere. A device that belongs to the invite's
// cluster already only looks for it at the invite's addresses, and the invite stays unused: so it finds a cluster that moved, or was begun anew elsewhere.
func (p *Program) Join(ctx context.Context, j api.Joining) (recovery string, err error) {
	const op = "program.Join"
	invite, err := enrol.ParseInvite(j.Invite)
	if err != nil {
		return "", err
	}
	if s := p.entered(); s != nil && s.trust.Membership().Cluster == invite.Cluster {
		return "", s.sharing.syncer.Call(ctx, invite.Addresses...)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.site != nil {
		return "", errSetUp(op)
	}
	// Before the invite is used: what stands against encryption must not cost one.
	if recovery, err = p.lock(j.Encrypt); err != nil {
		return "", err
	}
	addresses, err := p.reserve()
	if err != nil {
		return "", err
	}
	joined, err := enrol.Applicant{
		Device: p.device, Name: firstOf(strings.TrimSpace(j.Device), deviceName()), PersonName: strings.TrimSpace(j.Person), Addresses: addresses,
		Hosts: []string{"localhost", "127.0.0.1"}, Wall: p.config.Wall, Random: p.config.Random,
	}.Join(ctx, invite)
	if err != nil {
		return "", err
	}
	if joined.Authority != nil {
		if err := enrol.SaveAuthority(p.path("device", "authority"), p.device, joined.Authority); err != nil {
			return "", err
		}
	}
	if err := p.settle(ctx, joined.Membership, false); err != nil {
		return "", err
	}
	return recovery, p.site.firstSync(ctx)
}

// reserve chooses the port that this device will listen on, so that the cluster learns of it while the device joins.
func (p *Program) reserve() ([]string, error) {
	listener, err := net.Listen("tcp", p.config.Listen)
	if err != nil {
		return nil, fault.Wrap(err, fault.PortInUse, "program.Join", "The address "+p.config.Listen+" for other devices cannot be used. Choose another one, or any free port with :0.")
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, err
	}
	p.config.Listen = address
	return p.reachable([]string{address}), nil
}

func deviceName() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "This device"
	}
	return name
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// agreed waits until the group has decided an edit.
func (s *site) agreed(ctx context.Context, edit record.EditID) error {
	if edit.IsZero() {
		return nil
	}
	err := s.until(ctx, func() (bool, error) {
		outcome, decided := s.store.Outcome(edit)
		if decided && (outcome.Result == record.Parked || outcome.Result == record.Poison) {
			return false, fault.New(fault.Internal, "program.agreed", firstOf(reasonOf(outcome), "The first change of this site was refused."))
		}
		return decided, nil
	})
	if err != nil && err == ctx.Err() {
		return fault.Wrap(err, fault.Unavailable, "program.agreed", "No sync node could agree to the change in time. It is kept; try again when the nodes are back.")
	}
	return err
}

func reasonOf(outcome *record.Outcome) string {
	if outcome.Reason == nil {
		return ""
	}
	return outcome.Reason.Sentence
}

// firstSync waits until the organisation's first records are here, so that the first screen knows who works here. A peer that goes away
// meanwhile stops nothing: the rest follows when it is back.
func (s *site) firstSync(ctx context.Context) error {
	var unreadable error
	_ = s.until(ctx, func() (bool, error) { // neither the end of ctx nor that of the store is a fault here
		if s.store.Frontier(record.Organisation).Commit == 0 {
			return false, nil
		}
		person := s.actor().Person
		var state *record.State
		state, unreadable = s.store.View(person)
		return unreadable != nil || state != nil || person == (record.ID{}), nil
	})
	return unreadable
}
