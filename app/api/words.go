package api

import (
	"cmp"
	"context"
	"slices"

	"holdfast/backend/catalog"
	"holdfast/backend/query"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// Words gives what the published configuration calls things. It is immutable.
type Words interface {
	// Choices gives the keys that a field of a kind takes, in the order to show; nil for a field that takes any.
	Choices(kind, field string) []Choice
	// Templates gives the templates for new records of a kind.
	Templates(kind string) []FormTemplate
}

// choices gives the keys of a field; categories that the site keeps itself come after those of the configuration.
func (v *Services) choices(kind, field string) []Choice {
	choices := slices.Clone(v.Config.Words().Choices(kind, field))
	if states, ok := v.states(kind, field); ok {
		return states
	}
	if field == ticket.FieldCategory && ticket.Is(kind) {
		for _, title := range v.titles(ticket.Category) {
			if !slices.ContainsFunc(choices, func(c Choice) bool { return c.Key == title }) {
				choices = append(choices, Choice{Key: title, Label: title})
			}
		}
	}
	return choices
}

// states gives the states of a life cycle as choices.
func (v *Services) states(kind, field string) ([]Choice, bool) {
	if field != ticket.FieldStatus && field != catalog.FieldStage {
		return nil, false
	}
	machine, ok := v.Desk.Machine(kind)
	if !ok {
		return nil, false
	}
	var choices []Choice
	for _, state := range machine.States() {
		choices = append(choices, Choice{Key: state.Key, Label: state.Label, Phase: string(state.Phase)})
	}
	return choices, true
}

func (v *Services) titles(kind string) []string {
	page, err := v.Tables.For(kind).List(query.Request{Order: query.OrderTitle, Limit: 200})
	if err != nil {
		return nil
	}
	titles := make([]string, 0, len(page.Rows))
	for _, row := range page.Rows {
		titles = append(titles, row.Title)
	}
	return titles
}

// label gives the words for a key; the key itself when nothing says otherwise.
func (v *Services) label(kind, field, key string) string {
	if machine, ok := v.Desk.Machine(kind); ok && (field == ticket.FieldStatus || field == catalog.FieldStage) {
		return cmp.Or(machine.Label(key), key)
	}
	for _, choice := range v.Config.Words().Choices(kind, field) {
		if choice.Key == key {
			return choice.Label
		}
	}
	return key
}

func (v *Services) templates(kind string) []FormTemplate {
	return append([]FormTemplate{}, v.Config.Words().Templates(kind)...)
}

// priority gives a ticket's priority with how it came about.
func (v *Services) priority(state *record.State) PriorityView {
	key := state.Shown(ticket.FieldPriority).AsText()
	view := PriorityView{Key: key, Label: v.label(state.Kind, ticket.FieldPriority, key), Reason: state.Shown(ticket.FieldPriorityReason).AsText()}
	if view.Overridden = view.Reason != ""; !view.Overridden {
		view.Reason = v.priorityReason(state)
	}
	return view
}

// priorityReason says what impact and urgency a priority follows from.
func (v *Services) priorityReason(state *record.State) string {
	impact, urgency := state.Shown(ticket.FieldImpact).AsText(), state.Shown(ticket.FieldUrgency).AsText()
	if impact == "" || urgency == "" {
		return "It follows from impact and urgency, and one of them is missing."
	}
	return "Impact " + v.label(state.Kind, ticket.FieldImpact, impact) + ", urgency " + v.label(state.Kind, ticket.FieldUrgency, urgency) + "."
}

// render gives Markdown as safe HTML.
func (v *Services) render(text string) string { return v.Markdown.HTML(text) }

func (v *Services) siteName(code string) string {
	page, err := v.Tables.For("site").List(query.Request{Order: query.OrderTitle, Limit: 200})
	if err != nil {
		return code
	}
	for _, row := range page.Rows {
		if state, err := v.Store.View(row.ID); err == nil && state != nil && state.Shown("code").AsText() == code {
			return row.Title
		}
	}
	return code
}

// clocks gives the service-level clocks of a ticket.
func (v *Services) clocks(state *record.State) []Clock {
	clocks := []Clock{}
	for _, clock := range v.Desk.Clocks(state, v.Now()) {
		view := Clock{
			Name: string(clock.Metric), Label: clockLabels[string(clock.Metric)], State: string(clock.Condition), Explain: clock.Deadline.Explanation.String(),
		}
		if due := clock.Deadline.Due; !due.IsZero() {
			view.Due = &due
		}
		if len(clock.Breaches) > 0 && view.State == "running" {
			view.State = "breached"
		}
		clocks = append(clocks, view)
	}
	return clocks
}

var clockLabels = map[string]string{"first_response": "First response", "next_update": "Next update", "resolution": "Resolution"}

// ServiceView is a service with what it still needs to go live.
type ServiceView struct {
	RecordView
	HTML map[string]string `json:"html" doc:"rendered fields, sanitised"`
	Gate Gate              `json:"gate"`
	Next []Step            `json:"next"`
}

// Gate says whether a service may go live.
type Gate struct {
	Ready   bool      `json:"ready"`
	Missing []NamedID `json:"missing" doc:"field and its label"`
}

// ArticleView is an article with its text rendered.
type ArticleView struct {
	RecordView
	HTML string `json:"html"`
	Next []Step `json:"next"`
}

func (s *server) getService(_ context.Context, in *ByID) (*body[ServiceView], error) {
	v, state, err := s.state("api.getService", in.ID)
	if err != nil {
		return nil, err
	}
	view := ServiceView{RecordView: v.record(state), Gate: Gate{Missing: []NamedID{}}, HTML: map[string]string{
		"description": v.render(state.Shown(catalog.FieldDescription).AsText()), "features": v.render(state.Shown("features").AsText()),
	}}
	kind, _ := v.Kinds.Kind(catalog.Service)
	for _, name := range catalog.Missing(func(field string) bool { return len(state.Shown(field)) > 0 }) {
		definition, _ := kind.Field(name)
		view.Gate.Missing = append(view.Gate.Missing, NamedID{ID: name, Name: definition.Label})
	}
	view.Gate.Ready = len(view.Gate.Missing) == 0
	steps, err := v.Desk.Steps(state, catalog.FieldStage, v.Actor.Person)
	view.Next = v.steps(state.Kind, steps)
	return answer(view, err)
}

func (s *server) getArticle(_ context.Context, in *ByID) (*body[ArticleView], error) {
	v, state, err := s.state("api.getArticle", in.ID)
	if err != nil {
		return nil, err
	}
	steps, err := v.Desk.Steps(state, "status", v.Actor.Person)
	return answer(ArticleView{RecordView: v.record(state), HTML: v.render(state.Shown("body").AsText()), Next: v.steps(state.Kind, steps)}, err)
}

type previewInput struct {
	Body struct {
		Text string `json:"text"`
	}
}

// Rendered is Markdown as HTML.
type Rendered struct {
	HTML string `json:"html" doc:"sanitised"`
}

func (s *server) preview(_ context.Context, in *previewInput) (*body[Rendered], error) {
	v, err := s.services("api.preview")
	if err != nil {
		return nil, err
	}
	return answer(Rendered{v.render(in.Body.Text)}, nil)
}

// KindView describes a kind to clients.
type KindView struct {
	Name   string      `json:"name"`
	Label  string      `json:"label"`
	Prefix string      `json:"prefix,omitempty"`
	Shared bool        `json:"shared"`
	Title  string      `json:"title"`
	Fields []FieldMeta `json:"fields"`
}

// FieldMeta describes a field to clients.
type FieldMeta struct {
	Name     string   `json:"name"`
	Label    string   `json:"label"`
	Type     string   `json:"type"`
	Rule     string   `json:"rule"`
	Target   string   `json:"target,omitempty"`
	Required bool     `json:"required"`
	ReadOnly bool     `json:"readOnly"`
	Choices  []Choice `json:"choices,omitempty"`
}

// Meta is what a client needs to know to show and edit records.
type Meta struct {
	Kinds []KindView `json:"kinds"`
	Sites []SiteName `json:"sites"`
}

func (s *server) meta(_ context.Context, _ *none) (*body[Meta], error) {
	v, err := s.services("api.meta")
	if err != nil {
		return nil, err
	}
	meta := Meta{Kinds: []KindView{}, Sites: []SiteName{}}
	for _, kind := range v.Kinds {
		view := KindView{Name: kind.Name, Label: kind.Label, Prefix: kind.Prefix, Shared: kind.Shared, Title: kind.Title, Fields: []FieldMeta{}}
		for _, field := range kind.Fields {
			view.Fields = append(view.Fields, FieldMeta{
				Name: field.Name, Label: field.Label, Type: string(field.Type), Rule: string(field.Rule), Target: field.Target,
				Required: field.Required, ReadOnly: derived(kind.Name, field), Choices: v.choices(kind.Name, field.Name),
			})
		}
		meta.Kinds = append(meta.Kinds, view)
	}
	page, err := v.Tables.For("site").List(query.Request{Order: query.OrderTitle, Limit: 200})
	if err != nil {
		return nil, err
	}
	for _, row := range page.Rows {
		if state, err := v.Store.View(row.ID); err == nil && state != nil {
			meta.Sites = append(meta.Sites, SiteName{Code: state.Shown("code").AsText(), Name: row.Title})
		}
	}
	return answer(meta, nil)
}
