package store

import (
	"cmp"
	"slices"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
)

// PendingCursor is a place in the order of tentative edits; the zero value is before the first.
type PendingCursor struct {
	Time clock.Stamp
	Edit record.EditID
}

func cursorOf(e *record.Edit) PendingCursor { return PendingCursor{e.Time, e.ID} }

func (c PendingCursor) compare(other PendingCursor) int {
	return cmp.Or(cmp.Compare(c.Time, other.Time), c.Edit.Compare(other.Edit))
}

func byTime(e *record.Edit, at PendingCursor) int { return cursorOf(e).compare(at) }

// pendingSet holds the tentative edits in memory: by incarnation, by hybrid time, by record. It has no lock of its own.
type pendingSet struct {
	tails   map[spaced][]*record.Edit // without gaps, ascending; never empty
	ordered map[record.Space][]*record.Edit
	records map[record.ID][]*record.Edit
	count   int
}

func newPendingSet() *pendingSet {
	return &pendingSet{
		tails:   map[spaced][]*record.Edit{},
		ordered: map[record.Space][]*record.Edit{},
		records: map[record.ID][]*record.Edit{},
	}
}

// touched gives the records that an edit's mutations name, each once.
func touched(e *record.Edit) []record.ID {
	var ids []record.ID
	var seen map[record.ID]bool // made for the few edits that name many records
	for i := range e.Mutations {
		id := e.Mutations[i].Record
		switch {
		case len(ids) > 0 && ids[len(ids)-1] == id, id == record.ID{}, seen[id]:
			continue
		case seen == nil && slices.Contains(ids, id):
			continue
		}
		if ids = append(ids, id); len(ids) == touchedFew {
			seen = make(map[record.ID]bool, 2*touchedFew)
			for _, known := range ids {
				seen[known] = true
			}
		} else if seen != nil {
			seen[id] = true
		}
	}
	return ids
}

// touchedFew is up to how many records looking through them is quicker than a map.
const touchedFew = 8

// add takes an edit that follows its incarnation's last, or is one of those that close the gap before its first.
func (p *pendingSet) add(e *record.Edit) {
	key := spaced{e.Space, e.ID.Incarnation}
	tail := p.tails[key]
	at, _ := slices.BinarySearchFunc(tail, e.ID.Sequence, func(held *record.Edit, sequence uint64) int { return cmp.Compare(held.ID.Sequence, sequence) })
	if at == len(tail) {
		p.tails[key] = append(tail, e)
	} else {
		p.tails[key] = slices.Insert(slices.Clip(tail), at, e)
	}
	p.ordered[e.Space] = insertByTime(p.ordered[e.Space], e)
	for _, id := range touched(e) {
		p.records[id] = insertByTime(p.records[id], e)
	}
	p.count++
}

// insertByTime never changes what readers hold of list below its length: it appends, or makes a new list.
func insertByTime(list []*record.Edit, e *record.Edit) []*record.Edit {
	at, _ := slices.BinarySearchFunc(list, cursorOf(e), byTime)
	if at == len(list) {
		return append(list, e)
	}
	return slices.Insert(slices.Clip(list), at, e)
}

// remove takes edits out; they are the first of their incarnations' tails, or whole tails.
func (p *pendingSet) remove(edits []*record.Edit) {
	gone := make(map[*record.Edit]bool, len(edits))
	records := map[record.ID]bool{}
	spaces := map[record.Space]bool{}
	tails := map[spaced]bool{}
	for _, e := range edits {
		gone[e] = true
		spaces[e.Space] = true
		tails[spaced{e.Space, e.ID.Incarnation}] = true
		for _, id := range touched(e) {
			records[id] = true
		}
	}
	for key := range tails {
		replace(p.tails, key, without(p.tails[key], gone))
	}
	for space := range spaces {
		replace(p.ordered, space, without(p.ordered[space], gone))
	}
	for id := range records {
		replace(p.records, id, without(p.records[id], gone))
	}
	p.count -= len(gone)
}

func replace[K comparable](in map[K][]*record.Edit, key K, list []*record.Edit) {
	if len(list) == 0 {
		delete(in, key)
		return
	}
	in[key] = list
}

// without gives list less what is gone; where that is the start of the list, it is cut off without copying.
func without(list []*record.Edit, gone map[*record.Edit]bool) []*record.Edit {
	n := 0
	for n < len(list) && gone[list[n]] {
		n++
	}
	rest := list[n:]
	if n == len(gone) || !slices.ContainsFunc(rest, func(e *record.Edit) bool { return gone[e] }) {
		return rest
	}
	kept := make([]*record.Edit, 0, len(rest))
	for _, e := range rest {
		if !gone[e] {
			kept = append(kept, e)
		}
	}
	return kept
}

func (p *pendingSet) find(space record.Space, id record.EditID) *record.Edit {
	tail := p.tails[spaced{space, id.Incarnation}]
	if len(tail) == 0 || id.Sequence < tail[0].ID.Sequence {
		return nil
	}
	at := id.Sequence - tail[0].ID.Sequence
	if at >= uint64(len(tail)) {
		return nil
	}
	return tail[at]
}

func (p *pendingSet) after(space record.Space, at PendingCursor, limit int) []*record.Edit {
	list := p.ordered[space]
	from, found := slices.BinarySearchFunc(list, at, byTime)
	if found {
		from++
	}
	return slices.Clone(list[from:min(len(list), from+max(limit, 0))])
}
