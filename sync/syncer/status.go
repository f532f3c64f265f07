package syncer

import (
	"bytes"
	"slices"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
	"holdfast/sync/session"
)

// State is how sharing stands, in one word.
type State string

// The states.
const (
	UpToDate State = "up_to_date" // nothing is undecided here, and a peer has all that this device has
	Sharing  State = "sharing"    // something is on its way
	Waiting  State = "waiting"    // peers have all that this device has; some of it is not decided yet
	CutOff   State = "cut_off"    // nobody can be reached; on a node: nobody leads
	Paused   State = "paused"     // "Work offline"
)

// Status says how sharing stands.
type Status struct {
	State   State
	Since   time.Time // of CutOff and Paused; zero otherwise
	Waiting int       // edits that are not decided yet
	Peers   []PeerStatus
}

// PeerStatus is one other device.
type PeerStatus struct {
	Device       record.DeviceID
	Name         string
	Address      string // where it was last reached, or is said to be; may be empty
	Role         enrol.Role
	Person       record.ID
	Connected    bool
	LastExchange time.Time // zero: never
	Covered      bool      // it has confirmed to hold all that this device holds; while Connected
	Trouble      *Trouble  // why it could not be reached last, or nil
}

// Trouble is a failure for people and programs.
type Trouble struct {
	Code     fault.Code
	Sentence string
}

// Status gives how sharing stands.
func (s *Syncer) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.currentStatus()
	if s.announce(now) {
		s.rouse() // what was just told may last only for the middle of a step
	}
	return now
}

// announce tells those who listen when the status differs from what was told last. The caller holds mu.
func (s *Syncer) announce(now Status) bool {
	if s.status.same(&now) {
		return false
	}
	s.status = now
	for c := range s.listeners {
		signal(c)
	}
	return true
}

// Changes gives a channel that holds a value after the status changed since it was last read, and the function that ends it.
func (s *Syncer) Changes() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners[c] = struct{}{}
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.listeners, c)
	}
}

// Held gives the commit number at which a connected peer says that it stands in a space; zero when it is not known.
func (s *Syncer) Held(device record.DeviceID, space record.Space) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.talks[device]
	if t == nil {
		return 0
	}
	for _, one := range t.session.Status().Spaces {
		if one.Space == space {
			return one.Theirs.Commit
		}
	}
	return 0
}

// currentStatus looks at everything anew. The caller holds mu.
func (s *Syncer) currentStatus() Status {
	for _, t := range s.talks {
		s.noteTalk(t)
	}
	status := Status{Waiting: s.cfg.Store.PendingCount(), Peers: s.peerStatuses()}
	now := s.cfg.Wall()
	reached := s.reached()
	switch {
	case reached:
		s.aloneAt = time.Time{}
	case s.aloneAt.IsZero():
		s.aloneAt = now
	}
	switch {
	case s.paused:
		status.State, status.Since = Paused, s.pausedAt
	case !reached && now.Sub(s.aloneAt) >= grace:
		status.State, status.Since = CutOff, s.aloneAt
	case !reached, !s.settled():
		status.State = Sharing
	case status.Waiting > 0 && s.cfg.Group != nil:
		status.State = Sharing
	case status.Waiting > 0:
		status.State = Waiting
	default:
		status.State = UpToDate
	}
	return status
}

// reached reports whether somebody is there to share with; for a member of the group, whether somebody leads it.
func (s *Syncer) reached() bool {
	if s.cfg.Group != nil {
		return !s.cfg.Group.Leader().Leader.IsZero()
	}
	for _, t := range s.talks {
		if t.session.Status().Live {
			return true
		}
	}
	return false
}

// settled reports whether a peer has all that this device has, and this device all that the peer has. A member of the group is settled by the group.
func (s *Syncer) settled() bool {
	if s.cfg.Group != nil {
		return true
	}
	for _, t := range s.talks {
		status := t.session.Status()
		if !status.Live || !status.Covered {
			continue
		}
		behind := slices.ContainsFunc(status.Spaces, func(one session.SpaceStatus) bool { return one.Mine.Commit < one.Theirs.Commit })
		if !behind {
			return true
		}
	}
	return false
}

func (s *Syncer) peerStatuses() []PeerStatus {
	all := make([]PeerStatus, 0, len(s.peers))
	for device, p := range s.peers {
		one := PeerStatus{
			Device: device, Name: p.Name, Role: p.Role, Person: p.Person, LastExchange: p.Exchanged, Trouble: p.trouble,
		}
		if len(p.Addresses) > 0 {
			one.Address = p.Addresses[0]
		}
		if t := s.talks[device]; t != nil {
			one.Connected = t.session.Status().Live
			one.Covered = one.Connected && p.covered
			if t.address != "" {
				one.Address = t.address
			}
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b PeerStatus) int { return bytes.Compare(a.Device[:], b.Device[:]) })
	return all
}

// same reports whether two statuses look the same to people; times of exchange move all the time and do not count.
func (s *Status) same(other *Status) bool {
	return s.State == other.State && s.Since.Equal(other.Since) && s.Waiting == other.Waiting &&
		slices.EqualFunc(s.Peers, other.Peers, func(a, b PeerStatus) bool {
			return a.Device == b.Device && a.Name == b.Name && a.Address == b.Address && a.Role == b.Role && a.Connected == b.Connected &&
				a.Covered == b.Covered && (a.Trouble == nil) == (b.Trouble == nil) && (a.Trouble == nil || *a.Trouble == *b.Trouble)
		})
}
