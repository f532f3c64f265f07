package sim

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"holdfast/backend/core/fault"
)

// restart stops a device in good order and starts it again; sometimes its disk cannot be read at first, which must change nothing.
func (w *world) restart() error {
	d := pick(w, w.devices)
	w.note("%s restarts", d.name)
	w.hangUp(d)
	if err := d.store.Close(); err != nil {
		return err
	}
	if w.chance(30) {
		if err := w.unreadable(d); err != nil {
			return err
		}
	}
	return w.open(d)
}

// unreadable tries to open a store whose journal cannot be read.
func (w *world) unreadable(d *device) error {
	w.note("%s cannot read its disk", d.name)
	w.tally["unreadable"]++
	d.disk.deaf = true
	defer func() { d.disk.deaf = false }()
	entries, err := os.ReadDir(filepath.Join(d.dir, "journal"))
	if err != nil || len(entries) == 0 {
		return err // there is nothing to read yet
	}
	if err = w.start(d); err == nil {
		return errors.Join(fmt.Errorf("%s opened without reading its journal", d.name), d.store.Close())
	}
	if fault.CodeOf(err) == "" || fault.SentenceOf(err) == "" {
		return fmt.Errorf("%s says in no sentence that its disk cannot be read: %w", d.name, err)
	}
	return nil
}

// crash makes a device go on with what its disk holds at this instant: after a kill all that was written, after a power cut not even that.
func (w *world) crash() error {
	d := pick(w, w.devices)
	switch {
	case w.chance(40):
		w.note("%s is killed", d.name)
		return w.goOnFrom(d, d.dir)
	case w.chance(50):
		return w.stopWhileSaving(d)
	case !w.forgetful(d):
		return nil
	}
	w.tally["power cut"]++
	return w.losing(d, func() error {
		w.note("%s has a power cut", d.name)
		since, part := d.fresh, w.rand.Float64()
		return w.reopen(d, d.dir, func(dir string) error { return forget(dir, since, part) })
	})
}

// goOnFrom lets a device go on with a copy of a folder.
func (w *world) goOnFrom(d *device, folder string) error {
	w.hangUp(d)
	return w.reopen(d, folder, func(string) error { return nil })
}

// reopen stops a device without any farewell and opens it on a copy of a folder, after change has seen the copy.
func (w *world) reopen(d *device, folder string, change func(dir string) error) error {
	d.lives++
	fresh := filepath.Join(w.dir, fmt.Sprintf("%s.%d", d.name, d.lives))
	if err := copyFolder(folder, fresh); err != nil {
		return err
	}
	if err := errors.Join(d.disk.tear(d.dir, fresh), change(fresh)); err != nil {
		return err
	}
	stopped := d.disk.stopped()
	if err := d.store.Close(); err != nil && !stopped {
		return err
	}
	d.dir, d.disk = fresh, newDisk(w.rand.Uint64())
	return w.open(d)
}

// savesMax bounds how many saves it takes to reach the write that the power goes at.
const savesMax = 12

// stopWhileSaving cuts the power at one of the journal's next writes: what was answered is there afterwards, the rest whole or not at all.
func (w *world) stopWhileSaving(d *device) error {
	w.note("%s has a power cut while it saves", d.name)
	w.tally["stop while saving"]++
	w.hangUp(d)
	d.disk.stopAt = d.disk.changes + 1 + w.rand.IntN(6)
	for range savesMax {
		if d.disk.stopped() {
			break
		}
		if err := w.editOn(d); err != nil {
			return err
		}
	}
	if err := w.goOnFrom(d, d.dir); err != nil {
		return err
	}
	w.adopt(d)
	return nil
}

// fill lets a device's disk run full, or frees it.
func (w *world) fill() error {
	d := pick(w, w.devices)
	if d.disk.room > 0 {
		return w.free(d)
	}
	d.disk.room = pick(w, []uint64{nearlyFull, quiteFull})
	w.note("the disk of %s fills up to %d MiB", d.name, d.disk.room>>20)
	if w.chance(50) {
		w.hangUp(d)
		if err := d.store.Close(); err != nil {
			return err
		}
		return w.open(d)
	}
	return nil
}

func (w *world) free(d *device) error {
	w.note("the disk of %s has room again", d.name)
	d.disk.room = 0
	return nil
}

// tooFull reports whether a device's full disk explains an error.
func (w *world) tooFull(d *device, err error) bool {
	if d.disk.room == 0 || !fault.Is(err, fault.DiskFull) {
		return false
	}
	w.note("%s has no room", d.name)
	w.tally["refused by a full disk"]++
	return true
}

// decay damages a stopped device's database. It must open all the same: with what it can save, and what its journal and its peers have.
func (w *world) decay() error {
	d := pick(w, w.devices)
	if !w.forgetful(d) || d.disk.room > 0 {
		return nil
	}
	return w.losing(d, func() error {
		if err := d.store.Close(); err != nil {
			return err
		}
		what, err := rot(d.dir, d.disk.random)
		if err != nil {
			return err
		}
		w.note("the database of %s is damaged: %s", d.name, what)
		if err := w.start(d); err != nil {
			return err
		}
		if d.store.Health().Rebuilt != "" {
			w.note("%s sets its database aside", d.name)
			w.tally["rebuilt"]++
		}
		return nil
	})
}

// backUp keeps a copy of a device's folder, of a running or a stopped one.
func (w *world) backUp() error {
	d := pick(w, w.devices)
	if w.backups[d] != "" && w.chance(50) {
		return nil
	}
	w.note("%s is backed up", d.name)
	folder := filepath.Join(w.dir, fmt.Sprintf("%s.old%d", d.name, w.tally["backup"]))
	running := w.chance(50)
	if !running {
		w.hangUp(d)
		if err := d.store.Close(); err != nil {
			return err
		}
	}
	if err := copyFolder(d.dir, folder); err != nil {
		return err
	}
	w.backups[d] = folder
	if running {
		return nil
	}
	return w.open(d)
}

// bringBack replaces a device's folder by its old copy.
func (w *world) bringBack() error {
	d := pick(w, w.devices)
	folder := w.backups[d]
	if folder == "" || !w.forgetful(d) {
		return nil
	}
	w.note("%s is restored from an old copy", d.name)
	w.tally["restored"]++
	return w.losing(d, func() error { return w.reopen(d, folder, func(string) error { return nil }) })
}

// Clocks that lost their battery, and clocks that were set a life ahead.
var (
	longAgo  = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	farAhead = time.Date(2099, 12, 31, 0, 0, 0, 0, time.UTC)
)

// misset sets a device's clock wrong, sometimes absurdly, or right.
func (w *world) misset() error {
	d := pick(w, w.devices)
	d.skew = pick(w, []time.Duration{0, 0, -2 * time.Hour, 3 * time.Minute, 26 * time.Hour, longAgo.Sub(w.now), farAhead.Sub(w.now)})
	w.note("%s's clock says %s", d.name, w.now.Add(d.skew).Format(time.DateOnly))
	return nil
}
