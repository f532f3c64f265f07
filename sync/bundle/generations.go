package bundle

import (
	"context"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/sync/generation"
	"holdfast/sync/session"
)

// What people are told of agreed changes across a recovery of the cluster.
const (
	otherBranch = "The agreed changes in the bundle were agreed by nodes that a recovery of the cluster has replaced. What is not agreed here was taken as changes that wait, to be agreed anew."
	ownBranch   = "This device has agreed changes that the recovered cluster does not have, so it takes the agreed state from a node only: let it meet one, or read a bundle that a node has made for it. Changes that wait were taken."
	unexplained = "The cluster was recovered since this device or the one that wrote the bundle last took part. Agreed changes were left out; changes that wait were taken."
	standsDown  = "The bundle says that the cluster was recovered without this node, which stands down now. Read the bundle again in a moment."
)

// settled are recoveries as a writer looks at them: what it stands at is what it writes, and writing moves nothing.
type settled struct{ session.Generations }

func (settled) Next(record.Frontier) uint64           { return 0 }
func (settled) Learn(context.Context, [][]byte) error { return nil }

// settled gives what a session that only writes needs to know of recoveries.
func (c *Config) settled() session.Generations {
	if c.Generations == nil {
		return nil
	}
	return settled{c.Generations}
}

// learn takes in the recoveries that a bundle tells of. The authority signed each, so it does not matter who carries them.
func (c *Config) learn(ctx context.Context, statements [][]byte) error {
	if c.Generations == nil {
		return nil
	}
	err := c.Generations.Learn(ctx, statements)
	if fault.Is(err, generation.Unproven) {
		return broken(err)
	}
	if err == nil && c.CommitsFromRaft && c.Generations.Generation() > c.Generation {
		return fault.New(fault.Unavailable, "bundle.Read", standsDown)
	}
	return err
}

func (c *Config) left(front record.Frontier) bool {
	return c.Generations != nil && c.Generations.Left(front)
}

// explained reports whether the recoveries that are known say how two frontiers of different generations belong together.
func (c *Config) explained(mine, theirs record.Frontier) bool {
	return mine.Commit == 0 || theirs.Commit == 0 || mine.Generation == theirs.Generation ||
		c.Generations != nil && max(mine.Generation, theirs.Generation) <= c.Generations.Generation()
}

// judgeGenerations leaves agreed changes out that a recovery of the cluster keeps apart from those that are here.
func (t *taker) judgeGenerations(mine record.Frontier) {
	switch {
	case t.cfg.left(t.theirs):
		t.loose = map[record.Incarnation][]record.Sealed{}
		t.refuseCommits(session.CodeGenerationBehind, otherBranch)
	case t.cfg.left(mine) && !t.trusted:
		t.refuseCommits(session.CodeGenerationBehind, ownBranch)
	case !t.cfg.left(mine) && !t.cfg.explained(mine, t.theirs):
		t.refuseCommits(session.CodeGenerationBehind, unexplained)
	}
}

// looseMax bounds the edits that wait for the signed one at the end of their batch.
const looseMax = 4 * limit.BatchEdits

// salvage takes agreed changes of a branch that a recovery has left behind as the changes that they were: here they wait to be agreed anew.
func (t *taker) salvage(ctx context.Context, m *session.Commits) error {
	for i := range m.Rows {
		place, err := record.DecodeOutcomePlace(m.Rows[i].Outcome)
		if err != nil {
			return broken(err)
		}
		of, sealed := place.Edit.Incarnation, m.Rows[i].Sealed
		if sealed == nil || len(t.loose[of]) >= looseMax || len(t.loose) >= looseMax {
			delete(t.loose, of)
			continue
		}
		run := append(t.loose[of], *sealed)
		t.loose[of] = run
		if len(sealed.Signature) == 0 {
			continue
		}
		delete(t.loose, of)
		from := place.Edit.Sequence + 1 - min(place.Edit.Sequence, uint64(len(run)))
		if err := t.edits(ctx, &session.Edits{Space: t.space, Incarnation: of, From: from, Run: run}); err != nil {
			return err
		}
	}
	return nil
}

// strand leaves single agreed changes out that this device cannot go on with, since a recovery has left its own behind.
func (t *taker) strand(rows int) {
	t.out.LeftCommits += rows
	t.out.because(fault.New(session.CodeGenerationBehind, "bundle.Read", ownBranch))
}
