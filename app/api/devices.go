package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Device is an enrolled device.
type Device struct {
	NamedID
	Role     string     `json:"role"`
	Person   *Ref       `json:"person,omitempty"`
	Site     string     `json:"site,omitempty"`
	Sites    []string   `json:"sites" doc:"further sites whose data it receives"`
	Enrolled time.Time  `json:"enrolled"`
	LastSeen *time.Time `json:"lastSeen"`
	Revoked  string     `json:"revoked,omitempty" doc:"why it is shut out"`
	ShutOut  string     `json:"shutOut,omitempty" doc:"left or compromised"`
	Wipe     bool       `json:"wipe,omitempty" doc:"its data is removed at the next contact"`
	Copied   bool       `json:"copied,omitempty" doc:"two copies of it wrote under one name, and nobody has said since that this is settled"`
	// LeftBehind is on nodes that still are what they were when the cluster was begun anew without them.
	LeftBehind string `json:"leftBehind,omitempty" doc:"the generation in which the cluster was begun anew without this node; it decides nothing any more"`
}

// Devices are all enrolled devices.
type Devices struct {
	Devices []Device `json:"devices"`
}

// ShutOutWish says how a device is shut out of the cluster.
type ShutOutWish struct {
	As   string `json:"as" enum:"left,compromised" doc:"left: its changes that are not agreed yet go to review; compromised: they are kept apart"`
	Why  string `json:"why" minLength:"1" maxLength:"500"`
	Wipe bool   `json:"wipe,omitempty" doc:"remove its data the next time it reaches a node"`
}

func (s *server) registerDevices(api huma.API) {
	operation(api, http.MethodGet, "/sync/devices", "sync-devices", "Enrolled devices", s.devices)
	operation(api, http.MethodPost, "/sync/devices/{id}/shut-out", "shut-out-device", "Shut a device out of the cluster", s.shutOut)
}

func (s *server) devices(ctx context.Context, _ *none) (*body[Devices], error) {
	v, err := s.services("api.devices")
	if err != nil {
		return nil, err
	}
	devices, err := v.Sync.Devices(ctx)
	return answer(Devices{devices}, err)
}

type shutOutInput struct {
	ID   string `path:"id"`
	Body ShutOutWish
}

func (s *server) shutOut(ctx context.Context, in *shutOutInput) (*body[Devices], error) {
	v, err := s.services("api.shutOut")
	if err != nil {
		return nil, err
	}
	if err := v.Sync.ShutOut(ctx, in.ID, in.Body); err != nil {
		return nil, err
	}
	devices, err := v.Sync.Devices(ctx)
	return answer(Devices{devices}, err)
}
