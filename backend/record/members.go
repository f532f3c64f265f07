package record

import (
	"bytes"
	"cmp"
	"slices"
)

// add puts an element into a set.
func (a *arrival) add(f *Field, at place, value Value) {
	id := a.edit.ID
	at.element = string(value)
	if slices.Contains(a.overtaken, at) {
		return
	}
	if i, found := find(f.Withdrawn, value); found && slices.Contains(f.Withdrawn[i].Adds, id) {
		f.Withdrawn = takeAdds(f.Withdrawn, i, func(other EditID) bool { return other == id })
		f.replaced(id)
		a.overtaken = append(a.overtaken, at)
		return
	}
	f.Elements = putAdd(f.Elements, value, id)
}

// remove takes an element out of a set, as far as the adds that were seen go.
func (a *arrival) remove(f *Field, value Value, seen []EditID) {
	self := a.edit.ID
	var missing []EditID
	for _, id := range seen {
		if !id.reaches(self) && !f.arrived(id) {
			missing = append(missing, id)
		}
	}
	f.Withdrawn = putAdds(f.Withdrawn, value, missing)
	i, found := find(f.Elements, value)
	if !found {
		return
	}
	saw := newSight(seen)
	gone := func(id EditID) bool { return id == self || saw.has(id) }
	dropped := without(f.Elements[i].Adds, func(id EditID) bool { return !gone(id) })
	f.Elements = takeAdds(f.Elements, i, gone)
	for _, id := range dropped {
		f.replaced(id)
	}
}

func find(elements []Element, value Value) (int, bool) {
	return slices.BinarySearchFunc(elements, value, func(e Element, v Value) int { return bytes.Compare(e.Value, v) })
}

// putAdd gives elements with the add in it, ordered by value and edit.
func putAdd(elements []Element, value Value, id EditID) []Element {
	i, found := find(elements, value)
	if !found {
		return slices.Insert(slices.Clip(elements), i, Element{Value: value, Adds: []EditID{id}})
	}
	at, known := slices.BinarySearchFunc(elements[i].Adds, id, EditID.Compare)
	if known {
		return elements
	}
	elements = slices.Clone(elements)
	elements[i].Adds = slices.Insert(slices.Clip(elements[i].Adds), at, id)
	return elements
}

// putAdds is putAdd for many at once.
func putAdds(elements []Element, value Value, ids []EditID) []Element {
	if len(ids) == 0 {
		return elements
	}
	elements = putAdd(elements, value, ids[0])
	i, _ := find(elements, value)
	all := slices.Concat(elements[i].Adds, ids)
	slices.SortFunc(all, EditID.Compare)
	elements = slices.Clone(elements)
	elements[i].Adds = slices.Compact(all)
	return elements
}

// takeAdds gives elements less the adds of the one at i that drop picks, and less that element when none is left.
func takeAdds(elements []Element, i int, drop func(EditID) bool) []Element {
	adds := without(elements[i].Adds, drop)
	elements = slices.Clone(elements)
	if len(adds) == 0 {
		return slices.Delete(elements, i, i+1)
	}
	elements[i].Adds = adds
	return elements
}

// insertItem puts an entry into a list. Of two entries with one id the one that was first stays.
func insertItem(items []Item, item Item) []Item {
	for i := range items {
		if items[i].ID != item.ID {
			continue
		}
		if compareItems(&items[i], &item) <= 0 {
			return items
		}
		items = slices.Delete(slices.Clone(items), i, i+1)
		break
	}
	at := len(items)
	for at > 0 && compareItems(&items[at-1], &item) > 0 {
		at--
	}
	return slices.Insert(slices.Clip(items), at, item)
}

func compareItems(a, b *Item) int {
	if c := cmp.Compare(a.When(), b.When()); c != 0 {
		return c
	}
	if c := a.Edit.Compare(b.Edit); c != 0 {
		return c
	}
	if c := bytes.Compare(a.ID[:], b.ID[:]); c != 0 {
		return c
	}
	return bytes.Compare(a.Value, b.Value)
}
