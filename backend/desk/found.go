package desk

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"regexp"
	"strings"

	"holdfast/backend/core/fault"
	"holdfast/backend/people"
	"holdfast/backend/record"
)

// ActionFound is the action of the edit that founds a cluster.
const ActionFound = "found"

// Roles that people begin with: the first person of a cluster, and all others.
const (
	RoleAdministrator = "administrator"
	RoleTechnician    = "technician"
)

// siteCode is what a site's code looks like: it stands in ticket numbers.
var siteCode = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,5}$`)

// Founding says what a new cluster starts with.
type Founding struct {
	SiteName   string
	SiteCode   string    // two to six capital letters or digits, a letter first
	Person     record.ID // the id that the founder's device names; zero: a node that is nobody's founds
	PersonName string
	DeviceName string
	Address    string            // where other devices reach the founding one
	Device     ed25519.PublicKey // of the device that founds; it may also write in the system's name
}

// Check names the first thing that is wrong with the founding's words.
func (f *Founding) Check() error {
	const op = "desk.Found"
	switch {
	case f.SiteName == "":
		return fault.New(fault.Invalid, op, "The site needs a name, such as Lyon office.")
	case !siteCode.MatchString(f.SiteCode):
		return fault.New(fault.Invalid, op, "The site code needs two to six capital letters or digits and begins with a letter, such as LYO.")
	case f.Person != (record.ID{}) && f.PersonName == "":
		return fault.New(fault.Invalid, op, "Holdfast needs your name, so that others see who did what.")
	}
	return nil
}

// Found writes the first edit of a new cluster: its site, its first person, the device, and the branch table. It gives that edit.
func (d *Desk) Found(ctx context.Context, f Founding) (record.EditID, error) {
	if err := f.Check(); err != nil {
		return record.EditID{}, err
	}
	site, err := d.newID()
	if err != nil {
		return record.EditID{}, err
	}
	creations := []Creation{
		{ID: RepositoryID, Kind: Repository, Fields: map[string]record.Value{"title": record.Text("Configuration")}},
		{ID: site, Kind: people.Site, Fields: map[string]record.Value{
			people.FieldTitle: record.Text(f.SiteName), people.FieldCode: record.Text(f.SiteCode),
		}},
		DeviceCreation(DeviceFacts{
			Key: f.Device, Name: f.DeviceName, Role: people.RoleNode, Site: f.SiteCode, Person: f.Person, Address: f.Address,
		}),
	}
	if f.Person != (record.ID{}) {
		creations = append(creations, PersonCreation(f.Person, f.PersonName, f.SiteCode, RoleAdministrator))
	}
	return d.appendTogether(ctx, ActionFound, creations)
}

// appendTogether makes one edit of the system that carries out all creations.
func (d *Desk) appendTogether(ctx context.Context, action string, creations []Creation) (record.EditID, error) {
	draft := record.Draft{Space: record.Organisation, Action: action}
	for _, creation := range creations {
		part, _, err := d.DraftOf(Actor{}, creation)
		if err != nil {
			return record.EditID{}, err
		}
		draft.Mutations = append(draft.Mutations, part.Mutations...)
	}
	ids, err := d.store.Append(ctx, draft)
	if err != nil {
		return record.EditID{}, err
	}
	return ids[0], nil
}

// PersonCreation is the intent to make a person known, with one role to begin with.
func PersonCreation(id record.ID, name, site, role string) Creation {
	return Creation{
		ID: id, Kind: people.Person,
		Fields: map[string]record.Value{
			people.FieldTitle: record.Text(name), people.FieldSite: record.Text(site), people.FieldActive: record.Flag(true),
		},
		Elements: map[string][]record.Value{people.FieldRoles: {record.Text(role)}},
	}
}

// DeviceFacts are what the cluster knows of a device.
type DeviceFacts struct {
	Key     ed25519.PublicKey
	Name    string
	Role    string // people.RoleDesktop or people.RoleNode
	Site    string
	Person  record.ID // zero: nobody's
	Address string
	Invite  record.ID // the record of the invite that it came with; zero: none
}

// DeviceCreation is the intent to make a device known to the cluster.
func DeviceCreation(f DeviceFacts) Creation {
	return Creation{
		ID: people.DeviceRecord(record.DeviceOf(f.Key)), Kind: people.Device,
		Fields: map[string]record.Value{
			people.FieldTitle: record.Text(f.Name), people.FieldRole: record.Text(f.Role), people.FieldSite: record.Text(f.Site),
			people.FieldPerson: record.Ref(f.Person), people.FieldKey: record.Text(hex.EncodeToString(f.Key)),
			people.FieldAddress: record.Text(f.Address),
		},
	}
}

// ActionAdmit is the action name of an edit that makes a new device known.
const ActionAdmit = "admit"

// Admit makes a new device known, and its person when that is a new one: the first of a cluster becomes its administrator. With the same edit its invite is used up: should another device
// have used it by the time that this is decided, the edit comes to nothing. It gives the edit; the device may work once that is committed and the invite's record names it. Faults:
// fault.Conflict (the invite admitted another device).
func (d *Desk) Admit(ctx context.Context, f DeviceFacts, personName string, first bool) (record.EditID, error) {
	var creations []Creation
	person, err := d.store.View(f.Person)
	if err != nil {
		return record.EditID{}, err
	}
	if f.Person != (record.ID{}) && person == nil {
		role := RoleTechnician
		if first {
			role = RoleAdministrator
		}
		creations = append(creations, PersonCreation(f.Person, firstOf(personName, f.Name), f.Site, role))
	}
	device, err := d.store.View(people.DeviceRecord(record.DeviceOf(f.Key)))
	if err != nil {
		return record.EditID{}, err
	}
	if device == nil {
		creations = append(creations, DeviceCreation(f))
	}
	if f.Invite != (record.ID{}) {
		used, err := d.store.View(f.Invite)
		if err != nil {
			return record.EditID{}, err
		}
		switch {
		case used == nil:
			creations = append(creations, inviteCreation(f))
		case used.Shown(people.FieldDevice).AsText() != record.DeviceOf(f.Key).String():
			return record.EditID{}, fault.New(fault.Conflict, "desk.Admit", "This invite was used by another device. Each invite admits one device; ask for a new one.")
		}
	}
	if len(creations) == 0 {
		return record.EditID{}, nil
	}
	return d.appendTogether(ctx, ActionAdmit, creations)
}

func inviteCreation(f DeviceFacts) Creation {
	return Creation{ID: f.Invite, Kind: people.Invite, Fields: map[string]record.Value{
		people.FieldTitle: record.Text(f.Name), people.FieldDevice: record.Text(record.DeviceOf(f.Key).String()),
	}}
}

// Revocation says how a device is shut out.
type Revocation struct {
	Why  string // for people; compulsory
	As   string // people.Left or people.Compromised
	Wipe bool   // remove its data at the next contact
}

// Revoke shuts a device out of the cluster, from when that is committed.
func (d *Desk) Revoke(ctx context.Context, actor Actor, device record.DeviceID, r Revocation) error {
	const op = "desk.Revoke"
	switch {
	case strings.TrimSpace(r.Why) == "":
		return fault.New(fault.Invalid, op, "Say why the device is shut out, so that others understand it later.")
	case r.As != people.Left && r.As != people.Compromised:
		return fault.Newf(fault.Invalid, op, "A device is shut out as “%s” or “%s”, not as %q.", people.Left, people.Compromised, r.As)
	}
	id := people.DeviceRecord(device)
	state, err := d.find(op, id)
	if err != nil {
		return err
	}
	set := func(field string, value record.Value) record.Mutation {
		held := state.Fields[field]
		return record.Mutation{Op: record.OpSet, Field: field, Value: value, Seen: held.Seen()}
	}
	_, err = d.Change(ctx, actor, Intent{Record: id, Action: "revoke", Mutations: []record.Mutation{
		set(people.FieldRevoked, record.Text(strings.TrimSpace(r.Why))), set(people.FieldShutOut, record.Text(r.As)), set(people.FieldWipe, record.Flag(r.Wipe)),
	}})
	return err
}
