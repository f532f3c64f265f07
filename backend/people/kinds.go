// Package people defines persons, teams, sites and the devices that persons work on.
package people

import (
	"slices"

	"github.com/google/uuid"

	"holdfast/backend/record"
)

// The names of the kinds.
const (
	Person = "person"
	Team   = "team"
	Site   = "site"
	Device = "device"
	// Invite is one that was used: its id follows from the invite, so that a cluster agrees to one device for each.
	Invite = "invite"
	// Location is a place within a site, as tickets name it: "Building 2, room 14".
	Location = "location"
)

// Names of the fields that rules and lists refer to.
const (
	FieldTitle   = "title"
	FieldLogin   = "login"
	FieldEmail   = "email"
	FieldRoles   = "roles"
	FieldActive  = "active"
	FieldCode    = "code"
	FieldMembers = "members"
	FieldPerson  = "person"   // of a device: who works on it
	FieldRole    = "role"     // of a device: RoleDesktop or RoleNode
	FieldKey     = "key"      // of a device: its Ed25519 public key
	FieldSite    = "site"     // of a device or person: the site's code
	FieldSites   = "sites"    // of a device: codes of further sites whose data it receives
	FieldDevice  = "device"   // of an invite: the id of the device that it admitted
	FieldAddress = "address"  // of a device: "host:port" where others reach it
	FieldRevoked = "revoked"  // of a device: why it is shut out, or empty
	FieldShutOut = "shut_out" // of a device that is shut out: Left or Compromised
	FieldCopied  = "copied"   // of a device: two copies of it wrote under one name, and nobody has said since that this is settled
	FieldWipe    = "wipe"     // of a device that is shut out: its data is to be removed at the next contact
)

// What a device is enrolled as.
const (
	RoleDesktop = "desktop"
	RoleNode    = "node"
)

// Why a device is shut out: what its changes that are not agreed yet are worth.
const (
	Left        = "left"        // its person or it went away in good order: they go to review
	Compromised = "compromised" // lost, stolen or broken into: they are kept apart
)

// DeviceRecord gives the id of a device's record: the device id itself.
func DeviceRecord(device record.DeviceID) record.ID { return record.ID(device) }

// InviteRecord gives the id of the record of an invite that was used. It says nothing of the invite's secret.
func InviteRecord(invite [16]byte) record.ID {
	return uuid.NewSHA1(uuid.NameSpaceURL, append([]byte("holdfast:invite:"), invite[:]...))
}

// SitesOf gives the codes of the sites whose data a device receives, the one where it stands first; none for a record that is no device's.
func SitesOf(device *record.State) []string {
	if device == nil || device.Kind != Device || device.Shown(FieldSite).AsText() == "" {
		return nil
	}
	sites := []string{device.Shown(FieldSite).AsText()}
	for _, element := range device.Fields[FieldSites].Elements {
		if code := element.Value.AsText(); code != "" && !slices.Contains(sites, code) {
			sites = append(sites, code)
		}
	}
	slices.Sort(sites[1:])
	return sites
}

// Kinds gives the definitions of this area.
func Kinds() []record.Kind {
	return []record.Kind{
		{Name: Person, Label: "Person", Shared: true, Title: FieldTitle, Fields: []record.Definition{
			{Name: FieldTitle, Label: "Name", Rule: record.RuleRegister, Type: record.TypeText, Required: true, Searchable: true},
			{Name: FieldLogin, Label: "Login", Rule: record.RuleUnique, Type: record.TypeText, Searchable: true},
			{Name: FieldEmail, Label: "E-mail", Rule: record.RuleRegister, Type: record.TypeText, Searchable: true},
			{Name: "phone", Label: "Phone", Rule: record.RuleRegister, Type: record.TypeText, Searchable: true},
			{Name: FieldSite, Label: "Site", Rule: record.RuleRegister, Type: record.TypeText, Facet: true},
			{Name: "team", Label: "Team", Rule: record.RuleRegister, Type: record.TypeRef, Target: Team, Facet: true},
			{Name: FieldRoles, Label: "Roles", Rule: record.RuleSet, Type: record.TypeChoice, Facet: true},
			{Name: FieldActive, Label: "Active", Rule: record.RuleRegister, Type: record.TypeFlag},
		}},
		{Name: Team, Label: "Team", Shared: true, Title: FieldTitle, Fields: []record.Definition{
			{Name: FieldTitle, Label: "Name", Rule: record.RuleRegister, Type: record.TypeText, Required: true, Searchable: true},
			{Name: "description", Label: "Description", Rule: record.RuleText, Type: record.TypeMarkdown, Searchable: true},
			{Name: FieldMembers, Label: "Members", Rule: record.RuleSet, Type: record.TypeRef, Target: Person},
			{Name: FieldSite, Label: "Site", Rule: record.RuleRegister, Type: record.TypeText, Facet: true},
		}},
		{Name: Site, Label: "Site", Shared: true, Title: FieldTitle, Fields: []record.Definition{
			{Name: FieldTitle, Label: "Name", Rule: record.RuleRegister, Type: record.TypeText, Required: true, Searchable: true},
			{Name: FieldCode, Label: "Code", Rule: record.RuleUnique, Type: record.TypeText, Searchable: true},
			{Name: "address", Label: "Address", Rule: record.RuleText, Type: record.TypeMarkdown, Searchable: true},
			{Name: "zone", Label: "Time zone", Rule: record.RuleRegister, Type: record.TypeText},
		}},
		{Name: Location, Label: "Location", Title: FieldTitle, Fields: []record.Definition{
			{Name: FieldTitle, Label: "Name", Rule: record.RuleRegister, Type: record.TypeText, Required: true, Searchable: true},
		}},
		{Name: Device, Label: "Device", Shared: true, Title: FieldTitle, Fields: []record.Definition{
			{Name: FieldTitle, Label: "Name", Rule: record.RuleRegister, Type: record.TypeText, Required: true},
			{Name: FieldPerson, Label: "Person", Rule: record.RuleRegister, Type: record.TypeRef, Target: Person},
			{Name: FieldRole, Label: "Enrolled as", Rule: record.RuleRegister, Type: record.TypeChoice},
			{Name: FieldSite, Label: "Site", Rule: record.RuleRegister, Type: record.TypeText},
			{Name: FieldSites, Label: "Further sites", Rule: record.RuleSet, Type: record.TypeText},
			{Name: FieldKey, Label: "Public key", Rule: record.RuleRegister, Type: record.TypeText},
			{Name: FieldAddress, Label: "Address", Rule: record.RuleRegister, Type: record.TypeText},
			{Name: FieldRevoked, Label: "Shut out", Rule: record.RuleRegister, Type: record.TypeText},
			{Name: FieldShutOut, Label: "Shut out as", Rule: record.RuleRegister, Type: record.TypeChoice},
			{Name: FieldWipe, Label: "Data to be removed", Rule: record.RuleRegister, Type: record.TypeFlag},
			{Name: FieldCopied, Label: "Copied", Rule: record.RuleRegister, Type: record.TypeFlag},
		}},
		{Name: Invite, Label: "Used invite", Shared: true, Title: FieldTitle, Fields: []record.Definition{
			{Name: FieldTitle, Label: "For", Rule: record.RuleRegister, Type: record.TypeText, Required: true},
			{Name: FieldDevice, Label: "Device", Rule: record.RuleRegister, Type: record.TypeText},
		}},
	}
}
