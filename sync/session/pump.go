package session

import (
	"context"
	"maps"
	"slices"

	"holdfast/backend/record"
	"holdfast/backend/store"
)

// forgetAbove is how many incarnations a session remembers of a space before it looks for retired ones.
const forgetAbove = 256

// pump gives everything that may be sent now: what this side holds by now, answers, then data as far as the window allows.
func (s *Session) pump(ctx context.Context) ([]Message, error) {
	if s.stage != stageLive {
		return nil, nil
	}
	tails := make(map[record.Space][]store.Tail, len(s.order))
	var data []Message
	for _, space := range s.order {
		sh := s.shared[space]
		tails[space] = s.replica.Tails(space)
		if len(sh.held)+len(sh.sent)+len(sh.told) > 3*len(tails[space])+forgetAbove {
			sh.forget(tails[space], s.replica.HeldSequence)
		}
		for _, of := range sh.mend(tails[space], s.replica.HeldSequence) {
			if err := s.askAgain(sh, of, s.replica.HeldSequence(space, of)); err != nil {
				return s.fail(err)
			}
		}
		s.unblock(sh)
		if err := s.renew(sh); err != nil {
			return s.fail(err)
		}
		messages, err := s.fill(ctx, sh, tails[space])
		if err != nil {
			return s.fail(err)
		}
		data = append(data, messages...)
	}
	files, err := s.fillBlobs()
	if err != nil {
		return s.fail(err)
	}
	data = append(data, files...)
	s.wantBlobs()
	var out []Message
	if progress := s.progress(tails); progress != nil {
		out = append(out, progress)
	}
	out = slices.Concat(out, s.controls, data)
	s.controls = nil
	s.noteStatus(tails)
	return out, nil
}

// fill gives a space's commits, then its edits, until the window is full or the peer has all.
func (s *Session) fill(ctx context.Context, sh *sharing, tails []store.Tail) ([]Message, error) {
	if err := s.takeUpSnapshot(ctx, sh); err != nil {
		return nil, err
	}
	if s.cfg.TakesOnly {
		return nil, nil
	}
	var out []Message
	for s.flightBytes < windowBytes {
		m, err := s.sendCommits(ctx, sh)
		if m == nil && err == nil && sh.source == nil {
			m, err = s.sendEdits(sh, tails)
		}
		if err != nil {
			return nil, err
		}
		if m == nil {
			break
		}
		if edits, ok := m.(*Edits); ok {
			if who := s.introduce(sh, edits.Incarnation.Device); who != nil {
				out = append(out, who)
			}
		}
		out = append(out, m)
	}
	return out, nil
}

// launch takes note of a data message under way.
func (s *Session) launch(size int) {
	s.flight = append(s.flight, size)
	s.flightBytes += size
	s.sent++
}

// progress gives the message that says what this side holds and has taken since it last said so, or nil.
func (s *Session) progress(tails map[record.Space][]store.Tail) *Progress {
	m := &Progress{Taken: s.taken}
	for _, space := range s.order {
		sh, front := s.shared[space], s.replica.Frontier(space)
		front.Space = space
		position := Position{Frontier: front}
		if front.Commit != sh.lookedAt {
			sh.lookedAt = front.Commit
			sh.touchLost(tails[space], s.replica.HeldSequence)
		}
		for _, tail := range tails[space] {
			if tail.Held != sh.told[tail.Incarnation] {
				sh.touched[tail.Incarnation] = true
			}
		}
		for _, of := range slices.SortedFunc(maps.Keys(sh.touched), record.Incarnation.Compare) {
			held := s.replica.HeldSequence(space, of)
			sh.told[of] = held
			position.Tails = append(position.Tails, HeldTail{of, held})
		}
		if front.Commit != sh.toldCommit || len(position.Tails) > 0 {
			m.Positions = append(m.Positions, position)
		}
		sh.toldCommit = front.Commit
		clear(sh.touched)
	}
	if m.Taken == s.told && len(m.Positions) == 0 {
		return nil
	}
	s.told = m.Taken
	return m
}

func (s *Session) takeProgress(m *Progress) error {
	acknowledged := s.sent - uint64(len(s.flight))
	if m.Taken < acknowledged || m.Taken > s.sent {
		return violation("session.Progress", "messages are acknowledged that were not sent")
	}
	for _, size := range s.flight[:m.Taken-acknowledged] {
		s.flightBytes -= size
	}
	s.flight = s.flight[m.Taken-acknowledged:]
	for _, position := range m.Positions {
		sh, err := s.space(position.Frontier.Space)
		if err != nil {
			return err
		}
		if err := s.compatible(s.replica.Frontier(sh.space), position.Frontier); err != nil {
			return err
		}
		s.notePosition(sh, position.Frontier)
		for _, tail := range position.Tails {
			if tail.Held < sh.held[tail.Incarnation] {
				sh.lowerHeld(tail.Incarnation, tail.Held)
			}
			if !sh.noteHeld(tail.Incarnation, tail.Held) {
				return violation("session.Progress", "there are too many incarnations")
			}
		}
	}
	return nil
}
