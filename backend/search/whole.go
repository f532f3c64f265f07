package search

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
)

// errCut says that a file of the index ends too early.
var errCut = errors.New("a file of it ends too early")

// The parts of bbolt's file format (version 2) from which the size of a file follows. Numbers are in the machine's byte order.
const (
	pageHeaderBytes = 16
	metaBytes       = 64 // of which the last eight are the sum of the others
	metaSummedBytes = 56
	boltMagic       = 0xED0CDAED
)

// checkWhole looks whether the file that names the index's other files ends too early, as after a power cut. Reading such a file, bbolt would end the program where nothing can
// recover. A folder without it has nothing to check.
func checkWhole(dir string) error {
	file, err := os.Open(filepath.Join(dir, "store", "root.bolt"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && info.Size() < usedBytes(file) {
		err = errCut
	}
	return errors.Join(err, file.Close())
}

// usedBytes gives how long the file has to be, by each of its two first pages that is valid: the newer one, in general, says more.
func usedBytes(file *os.File) (used int64) {
	used = 1 // an empty file is too short
	page := int64(os.Getpagesize())
	for id := range int64(2) {
		raw := make([]byte, pageHeaderBytes+metaBytes)
		if _, err := file.ReadAt(raw, id*page); err != nil {
			return 2 * page
		}
		meta := raw[pageHeaderBytes:]
		sum := fnv.New64a()
		sum.Write(meta[:metaSummedBytes])
		if order := binary.NativeEndian; order.Uint32(meta) == boltMagic && order.Uint64(meta[metaSummedBytes:]) == sum.Sum64() {
			used = max(used, int64(order.Uint64(meta[40:])*uint64(order.Uint32(meta[8:]))))
		}
	}
	return used
}
