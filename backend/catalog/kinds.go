// Package catalog defines services: what is on offer, who owns it, and what it must have before it goes live.
package catalog

import (
	"holdfast/backend/record"
	"holdfast/backend/workflow"
)

// Service is the name of the kind.
const Service = "service"

// Names of the fields that rules and lists refer to.
const (
	FieldTitle           = "title"
	FieldDescription     = "description"
	FieldOwner           = "owner"
	FieldTeam            = "team"
	FieldSLA             = "sla"
	FieldContinuityClass = "continuity_class"
	FieldStage           = "stage"
)

// Stages of a service's life.
const (
	StagePipeline = "pipeline"
	StageLive     = "live"
	StageRetired  = "retired"
)

// Kinds gives the definitions of this area.
func Kinds() []record.Kind {
	return []record.Kind{{
		Name: Service, Label: "Service", Prefix: "SVC", Shared: true, Title: FieldTitle,
		Fields: []record.Definition{
			{Name: "number", Label: "Number", Rule: record.RuleNumber, Type: record.TypeText, Searchable: true},
			{Name: record.FieldFormerNumbers, Label: "Former numbers", Rule: record.RuleSet, Type: record.TypeText, Searchable: true},
			{Name: FieldTitle, Label: "Name", Rule: record.RuleRegister, Type: record.TypeText, Required: true, Searchable: true},
			{Name: FieldDescription, Label: "Description", Rule: record.RuleText, Type: record.TypeMarkdown, Searchable: true},
			{Name: "features", Label: "Features", Rule: record.RuleText, Type: record.TypeMarkdown, Searchable: true},
			{Name: "category", Label: "Category", Rule: record.RuleRegister, Type: record.TypeText, Facet: true},
			{Name: FieldOwner, Label: "Owner", Rule: record.RuleRegister, Type: record.TypeRef, Target: "person", Facet: true},
			{Name: "deputy", Label: "Deputy", Rule: record.RuleRegister, Type: record.TypeRef, Target: "person"},
			{Name: FieldTeam, Label: "Support team", Rule: record.RuleRegister, Type: record.TypeRef, Target: "team", Facet: true},
			{Name: "price_model", Label: "Price model", Rule: record.RuleRegister, Type: record.TypeChoice},
			{Name: "price", Label: "Price", Rule: record.RuleRegister, Type: record.TypeMoney},
			{Name: "currency", Label: "Currency", Rule: record.RuleRegister, Type: record.TypeText},
			{Name: "hours", Label: "Service hours", Rule: record.RuleRegister, Type: record.TypeChoice},
			{Name: FieldSLA, Label: "Service level", Rule: record.RuleRegister, Type: record.TypeChoice},
			{Name: FieldContinuityClass, Label: "Continuity class", Rule: record.RuleRegister, Type: record.TypeChoice},
			{Name: "provider", Label: "Provider", Rule: record.RuleRegister, Type: record.TypeText},
			{Name: FieldStage, Label: "Stage", Rule: record.RuleState, Type: record.TypeChoice, Facet: true},
			{Name: "depends_on", Label: "Depends on", Rule: record.RuleSet, Type: record.TypeRef, Target: Service},
		},
	}}
}

// Missing names, in display order, the fields that a service still needs before it may go live: owner, service level, support team and
// continuity class. filled reports whether a field has a value.
func Missing(filled func(field string) bool) []string {
	var missing []string
	for _, field := range []string{FieldOwner, FieldSLA, FieldTeam, FieldContinuityClass} {
		if !filled(field) {
			missing = append(missing, field)
		}
	}
	return missing
}

// Lifecycle gives the stages and the steps between them. Going live needs what Missing checks.
func Lifecycle() workflow.Definition {
	gate := []string{FieldOwner, FieldSLA, FieldTeam, FieldContinuityClass}
	return workflow.Definition{
		Kind: Service,
		States: []workflow.State{
			{Key: StagePipeline, Label: "Pipeline", Phase: workflow.Open, Initial: true},
			{Key: StageLive, Label: "Live", Phase: workflow.Open},
			{Key: StageRetired, Label: "Retired", Phase: workflow.Closed},
		},
		Transitions: []workflow.Transition{
			{From: StagePipeline, To: StageLive, Label: "Go live", Required: gate},
			{From: StagePipeline, To: StageRetired, Label: "Retire"},
			{From: StageLive, To: StageRetired, Label: "Retire"},
			{From: StageRetired, To: StagePipeline, Label: "Plan again"},
		},
	}
}
