package session

import (
	"context"
	"math"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// Generations knows the forced recoveries of the cluster; *generation.Book is one, and its comments are the contract.
type Generations interface {
	Statements() [][]byte
	Learn(ctx context.Context, statements [][]byte) error
	Generation() uint64
	Left(f record.Frontier) bool
	Next(f record.Frontier) uint64
	Common(f record.Frontier) uint64
}

// The bounds on what a Hello may say about recoveries.
const (
	statementsMax     = 16
	statementBytesMax = 48 << 10
)

func checkStatements(statements [][]byte) string {
	if len(statements) > statementsMax {
		return "there are too many recoveries"
	}
	for _, raw := range statements {
		if len(raw) > statementBytesMax {
			return "a recovery's statement is too long"
		}
	}
	return ""
}

// noRecoveries stands for a replica that knows of none, and learns of none.
type noRecoveries struct{}

func (noRecoveries) Statements() [][]byte                   { return nil }
func (noRecoveries) Learn(context.Context, [][]byte) error  { return nil }
func (noRecoveries) Generation() uint64                     { return 0 }
func (noRecoveries) Left(record.Frontier) bool              { return false }
func (noRecoveries) Next(record.Frontier) uint64            { return 0 }
func (noRecoveries) Common(record.Frontier) (commit uint64) { return 0 }

// learn takes in what the peer knows of recoveries. A member of a group that one of them has replaced stops here: its program makes it stand down.
func (s *Session) learn(ctx context.Context, m *Hello) error {
	if err := s.cfg.Generations.Learn(ctx, m.Generations); err != nil {
		return err
	}
	if s.cfg.CommitsFromRaft && s.cfg.Generations.Generation() > s.cfg.Generation {
		return ending(CodeGenerationBehind, "session.Hello")
	}
	for _, space := range s.cfg.Spaces {
		if err := s.raise(ctx, space); err != nil {
			return err
		}
	}
	return nil
}

// raise lets a space go on in the generation that takes it over just where it stands.
func (s *Session) raise(ctx context.Context, space record.Space) error {
	if s.cfg.CommitsFromRaft {
		return nil
	}
	for range statementsMax {
		front := s.replica.Frontier(space)
		next := s.cfg.Generations.Next(front)
		if next == 0 {
			return nil
		}
		entry := record.Entry{Format: record.EntryFormat, Space: space, Generation: next, EvaluatedAt: front.Commit, Before: front.Chain}
		if _, err := s.replica.ApplyRun(ctx, []record.Entry{entry}, store.RaftPosition{}); err != nil {
			return err
		}
	}
	return nil
}

// left reports whether this side's commits of a space are of a branch that a recovery has left behind: they are of no use to anybody until the space is replaced.
func (s *Session) left(sh *sharing) bool { return s.cfg.Generations.Left(s.replica.Frontier(sh.space)) }

// notePosition takes note of where the peer stands. Commits that a recovery has left behind count as none.
func (s *Session) notePosition(sh *sharing, theirs record.Frontier) {
	sh.behind = s.cfg.Generations.Left(theirs)
	if !sh.behind {
		sh.noteCommit(theirs)
	}
}

// replaces reports whether an offered state may take the place of commits that a recovery has left behind.
func (s *Session) replaces(mine, offer record.Frontier) bool {
	return s.cfg.Trusted && offer.Generation > mine.Generation && !s.cfg.Generations.Left(offer)
}

// importOffer begins to take in the state that the peer offered.
func (s *Session) importOffer(ctx context.Context, sh *sharing) (Sink, error) {
	mine := s.replica.Frontier(sh.space)
	behind := mine.Commit > 0 && sh.offer.Generation > mine.Generation // the commits in between, which a generation before decided, are no longer kept
	if !s.cfg.Generations.Left(mine) && !behind {
		return s.cfg.Snapshots.Import(ctx, *sh.offer)
	}
	sh.toldCommit = math.MaxUint64 // tell where this side stands then, whatever the number
	return s.cfg.Snapshots.Replace(ctx, *sh.offer, s.cfg.Generations.Common(mine))
}

// withdraw makes what this side holds of a space tentative again that the re-formed group has nothing of.
func (s *Session) withdraw(ctx context.Context, sh *sharing) error {
	mine := s.replica.Frontier(sh.space)
	nothing := s.cfg.Trusted && s.peer.OwnCommits && sh.theirs.Commit == 0 && !sh.behind
	if s.cfg.CommitsFromRaft || s.cfg.Snapshots == nil || !nothing || !s.cfg.Generations.Left(mine) || s.cfg.Generations.Common(mine) > 0 {
		return nil
	}
	if !s.cfg.Claims.take(claimOf(sh)) {
		return nil
	}
	defer s.cfg.Claims.release(claimOf(sh))
	err := s.cfg.Snapshots.Withdraw(ctx, sh.space)
	if fault.Is(err, store.Trimmed) {
		s.cfg.Log.Error("A space's agreed changes stay on this device alone.", "space", sh.space, "error", err)
		return nil
	}
	sh.toldCommit = math.MaxUint64
	return err
}
