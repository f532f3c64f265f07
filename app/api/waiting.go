package api

import (
	"context"
	"slices"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// WaitingEdit is a change that is not agreed yet.
type WaitingEdit struct {
	Edit   string      `json:"edit"`
	Record Ref         `json:"record"`
	Action string      `json:"action"`
	At     time.Time   `json:"at"`
	By     *Ref        `json:"by"`
	Device string      `json:"device"`
	Texts  []TypedText `json:"texts" doc:"what was typed"`
	Newer  bool        `json:"newer" doc:"made by a newer Holdfast; it is kept, and takes effect after an update"`
	Lacks  []string    `json:"lacks" doc:"records that it changes and that nobody who is heard of here makes: it waits for them, and what its device did afterwards waits behind it. See give-up-changes"`
	Behind string      `json:"behind,omitempty" doc:"the earlier change of the same device that it waits behind"`
}

// Waiting are the changes that are not agreed yet, oldest first.
type Waiting struct {
	Edits []WaitingEdit `json:"edits"`
	Total int           `json:"total"`
}

type waitingInput struct {
	Limit int `query:"limit" default:"100" minimum:"1" maximum:"1000"`
}

func (s *server) waiting(_ context.Context, in *waitingInput) (*body[Waiting], error) {
	v, err := s.services("api.waiting")
	if err != nil {
		return nil, err
	}
	return answer(v.waiting(in.Limit))
}

func (v *Services) waiting(most int) (Waiting, error) {
	waiting := Waiting{Edits: []WaitingEdit{}, Total: v.Store.PendingCount()}
	for _, space := range v.Store.Spaces() {
		stuck := map[record.Incarnation]string{}
		for _, edit := range v.Store.PendingAfter(space, store.PendingCursor{}, most) {
			view, err := v.waitingEdit(edit)
			if err != nil {
				return waiting, err
			}
			if view.Behind = stuck[edit.ID.Incarnation]; view.Behind == "" && len(view.Lacks) > 0 {
				stuck[edit.ID.Incarnation] = view.Edit
			}
			waiting.Edits = append(waiting.Edits, view)
		}
	}
	slices.SortStableFunc(waiting.Edits, func(a, b WaitingEdit) int { return a.At.Compare(b.At) })
	waiting.Edits = waiting.Edits[:min(len(waiting.Edits), most)]
	return waiting, nil
}

func (v *Services) waitingEdit(edit *record.Edit) (WaitingEdit, error) {
	view := WaitingEdit{
		Edit: edit.ID.String(), Action: edit.Action, At: edit.Time.Time(), By: v.ref(edit.Author), Device: v.device(edit.ID.Device).Name,
		Newer: v.newer(edit), Texts: v.textsOf(edit), Lacks: []string{},
	}
	if len(edit.Mutations) > 0 {
		view.Record = *v.ref(edit.Mutations[0].Record)
	}
	lacked, err := v.lacks(edit)
	for _, id := range lacked {
		view.Lacks = append(view.Lacks, id.String())
	}
	return view, err
}

// newer reports whether an edit takes effect only once this program, or that of the nodes, is updated.
func (v *Services) newer(edit *record.Edit) bool {
	return record.Newer(edit) || !v.Kinds.Understands(edit)
}

// lacks gives the records that an edit changes, that are not there, and that no edit which waits as well is about to make.
func (v *Services) lacks(edit *record.Edit) ([]record.ID, error) {
	lacked, err := record.Lacks(v.Store, edit)
	return slices.DeleteFunc(lacked, func(id record.ID) bool {
		return slices.ContainsFunc(v.Store.PendingOf(id), func(other *record.Edit) bool { return other.Creates(id) })
	}), err
}

type giveUpInput struct {
	Body struct {
		Edits []string `json:"edits" minItems:"1" maxItems:"200"`
	}
}

func (s *server) giveUp(ctx context.Context, in *giveUpInput) (*body[Waiting], error) {
	const op = "api.giveUp"
	v, err := s.services(op)
	if err != nil {
		return nil, err
	}
	ids, err := parseEdits(in.Body.Edits)
	if err != nil {
		return nil, err
	}
	edits := make([]*record.Edit, 0, len(ids))
	for _, id := range ids {
		edit, err := v.Store.Edit(id)
		if err != nil {
			return nil, err
		}
		if edit == nil {
			return nil, fault.New(fault.NotFound, op, "This change is not on this device any more. Somebody may have given it up already.")
		}
		lacked, err := v.lacks(edit)
		if err != nil {
			return nil, err
		}
		if len(lacked) == 0 {
			return nil, fault.New(fault.Conflict, op, "This change waits for nothing that is gone; it goes on by itself. Nothing was given up.")
		}
		edits = append(edits, edit)
	}
	if err := v.Desk.GiveUp(ctx, v.Actor, edits); err != nil {
		return nil, err
	}
	return answer(v.waiting(waitingShown))
}

// waitingShown is how many waiting changes an answer to giving some up shows.
const waitingShown = 100

type retryInput struct {
	Body struct {
		Edit string `json:"edit"`
	}
}

// retry makes a parked change anew.
func (s *server) retry(ctx context.Context, in *retryInput) (*body[Ref], error) {
	const op = "api.retry"
	v, err := s.services(op)
	if err != nil {
		return nil, err
	}
	ids, err := parseEdits([]string{in.Body.Edit})
	if err != nil {
		return nil, err
	}
	edit, err := v.Store.Edit(ids[0])
	if err != nil {
		return nil, err
	}
	if edit == nil {
		return nil, fault.New(fault.NotFound, op, "This change is not on this device any more. Somebody may have settled it already.")
	}
	id, err := v.Desk.Retry(ctx, v.Actor, edit)
	if err != nil {
		return nil, err
	}
	return answer(*v.ref(id), nil)
}
