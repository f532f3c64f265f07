package record

import (
	"fmt"
	"slices"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/limit"
)

// Reader gives committed records.
type Reader interface {
	// Committed gives a record, or nil when there is none. The caller changes nothing in it.
	Committed(ID) (*State, error)
}

// Rules are what an evaluation asks of the service desk. They must be deterministic, and change nothing that is handed in. A nil
// reason means yes.
type Rules interface {
	// Permit says whether the author, on that device, may make this edit at all.
	Permit(r Reader, e *Edit) *Reason
	// Transition says whether the workflow allows the step m from the state s, with all that the step requires.
	Transition(r Reader, s *State, e *Edit, m *Mutation) *Reason
	// Consequences derives what follows from the edit. touched are the records as they are after it.
	Consequences(r Reader, e *Edit, touched map[ID]*State) []Mutation
}

// Codes of the reasons that this package gives.
const (
	ReasonClaimed     = "claimed"
	ReasonExists      = "exists"
	ReasonMisfit      = "misfit"
	ReasonNewer       = "newer"
	ReasonPoison      = "poison"
	ReasonUnknownKind = "unknown_kind"
	ReasonUnknown     = "unknown_record"
	ReasonWrongSpace  = "wrong_space"
)

// Evaluate is the leader's decision on an edit that is Ready: the outcome, with Commit left for the caller, and the committed states of the
// records that it touches as they are then. received is the leader's time when the edit came. The error is the reader's; whatever else goes wrong
// is an outcome. A panic gives the outcome poison, the same bytes each time.
func Evaluate(r Reader, rules Rules, kinds Catalogue, e *Edit, received clock.Stamp) (outcome *Outcome, touched map[ID]*State, err error) {
	v := newEvaluation(r, rules, kinds, e, received)
	defer func() {
		if trouble := recover(); trouble != nil {
			outcome, touched, err = v.poison(), nil, nil
			outcome.Trouble = fmt.Sprint(trouble)
		}
	}()
	if e.Unreadable != "" {
		return v.poison(), nil, nil
	}
	if reason := rules.Permit(r, e); reason != nil {
		if reason.Speaks {
			return v.park(reason)
		}
		return v.outcome(Parked, reason), nil, nil
	}
	reason, err := v.run()
	if err != nil {
		return nil, nil, err
	}
	if reason != nil {
		return v.park(reason)
	}
	return v.outcome(v.result(), nil), v.states, nil
}

// PassOver is the decision on an edit that has come to nothing, and that nobody has to look at: it counts as applied, and writes nothing.
func PassOver(e *Edit, received clock.Stamp) *Outcome {
	v := newEvaluation(nil, nil, nil, e, received)
	return v.outcome(Applied, nil)
}

// passedOver reports whether an outcome says that nothing came of an edit of the system.
func (o *Outcome) passedOver(e *Edit) bool {
	return o.Result == Applied && len(o.Writes) == 0 && len(o.Settles) == 0 && o.Redacts == nil && e.Author == (ID{})
}

// evaluation is one edit being decided.
type evaluation struct {
	arrival
	reader   Reader
	rules    Rules
	kinds    Catalogue
	received clock.Stamp
	states   map[ID]*State   // copies of the records touched so far
	before   map[ID]*State   // the same as committed
	order    []ID            // their order of first touch
	fields   map[ID][]string // the fields touched, in order
	settles  []EditID

	redaction *Redaction
}

func newEvaluation(r Reader, rules Rules, kinds Catalogue, e *Edit, received clock.Stamp) *evaluation {
	at := min(e.Time, received.Add(limit.ClockTolerance))
	return &evaluation{
		arrival: arrival{edit: e, at: at}, reader: r, rules: rules, kinds: kinds, received: received,
		states: make(map[ID]*State, 2), before: make(map[ID]*State, 2), fields: make(map[ID][]string, 2),
	}
}

// run applies the edit and what follows from it, and gives the reason when a guard refuses.
func (v *evaluation) run() (*Reason, error) {
	if v.edit.Action == ActionRedact && !slices.ContainsFunc(v.edit.Mutations, func(m Mutation) bool { return m.Op == OpRedact }) {
		return &Reason{Code: ReasonMisfit, Sentence: "The change says that it removes something for good, and removes nothing."}, nil
	}
	for i := range v.edit.Mutations {
		if reason, err := v.mutate(&v.edit.Mutations[i]); reason != nil || err != nil {
			return reason, err
		}
	}
	v.touchArchived("")
	derived := v.rules.Consequences(v.reader, v.edit, v.states)
	if len(derived) > limit.MutationsMax {
		panic("an edit has too many consequences")
	}
	for i := range derived {
		if err := v.follow(&derived[i]); err != nil {
			return nil, err
		}
	}
	if err := v.number(); err != nil {
		return nil, err
	}
	return nil, v.reserve()
}

// state gives the working copy of a record, or nil when there is none.
func (v *evaluation) state(id ID) (*State, error) {
	if s, ok := v.states[id]; ok {
		return s, nil
	}
	committed, err := v.reader.Committed(id)
	if err != nil || committed == nil {
		return nil, err
	}
	return v.take(committed, committed.copy(id)), nil
}

func (v *evaluation) take(before, s *State) *State {
	v.before[s.ID] = before
	v.states[s.ID] = s
	v.order = append(v.order, s.ID)
	return s
}

// mutate applies one mutation of the edit, or gives the reason why not.
func (v *evaluation) mutate(m *Mutation) (*Reason, error) {
	switch {
	case !known(m.Op):
		if v.edit.MaySkip {
			return nil, nil
		}
		return &Reason{Code: ReasonNewer, Sentence: "The change was made by a newer Holdfast. Update the sync nodes, then send it again."}, nil
	case isParkedSettling(m):
		v.settles = append(v.settles, m.Seen...)
		return nil, nil
	case m.Op == OpCreate:
		return v.bear(m)
	}
	s, err := v.state(m.Record)
	if err != nil {
		return nil, err
	}
	if reason := v.reachable(s); reason != nil {
		return reason, nil
	}
	if m.Op == OpArchive || m.Op == OpRestore {
		v.archive(s, m)
		v.note(s.ID, FieldArchived)
		return nil, nil
	}
	if m.Op == OpRedact {
		return v.redact(s, m), nil
	}
	if reason := v.guard(s, m); reason != nil {
		return reason, nil
	}
	return v.alter(s, m), nil
}

// reachable refuses records that the edit may not touch: none, those of another space, and those that people never see.
func (v *evaluation) reachable(s *State) *Reason {
	switch {
	case s == nil:
		return &Reason{Code: ReasonUnknown, Sentence: "The record that this changes does not exist."}
	case s.Space != v.edit.Space, Internal(s.Kind):
		return &Reason{Code: ReasonWrongSpace, Sentence: "The record that this changes belongs to another part of the organisation."}
	}
	return nil
}

// guard asks what must be agreed: transitions and claims.
func (v *evaluation) guard(s *State, m *Mutation) *Reason {
	switch m.Op {
	case OpTransition:
		return v.rules.Transition(v.reader, s, v.edit, m)
	case OpClaim:
		if !s.Shown(m.Field).Equal(m.Base) {
			return v.claimed(s, m)
		}
	}
	return nil
}

// bear creates a record.
func (v *evaluation) bear(m *Mutation) (*Reason, error) {
	existing, err := v.state(m.Record)
	if err != nil {
		return nil, err
	}
	if existing != nil {
		return &Reason{Code: ReasonExists, Sentence: "This record was created before."}, nil
	}
	if _, ok := v.kinds.Kind(m.Kind); !ok || Internal(m.Kind) {
		return &Reason{Code: ReasonUnknownKind, Sentence: "The sync nodes do not know this kind of record. Update them, then send the change again."}, nil
	}
	s := (*State)(nil).copy(m.Record)
	s.Fields = make(map[string]Field, len(v.edit.Mutations))
	v.create(s, m)
	v.take(nil, s)
	return nil, nil
}

// alter applies a mutation of a field that passed its guard.
func (v *evaluation) alter(s *State, m *Mutation) *Reason {
	misfit := func() *Reason {
		return &Reason{Code: ReasonMisfit, Sentence: "The change treats a field as something that it is not. Update the device that made it."}
	}
	for _, pair := range m.With {
		if !fits(OpSet, v.rule(s, pair.Field, OpSet)) {
			return misfit()
		}
	}
	if m.Field == "" || m.Field == FieldArchived || !v.change(s, v.rule(s, m.Field, m.Op), m) {
		return misfit()
	}
	v.note(s.ID, m.Field)
	if len(m.With) > 0 {
		v.pairs(s, m, func(field string) Rule { return v.rule(s, field, OpSet) })
		for _, pair := range m.With {
			v.note(s.ID, pair.Field)
		}
	}
	return nil
}

// rule gives the rule of a field: the one that it has, or the definition's, or the one that the op stands for.
func (v *evaluation) rule(s *State, field string, op Op) Rule {
	if f, ok := s.Fields[field]; ok && f.Rule != "" {
		return f.Rule
	}
	if kind, ok := v.kinds.Kind(s.Kind); ok {
		if definition, ok := kind.Field(field); ok {
			return definition.Rule
		}
	}
	return ruleOf(op)
}

// follow applies a consequence. The rules answer for it, so no guard is asked; one that does not fit is a defect of theirs.
func (v *evaluation) follow(m *Mutation) error {
	s, err := v.state(m.Record)
	if err != nil {
		return err
	}
	switch {
	case s == nil || s.Space != v.edit.Space:
		panic("a consequence names a record that is not there")
	case m.Op == OpArchive || m.Op == OpRestore:
		v.archive(s, m)
		v.note(s.ID, FieldArchived)
	case v.alter(s, m) != nil:
		panic("a consequence does not fit its field")
	}
	return nil
}

func (v *evaluation) note(id ID, field string) {
	fields, ok := v.fields[id]
	if !ok {
		fields = make([]string, 0, min(len(v.edit.Mutations)+1, spareMax))
	}
	if !slices.Contains(fields, field) {
		v.fields[id] = append(fields, field)
	}
}

// touchArchived lets the edit hold archived records live that its author did not know to be archived. only limits that to one op.
func (v *evaluation) touchArchived(only Op) {
	for _, id := range v.order {
		s := v.states[id]
		if _, ok := s.Fields[FieldArchived]; !ok {
			continue
		}
		var seen []EditID
		touched := false
		for i := range v.edit.Mutations {
			m := &v.edit.Mutations[i]
			if m.Record == id && touches(m) {
				touched = touched || only == "" || m.Op == only
				seen = append(seen, m.Seen...)
			}
		}
		if touched {
			v.touch(s, seen)
			v.note(id, FieldArchived)
		}
	}
}

// touches reports whether the mutation changes what a record says, and not only whether it is in the lists.
func touches(m *Mutation) bool {
	return m.Op != OpArchive && m.Op != OpRestore && m.Op != OpCreate && m.Op != OpRedact && !isParkedSettling(m)
}
