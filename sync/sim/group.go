package sim

import (
	"maps"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/node"
)

// The group stands for Raft: one log that everybody agrees on. Any node may think that it leads, with a stale state too: what it appends then is
// refused by everybody alike.

// ahead is committed state with the entries of a leader that are under way on top.
type ahead struct {
	store     *store.Store
	space     record.Space
	frontier  record.Frontier
	states    map[record.ID]*record.State
	sequences map[record.Incarnation]uint64
}

// Committed is record.Reader's.
func (a *ahead) Committed(id record.ID) (*record.State, error) {
	if s, touched := a.states[id]; touched {
		return s, nil
	}
	return a.store.Committed(id)
}

func (a *ahead) sequence(of record.Incarnation) uint64 {
	if last, known := a.sequences[of]; known {
		return last
	}
	return a.store.CommittedSequence(a.space, of)
}

// lead lets a node decide on what it holds, mostly after it has caught up with the log, as a leader's barrier makes sure.
func (w *world) lead() error {
	n := pick(w, w.nodes())
	if w.chance(80) {
		if err := w.catchUp(n); err != nil {
			return err
		}
	}
	return w.decide(n)
}

func newAhead(n *device, space record.Space) *ahead {
	a := &ahead{store: n.store, space: space, frontier: n.store.Frontier(space), states: map[record.ID]*record.State{}, sequences: map[record.Incarnation]uint64{}}
	a.frontier.Space = space
	return a
}

// rivalEntries bounds what each of two leaders plans on its own entries.
const rivalEntries = 5

// rivals lets all nodes of the group believe that they lead, each with edits that the others have not seen, in entries of one edit: what one of them plans on an entry of its
// own that does not come about stands at a commit number that another's entry may lead to.
func (w *world) rivals() error {
	for _, n := range w.nodes() {
		if err := w.catchUp(n); err != nil {
			return err
		}
		for range 3 {
			if err := w.editOn(n); err != nil {
				return err
			}
		}
	}
	for _, n := range w.nodes() {
		for _, space := range n.spaces {
			a := newAhead(n, space)
			for range 1 + w.rand.IntN(rivalEntries) {
				if more, err := w.propose(n, a, 1); err != nil || !more {
					if err != nil {
						return err
					}
					break
				}
			}
		}
	}
	return nil
}

// decide lets a node plan a few entries for each of its spaces, each on top of those before, which may all be refused.
func (w *world) decide(n *device) error {
	for _, space := range n.spaces {
		a := newAhead(n, space)
		for range 1 + w.rand.IntN(3) {
			more, err := w.propose(n, a, 1+w.rand.IntN(20))
			if err != nil {
				return err
			}
			if !more {
				break
			}
		}
	}
	return nil
}

// propose appends the leader's next entry to the log; false when it has nothing to decide on.
func (w *world) propose(n *device, a *ahead, most int) (bool, error) {
	knows := decider{n.kinds(), n.newer}
	planner := node.Planner{Decider: knows}
	plan, err := planner.Plan(w.ctx, node.Situation{
		Frontier: a.frontier, Generation: n.group.generation, Now: clock.At(w.now.Add(n.skew)), Committed: a, Sequence: a.sequence,
		Pending: func(after store.PendingCursor, most int) []*record.Edit {
			return n.store.PendingAfter(a.space, after, most)
		},
		Refused: func(id record.ID) bool {
			refused, err := n.store.Refused(a.space, id)
			return err == nil && refused
		},
		EditsMax: most,
	})
	if err != nil || plan.Empty() {
		return false, err
	}
	if plan.Failed != nil {
		return false, plan.Failed
	}
	w.note("%s proposes %s %d..%d", n.name, a.space, a.frontier.Commit+1, plan.Frontier.Commit)
	w.noteKnown(n, &plan.Entry)
	n.group.log = append(n.group.log, plan.Entry)
	a.frontier = plan.Frontier
	maps.Copy(a.states, plan.States)
	maps.Copy(a.sequences, plan.Sequences)
	return true, nil
}

func (w *world) applySome() error {
	n := pick(w, w.nodes())
	for range 1 + w.rand.IntN(4) {
		if more, err := w.applyNext(n); !more || err != nil {
			return err
		}
	}
	return nil
}

func (w *world) catchUp(n *device) error {
	for {
		if more, err := w.applyNext(n); !more || err != nil {
			return err
		}
	}
}

// applyNext applies the log's next entry to a node; false when there is none.
func (w *world) applyNext(n *device) (bool, error) {
	at := n.store.RaftPosition().Index
	entry, there, err := n.group.next(at)
	if err != nil || !there {
		return false, err
	}
	position := store.RaftPosition{Index: at + 1, Term: 1}
	applied, err := n.store.Apply(w.ctx, entry, position)
	if w.tooFull(n, err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	w.note("%s applies entry %d of %s at %d: %v", n.name, at+1, entry.Space, entry.EvaluatedAt, applied)
	if !applied {
		if err := n.store.NotePosition(w.ctx, position); err != nil {
			if w.tooFull(n, err) {
				return false, nil
			}
			return false, err
		}
	}
	return true, w.watch(n)
}
