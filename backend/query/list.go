package query

import (
	"cmp"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// Request asks for one page of a list.
type Request struct {
	// Filters keep the rows that have at least one of the keys in each facet named.
	Filters map[string][]string
	// Only, when not nil, keeps the rows with these ids (what a search found).
	Only       []record.ID
	Order      string
	Descending bool
	Offset     int
	Limit      int // rows of the page; 1 to limit.PageRowsMax
}

// Count is how many rows have a key. A facet's own filter does not narrow its counts, so that its other keys stay to be chosen.
type Count struct {
	Key   string
	Count int
}

// Page is one page of a list with the counts of all facets.
type Page struct {
	Rows     []Row
	Total    int
	Facets   map[string][]Count
	Revision uint64
}

// List answers a request.
func (t *Table) List(q Request) (*Page, error) {
	const op = "query.List"
	if q.Limit < 1 || q.Limit > limit.PageRowsMax || q.Offset < 0 {
		return nil, fault.Newf(fault.Invalid, op, "A page holds between 1 and %d rows.", limit.PageRowsMax)
	}
	by := slices.IndexFunc(t.spec.Orders, func(o Order) bool { return o.Name == q.Order })
	if by < 0 {
		return nil, fault.Newf(fault.Invalid, op, "This list cannot be sorted by %q.", q.Order)
	}
	for name := range q.Filters {
		if t.facet(name) < 0 {
			return nil, fault.Newf(fault.Invalid, op, "This list cannot be filtered by %q.", name)
		}
	}
	t.lockFresh(by)
	defer t.mu.RUnlock()
	base := t.base(q.Only)
	filters := t.filters(q.Filters)
	matching := intersect(base, filters, -1)
	return &Page{
		Rows:  t.page(&t.orders[by], matching, q),
		Total: int(matching.GetCardinality()), Facets: t.counts(base, matching, filters), Revision: t.revision,
	}, nil
}

// lockFresh takes the read lock at a moment when the order is not stale.
func (t *Table) lockFresh(by int) {
	for {
		t.mu.RLock()
		if !t.orders[by].stale {
			return
		}
		t.mu.RUnlock()
		t.mu.Lock()
		if t.orders[by].stale {
			t.orders[by].freshen(t.live.ToArray())
		}
		t.mu.Unlock()
	}
}

func (t *Table) base(only []record.ID) *roaring.Bitmap {
	if only == nil {
		return t.live
	}
	base := roaring.New()
	for _, id := range only {
		if at, ok := t.index[id]; ok {
			base.Add(at)
		}
	}
	return base
}

// filters gives for each facet the rows that its filter keeps, or nil where there is no filter.
func (t *Table) filters(wanted map[string][]string) []*roaring.Bitmap {
	filters := make([]*roaring.Bitmap, len(t.facets))
	for name, keys := range wanted {
		if len(keys) == 0 {
			continue
		}
		i := t.facet(name)
		kept := make([]*roaring.Bitmap, 0, len(keys))
		for _, key := range keys {
			if code, ok := t.facets[i].codes[key]; ok {
				kept = append(kept, t.facets[i].bitmaps[code])
			}
		}
		filters[i] = roaring.FastOr(kept...)
	}
	return filters
}

// intersect gives base narrowed by all filters but one (-1: by all).
func intersect(base *roaring.Bitmap, filters []*roaring.Bitmap, without int) *roaring.Bitmap {
	all := []*roaring.Bitmap{base}
	for i, filter := range filters {
		if filter != nil && i != without {
			all = append(all, filter)
		}
	}
	if len(all) == 1 {
		return base
	}
	return roaring.FastAnd(all...)
}

func (t *Table) page(o *order, matching *roaring.Bitmap, q Request) []Row {
	rows := make([]Row, 0, q.Limit)
	if matching.GetCardinality() <= sparseRows {
		return t.sparsePage(o, matching, q)
	}
	skip := q.Offset
	for i := range o.sorted {
		at := o.sorted[i]
		if q.Descending {
			at = o.sorted[len(o.sorted)-1-i]
		}
		if !matching.Contains(at) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if rows = append(rows, t.rows[at]); len(rows) == q.Limit {
			break
		}
	}
	return rows
}

// sparseRows is up to how many matching rows sorting them is quicker than walking the whole order.
const sparseRows = 2000

func (t *Table) sparsePage(o *order, matching *roaring.Bitmap, q Request) []Row {
	found := matching.ToArray()
	slices.SortFunc(found, o.compare)
	if q.Descending {
		slices.Reverse(found)
	}
	found = found[min(q.Offset, len(found)):]
	rows := make([]Row, 0, q.Limit)
	for _, at := range found[:min(q.Limit, len(found))] {
		rows = append(rows, t.rows[at])
	}
	return rows
}

func (t *Table) counts(base, matching *roaring.Bitmap, filters []*roaring.Bitmap) map[string][]Count {
	counts := make(map[string][]Count, len(t.facets))
	for i := range t.facets {
		within := matching
		if filters[i] != nil {
			within = intersect(base, filters, i)
		}
		counts[t.spec.Facets[i].Name] = t.countFacet(i, within)
	}
	return counts
}

func (t *Table) countFacet(i int, within *roaring.Bitmap) []Count {
	column := &t.facets[i]
	tally := make([]int, len(column.keys))
	switch cardinality := within.GetCardinality(); {
	case cardinality == t.live.GetCardinality():
		for code, bitmap := range column.bitmaps {
			tally[code] = int(bitmap.GetCardinality())
		}
	case cardinality < uint64(len(column.keys))*rowsPerBitmap:
		for it := within.Iterator(); it.HasNext(); {
			for _, code := range t.rows[it.Next()].facets[i] {
				tally[code]++
			}
		}
	default:
		for code, bitmap := range column.bitmaps {
			tally[code] = int(bitmap.AndCardinality(within))
		}
	}
	return ranked(column.keys, tally)
}

// rowsPerBitmap is how many rows can be looked at in the time that one intersection of two bitmaps takes.
const rowsPerBitmap = 64

func ranked(keys []string, tally []int) []Count {
	counts := make([]Count, 0, len(keys))
	for code, n := range tally {
		if n > 0 {
			counts = append(counts, Count{keys[code], n})
		}
	}
	slices.SortFunc(counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Key, b.Key))
	})
	return counts
}
