package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"holdfast/backend/core/fault"
	"holdfast/backend/people"
	"holdfast/backend/query"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// Place is a site that a ticket can be moved to.
type Place struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Places are the sites to which this device may move tickets.
type Places struct {
	Places []Place `json:"places"`
}

// Whereabouts says where a ticket went, or came from.
type Whereabouts struct {
	Place
	Number string `json:"number,omitempty" doc:"its number there, once it has one"`
	Ticket *Ref   `json:"ticket,omitempty" doc:"the ticket there, when this device holds that site"`
}

type moveInput struct {
	ByID
	Body struct {
		Site string `json:"site" minLength:"1" maxLength:"32" doc:"the code of the site"`
	}
}

func (s *server) registerMoving(api huma.API) {
	operation(api, http.MethodGet, "/places", "list-places", "Sites to which this device may move tickets", s.places)
	operation(api, http.MethodPost, "/tickets/{id}/move", "move-ticket", "Move a ticket to another site; what is said here later goes after it", s.moveTicket)
}

func (s *server) places(context.Context, *none) (*body[Places], error) {
	v, err := s.services("api.places")
	if err != nil {
		return nil, err
	}
	places, err := v.places()
	return answer(Places{places}, err)
}

// places gives the sites that this device is for; a node may send tickets to every site that the organisation knows.
func (v *Services) places() ([]Place, error) {
	device, err := v.Store.View(people.DeviceRecord(v.Device))
	if err != nil {
		return nil, err
	}
	known, err := v.siteNames()
	if err != nil {
		return nil, err
	}
	codes := people.SitesOf(device)
	if device != nil && device.Shown(people.FieldRole).AsText() == people.RoleNode {
		for code := range known {
			if !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
	}
	places := make([]Place, 0, len(codes))
	for _, code := range codes {
		places = append(places, Place{code, firstOf(known[code], code)})
	}
	slices.SortFunc(places, func(a, b Place) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Code, b.Code)) })
	return places, nil
}

// siteNames gives the names of the organisation's sites by their codes.
func (v *Services) siteNames() (map[string]string, error) {
	page, err := v.Tables.For(people.Site).List(query.Request{Order: query.OrderTitle, Limit: 200})
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, row := range page.Rows {
		state, err := v.Store.View(row.ID)
		if err != nil {
			return nil, err
		}
		if state != nil && state.Shown(people.FieldCode).AsText() != "" {
			names[state.Shown(people.FieldCode).AsText()] = row.Title
		}
	}
	return names, nil
}

func (s *server) moveTicket(ctx context.Context, in *moveInput) (*body[TicketView], error) {
	const op = "api.moveTicket"
	v, state, err := s.state(op, in.ID)
	if err != nil {
		return nil, err
	}
	places, err := v.places()
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(places, func(p Place) bool { return p.Code == in.Body.Site }) {
		return nil, fault.Newf(fault.Forbidden, op, "This device is not for the site %s, so it cannot move tickets there. An administrator can add the site to it.", in.Body.Site)
	}
	if state, err = v.Desk.Move(ctx, v.Actor, state.ID, in.Body.Site); err != nil {
		return nil, err
	}
	return answer(v.ticket(ctx, state))
}

// views lets rules read what people see.
type views struct{ store Store }

// Committed implements record.Reader.
func (r views) Committed(id record.ID) (*record.State, error) { return r.store.View(id) }

// movedTo says where a ticket went; nil for one that is still here.
func (v *Services) movedTo(state *record.State) (*Whereabouts, error) {
	site := ticket.MovedTo(state)
	if site == "" {
		return nil, nil
	}
	names, err := v.siteNames()
	if err != nil {
		return nil, err
	}
	where := &Whereabouts{Place: Place{site, firstOf(names[site], site)}, Number: state.Shown(ticket.FieldMovedAs).AsText()}
	_, there, err := ticket.Landing(views{v.Store}, state)
	if err == nil && there != nil {
		where.Ticket = v.ref(there.ID)
	}
	return where, err
}

// movedFrom says where a ticket came from; nil for one that was made here.
func (v *Services) movedFrom(state *record.State) (*Whereabouts, error) {
	old, site := ticket.MovedFrom(state)
	if old == (record.ID{}) {
		return nil, nil
	}
	names, err := v.siteNames()
	if err != nil {
		return nil, err
	}
	from := &Whereabouts{Place: Place{site, firstOf(names[site], site)}}
	if row, ok := v.Tables.Row(old); ok {
		from.Ticket, from.Number = v.ref(old), row.Number
	}
	return from, nil
}
