package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/record"
)

// ByID names a record in a path.
type ByID struct {
	ID string `path:"id" format:"uuid"`
}

type createInput struct {
	Kind string `path:"kind"`
	Body struct {
		ID     string         `json:"id,omitempty" doc:"made by the caller, so that a retry makes no second record"`
		Site   string         `json:"site,omitempty"`
		Action string         `json:"action,omitempty"`
		Fields map[string]any `json:"fields" doc:"values by field; a set takes a list of them"`
	}
}

// ChangeWish is one step of a change. Which parts are used follows from op.
type ChangeWish struct {
	Op       string         `json:"op" enum:"set,text,add,remove,append,count,transition,claim,archive,restore,settle"`
	Field    string         `json:"field,omitempty" doc:"left out for a transition: the field that follows the life cycle"`
	Value    any            `json:"value,omitempty"`
	Base     string         `json:"base,omitempty" doc:"text: the text that the author saw"`
	Seen     []string       `json:"seen,omitempty" doc:"the field's seen, as it was shown to the author"`
	Item     string         `json:"item,omitempty"`
	Delta    int64          `json:"delta,omitempty"`
	To       string         `json:"to,omitempty"`
	From     string         `json:"from,omitempty"`
	With     map[string]any `json:"with,omitempty" doc:"transition: the fields that belong to the step"`
	Expected *string        `json:"expected,omitempty" doc:"claim: the value that the author saw"`
	Edit     string         `json:"edit,omitempty" doc:"settle: the parked edit"`
}

type changeInput struct {
	ByID
	Body struct {
		Action  string       `json:"action,omitempty"`
		Changes []ChangeWish `json:"changes" minItems:"1"`
	}
}

func (s *server) registerRecords(api huma.API) {
	operation(api, http.MethodPost, "/records/{kind}", "create-record", "Make a record", s.createRecord)
	operation(api, http.MethodGet, "/records/{id}", "get-record", "One record with all its fields", s.getRecord)
	operation(api, http.MethodPost, "/records/{id}/changes", "change-record", "Change a record in one step; the change says what its author saw", s.changeRecord)
	operation(api, http.MethodPost, "/records/{id}/remove", "remove-content", "Remove a text or an entry with its file for good, everywhere and from the history", s.removeContent)
	operation(api, http.MethodGet, "/records/{id}/history", "record-history", "Who changed what, when, on which device", s.recordHistory)
}

// RemovalWish names what to remove for good.
type RemovalWish struct {
	Field string `json:"field"`
	Item  string `json:"item,omitempty" doc:"of a list: this entry; left out: all that the field ever held"`
	Why   string `json:"why" doc:"stays in the history, so it must not repeat what is removed"`
}

type removalInput struct {
	ByID
	Body RemovalWish
}

func (s *server) removeContent(ctx context.Context, in *removalInput) (*body[RecordView], error) {
	v, state, err := s.state("api.removeContent", in.ID)
	if err != nil {
		return nil, err
	}
	r := desk.Removal{Field: in.Body.Field, Why: in.Body.Why}
	if in.Body.Item != "" {
		if r.Item, err = parseID(in.Body.Item); err != nil {
			return nil, err
		}
	}
	if state, err = v.Desk.Redact(ctx, v.Actor, state.ID, r); err != nil {
		return nil, err
	}
	return answer(v.record(state), nil)
}

func (s *server) createRecord(ctx context.Context, in *createInput) (*body[RecordView], error) {
	v, err := s.services("api.createRecord")
	if err != nil {
		return nil, err
	}
	creation := desk.Creation{
		Kind: in.Kind, Site: in.Body.Site, Action: in.Body.Action,
		Fields: map[string]record.Value{}, Elements: map[string][]record.Value{},
	}
	if in.Body.ID != "" {
		if creation.ID, err = parseID(in.Body.ID); err != nil {
			return nil, err
		}
	}
	kind, known := v.Kinds.Kind(in.Kind)
	if !known {
		return nil, fault.Newf(fault.Invalid, "api.createRecord", "There is no kind of record called %q.", in.Kind)
	}
	for name, given := range in.Body.Fields {
		if err := fillCreation(kind, &creation, name, given); err != nil {
			return nil, err
		}
	}
	state, err := v.Desk.Create(ctx, v.Actor, creation)
	if err != nil {
		return nil, err
	}
	return answer(v.record(state), nil)
}

func fillCreation(kind *record.Kind, creation *desk.Creation, name string, given any) error {
	definition, ok := kind.Field(name)
	if !ok {
		return fault.Newf(fault.Invalid, "api.createRecord", "%s has no field called %q.", kind.Label, name)
	}
	members, many := given.([]any)
	if !many {
		value, err := valueOf(definition, given)
		creation.Fields[name] = value
		return err
	}
	for _, member := range members {
		value, err := valueOf(definition, member)
		if err != nil {
			return err
		}
		creation.Elements[name] = append(creation.Elements[name], value)
	}
	return nil
}

func (s *server) getRecord(_ context.Context, in *ByID) (*body[RecordView], error) {
	v, state, err := s.state("api.getRecord", in.ID)
	if err != nil {
		return nil, err
	}
	return answer(v.record(state), nil)
}

// state finds a record by the id in a path.
func (s *server) state(op, text string) (*Services, *record.State, error) {
	v, err := s.services(op)
	if err != nil {
		return nil, nil, err
	}
	id, err := parseID(text)
	if err != nil {
		return nil, nil, err
	}
	state, err := v.Store.View(id)
	if err == nil && state == nil {
		err = fault.New(fault.NotFound, op, "This record is not on this device. It may belong to a site that this device does not share, or the link may be wrong.")
	}
	return v, state, err
}

func (s *server) changeRecord(ctx context.Context, in *changeInput) (*body[RecordView], error) {
	v, state, err := s.state("api.changeRecord", in.ID)
	if err != nil {
		return nil, err
	}
	state, err = v.change(ctx, state, in.Body.Action, in.Body.Changes)
	if err != nil {
		return nil, err
	}
	return answer(v.record(state), nil)
}

// change makes one edit of the wished steps.
func (v *Services) change(ctx context.Context, state *record.State, action string, wishes []ChangeWish) (*record.State, error) {
	kind, known := v.Kinds.Kind(state.Kind)
	if !known {
		return nil, fault.New(fault.NewerFormat, "api.change", "This record was made by a newer Holdfast. Update this device to change it.")
	}
	intent := desk.Intent{Record: state.ID, Action: action}
	for i := range wishes {
		mutation, err := mutationOf(kind, &wishes[i])
		if err != nil {
			return nil, err
		}
		intent.Mutations = append(intent.Mutations, mutation)
	}
	return v.Desk.Change(ctx, v.Actor, intent)
}

func mutationOf(kind *record.Kind, wish *ChangeWish) (record.Mutation, error) {
	m := record.Mutation{Op: record.Op(wish.Op), Field: wish.Field, Delta: wish.Delta, From: wish.From}
	definition, known := kind.Field(wish.Field)
	if wish.Field != "" && !known {
		return m, fault.Newf(fault.Invalid, "api.change", "%s has no field called %q.", kind.Label, wish.Field)
	}
	var err error
	if m.Seen, err = parseEdits(wish.Seen); err != nil {
		return m, err
	}
	if m.Value, err = valueOf(definition, wish.Value); err != nil {
		return m, err
	}
	switch m.Op {
	case record.OpText:
		m.Base = record.Text(wish.Base)
	case record.OpTransition:
		if m.Field == "" {
			m.Field = lifeCycle(kind)
		}
		m.Value = record.Text(wish.To)
		m.With, err = pairsOf(kind, wish.With)
	case record.OpClaim:
		if wish.Expected != nil {
			m.Base, err = textValue(definition, *wish.Expected)
		}
	case record.OpAppend:
		if wish.Item != "" {
			m.Item, err = parseID(wish.Item)
		}
	case record.OpSettle:
		m.Seen, err = parseEdits([]string{wish.Edit})
	}
	return m, err
}

// lifeCycle gives the kind's field that follows a life cycle; empty when it has none.
func lifeCycle(kind *record.Kind) string {
	for _, definition := range kind.Fields {
		if definition.Rule == record.RuleState {
			return definition.Name
		}
	}
	return ""
}

// pairsOf orders the fields of a step as the kind does, so that equal wishes give equal edits.
func pairsOf(kind *record.Kind, with map[string]any) ([]record.Pair, error) {
	var pairs []record.Pair
	for _, definition := range kind.Fields {
		given, ok := with[definition.Name]
		if !ok {
			continue
		}
		value, err := valueOf(definition, given)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, record.Pair{Field: definition.Name, Value: value})
	}
	if len(pairs) != len(with) {
		return nil, fault.Newf(fault.Invalid, "api.change", "The step names a field that %s does not have.", kind.Label)
	}
	return pairs, nil
}

// History is a record's history, newest last.
type History struct {
	Changes []ChangeView `json:"changes"`
}

func (s *server) recordHistory(ctx context.Context, in *ByID) (*body[History], error) {
	v, state, err := s.state("api.recordHistory", in.ID)
	if err != nil {
		return nil, err
	}
	changes, err := v.Store.History(ctx, state.ID)
	if err != nil {
		return nil, err
	}
	history := History{Changes: make([]ChangeView, 0, len(changes))}
	for i := range changes {
		history.Changes = append(history.Changes, v.changeView(state.Kind, &changes[i]))
	}
	return answer(history, nil)
}

func (v *Services) changeView(kindName string, change *record.Change) ChangeView {
	view := ChangeView{
		Edit: change.Edit.String(), At: change.At.Time(), By: v.ref(change.Author), Device: v.device(change.Edit.Device),
		Action: change.Action, Field: change.Field,
	}
	if change.Commit > 0 {
		commit := strconv.FormatUint(change.Commit, 10)
		view.Commit = &commit
	}
	if change.Result != "" {
		result := string(change.Result)
		view.Result = &result
	}
	if kind, ok := v.Kinds.Kind(kindName); ok {
		if definition, ok := kind.Field(change.Field); ok {
			view.Label = definition.Label
			view.From, view.FromDisplay = plain(definition.Type, change.From), v.display(kindName, definition, change.From)
			view.To, view.ToDisplay = plain(definition.Type, change.To), v.display(kindName, definition, change.To)
		}
	}
	return view
}
