package desk

import (
	"context"
	"strconv"

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

// VolumePublications is how many publications one record holds. Each further run of as many has a record of its own, a volume, so that a publication writes anew what few others brought, and
// not all that were ever made.
const VolumePublications = 64

// VolumeID is the id of a volume, the same in every cluster; volume 0 is the branch table itself.
func VolumeID(number int) record.ID {
	if number == 0 {
		return RepositoryID
	}
	return uuid.NewSHA1(RepositoryID, []byte(strconv.Itoa(number)))
}

// EachVolume calls do with what is committed of each volume, in order, as long as it gives no error.
func EachVolume(r record.Reader, do func(*record.State) error) error {
	for number := 0; ; number++ {
		state, err := r.Committed(VolumeID(number))
		if err != nil || state == nil {
			return err
		}
		if err := do(state); err != nil {
			return err
		}
	}
}

// volume gives the volume that the next publication goes to, as this device sees them, and whether it has to be made.
func (d *Desk) volume() (id record.ID, made bool, err error) {
	for number := 0; ; number++ {
		id = VolumeID(number)
		state, err := d.store.View(id)
		if err != nil || state == nil {
			return id, number > 0, err
		}
		if len(state.Fields[FieldPacks].Items) < VolumePublications {
			return id, false, nil
		}
	}
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
	volume, made, err := d.volume()
	if err != nil {
		return record.EditID{}, err
	}
	// The claim comes first: whoever publishes in vain is told so, also where others made the same volume.
	draft := record.Draft{Space: record.Organisation, Author: actor.Person, Action: ActionPublish, Mutations: []record.Mutation{
		{Op: record.OpClaim, Record: RepositoryID, Field: FieldMain, Value: record.Text(to), Base: record.Text(from)},
	}}
	if made {
		draft.Mutations = append(draft.Mutations, record.Mutation{Op: record.OpCreate, Record: volume, Kind: Repository})
	}
	draft.Mutations = append(draft.Mutations, record.Mutation{Op: record.OpAppend, Record: volume, Field: FieldPacks, Item: item, Value: record.Named(map[string]record.Value{
		ItemCommit: record.Text(to), ItemPack: record.Bytes(pack),
	})})
	if err := d.permitLocally(op, draft); err != nil {
		return record.EditID{}, err
	}
	ids, err := d.store.Append(ctx, draft)
	if err != nil {
		return record.EditID{}, err
	}
	return ids[0], nil
}
