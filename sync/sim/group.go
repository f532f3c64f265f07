package sim

import (
	"fmt"
	"maps"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// The group stands for Raft: one log that everybody agrees on. Any node may think that it leads, with a stale state too: what it appends then is
// refused by everybody alike.

// overlay is committed state with what an entry in the making changes.
type overlay struct {
	store  *store.Store
	states map[record.ID]*record.State
}

// Committed is record.Reader's.
func (o *overlay) Committed(id record.ID) (*record.State, error) {
	if s, touched := o.states[id]; touched {
		return s, nil
	}
	return o.store.Committed(id)
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

// decide appends one entry for each space of a node that has tentative edits.
func (w *world) decide(n *device) error {
	for _, space := range n.spaces {
		entry, err := w.entry(n, space)
		if err != nil {
			return err
		}
		if len(entry.Edits) > 0 {
			w.note("%s proposes %s %d..%d", n.name, space, entry.EvaluatedAt+1, entry.EvaluatedAt+uint64(len(entry.Edits)))
			w.log = append(w.log, entry)
		}
	}
	return nil
}

func (w *world) entry(n *device, space record.Space) (record.Entry, error) {
	front := n.store.Frontier(space)
	now := clock.At(w.now.Add(n.skew))
	entry := record.Entry{Format: record.FormatVersion, Space: space, Generation: front.Generation, EvaluatedAt: front.Commit, Time: now}
	view := &overlay{store: n.store, states: map[record.ID]*record.State{}}
	next := map[record.Incarnation]uint64{}
	most := min(1+w.rand.IntN(20), limit.EntryEdits)
	for _, e := range n.store.Pending(space) {
		of := e.ID.Incarnation
		if next[of] == 0 {
			next[of] = n.store.CommittedSequence(space, of) + 1
		}
		if e.ID.Sequence != next[of] || !record.Ready(view, e) {
			continue // it waits, and what its device wrote after it
		}
		outcome, states, err := record.Evaluate(view, rules{}, kinds, e, now)
		if err != nil {
			return entry, err
		}
		if outcome.Result == record.Poison {
			return entry, fmt.Errorf("edit %s is poison: %+v", short(e.ID), outcome.Reason)
		}
		outcome.Commit = front.Commit + uint64(len(entry.Edits)) + 1
		encoded, err := record.Encode(outcome)
		if err != nil {
			return entry, err
		}
		maps.Copy(view.states, states)
		entry.Edits, entry.Outcomes = append(entry.Edits, e.Sealed), append(entry.Outcomes, encoded)
		next[of]++
		if len(entry.Edits) == most {
			break
		}
	}
	return entry, nil
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
	if at >= uint64(len(w.log)) {
		return false, nil
	}
	entry, position := w.log[at], store.RaftPosition{Index: at + 1, Term: 1}
	applied, err := n.store.Apply(w.ctx, entry, position)
	if err != nil {
		return false, err
	}
	w.note("%s applies entry %d of %s at %d: %v", n.name, at+1, entry.Space, entry.EvaluatedAt, applied)
	if !applied {
		if err := n.store.NotePosition(w.ctx, position); err != nil {
			return false, err
		}
	}
	return true, w.watch(n)
}
