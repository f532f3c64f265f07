package desk

import (
	"time"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// ActionAutoClose is the action of the system's edits that close what was resolved long enough ago.
const ActionAutoClose = "auto_close"

// AutoClose gives the system's edit that closes a ticket, when its life cycle says that it closes by itself by now. state is the committed one. The leader
// proposes it, so that it happens once; a ticket that goes on meanwhile is left alone when it is decided.
func (d *Desk) AutoClose(state *record.State, now time.Time) (draft record.Draft, due bool) {
	if !d.closes(state, clock.At(now)) {
		return record.Draft{}, false
	}
	machine, _ := d.machine(state.Kind)
	from := state.Shown(ticket.FieldStatus).AsText()
	to, _, _ := machine.Closing(from)
	m := record.Mutation{Op: record.OpTransition, Record: state.ID, Field: ticket.FieldStatus, From: from, Value: record.Text(to)}
	state.Complete(&m)
	return record.Draft{Space: state.Space, Action: ActionAutoClose, Mutations: []record.Mutation{m}}, true
}

// closes reports whether a ticket closes by itself at an instant, measured from when it was resolved. A major incident never does, nor one whose
// status two people disagree on.
func (d *Desk) closes(state *record.State, now clock.Stamp) bool {
	status := state.Fields[ticket.FieldStatus]
	machine, ok := d.machine(state.Kind)
	if !ok || !ticket.Is(state.Kind) || state.Archived || ticket.MovedTo(state) != "" || len(status.Values) != 1 || state.Shown(ticket.FieldMajor).AsFlag() {
		return false
	}
	_, after, ok := machine.Closing(status.Values[0].Value.AsText())
	return ok && status.Values[0].When().Add(after) <= now
}
