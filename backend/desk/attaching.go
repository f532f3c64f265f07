package desk

import (
	"context"

	"holdfast/backend/attachment"
	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// actionAttach is the edit's action name of attaching a file.
const actionAttach = "attach"

// MayAttach refuses at once what Attach would refuse after all bytes of the file have come. The content need not be known yet.
func (d *Desk) MayAttach(actor Actor, id record.ID, f attachment.File) error {
	_, err := d.attaching(actor, id, f)
	return err
}

// Attach hangs a file on a record in one edit that names its content, which this device must hold. f.ID is made by the caller, so that a retry attaches it once.
func (d *Desk) Attach(ctx context.Context, actor Actor, id record.ID, f attachment.File) (*record.State, error) {
	intent, err := d.attaching(actor, id, f)
	if err != nil {
		return nil, err
	}
	if intent == nil {
		return d.store.View(id)
	}
	intent.Blobs = []record.Hash{f.Blob}
	return d.Change(ctx, actor, *intent)
}

// attaching gives the checked intent; nil when the file hangs there already.
func (d *Desk) attaching(actor Actor, id record.ID, f attachment.File) (*Intent, error) {
	const op = "desk.Attach"
	state, err := d.find(op, id)
	if err != nil {
		return nil, err
	}
	kind, known := d.kinds.Kind(state.Kind)
	if !known {
		return nil, fault.New(fault.NewerFormat, op, "This record was made by a newer Holdfast. Update this device to change it.")
	}
	if _, takes := kind.Field(attachment.Field); !takes {
		return nil, fault.Newf(fault.Invalid, op, "%s takes no files.", kind.Label)
	}
	if _, there := attachment.Find(state, f.ID); there {
		return nil, nil
	}
	if err := f.Check(); err != nil {
		return nil, err
	}
	if len(state.Fields[attachment.Field].Items) >= limit.AttachmentsMax {
		return nil, fault.Newf(fault.Invalid, op, "There are %d files here already, which is the most. Open another ticket for more.", limit.AttachmentsMax)
	}
	intent := &Intent{Record: id, Action: actionAttach, Mutations: []record.Mutation{{
		Op: record.OpAppend, Record: id, Field: attachment.Field, Item: f.ID, Value: f.Value(),
	}}}
	return intent, d.permitLocally(op, record.Draft{Space: state.Space, Author: actor.Person, Action: actionAttach, Mutations: intent.Mutations})
}
