package exchange

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"holdfast/backend/config"
	"holdfast/backend/core/clock"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// Views tells what is here already.
type Views interface {
	View(id record.ID) (*record.State, error)
}

// logRow is one row with its line.
type logRow struct {
	line  int
	count int
	at    time.Time
	cells map[string]string
}

// Log reads a log of incidents in the form of the "Incident management process enriched event log" (UCI, 2019): one row is one state of one incident, in order of a
// modification count. Records that it needs (people, teams, categories, locations) come before the incident that names them.
type Log struct {
	namer
	mapping config.Mapping
	groups  [][]logRow
}

// ReadLog reads the whole log and groups its rows by incident. Incidents get ids that follow from the space and the source's number, so that a second import finds them.
func ReadLog(from io.Reader, mapping config.Mapping, space record.Space, views Views) (*Log, error) {
	l := &Log{mapping: mapping, namer: newNamer(space, views)}
	reader := csv.NewReader(from)
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	if err != nil {
		return nil, unreadable("The file has no heading line with the names of the columns.", err)
	}
	header = slices.Clone(header)
	if missing := l.missingColumn(header); missing != "" {
		return nil, unreadable("The file has no column "+missing+". Choose another mapping, or another file.", nil)
	}
	at := map[string]int{}
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := reader.FieldPos(0)
		if err != nil {
			l.refuse(errorLine(err, line), "The line cannot be read as a table row: "+err.Error()+".")
			continue
		}
		l.take(header, cells, line, at)
	}
	for _, group := range l.groups {
		slices.SortStableFunc(group, func(a, b logRow) int { return a.count - b.count })
	}
	return l, nil
}

func errorLine(err error, line int) int {
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		return bad.StartLine
	}
	return line
}

func (l *Log) missingColumn(header []string) string {
	needed := []string{l.mapping.Number, l.mapping.Step, l.mapping.StepAt, l.mapping.StepBy, l.mapping.StateField}
	for _, field := range l.mapping.Fields {
		needed = append(needed, field.Column)
	}
	for _, column := range needed {
		if !slices.Contains(header, column) {
			return column
		}
	}
	return ""
}

// take puts one row into its incident's group, or refuses it.
func (l *Log) take(header, cells []string, line int, at map[string]int) {
	if len(cells) != len(header) {
		l.refuse(line, fmt.Sprintf("The line has %d columns; the heading has %d.", len(cells), len(header)))
		return
	}
	row := logRow{line: line, cells: make(map[string]string, len(header))}
	for i, column := range header {
		if cell := strings.TrimSpace(cells[i]); cell != l.mapping.Missing {
			row.cells[column] = cell
		}
	}
	number := row.cells[l.mapping.Number]
	if number == "" {
		l.refuse(line, "The line names no incident.")
		return
	}
	var err error
	if row.count, err = strconv.Atoi(row.cells[l.mapping.Step]); err != nil {
		l.refuse(line, fmt.Sprintf("%q is not a modification count.", row.cells[l.mapping.Step]))
		return
	}
	if row.at, err = l.when(row.cells[l.mapping.StepAt]); err != nil {
		l.refuse(line, fmt.Sprintf("%q is not a date such as %s.", row.cells[l.mapping.StepAt], l.mapping.DateLayout))
		return
	}
	if _, ok := l.mapping.States[row.cells[l.mapping.StateField]]; !ok {
		l.refuse(line, fmt.Sprintf("The mapping knows no state %q.", row.cells[l.mapping.StateField]))
		return
	}
	place, seen := at[number]
	if !seen {
		place = len(l.groups)
		at[number] = place
		l.groups = append(l.groups, nil)
	}
	l.groups[place] = append(l.groups[place], row)
}

func (l *Log) when(text string) (time.Time, error) {
	return time.ParseInLocation(l.mapping.DateLayout, text, l.mapping.Zone)
}

// Count gives how many items are still to come, as far as can be told: incidents and refused lines, without the records that they name.
func (l *Log) Count() int { return len(l.queue) + len(l.groups) }

// Next gives the next record or refused line.
func (l *Log) Next() (Item, error) {
	if len(l.queue) == 0 && len(l.groups) > 0 {
		group := l.groups[0]
		l.groups = l.groups[1:]
		if err := l.incident(group); err != nil {
			return Item{}, err
		}
	}
	if len(l.queue) == 0 {
		return Item{}, io.EOF
	}
	item := l.queue[0]
	l.queue = l.queue[1:]
	return item, nil
}

// incident queues the records that the group names, and the incident.
func (l *Log) incident(group []logRow) error {
	number := group[0].cells[l.mapping.Number]
	item := Item{Line: group[0].line, Kind: ticket.Incident, Record: l.id(ticket.Incident, number), Fresh: true}
	existing, err := l.views.View(item.Record)
	if err != nil {
		return err
	}
	last := -1
	if existing != nil {
		item.Fresh = false
		last = int(existing.Shown(ticket.FieldSource).AsNamed()["steps"].AsInteger())
	}
	b := builder{log: l, item: &item, previous: map[string]string{}, steps: map[int]int{}, existing: existing}
	for i := range group {
		if group[i].count <= last {
			b.remember(&group[i])
			continue
		}
		if err := b.step(&group[i], item.Fresh && item.Steps == 0); err != nil {
			return err
		}
	}
	if item.Steps == 0 {
		item.Skip = "The incident is here already, with all its steps."
	} else {
		b.facts(&group[len(group)-1])
	}
	item.Title = l.title(&group[0])
	l.queue = append(l.queue, item)
	return nil
}

func (l *Log) title(row *logRow) string {
	var parts []string
	for _, column := range l.mapping.Title {
		if cell := row.cells[column]; cell != "" {
			parts = append(parts, cell)
		}
	}
	if len(parts) == 0 {
		return row.cells[l.mapping.Number]
	}
	return strings.Join(parts, " · ")
}

func stamp(at time.Time) clock.Stamp { return clock.At(at) }
