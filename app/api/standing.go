package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// SitesWish says for which sites a device is.
type SitesWish struct {
	Site  string   `json:"site" minLength:"1" maxLength:"32" doc:"the code of the site where it stands"`
	Sites []string `json:"sites" maxItems:"7" doc:"codes of further sites whose data it receives"`
}

// AddressWish says where a node is reached.
type AddressWish struct {
	Address string `json:"address" minLength:"3" maxLength:"255" doc:"host:port"`
}

func (s *server) registerStanding(api huma.API) {
	operation(api, http.MethodPut, "/sync/devices/{id}/sites", "set-device-sites", "Say for which sites a device is; it joins and leaves them while it runs", s.setSites)
	operation(api, http.MethodPut, "/sync/members/{id}/address", "set-member-address", "Say where a node of the group is reached from now on", s.setAddress)
}

type sitesInput struct {
	ID   string `path:"id"`
	Body SitesWish
}

func (s *server) setSites(ctx context.Context, in *sitesInput) (*body[Devices], error) {
	v, err := s.services("api.setSites")
	if err != nil {
		return nil, err
	}
	if err := v.Sync.SetSites(ctx, in.ID, in.Body); err != nil {
		return nil, err
	}
	devices, err := v.Sync.Devices(ctx)
	return answer(Devices{devices}, err)
}

type addressInput struct {
	ID   string `path:"id"`
	Body AddressWish
}

func (s *server) setAddress(ctx context.Context, in *addressInput) (*body[Members], error) {
	v, err := s.services("api.setAddress")
	if err != nil {
		return nil, err
	}
	if err := v.Sync.SetAddress(ctx, in.ID, in.Body.Address); err != nil {
		return nil, err
	}
	return answer(v.Sync.Members(ctx))
}
