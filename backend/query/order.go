package query

import (
	"cmp"
	"slices"
	"strings"
)

// order keeps the rows sorted by one key, row number last, so that every row has one place.
type order struct {
	keys   []Key // by row
	sorted []uint32
	stale  bool // sorted must be made anew before its next use
}

func (k Key) compare(other Key) int {
	if c := cmp.Compare(k.Number, other.Number); c != 0 {
		return c
	}
	return strings.Compare(k.Text, other.Text)
}

func (o *order) compare(a, b uint32) int {
	if c := o.keys[a].compare(o.keys[b]); c != 0 {
		return c
	}
	return cmp.Compare(a, b)
}

func (o *order) remove(at uint32, bulk bool) {
	if o.stale = o.stale || bulk; o.stale {
		return
	}
	if place, found := slices.BinarySearchFunc(o.sorted, at, o.compare); found {
		o.sorted = slices.Delete(o.sorted, place, place+1)
	}
}

func (o *order) insert(at uint32, key Key, bulk bool) {
	o.keys[at] = key
	if o.stale = o.stale || bulk; o.stale {
		return
	}
	place, _ := slices.BinarySearchFunc(o.sorted, at, o.compare)
	o.sorted = slices.Insert(o.sorted, place, at)
}

// freshen sorts the live rows anew.
func (o *order) freshen(live []uint32) {
	slices.SortFunc(live, o.compare)
	o.sorted, o.stale = live, false
}
