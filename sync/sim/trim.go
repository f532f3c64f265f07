package sim

import (
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/session"
)

// trim lets a device forget the older commits of a space one by one, as its upkeep does. What it forgets is kept for the checks.
func (w *world) trim() error {
	d := pick(w, w.devices)
	space := pick(w, d.spaces)
	if err := w.archive(d, space); err != nil {
		return err
	}
	before := w.rand.Uint64N(d.store.Frontier(space).Commit + 2)
	if s := w.recovery.lineage.Latest(); s != nil {
		before = min(before, w.recovery.lineage.Common(record.Frontier{Space: space, Generation: d.store.Frontier(space).Generation, Commit: 1 << 40})+1)
	}
	w.note("%s forgets the commits of %s before %d", d.name, space, before)
	if err := d.store.TrimLog(w.ctx, space, before); !w.tooFull(d, err) {
		return err
	}
	return nil
}

// archive adds the commits of a space that a device holds to the ones that were seen.
func (w *world) archive(d *device, space record.Space) error {
	of := branch{space, d.store.Frontier(space).Generation}
	if w.recovery.tail[d.store.Frontier(space).Chain] {
		of.generation = w.current().generation
	}
	for {
		next := uint64(len(w.archived[of])) + 1
		commits, err := d.store.Commits(space, next, 1<<20)
		if fault.Is(err, store.Trimmed) {
			return nil // whoever trimmed them has put them there
		}
		if err != nil || len(commits) == 0 {
			return err
		}
		for i := range commits {
			w.decided[commits[i].Sealed.Hash()] = true
		}
		w.archived[of] = append(w.archived[of], commits...)
	}
}

// replacing gives a function that reports, after the message was taken, whether it put a snapshot in the place of commits that the device had.
func (w *world) replacing(d *device, m session.Message) func() bool {
	snapshot, is := m.(*session.Snapshot)
	if !is || !snapshot.Chunk.Done {
		return func() bool { return false }
	}
	before := d.store.Frontier(snapshot.Space).Commit
	return func() bool { return before > 0 && d.store.Frontier(snapshot.Space).Commit > before }
}
