package store

import (
	"crypto/aes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/fb"
	"github.com/dgraph-io/badger/v4/options"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/badger/v4/y"
	"github.com/dgraph-io/ristretto/v2"
	"github.com/dgraph-io/ristretto/v2/z"
	"golang.org/x/sync/errgroup"
)

// tableReaders is how many tables are read at once.
const tableReaders = 3

// checkTables reads every table of a database folder against its checksums. Badger would do so as it opens, but on goroutines of its own, where
// it panics on damaged blocks and ends the program, and leaves out tables whose index is damaged as if they had never been.
func checkTables(o badger.Options) error {
	return eachTable(o, func(_ uint64, wrong error) error { return wrong })
}

// eachTable opens every table that the manifest names as o.ChecksumVerificationMode wants it and tells found, from several goroutines, what is wrong with it, or nil.
func eachTable(o badger.Options, found func(id uint64, wrong error) error) error {
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
		reading.Go(func() error {
			return found(id, checkTable(table.NewFilename(id, o.Dir), o, entry.Compression, key, indexes))
		})
	}
	return reading.Wait()
}

func checkTable(path string, o badger.Options, compression options.CompressionType, key *pb.DataKey, indexes *ristretto.Cache[uint64, *fb.TableIndex]) (err error) {
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		return fmt.Errorf("%s is empty", path) // mapping it would fail as if the disk could not be used
	}
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
	if err := checkClaims(mapped.Data, compression, key); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	mode, whole := o.ChecksumVerificationMode, false
	if mode == options.OnTableRead {
		// Badger unmaps a table that fails while it is opened with its checksums, and whoever unmaps it again takes away what another goroutine has mapped there meanwhile.
		mode, whole = options.NoVerification, true
	}
	opened, err := table.OpenTable(mapped, table.Options{
		ReadOnly: true, BlockSize: o.BlockSize, BloomFalsePositive: o.BloomFalsePositive, ChkMode: mode,
		Compression: compression, DataKey: key, IndexCache: indexes,
	})
	if err != nil || !whole {
		return err
	}
	return opened.VerifyChecksum()
}

// blockBytesMax is more than any block holds: one is larger than Badger's block size only where a single row is.
const blockBytesMax = 2 * memTableBytes

// checkClaims looks at what the blocks of a table say that they unfold to, as Badger reserves that much memory, up to 4 GiB, before it finds a block damaged. What else is wrong with
// the table it leaves to Badger, or panics where the index makes no sense.
func checkClaims(raw []byte, compression options.CompressionType, key *pb.DataKey) error {
	if compression != options.Snappy {
		return nil
	}
	// The end of a table: its index, the length of it, the index's checksum, the length of that.
	const length = 4
	end := len(raw) - length
	end -= int(binary.BigEndian.Uint32(raw[end:])) + length
	size := int(binary.BigEndian.Uint32(raw[end:]))
	plain, err := unlocked(raw[end-size:end], size, key)
	if err != nil {
		return err
	}
	index := fb.GetRootAsTableIndex(plain, 0)
	for i := range index.OffsetsLength() {
		var at fb.BlockOffset
		index.Offsets(&at, i)
		head, err := unlocked(raw[at.Offset():][:at.Len()], binary.MaxVarintLen64, key)
		if err != nil {
			return err
		}
		if claimed, n := binary.Uvarint(head); n <= 0 || claimed > blockBytesMax {
			return fmt.Errorf("block %d says that it holds %d bytes", i, claimed)
		}
	}
	return nil
}

// unlocked gives the first bytes of what Badger has encrypted, or of the same where it has not.
func unlocked(locked []byte, most int, key *pb.DataKey) ([]byte, error) {
	if key == nil {
		return locked[:min(most, len(locked))], nil
	}
	end := len(locked) - aes.BlockSize // behind it stands the start of the counter
	return y.XORBlockAllocate(locked[:min(most, end)], key.Data, locked[end:])
}

// leaveOut takes the tables that cannot even be opened out of the manifest of a folder that was set aside, and gives their files another name, so that the rest can be read:
// some of them would end the program, others keep Badger from opening anything.
func leaveOut(o badger.Options) error {
	var mu sync.Mutex
	var bad []uint64
	err := eachTable(o, func(id uint64, wrong error) error {
		if wrong == nil {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		bad = append(bad, id)
		return nil
	})
	if err != nil || len(bad) == 0 {
		return err
	}
	slices.Sort(bad)
	for _, id := range bad {
		name := table.NewFilename(id, o.Dir)
		if err := os.Rename(name, name+asideMark+"0"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return withoutTables(filepath.Join(o.Dir, badger.ManifestFilename), bad)
}

// withoutTables adds a change set to a manifest that deletes tables: its length, its CRC-32C, and Badger's ManifestChangeSet in the encoding of protocol buffers.
func withoutTables(manifest string, ids []uint64) error {
	const changes, id, operation, remove = 1<<3 | 2, 1 << 3, 2 << 3, 1
	var set []byte
	for _, table := range ids {
		change := append(binary.AppendUvarint([]byte{id}, table), operation, remove)
		set = append(binary.AppendUvarint(append(set, changes), uint64(len(change))), change...)
	}
	raw := binary.BigEndian.AppendUint32(nil, uint32(len(set)))
	raw = append(binary.BigEndian.AppendUint32(raw, crc32.Checksum(set, castagnoli)), set...)
	f, err := os.OpenFile(manifest, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	return errors.Join(err, f.Close())
}
