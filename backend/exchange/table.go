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

// ReadTable reads a table whose rows become records of the mapping's kind. initial is the state of a new record.
func ReadTable(from io.Reader, mapping TableMapping, kind *record.Kind, space record.Space, views Views) (*Table, error) {
	t := &Table{namer: newNamer(space, views), reader: csv.NewReader(from), mapping: mapping, kind: kind}
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
	if existing != nil {
		item.Skip, item.Fresh = "The record is here already.", false
		t.queue = append(t.queue, item)
		return nil
	}
	item.Mutations = []record.Mutation{{Op: record.OpCreate, Record: item.Record, Kind: t.kind.Name}}
	problem, err := t.fields(&item, cells)
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
		mutations, err := t.cell(item, field, cell)
		if err != nil {
			return "", err
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

func (t *Table) cell(item *Item, field record.Definition, cell string) ([]record.Mutation, error) {
	m := record.Mutation{Record: item.Record, Field: field.Name, Value: record.Text(cell)}
	if field.Type == record.TypeRef && field.Rule == record.RuleRegister {
		id, err := t.named(field.Target, cell, item.Line)
		if err != nil {
			return nil, err
		}
		m.Value = record.Ref(id)
	}
	switch field.Rule {
	case record.RuleRegister, record.RuleUnique, record.RuleText, record.RuleState:
		m.Op = opOf[field.Rule]
		return []record.Mutation{m}, nil
	case record.RuleSet:
		var adds []record.Mutation
		for word := range strings.FieldsFuncSeq(cell, func(r rune) bool { return r == ',' || r == ';' }) {
			adds = append(adds, record.Mutation{Op: record.OpAdd, Record: item.Record, Field: field.Name, Value: record.Text(strings.TrimSpace(word))})
		}
		return adds, nil
	}
	return nil, nil
}
