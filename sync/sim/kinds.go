package sim

import "holdfast/backend/record"

const site record.Space = "site/LYO"

// everything is the spaces of a device that reads all.
var everything = []record.Space{record.Organisation, site}

const cluster = "sim"

// kinds are two kinds of records with a field of every merge rule: one shared, one of the site.
var kinds = record.Catalogue{
	{Name: "case", Label: "Case", Prefix: "CAS", Title: "title", Fields: fields},
	{Name: "part", Label: "Part", Prefix: "PRT", Title: "title", Shared: true, Fields: fields},
	{Name: deviceKind, Label: "Device", Shared: true, Fields: []record.Definition{{Name: revoked, Label: "Shut out", Rule: record.RuleRegister, Type: record.TypeText}}},
}

var fields = []record.Definition{
	{Name: "number", Rule: record.RuleNumber, Type: record.TypeText},
	{Name: "title", Rule: record.RuleRegister, Type: record.TypeText},
	{Name: "owner", Rule: record.RuleRegister, Type: record.TypeText, Claimable: true},
	{Name: "body", Rule: record.RuleText, Type: record.TypeMarkdown},
	{Name: "tags", Rule: record.RuleSet, Type: record.TypeText},
	{Name: "notes", Rule: record.RuleList, Type: record.TypeEntry},
	{Name: "stock", Rule: record.RuleCounter, Type: record.TypeInteger},
	{Name: "status", Rule: record.RuleState, Type: record.TypeChoice},
	{Name: "serial", Rule: record.RuleUnique, Type: record.TypeText},
	{Name: "result", Rule: record.RuleRegister, Type: record.TypeText},
	{Name: record.FieldFormerNumbers, Rule: record.RuleSet, Type: record.TypeText},
	{Name: "urgent", Rule: record.RuleRegister, Type: record.TypeFlag},
}

// steps are the transitions that the rules allow.
var steps = map[string][]string{"": {"new"}, "new": {"working", "done"}, "working": {"done", "new"}, "done": {"working"}}

// rules is a small service desk.
type rules struct{}

// Permit is record.Rules'.
func (rules) Permit(r record.Reader, e *record.Edit) *record.Reason {
	why, err := standing(r, e.ID.Device)
	if err != nil {
		return &record.Reason{Code: "unreadable", Sentence: "The permissions could not be read."}
	}
	if why != "" {
		return &record.Reason{Code: why, Sentence: "The device that made this change was shut out."}
	}
	if e.Action == "forbidden" {
		return &record.Reason{Code: "forbidden", Sentence: "That is not allowed."}
	}
	return nil
}

// Transition is record.Rules'.
func (rules) Transition(_ record.Reader, s *record.State, _ *record.Edit, m *record.Mutation) *record.Reason {
	for _, to := range steps[s.Shown(m.Field).AsText()] {
		if to == m.Value.AsText() {
			return nil
		}
	}
	return &record.Reason{Code: "transition_refused", Sentence: "It cannot become that from where it is."}
}

// Consequences is record.Rules': what is finished is not urgent.
func (rules) Consequences(_ record.Reader, e *record.Edit, touched map[record.ID]*record.State) []record.Mutation {
	var derived []record.Mutation
	for i := range e.Mutations {
		m := &e.Mutations[i]
		if s := touched[m.Record]; s != nil && m.Op == record.OpTransition && m.Value.AsText() == "done" {
			derived = append(derived, record.Mutation{Op: record.OpSet, Record: m.Record, Field: "urgent", Value: record.Flag(false), Seen: s.SeenIn("urgent")})
		}
	}
	return derived
}
