package desk

import (
	"strings"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
	"holdfast/backend/workflow"
)

// ReasonMissing is the code of a priority that a person sets without saying why.
const ReasonMissing fault.Code = "reason_missing"

// reasonWanted tells how a priority of one's own choice is set.
const reasonWanted = "The priority follows from impact and urgency. To set another one, say why in the same step."

// shortcoming gives the reason why an edit is not taken although the roles allow it: a new record lacks what its life cycle asks of it, or a
// priority comes without a reason. Imports and the system are free of both: what another system let happen, happened.
func (d *Desk) shortcoming(r record.Reader, author record.ID, action string, mutations []record.Mutation) (*record.Reason, error) {
	if author == (record.ID{}) || action == ActionImport {
		return nil, nil
	}
	given := givenIn(mutations)
	for i := range mutations {
		m := &mutations[i]
		if m.Op == record.OpRedact {
			if reason, err := d.unremovable(r, m); reason != nil || err != nil {
				return reason, err
			}
		}
		if m.Op == record.OpCreate {
			if reason := d.incomplete(m.Kind, given[m.Record]); reason != nil {
				return reason, nil
			}
		}
		if !unfounded(given[m.Record]) {
			continue
		}
		state, err := r.Committed(m.Record)
		if err != nil {
			return nil, err
		}
		held := state != nil && ticket.Is(state.Kind) && !settles(state, given[m.Record])
		if held || m.Op == record.OpCreate && ticket.Is(m.Kind) {
			return &record.Reason{Code: string(ReasonMissing), Sentence: reasonWanted}, nil
		}
	}
	return nil, nil
}

// unfounded reports whether a priority is set without a reason. One that comes along with impact, urgency or a reason that is given up is derived, and the
// leader derives it again.
func unfounded(given map[string]record.Value) bool {
	_, sets := given[ticket.FieldPriority]
	_, impact := given[ticket.FieldImpact]
	_, urgency := given[ticket.FieldUrgency]
	reason, reasoned := given[ticket.FieldPriorityReason]
	givenUp := reasoned && !said(reason)
	return sets && !impact && !urgency && !givenUp && !said(reason)
}

// said reports whether a reason says anything.
func said(reason record.Value) bool { return strings.TrimSpace(reason.AsText()) != "" }

// incomplete names what a new record lacks.
func (d *Desk) incomplete(kindName string, given map[string]record.Value) *record.Reason {
	kind, known := d.kinds.Kind(kindName)
	machine, alive := d.machine(kindName)
	if !known || !alive {
		return nil
	}
	if state := lifeCycleField(kind); len(given[state]) == 0 {
		return notInitial(machine)
	}
	if lacking := d.lacking(kind, given); len(lacking) > 0 {
		return &record.Reason{Code: string(workflow.FieldMissing), Sentence: needs(kind, lacking)}
	}
	return nil
}

func notInitial(machine *workflow.Machine) *record.Reason {
	return &record.Reason{Code: "not_initial", Sentence: "A new record starts as " + machine.Label(machine.Initial()) + "."}
}

// lacking names, as people know them, the fields that a new record of the kind needs and that are not given: those of the kind, then those that the
// configuration asks for in the first state.
func (d *Desk) lacking(kind *record.Kind, given map[string]record.Value) []string {
	var needed, lacking []string
	if machine, ok := d.machine(kind.Name); ok {
		needed = machine.Missing("", machine.Initial(), func(field string) bool { return len(given[field]) > 0 })
	}
	asked := map[string]bool{}
	for _, name := range needed {
		asked[name] = true
	}
	for _, field := range kind.Fields {
		if asked[field.Name] || field.Required && len(given[field.Name]) == 0 {
			lacking = append(lacking, lower(field.Label))
		}
	}
	return lacking
}

func needs(kind *record.Kind, lacking []string) string {
	return "A new " + lower(kind.Label) + " needs: " + strings.Join(lacking, ", ") + ". Fill them in and save again."
}

// givenIn collects, record by record, the values that an edit sets, the fields of its steps included.
func givenIn(mutations []record.Mutation) map[record.ID]map[string]record.Value {
	all := map[record.ID]map[string]record.Value{}
	for i := range mutations {
		m := &mutations[i]
		given := all[m.Record]
		if given == nil {
			given = map[string]record.Value{}
			all[m.Record] = given
		}
		switch m.Op {
		case record.OpSet, record.OpText, record.OpTransition, record.OpClaim:
			given[m.Field] = m.Value
		}
		for _, pair := range m.With {
			given[pair.Field] = pair.Value
		}
	}
	return all
}

// lifeCycleField names the kind's field that follows a life cycle, or "".
func lifeCycleField(kind *record.Kind) string {
	for _, field := range kind.Fields {
		if field.Rule == record.RuleState {
			return field.Name
		}
	}
	return ""
}
