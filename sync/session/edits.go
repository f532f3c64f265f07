package session

import (
	"context"
	"maps"
	"slices"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// headerHead is the part of a record.Header that a session looks at.
type headerHead struct {
	ID    record.EditID `cbor:"2,keyasint"`
	Space record.Space  `cbor:"6,keyasint"`
}

// verifyRun refuses a run whose edits are not the ones that the message names.
func verifyRun(m *Edits) error {
	for i := range m.Run {
		var head headerHead
		if err := record.Decode(m.Run[i].Header, &head); err != nil {
			return fault.Wrap(err, CodeViolation, "session.Edits", sentences[CodeViolation])
		}
		want := record.EditID{Incarnation: m.Incarnation, Sequence: m.From + uint64(i)}
		if head.ID != want || head.Space != m.Space {
			return violation("session.Edits", "an edit stands in another one's place")
		}
	}
	return nil
}

func (s *Session) takeEdits(ctx context.Context, m *Edits) error {
	sh, err := s.space(m.Space)
	if err != nil {
		return err
	}
	s.taken++
	if err := verifyRun(m); err != nil {
		return err
	}
	of := m.Incarnation
	if sh.leaves(of) || sh.strange[of] {
		return nil
	}
	if s.cfg.Devices.KeyOf(of.Device) == nil {
		return s.askWho(sh, of)
	}
	if held := s.replica.HeldSequence(sh.space, of); m.From > held+1 {
		if sh.wanted[of] > held {
			return nil // asked for already; what was under way before the peer heard of it
		}
		return s.askAgain(sh, of, held)
	}
	delete(sh.wanted, of)
	return s.receive(ctx, sh, m)
}

func (s *Session) receive(ctx context.Context, sh *sharing, m *Edits) error {
	of := m.Incarnation
	received, err := s.replica.Receive(ctx, s.cfg.Devices.KeyOf, sh.space, m.Run)
	if fault.Is(err, store.Gap) {
		return s.askAgain(sh, of, received.Held)
	}
	if err != nil {
		return s.refused(err)
	}
	if len(received.Quarantined) > 0 {
		s.cfg.Log.Warn("a peer holds other edits under known ids", "peer", s.peer.Device, "space", sh.space, "device", of.Device, "edits", len(received.Quarantined))
		sh.noteForked(of, s.replica.Tails(sh.space), s.replica.HeldSequence)
		return nil
	}
	if !sh.noteHeld(of, m.From+uint64(len(m.Run))-1) {
		return violation("session.Edits", "there are too many incarnations")
	}
	sh.touched[of] = true
	return nil
}

// askAgain asks the peer to go on where this side stands. Until then what comes of the incarnation is passed over, so it costs no memory.
func (s *Session) askAgain(sh *sharing, of record.Incarnation, held uint64) error {
	if len(sh.wanted) >= TailsMax {
		return violation("session.Edits", "there are too many incarnations")
	}
	sh.wanted[of] = held + 1
	s.controls = append(s.controls, &WantEdits{Space: sh.space, Incarnation: of, From: held + 1})
	return nil
}

// askWho asks for an author's key. The author's edits are passed over until it is known and then asked for again: they wait at the peer.
func (s *Session) askWho(sh *sharing, of record.Incarnation) error {
	if len(sh.strange) >= TailsMax {
		return violation("session.Edits", "there are too many incarnations")
	}
	sh.strange[of] = true
	if !s.asked[of.Device] {
		s.asked[of.Device] = true
		s.controls = append(s.controls, &WantDevices{IDs: []record.DeviceID{of.Device}})
	}
	return nil
}

// renew asks again for edits that could not be taken when they came and can be now: the author is known, or what was missing has arrived.
func (s *Session) renew(sh *sharing) error {
	for _, of := range slices.SortedFunc(maps.Keys(sh.strange), record.Incarnation.Compare) {
		if s.cfg.Devices.KeyOf(of.Device) == nil {
			continue
		}
		delete(sh.strange, of)
		if err := s.askAgain(sh, of, s.replica.HeldSequence(sh.space, of)); err != nil {
			return err
		}
	}
	for _, of := range slices.SortedFunc(maps.Keys(sh.wanted), record.Incarnation.Compare) {
		if held := s.replica.HeldSequence(sh.space, of); held >= sh.wanted[of] {
			if err := s.askAgain(sh, of, held); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Session) takeWantEdits(m *WantEdits) error {
	sh, err := s.space(m.Space)
	if err != nil {
		return err
	}
	sh.asked(m.Incarnation, m.From, s.replica.HeldSequence(sh.space, m.Incarnation))
	return nil
}

// sendEdits gives the next message of edits that the peer lacks, or nil. Incarnations take turns.
func (s *Session) sendEdits(sh *sharing, tails []store.Tail) (Message, error) {
	if s.cfg.Trusted && s.left(sh) {
		return nil, nil // they follow commits that are withdrawn first
	}
	if !s.cfg.CommitsFromRaft && s.replica.Frontier(sh.space).Commit < sh.catchUp {
		return nil, nil
	}
	for _, tail := range sh.turns(tails) {
		from := s.sentOf(sh, tail) + 1
		if from > tail.Held || sh.leaves(tail.Incarnation) {
			continue
		}
		run, err := s.replica.EditsFrom(sh.space, tail.Incarnation, from, batchBytes)
		if err != nil {
			return nil, err
		}
		if len(run) == 0 {
			continue // committed meanwhile
		}
		var head headerHead
		if err := record.Decode(run[0].Header, &head); err != nil {
			return nil, err
		}
		sh.cursor = tail.Incarnation
		m := &Edits{Space: sh.space, Incarnation: tail.Incarnation, From: head.ID.Sequence, Run: run}
		last := m.From + uint64(len(run)) - 1
		sh.sent[tail.Incarnation] = last
		sh.told[tail.Incarnation] = max(sh.told[tail.Incarnation], last)
		s.launch(runBytes(run))
		return m, nil
	}
	return nil, nil
}

// sentOf gives how far the incarnation is the peer's or under way to it.
func (s *Session) sentOf(sh *sharing, tail store.Tail) uint64 {
	if sent, known := sh.sent[tail.Incarnation]; known {
		return sent
	}
	return max(tail.Committed, sh.held[tail.Incarnation])
}

func runBytes(run []record.Sealed) int {
	size := 0
	for i := range run {
		size += len(run[i].Header) + len(run[i].Payload) + len(run[i].Signature)
	}
	return size
}
