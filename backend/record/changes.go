package record

import (
	"slices"

	"holdfast/backend/core/clock"
)

// Changes gives the rows that an edit adds to the histories of the records that it touches: one for each mutation and each field set with a
// transition, then one for each field that the group changed in consequence. before gives the records as they were, nil where there were none. A
// nil outcome is that of a tentative edit. A parked or poison edit gives one row without a field, beside the comments that were kept.
func Changes(e *Edit, o *Outcome, before func(ID) *State) map[ID][]Change {
	if o != nil && o.passedOver(e) {
		return nil
	}
	h := history{edit: e, outcome: o, before: before, rows: map[ID][]Change{}, shown: map[place]Value{}}
	if o != nil && (o.Result == Parked || o.Result == Poison) {
		h.refused()
	} else {
		for i := range e.Mutations {
			h.mutation(&e.Mutations[i])
		}
	}
	h.consequences()
	return h.rows
}

// history collects rows while walking through one edit.
type history struct {
	edit    *Edit
	outcome *Outcome
	before  func(ID) *State
	rows    map[ID][]Change
	shown   map[place]Value // what each field touched so far shows
}

func (h *history) row(m *Mutation) Change {
	c := Change{Edit: h.edit.ID, Author: h.edit.By(m), At: h.edit.Time, Action: h.edit.Action, Field: m.Field}
	if m.On != 0 {
		c.At = m.On
	}
	if h.outcome != nil {
		c.Commit, c.Result = h.outcome.Commit, Applied
	}
	return c
}

func (h *history) add(id ID, c Change) {
	rows, ok := h.rows[id]
	if !ok {
		rows = make([]Change, 0, min(len(h.edit.Mutations)+1, 64))
	}
	h.rows[id] = append(rows, c)
}

// refused notes on every record that the edit wanted to change that it was not applied.
func (h *history) refused() {
	for i := range h.edit.Mutations {
		m := &h.edit.Mutations[i]
		if m.Op == OpAppend && h.wrote(m.Record, m.Field) != nil {
			h.mutation(m)
			continue
		}
		told := func(c Change) bool { return c.Result == h.outcome.Result }
		if isParkedSettling(m) || slices.ContainsFunc(h.rows[m.Record], told) {
			continue
		}
		c := h.row(&Mutation{By: m.By, On: m.On})
		c.Result = h.outcome.Result
		h.add(m.Record, c)
	}
}

// mutation notes one step and what it set along with it.
func (h *history) mutation(m *Mutation) {
	if !known(m.Op) || isParkedSettling(m) {
		return
	}
	c := h.row(m)
	at := place{record: m.Record, field: m.Field}
	switch m.Op {
	case OpCreate:
		c.To = Text(m.Kind)
	case OpArchive, OpRestore:
		c.Field, at.field = FieldArchived, FieldArchived
		c.From, c.To = h.current(at), Flag(m.Op == OpArchive)
	case OpAdd, OpAppend:
		c.To = m.Value
	case OpRemove:
		c.From = m.Value
	case OpCount:
		before := h.current(at).AsInteger()
		c.From, c.To = Integer(before), Integer(before+m.Delta)
	case OpSettle:
		c.From, c.To = h.current(at), h.current(at)
	case OpRedact:
		c.To = m.Value
	default:
		c.From, c.To = h.current(at), m.Value
	}
	h.judge(m, &c)
	if m.Op != OpCreate && m.Op != OpAppend && m.Op != OpAdd && m.Op != OpRemove && m.Op != OpRedact {
		h.shown[at] = c.To
	}
	h.add(m.Record, c)
	for _, pair := range m.With {
		with := Mutation{Op: OpSet, Record: m.Record, Field: pair.Field, Value: pair.Value, By: m.By, On: m.On}
		h.mutation(&with)
	}
}

// judge says for the one field what the outcome says for the whole edit, and shows a merged text as it is now.
func (h *history) judge(m *Mutation, c *Change) {
	f := h.wrote(m.Record, c.Field)
	if f == nil {
		return
	}
	switch {
	case f.conflicted():
		c.Result = Conflict
	case h.outcome.Result == Merged || h.outcome.Result == Conflict:
		for i := range f.Values {
			held := &f.Values[i]
			if f.Rule == RuleText && (slices.Contains(held.Merged, h.edit.ID) || held.Edit == h.edit.ID && len(held.Merged) > 0) {
				c.Result, c.To = Merged, held.Value
			}
		}
	}
}

// wrote gives the field as the outcome left it, or nil.
func (h *history) wrote(id ID, field string) *Field {
	if h.outcome == nil {
		return nil
	}
	for i := range h.outcome.Writes {
		if w := &h.outcome.Writes[i]; w.Record == id && w.Field == field {
			return w.State
		}
	}
	return nil
}

// current gives what the field shows before the next step: a counter's sum counts as its value.
func (h *history) current(at place) Value {
	if v, ok := h.shown[at]; ok {
		return v
	}
	s := h.before(at.record)
	if s == nil {
		return nil
	}
	if f := s.Fields[at.field]; f.Rule == RuleCounter {
		return Integer(f.Sum)
	}
	return s.Shown(at.field)
}

// consequences notes the fields that the group wrote and no step of the edit named.
func (h *history) consequences() {
	if h.outcome == nil {
		return
	}
	internal := map[ID]bool{}
	for i := range h.outcome.Writes {
		w := &h.outcome.Writes[i]
		internal[w.Record] = internal[w.Record] || Internal(w.Kind) || h.isInternal(w.Record)
		if w.State == nil || internal[w.Record] {
			continue
		}
		if !h.named(w.Record, w.Field) || w.State.Rule == RuleList || h.overruled(w) {
			h.consequence(w)
		}
	}
}

func (h *history) isInternal(id ID) bool {
	s := h.before(id)
	return s != nil && Internal(s.Kind)
}

func (h *history) named(id ID, field string) bool {
	return slices.ContainsFunc(h.rows[id], func(c Change) bool { return c.Field == field })
}

// overruled reports whether a consequence set another value than the edit's own step did.
func (h *history) overruled(w *Write) bool {
	if w.State.Rule != RuleRegister && w.State.Rule != RuleState && w.State.Rule != RuleUnique || w.Field == FieldArchived {
		return false
	}
	set, ok := h.shown[place{record: w.Record, field: w.Field}]
	if !ok || len(w.State.Values) == 0 {
		return false
	}
	held := &w.State.Values[0]
	return held.Edit == h.edit.ID && !held.Value.Equal(set)
}

// appended reports whether a step of the edit brought the item, and not a consequence.
func (h *history) appended(id ID, item ID) bool {
	return slices.ContainsFunc(h.edit.Mutations, func(m Mutation) bool {
		return m.Op == OpAppend && m.Record == id && m.Item == item
	})
}

func (h *history) consequence(w *Write) {
	c := Change{
		Edit: h.edit.ID, Author: h.edit.Author, At: h.effective(), Action: h.edit.Action, Field: w.Field,
		Result: Applied, Commit: h.outcome.Commit,
	}
	if h.outcome.Result == Parked {
		c.Result = Parked
	}
	at := place{record: w.Record, field: w.Field}
	switch w.State.Rule {
	case RuleList:
		for _, item := range w.State.Items {
			if c.To = item.Value; !h.appended(w.Record, item.ID) {
				h.add(w.Record, c)
			}
		}
		return
	case RuleCounter:
		c.From, c.To = h.current(at), Integer(w.State.Sum)
	case RuleSet:
		h.members(w, c)
		return
	default:
		c.From = h.current(at)
		if len(w.State.Values) > 0 {
			c.To = w.State.Values[0].Value
		}
	}
	if !c.From.Equal(c.To) {
		h.add(w.Record, c)
	}
}

func (h *history) effective() clock.Stamp { return h.outcome.Effective }

// members notes which elements came and went.
func (h *history) members(w *Write, c Change) {
	var before []Element
	if s := h.before(w.Record); s != nil {
		before = s.Fields[w.Field].Elements
	}
	for _, element := range w.State.Elements {
		if _, found := find(before, element.Value); !found {
			c.From, c.To = nil, element.Value
			h.add(w.Record, c)
		}
	}
	for _, element := range before {
		if _, found := find(w.State.Elements, element.Value); !found {
			c.From, c.To = element.Value, nil
			h.add(w.Record, c)
		}
	}
}
