package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"holdfast/backend/catalog"
	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/knowledge"
	"holdfast/backend/people"
	"holdfast/backend/policy"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
	"holdfast/backend/workflow"
)

// Decider is the service desk's part in a leader's decision: who may do what, which steps a life cycle allows, and what follows. It reads
// committed state and the published configuration only.
type Decider struct {
	desk  *Desk
	kinds record.Catalogue
}

// Decider gives the rules that a leader evaluates with.
func (d *Desk) Decider() *Decider { return &Decider{desk: d, kinds: d.kinds} }

// Decide gives the outcome of one edit against committed state, and the records as they are then.
func (d *Decider) Decide(_ context.Context, committed record.Reader, edit *record.Edit, received clock.Stamp) (*record.Outcome, map[record.ID]*record.State, error) {
	if edit.Author == (record.ID{}) && d.permitDevice(committed, edit) == nil {
		if idle, err := d.idle(committed, edit, received); err != nil || idle {
			return record.PassOver(edit, received), nil, err
		}
	}
	return record.Evaluate(committed, d, d.kinds, edit, received)
}

// Understands reports whether this program knows what kinds of records an edit makes.
func (d *Decider) Understands(e *record.Edit) bool { return d.kinds.Understands(e) }

// MayGiveUp reports whether by, which gives up an edit that waits for a record, may do so: it is of the same person, or of somebody who may shut devices out.
func (d *Decider) MayGiveUp(r record.Reader, by, waiting *record.Edit) bool {
	if d.Permit(r, by) != nil {
		return false
	}
	if by.Author == waiting.Author {
		return true
	}
	held, err := roles(r, by.Author)
	return err == nil && d.desk.rulebook().Policy.May(held, policy.DeviceRevoke).Allowed
}

// Ready reports whether an edit can be decided: everything that it builds on is here, and the cluster knows its device.
func (d *Decider) Ready(committed record.Reader, e *record.Edit) bool {
	if !record.Ready(committed, e) {
		return false
	}
	device, err := committed.Committed(people.DeviceRecord(e.ID.Device))
	return err == nil && (device != nil || founding(committed, e) || d.desk.system(e.ID.Device))
}

// Permit refuses edits of devices that are shut out or speak for somebody else, what the author's roles do not allow, and what comes without that
// which the desk asks for.
func (d *Decider) Permit(r record.Reader, e *record.Edit) *record.Reason {
	if reason := d.permitDevice(r, e); reason != nil {
		return reason
	}
	reason, err := d.desk.refusal(r, e.Author, e.Action, e.Mutations)
	if err == nil && reason == nil {
		reason, err = d.desk.moved(r, e.Author, e.Mutations)
	}
	if err == nil && reason == nil {
		reason, err = d.permitOwn(r, e)
	}
	if err == nil && reason == nil {
		reason, err = d.desk.shortcoming(r, e.Author, e.Action, e.Mutations)
	}
	if err != nil {
		return &record.Reason{Code: "unreadable", Sentence: "The permissions could not be read. Try the change again."}
	}
	return reason
}

// permitDevice holds the author of an edit against the person that its device is enrolled for. A node may write as the system.
func (d *Decider) permitDevice(r record.Reader, e *record.Edit) *record.Reason {
	device, err := r.Committed(people.DeviceRecord(e.ID.Device))
	if err != nil || device == nil {
		if founding(r, e) || err == nil && e.Author == (record.ID{}) && d.desk.system(e.ID.Device) {
			return nil
		}
		return &record.Reason{Code: "unknown_device", Sentence: "The device that made this change is not enrolled here."}
	}
	if reason := shutOut(device); reason != nil {
		return reason
	}
	if e.Author == (record.ID{}) {
		if device.Shown(people.FieldRole).AsText() == people.RoleNode || d.desk.system(e.ID.Device) {
			return nil
		}
		return &record.Reason{Code: "not_system", Sentence: "Only a sync node may make changes in the system's name."}
	}
	if device.Shown(people.FieldPerson).AsRef() == e.Author {
		return nil
	}
	return &record.Reason{Code: "not_author", Sentence: "The change names somebody who does not work on this device."}
}

// The codes of edits of devices that are shut out.
const (
	DeviceRevoked     = "device_revoked"
	DeviceCompromised = "device_compromised"
)

// shutOut parks what a device wrote before the cluster learned that it is shut out: for review, or apart from everything else.
func shutOut(device *record.State) *record.Reason {
	switch {
	case len(device.Shown(people.FieldRevoked)) == 0:
		return nil
	case device.Shown(people.FieldShutOut).AsText() == people.Compromised:
		return &record.Reason{Code: DeviceCompromised, Sentence: "The device that made this change was lost or broken into. The change is kept apart; nobody has to believe it."}
	}
	return &record.Reason{Code: DeviceRevoked, Sentence: "The device that made this change was shut out. An administrator can look at the change and take over what is right."}
}

// founding tells the one edit that may come from an unknown device: the first of a new cluster, which makes that device known and
// the branch table exist.
func founding(r record.Reader, e *record.Edit) bool {
	if e.Action != ActionFound || e.Author != (record.ID{}) {
		return false
	}
	founded, err := r.Committed(RepositoryID)
	return err == nil && founded == nil
}

// Transition asks the life cycle of the record's kind.
func (d *Decider) Transition(r record.Reader, s *record.State, e *record.Edit, m *record.Mutation) *record.Reason {
	if e.Action == ActionImport || arrives(e) {
		return nil
	}
	machine, ok := d.desk.machine(s.Kind)
	if !ok {
		return nil
	}
	current, to := s.Shown(m.Field).AsText(), m.Value.AsText()
	if current == "" {
		if to == machine.Initial() {
			return nil
		}
		return notInitial(machine)
	}
	if err := machine.Allowed(current, to); err != nil {
		return tooLate(machine.Label(current), machine.Label(to))
	}
	if missing := d.missingFields(machine, s, m, current); missing != "" {
		return &record.Reason{Code: "field_missing", Sentence: machine.Label(to) + " needs " + missing + "."}
	}
	return d.mayTake(r, machine, e, current, to)
}

// tooLate says that others have moved a record on meanwhile.
func tooLate(now, wanted string) *record.Reason {
	sentence := "It is " + now + " by now, so it cannot become " + wanted + "."
	if now == wanted {
		sentence = "It is " + now + " already."
	}
	return &record.Reason{Code: "transition_refused", Sentence: sentence}
}

// arrives tells the edit that makes a ticket at the site that it was moved to.
func arrives(e *record.Edit) bool { return e.Action == ActionArrive && e.Author == (record.ID{}) }

// mayTake holds the author's roles against those that a step is for. The system may take every step.
func (d *Decider) mayTake(r record.Reader, machine *workflow.Machine, e *record.Edit, from, to string) *record.Reason {
	if e.Author == (record.ID{}) {
		return nil
	}
	held, err := roles(r, e.Author)
	if err != nil {
		return &record.Reason{Code: "unreadable", Sentence: "The permissions could not be read. Try the change again."}
	}
	if err := machine.MayTake(from, to, held); err != nil {
		return &record.Reason{Code: string(fault.CodeOf(err)), Sentence: fault.SentenceOf(err)}
	}
	return nil
}

// missingFields names, as people know them, the fields that a step still needs.
func (d *Decider) missingFields(machine *workflow.Machine, s *record.State, m *record.Mutation, current string) string {
	given := map[string]bool{}
	for _, pair := range m.With {
		given[pair.Field] = len(pair.Value) > 0
	}
	missing := machine.Missing(current, m.Value.AsText(), func(field string) bool { return given[field] || len(s.Shown(field)) > 0 })
	if kind, ok := d.kinds.Kind(s.Kind); ok {
		for i, name := range missing {
			if definition, ok := kind.Field(name); ok {
				missing[i] = lower(definition.Label)
			}
		}
	}
	return strings.Join(missing, ", ")
}

// Consequences derives what follows from an edit: the priority from impact and urgency, and the marks that a life cycle leaves.
func (d *Decider) Consequences(r record.Reader, e *record.Edit, touched map[record.ID]*record.State) []record.Mutation {
	if arrives(e) {
		return nil // it is what it was
	}
	var derived []record.Mutation
	given := givenIn(e.Mutations)
	for i := range e.Mutations {
		m := &e.Mutations[i]
		state := touched[m.Record]
		if state == nil || !ticket.Is(state.Kind) {
			continue
		}
		if fields, first := given[m.Record]; first {
			delete(given, m.Record)
			derived = append(derived, d.priority(r, e, state, fields)...)
		}
		if m.Op == record.OpTransition && e.Action != ActionImport {
			derived = append(derived, d.marks(r, e, state, m)...)
			derived = append(derived, d.outlived(r, state, m)...)
		}
	}
	return derived
}

// marks notes which phase a ticket entered, when it was resolved and closed, and counts how often it was reopened.
func (d *Decider) marks(r record.Reader, e *record.Edit, state *record.State, m *record.Mutation) []record.Mutation {
	machine, ok := d.desk.machine(state.Kind)
	if !ok {
		return nil
	}
	before, err := r.Committed(state.ID)
	if err != nil || before == nil {
		return nil
	}
	from, to := machine.Phase(before.Shown(m.Field).AsText()), machine.Phase(m.Value.AsText())
	if from == to {
		return nil
	}
	set := func(field string, value record.Value) record.Mutation {
		return record.Mutation{Op: record.OpSet, Record: state.ID, Field: field, Value: value, Seen: state.SeenIn(field)}
	}
	derived := []record.Mutation{{
		Op: record.OpAppend, Record: state.ID, Field: ticket.FieldPhases, Item: uuid.NewSHA1(state.ID, []byte(e.ID.String())),
		Value: record.Named(map[string]record.Value{ticket.ItemText: record.Text(string(to))}),
	}}
	switch {
	case to == workflow.Resolved:
		derived = append(derived, set(ticket.FieldResolvedAt, record.Instant(e.Time)))
	case to == workflow.Closed:
		derived = append(derived, set(ticket.FieldClosedAt, record.Instant(e.Time)))
	case from == workflow.Resolved:
		derived = append(derived, set(ticket.FieldResolvedAt, nil),
			record.Mutation{Op: record.OpCount, Record: state.ID, Field: ticket.FieldReopenCount, Delta: 1})
	}
	return derived
}

// passing are the reasons that hold for as long as a ticket stays in the state that asked for them. The history keeps them.
var passing = []string{ticket.FieldHoldReason, ticket.FieldRejectReason}

// outlived empties the reasons of the state that a ticket leaves, so that the next hold or rejection asks for its own.
func (d *Decider) outlived(r record.Reader, state *record.State, m *record.Mutation) []record.Mutation {
	machine, ok := d.desk.machine(state.Kind)
	before, err := r.Committed(state.ID)
	if !ok || err != nil || before == nil {
		return nil
	}
	left, entered := machine.Required("", before.Shown(m.Field).AsText()), machine.Required("", m.Value.AsText())
	var derived []record.Mutation
	for _, field := range passing {
		if slices.Contains(left, field) && !slices.Contains(entered, field) && len(state.Shown(field)) > 0 {
			derived = append(derived, record.Mutation{Op: record.OpSet, Record: state.ID, Field: field, Seen: state.SeenIn(field)})
		}
	}
	return derived
}

// machine gives the life cycle of a kind: the configuration's, or the built-in one of services and articles.
func (d *Desk) machine(kind string) (*workflow.Machine, bool) {
	if machine, ok := d.rulebook().Workflows[kind]; ok {
		return machine, true
	}
	machine, ok := d.lifecycles[kind]
	return machine, ok
}

func lifecycles() (map[string]*workflow.Machine, error) {
	machines := map[string]*workflow.Machine{}
	for _, definition := range []workflow.Definition{catalog.Lifecycle(), knowledge.Lifecycle()} {
		machine, err := workflow.New(definition)
		if err != nil {
			return nil, err
		}
		machines[definition.Kind] = machine
	}
	return machines, nil
}

// Phase tells the phase of a state in a kind's life cycle, or "".
func (d *Desk) Phase(kind, state string) string {
	machine, ok := d.machine(kind)
	if !ok {
		return ""
	}
	return string(machine.Phase(state))
}

// PhaseMoved is what a ticket is in that was moved to another site.
const PhaseMoved = "moved"

// PhaseOf tells the phase of a record in its kind's life cycle, PhaseMoved of a ticket that has gone to another site, or "".
func (d *Desk) PhaseOf(state *record.State) string {
	if ticket.Is(state.Kind) && ticket.MovedTo(state) != "" {
		return PhaseMoved
	}
	kind, known := d.kinds.Kind(state.Kind)
	if !known {
		return ""
	}
	return d.Phase(state.Kind, state.Shown(lifeCycleField(kind)).AsText())
}

// Initial gives the state that a new record of a kind starts in, or "".
func (d *Desk) Initial(kind string) string {
	machine, ok := d.machine(kind)
	if !ok {
		return ""
	}
	return machine.Initial()
}

// Asked names the fields that a person who makes a record of a kind is asked for.
func (d *Desk) Asked(kind string) []string {
	machine, ok := d.machine(kind)
	if !ok {
		return nil
	}
	return machine.Required("", machine.Initial())
}

// Machine gives the life cycle of a kind.
func (d *Desk) Machine(kind string) (*workflow.Machine, bool) { return d.machine(kind) }
