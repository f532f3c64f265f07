package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/fb"
	"github.com/dgraph-io/badger/v4/options"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/ristretto/v2"
	"github.com/dgraph-io/ristretto/v2/z"
	"golang.org/x/sync/errgroup"
)

// tableReaders is how many tables are read at once.
const tableReaders = 3

// checkTables reads every table of a database folder against its checksums. Badger would do so as it opens, but on goroutines of its own, where
// it panics on damaged blocks and ends the program, and leaves out tables whose index is damaged as if they had never been.
func checkTables(o badger.Options) error {
	file, err := os.Open(filepath.Join(o.Dir, badger.ManifestFilename))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	manifest, _, err := badger.ReplayManifestFile(file, o.ExternalMagicVersion, o)
	if err != nil {
		return err
	}
	keys, err := badger.OpenKeyRegistry(badger.KeyRegistryOptions{Dir: o.Dir, ReadOnly: true, EncryptionKey: o.EncryptionKey})
	if err != nil {
		return err
	}
	defer keys.Close()
	indexes, err := ristretto.NewCache(&ristretto.Config[uint64, *fb.TableIndex]{NumCounters: 1 << 10, MaxCost: o.IndexCacheSize, BufferItems: 64})
	if err != nil {
		return err
	}
	defer indexes.Close()
	var reading errgroup.Group
	reading.SetLimit(tableReaders)
	for id, entry := range manifest.Tables {
		key, err := keys.DataKey(entry.KeyID)
		if err != nil {
			return errors.Join(err, reading.Wait())
		}
		reading.Go(func() error { return checkTable(table.NewFilename(id, o.Dir), o, entry.Compression, key, indexes) })
	}
	return reading.Wait()
}

func checkTable(path string, o badger.Options, compression options.CompressionType, key *pb.DataKey, indexes *ristretto.Cache[uint64, *fb.TableIndex]) (err error) {
	mapped, err := z.OpenMmapFile(path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %v", path, p)
		}
		err = errors.Join(err, mapped.Close(-1))
	}()
	_, err = table.OpenTable(mapped, table.Options{
		ReadOnly: true, BlockSize: o.BlockSize, BloomFalsePositive: o.BloomFalsePositive, ChkMode: options.OnTableRead,
		Compression: compression, DataKey: key, IndexCache: indexes,
	})
	return err
}
