package store

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/record"
)

// cleanMarker is what a clean Close leaves behind: where this device's incarnations stand. Without it (first run, crash, restore of a running store's files), or in
// another folder than it was written for (a copy), every space begins a new incarnation.
type cleanMarker struct {
	FolderDevice uint64                   `cbor:"1,keyasint"`
	FolderNumber uint64                   `cbor:"2,keyasint"`
	Own          map[record.Space]ownTail `cbor:"3,keyasint"`
	JournalBytes int64                    `cbor:"4,keyasint"` // of the last segment
}

func leaveCleanMarker(dir string, own map[record.Space]ownTail, journalBytes int64) error {
	device, number, err := folderIdentity(dir)
	if err != nil {
		return folderFault(err, "store.Close", dir)
	}
	raw, err := record.Encode(cleanMarker{device, number, own, journalBytes})
	if err != nil {
		return err
	}
	return diskfile.Replace(filepath.Join(dir, cleanName), raw, fileMode)
}

// takeCleanMarker reads the marker and removes it durably, before anything is written.
func takeCleanMarker(dir string) (cleanMarker, error) {
	var m cleanMarker
	path := filepath.Join(dir, cleanName)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = os.Remove(path)
	}
	if err == nil {
		err = diskfile.SyncFolder(dir)
	}
	if err != nil {
		return m, folderFault(err, "store.Open", dir)
	}
	if record.Decode(raw, &m) != nil {
		return cleanMarker{}, nil // as after an unclean stop
	}
	device, number, err := folderIdentity(dir)
	if err != nil || device != m.FolderDevice || number != m.FolderNumber {
		return cleanMarker{}, nil
	}
	return m, nil
}

// ownIn gives where this device's next edit of a space goes, beginning a new incarnation when there is none to go on with.
func (s *Store) ownIn(space record.Space, staged map[record.Space]ownTail) (ownTail, error) {
	if tail, found := staged[space]; found {
		return tail, nil
	}
	if tail, found := s.own[space]; found {
		return tail, nil
	}
	var raw [8]byte
	if _, err := io.ReadFull(s.cfg.Random, raw[:]); err != nil {
		return ownTail{}, err
	}
	return ownTail{Incarnation: record.Incarnation{Device: s.device, Number: binary.BigEndian.Uint64(raw[:])}}, nil
}

// dropRenewed forgets the incarnations that must not be continued.
func (s *Store) dropRenewed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.renew {
		s.own, s.renew = map[record.Space]ownTail{}, false
	}
}

// renewAll makes this device begin new incarnations in all spaces.
func (s *Store) renewAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renew = true
}
