package record

import "holdfast/backend/core/clock"

// Rule names how a field merges (design section 3).
type Rule string

// The merge rules.
const (
	RuleRegister Rule = "register"
	RuleText     Rule = "text"
	RuleSet      Rule = "set"
	RuleList     Rule = "list"
	RuleCounter  Rule = "counter"
	RuleState    Rule = "state"
	RuleNumber   Rule = "number"
	RuleUnique   Rule = "unique"
)

// State is a record as committed, or as seen with tentative edits folded on top. States are values: the functions of this
// package return new ones and never change those handed in.
type State struct {
	ID       ID
	Kind     string
	Space    Space
	Created  Origin
	Changed  Origin // the newest effective edit
	Archived bool
	Fields   map[string]Field
	// Pending counts the tentative edits folded in; zero in a committed state.
	Pending int
}

// Origin says which edit brought something about, who did it and when.
type Origin struct {
	Edit   EditID      `cbor:"1,keyasint"`
	Author ID          `cbor:"2,keyasint"`
	At     clock.Stamp `cbor:"3,keyasint"` // effective time
	On     clock.Stamp `cbor:"4,keyasint,omitempty"`
}

// Field is the merged state of one field. Which parts are in use follows from Rule.
type Field struct {
	Rule Rule
	// Values are the values that no other edit has seen and replaced, the shown one first, then by effective time, newest first. Register, text,
	// state, number and unique. More than one distinct value is a conflict.
	Values []Held
	// Elements are the members of a set, ordered by value.
	Elements []Element
	// Items are the entries of a list, by the time at which they happened, then edit, then id.
	Items []Item
	// Sum is a counter's value.
	Sum int64
	// Awaited are edits that were seen and replaced before they arrived themselves; when one comes it has no effect here.
	Awaited []EditID
	// Replaced names, for each incarnation, the newest edit that arrived and left nothing above. Edits of one incarnation arrive in
	// order, so whatever is at or below one of these, or below an edit named above, has arrived.
	Replaced []EditID
	// Withdrawn are the adds of a set that were removed before they arrived.
	Withdrawn []Element
	// Pending says that a tentative edit touched the field.
	Pending bool
}

// When gives the instant at which it happened: the source's own where it was imported, or the effective time.
func (o Origin) When() clock.Stamp {
	if o.On != 0 {
		return o.On
	}
	return o.At
}

// Held is one surviving value of a field.
type Held struct {
	Origin
	Value Value
	// Merged are the edits besides Origin.Edit whose text went into Value.
	Merged []EditID
	// Duplicate names the record that has held this unique value for longer.
	Duplicate ID
}

// Element is one member of a set with the edits that added it.
type Element struct {
	Value Value
	Adds  []EditID
}

// Item is one entry of a list.
type Item struct {
	Origin
	ID    ID
	Value Value
}

// Shown gives the value to show for a register-like field, or nil when the field is empty.
func (s *State) Shown(field string) Value {
	f := s.Fields[field]
	if len(f.Values) == 0 {
		return nil
	}
	return f.Values[0].Value
}

// Seen gives the edits that a person who looks at the field has seen: what a mutation on top of it must name.
func (f *Field) Seen() []EditID {
	var seen []EditID
	for i := range f.Values {
		seen = append(append(seen, f.Values[i].Edit), f.Values[i].Merged...)
	}
	return seen
}

// Seen gives the edits that went into this one value: what a mutation names that goes on from it and leaves a conflict as it is.
func (h *Held) Seen() []EditID { return append([]EditID{h.Edit}, h.Merged...) }

// Conflicts gives the surviving values that are not shown and differ from the shown one.
func (f *Field) Conflicts() []Held {
	var others []Held
	for i, held := range f.Values {
		if i > 0 && !held.Value.Equal(f.Values[0].Value) {
			others = append(others, held)
		}
	}
	return others
}
