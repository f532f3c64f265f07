// Package policy answers who may do what, by roles. It is pure.
package policy

// Actions that roles grant. The names stand in configuration files, so they are only ever appended.
const (
	TicketCreate   = "ticket.create"
	TicketEdit     = "ticket.edit"
	TicketAssign   = "ticket.assign"
	TicketResolve  = "ticket.resolve"
	TicketImport   = "ticket.import"
	TicketOverride = "ticket.override"
	ServiceEdit    = "service.edit"
	ArticleEdit    = "article.edit"
	ArticlePublish = "article.publish"
	PersonEdit     = "person.edit"
	TeamEdit       = "team.edit"
	SiteEdit       = "site.edit"
	ConfigPublish  = "config.publish"
	DeviceInvite   = "device.invite"
	DeviceRevoke   = "device.revoke"
	ClusterManage  = "cluster.manage"
	RecordExport   = "record.export"
	RoleGrant      = "role.grant"
	RecordRedact   = "record.redact"
)

// Everything is the wildcard: alone it grants every action, behind an area and a full stop every action of that area.
const Everything = "*"

// Action is one thing that a role may grant.
type Action struct {
	Name  string
	Label string // completes "may …": "publish configuration"
}

// Actions lists every action that this version knows, in display order.
func Actions() []Action {
	return []Action{
		{TicketCreate, "create tickets"},
		{TicketEdit, "edit tickets"},
		{TicketAssign, "assign tickets"},
		{TicketResolve, "resolve tickets"},
		{TicketImport, "import tickets"},
		{TicketOverride, "set a ticket's priority by hand"},
		{ServiceEdit, "edit services"},
		{ArticleEdit, "edit articles"},
		{ArticlePublish, "publish articles"},
		{PersonEdit, "edit people"},
		{TeamEdit, "edit teams"},
		{SiteEdit, "edit sites"},
		{ConfigPublish, "publish configuration"},
		{DeviceInvite, "invite devices"},
		{DeviceRevoke, "shut devices out"},
		{ClusterManage, "change the members of the cluster"},
		{RecordExport, "export all records"},
		{RoleGrant, "give people roles"},
		{RecordRedact, "remove content for good"},
	}
}
