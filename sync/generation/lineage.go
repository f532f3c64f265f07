package generation

import (
	"cmp"
	"slices"

	"holdfast/backend/record"
)

// KeptMax is how many statements a replica keeps and passes on: the newest.
const KeptMax = 16

// Lineage is the recoveries that a replica knows of, oldest first. It is a value: With gives another one.
type Lineage []*Statement

// With gives the lineage with one more statement, and whether it is new.
func (l Lineage) With(s *Statement) (Lineage, bool) {
	at, known := slices.BinarySearchFunc(l, s.Generation, byGeneration)
	if known {
		return l, false
	}
	longer := slices.Insert(slices.Clone(l), at, s)
	return longer[max(0, len(longer)-KeptMax):], true
}

func byGeneration(s *Statement, generation uint64) int { return cmp.Compare(s.Generation, generation) }

// Latest gives the newest statement, or nil while the cluster was never recovered.
func (l Lineage) Latest() *Statement {
	if len(l) == 0 {
		return nil
	}
	return l[len(l)-1]
}

// Generation gives the newest generation, or 0 while the cluster was never recovered.
func (l Lineage) Generation() uint64 {
	if s := l.Latest(); s != nil {
		return s.Generation
	}
	return 0
}

func (l Lineage) of(generation uint64) *Statement {
	at, found := slices.BinarySearchFunc(l, generation, byGeneration)
	if !found {
		return nil
	}
	return l[at]
}

// Left reports whether a frontier lies on a branch that a recovery has left behind: the newest generation does not go on from it.
func (l Lineage) Left(f record.Frontier) bool {
	s := l.Latest()
	for s != nil && f.Commit > 0 && f.Generation < s.Generation {
		b := s.base(f.Space)
		switch {
		case f.Generation > b.Generation || f.Commit > b.Commit:
			return true
		case f.Generation == b.Generation && (f.Commit == b.Commit || f.Commit > b.agreed()):
			return f.Chain != b.chainAt(f.Commit)
		}
		s = l.of(b.Generation)
	}
	return false
}

// Next gives the generation that takes the space over exactly at a frontier, or 0.
func (l Lineage) Next(f record.Frontier) uint64 {
	s, next := l.Latest(), uint64(0)
	for s != nil && f.Commit > 0 && f.Generation < s.Generation {
		b := s.base(f.Space)
		if b.Generation == f.Generation && b.Commit == f.Commit && b.Chain == f.Chain {
			next = s.Generation
		}
		s = l.of(b.Generation)
	}
	return next
}

// Common gives the commit number up to which a frontier's history is the newest generation's too, as far as the statements tell; 0 when they do not.
func (l Lineage) Common(f record.Frontier) uint64 {
	// Where a recovery itself was left behind, what it went on from may still be common.
	common := f
	for s := l.of(f.Generation); s != nil; s = l.of(common.Generation) {
		if !l.Left(common) {
			return common.Commit
		}
		b := s.base(f.Space)
		common = record.Frontier{Space: f.Space, Generation: b.Generation, Commit: b.Commit, Chain: b.Chain}
	}
	for s := l.Latest(); s != nil && s.Generation >= common.Generation; {
		b := s.base(f.Space)
		switch {
		case s.Generation == common.Generation:
			return common.Commit
		case b.Generation < common.Generation:
			return 0
		case b.Generation == common.Generation && l.Left(common): // who has gone on from the founder's tail takes a little more back than it must
			return min(b.agreed(), common.Commit)
		case b.Generation == common.Generation:
			return min(b.Commit, common.Commit)
		}
		s = l.of(b.Generation)
	}
	return 0
}
