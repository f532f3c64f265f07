package sim

import (
	"fmt"
	"slices"

	"holdfast/backend/record"
)

// outcast is the device that a run's people shut out of the cluster, and what may come of that.
type outcast struct {
	device *device
	wipe   bool // it is to remove its data when it next reaches a node
	// knew says, for each outcome that a leader planned in a space, at which commits of the organisation's space it stood then.
	knew map[record.Hash][]uint64
	// kept are edits that were never offered to anybody: they stay on their device.
	kept map[*written]bool
	// barren are the records that never came about, because their creation was refused or stays on its device.
	barren map[record.ID]bool
}

func newOutcast() outcast {
	return outcast{knew: map[record.Hash][]uint64{}, kept: map[*written]bool{}, barren: map[record.ID]bool{}}
}

// What a device's record says of it, and why an edit of one that is shut out is set aside.
const (
	deviceKind  = "device"
	revoked     = "revoked"
	left        = "left"
	compromised = "compromised"
)

// opStanding stands in the ledger for an edit that says whether a device belongs to the cluster.
const opStanding record.Op = "standing"

// standing gives why a device is shut out as far as committed state tells, or "".
func standing(r record.Reader, id record.DeviceID) (string, error) {
	s, err := r.Committed(record.ID(id))
	if err != nil || s == nil {
		return "", err
	}
	return s.Shown(revoked).AsText(), nil
}

// shutOut lets somebody shut out a desktop, which may hold edits that nobody has seen; perhaps it is let in again later.
func (w *world) shutOut() error {
	d, by := pick(w, w.desktops()), pick(w, w.devices)
	if w.outcast.device != nil || d.ID() == by.ID() || !w.forgetful(d) {
		return nil
	}
	if lone, err := w.heldOnlyBy(d); err != nil || w.orphans(d, lone) {
		return err // others would wait for what only it can bring
	}
	done, err := w.say(by, d, pick(w, []string{left, compromised}))
	if err != nil || !done {
		return err
	}
	w.outcast.device = d
	if w.chance(40) {
		w.later(15+w.rand.IntN(60), rarity{"let in again", 0, func(w *world) error {
			_, err := w.say(pick(w, w.nodes()), d, "")
			return err
		}})
	}
	return nil
}

// relent lets the outcast in again where the others wait for what only it can bring: it was cut off between an edit and the one on which that builds. People may as well
// give such an edit up.
func (w *world) relent(leader *device) error {
	d := w.outcast.device
	if d == nil || d.gone {
		return nil
	}
	apart, err := w.outside(d, leader)
	if err != nil || !apart {
		return err
	}
	w.tally["let in for what it alone had"]++
	if leader.store.PendingIn(record.Organisation) > 0 { // what is said here would wait behind what waits for the outcast, where it is of one incarnation
		if err := w.goOnFrom(leader, leader.dir); err != nil {
			return err
		}
	}
	_, err = w.say(leader, d, "")
	return err
}

// say lets a device write whether another belongs to the cluster; false when it could not save that.
func (w *world) say(by, about *device, what string) (bool, error) {
	id := record.ID(about.ID())
	view, err := by.store.View(id)
	if err != nil {
		return false, err
	}
	entry := &written{record: id, op: opStanding, field: revoked, value: record.Text(what)}
	draft := record.Draft{Author: by.person, Action: "revoke"}
	m := record.Mutation{Op: record.OpSet, Record: id, Field: revoked, Value: entry.value}
	if view == nil && what == "" {
		return false, nil // nobody here knows that it is shut out
	}
	if view == nil {
		entry.creates = true
		draft.Mutations = append(draft.Mutations, record.Mutation{Op: record.OpCreate, Record: id, Kind: deviceKind})
	} else {
		m.Seen = view.SeenIn(revoked)
	}
	draft.Mutations = append(draft.Mutations, m)
	before := len(w.ledger.order)
	draft.Space = record.Organisation
	err = w.save(by, entry, draft)
	return len(w.ledger.order) > before, err
}

// estranged reports whether one of two devices has learned that the other is shut out: then they do not talk.
func (w *world) estranged(a, b *device) (bool, error) {
	if w.outcast.device == nil {
		return false, nil
	}
	for _, pair := range [][2]*device{{a, b}, {b, a}} {
		if why, err := standing(pair[0].store, pair[1].ID()); err != nil || why != "" {
			return why != "", err
		}
	}
	return false, nil
}

// part ends the talks of a device with whom it has learned to be shut out.
func (w *world) part(d *device) error {
	if w.outcast.device == nil {
		return nil
	}
	for _, l := range slices.Clone(w.links) {
		a, b := l.ends[0].device, l.ends[1].device
		if a != d && b != d {
			continue
		}
		apart, err := w.estranged(a, b)
		if err != nil {
			return err
		}
		if apart {
			w.tally["talk ended with an outcast"]++
			w.note("%s and %s part", a.name, b.name)
			w.cut(l)
		}
	}
	return nil
}

// outside reports whether a device stays away from the others in the end, as the leader knows.
func (w *world) outside(d, leader *device) (bool, error) {
	if w.outcast.device != d {
		return false, nil
	}
	return w.estranged(leader, d)
}

// noteKnown remembers what a leader knew of the organisation's space when it planned an entry.
func (w *world) noteKnown(n *device, entry *record.Entry) {
	if w.outcast.device == nil {
		return
	}
	at := n.store.Frontier(record.Organisation).Commit
	for _, outcome := range entry.Outcomes {
		hash := record.ChainHash(record.Hash{}, outcome)
		w.outcast.knew[hash] = append(w.outcast.knew[hash], at)
	}
}

// separate tells, before the rest is checked, what stays with the outcast, and which records therefore never came about.
func (w *world) separate(n *device, outcomes map[record.EditID]*record.Outcome) error {
	d := w.outcast.device
	if d == nil {
		return nil
	}
	apart := false
	if !d.gone {
		var err error
		if apart, err = w.outside(d, n); err != nil {
			return err
		}
	}
	for _, e := range w.ledger.order {
		o, err := w.fate(e, outcomes)
		if apart && (err != nil || o == nil) {
			held, err := w.holds(d, e)
			if err != nil {
				return err
			}
			if held {
				w.tally["kept by an outcast"]++
				w.outcast.kept[e] = true
			}
		}
		if e.creates && (w.outcast.kept[e] || o != nil && setAside(o) != "") {
			w.outcast.barren[e.record] = true
		}
	}
	for space, ids := range w.ledger.records {
		w.ledger.records[space] = slices.DeleteFunc(ids, func(id record.ID) bool { return w.outcast.barren[id] })
	}
	return nil
}

// setAside gives as what an edit was set aside because its device is shut out, or "".
func setAside(o *record.Outcome) string {
	if o.Result != record.Parked || o.Reason == nil || o.Reason.Code != left && o.Reason.Code != compromised {
		return ""
	}
	return o.Reason.Code
}

// standings gives what the organisation's commits say of the outcast, by commit number: before which there is nothing, that it belongs to the cluster.
func (w *world) standings() ([]string, error) {
	all := []string{""}
	if w.outcast.device == nil {
		return all, nil
	}
	history := w.history(record.Organisation)
	for i := range history {
		c := &history[i]
		e, err := record.Open(c.Sealed)
		if err != nil {
			return nil, err
		}
		now := all[i]
		for k := range e.Mutations {
			m := &e.Mutations[k]
			if m.Record == record.ID(w.outcast.device.ID()) && m.Op == record.OpSet {
				now = m.Value.AsText()
			}
		}
		all = append(all, now)
	}
	return all, nil
}

// checkStanding wants exactly those of a device's edits to be set aside that were decided while it was shut out.
func (w *world) checkStanding(e *written, o *record.Outcome, told []string) error {
	why := setAside(o)
	if o.Edit.Device != w.outcast.device.ID() {
		if why != "" {
			return fmt.Errorf("edit %s of %s is set aside as %s, which is not shut out", short(e.id), e.by.name, why)
		}
		return nil
	}
	var known []uint64
	if e.space == record.Organisation {
		known = []uint64{o.Commit - 1}
	} else if raw, err := record.Encode(o); err == nil && !w.recovery.begun() { // the numbers of another branch would say nothing
		known = w.outcast.knew[record.ChainHash(record.Hash{}, raw)]
	}
	if len(known) > 0 && !slices.ContainsFunc(known, func(at uint64) bool { return told[at] == why }) {
		return fmt.Errorf("edit %s of %s is set aside as %q at %d, where the device was shut out as %q (%v)", short(e.id), e.by.name, why, o.Commit, told[known[0]], known)
	}
	if why != "" {
		w.tally["set aside, "+why]++
	}
	return nil
}

// checkOutcast looks for an edit that has to do with the outcast; done says that there is nothing else to ask of it.
func (w *world) checkOutcast(n *device, e *written, o *record.Outcome, told []string) (done bool, err error) {
	if w.outcast.device == nil || o == nil {
		return false, nil
	}
	if err := w.checkStanding(e, o, told); err != nil {
		return true, err
	}
	lost := w.outcast.barren[e.record]
	if setAside(o) == "" && !lost {
		return false, nil
	}
	if o.Result != record.Parked {
		return true, fmt.Errorf("edit %s is %s, and its record was never made", short(e.id), o.Result)
	}
	w.tally["parked with its record"] += btoi(lost && setAside(o) == "")
	if found, err := w.reviewable(n, o); err != nil || !found {
		return true, fmt.Errorf("edit %s is set aside and not to be found: %w", short(e.id), err)
	}
	s, err := n.store.Committed(e.record)
	if err == nil && s != nil && e.comment != (record.ID{}) && slices.ContainsFunc(s.Fields["notes"].Items, func(i record.Item) bool { return i.ID == e.comment }) {
		err = fmt.Errorf("the comment of edit %s is there, and its device was shut out", short(e.id))
	}
	return true, err
}

// reviewable reports whether an edit is listed for review, whole.
func (w *world) reviewable(n *device, o *record.Outcome) (bool, error) {
	for cursor, first := "", true; first || cursor != ""; first = false {
		edits, next, err := n.store.Parked(w.ctx, cursor)
		if err != nil {
			return false, err
		}
		for _, p := range edits {
			if p.Edit.ID == o.Edit {
				return len(p.Edit.Mutations) > 0 && p.Outcome.Reason != nil, nil
			}
		}
		cursor = next
	}
	return false, nil
}
