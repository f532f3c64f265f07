package node

import (
	"context"
	"slices"
	"time"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// lane is one space on the leader: the entries under way, each planned on what those before it lead to. Should one of them not come about, apply refuses those after
// it, and all of them are planned again on what is committed.
type lane struct {
	node       *Node
	space      record.Space
	generation uint64
	flights    []*flight // oldest first
	broken     bool      // one of the flights did not come about: nothing is planned on the others
	// careful counts the edits that go in entries of their own, because one of them makes an entry break a rule.
	careful   int
	condemned map[record.EditID]string
	blocked   map[record.Incarnation]bool
}

// flight is an entry under way.
type flight struct {
	lane    *lane
	plan    *Plan
	begun   time.Time
	done    bool
	result  verdict
	unknown error // what became of the entry is not known
}

// open reports whether an entry may be planned now.
func (w *lane) open() bool {
	st := w.node.cfg.Store
	if len(w.flights) == 0 {
		return st.PendingIn(w.space) > 0 || w.raises()
	}
	if w.broken || w.careful > 0 || len(w.flights) >= depthMax {
		return false
	}
	under := 0
	for _, f := range w.flights {
		under += len(f.plan.Entry.Outcomes)
	}
	return st.PendingIn(w.space)-under >= pipelineFrom
}

func (w *lane) raises() bool {
	f := w.node.cfg.Store.Frontier(w.space)
	return f.Commit > 0 && f.Generation < w.generation
}

func (w *lane) plan(ctx context.Context, now clock.Stamp) (*Plan, error) {
	st := w.node.cfg.Store
	s := Situation{
		Frontier: w.frontier(), Generation: w.generation, Now: now, Committed: w, Sequence: w.sequence, EditsMax: limit.EntryEdits,
		Condemned: func(id record.EditID) string { return w.condemned[id] },
		Refused:   func(id record.ID) bool { return w.refused(id) },
		Pending: func(after store.PendingCursor, most int) []*record.Edit {
			return st.PendingAfter(w.space, after, most)
		},
		Touching: st.PendingOf,
	}
	if w.careful > 0 {
		s.EditsMax = 1
	}
	if len(w.flights) == 0 {
		s.Redactable = func(ctx context.Context, r *record.Redaction) error { return st.Redactable(ctx, w.space, r) }
	}
	planner := w.node.planner
	if len(w.blocked) > 0 {
		s.Touching = nil // what cannot be committed is not given up by deciding on it
		ready := planner.readiness()
		planner.Ready = func(committed record.Reader, e *record.Edit) bool {
			return !w.blocked[e.ID.Incarnation] && ready(committed, e)
		}
	}
	return planner.Plan(ctx, s)
}

// frontier gives where the space will stand after the flights.
func (w *lane) frontier() record.Frontier {
	if len(w.flights) > 0 {
		return w.flights[len(w.flights)-1].plan.Frontier
	}
	f := w.node.cfg.Store.Frontier(w.space)
	f.Space = w.space
	return f
}

// sequence gives where an incarnation will stand after the flights.
func (w *lane) sequence(of record.Incarnation) uint64 {
	for _, f := range slices.Backward(w.flights) {
		if sequence, found := f.plan.Sequences[of]; found {
			return sequence
		}
	}
	return w.node.cfg.Store.CommittedSequence(w.space, of)
}

// Committed makes a lane the record.Reader of what will be committed after the flights. Other spaces are as they are committed now.
func (w *lane) Committed(id record.ID) (*record.State, error) {
	for _, f := range slices.Backward(w.flights) {
		if state, found := f.plan.States[id]; found {
			return state, nil
		}
	}
	return w.node.cfg.Store.Committed(id)
}

// refused reports whether the group has refused a record's creation. A disk that cannot tell is no reason to decide on what builds on it.
func (w *lane) refused(id record.ID) bool {
	refused, err := w.node.cfg.Store.Refused(w.space, id)
	return err == nil && refused
}

// note takes the flights that have landed off the lane, in their order: until then a later one's states hide an earlier one's.
func (w *lane) note(f *flight) {
	if !slices.Contains(w.flights, f) {
		return // given up
	}
	if !f.result.applied {
		w.broken = true
	}
	if f.result.err != nil {
		w.suspect(f)
	} else if f.result.applied && w.careful > 0 {
		w.careful -= len(f.plan.Entry.Outcomes)
	}
	for len(w.flights) > 0 && w.flights[0].done {
		w.flights = w.flights[1:]
	}
	if len(w.flights) == 0 {
		w.broken = false
	}
}

// suspect narrows down which edit makes an entry break a rule: entries of one edit, then poison, then that device's edits are left alone.
func (w *lane) suspect(f *flight) {
	log := w.node.cfg.Log
	edits := f.plan.Entry.Edits
	if len(edits) != 1 {
		w.careful = max(len(edits), 1)
		log.Warn("An entry was refused; its changes are tried one by one.", "space", w.space, "changes", len(edits), "error", f.result.err)
		return
	}
	for of, sequence := range f.plan.Sequences {
		id := record.EditID{Incarnation: of, Sequence: sequence}
		if _, again := w.condemned[id]; again {
			w.blocked = with(w.blocked, of, true)
			log.Error("The changes of a device cannot be committed.", "space", w.space, "edit", id.String(), "error", f.result.err)
			return
		}
		w.condemned = with(w.condemned, id, "It cannot be committed: "+fault.SentenceOf(f.result.err))
		log.Error("A change cannot be committed and becomes poison.", "space", w.space, "edit", id.String(), "error", f.result.err)
	}
}

func with[K comparable, V any](in map[K]V, key K, value V) map[K]V {
	if in == nil {
		in = map[K]V{}
	}
	in[key] = value
	return in
}
