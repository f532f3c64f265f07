package exchange

import (
	"slices"
	"time"

	"holdfast/backend/record"
)

func parseTime(text string) (time.Time, error) { return time.Parse(timeLayout, text) }

// opOf tells which mutation brings a field's value back.
var opOf = map[record.Rule]record.Op{
	record.RuleRegister: record.OpSet, record.RuleUnique: record.OpSet, record.RuleText: record.OpText, record.RuleState: record.OpTransition,
}

// mutations makes the edit that brings the record back as it was, each part by who did it when it was done. The number is given out anew: an export lists records by
// number, so an empty site gives the same ones.
func (l *line) mutations(kind *record.Kind) ([]record.Mutation, error) {
	b := restorer{line: l}
	b.add(l.Created, record.Mutation{Op: record.OpCreate, Kind: kind.Name})
	for _, value := range l.Values {
		op, ok := opOf[record.Rule(value.Rule)]
		if !ok {
			continue
		}
		parsed, err := valueOf(value.Value)
		if err != nil {
			return nil, err
		}
		b.add(value.origin, record.Mutation{Op: op, Field: value.Field, Value: parsed})
	}
	if err := b.groups(); err != nil {
		return nil, err
	}
	if l.Archived {
		b.add(l.Created, record.Mutation{Op: record.OpArchive})
	}
	return b.mutations, nil
}

type restorer struct {
	line      *line
	mutations []record.Mutation
}

func (b *restorer) add(o origin, m record.Mutation) {
	m.Record, m.By, m.On = b.line.ID, o.By, o.on()
	b.mutations = append(b.mutations, m)
}

// groups adds sets, lists and counters, by field name so that equal lines give equal edits.
func (b *restorer) groups() error {
	for _, field := range sortedKeys(b.line.Members) {
		for _, member := range b.line.Members[field] {
			value, err := valueOf(member)
			if err != nil {
				return err
			}
			b.add(b.line.Created, record.Mutation{Op: record.OpAdd, Field: field, Value: value})
		}
	}
	for _, field := range sortedKeys(b.line.Items) {
		for _, item := range b.line.Items[field] {
			value, err := valueOf(item.Value)
			if err != nil {
				return err
			}
			b.add(item.origin, record.Mutation{Op: record.OpAppend, Field: field, Item: item.ID, Value: value})
		}
	}
	for _, field := range sortedKeys(b.line.Sums) {
		b.add(b.line.Created, record.Mutation{Op: record.OpCount, Field: field, Delta: b.line.Sums[field]})
	}
	return nil
}

func sortedKeys[V any](of map[string]V) []string {
	keys := make([]string, 0, len(of))
	for key := range of {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
