package workflow

import (
	"slices"
	"strings"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/finding"
)

// Codes of this package.
const (
	NotAllowed   fault.Code = "transition_refused" // the life cycle has no such step
	FieldMissing fault.Code = "field_missing"      // the step needs a field that is empty
	RoleMissing  fault.Code = "role_missing"       // the step is for other roles
)

// Machine answers from a valid life cycle. It never changes, so it is safe for concurrent use.
type Machine struct {
	kind    string
	initial string
	states  []State
	byKey   map[string]State
	steps   map[string][]Transition // by From, in the order of the definition
}

// New makes a machine. The error names everything that Check finds.
func New(d Definition) (*Machine, error) {
	if err := finding.Error(Check(d), "workflow.New", "The life cycle of "+d.Kind); err != nil {
		return nil, err
	}
	m := &Machine{kind: d.Kind, states: slices.Clone(d.States), byKey: map[string]State{}, steps: map[string][]Transition{}}
	for _, s := range d.States {
		m.byKey[s.Key] = s
		if s.Initial {
			m.initial = s.Key
		}
	}
	for _, t := range d.Transitions {
		m.steps[t.From] = append(m.steps[t.From], t)
	}
	return m, nil
}

// Kind gives the kind of record that the life cycle is for.
func (m *Machine) Kind() string { return m.kind }

// Initial gives the state in which records start.
func (m *Machine) Initial() string { return m.initial }

// States gives all states in the order of the definition.
func (m *Machine) States() []State { return slices.Clone(m.states) }

// Label gives what people call a state: the key itself when the life cycle does not know it.
func (m *Machine) Label(key string) string {
	if s, known := m.byKey[key]; known && s.Label != "" {
		return s.Label
	}
	return key
}

// Phase gives a state's phase. A state that the life cycle does not know, left over from an older one, counts as open, so that nobody forgets it.
func (m *Machine) Phase(key string) Phase {
	if s, known := m.byKey[key]; known {
		return s.Phase
	}
	return Open
}

// Next lists the steps from a state in the order of the definition. From a state that the life cycle does not know, left over from
// an older one, every state can be reached, so that no record is stuck.
func (m *Machine) Next(from string) []Transition {
	if _, known := m.byKey[from]; known {
		return slices.Clone(m.steps[from])
	}
	steps := make([]Transition, 0, len(m.states))
	for _, s := range m.states {
		steps = append(steps, Transition{From: from, To: s.Key, Label: s.Label})
	}
	return steps
}

// Allowed gives nil when the life cycle has a step between the states, or a NotAllowed fault that names the ways there are.
func (m *Machine) Allowed(from, to string) error {
	if _, found := m.step(from, to); found {
		return nil
	}
	steps := m.Next(from)
	if len(steps) == 0 {
		return fault.Newf(NotAllowed, "workflow.Allowed", "It is %s, which is final.", m.Label(from))
	}
	ways := make([]string, len(steps))
	for i, t := range steps {
		ways[i] = m.Label(t.To)
	}
	return fault.Newf(NotAllowed, "workflow.Allowed", "It is %s and cannot become %s from there; it can become %s.",
		m.Label(from), m.Label(to), strings.Join(ways, ", "))
}

// Required names the fields that a step needs, those of the state it leads to first, without doubles. An empty from asks what a record
// needs that starts in to.
func (m *Machine) Required(from, to string) []string {
	fields := slices.Clone(m.byKey[to].Required)
	if t, found := m.step(from, to); found {
		for _, field := range t.Required {
			if !slices.Contains(fields, field) {
				fields = append(fields, field)
			}
		}
	}
	return fields
}

// Closing gives the state that a record of a state goes on to by itself, and after how long; false when it stays until somebody acts.
func (m *Machine) Closing(key string) (to string, after time.Duration, ok bool) {
	days := m.byKey[key].ClosesAfterDays
	if days <= 0 {
		return "", 0, false
	}
	for _, t := range m.steps[key] {
		if m.Phase(t.To) == Closed {
			return t.To, time.Duration(days) * 24 * time.Hour, true
		}
	}
	return "", 0, false
}

// Missing gives the fields that the step needs and that are empty; filled reports whether a field has a value once the step is taken.
func (m *Machine) Missing(from, to string, filled func(field string) bool) []string {
	return slices.DeleteFunc(m.Required(from, to), filled)
}

// MayTake gives nil when a person with the roles may take the step as far as the life cycle says, or a RoleMissing fault.
func (m *Machine) MayTake(from, to string, roles []string) error {
	t, found := m.step(from, to)
	if !found || len(t.Roles) == 0 {
		return nil
	}
	for _, role := range roles {
		if slices.Contains(t.Roles, role) {
			return nil
		}
	}
	return fault.Newf(RoleMissing, "workflow.MayTake", "%q is a step for %s.", m.labelOf(t), strings.Join(t.Roles, ", "))
}

// Check asks everything at once: the step, the roles and the fields. It gives the first fault.
func (m *Machine) Check(from, to string, roles []string, filled func(field string) bool) error {
	if err := m.Allowed(from, to); err != nil {
		return err
	}
	if err := m.MayTake(from, to, roles); err != nil {
		return err
	}
	if missing := m.Missing(from, to, filled); len(missing) > 0 {
		return fault.Newf(FieldMissing, "workflow.Check", "%s needs %s.", m.Label(to), strings.Join(missing, ", "))
	}
	return nil
}

func (m *Machine) step(from, to string) (Transition, bool) {
	for _, t := range m.steps[from] {
		if t.To == to {
			return t, true
		}
	}
	_, fromKnown := m.byKey[from]
	_, toKnown := m.byKey[to]
	return Transition{From: from, To: to}, !fromKnown && toKnown && from != ""
}

func (m *Machine) labelOf(t Transition) string {
	if t.Label != "" {
		return t.Label
	}
	return m.Label(t.To)
}
