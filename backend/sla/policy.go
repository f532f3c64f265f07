package sla

import "slices"

// ChangeRule says what a change of priority or service does to a running clock.
type ChangeRule string

// The rules.
const (
	// Retroactive reckons from the start again, pauses left out, as if the new target had been there all along.
	Retroactive ChangeRule = "retroactive"
	// RetroactiveIgnoringPauses reckons from the start again and counts the pauses before the change.
	RetroactiveIgnoringPauses ChangeRule = "retroactive, ignoring pauses"
	// Restart starts anew at the change.
	Restart ChangeRule = "restart"
)

// ChangeRules gives all rules as they stand in files.
func ChangeRules() []string {
	return []string{string(Retroactive), string(RetroactiveIgnoringPauses), string(Restart)}
}

// Promise is what a policy promises for one priority.
type Promise struct {
	Priority      string
	Calendar      *Calendar // nil: open all the time
	FirstResponse Target
	NextUpdate    Target
	Resolution    Target
}

// target gives the promise for one clock.
func (p *Promise) target(m Metric) Target {
	switch m {
	case FirstResponse:
		return p.FirstResponse
	case NextUpdate:
		return p.NextUpdate
	default:
		return p.Resolution
	}
}

// Policy is a service level: what is promised for tickets of a kind.
type Policy struct {
	Key      string
	Label    string
	Kind     string // of the tickets that it is for
	Default  bool   // for tickets whose service names no policy
	OnChange ChangeRule
	Promises []Promise
}

// Policies are the service levels of a configuration, in the order of their keys.
type Policies []Policy

// Choose gives the policy and the promise for a ticket: the policy that its service names, if that is for this kind, else the kind's
// default one. It reports false when nothing is promised.
func (ps Policies) Choose(kind, named, priority string) (*Policy, *Promise, bool) {
	at := slices.IndexFunc(ps, func(p Policy) bool { return p.Kind == kind && p.Key == named })
	if at < 0 {
		at = slices.IndexFunc(ps, func(p Policy) bool { return p.Kind == kind && p.Default })
	}
	if at < 0 {
		return nil, nil, false
	}
	promises := ps[at].Promises
	for i := range promises {
		if promises[i].Priority == priority {
			return &ps[at], &promises[i], true
		}
	}
	return nil, nil, false
}
