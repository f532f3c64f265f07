package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"holdfast/backend/desk"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// FormField is one field to fill in a form.
type FormField struct {
	Name     string   `json:"name"`
	Label    string   `json:"label"`
	Type     string   `json:"type"`
	Required bool     `json:"required"`
	Choices  []Choice `json:"choices,omitempty"`
	Default  any      `json:"default,omitempty"`
}

// Step is one way on from a ticket's state.
type Step struct {
	To       string      `json:"to"`
	Label    string      `json:"label"`
	Required []FormField `json:"required"`
	Allowed  bool        `json:"allowed"`
	Reason   string      `json:"reason,omitempty"`
}

// ConversationEntry is one reply, note or event of a ticket.
type ConversationEntry struct {
	Item    string    `json:"item"`
	Kind    string    `json:"kind" enum:"reply,note,event"`
	Text    string    `json:"text"`
	HTML    string    `json:"html" doc:"sanitised"`
	By      *Ref      `json:"by"`
	At      time.Time `json:"at"`
	Pending bool      `json:"pending"`
	Device  string    `json:"device,omitempty"`
}

// Clock is one service-level clock with the words that explain its due time.
type Clock struct {
	Name    string     `json:"name"`
	Label   string     `json:"label"`
	Due     *time.Time `json:"due"`
	State   string     `json:"state" enum:"running,paused,met,breached"`
	Explain string     `json:"explain"`
}

// StatusView is a state with its words.
type StatusView struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Phase string `json:"phase"`
}

// PriorityView is a priority with the reason for it.
type PriorityView struct {
	Key        string `json:"key"`
	Label      string `json:"label"`
	Reason     string `json:"reason"`
	Overridden bool   `json:"overridden" doc:"somebody chose it and said why; otherwise it follows from impact and urgency"`
}

// TicketView is a ticket with everything its page shows.
type TicketView struct {
	RecordView
	Status       StatusView          `json:"status"`
	Next         []Step              `json:"next"`
	Priority     PriorityView        `json:"priority"`
	Conversation []ConversationEntry `json:"conversation"`
	Parked       []Parked            `json:"parked"`
	Clocks       []Clock             `json:"clocks"`
	MovedTo      *Whereabouts        `json:"movedTo,omitempty" doc:"the site that the ticket was moved to: this is what stayed behind"`
	MovedFrom    *Whereabouts        `json:"movedFrom,omitempty" doc:"the site that the ticket came from"`
}

type takeInput struct {
	ByID
	Body struct {
		ExpectedAssignee *string `json:"expectedAssignee" doc:"the assignee that was shown, or null"`
	}
}

type sayInput struct {
	ByID
	Body struct {
		Text string `json:"text"`
		Item string `json:"item,omitempty" doc:"made by the caller, so that a retry says it once"`
	}
}

type formInput struct {
	Kind     string `query:"kind" default:"incident"`
	Template string `query:"template"`
}

// TicketForm is the form of a new ticket.
type TicketForm struct {
	Fields    []FormField    `json:"fields"`
	Templates []FormTemplate `json:"templates"`
}

// FormTemplate fills a form in advance.
type FormTemplate struct {
	Key    string         `json:"key"`
	Label  string         `json:"label"`
	Fields map[string]any `json:"fields"`
}

func (s *server) registerTickets(api huma.API) {
	operation(api, http.MethodGet, "/tickets", "list-tickets", "Incidents and requests with filters, sort and counts",
		func(ctx context.Context, in *listInput) (*body[Page], error) { return s.list(ctx, ticket.Incident, in) })
	operation(api, http.MethodGet, "/tickets/form", "ticket-form", "The form of a new ticket, with templates", s.ticketForm)
	operation(api, http.MethodGet, "/tickets/{id}", "get-ticket", "One ticket with conversation, steps and clocks", s.getTicket)
	operation(api, http.MethodPost, "/tickets/{id}/take", "take-ticket", "Claim a ticket; the first claim that is agreed wins", s.takeTicket)
	operation(api, http.MethodPost, "/tickets/{id}/reply", "reply-ticket", "Write to the caller",
		func(ctx context.Context, in *sayInput) (*body[TicketView], error) {
			return s.say(ctx, ticket.FieldReplies, in)
		})
	operation(api, http.MethodPost, "/tickets/{id}/note", "note-ticket", "Write an internal note",
		func(ctx context.Context, in *sayInput) (*body[TicketView], error) {
			return s.say(ctx, ticket.FieldNotes, in)
		})
}

func (s *server) getTicket(ctx context.Context, in *ByID) (*body[TicketView], error) {
	v, state, err := s.state("api.getTicket", in.ID)
	if err != nil {
		return nil, err
	}
	return answer(v.ticket(ctx, state))
}

func (s *server) takeTicket(ctx context.Context, in *takeInput) (*body[TicketView], error) {
	v, state, err := s.state("api.takeTicket", in.ID)
	if err != nil {
		return nil, err
	}
	var expected record.ID
	if in.Body.ExpectedAssignee != nil {
		if expected, err = parseID(*in.Body.ExpectedAssignee); err != nil {
			return nil, err
		}
	}
	if state, err = v.Desk.Take(ctx, v.Actor, state.ID, expected); err != nil {
		return nil, err
	}
	return answer(v.ticket(ctx, state))
}

func (s *server) say(ctx context.Context, field string, in *sayInput) (*body[TicketView], error) {
	v, state, err := s.state("api.say", in.ID)
	if err != nil {
		return nil, err
	}
	var item record.ID
	if in.Body.Item != "" {
		if item, err = parseID(in.Body.Item); err != nil {
			return nil, err
		}
	}
	if state, err = v.Desk.Say(ctx, v.Actor, state.ID, field, in.Body.Text, item); err != nil {
		return nil, err
	}
	return answer(v.ticket(ctx, state))
}

func (v *Services) ticket(ctx context.Context, state *record.State) (TicketView, error) {
	status := state.Shown(ticket.FieldStatus).AsText()
	view := TicketView{
		RecordView: v.record(state),
		Status:     StatusView{status, v.label(state.Kind, ticket.FieldStatus, status), v.Desk.PhaseOf(state)},
		Priority:   v.priority(state),
		Clocks:     v.clocks(state),
	}
	steps, err := v.Desk.Steps(state, ticket.FieldStatus, v.Actor.Person)
	if err != nil {
		return view, err
	}
	view.Next = v.steps(state.Kind, steps)
	view.Conversation = v.conversation(state)
	if view.MovedTo, err = v.movedTo(state); err != nil {
		return view, err
	}
	for i := range view.Fields {
		view.Fields[i].ReadOnly = view.Fields[i].ReadOnly || view.MovedTo != nil
	}
	if view.MovedFrom, err = v.movedFrom(state); err != nil {
		return view, err
	}
	view.Parked, err = v.parkedOn(ctx, state.ID)
	return view, err
}

func (v *Services) steps(kind string, steps []desk.Step) []Step {
	views := make([]Step, 0, len(steps))
	for _, step := range steps {
		view := Step{To: step.To, Label: step.Label, Allowed: step.Allowed, Reason: step.Why, Required: []FormField{}}
		for _, definition := range step.Required {
			view.Required = append(view.Required, v.formField(kind, definition, true))
		}
		views = append(views, view)
	}
	return views
}

func (v *Services) formField(kind string, definition record.Definition, required bool) FormField {
	return FormField{
		Name: definition.Name, Label: definition.Label, Type: string(definition.Type), Required: required,
		Choices: v.choices(kind, definition.Name),
	}
}

// conversation puts replies and notes into one order of time.
func (v *Services) conversation(state *record.State) []ConversationEntry {
	entries := []ConversationEntry{}
	tentative := map[record.EditID]bool{}
	for _, edit := range v.Store.PendingOf(state.ID) {
		tentative[edit.ID] = true
	}
	for _, list := range []struct{ field, kind string }{{ticket.FieldReplies, "reply"}, {ticket.FieldNotes, "note"}} {
		for _, item := range state.Fields[list.field].Items {
			text := item.Value.AsNamed()[ticket.ItemText].AsText()
			entries = append(entries, ConversationEntry{
				Item: item.ID.String(), Kind: list.kind, Text: text, HTML: v.render(text), By: v.ref(item.Author), At: moment(item.Origin),
				Pending: tentative[item.Edit], Device: v.device(item.Edit.Device).Name,
			})
		}
	}
	slices.SortStableFunc(entries, func(a, b ConversationEntry) int { return a.At.Compare(b.At) })
	return entries
}

// formFields are the fields of a new ticket, in the order in which they are asked for.
var formFields = []string{
	ticket.FieldTitle, ticket.FieldCaller, ticket.FieldDescription, ticket.FieldChannel, ticket.FieldService, ticket.FieldCategory,
	ticket.FieldImpact, ticket.FieldUrgency, ticket.FieldTeam, ticket.FieldAssignee, ticket.FieldLocation, ticket.FieldTags,
}

func (s *server) ticketForm(_ context.Context, in *formInput) (*body[TicketForm], error) {
	v, err := s.services("api.ticketForm")
	if err != nil {
		return nil, err
	}
	form := TicketForm{Fields: []FormField{}, Templates: []FormTemplate{}}
	kind, known := v.Kinds.Kind(in.Kind)
	if !known || !ticket.Is(in.Kind) {
		return answer(form, nil)
	}
	var needed []string
	if machine, ok := v.Desk.Machine(in.Kind); ok {
		needed = machine.Required("", machine.Initial())
	}
	for _, name := range formFields {
		if definition, ok := kind.Field(name); ok {
			form.Fields = append(form.Fields, v.formField(in.Kind, definition, definition.Required || slices.Contains(needed, name)))
		}
	}
	form.Templates = v.templates(in.Kind)
	return answer(form, nil)
}
