package config

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"holdfast/backend/policy"
	"holdfast/backend/priority"
	"holdfast/backend/record"
	"holdfast/backend/sla"
	"holdfast/backend/ticket"
	"holdfast/backend/workflow"
)

// Load reads and checks one version of the files. It gives either a configuration or everything that is wrong, by file and line.
func Load(tree Tree) (*Configuration, []Problem) {
	l := &loader{tree: tree, made: &Configuration{
		Workflows: map[string]*workflow.Machine{}, Lists: map[string][]Choice{},
		Calendars: map[string]*sla.Calendar{}, Mappings: map[string]Mapping{},
	}}
	l.files()
	l.roles()
	l.priorities()
	l.categories()
	l.choices()
	l.workflow(ticket.Incident, fileIncident)
	l.workflow(ticket.Request, fileRequest)
	l.each(filesCalendar, l.calendar)
	l.each(filesSLA, l.sla)
	l.defaults()
	l.each(filesTemplate, l.template)
	l.each(filesMapping, l.mapping)
	l.each(filesRunbook, l.runbook)
	if len(l.problems) > 0 {
		slices.SortStableFunc(l.problems, func(a, b Problem) int {
			return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		return nil, l.problems
	}
	return l.made, nil
}

type loader struct {
	tree     Tree
	made     *Configuration
	problems []Problem
	// roleKeys and stateKeys are what was written even where it is not valid, so that one mistake is told once.
	roleKeys  []string
	stateKeys map[string][]string
}

// files looks for files that are missing and for names that mean nothing. Folders of a newer version are left alone.
func (l *loader) files() {
	known := map[string]bool{".": true}
	for _, s := range Schemas() {
		known[path.Dir(s.Pattern)] = true
		if _, there := l.tree[s.Pattern]; s.Required && !there {
			l.problems = append(l.problems, Problem{s.Pattern, 1, 1, "The file is missing. " + s.Means, nil})
		}
	}
	for _, file := range l.sorted(func(string) bool { return true }) {
		if _, meant := SchemaOf(file); meant || !known[path.Dir(file)] {
			continue
		}
		l.problems = append(l.problems, Problem{file, 1, 1, "A file of this name has no meaning here.", patterns(path.Dir(file))})
	}
}

func patterns(folder string) []string {
	var allowed []string
	for _, s := range Schemas() {
		if path.Dir(s.Pattern) == folder {
			allowed = append(allowed, s.Pattern)
		}
	}
	return allowed
}

func (l *loader) sorted(which func(file string) bool) []string {
	var files []string
	for file := range l.tree {
		if which(file) {
			files = append(files, file)
		}
	}
	slices.Sort(files)
	return files
}

// each loads all files of a pattern, in the order of their names.
func (l *loader) each(pattern string, load func(file string)) {
	for _, file := range l.sorted(func(file string) bool { fits, err := path.Match(pattern, file); return err == nil && fits }) {
		load(file)
	}
}

// read gives a file's document, or nil when the file is missing, which files has told already, or not readable.
func (l *loader) read(file string, target any) *document {
	content, there := l.tree[file]
	if !there {
		return nil
	}
	d := readDocument(file, content, 0, shapeOf(file), target)
	if len(d.problems) > 0 {
		l.keep(d)
		return nil
	}
	return d
}

func (l *loader) keep(d *document) { l.problems = append(l.problems, d.problems...) }

// keyOf gives the key that a file's name stands for.
func keyOf(file string) string { return strings.TrimSuffix(path.Base(file), path.Ext(file)) }

func (l *loader) roles() {
	var content struct {
		Roles []policy.Role `yaml:"roles"`
	}
	d := l.read(fileRoles, &content)
	if d == nil {
		return
	}
	defer l.keep(d)
	for _, r := range content.Roles {
		l.roleKeys = append(l.roleKeys, r.Key)
	}
	if d.note(policy.Check(content.Roles)...); len(d.problems) > 0 {
		return
	}
	made, err := policy.New(content.Roles)
	d.fail("roles", err)
	l.made.Policy = made
}

func (l *loader) priorities() {
	var content priority.Definition
	d := l.read(filePriorities, &content)
	if d == nil {
		return
	}
	defer l.keep(d)
	if d.note(priority.Check(content)...); len(d.problems) > 0 {
		return
	}
	made, err := priority.New(content)
	d.fail("matrix", err)
	l.made.Priorities = made
}

func (l *loader) categories() {
	var content struct {
		Categories []Category `yaml:"categories"`
	}
	d := l.read(fileCategories, &content)
	if d == nil {
		return
	}
	defer l.keep(d)
	keys := make([]string, len(content.Categories))
	for i, c := range content.Categories {
		keys[i] = c.Key
	}
	d.unique("categories", keys)
	l.made.Categories = content.Categories
}

func (l *loader) choices() {
	var content struct {
		Choices map[string][]Choice `yaml:"choices"`
	}
	d := l.read(fileChoices, &content)
	if d == nil {
		return
	}
	defer l.keep(d)
	for field, choices := range content.Choices {
		keys := make([]string, len(choices))
		for i, c := range choices {
			keys[i] = c.Key
		}
		d.unique("choices."+field, keys)
	}
	l.made.Lists = content.Choices
}

// workflow loads the life cycle of a kind of ticket and checks the fields and roles that it names.
func (l *loader) workflow(kind, file string) {
	content := workflow.Definition{}
	d := l.read(file, &content)
	if d == nil {
		return
	}
	defer l.keep(d)
	content.Kind = kind
	if l.stateKeys == nil {
		l.stateKeys = map[string][]string{}
	}
	for i, s := range content.States {
		l.stateKeys[kind] = append(l.stateKeys[kind], s.Key)
		d.known(fmt.Sprintf("states[%d].required", i), s.Required, fieldNames(kind), "field")
	}
	for i, t := range content.Transitions {
		d.known(fmt.Sprintf("transitions[%d].required", i), t.Required, fieldNames(kind), "field")
		l.checkRoles(d, fmt.Sprintf("transitions[%d].roles", i), t.Roles)
	}
	if d.note(workflow.Check(content)...); len(d.problems) > 0 {
		return
	}
	made, err := workflow.New(content)
	d.fail("states", err)
	l.made.Workflows[kind] = made
}

// checkRoles tells roles that do not exist, unless the roles themselves could not be read.
func (l *loader) checkRoles(d *document, path string, roles []string) {
	if len(l.roleKeys) > 0 {
		d.known(path, roles, l.roleKeys, "role")
	}
}

func fieldNames(kind string) []string {
	definition, _ := record.Catalogue(ticket.Kinds()).Kind(kind)
	names := make([]string, 0, len(definition.Fields))
	for _, f := range definition.Fields {
		names = append(names, f.Name)
	}
	return names
}
