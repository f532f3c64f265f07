package syncer

import (
	"context"
	"errors"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/transport"
)

// Call dials addresses ("host:port") that a person named, one after the other, until a device of the site answers: it is a peer at that address from then on, and the two talk at once,
// whomever this device would turn to by itself. Faults: those of dialling, fault.Forbidden (only devices of other sites answered), fault.Conflict (sharing is paused).
func (s *Syncer) Call(ctx context.Context, addresses ...string) error {
	var failed error
	for _, address := range addresses {
		err := s.callAt(ctx, address)
		if err == nil {
			return nil
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

func (s *Syncer) callAt(ctx context.Context, address string) error {
	const op = "syncer.Call"
	conn, err := s.cfg.Dialer.Dial(ctx, address, transport.Session, record.DeviceID{})
	if err != nil {
		return err
	}
	if !s.ofSite(conn.Peer().Identity) {
		return errors.Join(fault.New(fault.Forbidden, op, "The device at "+address+" is of another site."), conn.Close())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paused || s.life.Err() != nil {
		return errors.Join(fault.New(fault.Conflict, op, "This device works offline. Go online again first."), conn.Close())
	}
	s.meet(conn.Peer(), address)
	s.running.Go(func() {
		err := s.talkOver(s.life, conn, address)
		if s.life.Err() == nil {
			s.noteFailure(conn.Peer().Device, err)
		}
	})
	return nil
}
