package record

import (
	"cmp"
	"slices"

	"holdfast/backend/core/clock"
)

// arrival is one edit on its way into records. It changes the states handed to it, which belong to the caller, but never the slices
// inside them, which other states share.
type arrival struct {
	edit *Edit
	at   clock.Stamp // effective time
	// tentative edits mark the fields that they touch.
	tentative bool
	// spare is room for the first value of each field that the edit brings.
	spare []Held
	// overtaken are the places where the edit was replaced before it came.
	overtaken []place
	// merged are the places where its text was merged with another.
	merged  []place
	settled []EditID
}

// place is a field of a record; for a set also the element.
type place struct {
	record  ID
	field   string
	element string
}

func (a *arrival) origin(m *Mutation) Origin {
	o := Origin{Edit: a.edit.ID, Author: a.edit.By(m), At: a.at, On: m.On}
	return o
}

// later orders origins: by effective time, then device, then edit.
func later(a, b *Origin) int {
	if c := cmp.Compare(a.At, b.At); c != 0 {
		return c
	}
	return a.Edit.Compare(b.Edit)
}

// change applies a mutation that has passed its guards to the field, which merges by rule. It reports false when the mutation
// does not fit the rule.
func (a *arrival) change(s *State, rule Rule, m *Mutation) bool {
	if !fits(m.Op, rule) {
		return false
	}
	f := s.Fields[m.Field]
	f.Rule = rule
	at := place{record: s.ID, field: m.Field}
	switch m.Op {
	case OpSet, OpText:
		a.assign(&f, at, Held{Origin: a.origin(m), Value: m.Value}, m.Base, m.Seen)
	case OpAdd:
		a.add(&f, at, m.Value)
	case OpRemove:
		a.remove(&f, m.Value, m.Seen)
	case OpAppend:
		f.Items = insertItem(f.Items, Item{Origin: a.origin(m), ID: m.Item, Value: m.Value})
	case OpCount:
		f.Sum += m.Delta
		f.replaced(a.edit.ID)
	case OpTransition, OpClaim:
		f.decide(Held{Origin: a.origin(m), Value: m.Value})
	case OpSettle:
		a.dismiss(&f, m.Seen)
	}
	a.put(s, m.Field, &f)
	return true
}

// put stores a field that the edit changed.
func (a *arrival) put(s *State, name string, f *Field) {
	f.tidy(a.edit.ID)
	f.Pending = f.Pending || a.tentative
	s.Fields[name] = *f
}

// insert puts a value among those that survive.
func (a *arrival) insert(f *Field, held Held) {
	if len(f.Values) > 0 {
		f.Values = insertHeld(f.Values, held)
		return
	}
	if len(a.spare) == 0 {
		a.spare = make([]Held, min(len(a.edit.Mutations), spareMax))
	}
	a.spare[0] = held
	f.Values, a.spare = a.spare[:1:1], a.spare[1:]
}

// spareMax bounds how many values share one piece of memory.
const spareMax = 16

// fits reports whether the op changes fields that merge by the rule.
func fits(op Op, rule Rule) bool {
	switch op {
	case OpSet:
		return rule == RuleRegister || rule == RuleUnique || rule == RuleText
	case OpText:
		return rule == RuleText
	case OpAdd, OpRemove:
		return rule == RuleSet
	case OpAppend:
		return rule == RuleList
	case OpCount:
		return rule == RuleCounter
	case OpTransition:
		return rule == RuleState
	case OpClaim:
		return rule == RuleRegister
	case OpSettle:
		return rule == RuleRegister || rule == RuleUnique || rule == RuleText
	}
	return false
}

// ruleOf gives the rule by which a field that nobody defined merges: the one that the mutation stands for.
func ruleOf(op Op) Rule {
	switch op {
	case OpText:
		return RuleText
	case OpAdd, OpRemove:
		return RuleSet
	case OpAppend:
		return RuleList
	case OpCount:
		return RuleCounter
	case OpTransition:
		return RuleState
	}
	return RuleRegister
}

// assign sets a register, or a text that was written on top of base.
func (a *arrival) assign(f *Field, at place, held Held, base Value, seen []EditID) {
	if f.Rule == RuleText {
		held.Value = normalised(held.Value)
		a.write(f, at, held, base, seen)
		return
	}
	before := f.Values
	a.replace(f, seen)
	if !a.isOvertaken(f, at) {
		a.insert(f, held)
	}
	a.settle(before, f.Values)
}

// replace takes away the values that the edit saw, and its own earlier one.
func (a *arrival) replace(f *Field, seen []EditID) {
	self := a.edit.ID
	f.await(seen, self)
	if len(f.Values) > 0 {
		saw := newSight(seen)
		f.drop(func(h *Held) bool { return h.Edit == self || saw.has(h.Edit) })
	}
}

// drop takes the values that gone picks away, remembering their edits.
func (f *Field) drop(gone func(*Held) bool) {
	var kept, dropped []Held
	for i := range f.Values {
		if gone(&f.Values[i]) {
			dropped = append(dropped, f.Values[i])
		} else {
			kept = append(kept, f.Values[i])
		}
	}
	if len(dropped) == 0 {
		return
	}
	f.Values = kept
	for i := range dropped {
		f.replaced(dropped[i].Edit)
		for _, id := range dropped[i].Merged {
			f.replaced(id)
		}
	}
}

// isOvertaken reports whether somebody saw and replaced what the edit brings before it came, and notes its arrival if so.
func (a *arrival) isOvertaken(f *Field, at place) bool {
	id := a.edit.ID
	if slices.Contains(a.overtaken, at) {
		return true
	}
	if _, awaited := slices.BinarySearchFunc(f.Awaited, id, EditID.Compare); !awaited {
		return false
	}
	f.Awaited = without(f.Awaited, func(other EditID) bool { return other == id })
	f.replaced(id)
	a.overtaken = append(a.overtaken, at)
	return true
}

// decide makes held the only value, as transitions and claims do: they are agreed, not merged.
func (f *Field) decide(held Held) {
	before := f.Values
	f.Values = []Held{held}
	for i := range before {
		f.replaced(before[i].Edit)
	}
}

// dismiss drops the values that were seen, except the shown one.
func (a *arrival) dismiss(f *Field, seen []EditID) {
	if len(f.Values) == 0 {
		return
	}
	before, shown := f.Values, f.Values[0].Edit
	saw := newSight(seen)
	f.drop(func(h *Held) bool { return h.Edit != shown && saw.has(h.Edit) })
	a.settle(before, f.Values)
}

// settle notes which values stood against the shown one and are gone now.
func (a *arrival) settle(before, after []Held) {
	for i := 1; i < len(before); i++ {
		held := &before[i]
		if held.Value.Equal(before[0].Value) || slices.ContainsFunc(after, func(h Held) bool { return h.Edit == held.Edit || slices.Contains(h.Merged, held.Edit) }) {
			continue
		}
		a.settled = append(a.settled, held.Edit)
	}
}

// insertHeld puts a value in its place: the latest first.
func insertHeld(values []Held, held Held) []Held {
	if len(values) == 0 {
		return []Held{held}
	}
	at, _ := slices.BinarySearchFunc(values, held, func(x, y Held) int { return -later(&x.Origin, &y.Origin) })
	return slices.Insert(slices.Clip(values), at, held)
}
