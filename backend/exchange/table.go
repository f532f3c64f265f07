package exchange

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"holdfast/backend/record"
)

// TableMapping says how the columns of a table become fields.
type TableMapping struct {
	Kind   string            `yaml:"kind"`   // of the records
	Key    string            `yaml:"key"`    // column that names a row for ever; empty: every row is a new record, unless it equals one that was imported before
	Fields map[string]string `yaml:"fields"` // column -> field
	State  string            `yaml:"state"`  // the state of records whose row names none
}

// Table reads a table of records with a heading line.
type Table struct {
	namer
	reader  *csv.Reader
	header  []string
	mapping TableMapping
	kind    *record.Kind
	around  Surroundings
	matched map[alias]bool // names that a match was told of
}

// SuggestTable maps the columns whose names are those or the labels of fields.
func SuggestTable(header []string, kind *record.Kind) TableMapping {
	mapping := TableMapping{Kind: kind.Name, Fields: map[string]string{}}
	for _, column := range header {
		plain := strings.ToLower(strings.TrimSpace(column))
		for _, field := range kind.Fields {
			if field.Rule != record.RuleNumber && (plain == field.Name || plain == strings.ToLower(field.Label)) {
				mapping.Fields[column] = field.Name
			}
		}
		if plain == "id" || plain == "number" || plain == "key" {
			mapping.Key = column
		}
	}
	return mapping
}

// Header reads the names of a table's columns.
func Header(from io.Reader) ([]string, error) {
	header, err := csv.NewReader(from).Read()
	if err != nil {
		return nil, unreadable("The file has no heading line with the names of the columns.", err)
	}
	return header, nil
}

// Surroundings are what a table is brought into.
type Surroundings struct {
	Space record.Space
	Views Views
	Here  *Directory
	// Choice gives the key that a word stands for in a field that takes one of several, or "".
	Choice func(kind, field, word string) string
}

// ReadTable reads a table whose rows become records of the mapping's kind. A name in it stands for the one record of the directory that has it.
func ReadTable(from io.Reader, mapping TableMapping, kind *record.Kind, around Surroundings) (*Table, error) {
	t := &Table{
		namer: newNamer(around.Space, around.Views), reader: csv.NewReader(from), mapping: mapping, kind: kind, around: around, matched: map[alias]bool{},
	}
	t.reader.FieldsPerRecord = -1
	header, err := t.reader.Read()
	if err != nil {
		return nil, unreadable("The file has no heading line with the names of the columns.", err)
	}
	t.header = slices.Clone(header)
	if !t.maps(kind.Title) {
		return nil, unreadable("No column is mapped to "+kind.Title+". Say which column holds it.", nil)
	}
	for column, field := range mapping.Fields {
		if _, ok := kind.Field(field); !ok {
			return nil, unreadable(fmt.Sprintf("The column %s is mapped to %s, which %s does not have.", column, field, kind.Label), nil)
		}
	}
	return t, nil
}

func (t *Table) maps(field string) bool {
	for column, mapped := range t.mapping.Fields {
		if mapped == field && slices.Contains(t.header, column) {
			return true
		}
	}
	return false
}

// Next gives the next record, or a record that the next one names.
func (t *Table) Next() (Item, error) {
	for len(t.queue) == 0 {
		cells, err := t.reader.Read()
		if errors.Is(err, io.EOF) {
			return Item{}, io.EOF
		}
		line, _ := t.reader.FieldPos(0)
		if err != nil {
			t.refuse(errorLine(err, line), "The line cannot be read as a table row: "+err.Error()+".")
			continue
		}
		if err := t.row(cells, line); err != nil {
			return Item{}, err
		}
	}
	item := t.queue[0]
	t.queue = t.queue[1:]
	return item, nil
}

func (t *Table) row(cells []string, line int) error {
	if len(cells) != len(t.header) {
		t.refuse(line, fmt.Sprintf("The line has %d columns; the heading has %d.", len(cells), len(t.header)))
		return nil
	}
	key := strings.Join(cells, "\x1f")
	if at := slices.Index(t.header, t.mapping.Key); at >= 0 {
		key = cells[at]
	}
	item := Item{Line: line, Kind: t.kind.Name, Record: t.id("row:"+t.kind.Name, key), Steps: 1, Fresh: true}
	existing, err := t.views.View(item.Record)
	if err != nil {
		return err
	}
	skip, problem := t.double(cells)
	if existing != nil {
		skip = "The record is here already."
	}
	if skip != "" {
		item.Skip, item.Fresh = skip, false
		t.queue = append(t.queue, item)
		return nil
	}
	if problem != "" {
		t.refuse(line, problem)
		return nil
	}
	item.Mutations = []record.Mutation{{Op: record.OpCreate, Record: item.Record, Kind: t.kind.Name}}
	problem, err = t.fields(&item, cells)
	switch {
	case err != nil:
		return err
	case problem != "":
		t.refuse(line, problem)
	case item.Title == "":
		t.refuse(line, "The line has no "+t.kind.Title+".")
	default:
		t.queue = append(t.queue, item)
	}
	return nil
}

// fields adds a mutation for each mapped cell with a value.
func (t *Table) fields(item *Item, cells []string) (problem string, err error) {
	stated := false
	for i, column := range t.header {
		name, mapped := t.mapping.Fields[column]
		cell := strings.TrimSpace(cells[i])
		if !mapped || cell == "" {
			continue
		}
		field, _ := t.kind.Field(name)
		if name == t.kind.Title {
			item.Title = cell
		}
		stated = stated || field.Rule == record.RuleState
		mutations, problem, err := t.cell(item, field, cell)
		if err != nil || problem != "" {
			return problem, err
		}
		if mutations == nil {
			return fmt.Sprintf("The column %s cannot be brought into %s.", column, field.Label), nil
		}
		item.Mutations = append(item.Mutations, mutations...)
	}
	if state := t.stateField(); !stated && state != "" && t.mapping.State != "" {
		item.Mutations = append(item.Mutations, record.Mutation{Op: record.OpTransition, Record: item.Record, Field: state, Value: record.Text(t.mapping.State)})
	}
	return "", nil
}

func (t *Table) stateField() string {
	for _, field := range t.kind.Fields {
		if field.Rule == record.RuleState {
			return field.Name
		}
	}
	return ""
}
