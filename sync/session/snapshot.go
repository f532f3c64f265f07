package session

import (
	"context"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// snapshotAbove is how many commits a peer without any may be behind before it is offered the whole state instead, unless Config says.
const snapshotAbove = 512

// snapshotFits reports whether the whole committed state serves a peer better than single commits: it has none, or those that it lacks are not kept.
func (s *Session) snapshotFits(sh *sharing, front record.Frontier) bool {
	switch {
	case s.cfg.Snapshots == nil:
		return false
	case sh.behind:
		return true
	case sh.sentCommit == 0:
		return front.Commit > s.cfg.SnapshotAbove || sh.trimmed
	}
	return sh.trimmed && s.peer.Replaces
}

// declined reports whether an offer that was not taken up is of no use to the peer any more.
func (s *Session) declined(sh *sharing) bool {
	return !sh.taken && (sh.theirs.Commit >= sh.source.Frontier().Commit || sh.theirs.Commit > 0 && !s.peer.Replaces)
}

// sendSnapshot gives the offer of a snapshot or, once it is taken up, the next chunk; nil while the peer has not answered.
func (s *Session) sendSnapshot(ctx context.Context, sh *sharing) (Message, error) {
	if sh.source == nil {
		source, err := s.cfg.Snapshots.Open(ctx, sh.space)
		if err != nil {
			return nil, err
		}
		sh.source, sh.taken, sh.after = source, false, nil
		return &SnapshotOffer{Frontier: source.Frontier()}, nil
	}
	if !sh.taken {
		return nil, nil
	}
	chunk, err := sh.source.Next(sh.after, batchBytes)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, row := range chunk.Rows {
		size += len(row.Key) + len(row.Value)
	}
	sh.after = chunk.Last
	s.launch(size)
	if chunk.Done {
		front := sh.source.Frontier()
		sh.sentCommit, sh.sentChain = front.Commit, front.Chain
		s.dropSource(sh)
	}
	return &Snapshot{Space: sh.space, Chunk: chunk}, nil
}

func (s *Session) takeSnapshotWant(m *SnapshotWant) error {
	sh, err := s.space(m.Space)
	if err != nil {
		return err
	}
	if sh.source == nil || sh.taken {
		return violation("session.SnapshotWant", "a snapshot is wanted that was not offered")
	}
	sh.taken, sh.after = true, m.After
	return nil
}

func (s *Session) takeSnapshotOffer(m *SnapshotOffer) error {
	sh, err := s.space(m.Frontier.Space)
	if err != nil {
		return err
	}
	if s.cfg.Snapshots == nil || s.cfg.CommitsFromRaft {
		return violation("session.SnapshotOffer", "a snapshot was offered to a side that takes none")
	}
	if sh.sink == nil {
		sh.offer = &m.Frontier
	}
	return nil
}

// takeUpSnapshot answers an offer as soon as no other session is taking a snapshot of the space.
func (s *Session) takeUpSnapshot(ctx context.Context, sh *sharing) error {
	if sh.offer == nil || sh.sink != nil {
		return nil
	}
	mine := s.replica.Frontier(sh.space)
	if useless := mine.Commit > 0 && (!s.cfg.Trusted || mine.Commit >= sh.offer.Commit); s.left(sh) && !s.replaces(mine, *sh.offer) || !s.left(sh) && useless {
		sh.offer = nil // it came another way; the peer hears where this side stands and goes on from there
		return nil
	}
	if !s.cfg.Claims.take(claimOf(sh)) {
		return nil
	}
	sink, err := s.importOffer(ctx, sh)
	if err != nil {
		s.cfg.Claims.release(claimOf(sh))
		if fault.Is(err, fault.Conflict) {
			sh.offer = nil // another session was faster
			return nil
		}
		return err
	}
	sh.sink = sink
	s.controls = append(s.controls, &SnapshotWant{Space: sh.space, After: sink.After()})
	return nil
}

func (s *Session) takeSnapshot(ctx context.Context, m *Snapshot) error {
	sh, err := s.space(m.Space)
	if err != nil {
		return err
	}
	s.taken++
	if sh.sink == nil {
		return violation("session.Snapshot", "a snapshot came that was not asked for")
	}
	if err := sh.sink.Add(ctx, m.Chunk); err != nil {
		return s.refused(err)
	}
	if !m.Chunk.Done {
		return nil
	}
	err = sh.sink.Finish(ctx)
	if err == nil {
		sh.noteCommit(*sh.offer)
	}
	s.dropSink(sh)
	if fault.Is(err, fault.Conflict) {
		return nil // another way was faster
	}
	return s.refused(err)
}

func claimOf(sh *sharing) string { return "space/" + string(sh.space) }

func (s *Session) dropSnapshot(sh *sharing) {
	s.dropSource(sh)
	s.dropSink(sh)
}

func (s *Session) dropSource(sh *sharing) {
	if sh.source != nil {
		sh.source.Close()
		sh.source = nil
	}
}

func (s *Session) dropSink(sh *sharing) {
	if sh.sink != nil {
		s.cfg.Claims.release(claimOf(sh))
		sh.sink, sh.offer = nil, nil
	}
}
