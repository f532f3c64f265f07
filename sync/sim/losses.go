package sim

import (
	"errors"
	"fmt"
	"slices"

	"holdfast/backend/record"
)

// A device that forgets may take edits with it that nobody else had seen. An edit survives as long as one replica that held it does, so these, and only these, may be
// missing in the end. What lies in the group's log is decided or held by whoever planned it.

// losing lets a device go on with less than it had. Before it, every undecided edit must be held by somebody.
func (w *world) losing(d *device, happens func() error) error {
	only, err := w.heldOnlyBy(d)
	if err != nil {
		return err
	}
	if w.orphans(d, only) {
		w.note("%s keeps its disk: edits would be left of a record that only it can create", d.name)
		return nil
	}
	w.hangUp(d)
	clear(d.reached)
	if err := errors.Join(w.forgetNumbers(d), happens()); err != nil {
		return err
	}
	for _, e := range only {
		held, err := w.holds(d, e)
		if err != nil {
			return err
		}
		if !held {
			w.note("%s was on %s only and may be lost", short(e.id), d.name)
			w.tally["lost with its disk"]++
			e.uncertain = true
			enter(w.recovery.forgotten, e.record, e.number)
		}
	}
	return w.watch(d)
}

// orphans reports whether edits that stay would wait for ever for one that would be lost: they change a record that it creates, or follow it in an incarnation. Others hold
// them, or they are the device's own: these come back from its journal, and what it had of others does not, nor what a damaged journal lacks.
func (w *world) orphans(d *device, lost []*written) bool {
	return slices.ContainsFunc(lost, func(e *written) bool {
		return slices.ContainsFunc(w.ledger.order, func(other *written) bool {
			hangs := e.creates && other.record == e.record ||
				other.space == e.space && other.id.Incarnation == e.id.Incarnation && other.id.Sequence > e.id.Sequence
			return hangs && other != e && (!slices.Contains(lost, other) || other.by == d && (e.by != d || d.scarred))
		})
	})
}

// heldOnlyBy gives the edits that would go with a device.
func (w *world) heldOnlyBy(d *device) ([]*written, error) {
	var only []*written
	for _, e := range w.ledger.order {
		here, elsewhere, outside := false, false, false
		for _, other := range w.devices {
			held, err := w.holds(other, e)
			if err != nil {
				return nil, err
			}
			here, elsewhere = here || held && other == d, elsewhere || held && other != d && other != w.outcast.device
			outside = outside || held && other == w.outcast.device
		}
		switch {
		case elsewhere:
		case here:
			only = append(only, e)
		case !e.uncertain && !outside:
			return nil, fmt.Errorf("nobody holds edit %s any more", short(e.id))
		}
	}
	return only, nil
}

// holds reports whether a device has an edit in any form: tentative, decided or set aside.
func (w *world) holds(d *device, e *written) (bool, error) {
	if held, found := d.store.PendingEdit(e.id); found && held.Sealed.Hash() == e.hash {
		return true, nil
	}
	if o, found := d.store.Outcome(e.id); found && o.Hash == e.hash {
		return true, nil
	}
	if w.decided[e.hash] && d.store.CommittedSequence(e.space, e.id.Incarnation) >= e.id.Sequence {
		return true, nil // what it decided was trimmed
	}
	if !w.cloned {
		return false, nil
	}
	aside, err := d.store.Quarantine(w.ctx)
	for _, q := range aside {
		if q.Edit == e.id && q.Sealed.Hash() == e.hash {
			return true, nil
		}
	}
	return false, err
}

// forgetful reports whether a device may lose what it holds. Which edit a clone offers again as which other one is told by its quarantine only, so clones keep theirs. The
// members of a re-formed group have a log that does not reach back to the beginning: one that lost its data would have to be replaced.
func (w *world) forgetful(d *device) bool {
	return d.store != nil && d.ID() != w.twins && !(d.member != nil && d.member.first > 0)
}

// lost takes what went with a disk and never came back out of the ledger.
func (w *world) lost(outcomes map[record.EditID]*record.Outcome) {
	gone := map[record.ID]bool{}
	kept := w.ledger.order[:0]
	for _, e := range w.ledger.order {
		if o := outcomes[e.id]; e.uncertain && !w.outcast.kept[e] && (o == nil || o.Hash != e.hash) {
			gone[e.record] = gone[e.record] || e.creates
			continue
		}
		kept = append(kept, e)
	}
	w.ledger.order = kept
	for space, ids := range w.ledger.records {
		var left []record.ID
		for _, id := range ids {
			if !gone[id] {
				left = append(left, id)
			}
		}
		w.ledger.records[space] = left
	}
}
