package store

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// faultyDisk is the real disk, except that it fails or stops where a test says. What was not synced when it stops is partly lost.
type faultyDisk struct {
	Disk
	mu      sync.Mutex
	random  *rand.Rand
	steps   int // changes so far
	stopAt  int // the change that is cut short, and after which nothing works; zero: never
	stopped chan struct{}
	refuse  error  // what every change fails with while it is set
	free    uint64 // what FreeBytes says; zero: the truth
	files   map[string]*faultyFile
}

var errStopped = errors.New("the computer has stopped")

func newFaultyDisk(seed uint64, stopAt int) *faultyDisk {
	return &faultyDisk{random: rand.New(rand.NewPCG(seed, 1)), stopAt: stopAt, stopped: make(chan struct{}), files: map[string]*faultyFile{}}
}

// step counts a change: cut says that it is the last one and only part of it happens.
func (d *faultyDisk) step() (cut bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuse != nil {
		return false, d.refuse
	}
	d.steps++
	switch {
	case d.stopAt == 0 || d.steps < d.stopAt:
		return false, nil
	case d.steps == d.stopAt:
		close(d.stopped)
		return true, nil
	}
	return false, errStopped
}

func (d *faultyDisk) setRefuse(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refuse = err
}

func (d *faultyDisk) setFree(bytes uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.free = bytes
}

func (d *faultyDisk) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	if flag&os.O_CREATE != 0 {
		if cut, err := d.step(); cut || err != nil {
			return nil, errors.Join(err, errStopped)
		}
	}
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	faulty := &faultyFile{File: f, disk: d, synced: info.Size()}
	d.files[name] = faulty
	return faulty, nil
}

func (d *faultyDisk) change(f func() error) error {
	cut, err := d.step()
	if cut {
		return errStopped
	}
	if err != nil {
		return err
	}
	return f()
}

func (d *faultyDisk) Remove(name string) error {
	return d.change(func() error { return os.Remove(name) })
}

func (d *faultyDisk) Rename(from, to string) error {
	return d.change(func() error { return os.Rename(from, to) })
}

func (d *faultyDisk) SyncFolder(name string) error {
	return d.change(func() error { return d.Disk.SyncFolder(name) })
}

func (d *faultyDisk) FreeBytes(name string) (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.free != 0 {
		return d.free, nil
	}
	return d.Disk.FreeBytes(name)
}

// afterStop copies a folder as it is found when the computer starts again: of what was not synced some, none or all is there. With db false the database is gone.
func (d *faultyDisk) afterStop(t testing.TB, dir string, db bool) string {
	t.Helper()
	to := t.TempDir()
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		must(t, err)
		name, err := filepath.Rel(dir, path)
		must(t, err)
		switch {
		case name == lockName || !db && (name == currentName || strings.HasPrefix(name, databases)):
			return nil
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, name), folderMode)
		case entry.Name() == "LOCK":
			return nil
		}
		raw, err := os.ReadFile(path)
		must(t, err)
		return os.WriteFile(filepath.Join(to, name), d.survives(path, raw), fileMode)
	}))
	return to
}

func (d *faultyDisk) survives(path string, raw []byte) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[path]
	if f == nil || int64(len(raw)) <= f.synced {
		return raw
	}
	loose := len(raw) - int(f.synced)
	return raw[:int(f.synced)+d.random.IntN(loose+1)]
}

type faultyFile struct {
	*os.File
	disk   *faultyDisk
	synced int64
}

func (f *faultyFile) Write(p []byte) (int, error) {
	cut, err := f.disk.step()
	if cut {
		n, err := f.File.Write(p[:f.disk.random.IntN(len(p)+1)])
		return n, errors.Join(err, errStopped)
	}
	if err != nil {
		n, _ := f.File.Write(p[:len(p)/2]) // a full disk takes what still fits
		return n, err
	}
	return f.File.Write(p)
}

func (f *faultyFile) Sync() error {
	return f.disk.change(func() error {
		info, err := f.File.Stat()
		if err != nil {
			return err
		}
		f.disk.mu.Lock()
		f.synced = info.Size()
		f.disk.mu.Unlock()
		return nil
	})
}

func (f *faultyFile) Truncate(size int64) error {
	f.disk.mu.Lock()
	refused := f.disk.refuse
	f.disk.mu.Unlock()
	if errors.Is(refused, syscall.ENOSPC) {
		return f.File.Truncate(size) // giving space back works on a full disk
	}
	return f.disk.change(func() error { return f.File.Truncate(size) })
}
