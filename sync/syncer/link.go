package syncer

import (
	"context"
	"errors"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
	"holdfast/sync/transport"
)

// link keeps this device connected to one peer that it dials.
type link struct {
	device record.DeviceID
	now    chan struct{} // dial at once
	cancel context.CancelFunc
	first  *transport.Conn // to begin with; nil: dial
}

const (
	waitFirst = 250 * time.Millisecond
	waitMax   = 30 * time.Second
	// lastedLong is how long a session must have lasted for the next attempt to come soon; movedMuch is how many data messages it must have moved instead,
	// so that a link that is cut again and again is used as long as it lasts.
	lastedLong = 5 * time.Second
	movedMuch  = 4
	// triesMax is how often a peer is dialled in vain before another one has its turn.
	triesMax = 3
)

// keep dials, talks, and dials again until ctx ends.
func (s *Syncer) keep(ctx context.Context, l *link) {
	wait := s.firstWait(l.device)
	for misses := 0; l.first != nil || ctx.Err() == nil; {
		begun := time.Now()
		met, err := s.visit(ctx, l)
		if ctx.Err() != nil {
			return
		}
		s.noteFailure(l.device, err)
		if time.Since(begun) > lastedLong || s.movedMuch(l.device) {
			wait = waitFirst
		}
		if misses++; met {
			misses = 0
		} else if misses%triesMax == 0 {
			s.pass(l.device)
		}
		pause := time.NewTimer(time.Duration(float64(wait) * (0.5 + s.cfg.Random())))
		select {
		case <-ctx.Done():
		case <-l.now:
			wait = waitFirst
		case <-pause.C:
			wait = min(2*wait, waitMax)
		}
		pause.Stop()
	}
}

// pass lets others have their turn before a peer that was dialled in vain.
func (s *Syncer) pass(device record.DeviceID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.peers[device]; p != nil {
		p.passes++
		s.rouse()
	}
}

// firstWait gives how long to wait after the first attempt to dial a peer: longer with each of its turns.
func (s *Syncer) firstWait(device record.DeviceID) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := waitFirst
	if p := s.peers[device]; p != nil {
		for turn := 0; turn < p.passes && wait < waitMax; turn++ {
			wait *= 1 << triesMax
		}
	}
	return min(wait, waitMax)
}

// movedMuch reports whether the last session with a peer was worth its while.
func (s *Syncer) movedMuch(device record.DeviceID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.peers[device]
	if p == nil {
		return false
	}
	moved := p.moved
	p.moved = 0
	return moved >= movedMuch
}

// visit dials a peer at each of its addresses, and talks with it where it answers; met says that it did.
func (s *Syncer) visit(ctx context.Context, l *link) (met bool, err error) {
	device := l.device
	s.mu.Lock()
	p := s.peers[device]
	var addresses []string
	if p != nil {
		addresses = append(addresses, p.Addresses...)
	}
	s.mu.Unlock()
	if conn := l.first; conn != nil {
		l.first = nil
		return true, s.talkOver(ctx, conn, addresses[0])
	}
	var failure error
	for _, address := range addresses {
		conn, err := s.cfg.Dialer.Dial(ctx, address, transport.Session, device)
		if fault.Is(err, transport.WrongPeer) {
			conn, err = s.replaced(ctx, address, err)
		}
		if err == nil {
			return true, s.talkOver(ctx, conn, address)
		}
		// What a device that answered says matters more than an address that leads nowhere.
		if failure == nil || fault.Is(failure, fault.Unavailable) {
			failure = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return false, failure
}

// replaced dials whoever answers in the place of a peer. A node may: it was put there in the place of one that was lost. wrong is what the first attempt gave.
func (s *Syncer) replaced(ctx context.Context, address string, wrong error) (*transport.Conn, error) {
	conn, err := s.cfg.Dialer.Dial(ctx, address, transport.Session, record.DeviceID{})
	if err != nil {
		return nil, wrong
	}
	if conn.Peer().Role != enrol.Node {
		return nil, errors.Join(wrong, conn.Close())
	}
	return conn, nil
}

// noteFailure keeps why a peer could not be talked with, for people.
func (s *Syncer) noteFailure(device record.DeviceID, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.peers[device]
	if p == nil {
		return
	}
	p.tried = true
	// While they talk, another connection that failed is nobody's trouble.
	if err != nil && s.talks[device] == nil && !errors.Is(err, errDoubled) && !errors.Is(err, context.Canceled) {
		p.trouble = &Trouble{fault.CodeOf(err), fault.SentenceOf(err)}
		s.cfg.Log.Debug("A peer could not be talked with.", "peer", device.String(), "error", err)
	}
	s.rouse()
}

// accept serves whoever dials this device; the transport has checked that it is enrolled and not shut out.
func (s *Syncer) accept() {
	for {
		raw, err := s.cfg.Listener.Accept()
		if err != nil {
			return // closed, by the syncer or with the port
		}
		conn, ours := raw.(*transport.Conn)
		if !ours || s.refuses(conn) {
			_ = raw.Close() // a peer that is turned away tries again by itself
			continue
		}
		s.running.Go(func() {
			err := s.talkOver(s.life, conn, "")
			if s.life.Err() == nil {
				s.noteFailure(conn.Peer().Device, err)
			}
		})
	}
}

func (s *Syncer) refuses(conn *transport.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.paused || s.life.Err() != nil || s.cfg.Credentials.Revoked(conn.Peer().Device)
}
