package config

import (
	"fmt"
	"slices"
	"strings"

	"holdfast/backend/core/finding"
	"holdfast/backend/ticket"
)

func (l *loader) template(file string) {
	content := Template{Key: keyOf(file)}
	d := l.read(file, &content)
	if d == nil {
		return
	}
	defer l.keep(d)
	names := slices.DeleteFunc(fieldNames(content.Kind), func(name string) bool {
		return slices.Contains([]string{ticket.FieldNumber, ticket.FieldStatus, ticket.FieldPriority, ticket.FieldSource}, name)
	})
	for _, name := range sortedKeys(content.Fields) {
		path := "fields." + name
		if d.one(path, name, names, "field") {
			l.checkValue(d, path, content.Kind, name, content.Fields[name])
		}
	}
	l.made.Templates = append(l.made.Templates, content)
}

// checkValue tells a value that nobody could choose in the field.
func (l *loader) checkValue(d *document, path, kind, field, value string) {
	if l.made.Priorities == nil || l.made.Policy == nil || value == "" {
		return
	}
	choices := l.made.Choices(kind, field)
	if len(choices) == 0 {
		return
	}
	keys := make([]string, len(choices))
	for i, c := range choices {
		keys[i] = c.Key
	}
	d.one(path, value, keys, "choice")
}

// mappingFile is a mapping as people write it.
type mappingFile struct {
	Label      string            `yaml:"label"`
	Missing    string            `yaml:"missing"`
	DateFormat string            `yaml:"date_format"`
	Zone       string            `yaml:"zone"`
	Number     string            `yaml:"number"`
	Step       string            `yaml:"step"`
	StepAt     string            `yaml:"step_at"`
	StepBy     string            `yaml:"step_by"`
	OpenedAt   string            `yaml:"opened_at"`
	OpenedBy   string            `yaml:"opened_by"`
	State      string            `yaml:"state"`
	States     map[string]string `yaml:"states"`
	Title      []string          `yaml:"title"`
	Fields     []MappedField     `yaml:"fields"`
	Facts      []string          `yaml:"facts"`
}

func (l *loader) mapping(file string) {
	var m mappingFile
	d := l.read(file, &m)
	if d == nil {
		return
	}
	defer l.keep(d)
	made := Mapping{
		Key: keyOf(file), Label: m.Label, Missing: m.Missing, Zone: d.zone("zone", m.Zone), Number: m.Number, Step: m.Step, StepAt: m.StepAt,
		StepBy: m.StepBy, OpenedAt: m.OpenedAt, OpenedBy: m.OpenedBy, StateField: m.State, States: m.States, Title: m.Title, Fields: m.Fields, Facts: m.Facts,
	}
	layout, ok := dateLayout(m.DateFormat)
	if !ok {
		d.note(finding.Finding{Path: "date_format", What: fmt.Sprintf("%q is not a date format such as DD-MM-YYYY hh:mm.", m.DateFormat)})
	}
	made.DateLayout = layout
	for _, name := range sortedKeys(m.States) {
		if states := l.stateKeys[ticket.Incident]; len(states) > 0 {
			d.one("states."+name, m.States[name], states, "state")
		}
	}
	for i, f := range m.Fields {
		path := fmt.Sprintf("fields[%d]", i)
		d.one(path+".field", f.Field, fieldNames(ticket.Incident), "field")
		for _, source := range sortedKeys(f.Values) {
			l.checkValue(d, path+".values."+source, ticket.Incident, f.Field, f.Values[source])
		}
	}
	l.made.Mappings[made.Key] = made
}

// dateLayout turns "DD-MM-YYYY hh:mm" into the layout of Go's time package. A format needs year, month and day.
func dateLayout(format string) (string, bool) {
	for _, part := range []string{"YYYY", "MM", "DD"} {
		if strings.Count(format, part) != 1 {
			return "", false
		}
	}
	return strings.NewReplacer("YYYY", "2006", "MM", "01", "DD", "02", "hh", "15", "mm", "04", "ss", "05").Replace(format), true
}

// runbook loads Markdown whose head, between two lines of three dashes, is YAML.
func (l *loader) runbook(file string) {
	const fence = "---\n"
	content := l.tree[file]
	rest, begun := strings.CutPrefix(content, fence)
	head, body, ended := strings.Cut(rest, "\n"+fence)
	if !begun || !ended {
		l.problems = append(l.problems, Problem{file, 1, 1, "A runbook begins with a head between two lines of three dashes, which gives its title.", nil})
		return
	}
	made := Runbook{Path: file, Body: strings.TrimLeft(body, "\n")}
	d := readDocument(file, head+"\n", 1, shapeOf(file), &made)
	defer l.keep(d)
	if len(d.problems) > 0 {
		return
	}
	l.checkRoles(d, "roles", made.Roles)
	if made.Review != "" {
		d.date("review", made.Review)
	}
	if made.Minutes < 0 {
		d.note(finding.Finding{Path: "minutes", What: "A runbook cannot take less than no time."})
	}
	if strings.TrimSpace(made.Body) == "" {
		d.note(finding.Finding{Path: "title", What: "The runbook has a head and nothing to do."})
	}
	l.made.Runbooks = append(l.made.Runbooks, made)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
