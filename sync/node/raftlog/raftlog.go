// Package raftlog keeps a Raft node's log and its votes in one bbolt file: durable when a call returns, the same on Windows,
// Linux and macOS, and read back only when its checksums hold.
package raftlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
)

const (
	formatVersion = 1
	// pageBytes is fixed, so that a file may move between machines with different page sizes.
	pageBytes = 4096
	// lockWait covers a predecessor that is just closing the file.
	lockWait = 2 * time.Second
	// freshSuffix marks a file that is not complete yet; it gets its name once it is.
	freshSuffix = ".fresh"
	// appendFill packs pages fully: the log only ever grows at its end.
	appendFill = 1.0
	// compactAboveBytes is the size from which Open gives the unused part of a file back to the disk.
	compactAboveBytes = 64 << 20
)

// The names in the file; constants in all but type.
var (
	logBucket    = []byte("log")
	stableBucket = []byte("stable")
	metaBucket   = []byte("meta")
	formatKey    = []byte("format")
)

// Store is a raft.LogStore and raft.StableStore. It is safe for concurrent use; no call returns before the disk has what it wrote.
type Store struct {
	path string
	mu   sync.RWMutex // held for writing while Rewrite changes db
	db   *bbolt.DB
}

// Open opens or creates the file at path; the folder must exist. A file that has grown far beyond its content is compacted first.
// Faults: fault.InUse (another process has it), fault.Corrupt, fault.NewerFormat, fault.ReadOnly, fault.DiskFull.
func Open(path string) (*Store, error) {
	db, err := openChecked(path)
	if err != nil {
		return nil, explain(err, "raftlog.Open", path)
	}
	return &Store{path: path, db: db}, nil
}

func openChecked(path string) (*bbolt.DB, error) {
	switch err := verify(path); {
	case errors.Is(err, fs.ErrNotExist):
		if err := create(path); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	}
	if err := compactIfWasteful(path); err != nil {
		return nil, err
	}
	db, err := openFile(path)
	if err != nil {
		return nil, err
	}
	if err := checkFormat(db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Close releases the file. It waits for calls under way.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return explain(s.db.Close(), "raftlog.Close", s.path)
}

// Rewrite copies the file without its unused pages, so that nothing is left of entries that were deleted. Other calls wait. A crash leaves the old file or the new.
func (s *Store) Rewrite() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := build(s.path, func(target *bbolt.DB) error {
		// The source is closed before its place is taken: Windows replaces no open file.
		return errors.Join(bbolt.Compact(target, s.db, compactTransactionBytes), s.db.Close())
	})
	again, openErr := openFile(s.path)
	if openErr == nil {
		s.db = again
	}
	return explain(errors.Join(err, openErr), "raftlog.Rewrite", s.path)
}

// SizeBytes gives the size of the file, for diagnostics.
func (s *Store) SizeBytes() (size int64, err error) {
	err = s.view(func(tx *bbolt.Tx) error { size = tx.Size(); return nil })
	return size, err
}

func openFile(path string) (db *bbolt.DB, err error) {
	err = guard(func() error {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout:        lockWait,
			NoFreelistSync: true,
			FreelistType:   bbolt.FreelistMapType,
			PageSize:       pageBytes,
			NoStatistics:   true,
		})
		return err
	})
	return db, err
}

// create makes an empty log: whole, or, after a crash, not at all.
func create(path string) error {
	return build(path, func(db *bbolt.DB) error {
		return db.Update(func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucket(logBucket)
			_, err2 := tx.CreateBucket(stableBucket)
			meta, err3 := tx.CreateBucket(metaBucket)
			if err := errors.Join(err, err2, err3); err != nil {
				return err
			}
			return meta.Put(formatKey, seal(formatKey, keyOf(formatVersion)))
		})
	})
}

// build fills a file beside path and, once it is durable, puts it in path's place.
func build(path string, fill func(*bbolt.DB) error) error {
	fresh := path + freshSuffix
	if err := os.RemoveAll(fresh); err != nil { // what an interrupted build left
		return err
	}
	db, err := openFile(fresh)
	if err != nil {
		return err
	}
	if err := errors.Join(fill(db), db.Close()); err != nil {
		return errors.Join(err, os.RemoveAll(fresh))
	}
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	return diskfile.SyncFolder(filepath.Dir(path))
}

func checkFormat(db *bbolt.DB) error {
	return db.View(func(tx *bbolt.Tx) error {
		meta := tx.Bucket(metaBucket)
		if meta == nil || tx.Bucket(logBucket) == nil || tx.Bucket(stableBucket) == nil {
			return errDamaged
		}
		stored, err := unseal(formatKey, meta.Get(formatKey))
		if err != nil || len(stored) != keyBytes {
			return errDamaged
		}
		if v := binary.BigEndian.Uint64(stored); v > formatVersion {
			return fault.Newf(fault.NewerFormat, "raftlog.Open",
				"This node's log was written by a newer Holdfast (format %d, this one knows %d). Start the newer version; nothing was changed.", v, formatVersion)
		}
		return nil
	})
}

func (s *Store) view(read func(*bbolt.Tx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.run(s.db.View, read)
}

func (s *Store) update(write func(*bbolt.Tx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.run(s.db.Update, write)
}

func (s *Store) run(transact func(func(*bbolt.Tx) error) error, do func(*bbolt.Tx) error) error {
	return explain(transact(do), "raftlog", s.path)
}

// guard turns what a damaged file makes of bbolt, a panic or an access beyond the file's end, into errDamaged.
func guard(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errDamaged, r)
		}
	}()
	return do()
}

var errDamaged = errors.New("content fails its checks")

// explain gives an error of bbolt or of the disk its code and sentence. Faults, and the errors that raft compares by identity, pass.
func explain(err error, op, path string) error {
	var f *fault.Fault
	switch {
	case err == nil || errors.As(err, &f):
		return err
	case errors.Is(err, bolterrors.ErrTimeout):
		return fault.Wrap(err, fault.InUse, op, "Another Holdfast on this machine is using this node's log "+path+". Stop it, then try again.")
	case errors.Is(err, errDamaged), errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return fault.Wrap(err, fault.Corrupt, op,
			"This node's log "+path+" is damaged. Remove the node from the cluster and add it again; the other nodes hold everything that was agreed.")
	}
	code := diskfile.Code(err)
	switch code {
	case fault.DiskFull:
		return fault.Wrap(err, code, op, "The disk that holds "+path+" is full. Free some space; the node goes on by itself.")
	case fault.ReadOnly:
		return fault.Wrap(err, code, op, "Holdfast may not write "+path+". Give this user the right to write there.")
	}
	return fault.Wrap(err, code, op, "This node's log "+path+" could not be used. Check the disk.")
}

func compactIfWasteful(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && info.Size() < compactAboveBytes) {
		return nil
	}
	if err != nil {
		return err
	}
	return compact(path)
}
