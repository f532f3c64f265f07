package exchange

import (
	"strconv"
	"time"

	"holdfast/backend/config"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// builder makes one incident's mutations, step by step.
type builder struct {
	log      *Log
	item     *Item
	previous map[string]string // column -> value after the step before
	existing *record.State     // the incident as it is here already, or nil
	steps    map[int]int       // modification count -> how many rows had it: some sources repeat one
}

func (b *builder) remember(row *logRow) {
	for column, cell := range row.cells {
		b.previous[column] = cell
	}
}

// step adds what one row changed, done by the row's person at the row's time. Every row leaves an entry in the work log, so that a step that
// changed nothing visible is not lost.
func (b *builder) step(row *logRow, first bool) error {
	by, err := b.person(row.cells[b.log.mapping.StepBy], row.line)
	if err != nil {
		return err
	}
	if first {
		if err := b.open(row); err != nil {
			return err
		}
	}
	begin := len(b.item.Mutations)
	if err := b.changes(row); err != nil {
		return err
	}
	count := strconv.Itoa(row.count)
	name := row.cells[b.log.mapping.Number] + "/" + count
	if b.steps[row.count]++; b.steps[row.count] > 1 {
		name += "/" + strconv.Itoa(b.steps[row.count])
	}
	b.add(record.Mutation{
		Op: record.OpAppend, Field: ticket.FieldWork, Item: b.log.id("step", name),
		Value: record.Named(map[string]record.Value{
			ticket.ItemText: record.Text("Step " + count + " of the source: " + row.cells[b.log.mapping.StateField]),
			"step":          record.Integer(int64(row.count)),
		}),
	})
	for i := begin; i < len(b.item.Mutations); i++ {
		b.item.Mutations[i].By, b.item.Mutations[i].On = by, stamp(row.at)
	}
	b.remember(row)
	b.item.Steps++
	return nil
}

func (b *builder) person(name string, line int) (record.ID, error) {
	if name == "" {
		return record.ID{}, nil
	}
	return b.log.named(people.Person, name, line)
}

func (b *builder) add(m record.Mutation) {
	m.Record = b.item.Record
	if b.existing != nil && m.Op == record.OpSet {
		field := b.existing.Fields[m.Field]
		m.Seen = field.Seen()
	}
	b.item.Mutations = append(b.item.Mutations, m)
}

// open makes the incident, by who opened it when it was opened.
func (b *builder) open(row *logRow) error {
	by, err := b.person(row.cells[b.log.mapping.OpenedBy], row.line)
	if err != nil {
		return err
	}
	at, err := b.log.when(row.cells[b.log.mapping.OpenedAt])
	if err != nil {
		at = row.at
	}
	b.add(record.Mutation{Op: record.OpCreate, Kind: ticket.Incident, By: by, On: stamp(at)})
	b.add(record.Mutation{Op: record.OpSet, Field: ticket.FieldTitle, Value: record.Text(b.log.title(row)), By: by, On: stamp(at)})
	return nil
}

// changes adds a mutation for each mapped column that differs from the step before.
func (b *builder) changes(row *logRow) error {
	state := row.cells[b.log.mapping.StateField]
	before, after := b.log.mapping.States[b.previous[b.log.mapping.StateField]], b.log.mapping.States[state]
	if before != after {
		b.add(record.Mutation{Op: record.OpTransition, Field: ticket.FieldStatus, From: before, Value: record.Text(after)})
		b.marks(row, before, after)
	}
	for _, field := range b.log.mapping.Fields {
		cell := row.cells[field.Column]
		if meaning(&field, cell) == meaning(&field, b.previous[field.Column]) {
			continue
		}
		if cell == "" {
			delete(b.previous, field.Column)
		}
		value, err := b.value(field, cell, row.line)
		if err != nil {
			return err
		}
		b.add(record.Mutation{Op: record.OpSet, Field: field.Field, Value: value})
	}
	return nil
}

// marks notes when the incident was resolved, closed and taken up again.
func (b *builder) marks(row *logRow, before, after string) {
	at := record.Instant(stamp(row.at))
	switch {
	case after == "resolved":
		b.add(record.Mutation{Op: record.OpSet, Field: ticket.FieldResolvedAt, Value: at})
	case after == "closed":
		b.add(record.Mutation{Op: record.OpSet, Field: ticket.FieldClosedAt, Value: at})
	case before == "resolved":
		b.add(record.Mutation{Op: record.OpCount, Field: ticket.FieldReopenCount, Delta: 1})
	}
}

// meaning gives our word for the source's.
func meaning(field *config.MappedField, cell string) string {
	if mapped, ok := field.Values[cell]; ok || field.ListedOnly {
		return mapped
	}
	return cell
}

func (b *builder) value(field config.MappedField, cell string, line int) (record.Value, error) {
	cell = meaning(&field, cell)
	if field.Kind == "" || cell == "" {
		return record.Text(cell), nil
	}
	id, err := b.log.named(field.Kind, cell, line)
	if err != nil {
		return nil, err
	}
	if field.Kind == ticket.Category || field.Kind == people.Location {
		return record.Text(cell), nil
	}
	return record.Ref(id), nil
}

// facts keeps what the source system said of the incident as a whole, to compare with.
func (b *builder) facts(row *logRow) {
	named := map[string]record.Value{
		"system": record.Text("servicenow-log"), "number": record.Text(row.cells[b.log.mapping.Number]), "steps": record.Integer(int64(row.count)),
	}
	for _, column := range b.log.mapping.Facts {
		if cell := row.cells[column]; cell != "" {
			named[column] = b.fact(cell)
		}
	}
	b.add(record.Mutation{Op: record.OpSet, Field: ticket.FieldSource, Value: record.Named(named), On: stamp(row.at)})
}

func (b *builder) fact(cell string) record.Value {
	if n, err := strconv.ParseInt(cell, 10, 64); err == nil {
		return record.Integer(n)
	}
	if at, err := b.log.when(cell); err == nil {
		return record.Text(at.UTC().Format(time.RFC3339))
	}
	switch cell {
	case "TRUE":
		return record.Flag(true)
	case "FALSE":
		return record.Flag(false)
	}
	return record.Text(cell)
}
