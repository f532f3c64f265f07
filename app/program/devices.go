package program

import (
	"context"
	"slices"
	"time"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/desk"
	"holdfast/backend/people"
	"holdfast/backend/policy"
	"holdfast/backend/query"
	"holdfast/backend/record"
)

// Devices gives all devices of the cluster, by name.
func (s *sharing) Devices(context.Context) ([]api.Device, error) {
	rows, err := s.site.everyDevice()
	if err != nil {
		return nil, err
	}
	devices, behind := make([]api.Device, 0, len(rows)), s.site.leftBehind()
	for _, row := range rows {
		state, err := s.site.store.View(row.ID)
		if err != nil {
			return nil, err
		}
		device := api.Device{
			NamedID: api.NamedID{ID: record.DeviceID(row.ID).String(), Name: row.Title}, Role: state.Shown(people.FieldRole).AsText(),
			Site: state.Shown(people.FieldSite).AsText(), Enrolled: row.Created.Time(), Revoked: state.Shown(people.FieldRevoked).AsText(),
			ShutOut: state.Shown(people.FieldShutOut).AsText(), Wipe: state.Shown(people.FieldWipe).AsFlag(), Copied: state.Shown(people.FieldCopied).AsFlag(),
			Person: s.site.personRef(state.Shown(people.FieldPerson).AsRef()), LastSeen: s.lastSeen(record.DeviceID(row.ID)),
			LeftBehind: behind[record.DeviceID(row.ID)],
		}
		device.Sites = []string{}
		for _, element := range state.Fields[people.FieldSites].Elements {
			device.Sites = append(device.Sites, element.Value.AsText())
		}
		devices = append(devices, device)
	}
	return devices, nil
}

// everyDevice gives the rows of all devices of the cluster, by name.
func (s *site) everyDevice() ([]query.Row, error) {
	var all []query.Row
	for {
		page, err := s.tables.For(people.Device).List(query.Request{Order: query.OrderTitle, Offset: len(all), Limit: limit.PageRowsMax})
		if err != nil {
			return nil, err
		}
		all = append(all, page.Rows...)
		if len(page.Rows) == 0 || len(all) >= page.Total {
			return all, nil
		}
	}
}

func (s *site) personRef(id record.ID) *api.Ref {
	if id == (record.ID{}) {
		return nil
	}
	row, _ := s.tables.Row(id)
	return &api.Ref{ID: id.String(), Title: row.Title, Kind: people.Person}
}

// lastSeen gives when a device was last in touch with this one, or nil.
func (s *sharing) lastSeen(device record.DeviceID) *time.Time {
	peers := s.Status().Peers
	at := slices.IndexFunc(peers, func(p api.Peer) bool { return p.Device == device.String() })
	if at < 0 {
		return nil
	}
	return peers[at].LastExchange
}

// ShutOut shuts a device out of the cluster, from when that is agreed.
func (sh *sharing) ShutOut(ctx context.Context, id string, wish api.ShutOutWish) error {
	const op = "program.ShutOut"
	device, err := record.ParseDevice(id)
	if err != nil {
		return err
	}
	if device == sh.site.trust.Identity().Device {
		return fault.New(fault.Invalid, op, "This is the device that you work on. Shut it out from another one.")
	}
	actor := sh.site.actor()
	if actor.Person != (record.ID{}) {
		may, err := sh.site.desk.May(actor.Person, []string{policy.DeviceRevoke})
		if err != nil {
			return err
		}
		if !may[policy.DeviceRevoke] {
			return fault.New(fault.Forbidden, op, "Your roles do not allow you to shut devices out. Ask an administrator of your site.")
		}
	}
	return sh.site.desk.Revoke(ctx, actor, device, desk.Revocation{Why: wish.Why, As: wish.As, Wipe: wish.Wipe})
}
