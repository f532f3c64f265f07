package raftlog

import (
	"bytes"
	"encoding/binary"

	"github.com/hashicorp/raft"
	"go.etcd.io/bbolt"
)

var _ raft.StableStore = (*Store)(nil)

// Set stores a named value: raft keeps its term and vote so.
func (s *Store) Set(key, value []byte) error {
	return s.update(func(tx *bbolt.Tx) error { return tx.Bucket(stableBucket).Put(key, seal(key, bytes.Clone(value))) })
}

// Get gives a copy of a named value, nil when there is none or it is empty; fault.Corrupt when its checksum fails.
func (s *Store) Get(key []byte) (value []byte, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		raw := tx.Bucket(stableBucket).Get(key)
		if raw == nil {
			return nil
		}
		body, err := unseal(key, raw)
		value = copyOf(body)
		return err
	})
	return value, err
}

// SetUint64 stores a named number.
func (s *Store) SetUint64(key []byte, value uint64) error {
	return s.Set(key, binary.BigEndian.AppendUint64(nil, value))
}

// GetUint64 gives a named number, 0 when there is none.
func (s *Store) GetUint64(key []byte) (uint64, error) {
	raw, err := s.Get(key)
	switch {
	case err != nil || raw == nil:
		return 0, err
	case len(raw) != 8:
		return 0, explain(errDamaged, "raftlog.GetUint64", s.path)
	}
	return binary.BigEndian.Uint64(raw), nil
}
