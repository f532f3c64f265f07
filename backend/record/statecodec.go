package record

import (
	"bytes"
	"slices"

	"holdfast/backend/core/fault"
)

// stateVersion is the first byte of an encoded state.
//
//	1: the first.
const stateVersion = 1

// Flags of an encoded field: which parts follow.
const (
	partValues = 1 << iota
	partElements
	partItems
	partSum
	partAwaited
	partReplaced
	partWithdrawn
	partPending
)

// Flags of an encoded value.
const (
	heldMerged = 1 << iota
	heldDuplicate
)

// rules are the numbers of the merge rules in encoded fields. Append only. Number 0 is followed by the rule's name.
var rules = [...]Rule{1: RuleRegister, 2: RuleText, 3: RuleSet, 4: RuleList, 5: RuleCounter, 6: RuleState, 7: RuleNumber, 8: RuleUnique}

// EncodeState gives a state's packed form: the same bytes for equal states, whatever way they came about.
func EncodeState(s *State) []byte {
	p := packer{body: make([]byte, 0, 768)}
	p.raw(s.ID[:])
	p.text(s.Kind)
	p.text(string(s.Space))
	p.origin(s.Created)
	p.origin(s.Changed)
	archived := byte(0)
	if s.Archived {
		archived = 1
	}
	p.byte(archived)
	p.uint(uint64(s.Pending))
	names := make([]string, 0, 32)
	for name := range s.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	p.uint(uint64(len(names)))
	for _, name := range names {
		f := s.Fields[name]
		p.text(name)
		p.field(&f)
	}
	return p.bytes(stateVersion)
}

// DecodeState reads what EncodeState wrote (fault.Corrupt otherwise). The state's values are parts of raw: the caller changes neither.
func DecodeState(raw []byte) (*State, error) {
	u := newUnpacker(raw, stateVersion)
	s := &State{ID: u.id(), Kind: u.text(), Space: Space(u.text()), Created: u.origin(), Changed: u.origin()}
	s.Archived = u.byte() == 1
	s.Pending = int(u.uint())
	n := u.count(3)
	s.Fields = make(map[string]Field, n)
	for range n {
		name := u.text()
		s.Fields[name] = u.field()
		if u.broken {
			break
		}
	}
	if u.broken || len(u.rest) != 0 || len(s.Fields) != n {
		return nil, errDamaged("record.DecodeState")
	}
	return s, nil
}

func errDamaged(op string) error {
	return fault.New(fault.Corrupt, op, "A stored record is damaged. Run the doctor command; another device can repair it.")
}

func (p *packer) field(f *Field) {
	p.rule(f.Rule)
	p.byte(f.parts())
	if len(f.Values) > 0 {
		p.uint(uint64(len(f.Values)))
		for i := range f.Values {
			p.held(&f.Values[i])
		}
	}
	p.elements(f.Elements)
	if len(f.Items) > 0 {
		p.uint(uint64(len(f.Items)))
		for i := range f.Items {
			p.origin(f.Items[i].Origin)
			p.raw(f.Items[i].ID[:])
			p.value(f.Items[i].Value)
		}
	}
	if f.Sum != 0 {
		p.int(f.Sum)
	}
	if len(f.Awaited) > 0 {
		p.edits(f.Awaited)
	}
	if len(f.Replaced) > 0 {
		p.edits(f.Replaced)
	}
	p.elements(f.Withdrawn)
}

func (f *Field) parts() byte {
	var parts byte
	mark := func(there bool, part byte) {
		if there {
			parts |= part
		}
	}
	mark(len(f.Values) > 0, partValues)
	mark(len(f.Elements) > 0, partElements)
	mark(len(f.Items) > 0, partItems)
	mark(f.Sum != 0, partSum)
	mark(len(f.Awaited) > 0, partAwaited)
	mark(len(f.Replaced) > 0, partReplaced)
	mark(len(f.Withdrawn) > 0, partWithdrawn)
	mark(f.Pending, partPending)
	return parts
}

func (p *packer) rule(rule Rule) {
	n := slices.Index(rules[1:], rule) + 1
	p.byte(byte(n))
	if n == 0 {
		p.text(string(rule))
	}
}

func (p *packer) held(h *Held) {
	p.origin(h.Origin)
	p.value(h.Value)
	var flags byte
	if len(h.Merged) > 0 {
		flags |= heldMerged
	}
	if h.Duplicate != (ID{}) {
		flags |= heldDuplicate
	}
	p.byte(flags)
	if len(h.Merged) > 0 {
		p.edits(h.Merged)
	}
	if h.Duplicate != (ID{}) {
		p.raw(h.Duplicate[:])
	}
}

func (p *packer) elements(elements []Element) {
	if len(elements) == 0 {
		return
	}
	p.uint(uint64(len(elements)))
	for i := range elements {
		p.value(elements[i].Value)
		p.edits(elements[i].Adds)
	}
}

func (u *unpacker) field() Field {
	var f Field
	f.Rule = u.rule()
	parts := u.byte()
	if parts&partValues != 0 {
		f.Values = make([]Held, u.count(3))
		for i := range f.Values {
			f.Values[i] = u.held()
		}
	}
	if parts&partElements != 0 {
		f.Elements = u.elements()
	}
	if parts&partItems != 0 {
		f.Items = make([]Item, u.count(18))
		for i := range f.Items {
			f.Items[i] = Item{Origin: u.origin(), ID: u.id(), Value: u.value()}
		}
	}
	if parts&partSum != 0 {
		f.Sum = u.int()
	}
	if parts&partAwaited != 0 {
		f.Awaited = u.edits()
	}
	if parts&partReplaced != 0 {
		f.Replaced = u.edits()
	}
	if parts&partWithdrawn != 0 {
		f.Withdrawn = u.elements()
	}
	f.Pending = parts&partPending != 0
	return f
}

func (u *unpacker) rule() Rule {
	n := u.byte()
	switch {
	case n == 0:
		return Rule(u.text())
	case int(n) < len(rules):
		return rules[n]
	}
	u.broken = true
	return ""
}

func (u *unpacker) held() Held {
	h := Held{Origin: u.origin(), Value: u.value()}
	flags := u.byte()
	if flags&heldMerged != 0 {
		h.Merged = u.edits()
	}
	if flags&heldDuplicate != 0 {
		h.Duplicate = u.id()
	}
	return h
}

func (u *unpacker) elements() []Element {
	elements := make([]Element, u.count(2))
	for i := range elements {
		elements[i] = Element{Value: u.value(), Adds: u.edits()}
		if i > 0 && bytes.Compare(elements[i-1].Value, elements[i].Value) >= 0 {
			u.broken = true
		}
	}
	return elements
}
