package policy

import (
	"fmt"
	"slices"
	"strings"

	"holdfast/backend/core/finding"
)

// Role is a named set of actions.
type Role struct {
	Key         string   `yaml:"key"` // stable: people's records hold it
	Label       string   `yaml:"label"`
	Description string   `yaml:"description"`
	May         []string `yaml:"may"` // actions, "area.*" or "*"
}

// Decision is the answer to one question.
type Decision struct {
	Allowed bool
	Reason  string // one sentence for people, also when allowed
}

// Policy holds the roles. It never changes, so it is safe for concurrent use.
type Policy struct {
	roles  []Role
	labels map[string]string
}

// Check gives everything that is wrong with a list of roles: doubled keys, actions that do not exist, and nobody who could repair it.
func Check(roles []Role) []finding.Finding {
	var findings []finding.Finding
	known := names()
	repairable := false
	for i, r := range roles {
		path := fmt.Sprintf("roles[%d]", i)
		if r.Key == "" {
			findings = append(findings, finding.Finding{Path: path, What: "This role has no key."})
		}
		if slices.ContainsFunc(roles[:i], func(before Role) bool { return before.Key == r.Key }) {
			findings = append(findings, finding.Finding{Path: path + ".key", What: fmt.Sprintf("The role %q is defined twice.", r.Key)})
		}
		for j, action := range r.May {
			if !granted(action, known) {
				findings = append(findings, finding.Finding{
					Path: fmt.Sprintf("%s.may[%d]", path, j), What: fmt.Sprintf("There is no action %q.", action), Allowed: append(known, Everything),
				})
			}
			repairable = repairable || covers(action, ConfigPublish)
		}
	}
	if !repairable {
		findings = append(findings, finding.Finding{
			Path: "roles", What: "No role may " + label(ConfigPublish) + ", so nobody could ever change this again.",
		})
	}
	return findings
}

// New makes a policy. The error names everything that Check finds.
func New(roles []Role) (*Policy, error) {
	if err := finding.Error(Check(roles), "policy.New", "The list of roles"); err != nil {
		return nil, err
	}
	p := &Policy{roles: slices.Clone(roles), labels: map[string]string{}}
	for _, r := range roles {
		p.labels[r.Key] = r.Key
		if r.Label != "" {
			p.labels[r.Key] = r.Label
		}
	}
	return p, nil
}

// Roles gives all roles in the order of the definition.
func (p *Policy) Roles() []Role { return slices.Clone(p.roles) }

// Has reports whether there is a role with the key.
func (p *Policy) Has(key string) bool { _, known := p.labels[key]; return known }

// May answers whether somebody with the roles may do the action. Roles that do not exist grant nothing. An action that this version does
// not know is granted only by the wildcards.
func (p *Policy) May(held []string, action string) Decision {
	var others []string
	for _, r := range p.roles {
		if !slices.ContainsFunc(r.May, func(granted string) bool { return covers(granted, action) }) {
			continue
		}
		if slices.Contains(held, r.Key) {
			return Decision{true, fmt.Sprintf("The role %s may %s.", p.labels[r.Key], label(action))}
		}
		others = append(others, p.labels[r.Key])
	}
	return Decision{false, p.refusal(held, action, others)}
}

func (p *Policy) refusal(held []string, action string, others []string) string {
	who := "You have no role that this site knows"
	var labels []string
	for _, key := range held {
		if name, known := p.labels[key]; known {
			labels = append(labels, name)
		}
	}
	if len(labels) > 0 {
		who = "Your role (" + strings.Join(labels, ", ") + ")"
		return fmt.Sprintf("%s may not %s; this needs %s.", who, label(action), oneOf(others))
	}
	return fmt.Sprintf("%s, so you may not %s; this needs %s.", who, label(action), oneOf(others))
}

func oneOf(labels []string) string {
	if len(labels) == 0 {
		return "a role that nobody defined yet"
	}
	return strings.Join(labels, " or ")
}

// covers reports whether a granted action, which may be a wildcard, includes the asked one.
func covers(granted, asked string) bool {
	if granted == Everything || granted == asked {
		return true
	}
	area, wild := strings.CutSuffix(granted, "."+Everything)
	return wild && strings.HasPrefix(asked, area+".")
}

// granted reports whether an entry of a role means at least one known action.
func granted(entry string, known []string) bool {
	return slices.ContainsFunc(known, func(action string) bool { return covers(entry, action) })
}

func names() []string {
	actions := Actions()
	list := make([]string, len(actions))
	for i, a := range actions {
		list[i] = a.Name
	}
	return list
}

func label(action string) string {
	for _, a := range Actions() {
		if a.Name == action {
			return a.Label
		}
	}
	return "do " + action
}
