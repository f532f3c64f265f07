package record

import "maps"

// Fold gives the record as people see it: the committed state with tentative edits on top. committed is nil when the record is not
// committed yet; tentative are the edits not decided on, in the order of their times. The result is nil when neither creates the
// record. What only the group can decide is not guessed: a transition or claim that no longer fits, and all that came with it,
// stays out except for comments; numbers are not given. Fold never fails and changes nothing that is handed in.
func Fold(id ID, committed *State, tentative []*Edit) *State {
	s := committed.copy(id)
	for _, e := range tentative {
		a := arrival{edit: e, at: e.Time, tentative: true}
		if a.fold(s) {
			s.Pending++
		}
	}
	if s.Kind == "" {
		return nil
	}
	return s
}

// copy gives a state of its own that shares the slices within; for a nil state a blank one.
func (s *State) copy(id ID) *State {
	if s == nil {
		return &State{ID: id, Fields: map[string]Field{}}
	}
	c := *s
	c.Fields = maps.Clone(s.Fields)
	if c.Fields == nil {
		c.Fields = map[string]Field{}
	}
	return &c
}

// fold brings the edit into the record and reports whether it concerns it.
func (a *arrival) fold(s *State) bool {
	mine := 0
	guarded := false
	for i := range a.edit.Mutations {
		m := &a.edit.Mutations[i]
		if m.Record == s.ID && !isParkedSettling(m) {
			mine++
			guarded = guarded || m.Op == OpTransition || m.Op == OpClaim
		}
	}
	if mine == 0 || (s.Kind != "" && s.Space != a.edit.Space) {
		return false
	}
	before := *s
	if guarded {
		before.Fields = maps.Clone(s.Fields)
	}
	if !a.foldAll(s, mine) {
		*s = before
		a.foldComments(s)
	}
	return true
}

// foldAll applies the edit's mutations of the record and reports false at the first that does not fit the record any more.
func (a *arrival) foldAll(s *State, count int) bool {
	if len(s.Fields) == 0 {
		s.Fields = make(map[string]Field, count)
	}
	var seen []EditID
	touched := false
	for i := range a.edit.Mutations {
		m := &a.edit.Mutations[i]
		if m.Record != s.ID || isParkedSettling(m) {
			continue
		}
		if !a.foldOne(s, m) {
			return false
		}
		if touches(m) {
			touched, seen = true, append(seen, m.Seen...)
		}
	}
	if touched {
		a.touch(s, seen)
	}
	a.stamp(s)
	return true
}

func (a *arrival) foldOne(s *State, m *Mutation) bool {
	switch m.Op {
	case OpCreate:
		a.create(s, m)
		return true
	case OpArchive, OpRestore:
		a.archive(s, m)
		s.markPending(FieldArchived)
		return true
	case OpRedact: // nothing is gone before it is agreed
		s.markPending(m.Field)
		return true
	case OpTransition, OpClaim:
		if !a.stillFits(s, m) {
			return false
		}
	}
	rule := s.Fields[m.Field].Rule
	if rule == "" {
		rule = ruleOf(m.Op)
	}
	if a.change(s, rule, m) && len(m.With) > 0 {
		a.pairs(s, m, func(string) Rule { return RuleRegister })
	}
	return true
}

// stillFits reports whether a transition or claim starts from what the record shows. Imported steps are facts, not wishes.
func (a *arrival) stillFits(s *State, m *Mutation) bool {
	for _, pair := range m.With {
		if rule := s.Fields[pair.Field].Rule; rule != "" && !fits(OpSet, rule) {
			return false
		}
	}
	if m.Op == OpClaim {
		return s.Shown(m.Field).Equal(m.Base)
	}
	return m.On != 0 || s.Shown(m.Field).AsText() == m.From
}

// foldComments applies what stays of an edit that will probably be parked.
func (a *arrival) foldComments(s *State) {
	for i := range a.edit.Mutations {
		m := &a.edit.Mutations[i]
		if m.Record != s.ID || isParkedSettling(m) {
			continue
		}
		if m.Op == OpAppend {
			a.change(s, RuleList, m)
		}
		s.markPending(m.Field)
	}
}

// pairs sets the fields that belong to a transition. A field that does not exist yet merges by what define says.
func (a *arrival) pairs(s *State, m *Mutation, define func(field string) Rule) {
	for _, pair := range m.With {
		f := s.Fields[pair.Field]
		if f.Rule == "" {
			f.Rule = define(pair.Field)
		}
		if !fits(OpSet, f.Rule) {
			continue
		}
		a.assign(&f, place{record: s.ID, field: pair.Field}, Held{Origin: a.origin(m), Value: pair.Value}, nil, m.Seen)
		a.put(s, pair.Field, &f)
	}
}

// create brings the record into being; a second creation changes nothing.
func (a *arrival) create(s *State, m *Mutation) {
	if s.Kind != "" {
		return
	}
	s.Kind, s.Space, s.Created = m.Kind, a.edit.Space, a.origin(m)
}

// stamp notes the edit as the record's newest, if it is.
func (a *arrival) stamp(s *State) {
	o := Origin{Edit: a.edit.ID, Author: a.edit.Author, At: a.at}
	if s.Changed.Edit.IsZero() || later(&o, &s.Changed) > 0 {
		s.Changed = o
	}
}

func (s *State) markPending(field string) {
	if field == "" {
		return
	}
	f, ok := s.Fields[field]
	if ok {
		f.Pending = true
		s.Fields[field] = f
	}
}

// isParkedSettling tells the settling of a parked edit, which changes no field.
func isParkedSettling(m *Mutation) bool { return m.Op == OpSettle && m.Field == "" }
