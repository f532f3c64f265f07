package sim

import (
	"errors"
	"fmt"
	"slices"

	"holdfast/backend/record"
	"holdfast/backend/store"
)

// check gives what does not hold after healing.
func (w *world) check() error {
	var all []error
	for _, d := range w.devices {
		all = append(all, w.checkDevice(d))
	}
	n := w.leader()
	outcomes := map[record.EditID]*record.Outcome{}
	for _, space := range n.spaces {
		all = append(all, w.collect(n, space, outcomes))
	}
	all = append(all, w.asideElsewhere(outcomes), w.separate(n, outcomes))
	w.lost(outcomes)
	for _, space := range n.spaces {
		all = append(all, w.checkNumbers(n, space), w.checkUnique(n, space), w.checkModel(n, space), w.checkFormer(n, space))
	}
	told, err := w.standings()
	all = append(all, err)
	for _, entry := range w.ledger.order {
		all = append(all, w.checkEntry(n, entry, outcomes, told))
	}
	all = append(all, w.checkSums(n, outcomes))
	for _, o := range outcomes {
		w.tally[string(o.Result)]++
	}
	if len(outcomes) != len(w.ledger.order)-len(w.outcast.kept) {
		all = append(all, fmt.Errorf("%d edits were saved and %d decided", len(w.ledger.order), len(outcomes)))
	}
	return errors.Join(all...)
}

// checkDevice lets the store verify itself; nothing was set aside, and what is seen is what is committed.
func (w *world) checkDevice(d *device) error {
	findings, err := d.store.Verify(w.ctx)
	if err != nil {
		return err
	}
	if d.scarred { // it goes on telling what its journal lacked when it was opened
		findings = slices.DeleteFunc(findings, func(f store.Finding) bool { return slices.Contains(d.store.Health().Damage, f.What) })
	}
	aside, err := d.store.Quarantine(w.ctx)
	if err != nil {
		return err
	}
	if len(findings) > 0 || len(aside) > 0 && !w.cloned {
		return fmt.Errorf("%s: findings %v, set aside %d", d.name, findings, len(aside))
	}
	if apart, err := w.outside(d, w.leader()); apart || err != nil {
		return err
	}
	return d.store.EachView(w.ctx, func(view *record.State) error {
		committed, err := d.store.Committed(view.ID)
		if err != nil {
			return err
		}
		if committed == nil || view.Pending != 0 || !slices.Equal(record.EncodeState(view), record.EncodeState(committed)) {
			return fmt.Errorf("%s shows %s otherwise than it is committed", d.name, view.ID)
		}
		return nil
	})
}

// collect reads a space's outcomes: dense, and one for each edit.
func (w *world) collect(n *device, space record.Space, outcomes map[record.EditID]*record.Outcome) error {
	if err := w.archive(n, space); err != nil {
		return err
	}
	history := w.history(space)
	for i := range history {
		if err := note(&history[i], uint64(i)+1, outcomes); err != nil {
			return fmt.Errorf("%s: %w", space, err)
		}
	}
	if last := n.store.Frontier(space).Commit; uint64(len(history)) != last {
		return fmt.Errorf("%d of %d commits of %s were seen", len(history), last, space)
	}
	return nil
}

func note(commit *store.Commit, number uint64, outcomes map[record.EditID]*record.Outcome) error {
	o := &record.Outcome{}
	if err := record.Decode(commit.Outcome, o); err != nil {
		return err
	}
	if o.Commit != number {
		return fmt.Errorf("commit %d calls itself %d", number, o.Commit)
	}
	if outcomes[o.Edit] != nil {
		return fmt.Errorf("edit %s was decided twice, at %d and %d", short(o.Edit), outcomes[o.Edit].Commit, number)
	}
	outcomes[o.Edit] = o
	return nil
}

// checkEntry looks for everything that somebody typed in one edit.
func (w *world) checkEntry(n *device, e *written, outcomes map[record.EditID]*record.Outcome, told []string) error {
	if w.outcast.kept[e] {
		return nil
	}
	o, err := w.fate(e, outcomes)
	if err != nil {
		return err
	}
	if done, err := w.checkOutcast(n, e, o, told); done || err != nil {
		return err
	}
	if o == nil {
		return fmt.Errorf("edit %s has no outcome", short(e.id))
	}
	s, err := n.store.Committed(e.record)
	if err != nil || s == nil {
		return fmt.Errorf("the record of edit %s is not there: %w", short(e.id), err)
	}
	if e.comment != (record.ID{}) && !e.refused && !slices.ContainsFunc(s.Fields["notes"].Items, func(item record.Item) bool { return item.ID == e.comment }) {
		return fmt.Errorf("the comment of edit %s (%s) is not there", short(e.id), o.Result)
	}
	if e.refused != (o.Reason != nil && o.Reason.Code == "forbidden") {
		return fmt.Errorf("edit %s is %s for %+v, refused %v", short(e.id), o.Result, o.Reason, e.refused)
	}
	if len(e.value) == 0 && !e.refused {
		return nil
	}
	found, err := w.findable(n, e, o)
	if err == nil && !found {
		err = fmt.Errorf("the value %q of edit %s (%s %s, %s) cannot be found", e.value.AsText(), short(e.id), e.op, e.field, o.Result)
	}
	return err
}

// findable reports whether the value is in the record's history, or the edit is kept as a parked one.
func (w *world) findable(n *device, e *written, o *record.Outcome) (bool, error) {
	if o.Result == record.Parked {
		kept, err := n.store.Edit(o.Edit)
		return err == nil && kept != nil && len(kept.Mutations) > 0 && o.Reason != nil, err
	}
	rows, err := n.store.History(w.ctx, e.record)
	return slices.ContainsFunc(rows, func(c record.Change) bool { return c.Edit == o.Edit && c.To.Equal(e.value) }), err
}

// checkSums adds up the counters.
func (w *world) checkSums(n *device, outcomes map[record.EditID]*record.Outcome) error {
	sums := map[record.ID]int64{}
	for _, e := range w.ledger.order {
		if e.op != record.OpCount && e.op != opRaise || w.outcast.kept[e] {
			continue
		}
		o, err := w.fate(e, outcomes)
		if err != nil {
			return err
		}
		if o != nil && o.Result != record.Parked {
			sums[e.record] += e.delta
		}
	}
	for id, sum := range sums {
		s, err := n.store.Committed(id)
		if err != nil || s == nil {
			return fmt.Errorf("record %s is not there: %w", id, err)
		}
		if got := s.Fields["stock"].Sum; got != sum {
			return fmt.Errorf("the stock of %s is %d instead of %d", id, got, sum)
		}
	}
	return nil
}

// checkNumbers wants the numbers of a space's records to be all different and dense.
func (w *world) checkNumbers(n *device, space record.Space) error {
	var numbers []string
	for _, id := range w.ledger.records[space] {
		s, err := n.store.Committed(id)
		if err != nil || s == nil {
			return fmt.Errorf("record %s is not there: %w", id, err)
		}
		numbers = append(numbers, s.Shown("number").AsText())
	}
	slices.Sort(numbers)
	for i, number := range numbers {
		prefix := "CAS-LYO-"
		if space == record.Organisation {
			prefix = "PRT-"
		}
		if want := fmt.Sprintf("%s%05d", prefix, i+1); number != want {
			return fmt.Errorf("of %d numbers in %s, number %d is %q", len(numbers), space, i+1, number)
		}
	}
	return nil
}

// checkUnique wants every serial that is there twice to be flagged on all records but one.
func (w *world) checkUnique(n *device, space record.Space) error {
	holders := map[string]int{}
	for _, id := range w.ledger.records[space] {
		s, err := n.store.Committed(id)
		if err != nil || s == nil {
			return fmt.Errorf("record %s is not there: %w", id, err)
		}
		if values := s.Fields["serial"].Values; len(values) > 0 && values[0].Duplicate == (record.ID{}) {
			holders[values[0].Value.AsText()]++
		}
	}
	for serial, count := range holders {
		if count > 1 {
			return fmt.Errorf("%d records of %s hold %q, and none is flagged", count, space, serial)
		}
	}
	return nil
}
