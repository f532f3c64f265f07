// Package ticket defines incidents and requests: their fields, and the rules that need nothing but the record.
package ticket

import (
	"slices"

	"holdfast/backend/attachment"
	"holdfast/backend/record"
)

// The names of the kinds.
const (
	Incident = "incident"
	Request  = "request"
	// Category is a category that a site uses beside those of the configuration, as an import brings them along.
	Category = "category"
)

// Names of the fields that rules, lists and imports refer to.
const (
	FieldTitle          = "title"
	FieldDescription    = "description"
	FieldStatus         = "status"
	FieldImpact         = "impact"
	FieldUrgency        = "urgency"
	FieldPriority       = "priority"
	FieldPriorityReason = "priority_reason" // why the priority is another one than impact and urgency give; empty: it is theirs
	FieldCategory       = "category"
	FieldSubcategory    = "subcategory"
	FieldChannel        = "channel"
	FieldCaller         = "caller"
	FieldAssignee       = "assignee"
	FieldTeam           = "team"
	FieldService        = "service"
	FieldLocation       = "location"
	FieldTags           = "tags"
	FieldWatchers       = "watchers"
	FieldHoldReason     = "hold_reason"
	FieldResolutionCode = "resolution_code"
	FieldResolutionText = "resolution_text"
	FieldCancelReason   = "cancel_reason"
	FieldRejectReason   = "reject_reason"
	FieldReplies        = "replies"
	FieldNotes          = "notes"
	FieldWork           = "work"
	FieldPhases         = "phases" // which phase of its life cycle the ticket entered when, for the clocks
	FieldReopenCount    = "reopen_count"
	FieldResolvedAt     = "resolved_at"
	FieldClosedAt       = "closed_at"
	FieldMajor          = "major" // of an incident: it hits so many that it is led and reviewed apart
	FieldSource         = "source"
	FieldNumber         = "number"
)

// Names in the map of a list's item.
const (
	ItemText    = "text"
	ItemMinutes = "minutes"
)

// Kinds gives the definitions of this area.
func Kinds() []record.Kind {
	return []record.Kind{
		{Name: Incident, Label: "Incident", Prefix: "INC", Title: FieldTitle, Fields: append(fields(), major())},
		{Name: Request, Label: "Request", Prefix: "REQ", Title: FieldTitle, Fields: fields()},
		{Name: Category, Label: "Category", Title: FieldTitle, Fields: []record.Definition{
			{Name: FieldTitle, Label: "Name", Rule: record.RuleRegister, Type: record.TypeText, Required: true, Searchable: true},
			{Name: "parent", Label: "Part of", Rule: record.RuleRegister, Type: record.TypeRef, Target: Category},
		}},
	}
}

// Is reports whether records of the kind are tickets.
func Is(kind string) bool { return kind == Incident || kind == Request }

func major() record.Definition {
	return record.Definition{Name: FieldMajor, Label: "Major incident", Rule: record.RuleRegister, Type: record.TypeFlag}
}

func fields() []record.Definition {
	return slices.Concat([]record.Definition{
		{Name: FieldNumber, Label: "Number", Rule: record.RuleNumber, Type: record.TypeText, Searchable: true},
		{Name: record.FieldFormerNumbers, Label: "Former numbers", Rule: record.RuleSet, Type: record.TypeText, Searchable: true},
		{Name: FieldTitle, Label: "Title", Rule: record.RuleRegister, Type: record.TypeText, Required: true, Searchable: true},
		{Name: FieldDescription, Label: "Description", Rule: record.RuleText, Type: record.TypeMarkdown, Searchable: true},
		{Name: FieldStatus, Label: "Status", Rule: record.RuleState, Type: record.TypeChoice, Facet: true},
		{Name: FieldImpact, Label: "Impact", Rule: record.RuleRegister, Type: record.TypeChoice},
		{Name: FieldUrgency, Label: "Urgency", Rule: record.RuleRegister, Type: record.TypeChoice},
		{Name: FieldPriority, Label: "Priority", Rule: record.RuleRegister, Type: record.TypeChoice, Facet: true},
		{Name: FieldPriorityReason, Label: "Reason for the priority", Rule: record.RuleRegister, Type: record.TypeText},
		{Name: FieldCategory, Label: "Category", Rule: record.RuleRegister, Type: record.TypeChoice, Facet: true},
		{Name: FieldSubcategory, Label: "Subcategory", Rule: record.RuleRegister, Type: record.TypeText},
		{Name: FieldChannel, Label: "Channel", Rule: record.RuleRegister, Type: record.TypeChoice},
		{Name: FieldCaller, Label: "Caller", Rule: record.RuleRegister, Type: record.TypeRef, Target: "person"},
		{Name: FieldAssignee, Label: "Assignee", Rule: record.RuleRegister, Type: record.TypeRef, Target: "person", Claimable: true, Facet: true},
		{Name: FieldTeam, Label: "Team", Rule: record.RuleRegister, Type: record.TypeRef, Target: "team", Facet: true},
		{Name: FieldService, Label: "Service", Rule: record.RuleRegister, Type: record.TypeRef, Target: "service", Facet: true},
		{Name: FieldLocation, Label: "Location", Rule: record.RuleRegister, Type: record.TypeText, Searchable: true},
		{Name: FieldTags, Label: "Tags", Rule: record.RuleSet, Type: record.TypeText, Facet: true, Searchable: true},
		{Name: FieldWatchers, Label: "Watchers", Rule: record.RuleSet, Type: record.TypeRef, Target: "person"},
		{Name: FieldHoldReason, Label: "Reason for the hold", Rule: record.RuleRegister, Type: record.TypeText},
		{Name: FieldResolutionCode, Label: "Resolution code", Rule: record.RuleRegister, Type: record.TypeChoice},
		{Name: FieldResolutionText, Label: "Resolution", Rule: record.RuleRegister, Type: record.TypeMarkdown, Searchable: true},
		{Name: FieldCancelReason, Label: "Reason for cancelling", Rule: record.RuleRegister, Type: record.TypeText},
		{Name: FieldRejectReason, Label: "Reason for rejecting", Rule: record.RuleRegister, Type: record.TypeText},
		{Name: FieldReplies, Label: "Replies", Rule: record.RuleList, Type: record.TypeEntry, Searchable: true},
		{Name: FieldNotes, Label: "Notes", Rule: record.RuleList, Type: record.TypeEntry, Searchable: true},
		{Name: FieldWork, Label: "Work log", Rule: record.RuleList, Type: record.TypeEntry},
		attachment.Definition(),
		{Name: FieldPhases, Label: "Phases", Rule: record.RuleList, Type: record.TypeEntry},
		{Name: FieldReopenCount, Label: "Times reopened", Rule: record.RuleCounter, Type: record.TypeInteger},
		{Name: FieldResolvedAt, Label: "Resolved at", Rule: record.RuleRegister, Type: record.TypeInstant},
		{Name: FieldClosedAt, Label: "Closed at", Rule: record.RuleRegister, Type: record.TypeInstant},
		{Name: FieldSource, Label: "Source's own facts", Rule: record.RuleRegister, Type: record.TypeEntry},
		{Name: FieldBreaches, Label: "Broken promises", Rule: record.RuleList, Type: record.TypeEntry},
	}, movingFields())
}
