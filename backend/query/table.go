// Package query answers lists, filters, sorts and counts from a compact in-memory table of a replica's records: a column for each facet with
// a bitmap for each of its values, and a sorted order for each sort key. The table is derived: it is rebuilt at start and kept current by change sets.
package query

import (
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
)

// Source is what a row is made from.
type Source struct {
	State       *record.State
	Provisional string
	Conflicts   int
	Parked      int
	Due         clock.Stamp // when the record's next clock runs out; zero: none does
}

// Facet is a column that lists filter by and count.
type Facet struct {
	Name string
	// Values gives the row's keys in this facet: none, one, or several for a set.
	Values func(*Source) []string
}

// Key is a sort key: Number first, then Text.
type Key struct {
	Number int64
	Text   string
}

// Order is a sort order by name.
type Order struct {
	Name string
	Key  func(*Source) Key
}

// Spec says which records a table holds and how they can be filtered and sorted.
type Spec struct {
	Kinds  []string
	Facets []Facet
	Orders []Order
}

// Row is one record in a list.
type Row struct {
	ID          record.ID
	Kind        string
	Space       record.Space
	Number      string
	Provisional string
	Title       string
	Created     clock.Stamp
	Changed     clock.Stamp
	Due         clock.Stamp
	Pending     bool
	Conflicts   int
	Parked      int
	facets      [][]uint32
}

// Table is safe for concurrent use; readers do not wait for each other.
type Table struct {
	spec     Spec
	titles   map[string]string // kind -> title field
	mu       sync.RWMutex
	rows     []Row
	index    map[record.ID]uint32
	free     []uint32
	live     *roaring.Bitmap
	facets   []column
	orders   []order
	revision uint64
}

// column is one facet: a dictionary of its keys, and the rows that have each.
type column struct {
	codes   map[string]uint32
	keys    []string
	bitmaps []*roaring.Bitmap
}

// NewTable makes an empty table. kinds tells how records are titled.
func NewTable(spec Spec, kinds record.Catalogue) *Table {
	t := &Table{
		spec: spec, titles: map[string]string{}, index: map[record.ID]uint32{}, live: roaring.New(),
		facets: make([]column, len(spec.Facets)), orders: make([]order, len(spec.Orders)),
	}
	for _, kind := range kinds {
		t.titles[kind.Name] = kind.Title
	}
	for i := range t.facets {
		t.facets[i].codes = map[string]uint32{}
	}
	return t
}

// Holds reports whether records of the kind belong into the table.
func (t *Table) Holds(kind string) bool { return slices.Contains(t.spec.Kinds, kind) }

// Put brings rows up to date with their records, archived ones leave the table. Sources of other kinds are passed over.
func (t *Table) Put(sources ...Source) {
	var own []*Source
	for i := range sources {
		if t.Holds(sources[i].State.Kind) {
			own = append(own, &sources[i])
		}
	}
	if len(own) == 0 {
		return
	}
	prepared := make([]prepared, len(own))
	if len(own) > bulkRows {
		onAllCores(len(own), func(i int) { prepared[i] = t.prepare(own[i]) })
	} else {
		for i := range own {
			prepared[i] = t.prepare(own[i])
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.revision++
	bulk := len(prepared) > bulkRows
	for i := range prepared {
		t.replace(&prepared[i], bulk)
	}
}

// bulkRows is from how many changed rows on an order is sorted anew at its next use instead of row by row.
const bulkRows = 256

// prepared is a row with its facet keys and sort keys, made outside the table's lock.
type prepared struct {
	row      Row
	archived bool
	values   [][]string
	keys     []Key
}

func (t *Table) prepare(source *Source) prepared {
	state := source.State
	p := prepared{
		archived: state.Archived,
		row: Row{
			ID: state.ID, Kind: state.Kind, Space: state.Space, Provisional: source.Provisional,
			Number: state.Shown("number").AsText(), Title: state.Shown(t.titles[state.Kind]).AsText(),
			Created: state.Created.When(), Changed: state.Changed.When(),
			Due: source.Due, Pending: state.Pending > 0, Conflicts: source.Conflicts, Parked: source.Parked,
		},
		values: make([][]string, len(t.spec.Facets)), keys: make([]Key, len(t.spec.Orders)),
	}
	for i, facet := range t.spec.Facets {
		p.values[i] = facet.Values(source)
	}
	for i, order := range t.spec.Orders {
		p.keys[i] = order.Key(source)
	}
	return p
}

func (t *Table) replace(p *prepared, bulk bool) {
	at, known := t.index[p.row.ID]
	if known {
		t.remove(at, bulk)
	}
	if p.archived {
		if known {
			delete(t.index, p.row.ID)
			t.free = append(t.free, at)
		}
		return
	}
	if !known {
		at = t.slot()
		t.index[p.row.ID] = at
	}
	t.insert(at, p, bulk)
}

func (t *Table) slot() uint32 {
	if last := len(t.free) - 1; last >= 0 {
		at := t.free[last]
		t.free = t.free[:last]
		return at
	}
	t.rows = append(t.rows, Row{})
	for i := range t.orders {
		t.orders[i].keys = append(t.orders[i].keys, Key{})
	}
	return uint32(len(t.rows) - 1)
}

func (t *Table) remove(at uint32, bulk bool) {
	t.live.Remove(at)
	for i, codes := range t.rows[at].facets {
		for _, code := range codes {
			t.facets[i].bitmaps[code].Remove(at)
		}
	}
	for i := range t.orders {
		t.orders[i].remove(at, bulk)
	}
}

func (t *Table) insert(at uint32, p *prepared, bulk bool) {
	t.live.Add(at)
	p.row.facets = make([][]uint32, len(t.facets))
	for i, values := range p.values {
		for _, value := range values {
			code := t.facets[i].code(value)
			p.row.facets[i] = append(p.row.facets[i], code)
			t.facets[i].bitmaps[code].Add(at)
		}
	}
	t.rows[at] = p.row
	for i := range t.orders {
		t.orders[i].insert(at, p.keys[i], bulk)
	}
}

func (c *column) code(key string) uint32 {
	if code, ok := c.codes[key]; ok {
		return code
	}
	code := uint32(len(c.keys))
	c.codes[key] = code
	c.keys = append(c.keys, key)
	c.bitmaps = append(c.bitmaps, roaring.New())
	return code
}

// Values gives a row's keys in a facet.
func (t *Table) Values(row *Row, facet string) []string {
	i := t.facet(facet)
	if i < 0 || i >= len(row.facets) {
		return nil
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	keys := make([]string, 0, len(row.facets[i]))
	for _, code := range row.facets[i] {
		keys = append(keys, t.facets[i].keys[code])
	}
	return keys
}

func (t *Table) facet(name string) int {
	return slices.IndexFunc(t.spec.Facets, func(f Facet) bool { return f.Name == name })
}

// Row gives the row of a record.
func (t *Table) Row(id record.ID) (Row, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	at, ok := t.index[id]
	if !ok {
		return Row{}, false
	}
	return t.rows[at], true
}

// Len gives the number of rows.
func (t *Table) Len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.index)
}

// kinds counts the rows of each kind.
func (t *Table) kinds() map[string]int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	column := &t.facets[t.facet(FacetKind)]
	counts := make(map[string]int, len(column.keys))
	for code, key := range column.keys {
		counts[key] = int(column.bitmaps[code].GetCardinality())
	}
	return counts
}
