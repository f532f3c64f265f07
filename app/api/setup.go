package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Setup says whether this device has a site, and which.
type Setup struct {
	Ready      bool      `json:"ready" doc:"false: show the first run"`
	Version    string    `json:"version"`
	DataFolder string    `json:"dataFolder"`
	Person     *Ref      `json:"person,omitempty"`
	Site       *SiteName `json:"site,omitempty"`
	Wiped      string    `json:"wiped,omitempty" doc:"that the data of this device was removed, and on whose word"`
	Recovery   string    `json:"recovery,omitempty" doc:"the recovery code of a folder that was just encrypted; shown this once"`
}

// SiteName is a site's code and name.
type SiteName struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

type firstSiteInput struct {
	Body struct {
		Name    string `json:"name"`
		Code    string `json:"code" doc:"two to six capital letters or digits, a letter first; stands in ticket numbers"`
		Person  string `json:"person"`
		Starter bool   `json:"starter,omitempty"`
		Sample  bool   `json:"sample,omitempty"`
		Encrypt bool   `json:"encrypt,omitempty" doc:"encrypt the data folder with the keyring or HOLDFAST_PASSPHRASE"`
	}
}

type joinInput struct {
	Body struct {
		Invite  string `json:"invite"`
		Person  string `json:"person,omitempty"`
		Device  string `json:"device,omitempty"`
		Encrypt bool   `json:"encrypt,omitempty" doc:"encrypt the data folder with the keyring or HOLDFAST_PASSPHRASE"`
	}
}

func (s *server) registerSetup(api huma.API) {
	operation(api, http.MethodGet, "/setup", "setup", "Whether this device has a site", s.setup)
	operation(api, http.MethodPost, "/setup/site", "found-site", "Start a new site", s.found)
	operation(api, http.MethodPost, "/setup/join", "join-site", "Join a site with an invite", s.join)
}

func (s *server) setup(_ context.Context, _ *none) (*body[Setup], error) {
	return answer(s.setupNow(), nil)
}

func (s *server) setupNow() Setup {
	setup := Setup{Version: s.program.Version(), DataFolder: s.program.DataFolder(), Wiped: s.program.Wiped()}
	if v := s.program.Services(); v != nil {
		setup.Ready, setup.Person = true, v.ref(v.Actor.Person)
		setup.Site = &SiteName{Code: v.Actor.Site, Name: v.siteName(v.Actor.Site)}
	}
	return setup
}

func (s *server) found(ctx context.Context, in *firstSiteInput) (*body[Setup], error) {
	recovery, err := s.program.Found(ctx, FirstSite{
		Name: in.Body.Name, Code: in.Body.Code, Person: in.Body.Person, Starter: in.Body.Starter, Sample: in.Body.Sample,
		Encrypt: in.Body.Encrypt,
	})
	if err != nil {
		return nil, err
	}
	return s.settled(recovery)
}

func (s *server) settled(recovery string) (*body[Setup], error) {
	setup := s.setupNow()
	setup.Recovery = recovery
	return answer(setup, nil)
}

func (s *server) join(ctx context.Context, in *joinInput) (*body[Setup], error) {
	recovery, err := s.program.Join(ctx, Joining{Invite: in.Body.Invite, Person: in.Body.Person, Device: in.Body.Device, Encrypt: in.Body.Encrypt})
	if err != nil {
		return nil, err
	}
	return s.settled(recovery)
}
