package query

import (
	"cmp"
	"slices"
	"sync"

	"holdfast/backend/record"
)

// Renumbered is a record that had other numbers before the cluster was recovered.
type Renumbered struct {
	Row    Row
	Former []string // in the order of numbers
}

// formerNumbers keeps the records that have some: there are few if any, so nobody has to look through all records for them. It is safe for concurrent use.
type formerNumbers struct {
	mu sync.RWMutex
	of map[record.ID][]string
}

func (f *formerNumbers) put(sources []Source) {
	for i := range sources {
		state := sources[i].State
		elements := state.Fields[record.FieldFormerNumbers].Elements
		f.mu.RLock()
		known := f.of[state.ID] != nil
		f.mu.RUnlock()
		if len(elements) == 0 && !known {
			continue
		}
		numbers := make([]string, 0, len(elements))
		for _, element := range elements {
			numbers = append(numbers, element.Value.AsText())
		}
		slices.Sort(numbers)
		f.set(state.ID, numbers)
	}
}

func (f *formerNumbers) set(id record.ID, numbers []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(numbers) == 0 {
		delete(f.of, id)
		return
	}
	if f.of == nil {
		f.of = map[record.ID][]string{}
	}
	f.of[id] = numbers
}

// Renumbered gives all records that had other numbers before the cluster was recovered, by the number that they have now.
func (t *Tables) Renumbered() []Renumbered {
	t.former.mu.RLock()
	all := make([]Renumbered, 0, len(t.former.of))
	for id, numbers := range t.former.of {
		if row, there := t.Row(id); there {
			all = append(all, Renumbered{row, numbers})
		}
	}
	t.former.mu.RUnlock()
	slices.SortFunc(all, func(a, b Renumbered) int {
		return cmp.Or(cmp.Compare(a.Row.Number, b.Row.Number), slices.Compare(a.Row.ID[:], b.Row.ID[:]))
	})
	return all
}
