package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"holdfast/backend/core/limit"
	"holdfast/backend/desk"
	"holdfast/backend/people"
	"holdfast/backend/policy"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/backend/ticket"
)

// ConflictView is a field that holds more than one value.
type ConflictView struct {
	Record Ref      `json:"record"`
	Field  string   `json:"field"`
	Label  string   `json:"label"`
	Type   string   `json:"type"`
	Rule   string   `json:"rule"`
	Shown  Held     `json:"shown"`
	Others []Held   `json:"others"`
	Seen   []string `json:"seen" doc:"hand it back with the change that settles the conflict"`
	Mine   bool     `json:"mine"`
}

// Review is what waits for a person's decision.
type Review struct {
	Conflicts []ConflictView `json:"conflicts"`
	Parked    []Parked       `json:"parked"`
	Total     int            `json:"total"`
}

type reviewInput struct {
	Mine bool `query:"mine"`
}

func (s *server) registerReview(api huma.API) {
	operation(api, http.MethodGet, "/conflicts", "list-conflicts", "Fields with several values and edits that could not be applied", s.review)
	operation(api, http.MethodGet, "/history", "history", "The newest changes over all records", s.newest)
}

func (s *server) review(ctx context.Context, in *reviewInput) (*body[Review], error) {
	v, err := s.services("api.review")
	if err != nil {
		return nil, err
	}
	review := Review{Conflicts: []ConflictView{}, Parked: []Parked{}}
	fields, err := v.conflicted(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range fields {
		review.Conflicts = append(review.Conflicts, v.conflictView(one))
	}
	if review.Parked, err = v.reviewable(ctx); err != nil {
		return nil, err
	}
	if in.Mine {
		review.Conflicts = slices.DeleteFunc(review.Conflicts, func(c ConflictView) bool { return !c.Mine })
		review.Parked = slices.DeleteFunc(review.Parked, func(p Parked) bool { return !p.Mine })
	}
	review.Total = len(review.Conflicts) + len(review.Parked)
	return answer(review, nil)
}

// conflictedField is a field of a record that holds more than one value.
type conflictedField struct {
	state      *record.State
	definition record.Definition
}

// conflicted gives the fields that hold several values, of every record whose kind is known.
func (v *Services) conflicted(ctx context.Context) ([]conflictedField, error) {
	ids, err := v.Store.Conflicted(ctx)
	if err != nil {
		return nil, err
	}
	var all []conflictedField
	for _, id := range ids {
		state, err := v.Store.View(id)
		if err != nil {
			return nil, err
		}
		if state == nil || ticket.MovedTo(state) != "" { // what stays of a moved ticket has nothing left to decide
			continue
		}
		kind, known := v.Kinds.Kind(state.Kind)
		if !known {
			continue
		}
		for _, definition := range kind.Fields {
			if field := state.Fields[definition.Name]; len(field.Conflicts()) > 0 {
				all = append(all, conflictedField{state, definition})
			}
		}
	}
	return all, nil
}

func (v *Services) conflictView(one conflictedField) ConflictView {
	state, definition := one.state, one.definition
	field := state.Fields[definition.Name]
	view := ConflictView{
		Record: *v.ref(state.ID), Field: definition.Name, Label: definition.Label, Type: string(definition.Type), Rule: string(definition.Rule),
		Shown: v.held(state.Kind, definition, field.Values[0]), Seen: editIDs(field.Seen()),
	}
	for _, held := range field.Values {
		view.Mine = view.Mine || held.Author == v.Actor.Person
	}
	for _, other := range field.Conflicts() {
		view.Others = append(view.Others, v.held(state.Kind, definition, other))
	}
	return view
}

func (v *Services) parkedOn(ctx context.Context, id record.ID) ([]Parked, error) {
	return v.parked(ctx, func(p store.ParkedEdit) bool {
		return !quarantined(p) && slices.ContainsFunc(p.Edit.Mutations, func(m record.Mutation) bool { return m.Record == id })
	})
}

// reviewable gives the parked edits that this person decides on: those of compromised devices are for whoever may shut devices out.
func (v *Services) reviewable(ctx context.Context) ([]Parked, error) {
	may, err := v.Desk.May(v.Actor.Person, []string{policy.DeviceRevoke})
	if err != nil {
		return nil, err
	}
	return v.parked(ctx, func(p store.ParkedEdit) bool { return may[policy.DeviceRevoke] || !quarantined(p) })
}

func quarantined(p store.ParkedEdit) bool {
	return p.Outcome.Reason != nil && p.Outcome.Reason.Code == desk.DeviceCompromised
}

func (v *Services) parked(ctx context.Context, keep func(store.ParkedEdit) bool) ([]Parked, error) {
	views := []Parked{}
	for cursor, first := "", true; first || cursor != ""; first = false {
		edits, next, err := v.Store.Parked(ctx, cursor)
		if err != nil {
			return nil, err
		}
		cursor = next
		for _, parked := range edits {
			if len(parked.Edit.Mutations) > 0 && keep(parked) {
				views = append(views, v.parkedView(parked))
			}
		}
	}
	return views, nil
}

func (v *Services) parkedView(parked store.ParkedEdit) Parked {
	view := Parked{
		Edit: parked.Edit.ID.String(), Record: *v.ref(parked.Edit.Mutations[0].Record), Action: parked.Edit.Action,
		By: v.ref(parked.Edit.Author), At: parked.Edit.Time.Time(), Device: v.device(parked.Edit.ID.Device).Name,
		Texts: v.textsOf(parked.Edit), Mine: parked.Edit.Author == v.Actor.Person,
	}
	view.Kept = slices.ContainsFunc(parked.Outcome.Writes, func(w record.Write) bool { return w.Field == record.FieldNotes })
	if parked.Outcome.Reason != nil {
		view.Reason = ReasonView{parked.Outcome.Reason.Code, parked.Outcome.Reason.Sentence}
	}
	return view
}

type newestInput struct {
	Limit int `query:"limit" default:"50" minimum:"1" maximum:"200"`
}

// NewestChange is a change together with its record.
type NewestChange struct {
	ChangeView
	Record Ref `json:"record"`
}

// Newest are the newest changes over all records, newest first.
type Newest struct {
	Changes []NewestChange `json:"changes"`
}

// quiet are the kinds whose changes tell people nothing.
var quiet = map[string]bool{desk.Repository: true, people.Device: true, people.Invite: true}

// newest looks into the histories of the records that changed last.
func (s *server) newest(ctx context.Context, in *newestInput) (*body[Newest], error) {
	v, err := s.services("api.newest")
	if err != nil {
		return nil, err
	}
	newest := Newest{Changes: []NewestChange{}}
	for _, row := range v.Tables.Newest(min(in.Limit, limit.PageRowsMax)) {
		if quiet[row.Kind] {
			continue
		}
		changes, err := v.Store.History(ctx, row.ID)
		if err != nil {
			return nil, err
		}
		for i := range changes {
			newest.Changes = append(newest.Changes, NewestChange{v.changeView(row.Kind, &changes[i]), *v.ref(row.ID)})
		}
	}
	slices.SortStableFunc(newest.Changes, func(a, b NewestChange) int { return b.At.Compare(a.At) })
	newest.Changes = newest.Changes[:min(len(newest.Changes), in.Limit)]
	return answer(newest, nil)
}
