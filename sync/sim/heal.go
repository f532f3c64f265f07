package sim

import (
	"errors"
	"fmt"

	"holdfast/backend/record"
)

// roundsMax bounds how often everybody meets until all is decided and known.
const roundsMax = 200

// heal mends the network and lets everybody meet until nothing changes any more.
func (w *world) heal() error {
	w.note("everything is mended")
	clear(w.apart)
	for _, d := range w.devices {
		if d.disk.room > 0 {
			if err := w.free(d); err != nil {
				return err
			}
		}
	}
	for len(w.links) > 0 {
		w.cut(w.links[0])
	}
	if err := w.renewAll(); err != nil {
		return err
	}
	leader := w.leader()
	for n := range roundsMax {
		if n == roundsMax/2 {
			if err := w.relent(leader); err != nil {
				return err
			}
		}
		for _, d := range w.devices {
			if d != leader && !w.linked(d, leader) {
				if err := w.connect(leader, d); err != nil {
					return err
				}
			}
		}
		if err := w.round(leader); err != nil {
			return err
		}
		if !w.settled(leader) {
			continue
		}
		kept, err := w.keepAllNumbers()
		if err != nil || !kept {
			return err
		}
	}
	return w.unsettled()
}

// round lets everything that is under way arrive, and the leader decide on what it holds then.
func (w *world) round(leader *device) error {
	for _, d := range w.devices {
		if err := errors.Join(w.keepNumbers(d), w.poll(d)); err != nil {
			return err
		}
	}
	for all := w.waiting(); len(all) > 0; all = w.waiting() {
		if err := w.deliver(pick(w, all)); err != nil {
			return err
		}
	}
	if err := w.catchUp(leader); err != nil {
		return err
	}
	if err := w.decide(leader); err != nil {
		return err
	}
	for _, n := range w.nodes() {
		if err := w.catchUp(n); err != nil {
			return err
		}
	}
	return nil
}

// settled reports whether all replicas stand where the leader stands and hold nothing else.
func (w *world) settled(leader *device) bool {
	if len(w.waiting()) > 0 {
		return false
	}
	for _, d := range w.devices {
		if apart, err := w.outside(d, leader); apart && err == nil {
			continue
		}
		for _, space := range d.spaces {
			if d.store.PendingIn(space) > 0 || d.store.Frontier(space) != leader.store.Frontier(space) {
				return false
			}
		}
	}
	for _, l := range w.links {
		for _, e := range l.ends {
			if st := e.session.Status(); st.Live && !st.Covered {
				return false
			}
		}
	}
	return true
}

// unsettled says what keeps the devices apart.
func (w *world) unsettled() error {
	all := []error{errors.New("the devices do not come together")}
	for _, d := range w.devices {
		for _, space := range d.spaces {
			f := d.store.Frontier(space)
			text := fmt.Sprintf("%s stands in %s at %d %s with %d pending", d.name, space, f.Commit, f.Digest.String()[:8], d.store.PendingIn(space))
			pending := d.store.Pending(space)
			for _, e := range pending[:min(len(pending), 5)] {
				text += fmt.Sprintf(", holds %s (%s)", short(e.ID), e.Action)
			}
			all = append(all, errors.New(text))
		}
	}
	return errors.Join(all...)
}

// watch lets a device finish what it does by itself, then checks what must hold at every instant: commits only grow, and everybody has the same ones.
func (w *world) watch(d *device) error {
	if err := d.store.Settle(w.ctx); err != nil {
		return err
	}
	for _, space := range d.spaces {
		f := d.store.Frontier(space)
		if w.recovery.tail[f.Chain] {
			f.Space = space
			d.reached[space] = f
			continue // others may have had another history up to there
		}
		chain := w.chains[branch{space, f.Generation}]
		for uint64(len(chain)) <= f.Commit {
			chain = append(chain, record.Hash{})
		}
		w.chains[branch{space, f.Generation}] = chain
		if chain[f.Commit] == (record.Hash{}) {
			chain[f.Commit] = f.Chain
		}
		if chain[f.Commit] != f.Chain {
			return fmt.Errorf("%s has another history of %s at %d", d.name, space, f.Commit)
		}
		if was := d.reached[space]; f.Commit < was.Commit && !w.recovery.lineage.Left(was) {
			return fmt.Errorf("%s went back in %s from %d to %d", d.name, space, was.Commit, f.Commit)
		}
		f.Space = space
		d.reached[space] = f
	}
	return w.part(d)
}
