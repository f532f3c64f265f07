package program

import (
	"context"

	"holdfast/app/api"
	"holdfast/backend/desk"
	"holdfast/backend/people"
	"holdfast/backend/policy"
	"holdfast/backend/query"
	"holdfast/backend/record"
)

// copiesTold names the note of how many edits that lost their ids were told of.
const copiesTold = "copies/told"

// tellCopies notes on a device's record that two copies of it wrote under one id, as soon as this replica holds what both wrote. So the administrators learn of it wherever they work: often
// the copy is the only one that ever sees it.
func (sh *sharing) tellCopies(ctx context.Context) error {
	s := sh.site
	count := s.store.SetAside()
	if told, err := s.followed(copiesTold); err != nil || told >= count {
		return err
	}
	aside, err := s.store.Quarantine(ctx)
	if err != nil {
		return err
	}
	seen := map[record.DeviceID]bool{}
	for _, q := range aside {
		device := q.Edit.Device
		if seen[device] {
			continue
		}
		seen[device] = true
		state, err := s.store.View(people.DeviceRecord(device))
		if err != nil {
			return err
		}
		if state == nil || state.Shown(people.FieldCopied).AsFlag() {
			continue
		}
		_, err = s.desk.Change(ctx, s.actor(), desk.Intent{Record: state.ID, Action: "note_copy", Mutations: []record.Mutation{{
			Op: record.OpSet, Field: people.FieldCopied, Value: record.Flag(true), Seen: state.SeenIn(people.FieldCopied),
		}}})
		if err != nil {
			return err
		}
	}
	return s.follows(ctx, copiesTold, count)
}

// copies says of which devices there are two copies: to who may shut devices out of all, to everybody of this one.
func (sh *sharing) copies() ([]api.Check, error) {
	s, everywhere := sh.site, true
	if person := s.actor().Person; person != (record.ID{}) {
		may, err := s.desk.May(person, []string{policy.DeviceRevoke})
		if err != nil {
			return nil, err
		}
		everywhere = may[policy.DeviceRevoke]
	}
	rows, err := s.everyDevice()
	if err != nil {
		return nil, err
	}
	var checks []api.Check
	for _, row := range rows {
		mine := record.DeviceID(row.ID) == s.program.device.ID()
		state, err := s.store.View(row.ID)
		switch {
		case err != nil:
			return nil, err
		case !mine && !everywhere, state == nil, !state.Shown(people.FieldCopied).AsFlag(), len(state.Shown(people.FieldRevoked)) > 0:
		default:
			checks = append(checks, copyCheck(&row, mine))
		}
	}
	return checks, nil
}

func copyCheck(device *query.Row, mine bool) api.Check {
	if mine {
		return api.Check{Name: "copied", About: device.Title, Sentence: "This device's data was copied or restored while another copy of it was in use. Nothing is lost; use only one of the two."}
	}
	return api.Check{Name: "device_copied", About: device.Title, Sentence: "Two copies of the device " + device.Title + " wrote under one name. Nothing is lost; if both are in use, let one of them join anew."}
}
