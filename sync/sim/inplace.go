package sim

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"holdfast/backend/record"
	"holdfast/backend/store"
)

// rewind keeps a copy of a stopped desktop's folder, and puts it back in the same place some time later, as a file-by-file restore does: the clean marker of the copy fits the folder, so that the
// device goes on with its incarnations where they stood then. At most one device of a run is cloned or put back so.
func (w *world) rewind() error {
	d := pick(w, w.desktops())
	if w.cloned || d.disk.room > 0 || d == w.outcast.device {
		return nil
	}
	w.cloned, w.twins = true, d.ID()
	folder := filepath.Join(w.dir, d.name+".before")
	w.hangUp(d)
	if err := errors.Join(d.store.Close(), copyFolder(d.dir, folder), w.open(d)); err != nil {
		return err
	}
	w.note("%s is backed up, to be put back in place", d.name)
	since := len(w.ledger.order)
	w.later(10+w.rand.IntN(60), rarity{"put back", 0, func(w *world) error { return w.putBack(d, folder, since) }})
	return nil
}

// putBack does so with a copy that knows of the first since edits. What the device wrote afterwards it has forgotten, and may give the ids of that away again: others who hold it keep it aside
// then, and nobody but the device, which does not know of it, could offer it under another id. So it must not be what others wait for.
func (w *world) putBack(d *device, folder string, since int) error {
	creates := func(e *written) bool { return e.by == d && e.creates }
	if d.gone || d.disk.room > 0 || !slices.Contains(w.devices, d) || d.node || d == w.outcast.device || slices.ContainsFunc(w.ledger.order[min(since, len(w.ledger.order)):], creates) {
		return nil
	}
	w.rewound = d
	return w.losing(d, func() error {
		w.note("%s is put back in place as it was", d.name)
		w.tally["put back in place"]++
		if err := d.store.Close(); err != nil {
			return err
		}
		if err := replaceContent(d.dir, folder); err != nil {
			return err
		}
		if err := w.open(d); err != nil {
			return err
		}
		if w.chance(70) { // before anybody can tell it what it has forgotten
			for range 1 + w.rand.IntN(4) {
				before := len(w.ledger.order)
				if err := w.editOn(d); err != nil {
					return err
				}
				if now := w.ledger.order; len(now) > before && slices.ContainsFunc(now[:before], func(e *written) bool { return e.id == now[before].id }) {
					w.tally["an id given twice"]++
				}
			}
		}
		return nil
	})
}

// asideElsewhere marks what a device that was put back in place had written and knows no more, and whose id it has given away since, where others keep it.
func (w *world) asideElsewhere(outcomes map[record.EditID]*record.Outcome) error {
	if w.rewound == nil {
		return nil
	}
	kept := map[record.Hash]bool{}
	for _, d := range w.devices {
		aside, err := d.store.Quarantine(w.ctx)
		if err != nil {
			return err
		}
		for i := range aside {
			kept[aside[i].Sealed.Hash()] = kept[aside[i].Sealed.Hash()] || d.ID() != w.rewound.ID()
		}
	}
	own, err := w.rewound.store.Quarantine(w.ctx)
	if err != nil {
		return err
	}
	for _, e := range w.ledger.order {
		mine := slices.ContainsFunc(own, func(q store.Quarantined) bool { return q.Sealed.Hash() == e.hash })
		if o := outcomes[e.id]; e.by == w.rewound && !mine && kept[e.hash] && (o == nil || o.Hash != e.hash) {
			w.tally["kept aside by others"]++
			w.outcast.kept[e] = true
		}
	}
	return nil
}

// replaceContent puts a copy into the place of what a folder of a stopped store holds, and makes the copy's clean marker one for that folder.
func replaceContent(dir, folder string) error {
	var here, copied marker
	if err := errors.Join(readMarker(dir, &here), readMarker(folder, &copied)); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
		return fmt.Errorf("putting %s back: %w", dir, err)
	}
	copied.FolderDevice, copied.FolderNumber = here.FolderDevice, here.FolderNumber
	raw, err := record.Encode(copied)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, markerName), raw, 0o600)
}
