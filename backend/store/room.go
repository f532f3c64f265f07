package store

import (
	"sync"
	"sync/atomic"

	"holdfast/backend/core/fault"
)

// room watches the disk. Badger writes through memory maps, where a full disk kills the program, and it goes on tidying its tables after the last write. So what the
// store writes stops while there is still room: files that can wait first, then the database, the journal last.
type room struct {
	files   FileSystem
	dir     string
	reserve uint64 // bytes that stay free
	full    atomic.Bool

	mu   sync.Mutex
	left int64 // bytes that may be written before the disk is looked at again
}

const (
	openReserveBytes     = 48 << 20  // below it the database is not even opened
	journalReserveBytes  = 96 << 20  // what the tables in the making may still need
	databaseReserveBytes = 128 << 20 // leaves room for saves when nothing else can be taken any more
	blobReserveBytes     = 160 << 20
	roomStep             = 4 << 20 // written bytes after which the disk is looked at again
)

// check refuses as disk_full when writing bytes would use up the reserve.
func (r *room) check(bytes int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left -= int64(bytes); r.left > 0 || bytes == 0 {
		return nil
	}
	free, err := r.files.FreeBytes(r.dir)
	if err != nil {
		return nil // a disk that does not say is not full for that
	}
	full := free < r.reserve+uint64(2*bytes)
	r.full.Store(full)
	if full {
		return tooFull(r.dir)
	}
	r.left = roomStep
	return nil
}

// roomToOpen refuses to open a database where it could not even tidy its tables.
func roomToOpen(files FileSystem, dir string) error {
	if free, err := files.FreeBytes(dir); err == nil && free < openReserveBytes {
		return tooFull(dir)
	}
	return nil
}

func tooFull(dir string) error {
	return fault.New(fault.DiskFull, "store", "The disk that holds "+dir+" is nearly full. Free some space, then try again; nothing that was saved is lost.")
}
