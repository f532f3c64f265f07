package desk

import (
	"holdfast/backend/core/clock"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// idle reports whether an edit of the system has come to nothing by the time that it is decided: another leader proposed the same before, or it is no longer due. Such an edit is no
// matter for a person, so it is passed over and not parked.
func (d *Decider) idle(r record.Reader, e *record.Edit, received clock.Stamp) (bool, error) {
	if len(e.Mutations) == 0 || e.Unreadable != "" {
		return false, nil
	}
	state, err := r.Committed(e.Mutations[0].Record)
	if err != nil {
		return false, err
	}
	switch e.Action {
	case ActionAdmit:
		return spent(r, e)
	case ActionAutoClose:
		return state == nil || !d.desk.closes(state, e.Time) || state.Shown(ticket.FieldStatus).AsText() != e.Mutations[0].From, nil
	case ActionArrive:
		return d.needless(r, e)
	case ActionFollow:
		return state != nil && known(state, e.Mutations), nil
	case ActionBreach, ActionRetract:
		return state != nil && d.turned(r, state, e, received), nil
	case ActionForward:
		return state != nil && len(state.Shown(ticket.FieldMovedAs)) > 0, nil
	}
	return false, nil
}

// spent reports whether the invite of a device that would be admitted has admitted another one.
func spent(r record.Reader, e *record.Edit) (bool, error) {
	for i := range e.Mutations {
		if m := &e.Mutations[i]; m.Op == record.OpCreate && m.Kind == people.Invite {
			used, err := r.Committed(m.Record)
			return used != nil, err
		}
	}
	return false, nil
}

// needless reports whether a ticket that arrives is here already, or was not sent.
func (d *Decider) needless(r record.Reader, e *record.Edit) (bool, error) {
	for i := range e.Mutations {
		m := &e.Mutations[i]
		if m.Field != ticket.FieldMovedFrom {
			continue
		}
		from, _ := ticket.MovedFrom(&record.State{Fields: map[string]record.Field{ticket.FieldMovedFrom: {Values: []record.Held{{Value: m.Value}}}}})
		old, err := r.Committed(from)
		if err != nil || old == nil || record.SiteSpace(ticket.MovedTo(old)) != e.Space {
			return true, err
		}
		id, here, err := ticket.Landing(r, old)
		return id != m.Record || here != nil, err
	}
	return true, nil
}

// known reports whether a record has all entries that an edit would append.
func known(state *record.State, mutations []record.Mutation) bool {
	held := map[record.ID]bool{}
	for name := range state.Fields {
		for _, item := range state.Fields[name].Items {
			held[item.ID] = true
		}
	}
	for i := range mutations {
		if mutations[i].Op != record.OpAppend || !held[mutations[i].Item] {
			return false
		}
	}
	return true
}
