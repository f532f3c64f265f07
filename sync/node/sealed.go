package node

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"

	"github.com/hashicorp/raft"

	"holdfast/backend/core/fault"
	"holdfast/sync/node/raftlog"
)

// sealedLog encrypts what entries say before they reach the disk. Each is bound to its place, so that none can be put elsewhere.
type sealedLog struct {
	*raftlog.Store
	box cipher.AEAD
}

// logOf gives the log as raft uses it: sealed when there is a key.
func logOf(s *raftlog.Store, key []byte) (raft.LogStore, error) {
	if key == nil {
		return s, nil
	}
	own, err := hkdf.Key(sha256.New, key, nil, "holdfast raft log 1", sha256.Size)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(own)
	if err != nil {
		return nil, err
	}
	box, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	sealed := sealedLog{Store: s, box: box}
	return sealed, sealed.check()
}

// check reads the last entry, which raft would read next: raft does not hand on what kind of fault it met.
func (s sealedLog) check() error {
	last, err := s.LastIndex()
	if err != nil || last == 0 {
		return err
	}
	return s.GetLog(last, &raft.Log{})
}

// GetLog implements raft.LogStore.
func (s sealedLog) GetLog(index uint64, into *raft.Log) error {
	if err := s.Store.GetLog(index, into); err != nil {
		return err
	}
	data, err := s.box.Open(nil, nil, into.Data, placeOf(into))
	if err != nil {
		return fault.Wrap(err, fault.Corrupt, "node.GetLog", "An entry of this node's log was written with another key. Put the data folder's device folder back as it was; nothing was changed.")
	}
	into.Data = data
	return nil
}

// StoreLog implements raft.LogStore.
func (s sealedLog) StoreLog(entry *raft.Log) error { return s.StoreLogs([]*raft.Log{entry}) }

// StoreLogs implements raft.LogStore. The entries stay as they are: raft goes on using them.
func (s sealedLog) StoreLogs(entries []*raft.Log) error {
	sealed := make([]*raft.Log, len(entries))
	for i, entry := range entries {
		own := *entry
		own.Data = s.box.Seal(nil, nil, entry.Data, placeOf(entry))
		sealed[i] = &own
	}
	return s.Store.StoreLogs(sealed)
}

func placeOf(entry *raft.Log) []byte {
	place := binary.BigEndian.AppendUint64(nil, entry.Index)
	return append(binary.BigEndian.AppendUint64(place, entry.Term), byte(entry.Type))
}
