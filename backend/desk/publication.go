package desk

import (
	"context"

	"github.com/google/uuid"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// Repository is the kind of the one record that holds the branch table of the configuration repository.
const Repository = "repository"

// Names of the repository record's fields.
const (
	FieldMain  = "main"  // the published commit, in hexadecimal
	FieldPacks = "packs" // each publication's git objects
)

// Names in the map of an item of FieldPacks.
const (
	ItemCommit = "commit"
	ItemPack   = "pack"
)

// RepositoryID is the id of that record, the same in every cluster.
var RepositoryID = uuid.NewSHA1(uuid.NameSpaceURL, []byte("holdfast:repository:configuration"))

func repositoryKinds() []record.Kind {
	return []record.Kind{{
		Name: Repository, Label: "Configuration", Shared: true, Title: "title",
		Fields: []record.Definition{
			{Name: "title", Label: "Name", Rule: record.RuleRegister, Type: record.TypeText},
			{Name: FieldMain, Label: "Published version", Rule: record.RuleRegister, Type: record.TypeText, Claimable: true},
			{Name: FieldPacks, Label: "Publications", Rule: record.RuleList, Type: record.TypeEntry},
		},
	}}
}

// Publish makes the edit that moves the published branch from one commit ("" before the first publication) to another, which only the cluster's leader can let happen. pack
// holds the git objects that others lack.
func (d *Desk) Publish(ctx context.Context, actor Actor, from, to string, pack []byte) (record.EditID, error) {
	const op = "desk.Publish"
	if len(pack) > limit.EditBytesMax/2 {
		return record.EditID{}, fault.Newf(fault.Invalid, op, "The publication is larger than %d KiB. Publish large runbooks one by one.", limit.EditBytesMax>>11)
	}
	item, err := d.newID()
	if err != nil {
		return record.EditID{}, err
	}
	draft := record.Draft{Space: record.Organisation, Author: actor.Person, Action: ActionPublish, Mutations: []record.Mutation{
		{Op: record.OpClaim, Record: RepositoryID, Field: FieldMain, Value: record.Text(to), Base: record.Text(from)},
		{Op: record.OpAppend, Record: RepositoryID, Field: FieldPacks, Item: item, Value: record.Named(map[string]record.Value{
			ItemCommit: record.Text(to), ItemPack: record.Bytes(pack),
		})},
	}}
	if err := d.permitLocally(op, draft); err != nil {
		return record.EditID{}, err
	}
	ids, err := d.store.Append(ctx, draft)
	if err != nil {
		return record.EditID{}, err
	}
	return ids[0], nil
}
