package raftlog

import (
	"errors"

	"go.etcd.io/bbolt"
)

// compactTransactionBytes bounds the memory that a compaction takes.
const compactTransactionBytes = 4 << 20

// compact rewrites the file without its unused pages when they are more than half of it. A crash leaves the old file or the new.
func compact(path string) error {
	source, err := openFile(path)
	if err != nil {
		return err
	}
	unused, total, err := usage(source)
	if err != nil || unused <= total/2 {
		return errors.Join(err, source.Close())
	}
	err = build(path, func(target *bbolt.DB) error {
		// The source is closed before its place is taken: Windows replaces no open file.
		return errors.Join(bbolt.Compact(target, source, compactTransactionBytes), source.Close())
	})
	return errors.Join(err, source.Close())
}

func usage(db *bbolt.DB) (unused, total int64, err error) {
	err = db.View(func(tx *bbolt.Tx) error {
		total = tx.Size()
		inUse := int64(4) // two meta pages, the root, one to spare
		walk := func(_ []byte, b *bbolt.Bucket) error {
			s := b.Stats()
			inUse += int64(s.BranchPageN + s.BranchOverflowN + s.LeafPageN + s.LeafOverflowN)
			return nil
		}
		err := tx.ForEach(walk)
		unused = total - inUse*pageBytes
		return err
	})
	return unused, total, err
}
