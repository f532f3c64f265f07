package sim

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"holdfast/backend/store"
)

// disk is what a device's journal lies on, and what says how much room there is. It fails where the simulation wants it to.
type disk struct {
	store.Disk
	random  *rand.Rand
	changes int              // so far
	stopAt  int              // the change that happens in part only, and after which nothing works; zero: never
	room    uint64           // bytes that are said to be free; zero: plenty
	deaf    bool             // reading fails
	synced  map[string]int64 // by path: how much of a file a power cut spares
}

// What is free on a disk on which the database writes no more, and on one that takes no saves either.
const (
	nearlyFull = 110 << 20
	quiteFull  = 60 << 20
	plenty     = 1 << 40
)

var errPower = errors.New("the power is gone")

func newDisk(seed uint64) *disk {
	return &disk{random: rand.New(newSource(seed).from), synced: map[string]int64{}}
}

// change counts a change; cut says that it is the one that happens in part.
func (d *disk) change() (cut bool, err error) {
	if d.room == quiteFull {
		return false, syscall.ENOSPC
	}
	d.changes++
	switch {
	case d.stopAt == 0 || d.changes < d.stopAt:
		return false, nil
	case d.changes == d.stopAt:
		return true, nil
	}
	return false, errPower
}

func (d *disk) stopped() bool { return d.stopAt > 0 && d.changes >= d.stopAt }

// whole makes a change that cannot happen in part.
func (d *disk) whole(do func() error) error {
	cut, err := d.change()
	switch {
	case err != nil:
		return err
	case cut:
		return errPower
	}
	return do()
}

// OpenFile is store.FileSystem's.
func (d *disk) OpenFile(name string, flag int, perm fs.FileMode) (store.File, error) {
	if flag&os.O_CREATE != 0 {
		if err := d.whole(func() error { return nil }); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && flag&os.O_TRUNC == 0 {
		d.synced[name] = info.Size()
	}
	return &file{File: f, disk: d}, nil
}

// Remove is store.FileSystem's.
func (d *disk) Remove(name string) error {
	return d.whole(func() error { return os.Remove(name) })
}

// Rename is store.FileSystem's.
func (d *disk) Rename(from, to string) error {
	return d.whole(func() error { return os.Rename(from, to) })
}

// SyncFolder is store.FileSystem's.
func (d *disk) SyncFolder(string) error { return d.whole(func() error { return nil }) }

// FreeBytes is store.FileSystem's.
func (d *disk) FreeBytes(string) (uint64, error) {
	if d.room > 0 {
		return d.room, nil
	}
	return plenty, nil
}

// file is an open file of a disk. Synced is what it says is synced: the simulation decides what a power cut spares, so no real sync is needed.
type file struct {
	*os.File
	disk *disk
}

// Read is store.File's.
func (f *file) Read(p []byte) (int, error) {
	if f.disk.deaf {
		return 0, syscall.EIO
	}
	return f.File.Read(p)
}

// Write is store.File's: a full disk takes half of it, a power cut some of it.
func (f *file) Write(p []byte) (int, error) {
	cut, err := f.disk.change()
	if cut {
		err = errPower
		p = p[:f.disk.random.IntN(len(p)+1)]
	} else if err != nil {
		p = p[:len(p)/2]
	}
	n, wrong := f.File.Write(p)
	return n, errors.Join(err, wrong)
}

// Truncate is store.File's: giving room back works on a full disk.
func (f *file) Truncate(size int64) error {
	if f.disk.room == quiteFull {
		return f.File.Truncate(size)
	}
	return f.disk.whole(func() error { return f.File.Truncate(size) })
}

// Sync is store.File's.
func (f *file) Sync() error {
	if f.disk.room == quiteFull {
		return f.note()
	}
	return f.disk.whole(f.note)
}

func (f *file) note() error {
	info, err := f.Stat()
	if err == nil {
		f.disk.synced[f.Name()] = info.Size()
	}
	return err
}

func pickFrom(random *rand.Rand, from ...int64) int64 { return from[random.IntN(len(from))] }

// tear takes from the copy of a folder what a power cut takes: of what the journal had not synced, some or all. The disk is the one of the folder that was copied.
func (d *disk) tear(from, to string) error {
	return filepath.WalkDir(filepath.Join(to, "journal"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		synced, known := d.synced[from+strings.TrimPrefix(path, to)]
		if !known || info.Size() <= synced {
			return nil
		}
		loose := info.Size() - synced
		return os.Truncate(path, synced+pickFrom(d.random, 0, loose, d.random.Int64N(loose+1)))
	})
}
