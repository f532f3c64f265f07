package program

import (
	"context"
	"slices"
	"time"

	"holdfast/backend/desk"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// retireTime bounds how long a node that joined again waits for the cluster to decide what it had handed over, and then to note that it left as what it was.
const retireTime = 15 * time.Second

// retire shuts out the device that this node was before: its key is set aside and nobody works with it any more. While something of it is undecided it stays as it is, because that would
// go to review; where the cluster does not answer in time, it is said how to do it later.
func (r *rejoining) retire(ctx context.Context, s *site, former record.DeviceID) error {
	within, cancel := context.WithTimeout(ctx, retireTime)
	defer cancel()
	committed := func(so func(*record.State) bool) error {
		return s.until(within, func() (bool, error) {
			state, err := s.store.Committed(people.DeviceRecord(former))
			return state != nil && so(state), err
		})
	}
	err := committed(func(*record.State) bool { return !s.undecided(former) })
	if err == nil {
		out := desk.Revocation{Why: "It joined again as " + s.program.device.ID().String(), As: people.Left}
		err = s.desk.Revoke(within, s.actor(), former, out)
	}
	if err == nil {
		err = committed(func(state *record.State) bool { return len(state.Shown(people.FieldRevoked)) > 0 })
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		r.program.config.Log.Info("the former entry of this device is still there", "error", err)
		r.told("What this node was before is still in the list of devices. Take it out once everything is agreed: holdfast devices --shut-out " + former.String() + " --as left --why \"joined again\"")
	}
	return nil
}

// undecided reports whether something that a device wrote is tentative here.
func (s *site) undecided(device record.DeviceID) bool {
	for _, space := range s.store.Spaces() {
		if slices.ContainsFunc(s.store.Tails(space), func(tail store.Tail) bool { return tail.Incarnation.Device == device }) {
			return true
		}
	}
	return false
}
