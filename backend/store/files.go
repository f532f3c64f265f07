// Package store is one device's durable replica: a journal of its own edits, one Badger database, and blobs. DESIGN.md says how they fit.
package store

import (
	"io"
	"io/fs"
	"os"

	"holdfast/backend/core/diskfile"
)

// FileSystem is what the journal needs of a disk, so that tests can make it fail at any point. Implementations follow package os: the same errors, the same
// meaning; SyncFolder makes names durable.
type FileSystem interface {
	OpenFile(name string, flag int, perm fs.FileMode) (File, error)
	Remove(name string) error
	Rename(from, to string) error
	ReadDir(name string) ([]fs.DirEntry, error)
	MkdirAll(name string, perm fs.FileMode) error
	SyncFolder(name string) error
	// FreeBytes gives the space left on the disk that holds name.
	FreeBytes(name string) (uint64, error)
}

// File is an open file of a FileSystem.
type File interface {
	io.Reader
	io.Writer
	io.Closer
	Seek(offset int64, whence int) (int64, error)
	Truncate(size int64) error
	Sync() error
}

// Disk is the operating system's FileSystem.
type Disk struct{}

// OpenFile is os.OpenFile.
func (Disk) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err // not f: a nil *os.File in an interface is not nil
	}
	return f, nil
}

// Remove is os.Remove.
func (Disk) Remove(name string) error { return os.Remove(name) }

// Rename is os.Rename.
func (Disk) Rename(from, to string) error { return os.Rename(from, to) }

// ReadDir is os.ReadDir.
func (Disk) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

// MkdirAll is os.MkdirAll.
func (Disk) MkdirAll(name string, perm fs.FileMode) error { return os.MkdirAll(name, perm) }

// SyncFolder is diskfile.SyncFolder.
func (Disk) SyncFolder(name string) error { return diskfile.SyncFolder(name) }

// FreeBytes asks the file system.
func (Disk) FreeBytes(name string) (uint64, error) { return freeBytes(name) }
