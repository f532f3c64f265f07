package query

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// Store is what the tables read from.
type Store interface {
	// EachView calls yield for every record, one at a time.
	EachView(ctx context.Context, yield func(*record.State) error) error
}

// Tables are the tables of all kinds, one for each group of kinds that share lists.
type Tables struct {
	store       Store
	provisional func(*record.State) string
	parked      func(record.ID) int
	due         func(*record.State) clock.Stamp
	tables      []*Table
	former      formerNumbers
}

// TablesConfig says what the tables are made of.
type TablesConfig struct {
	Store  Store
	Kinds  record.Catalogue
	Groups [][]string // kinds that share one table; every other kind has its own
	Phase  Phase
	// Provisional gives the provisional number of a record, Parked how many parked edits wait on it.
	Provisional func(*record.State) string
	Parked      func(record.ID) int
	// Due gives when a record's next clock runs out, zero for none; nil: there are no clocks.
	Due func(*record.State) clock.Stamp
}

// NewTables makes empty tables: call Load, then Refresh with every change set.
func NewTables(c TablesConfig) *Tables {
	t := &Tables{store: c.Store, provisional: c.Provisional, parked: c.Parked, due: c.Due}
	grouped := map[string]bool{}
	add := func(names []string) {
		var kinds []record.Kind
		for _, name := range names {
			if kind, ok := c.Kinds.Kind(name); ok {
				kinds = append(kinds, *kind)
				grouped[name] = true
			}
		}
		if len(kinds) > 0 {
			t.tables = append(t.tables, NewTable(SpecFor(kinds, c.Phase), c.Kinds))
		}
	}
	for _, group := range c.Groups {
		add(group)
	}
	for _, kind := range c.Kinds {
		if !grouped[kind.Name] {
			add([]string{kind.Name})
		}
	}
	return t
}

// For gives the table that holds a kind, or nil.
func (t *Tables) For(kind string) *Table {
	for _, table := range t.tables {
		if table.Holds(kind) {
			return table
		}
	}
	return nil
}

// loadBatch is how many records Load hands to the tables at once.
const loadBatch = 4096

// Load fills the tables from every record of the replica.
func (t *Tables) Load(ctx context.Context) error {
	batch := make([]*record.State, 0, loadBatch)
	err := t.store.EachView(ctx, func(state *record.State) error {
		if batch = append(batch, state); len(batch) == loadBatch {
			t.put(t.sources(batch))
			batch = batch[:0]
		}
		return nil
	})
	t.put(t.sources(batch))
	return err
}

// sources works states out on all cores: reckoning when a ticket is due costs more than reading it.
func (t *Tables) sources(states []*record.State) []Source {
	sources := make([]Source, len(states))
	onAllCores(len(states), func(i int) { sources[i] = t.source(states[i]) })
	return sources
}

// onAllCores does n things that do not touch each other, and returns when all are done.
func onAllCores(n int, do func(i int)) {
	cores := min(runtime.GOMAXPROCS(0), max(n, 1))
	var all sync.WaitGroup
	for core := range cores {
		all.Go(func() {
			for i := core; i < n; i += cores {
				do(i)
			}
		})
	}
	all.Wait()
}

// Refresh brings the rows of records up to date.
func (t *Tables) Refresh(states ...*record.State) {
	sources := make([]Source, 0, len(states))
	for _, state := range states {
		sources = append(sources, t.source(state))
	}
	t.put(sources)
}

func (t *Tables) put(sources []Source) {
	for _, table := range t.tables {
		table.Put(sources...)
	}
	t.former.put(sources)
}

func (t *Tables) source(state *record.State) Source {
	conflicts := 0
	for name := range state.Fields {
		field := state.Fields[name]
		conflicts += len(field.Conflicts())
	}
	source := Source{State: state, Provisional: t.provisional(state), Conflicts: conflicts, Parked: t.parked(state.ID)}
	if t.due != nil {
		source.Due = t.due(state)
	}
	return source
}

// Row gives the row of a record by id, whichever table holds it.
func (t *Tables) Row(id record.ID) (Row, bool) {
	for _, table := range t.tables {
		if row, ok := table.Row(id); ok {
			return row, true
		}
	}
	return Row{}, false
}

// Newest gives the records that changed last, over all tables, newest first.
func (t *Tables) Newest(count int) []Row {
	var rows []Row
	for _, table := range t.tables {
		page, err := table.List(Request{Order: OrderChanged, Descending: true, Limit: min(count, limit.PageRowsMax)})
		if err == nil {
			rows = append(rows, page.Rows...)
		}
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(b.Changed, a.Changed) })
	return rows[:min(count, len(rows))]
}

// Counts gives how many records there are of each kind.
func (t *Tables) Counts() map[string]int {
	counts := map[string]int{}
	for _, table := range t.tables {
		for kind, count := range table.kinds() {
			counts[kind] = count
		}
	}
	return counts
}
