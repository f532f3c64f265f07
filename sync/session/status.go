package session

import (
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// Status is what a session knows of its peer.
type Status struct {
	Peer   record.DeviceID
	Role   Role
	Live   bool // both sides have greeted, and the session has not ended
	Spaces []SpaceStatus
	// Covered says that the peer has confirmed to hold everything that this side held at the last step, in every space of Config.Spaces.
	Covered bool
	// Taken counts the data messages that came, Given those that the peer has acknowledged.
	Taken, Given uint64
	// Err is why the session failed, or nil.
	Err error
}

// SpaceStatus is how far both sides are in one space.
type SpaceStatus struct {
	Space   record.Space
	Mine    record.Frontier
	Theirs  record.Frontier
	Covered bool
	// DigestDiffers says that both stand at one commit with one history but hold different states: one of the two is damaged.
	DigestDiffers bool
}

// Status gives what the session knew after its last step. It may be called from any goroutine.
func (s *Session) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

func (s *Session) noteStatus(tails map[record.Space][]store.Tail) {
	status := Status{Peer: s.peer.Device, Role: s.peer.Role, Live: true, Covered: true, Taken: s.taken, Given: s.sent - uint64(len(s.flight))}
	for _, space := range s.cfg.Spaces {
		mine := s.replica.Frontier(space)
		sh := s.shared[space]
		if sh == nil {
			status.Covered = status.Covered && mine.Commit == 0 && len(s.replica.Tails(space)) == 0
			continue
		}
		one := SpaceStatus{Space: space, Mine: mine, Theirs: sh.theirs}
		one.Covered = sh.theirs.Commit >= mine.Commit && !sh.behind && !s.cfg.Generations.Left(mine) && sh.covers(tails[space])
		one.DigestDiffers = mine.Commit == sh.theirs.Commit && sh.theirs.Digest != record.Hash{} && mine.Digest != sh.theirs.Digest
		status.Covered = status.Covered && one.Covered
		status.Spaces = append(status.Spaces, one)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

// covers reports whether the peer has said that it holds all of the tails.
func (sh *sharing) covers(tails []store.Tail) bool {
	for _, tail := range tails {
		if sh.held[tail.Incarnation] < tail.Held {
			return false
		}
	}
	return true
}

// noteOver keeps what was known when the session ended: Covered stays true when it ended in good order after the peer had confirmed everything.
func (s *Session) noteOver(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Live, s.status.Err = false, err
}
