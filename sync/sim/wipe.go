package sim

import (
	"fmt"
	"slices"
)

// wipe asks that the device which is shut out, or is from now on, removes its data when it next reaches a node. Its people go on with a new one.
func (w *world) wipe() error {
	if w.outcast.device == nil {
		if err := w.shutOut(); err != nil {
			return err
		}
	}
	w.outcast.wipe = w.outcast.device != nil
	return nil
}

// told lets the outcast, turned away by another device, remove its data where that is a node. What only it held goes with it, unless others would wait for that: people would let it in first.
func (w *world) told(a, b *device) error {
	d, by := a, b
	if b == w.outcast.device {
		d, by = b, a
	}
	if !w.outcast.wipe || d != w.outcast.device || !by.node {
		return nil
	}
	why, err := standing(by.store, d.ID())
	if err != nil || why == "" {
		return err
	}
	only, err := w.heldOnlyBy(d)
	if err != nil || w.orphans(d, only) {
		return err
	}
	if err := w.forgetNumbers(d); err != nil {
		return err
	}
	w.note("%s removes its data", d.name)
	w.tally["wiped"]++
	for _, e := range only {
		w.note("%s was on %s only and is lost", short(e.id), d.name)
		w.tally["wiped with its device"]++
		e.uncertain = true
	}
	w.hangUp(d)
	w.outcast.wipe, d.gone = false, true
	w.devices = slices.DeleteFunc(slices.Clone(w.devices), func(other *device) bool { return other == d })
	if err := d.store.Close(); err != nil {
		return err
	}
	if err := w.add(fmt.Sprint("D", len(w.devices)+1, "+"), false, d.spaces); err != nil {
		return err
	}
	if fresh := w.devices[len(w.devices)-1]; d.newer {
		return w.renew(fresh)
	}
	return nil
}
