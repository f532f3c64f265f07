package desk

import (
	"context"
	"encoding/base64"

	"holdfast/backend/continuity"
	"holdfast/backend/core/fault"
	"holdfast/backend/people"
	"holdfast/backend/record"
)

// ActionRecover is the action of edits with which a recovered cluster puts itself in order.
const ActionRecover = "recover"

// KeepAuthority keeps the cluster's authority, encrypted to a recovery key, where every device of the cluster finds it. It takes the place of the one before. recipient is what
// backups are encrypted to. It gives the edit.
func (d *Desk) KeepAuthority(ctx context.Context, actor Actor, sealed, recipient []byte) (record.EditID, error) {
	const op = "desk.KeepAuthority"
	state, err := d.store.View(continuity.ClusterID)
	if err != nil {
		return record.EditID{}, err
	}
	draft := record.Draft{Space: record.Organisation, Author: actor.Person, Action: "keep_authority"}
	if state == nil {
		draft.Mutations = append(draft.Mutations, record.Mutation{Op: record.OpCreate, Record: continuity.ClusterID, Kind: continuity.Cluster})
	}
	for _, field := range []struct {
		name  string
		value []byte
	}{{continuity.FieldAuthority, sealed}, {continuity.FieldRecipient, recipient}} {
		m := record.Mutation{Op: record.OpSet, Record: continuity.ClusterID, Field: field.name, Value: record.Text(base64.StdEncoding.EncodeToString(field.value))}
		if state != nil {
			m.Seen = state.SeenIn(field.name)
		}
		draft.Mutations = append(draft.Mutations, m)
	}
	if err := d.permitLocally(op, draft); err != nil {
		return record.EditID{}, err
	}
	return d.appendOne(ctx, draft)
}

// ActionBackup is the action of edits that tell the cluster of a proven backup.
const ActionBackup = "back_up"

// AnnounceBackup tells the cluster how far a proven backup goes, so that replicas need not keep their own agreed edits beside the records any more. It does nothing where others go as far.
func (d *Desk) AnnounceBackup(ctx context.Context, actor Actor, frontiers []record.Frontier) error {
	state, err := d.store.View(continuity.ClusterID)
	if err != nil || state == nil {
		return err
	}
	covered := continuity.Covered(state)
	var mutations []record.Mutation
	for _, f := range frontiers {
		one := continuity.Coverage{Space: f.Space, Generation: f.Generation, Commit: f.Commit}
		if !one.Further(covered[f.Space]) {
			continue
		}
		value, err := one.Value()
		if err != nil {
			return err
		}
		mutations = append(mutations, record.Mutation{Op: record.OpAdd, Field: continuity.FieldCovered, Value: value})
		covered[f.Space] = one
	}
	if len(mutations) == 0 {
		return nil
	}
	for _, element := range state.Fields[continuity.FieldCovered].Elements {
		one, err := continuity.ReadCoverage(element.Value)
		if err != nil || covered[one.Space].Further(one) {
			mutations = append(mutations, record.Mutation{Op: record.OpRemove, Field: continuity.FieldCovered, Value: element.Value, Seen: element.Adds})
		}
	}
	_, err = d.Change(ctx, actor, Intent{Record: continuity.ClusterID, Action: ActionBackup, Mutations: mutations})
	return err
}

// Covered gives how far proven backups go in a space.
func (d *Desk) Covered(space record.Space) (continuity.Coverage, error) {
	state, err := d.store.Committed(continuity.ClusterID)
	return continuity.Covered(state)[space], err
}

func (d *Desk) appendOne(ctx context.Context, draft record.Draft) (record.EditID, error) {
	ids, err := d.store.Append(ctx, draft)
	if err != nil {
		return record.EditID{}, err
	}
	return ids[0], nil
}

// SealedAuthority gives what KeepAuthority kept, from committed state or else from what people see; nil where no recovery key was ever made.
func SealedAuthority(r record.Reader) ([]byte, error) {
	return keptOfCluster(r, continuity.FieldAuthority)
}

// BackupRecipient gives what backups are encrypted to; nil where no recovery key was ever made.
func BackupRecipient(r record.Reader) ([]byte, error) {
	return keptOfCluster(r, continuity.FieldRecipient)
}

func keptOfCluster(r record.Reader, field string) ([]byte, error) {
	state, err := r.Committed(continuity.ClusterID)
	if err != nil || state == nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(state.Shown(field).AsText())
	return raw, fault.Wrap(err, fault.Corrupt, "desk.SealedAuthority", "What the cluster keeps for its recovery is damaged on this device. Use another device, or a backup.")
}

// FormerNumber keeps a number that a record had before a recovery, so that it is still found by it. It gives the edit, or none when the record has the number (still, or again).
func (d *Desk) FormerNumber(ctx context.Context, actor Actor, id record.ID, number string) (record.EditID, error) {
	state, err := d.store.View(id)
	if err != nil || state == nil {
		return record.EditID{}, err
	}
	if state.Shown(record.FieldNumber).AsText() == number {
		return record.EditID{}, nil
	}
	for _, known := range state.Fields[record.FieldFormerNumbers].Elements {
		if known.Value.AsText() == number {
			return record.EditID{}, nil
		}
	}
	return d.appendOne(ctx, record.Draft{Space: state.Space, Author: actor.Person, Action: ActionRecover, Mutations: []record.Mutation{
		{Op: record.OpAdd, Record: id, Field: record.FieldFormerNumbers, Value: record.Text(number)},
	}})
}

// Reinstate makes the device that recovered the cluster one of its nodes, and, where it was none, its person an administrator: whoever holds the recovery key sets the cluster up again, also
// when no administrator's device is left. It gives the edit, or none when the cluster knows the device as a node.
func (d *Desk) Reinstate(ctx context.Context, f DeviceFacts) (record.EditID, error) {
	id := people.DeviceRecord(record.DeviceOf(f.Key))
	state, err := d.store.View(id)
	if err != nil {
		return record.EditID{}, err
	}
	if state == nil { // it was restored from a backup
		return d.appendTogether(ctx, ActionRecover, []Creation{DeviceCreation(f)})
	}
	draft := record.Draft{Space: record.Organisation, Action: ActionRecover}
	if state.Shown(people.FieldRole).AsText() != people.RoleNode {
		if err := d.empower(ctx, f.Person); err != nil {
			return record.EditID{}, err
		}
	}
	for _, to := range [][2]string{{people.FieldRole, people.RoleNode}, {people.FieldAddress, f.Address}} {
		field, value := to[0], to[1]
		if state.Shown(field).AsText() != value {
			draft.Mutations = append(draft.Mutations, record.Mutation{
				Op: record.OpSet, Record: id, Field: field, Value: record.Text(value), Seen: state.SeenIn(field),
			})
		}
	}
	if len(draft.Mutations) == 0 {
		return record.EditID{}, nil
	}
	return d.appendOne(ctx, draft)
}

// empower makes a person an administrator.
func (d *Desk) empower(ctx context.Context, id record.ID) error {
	state, err := d.store.View(id)
	if err != nil || state == nil {
		return err
	}
	for _, role := range state.Fields[people.FieldRoles].Elements {
		if role.Value.AsText() == RoleAdministrator {
			return nil
		}
	}
	_, err = d.appendOne(ctx, record.Draft{Space: state.Space, Action: ActionRecover, Mutations: []record.Mutation{
		{Op: record.OpAdd, Record: id, Field: people.FieldRoles, Value: record.Text(RoleAdministrator)},
	}})
	return err
}
