package record

import (
	"slices"
)

// reserve keeps unique values unique: whoever held one first keeps it, and a later one is marked as its duplicate.
func (v *evaluation) reserve() error {
	for _, id := range slices.Clone(v.order) {
		s := v.states[id]
		for _, name := range slices.Clone(v.fields[id]) {
			if s.Fields[name].Rule != RuleUnique {
				continue
			}
			if err := v.reserveField(s, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *evaluation) reserveField(s *State, name string) error {
	var before []Held
	if old := v.before[s.ID]; old != nil {
		before = old.Fields[name].Values
	}
	for i := range before {
		value := before[i].Value
		if len(value) == 0 || holds(s.Fields[name].Values, value) || holds(before[:i], value) {
			continue
		}
		if err := v.release(s, name, value); err != nil {
			return err
		}
	}
	f := s.Fields[name]
	f.Values = slices.Clone(f.Values)
	for i := range f.Values {
		if len(f.Values[i].Value) == 0 {
			continue
		}
		holder, err := v.hold(s, name, f.Values[i].Value)
		if err != nil {
			return err
		}
		f.Values[i].Duplicate = holder
	}
	s.Fields[name] = f
	return nil
}

func holds(values []Held, value Value) bool {
	return slices.ContainsFunc(values, func(h Held) bool { return h.Value.Equal(value) })
}

func (v *evaluation) holder(s *State, field string, value Value) (*State, error) {
	return v.internal(kindHolder, internalID(kindHolder, string(s.Space), s.Kind, field, string(value)))
}

// hold makes the record the holder of a value that nobody has, or else puts it in the queue and names the one that has it.
func (v *evaluation) hold(s *State, field string, value Value) (ID, error) {
	holder, err := v.holder(s, field, value)
	if err != nil {
		return ID{}, err
	}
	switch current := holder.Shown(fieldRecord).AsRef(); current {
	case s.ID:
		return ID{}, nil
	case ID{}:
		v.award(holder, s.ID)
		return ID{}, nil
	default:
		f := holder.Fields[fieldWaiting]
		f.Rule = RuleSet
		f.Elements = putAdd(f.Elements, Ref(s.ID), v.edit.ID)
		holder.Fields[fieldWaiting] = f
		v.note(holder.ID, fieldWaiting)
		return current, nil
	}
}

func (v *evaluation) award(holder *State, id ID) {
	held := Held{Origin: Origin{Edit: v.edit.ID, At: v.at}, Value: Ref(id)}
	holder.Fields[fieldRecord] = Field{Rule: RuleRegister, Values: []Held{held}}
	v.note(holder.ID, fieldRecord)
}

// release gives up a value. Whoever waits for it has it from now on, and is a duplicate no more.
func (v *evaluation) release(s *State, field string, value Value) error {
	holder, err := v.holder(s, field, value)
	if err != nil {
		return err
	}
	waiting := holder.Fields[fieldWaiting]
	if i, found := find(waiting.Elements, Ref(s.ID)); found {
		v.leaveQueue(holder, i)
		return nil
	}
	if holder.Shown(fieldRecord).AsRef() != s.ID {
		return nil
	}
	if len(waiting.Elements) == 0 {
		v.award(holder, ID{})
		return nil
	}
	next := oldest(waiting.Elements)
	heir := waiting.Elements[next].Value.AsRef()
	v.leaveQueue(holder, next)
	v.award(holder, heir)
	return v.renameHolder(holder, field, value, heir)
}

func (v *evaluation) leaveQueue(holder *State, i int) {
	f := holder.Fields[fieldWaiting]
	f.Elements = slices.Delete(slices.Clone(f.Elements), i, i+1)
	holder.Fields[fieldWaiting] = f
	v.note(holder.ID, fieldWaiting)
}

// oldest gives the element whose add is the smallest edit, so that the choice is the same everywhere.
func oldest(elements []Element) int {
	first := 0
	for i := range elements {
		if elements[i].Adds[0].Compare(elements[first].Adds[0]) < 0 {
			first = i
		}
	}
	return first
}

// renameHolder points the duplicates of a value to its new holder.
func (v *evaluation) renameHolder(holder *State, field string, value Value, heir ID) error {
	ids := []ID{heir}
	for _, element := range holder.Fields[fieldWaiting].Elements {
		ids = append(ids, element.Value.AsRef())
	}
	for _, id := range ids {
		s, err := v.state(id)
		if err != nil {
			return err
		}
		if s == nil {
			continue
		}
		f := s.Fields[field]
		f.Values = slices.Clone(f.Values)
		for i := range f.Values {
			if f.Values[i].Value.Equal(value) {
				f.Values[i].Duplicate = heir
				if id == heir {
					f.Values[i].Duplicate = ID{}
				}
			}
		}
		s.Fields[field] = f
		v.note(id, field)
	}
	return nil
}

// HolderOf gives the record that holds a value which is unique among a kind's records of a space; the zero id when none does.
func HolderOf(r Reader, space Space, kind, field string, value Value) (ID, error) {
	holder, err := r.Committed(internalID(kindHolder, string(space), kind, field, string(value)))
	if err != nil || holder == nil {
		return ID{}, err
	}
	return holder.Shown(fieldRecord).AsRef(), nil
}
