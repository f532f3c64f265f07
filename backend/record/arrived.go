package record

import "slices"

// reaches reports whether an edit of the same incarnation as id, at or after it, is named: edits of one incarnation arrive in order.
func (e EditID) reaches(id EditID) bool {
	return e.Sequence >= id.Sequence && e.Incarnation == id.Incarnation
}

// follows reports whether e is a later edit of the incarnation of id.
func (e EditID) follows(id EditID) bool {
	return e.Sequence > id.Sequence && e.Incarnation == id.Incarnation
}

func reached(ids []EditID, id EditID) bool {
	for _, known := range ids {
		if known.reaches(id) {
			return true
		}
	}
	return false
}

// live reports whether something in the field shows that the edit has arrived.
func (f *Field) live(id EditID) bool {
	for i := range f.Values {
		if f.Values[i].Edit.reaches(id) || reached(f.Values[i].Merged, id) {
			return true
		}
	}
	for i := range f.Elements {
		if reached(f.Elements[i].Adds, id) {
			return true
		}
	}
	return false
}

// arrived reports whether the edit has reached the field before.
func (f *Field) arrived(id EditID) bool { return f.live(id) || reached(f.Replaced, id) }

// replaced notes that an edit arrived and left nothing in the field.
func (f *Field) replaced(id EditID) {
	if f.live(id) {
		return
	}
	f.Replaced = widen(f.Replaced, id)
}

// widen gives ids with id in it, one for each incarnation: its newest. ids itself stays as it is.
func widen(ids []EditID, id EditID) []EditID {
	at, found := slices.BinarySearchFunc(ids, id, func(a, b EditID) int { return a.Incarnation.Compare(b.Incarnation) })
	switch {
	case !found:
		return slices.Insert(slices.Clip(ids), at, id)
	case ids[at].Sequence < id.Sequence:
		ids = slices.Clone(ids)
		ids[at] = id
	}
	return ids
}

// widenAll is widen for many at once.
func widenAll(ids, more []EditID) []EditID {
	if len(more) < sightScan {
		for _, id := range more {
			ids = widen(ids, id)
		}
		return ids
	}
	all := slices.Concat(ids, more)
	slices.SortFunc(all, EditID.Compare)
	newest := all[:0]
	for i, id := range all {
		if i+1 == len(all) || all[i+1].Incarnation != id.Incarnation {
			newest = append(newest, id)
		}
	}
	return newest
}

// await notes those of the edits seen that have not come, so that they have no effect when they do, and reports whether there were any. What
// names self or a later edit of its incarnation is no sight but a mistake.
func (f *Field) await(seen []EditID, self EditID) bool {
	var missing []EditID
	for _, id := range seen {
		if !id.reaches(self) && !f.arrived(id) {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return false
	}
	all := slices.Concat(f.Awaited, missing)
	slices.SortFunc(all, EditID.Compare)
	f.Awaited = slices.Compact(all)
	return true
}

// sight is what the author of a mutation saw.
type sight struct {
	ids []EditID
	set map[EditID]struct{} // nil while there are few
}

// sightScan is how many edits are looked through one by one.
const sightScan = 16

func newSight(ids []EditID) sight {
	s := sight{ids: ids}
	if len(ids) > sightScan {
		s.set = make(map[EditID]struct{}, len(ids))
		for _, id := range ids {
			s.set[id] = struct{}{}
		}
	}
	return s
}

func (s *sight) has(id EditID) bool {
	if s.set != nil {
		_, ok := s.set[id]
		return ok
	}
	return slices.Contains(s.ids, id)
}

// tidy takes out of the field's memory what the arrival of the edit made pointless: what its incarnation could only have sent before.
func (f *Field) tidy(id EditID) {
	if len(f.Awaited) > 0 {
		f.Awaited = without(f.Awaited, id.follows)
	}
	if len(f.Replaced) > 0 {
		f.Replaced = without(f.Replaced, f.live)
	}
	if len(f.Withdrawn) > 0 {
		f.forgetWithdrawn(id)
	}
}

func (f *Field) forgetWithdrawn(id EditID) {
	var kept []Element
	for _, element := range f.Withdrawn {
		if adds := without(element.Adds, id.follows); len(adds) > 0 {
			kept = append(kept, Element{Value: element.Value, Adds: adds})
		}
	}
	f.Withdrawn = kept
}

// without gives ids less those that drop picks: nil when none is left, and never changes ids itself.
func without(ids []EditID, drop func(EditID) bool) []EditID {
	if !slices.ContainsFunc(ids, drop) {
		return ids
	}
	var kept []EditID
	for _, id := range ids {
		if !drop(id) {
			kept = append(kept, id)
		}
	}
	return kept
}
