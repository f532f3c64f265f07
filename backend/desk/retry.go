package desk

import (
	"context"
	"slices"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Retry makes the change of a parked edit anew, against the record as it is now, and settles the parked one with it. Comments of the parked edit stand already. It gives the record.
// Faults: the reason's code when it would be refused again; fault.Conflict (it changes several records); fault.NotFound.
func (d *Desk) Retry(ctx context.Context, actor Actor, parked *record.Edit) (record.ID, error) {
	const op = "desk.Retry"
	if len(parked.Mutations) == 0 {
		return record.ID{}, fault.New(fault.Conflict, op, "This change cannot be read here, so it cannot be tried again.")
	}
	id := parked.Mutations[0].Record
	if slices.ContainsFunc(parked.Mutations, func(m record.Mutation) bool { return m.Record != id }) {
		return id, fault.New(fault.Conflict, op, "This change is about several records at once. Make it again on each of them.")
	}
	settle := record.Mutation{Op: record.OpSettle, Record: id, Seen: []record.EditID{parked.ID}}
	if parked.Creates(id) {
		draft := record.Draft{Space: parked.Space, Author: actor.Person, Action: parked.Action, Mutations: append(slices.Clone(parked.Mutations), settle), Blobs: parked.Blobs}
		if err := d.permitLocally(op, draft); err != nil {
			return id, err
		}
		_, err := d.store.Append(ctx, draft)
		return id, err
	}
	state, err := d.find(op, id)
	if err != nil {
		return id, err
	}
	again := []record.Mutation{}
	for _, m := range parked.Mutations {
		if m.Op == record.OpAppend || m.Op == record.OpSettle {
			continue
		}
		if err := d.renew(actor, parked, state, &m); err != nil {
			return id, err
		}
		again = append(again, m)
	}
	_, err = d.Change(ctx, actor, Intent{Record: id, Action: parked.Action, Mutations: append(again, settle), Blobs: parked.Blobs})
	return id, err
}

// renew lets a step or a claim start from what the record says now; one that would be refused again is a fault.
func (d *Desk) renew(actor Actor, parked *record.Edit, state *record.State, m *record.Mutation) error {
	const op = "desk.Retry"
	switch m.Op {
	case record.OpTransition:
		m.From, m.Seen = state.Shown(m.Field).AsText(), nil
		probe := &record.Edit{Header: record.Header{Author: actor.Person, Action: parked.Action, Space: parked.Space, Time: parked.Time}}
		if reason := d.Decider().Transition(views{d.store}, state, probe, m); reason != nil {
			return fault.New(fault.Code(reason.Code), op, reason.Sentence)
		}
	case record.OpClaim:
		if now := state.Shown(m.Field); len(now) > 0 && !now.Equal(m.Value) {
			return fault.New(record.ReasonClaimed, op, "Somebody has it by now. Look at the record, and ask them or assign it anew.")
		}
		m.Base, m.Seen = state.Shown(m.Field), nil
	}
	return nil
}
