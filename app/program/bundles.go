package program

import (
	"context"
	"crypto/ed25519"

	"holdfast/app/bundles"
	"holdfast/backend/core/limit"
	"holdfast/backend/people"
	"holdfast/backend/query"
	"holdfast/backend/record"
	"holdfast/sync/bundle"
	"holdfast/sync/session"
)

// startBundles lets work go to and fro in files.
func (s *site) startBundles(context.Context) error {
	c := s.program.config
	var err error
	s.bundles, err = bundles.New(bundles.Config{
		Dir: s.program.path("bundles"),
		Bundle: bundle.Config{
			Credentials: s.trust, Store: s.store, Devices: s.roster, Readers: s.readers, MayRead: s.mayRead, CommitsFromRaft: s.sharing.node != nil,
			Generation: s.sharing.place.Generation, Generations: s.book,
			Snapshots: session.SnapshotsOf(s.store), Blobs: s.store.Blobs(), Claims: s.sharing.syncer.Claims(),
			Wall: c.Wall, Random: c.Random, Log: c.Log,
		},
		Before: s.sharing.syncer.NoteStandings,
		Device: func(id record.DeviceID) string {
			row, _ := s.tables.Row(people.DeviceRecord(id))
			return row.Title
		},
		Person: s.personRef, Log: c.Log,
	})
	if err != nil {
		return err
	}
	s.onClose(s.bundles.Close)
	return nil
}

// readers gives the keys of the devices that may read a space.
func (s *site) readers(space record.Space) []ed25519.PublicKey {
	var keys []ed25519.PublicKey
	devices := s.tables.For(people.Device)
	for offset := 0; ; offset += limit.PageRowsMax {
		page, err := devices.List(query.Request{Order: query.OrderTitle, Offset: offset, Limit: limit.PageRowsMax})
		if err != nil || len(page.Rows) == 0 {
			return keys
		}
		for _, row := range page.Rows {
			device := record.DeviceID(row.ID)
			if key := s.roster.KeyOf(device); key != nil && s.mayRead(device, space) {
				keys = append(keys, key)
			}
		}
	}
}

// mayRead reports whether a device that the cluster knows may read a space: by its record, or by the certificate that it showed.
func (s *site) mayRead(device record.DeviceID, space record.Space) bool {
	if s.roster.revoked(device) {
		return false
	}
	state, err := s.store.Committed(people.DeviceRecord(device))
	if err == nil && state != nil {
		site := state.Shown(people.FieldSite).AsText()
		if space == record.Organisation || state.Shown(people.FieldRole).AsText() == people.RoleNode || site != "" && space == record.SiteSpace(site) {
			return true
		}
	}
	known, is := s.roster.Introduce(device)
	if !is {
		return false
	}
	identity, err := s.trust.Verify(known.Certificate)
	return err == nil && identity.MayRead(space)
}
