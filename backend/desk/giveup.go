package desk

import (
	"context"
	"slices"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// ActionGiveUp is the action of an edit that gives up others, which wait for a record that is gone.
const ActionGiveUp = "give_up"

// GiveUp says of tentative edits that change records which are not there, or of parked edits, that nobody is to wait for them or look at them any more. The leader decides the waiting ones as
// they stand then, and what waits behind them goes on. Those of one space are given up in one edit. Faults: fault.Conflict (an edit waits for nothing), fault.Forbidden.
func (d *Desk) GiveUp(ctx context.Context, actor Actor, edits []*record.Edit) error {
	const op = "desk.GiveUp"
	var drafts []record.Draft
	for _, edit := range edits {
		about, err := d.gone(edit)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(drafts, func(draft record.Draft) bool { return draft.Space == edit.Space })
		if at < 0 {
			at = len(drafts)
			drafts = append(drafts, record.Draft{Space: edit.Space, Author: actor.Person, Action: ActionGiveUp})
		}
		drafts[at].Mutations = append(drafts[at].Mutations, record.Mutation{Op: record.OpSettle, Record: about, Seen: []record.EditID{edit.ID}})
	}
	for _, draft := range drafts {
		if err := d.permitLocally(op, draft); err != nil {
			return err
		}
	}
	if len(drafts) == 0 {
		return nil
	}
	_, err := d.store.Append(ctx, drafts...)
	return err
}

// gone gives the record that an edit changes and that is not there.
func (d *Desk) gone(edit *record.Edit) (record.ID, error) {
	lacked, err := record.Lacks(d.store, edit)
	if err != nil {
		return record.ID{}, err
	}
	if len(lacked) == 0 {
		return record.ID{}, fault.New(fault.Conflict, "desk.GiveUp", "This change waits for nothing that is gone; it goes on by itself. Nothing was given up.")
	}
	return lacked[0], nil
}
