package store

import (
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"time"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// heldName is the folder of the notes on who else keeps a blob: a file for each blob, with the device's id in it.
const heldName = "held"

func (b *Blobs) heldPath(h record.Hash) string {
	return filepath.Join(b.folder, heldName, b.shelf.name(h))
}

// Wish asks for a blob whatever else is wanted: an empty download, which outlasts a restart, says so. A blob that is here is left alone.
func (b *Blobs) Wish(h record.Hash) error {
	if b.Has(h) {
		return nil
	}
	d := b.begin(h)
	d.mu.Lock()
	defer d.mu.Unlock()
	f, err := os.OpenFile(b.partialPath(h), os.O_WRONLY|os.O_CREATE, fileMode)
	if err = errors.Join(err, closeIf(f)); err != nil {
		return folderFault(err, "store.Blobs.Wish", b.folder)
	}
	b.mu.Lock()
	b.wants.revision++
	b.mu.Unlock()
	return nil
}

// Begun reports whether a blob was wished for, or part of it has come.
func (b *Blobs) Begun(h record.Hash) bool {
	_, err := os.Stat(b.partialPath(h))
	return err == nil
}

// Since gives when a blob came to this device.
func (b *Blobs) Since(h record.Hash) (time.Time, error) {
	info, err := os.Stat(b.path(h))
	if err != nil {
		return time.Time{}, b.missing(err)
	}
	return info.ModTime(), nil
}

// NoteHeld remembers that another device keeps a blob which is here. What is not here is not noted, so that nobody can fill the disk with notes.
func (b *Blobs) NoteHeld(h record.Hash, by record.DeviceID) error {
	if _, known := b.Keeper(h); known || !b.Has(h) {
		return nil
	}
	return folderFault(diskfile.Replace(b.heldPath(h), []byte(hex.EncodeToString(by[:])), fileMode), "store.Blobs.NoteHeld", b.folder)
}

// Keeper gives the device that is known to keep a blob beside this one.
func (b *Blobs) Keeper(h record.Hash) (record.DeviceID, bool) {
	raw, err := os.ReadFile(b.heldPath(h))
	if err != nil {
		return record.DeviceID{}, false
	}
	id, err := hex.DecodeString(string(raw))
	if err != nil || len(id) != len(record.DeviceID{}) {
		return record.DeviceID{}, false
	}
	return record.DeviceID(id), true
}

// Drop removes a blob from this device, to be fetched again when it is wanted. It refuses while nobody else is known to keep it.
func (b *Blobs) Drop(one Missing) error {
	const op = "store.Blobs.Drop"
	if _, known := b.Keeper(one.Hash); !known {
		return fault.New(fault.Conflict, op, "Nobody else is known to keep this attached file, so it stays here.")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	err := os.Remove(b.path(one.Hash))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = os.Remove(b.heldPath(one.Hash))
	}
	if err != nil {
		return folderFault(err, op, b.folder)
	}
	if b.wants.known {
		b.wantLocked(one)
	}
	return nil
}
