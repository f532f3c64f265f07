package workflow

import (
	"fmt"
	"slices"

	"holdfast/backend/core/finding"
)

// Check gives everything that is wrong with a life cycle: no or several initial states, names that are doubled or unknown, states that
// no record can reach, and states from which no record can ever be closed.
func Check(d Definition) []finding.Finding {
	c := checker{definition: d, keys: make([]string, 0, len(d.States))}
	c.states()
	c.transitions()
	if len(c.findings) == 0 {
		c.reachable()
		c.closable()
	}
	if len(c.findings) == 0 {
		c.closings()
	}
	return c.findings
}

type checker struct {
	definition Definition
	keys       []string
	findings   []finding.Finding
}

func (c *checker) add(path string, allowed []string, format string, args ...any) {
	c.findings = append(c.findings, finding.Finding{Path: path, What: fmt.Sprintf(format, args...), Allowed: allowed})
}

func (c *checker) states() {
	initial := 0
	for i, s := range c.definition.States {
		path := fmt.Sprintf("states[%d]", i)
		switch {
		case s.Key == "":
			c.add(path, nil, "This state has no key.")
		case slices.Contains(c.keys, s.Key):
			c.add(path+".key", nil, "The state %q is defined twice.", s.Key)
		}
		c.keys = append(c.keys, s.Key)
		if !slices.Contains(Phases(), s.Phase) {
			c.add(path+".phase", phaseNames(), "The state %q has no known phase.", s.Key)
		}
		if s.Initial {
			initial++
			if initial > 1 {
				c.add(path+".initial", nil, "A second state is initial; records can start in one only.")
			}
		}
	}
	if initial == 0 {
		c.add("states", nil, "No state is initial, so no record could start.")
	}
}

// closesAfterDaysMax is ten years: more than that is a slip of the key.
const closesAfterDaysMax = 3650

// closings checks the states that close by themselves.
func (c *checker) closings() {
	for i, s := range c.definition.States {
		if s.ClosesAfterDays != 0 {
			c.closing(fmt.Sprintf("states[%d].closes_after_days", i), s)
		}
	}
}

// closing checks one state that closes by itself: it has to be resolved, and there must be a way to close it.
func (c *checker) closing(path string, s State) {
	switch {
	case s.Phase != Resolved:
		c.add(path, nil, "Only a state of the phase %q closes by itself, and %q is none.", Resolved, s.Key)
	case s.ClosesAfterDays < 0 || s.ClosesAfterDays > closesAfterDaysMax:
		c.add(path, nil, "A state closes by itself after 1 to %d days.", closesAfterDaysMax)
	case !slices.ContainsFunc(c.definition.Transitions, func(t Transition) bool { return t.From == s.Key && c.phase(t.To) == Closed }):
		c.add(path, nil, "No step leads from %q to a closed state.", s.Key)
	}
}

func (c *checker) phase(key string) Phase {
	for _, s := range c.definition.States {
		if s.Key == key {
			return s.Phase
		}
	}
	return ""
}

func (c *checker) transitions() {
	seen := map[[2]string]bool{}
	for i, t := range c.definition.Transitions {
		path := fmt.Sprintf("transitions[%d]", i)
		if !slices.Contains(c.keys, t.From) {
			c.add(path+".from", c.keys, "There is no state %q.", t.From)
		}
		if !slices.Contains(c.keys, t.To) {
			c.add(path+".to", c.keys, "There is no state %q.", t.To)
		}
		step := [2]string{t.From, t.To}
		if t.From == t.To {
			c.add(path+".to", nil, "The step leads from %q to itself.", t.From)
		} else if seen[step] {
			c.add(path, nil, "The step from %q to %q is defined twice.", t.From, t.To)
		}
		seen[step] = true
	}
}

func (c *checker) reachable() {
	var starts []string
	for _, s := range c.definition.States {
		if s.Initial {
			starts = append(starts, s.Key)
		}
	}
	reached := c.follow(starts, func(t Transition) (from, to string) { return t.From, t.To })
	for i, s := range c.definition.States {
		if !reached[s.Key] {
			c.add(fmt.Sprintf("states[%d].key", i), nil, "No record can reach the state %q: no step leads there from the initial state.", s.Key)
		}
	}
}

func (c *checker) closable() {
	var ends []string
	for _, s := range c.definition.States {
		if s.Phase == Closed {
			ends = append(ends, s.Key)
		}
	}
	reaching := c.follow(ends, func(t Transition) (from, to string) { return t.To, t.From })
	for i, s := range c.definition.States {
		if !reaching[s.Key] {
			c.add(fmt.Sprintf("states[%d].key", i), nil, "There is no way out of the state %q: no steps lead from it to a closed state.", s.Key)
		}
	}
}

// follow gives all states that steps, read in the direction that ends gives, lead to from starts.
func (c *checker) follow(starts []string, ends func(Transition) (from, to string)) map[string]bool {
	reached := map[string]bool{}
	for _, key := range starts {
		reached[key] = true
	}
	for grown := true; grown; {
		grown = false
		for _, t := range c.definition.Transitions {
			from, to := ends(t)
			if reached[from] && !reached[to] {
				reached[to] = true
				grown = true
			}
		}
	}
	return reached
}

func phaseNames() []string {
	names := make([]string, 0, len(Phases()))
	for _, p := range Phases() {
		names = append(names, string(p))
	}
	return names
}
