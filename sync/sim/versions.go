package sim

import (
	"context"
	"slices"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
	"holdfast/sync/node"
)

// Some seeds have two versions of the program: the newer one knows a kind, a field and a way to change a field that the older one has never heard of.
const (
	gizmo         = "gizmo"
	hull          = "hull"
	opRaise       = record.Op("raise") // adds to a counter
	opGizmo       = record.Op("gizmo") // stands in the ledger for the making of a gizmo
	newerPercent  = 35                 // of what a newer program's people do
	upgradeSpread = 40                 // how many steps lie between two upgrades at most
)

// newerKinds is what the newer version knows.
var newerKinds = func() record.Catalogue {
	newer := slices.Concat(fields, []record.Definition{{Name: hull, Label: "Hull", Rule: record.RuleRegister, Type: record.TypeText}})
	all := slices.Clone(kinds)
	for i := range all {
		if all[i].Name != deviceKind {
			all[i].Fields = newer
		}
	}
	return append(all, record.Kind{Name: gizmo, Label: "Gizmo", Title: "title", Fields: []record.Definition{
		{Name: "title", Label: "Title", Rule: record.RuleRegister, Type: record.TypeText}}})
}()

// kinds is what a device's program knows.
func (d *device) kinds() record.Catalogue {
	if d.newer {
		return newerKinds
	}
	return kinds
}

// decider evaluates with the simulation's rules and what its program knows.
type decider struct {
	kinds record.Catalogue
	newer bool
}

var _ node.Understanding = decider{}

// Decide is node.Decider's.
func (d decider) Decide(_ context.Context, committed record.Reader, edit *record.Edit, received clock.Stamp) (*record.Outcome, map[record.ID]*record.State, error) {
	return record.Evaluate(committed, rules{}, d.kinds, d.read(edit), received)
}

// MayGiveUp is node.Decider's.
func (decider) MayGiveUp(record.Reader, *record.Edit, *record.Edit) bool { return true }

// Ready is node.Planner's.
func (d decider) Ready(committed record.Reader, edit *record.Edit) bool {
	return record.Ready(committed, d.read(edit))
}

// Understands is node.Understanding's.
func (d decider) Understands(edit *record.Edit) bool { return d.kinds.Understands(edit) }

// read gives an edit as the program understands it.
func (d decider) read(edit *record.Edit) *record.Edit {
	raises := func(m record.Mutation) bool { return m.Op == opRaise }
	if !d.newer || !slices.ContainsFunc(edit.Mutations, raises) {
		return edit
	}
	understood := *edit
	understood.Mutations = slices.Clone(edit.Mutations)
	for i := range understood.Mutations {
		if raises(understood.Mutations[i]) {
			understood.Mutations[i].Op = record.OpCount
		}
	}
	return &understood
}

// upgrade gives one device the newer version, and another one some steps on.
func (w *world) upgrade() error {
	old := slices.DeleteFunc(slices.Clone(w.devices), func(d *device) bool { return d.newer || d.disk.room > 0 })
	if len(old) == 0 {
		return nil
	}
	w.later(1+w.rand.IntN(upgradeSpread), rarity{"another upgrade", 0, (*world).upgrade})
	w.mixed = true
	return w.renew(pick(w, old))
}

func (w *world) renew(d *device) error {
	w.note("%s is upgraded", d.name)
	w.hangUp(d)
	if err := d.store.Close(); err != nil {
		return err
	}
	d.newer = true
	return w.open(d)
}

// renewAll gives all devices the newer version where one has it: what the older ones do not understand waits for that.
func (w *world) renewAll() error {
	for _, d := range w.devices {
		if !w.mixed || d.newer {
			continue
		}
		if err := w.renew(d); err != nil {
			return err
		}
	}
	return nil
}

// newly is something that only people with the newer version do; nil where there is nothing to do it to.
func (w *world) newly(d *device, space record.Space) (*written, record.Draft, error) {
	draft := record.Draft{Space: space, Author: d.person}
	made := w.gizmos[space]
	if w.chance(40) && len(made) > 0 {
		return w.reshape(d, made[len(made)-1-w.rand.IntN(min(len(made), 2))], draft)
	}
	view, err := w.known(d, space)
	if err != nil {
		return nil, draft, err
	}
	e := &written{value: w.token()}
	switch {
	case view == nil || w.chance(30):
		e.record, e.op, e.field, e.creates = w.newID(), opGizmo, "title", true
		draft.Mutations = []record.Mutation{{Op: record.OpCreate, Record: e.record, Kind: gizmo}, {Op: record.OpSet, Record: e.record, Field: "title", Value: e.value}}
	case w.chance(50):
		e.record, e.op, e.field = view.ID, record.OpSet, hull
		draft.Mutations = []record.Mutation{{Op: record.OpSet, Record: view.ID, Field: hull, Value: e.value, Seen: view.SeenIn(hull)}}
	default:
		e.record, e.op, e.field, e.value, e.delta = view.ID, opRaise, "stock", nil, int64(1+w.rand.IntN(5))
		draft.Mutations = []record.Mutation{{Op: opRaise, Record: view.ID, Field: "stock", Delta: e.delta}}
	}
	draft.Action = string(e.op)
	return e, draft, nil
}

// reshape changes a gizmo, if the device has it.
func (w *world) reshape(d *device, id record.ID, draft record.Draft) (*written, record.Draft, error) {
	view, err := d.store.View(id)
	if err != nil || view == nil {
		return nil, draft, err
	}
	e := &written{record: id, op: record.OpSet, field: "title", value: w.token()}
	draft.Action = "reshape"
	draft.Mutations = []record.Mutation{{Op: record.OpSet, Record: id, Field: "title", Value: e.value, Seen: view.SeenIn("title")}}
	return e, draft, nil
}
