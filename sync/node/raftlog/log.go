package raftlog

import (
	"encoding/binary"

	"github.com/hashicorp/raft"
	"go.etcd.io/bbolt"
)

var _ raft.LogStore = (*Store)(nil)

// FirstIndex gives the lowest stored index, or 0 for an empty log.
func (s *Store) FirstIndex() (uint64, error) { return s.edge((*bbolt.Cursor).First) }

// LastIndex gives the highest stored index, or 0 for an empty log.
func (s *Store) LastIndex() (uint64, error) { return s.edge((*bbolt.Cursor).Last) }

func (s *Store) edge(move func(*bbolt.Cursor) (key, value []byte)) (index uint64, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		key, _ := move(tx.Bucket(logBucket).Cursor())
		switch len(key) {
		case 0:
		case keyBytes:
			index = binary.BigEndian.Uint64(key)
		default:
			return errDamaged
		}
		return nil
	})
	return index, err
}

// GetLog reads one entry; raft.ErrLogNotFound when there is none, fault.Corrupt when its checksum fails.
func (s *Store) GetLog(index uint64, into *raft.Log) error {
	key, found := keyOf(index), false
	err := s.view(func(tx *bbolt.Tx) error {
		raw := tx.Bucket(logBucket).Get(key)
		if found = raw != nil; !found {
			return nil
		}
		return decodeEntry(key, raw, into)
	})
	if err == nil && !found {
		return raft.ErrLogNotFound
	}
	return err
}

// StoreLog stores one entry.
func (s *Store) StoreLog(entry *raft.Log) error { return s.StoreLogs([]*raft.Log{entry}) }

// StoreLogs stores entries in one transaction with one sync: after a crash either all of them are there or none. An entry
// of the same index is replaced. Indexes may leave gaps.
func (s *Store) StoreLogs(entries []*raft.Log) error {
	return s.update(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket(logBucket)
		bucket.FillPercent = appendFill
		for _, entry := range entries {
			key := keyOf(entry.Index)
			if err := bucket.Put(key, encodeEntry(key, entry)); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeleteRange deletes the entries from low to high, both included, in one transaction: a crash within a truncation must not leave
// a hole that has entries behind it.
func (s *Store) DeleteRange(low, high uint64) error {
	return s.update(func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(logBucket).Cursor()
		first := keyOf(low)
		// Seeking again each time: a cursor may pass over an entry after it deleted one.
		for key, _ := cursor.Seek(first); key != nil && binary.BigEndian.Uint64(key) <= high; key, _ = cursor.Seek(first) {
			if err := cursor.Delete(); err != nil {
				return err
			}
		}
		return nil
	})
}
