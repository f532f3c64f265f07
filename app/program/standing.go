package program

import (
	"context"
	"os"
	"slices"
	"time"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/backend/people"
	"holdfast/backend/record"
)

const (
	// standingTick is how often a device compares its sites when nothing else makes it.
	standingTick = time.Hour
	// standingRetry is how long it waits after nobody could give it a certificate for other sites.
	standingRetry = 10 * time.Second
)

// keepStanding asks for a new certificate when the cluster says that this device is for other sites than its own names, and leaves the sites that it is not for. It runs as long as the
// program, beside the site, which it may have to enter anew.
func (p *Program) keepStanding(life context.Context) {
	var next time.Time // of the next attempt after a failed one
	for life.Err() == nil {
		s := p.entered()
		if s == nil {
			return
		}
		changes := s.store.Subscribe(1)
		wait := standingTick
		if until := time.Until(next); until > 0 {
			wait = until
		} else if err := p.stand(life, s); err != nil {
			wait, next = standingRetry, time.Now().Add(standingRetry)
			if life.Err() == nil {
				p.config.Log.Warn("this device could not change its sites yet", "error", err)
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-life.Done():
		case <-changes.C():
		case <-timer.C:
		}
		timer.Stop()
		changes.Close()
	}
}

func (p *Program) entered() *site {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.site
}

// stand brings certificate and spaces in line with what the cluster says of this device. A site is left once nothing in it waits to be agreed any more.
func (p *Program) stand(ctx context.Context, s *site) error {
	identity := s.trust.Identity()
	wanted := s.sitesOf(identity.Device)
	var leaving []record.Space
	for _, code := range identity.Sites {
		if identity.Role != Node && len(wanted) > 0 && !slices.Contains(wanted, code) {
			leaving = append(leaving, record.SiteSpace(code))
		}
	}
	s.store.Retire(leaving...)
	waits := slices.ContainsFunc(leaving, func(space record.Space) bool { return s.store.PendingIn(space) > 0 })
	if waits || len(wanted) == 0 || slices.Equal(wanted, identity.Sites) {
		return nil
	}
	if err := s.sharing.renew(ctx); err != nil {
		return err
	}
	if got := s.trust.Identity().Sites; !slices.Equal(got, wanted) {
		return fault.New(fault.Unavailable, "program.stand", "The node that renewed the certificate does not know yet for which sites this device is.")
	}
	if len(leaving) > 0 || wanted[0] != identity.Site() { // who works here works at another site from now on
		return p.reenter(ctx)
	}
	s.sharing.syncer.Renew()
	p.changes.send(api.ChangeEvent{IDs: []string{}, Kinds: []string{}, Sync: true})
	return nil
}

// sitesOf gives the sites that the cluster says a device is for; none while it says nothing.
func (s *site) sitesOf(device record.DeviceID) []string {
	state, err := s.store.Committed(people.DeviceRecord(device))
	if err != nil {
		return nil
	}
	return people.SitesOf(state)
}

// reenter ends everything that runs for the site and starts it anew, so that nothing in memory goes on with what the device has left.
func (p *Program) reenter(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.site == nil {
		return nil
	}
	membership := p.site.trust.Membership()
	if err := p.site.close(); err != nil {
		p.config.Log.Warn("not everything ended in good order", "error", err)
	}
	entered, err := p.enter(ctx, membership, false)
	if err != nil {
		p.site = nil
		return fault.Wrap(err, fault.CodeOf(err), "program.reenter", "The site could not be entered again. Start Holdfast anew; nothing was lost.")
	}
	p.site = entered
	p.changes.send(api.ChangeEvent{IDs: []string{}, Kinds: []string{"*"}, Config: true, Sync: true})
	return nil
}

// leaveOthers removes what the store holds of spaces that this device is no longer for. What waits to be agreed keeps its space until it is.
func (s *site) leaveOthers(ctx context.Context) error {
	identity := s.trust.Identity()
	foreign := slices.DeleteFunc(s.store.Spaces(), identity.MayRead)
	if len(foreign) == 0 {
		return nil
	}
	// First what can be made again: nothing is looked for once the spaces are gone, and a crash must not leave it.
	if err := os.RemoveAll(s.program.path("search")); err != nil {
		return fault.Wrap(err, fault.ReadOnly, "program.leaveOthers", "The search index could not be removed. Check the permissions of "+s.program.path("search")+".")
	}
	err := s.store.Leave(ctx, foreign...)
	if fault.Is(err, fault.Conflict) {
		s.program.config.Log.Warn("a site cannot be left yet", "error", err)
		return nil
	}
	return err
}
