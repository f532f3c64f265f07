package record

import (
	"slices"

	"holdfast/backend/record/textmerge"
)

// normalised gives a text value with LF line ends and in NFC, and any other value as it is.
func normalised(v Value) Value {
	plain := true // bytes of the head that look otherwise cost only the slower way below
	for _, b := range v {
		if b >= 0x80 || b == '\r' {
			plain = false
			break
		}
	}
	if plain || !v.isText() {
		return v
	}
	text := v.AsText()
	if clean := textmerge.Normalise(text); clean != text {
		return Text(clean)
	}
	return v
}

// isText reports whether the value is a CBOR text.
func (v Value) isText() bool { return len(v) > 0 && v[0]>>5 == 3 }

// write puts a text on top of what the field holds. When the author saw all of it, the text stands as it is. Where base is an ancestor
// of a text that the author did not see, the two are merged; if they overlap, or where no common ancestor is known, both are kept.
func (a *arrival) write(f *Field, at place, held Held, base Value, seen []EditID) {
	before, self := f.Values, a.edit.ID
	complete := !f.await(seen, self) // all that the author saw has arrived
	known := newSight(seen)
	saw := func(id EditID) bool { return id == self || known.has(id) }
	f.drop(func(h *Held) bool {
		return saw(h.Edit) && !slices.ContainsFunc(h.Merged, func(id EditID) bool { return !saw(id) })
	})
	if a.isOvertaken(f, at) {
		return
	}
	target := -1
	if complete && len(f.Values) == len(before) {
		target = ancestry(f.Values, saw)
	}
	if target < 0 || !a.mergeInto(f, at, target, held, base) {
		a.insert(f, held)
	}
	a.settle(before, f.Values)
}

// ancestry picks the value that descends from what the author saw: the only one that has some of it in it, or the only one there is,
// because then whatever came before has gone into it. It gives -1 where no value certainly does: merging on a base that is no ancestor
// would undo the changes between the two.
func ancestry(values []Held, saw func(EditID) bool) int {
	target := -1
	for i := range values {
		if !saw(values[i].Edit) && !slices.ContainsFunc(values[i].Merged, saw) {
			continue
		}
		if target >= 0 {
			return -1
		}
		target = i
	}
	if target < 0 && len(values) == 1 {
		return 0
	}
	return target
}

// mergeInto merges held with the value at target and reports whether that went without overlap.
func (a *arrival) mergeInto(f *Field, at place, target int, held Held, base Value) bool {
	other := f.Values[target]
	for _, v := range []Value{base, other.Value, held.Value} {
		if len(v) > 0 && !v.isText() {
			return false
		}
	}
	result := textmerge.Merge(base.AsText(), other.Value.AsText(), held.Value.AsText())
	if !result.Clean {
		return false
	}
	ids := append([]EditID{other.Edit, held.Edit}, other.Merged...)
	joined := Held{Origin: held.Origin, Value: Text(result.Text)}
	if later(&other.Origin, &held.Origin) > 0 {
		joined.Origin = other.Origin
	}
	slices.SortFunc(ids, EditID.Compare)
	joined.Merged = without(slices.Compact(ids), func(id EditID) bool { return id == joined.Edit })
	f.Values = insertHeld(slices.Delete(slices.Clone(f.Values), target, target+1), joined)
	a.merged = append(a.merged, at)
	return true
}
