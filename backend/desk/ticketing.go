package desk

import (
	"context"
	"strings"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// Take claims a ticket for the actor. expected is the assignee that the actor saw, or zero; if somebody else is faster, the claim is
// parked when it is decided.
func (d *Desk) Take(ctx context.Context, actor Actor, id, expected record.ID) (*record.State, error) {
	return d.Change(ctx, actor, Intent{Record: id, Action: "take", Mutations: []record.Mutation{{
		Op: record.OpClaim, Field: ticket.FieldAssignee, Value: record.Ref(actor.Person), Base: record.Ref(expected),
	}}})
}

// Say appends to a ticket's replies (seen by the caller) or notes (internal). item is made by the caller, so that a retry says it once.
func (d *Desk) Say(ctx context.Context, actor Actor, id record.ID, field, text string, item record.ID) (*record.State, error) {
	if strings.TrimSpace(text) == "" {
		return nil, fault.New(fault.Invalid, "desk.Say", "There is nothing to send yet: write something first.")
	}
	action := "note"
	if field == ticket.FieldReplies {
		action = "reply"
	}
	return d.Change(ctx, actor, Intent{Record: id, Action: action, Mutations: []record.Mutation{{
		Op: record.OpAppend, Field: field, Item: item,
		Value: record.Named(map[string]record.Value{ticket.ItemText: record.Text(text)}),
	}}})
}

// Step is one way on from a record's present state.
type Step struct {
	To       string
	Label    string
	Required []record.Definition // fields to fill with the step, as far as they are empty
	Allowed  bool
	Why      string // why it is not allowed
}

// Steps lists the ways on from a record's state for a person.
func (d *Desk) Steps(state *record.State, field string, person record.ID) ([]Step, error) {
	machine, ok := d.machine(state.Kind)
	kind, known := d.kinds.Kind(state.Kind)
	if !ok || !known || ticket.MovedTo(state) != "" {
		return nil, nil
	}
	held, err := roles(views{d.store}, person)
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, next := range machine.Next(state.Shown(field).AsText()) {
		step := Step{To: next.To, Label: next.Label, Allowed: true}
		for _, name := range machine.Required(next.From, next.To) {
			if definition, ok := kind.Field(name); ok && len(state.Shown(name)) == 0 {
				step.Required = append(step.Required, definition)
			}
		}
		reason, err := d.refusal(views{d.store}, person, "edit", []record.Mutation{{
			Op: record.OpTransition, Record: state.ID, Field: field, Value: record.Text(next.To),
		}})
		if err != nil {
			return nil, err
		}
		if reason != nil {
			step.Allowed, step.Why = false, reason.Sentence
		} else if err := machine.MayTake(next.From, next.To, held); err != nil {
			step.Allowed, step.Why = false, fault.SentenceOf(err)
		}
		steps = append(steps, step)
	}
	return steps, nil
}
