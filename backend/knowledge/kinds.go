// Package knowledge defines articles and their life cycle.
package knowledge

import (
	"holdfast/backend/attachment"
	"holdfast/backend/record"
	"holdfast/backend/workflow"
)

// Article is the name of the kind.
const Article = "article"

// Names of the fields that rules and lists refer to.
const (
	FieldTitle  = "title"
	FieldBody   = "body"
	FieldStatus = "status"
)

// States of an article.
const (
	Draft     = "draft"
	Review    = "review"
	Published = "published"
	Retired   = "retired"
)

// Kinds gives the definitions of this area.
func Kinds() []record.Kind {
	return []record.Kind{{
		Name: Article, Label: "Article", Prefix: "KB", Shared: true, Title: FieldTitle,
		Fields: []record.Definition{
			{Name: "number", Label: "Number", Rule: record.RuleNumber, Type: record.TypeText, Searchable: true},
			{Name: record.FieldFormerNumbers, Label: "Former numbers", Rule: record.RuleSet, Type: record.TypeText, Searchable: true},
			{Name: FieldTitle, Label: "Title", Rule: record.RuleRegister, Type: record.TypeText, Required: true, Searchable: true},
			{Name: FieldBody, Label: "Text", Rule: record.RuleText, Type: record.TypeMarkdown, Searchable: true},
			{Name: FieldStatus, Label: "Status", Rule: record.RuleState, Type: record.TypeChoice, Facet: true},
			{Name: "owner", Label: "Owner", Rule: record.RuleRegister, Type: record.TypeRef, Target: "person", Facet: true},
			{Name: "review_on", Label: "Review on", Rule: record.RuleRegister, Type: record.TypeInstant},
			{Name: "category", Label: "Category", Rule: record.RuleRegister, Type: record.TypeText, Facet: true},
			{Name: "services", Label: "Services", Rule: record.RuleSet, Type: record.TypeRef, Target: "service"},
			{Name: "tags", Label: "Tags", Rule: record.RuleSet, Type: record.TypeText, Facet: true, Searchable: true},
			attachment.Definition(),
			{Name: "helpful", Label: "Found helpful", Rule: record.RuleCounter, Type: record.TypeInteger},
			{Name: "not_helpful", Label: "Found not helpful", Rule: record.RuleCounter, Type: record.TypeInteger},
		},
	}}
}

// Lifecycle gives the states of an article and the steps between them.
func Lifecycle() workflow.Definition {
	return workflow.Definition{
		Kind: Article,
		States: []workflow.State{
			{Key: Draft, Label: "Draft", Phase: workflow.Open, Initial: true},
			{Key: Review, Label: "In review", Phase: workflow.Open},
			{Key: Published, Label: "Published", Phase: workflow.Open},
			{Key: Retired, Label: "Retired", Phase: workflow.Closed},
		},
		Transitions: []workflow.Transition{
			{From: Draft, To: Review, Label: "Ask for review", Required: []string{FieldBody}},
			{From: Draft, To: Published, Label: "Publish", Required: []string{FieldBody}},
			{From: Draft, To: Retired, Label: "Retire"},
			{From: Review, To: Published, Label: "Publish", Required: []string{FieldBody}},
			{From: Review, To: Draft, Label: "Back to draft"},
			{From: Published, To: Review, Label: "Review again"},
			{From: Published, To: Retired, Label: "Retire"},
			{From: Retired, To: Draft, Label: "Take up again"},
		},
	}
}
