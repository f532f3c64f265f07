package desk

import (
	"slices"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// derive gives a new ticket the priority that impact and urgency stand for. One that comes with a reason stays.
func (d *Desk) derive(fields map[string]record.Value) error {
	if said(fields[ticket.FieldPriorityReason]) {
		return nil
	}
	if len(fields[ticket.FieldPriority]) > 0 {
		return fault.New(ReasonMissing, "desk.Create", reasonWanted)
	}
	if key, ok := d.matrix(fields[ticket.FieldImpact], fields[ticket.FieldUrgency]); ok {
		fields[ticket.FieldPriority] = record.Text(key)
	}
	return nil
}

func (d *Desk) matrix(impact, urgency record.Value) (key string, known bool) {
	return d.rulebook().Priorities.Priority(impact.AsText(), urgency.AsText())
}

// withPriority adds to a change of a ticket's impact, urgency or reason the priority that follows, so that people see it before it is agreed. A
// priority of the intent's own needs a reason beside it.
func (d *Desk) withPriority(state *record.State, mutations []record.Mutation) ([]record.Mutation, error) {
	if !ticket.Is(state.Kind) {
		return mutations, nil
	}
	given := givenIn(mutations)[state.ID]
	reason, reasoned := given[ticket.FieldPriorityReason]
	if settles(state, given) {
		return mutations, nil
	}
	if _, sets := given[ticket.FieldPriority]; sets && !said(reason) {
		if !reasoned {
			return nil, fault.New(ReasonMissing, "desk.Change", reasonWanted)
		}
		mutations = slices.DeleteFunc(slices.Clone(mutations), func(m record.Mutation) bool { return m.Field == ticket.FieldPriority })
	}
	_, impact := given[ticket.FieldImpact]
	_, urgency := given[ticket.FieldUrgency]
	if !reasoned {
		reason = state.Shown(ticket.FieldPriorityReason)
	}
	if !impact && !urgency && !reasoned || said(reason) {
		return mutations, nil
	}
	now := func(field string) record.Value {
		if value, ok := given[field]; ok {
			return value
		}
		return state.Shown(field)
	}
	key, ok := d.matrix(now(ticket.FieldImpact), now(ticket.FieldUrgency))
	if !ok || state.Shown(ticket.FieldPriority).AsText() == key {
		return mutations, nil
	}
	return append(slices.Clip(mutations), record.Mutation{
		Op: record.OpSet, Record: state.ID, Field: ticket.FieldPriority, Value: record.Text(key), Seen: state.SeenIn(ticket.FieldPriority),
	}), nil
}

// priority gives what an edit makes of a ticket's priority: what impact and urgency stand for, unless somebody gave a reason for another one. What the
// edit itself set without a reason does not count.
func (d *Decider) priority(r record.Reader, e *record.Edit, state *record.State, given map[string]record.Value) []record.Mutation {
	if e.Action == ActionImport && len(state.Shown(ticket.FieldPriority)) > 0 {
		return nil // the source said so
	}
	reason, reasoned := given[ticket.FieldPriorityReason]
	_, sets := given[ticket.FieldPriority]
	_, impact := given[ticket.FieldImpact]
	_, urgency := given[ticket.FieldUrgency]
	if !sets && !impact && !urgency && !reasoned || sets && said(reason) {
		return nil
	}
	before, err := r.Committed(state.ID)
	if err != nil || before != nil && settles(before, given) {
		return nil
	}
	want, ok := d.desk.matrix(state.Shown(ticket.FieldImpact), state.Shown(ticket.FieldUrgency))
	if !ok || said(state.Shown(ticket.FieldPriorityReason)) {
		want = ""
		if before != nil {
			want = before.Shown(ticket.FieldPriority).AsText()
		}
	}
	field := state.Fields[ticket.FieldPriority]
	if len(field.Values) < 2 && state.Shown(ticket.FieldPriority).AsText() == want {
		return nil
	}
	return []record.Mutation{{
		Op: record.OpSet, Record: state.ID, Field: ticket.FieldPriority, Value: record.Text(want), Seen: state.SeenIn(ticket.FieldPriority),
	}}
}

// settles reports whether an edit only decides between the priorities that two people gave their reasons for without seeing each other.
func settles(state *record.State, given map[string]record.Value) bool {
	value, sets := given[ticket.FieldPriority]
	field := state.Fields[ticket.FieldPriority]
	return sets && len(field.Values) > 1 && said(state.Shown(ticket.FieldPriorityReason)) &&
		slices.ContainsFunc(field.Values, func(held record.Held) bool { return held.Value.Equal(value) })
}
