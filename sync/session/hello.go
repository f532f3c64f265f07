package session

import (
	"context"
	"maps"
	"slices"

	"holdfast/backend/record"
)

func (s *Session) takeHello(ctx context.Context, m *Hello) error {
	const op = "session.Hello"
	switch {
	case m.Protocol.From > ProtocolTo || m.Protocol.To < ProtocolFrom:
		return ending(CodeProtocol, op)
	case m.Device == s.cfg.Self:
		return ending(CodeSameDevice, op)
	case !s.cfg.Peer.IsZero() && m.Device != s.cfg.Peer:
		return ending(CodeWrongDevice, op)
	case m.Cluster != s.cfg.Cluster:
		return ending(CodeOtherCluster, op)
	}
	s.peer = *m
	s.peer.Positions, s.peer.Generations = nil, nil
	if err := s.learn(ctx, m); err != nil {
		return err
	}
	offered := map[record.Space]bool{}
	for _, position := range m.Positions {
		sh := s.shared[position.Frontier.Space]
		if sh == nil {
			continue // not for this side to read
		}
		offered[sh.space] = true
		if err := s.agree(sh, position); err != nil {
			return err
		}
	}
	maps.DeleteFunc(s.shared, func(space record.Space, _ *sharing) bool { return !offered[space] })
	s.order = slices.Sorted(maps.Keys(s.shared))
	for _, space := range s.order {
		if err := s.withdraw(ctx, s.shared[space]); err != nil {
			return err
		}
	}
	s.stage = stageLive
	return nil
}

// agree takes the peer's first position in a space.
func (s *Session) agree(sh *sharing, position Position) error {
	theirs, mine := position.Frontier, s.replica.Frontier(sh.space)
	if err := s.compatible(mine, theirs); err != nil {
		return err
	}
	s.notePosition(sh, theirs)
	if !sh.behind {
		sh.catchUp = theirs.Commit
	}
	for _, tail := range position.Tails {
		sh.held[tail.Incarnation] = max(sh.held[tail.Incarnation], tail.Held)
	}
	return nil
}

// compatible refuses two frontiers that no exchange of commits can bring together.
func (s *Session) compatible(mine, theirs record.Frontier) error {
	const op = "session.compatible"
	known := s.cfg.Generations
	switch {
	case mine.Commit == 0 || theirs.Commit == 0 || known.Left(mine) || known.Left(theirs):
		return nil
	case mine.Generation != theirs.Generation && max(mine.Generation, theirs.Generation) > known.Generation():
		return ending(CodeGenerationBehind, op)
	case mine.Commit == theirs.Commit && mine.Chain != theirs.Chain:
		return ending(CodeHistoryDiffers, op)
	}
	return nil
}
