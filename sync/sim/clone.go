package sim

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"holdfast/backend/record"
	"holdfast/sync/session"
)

// clone copies a desktop's disk, key and all, and lets both go on, as after restoring an image on a second machine. At most once a run. Where the device
// was stopped in good order, both copies believe that they may go on with its incarnations.
func (w *world) clone() error {
	d := pick(w, w.devices)
	if d.node || w.cloned || d.disk.room > 0 || w.outcast.device == d {
		return nil
	}
	w.cloned, w.twins = true, d.ID()
	w.hangUp(d)
	running := w.chance(30)
	w.note("%s is cloned, running: %v", d.name, running)
	twin := *d
	twin.name, twin.claims, twin.reached = d.name+"'", session.NewClaims(), map[record.Space]record.Frontier{}
	twin.dir, twin.random, twin.disk = filepath.Join(w.dir, twin.name), newSource(w.rand.Uint64()), newDisk(w.rand.Uint64())
	copied := func() error { return copyFolder(d.dir, twin.dir) }
	stopped := func() error { return d.store.Close() }
	order := []func() error{stopped, copied, func() error { return w.sameMachine(d, &twin) }}
	if running {
		order = []func() error{copied, stopped}
	}
	for _, do := range order {
		if err := do(); err != nil {
			return err
		}
	}
	w.devices = append(w.devices, &twin)
	err := w.open(d)
	return errors.Join(err, w.open(&twin))
}

// sameMachine makes the stopped copy's clean marker fit its folder, as on a copied virtual disk, where the folder keeps its number: opening and closing it
// leaves a marker that fits, into which the original's incarnations go.
func (w *world) sameMachine(d, twin *device) error {
	var original, copied marker
	if err := readMarker(d.dir, &original); err != nil {
		return err
	}
	if err := w.open(twin); err != nil {
		return err
	}
	if err := twin.store.Close(); err != nil {
		return err
	}
	if err := readMarker(twin.dir, &copied); err != nil {
		return err
	}
	copied.Own = original.Own
	raw, err := record.Encode(copied)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(twin.dir, markerName), raw, 0o600)
}

// markerName and marker are the store's clean marker: which folder it is for, and where the device's incarnations stand.
const markerName = "CLEAN"

type marker struct {
	FolderDevice uint64       `cbor:"1,keyasint"`
	FolderNumber uint64       `cbor:"2,keyasint"`
	Own          record.Value `cbor:"3,keyasint"`
	JournalBytes int64        `cbor:"4,keyasint"`
}

func readMarker(dir string, into *marker) error {
	raw, err := os.ReadFile(filepath.Join(dir, markerName))
	if err != nil {
		return err
	}
	return record.Decode(raw, into)
}

// fate gives the outcome of an edit: its own or, where another edit under the same id was committed, that of the one under which its device
// offered it again.
func (w *world) fate(e *written, outcomes map[record.EditID]*record.Outcome) (*record.Outcome, error) {
	if o := outcomes[e.id]; o != nil && o.Hash == e.hash {
		return o, nil
	}
	if e.by.gone {
		return nil, nil
	}
	aside, err := e.by.store.Quarantine(w.ctx)
	if err != nil {
		return nil, err
	}
	for _, q := range aside {
		if q.Edit == e.id && q.Sealed.Hash() == e.hash && !q.NewID.IsZero() {
			w.tally["offered again"]++
			return outcomes[q.NewID], nil
		}
	}
	text := ""
	for _, q := range aside {
		text += fmt.Sprintf(" %s=>%s(%v)", short(q.Edit), short(q.NewID), q.Reissue)
	}
	return nil, fmt.Errorf("edit %s lost its id on %s and was not offered again:%s", short(e.id), e.by.name, text)
}
