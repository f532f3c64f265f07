package desk

import (
	"context"
	"strings"

	"holdfast/backend/continuity"
	"holdfast/backend/core/fault"
	"holdfast/backend/people"
	"holdfast/backend/record"
)

// whyBytesMax bounds the reason of a removal.
const whyBytesMax = 1000

// Removal is the wish to remove something for good.
type Removal struct {
	Field string
	Item  record.ID // of a list: this entry; zero: all that the field ever held
	Why   string    // stays in the history, so it must not repeat what is removed
}

// Redact removes what a field of a record ever held, or one entry of a list with its file, for good. It is in force once it is agreed: then every device that hears of it drops the content from records,
// history, log and disk. Bundles and backups that were made before, exports and what people copied are out of reach. Faults: fault.Forbidden, fault.Invalid, fault.Conflict (it is not agreed yet).
func (d *Desk) Redact(ctx context.Context, actor Actor, id record.ID, r Removal) (*record.State, error) {
	const op = "desk.Redact"
	state, err := d.find(op, id)
	if err != nil {
		return nil, err
	}
	r.Why = strings.TrimSpace(r.Why)
	if r.Why == "" || len(r.Why) > whyBytesMax {
		return nil, fault.New(fault.Invalid, op, "Say in a sentence why it is removed, without repeating it: the reason stays.")
	}
	if err := d.removable(op, state, r); err != nil {
		return nil, err
	}
	m := record.Mutation{Op: record.OpRedact, Record: id, Field: r.Field, Item: r.Item, Value: record.Text(r.Why)}
	if r.Item != (record.ID{}) { // the history shows it where entries stand
		m.Value = record.Named(map[string]record.Value{record.EntryText: m.Value})
	}
	draft := record.Draft{Space: state.Space, Author: actor.Person, Action: record.ActionRedact, Mutations: []record.Mutation{m}}
	if err := d.permitLocally(op, draft); err != nil {
		return nil, err
	}
	if _, err := d.store.Append(ctx, draft); err != nil {
		return nil, err
	}
	return d.store.View(id)
}

// unremovable gives the reason why what a mutation names can never be removed for good: what holds the site together, and what is no text of a person.
func (d *Desk) unremovable(r record.Reader, m *record.Mutation) (*record.Reason, error) {
	state, err := r.Committed(m.Record)
	if err != nil || state == nil {
		return nil, err
	}
	kind, _ := d.kinds.Kind(state.Kind)
	if kind != nil && state.Kind != Repository && state.Kind != continuity.Cluster && state.Kind != people.Device && state.Kind != people.Invite {
		field, known := kind.Field(m.Field)
		if known && (field.Type == record.TypeText || field.Type == record.TypeMarkdown || field.Type == record.TypeEntry) {
			return nil, nil
		}
	}
	return &record.Reason{Code: record.ReasonNothing, Sentence: nothingToRemove}, nil
}

const nothingToRemove = "There is nothing there that can be removed for good. Texts and entries of lists can, with their files; states, numbers, choices and what holds the site together cannot."

// removable refuses what the group would park: the leader removes what is agreed and nothing else.
func (d *Desk) removable(op string, state *record.State, r Removal) error {
	agreed, err := d.store.Committed(state.ID)
	if err != nil {
		return err
	}
	if agreed == nil {
		return fault.New(fault.Conflict, op, "This record is not agreed yet. Remove it once it is.")
	}
	held := func(s *record.State) bool {
		f := s.Fields[r.Field]
		if r.Item == (record.ID{}) {
			return (f.Rule == record.RuleRegister || f.Rule == record.RuleText) && len(f.Values) > 0
		}
		for i := range f.Items {
			if f.Items[i].ID == r.Item {
				return true
			}
		}
		return false
	}
	switch {
	case held(agreed):
		return nil
	case held(state):
		return fault.New(fault.Conflict, op, "This is not agreed yet. Remove it once it is.")
	}
	return fault.New(fault.Invalid, op, nothingToRemove)
}
