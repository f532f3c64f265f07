package syncer

import (
	"slices"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
	"holdfast/sync/transport"
)

// sight is an address at which somebody says that a device of the site listens. Anybody may say so.
type sight struct {
	device  record.DeviceID // who answered there; zero: nobody has yet
	next    time.Time       // when to knock, by the clock
	failed  int             // how often nobody of the site has answered
	knocked time.Time
	busy    bool
}

const (
	// sightsMax bounds the addresses that are remembered, knocksMax those that are tried at a time.
	sightsMax = 64
	knocksMax = 4
	// knockFirst is the pause after a knock in vain; each next one is twice as long, up to knockMax.
	knockFirst = 5 * time.Second
	knockMax   = 10 * time.Minute
)

// Alone reports whether this device looks for others: it shares by itself, and no node is reached.
func (s *Syncer) Alone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.alone()
}

func (s *Syncer) alone() bool {
	if s.paused || s.cfg.Group != nil || s.life.Err() != nil {
		return false
	}
	for _, t := range s.talks {
		if t.peer.Role == enrol.Node && t.session.Status().Live {
			return false
		}
	}
	return true
}

// lookAnew lets all that were seen be tried at once.
func (s *Syncer) lookAnew() {
	for _, one := range s.sights {
		one.next, one.failed = time.Time{}, 0
	}
}

// Sight tells that a device of the site is said to listen at an address ("host:port"). While no node is reached it is dialled; whoever answers must prove to be of the site. However
// many addresses are told, few are remembered: those where nobody of the site answered make way for others.
func (s *Syncer) Sight(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sights[address] != nil {
		return
	}
	if len(s.sights) >= sightsMax && !s.forgetSight() {
		return
	}
	s.sights[address] = &sight{}
	s.rouse()
}

// forgetSight makes room: for the address that was tried in vain last goes the one before it.
func (s *Syncer) forgetSight() bool {
	oldest := ""
	for address, one := range s.sights {
		if one.busy || s.talksAt(address, one) || one.knocked.IsZero() {
			continue
		}
		if oldest == "" || one.knocked.Before(s.sights[oldest].knocked) {
			oldest = address
		}
	}
	delete(s.sights, oldest)
	return oldest != ""
}

// talksAt reports whether a session leads to whoever listens at an address.
func (s *Syncer) talksAt(address string, one *sight) bool {
	if !one.device.IsZero() {
		return s.talks[one.device] != nil
	}
	for device := range s.talks {
		if p := s.peers[device]; p != nil && slices.Contains(p.Addresses, address) {
			return true
		}
	}
	return false
}

// knock dials the addresses that are due, and gives when the next one is; zero: none. The caller holds mu.
func (s *Syncer) knock() time.Duration {
	if len(s.sights) == 0 || !s.alone() {
		return 0
	}
	now, busy := s.cfg.Wall(), 0
	var due []string
	var soonest time.Duration
	for address, one := range s.sights {
		switch wait := one.next.Sub(now); {
		case one.busy:
			busy++
		case s.talksAt(address, one):
		case wait <= 0:
			due = append(due, address)
		case soonest == 0 || wait < soonest:
			soonest = wait
		}
	}
	slices.SortFunc(due, func(a, b string) int { return s.sights[a].knocked.Compare(s.sights[b].knocked) })
	for _, address := range due[:min(len(due), max(0, knocksMax-busy))] {
		one := s.sights[address]
		one.busy, one.knocked = true, now
		s.running.Go(func() { s.meetAt(address, one) })
	}
	return soonest
}

// meetAt dials an address and talks with whoever proves to be of the site there.
func (s *Syncer) meetAt(address string, one *sight) {
	conn, err := s.cfg.Dialer.Dial(s.life, address, transport.Session, record.DeviceID{})
	if err == nil && !s.ofSite(conn.Peer().Identity) {
		err = fault.New(fault.Forbidden, "syncer.meetAt", "The device at "+address+" is of another site.")
	}
	if !s.noteKnock(address, one, conn, err) && conn != nil {
		_ = conn.Close() // it was for getting to know the device
	}
}

// noteKnock notes what came of a knock, and reports whether the connection is kept.
func (s *Syncer) noteKnock(address string, one *sight, conn *transport.Conn, err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.rouse()
	one.busy = false
	if err != nil {
		wait := min(knockFirst<<min(one.failed, 10), knockMax)
		if fault.Is(err, transport.OwnDevice) {
			wait = knockMax
		}
		one.failed++
		one.device, one.next = record.DeviceID{}, s.cfg.Wall().Add(wait)
		s.cfg.Log.Debug("Nobody of the site answered at an address that was announced nearby.", "address", address, "error", err)
		return false
	}
	who := conn.Peer()
	one.device, one.failed, one.next = who.Device, 0, s.cfg.Wall().Add(knockFirst)
	s.hear(who.Device, who.Role)
	p := s.peers[who.Device]
	if p == nil || s.talks[who.Device] != nil || !s.alone() {
		return false
	}
	p.Addresses = append([]string{address}, slices.DeleteFunc(slices.Clone(p.Addresses), func(a string) bool { return a == address })...)
	p.Addresses = p.Addresses[:min(len(p.Addresses), limit.AddressesMax)]
	p.Role, p.Name, p.Site, p.passes, p.Reached = who.Role, who.Name, who.Site(), 0, s.cfg.Wall().UTC()
	if l := s.links[who.Device]; l != nil {
		l.cancel()
	}
	s.link(who.Device, conn)
	return true
}

// ofSite reports whether a device is one to share with: a node, or one that reads a site of this device's.
func (s *Syncer) ofSite(who enrol.Identity) bool {
	return who.Role == enrol.Node || slices.ContainsFunc(s.cfg.Credentials.Identity().Sites, func(site string) bool { return slices.Contains(who.Sites, site) })
}
