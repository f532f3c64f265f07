package sim

import (
	"slices"

	"holdfast/backend/record"
)

// astrayEdits is how much is written on each side of a group whose leader is cut off.
const astrayEdits = 6

// reformAstray lets a node that leads alone write entries that the rest of its group never sees, the rest agree on others in their place, and then makes the node the first of a new
// generation, with what its log holds.
func (w *world) reformAstray() error {
	if len(w.nodes()) == 0 {
		return nil
	}
	f := pick(w, w.nodes())
	if may, err := w.mayFound(f); err != nil || !may {
		return err
	}
	w.hangUp(f)
	for _, space := range f.spaces {
		if err := w.archive(f, space); err != nil {
			return err
		}
		front := f.store.Frontier(space)
		front.Space = space
		w.recovery.agreed[space] = front
	}
	together := f.group
	f.group = &group{generation: together.generation, first: f.store.RaftPosition().Index}
	if err := w.leadAlone(f); err != nil {
		return err
	}
	rest := slices.DeleteFunc(w.nodes(), func(n *device) bool { return n == f || n.group != together || n.disk.room > 0 })
	if len(rest) > 0 {
		if err := w.writeAndDecide(pick(w, rest)); err != nil {
			return err
		}
		w.tally["agreed otherwise"] += btoi(len(w.recovery.tail) > 0)
	}
	return w.reformOn(f)
}

func (w *world) writeAndDecide(n *device) error {
	if err := w.catchUp(n); err != nil {
		return err
	}
	for range astrayEdits {
		if err := w.editOn(n); err != nil {
			return err
		}
	}
	if err := w.decide(n); err != nil {
		return err
	}
	return w.catchUp(n)
}

// leadAlone lets a node decide on what it holds and what is written on it, and take that up as Recover does with what the log of a lost group holds.
func (w *world) leadAlone(f *device) error {
	for range 1 + w.rand.IntN(astrayEdits) {
		if err := w.editOn(f); err != nil {
			return err
		}
	}
	if err := w.decide(f); err != nil {
		return err
	}
	for i := range f.group.log {
		entry := &f.group.log[i]
		chain := entry.Before
		for _, outcome := range entry.Outcomes {
			chain = record.ChainHash(chain, outcome)
			w.recovery.tail[chain] = true
		}
	}
	w.note("%s has %d entries that nobody else has", f.name, len(f.group.log))
	return w.catchUp(f)
}

// tailOf gives the chain at each commit of a space that only the founder has.
func (w *world) tailOf(f *device, space record.Space) ([]record.Hash, error) {
	at := w.recovery.agreed[space]
	if at.Space == "" {
		return nil, nil
	}
	commits, err := f.store.Commits(space, at.Commit+1, 1<<20)
	var tail []record.Hash
	for i := range commits {
		at.Chain = record.ChainHash(at.Chain, commits[i].Outcome)
		tail = append(tail, at.Chain)
	}
	w.tally["commits of the founder alone"] += len(tail)
	return tail, err
}
