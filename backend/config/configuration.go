// Package config keeps the configuration of a site, workflows, service levels, roles, templates and runbooks, as readable files in a git
// repository, and turns a version of those files into a checked value. It is the only importer of go-git.
package config

import (
	"cmp"
	"slices"
	"time"

	"holdfast/backend/policy"
	"holdfast/backend/priority"
	"holdfast/backend/sla"
	"holdfast/backend/workflow"
)

// Tree is one version of the configuration: the content of each file by its path, with slashes.
type Tree map[string]string

// Problem is one thing that is wrong in a file.
type Problem struct {
	File    string   `json:"file"`
	Line    int      `json:"line"`   // from 1
	Column  int      `json:"column"` // from 1
	What    string   `json:"what"`   // a sentence for people
	Allowed []string `json:"allowed,omitempty"`
}

// Configuration is one valid version. Nobody may change it, so it is safe for concurrent use.
type Configuration struct {
	Workflows  map[string]*workflow.Machine // by the kind of record
	Priorities *priority.Matrix
	Categories []Category
	Lists      map[string][]Choice // choices of fields such as channel and resolution_code, by the field
	Calendars  map[string]*sla.Calendar
	SLA        sla.Policies
	Policy     *policy.Policy
	Templates  []Template
	Mappings   map[string]Mapping
	Runbooks   []Runbook
}

// Category is one entry of the tree of categories.
type Category struct {
	Key           string   `yaml:"key"`
	Label         string   `yaml:"label"`
	Subcategories []string `yaml:"subcategories"`
}

// Choice is one value that people can choose.
type Choice struct {
	Key   string `yaml:"key"`
	Label string `yaml:"label"`
	Means string `yaml:"means"`
}

// Template fills the form of a new ticket.
type Template struct {
	Key         string            `yaml:"-"` // the name of its file
	Label       string            `yaml:"label"`
	Kind        string            `yaml:"kind"`
	Description string            `yaml:"description"`
	Fields      map[string]string `yaml:"fields"`
	Tags        []string          `yaml:"tags"`
}

// Runbook is a procedure in Markdown.
type Runbook struct {
	Path    string   `yaml:"-"`
	Title   string   `yaml:"title"`
	Summary string   `yaml:"summary"`
	Roles   []string `yaml:"roles"`   // who carries it out
	Minutes int      `yaml:"minutes"` // how long it takes as a rule
	Review  string   `yaml:"review"`  // the date by which somebody reads it again
	Body    string   `yaml:"-"`       // Markdown without the head
}

// Mapping says how the log of incidents of another system becomes incidents.
type Mapping struct {
	Key        string
	Label      string
	Missing    string // what stands for "no value"
	DateLayout string // as Go's time package writes it
	Zone       *time.Location
	Number     string // column of the source's number
	Step       string // column of the modification count
	StepAt     string // column with the time of a step
	StepBy     string // column with the person of a step
	OpenedAt   string
	OpenedBy   string
	StateField string            // column of the state
	States     map[string]string // the source's states -> ours
	Title      []string          // columns that make the title, joined
	Fields     []MappedField     // in the order in which a step sets them
	Facts      []string          // columns kept as they are, to compare with
}

// MappedField maps a column to a field.
type MappedField struct {
	Column string            `yaml:"column"`
	Field  string            `yaml:"field"`
	Kind   string            `yaml:"kind"`   // the kind of record that the column names; empty for plain text
	Values map[string]string `yaml:"values"` // the source's values -> ours; others stay as they are
	// ListedOnly leaves the field empty for all other values.
	ListedOnly bool `yaml:"listed_only"`
}

// Choices gives what people can choose in a field of a kind of record, in display order; nil for a field that takes any text.
func (c *Configuration) Choices(kind, field string) []Choice {
	switch field {
	case "status":
		return c.stateChoices(kind)
	case "impact":
		return levelChoices(c.Priorities.Impacts())
	case "urgency":
		return levelChoices(c.Priorities.Urgencies())
	case "priority":
		return levelChoices(c.Priorities.Priorities())
	case "category":
		return c.categoryChoices(kind)
	case "roles":
		return c.roleChoices()
	case "hours":
		return c.calendarChoices()
	case "sla":
		return c.slaChoices()
	default:
		return slices.Clone(c.Lists[field])
	}
}

func (c *Configuration) stateChoices(kind string) []Choice {
	machine, known := c.Workflows[kind]
	if !known {
		return nil
	}
	var choices []Choice
	for _, s := range machine.States() {
		choices = append(choices, Choice{Key: s.Key, Label: machine.Label(s.Key)})
	}
	return choices
}

func (c *Configuration) categoryChoices(kind string) []Choice {
	if _, ticket := c.Workflows[kind]; !ticket {
		return nil
	}
	var choices []Choice
	for _, category := range c.Categories {
		choices = append(choices, Choice{Key: category.Key, Label: category.Label})
	}
	return choices
}

func (c *Configuration) roleChoices() []Choice {
	var choices []Choice
	for _, r := range c.Policy.Roles() {
		choices = append(choices, Choice{r.Key, r.Label, r.Description})
	}
	return choices
}

func (c *Configuration) calendarChoices() []Choice {
	var choices []Choice
	for key, calendar := range c.Calendars {
		choices = append(choices, Choice{Key: key, Label: calendar.Label()})
	}
	slices.SortFunc(choices, func(a, b Choice) int { return cmp.Compare(a.Key, b.Key) })
	return choices
}

func (c *Configuration) slaChoices() []Choice {
	var choices []Choice
	for _, p := range c.SLA {
		choices = append(choices, Choice{Key: p.Key, Label: p.Label})
	}
	return choices
}

func levelChoices(levels []priority.Level) []Choice {
	choices := make([]Choice, len(levels))
	for i, l := range levels {
		choices[i] = Choice(l)
	}
	return choices
}
