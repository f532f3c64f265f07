package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// The database's sizes: small tables keep memory bounded. Badger takes at most 15 % of memTableBytes in one transaction; what is larger goes through redo rows.
const (
	memTableBytes  = 8 << 20
	valueFileBytes = 32 << 20
	cacheBytes     = 16 << 20
	txnBytesMax    = 1 << 20
	txnRowsMax     = 10_000
	redoRowBytes   = 512 << 10
	tablesByHand   = 1000
)

// The relations that the sizes must keep, checked by the compiler.
const (
	_ = uint(memTableBytes*15/100 - txnBytesMax)
	_ = uint(txnBytesMax - 4*limit.EntryBytes)
	_ = uint(valueFileBytes - 2*limit.EditBytesMax)
)

// WrongKey: the database is encrypted with another key than Config.Key, or not at all.
const WrongKey fault.Code = "wrong_key"

// KeyUncertain: the database does not open with Config.Key, and nothing tells whether that is the wrong one or the database's own list of keys is damaged.
const KeyUncertain fault.Code = "key_uncertain"

// database is one open Badger folder. users counts those that read it, so that a restore closes it behind the last one.
type database struct {
	*badger.DB
	folder string
	users  sync.WaitGroup
}

func openDatabase(cfg *Config, folder string) (*database, error) {
	db, err := openWith(databaseOptions(cfg, folder))
	if err != nil {
		return nil, err
	}
	if err := db.redo(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := keepRegistry(folder); err != nil {
		cfg.Log.Warn("The copy of the database's keys could not be renewed.", "folder", folder, "error", err)
	}
	return db, nil
}

func openWith(o badger.Options) (db *database, err error) {
	defer func() {
		if p := recover(); p != nil { // Badger panics on some kinds of damage
			db, err = nil, corruptDatabase(fmt.Errorf("panic: %v", p), o.Dir)
		}
	}()
	if err := dropUnborn(o.Dir); err != nil {
		return nil, folderFault(err, "store.Open", o.Dir)
	}
	if o.ChecksumVerificationMode == options.OnTableRead {
		if err := checkTables(o); err != nil {
			return nil, openFault(err, o.Dir)
		}
		o.ChecksumVerificationMode = options.OnBlockRead
	}
	opened, err := badger.Open(o)
	if err != nil {
		return nil, openFault(err, o.Dir)
	}
	return &database{DB: opened, folder: o.Dir}, nil
}

// dropUnborn removes log files without a byte, which a kill leaves between their making and their first write: Badger does not open a folder with one.
func dropUnborn(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if kind := filepath.Ext(e.Name()); kind != ".mem" && kind != ".vlog" {
			continue
		}
		info, err := e.Info()
		if err == nil && info.Size() == 0 {
			err = os.Remove(filepath.Join(folder, e.Name()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func databaseOptions(cfg *Config, folder string) badger.Options {
	o := badger.DefaultOptions(folder).
		WithLogger(quietLogger{cfg.Log}).
		WithMetricsEnabled(false).
		WithMemTableSize(memTableBytes).
		WithNumMemtables(2).
		WithValueLogFileSize(valueFileBytes).
		WithBlockCacheSize(cacheBytes).
		WithIndexCacheSize(cacheBytes).
		WithNumCompactors(2).
		WithCompression(options.Snappy).
		WithChecksumVerificationMode(options.OnTableRead).
		WithVerifyValueChecksum(true).
		WithDetectConflicts(false) // the store has one writer
	if cfg.Key != nil {
		o = o.WithEncryptionKey(cfg.Key)
	}
	if cfg.ByHand { // which tables there are must not hang on when the database gets round to joining them
		o = o.WithNumCompactors(0).WithNumLevelZeroTables(tablesByHand).WithNumLevelZeroTablesStall(2 * tablesByHand)
	}
	return o
}

// openFault sorts what Badger says when it cannot open: only damage may lead to the folder being set aside.
func openFault(err error, folder string) error {
	var number syscall.Errno
	switch {
	case errors.Is(err, badger.ErrEncryptionKeyMismatch):
		return wrongKey(err)
	case errors.As(err, &number) && !errors.Is(err, fs.ErrNotExist):
		return folderFault(err, "store.Open", folder)
	}
	return corruptDatabase(err, folder)
}

func corruptDatabase(err error, folder string) error {
	return fault.Wrap(err, fault.Corrupt, "store.Open", "The database in "+folder+" is damaged.")
}

// readFault gives an error that Badger returns for a read its code.
func (db *database) readFault(err error, op string) error {
	if err == nil {
		return nil
	}
	var known *fault.Fault
	if errors.As(err, &known) {
		return err
	}
	return fault.Wrap(err, fault.Corrupt, op, "The database in "+db.folder+" could not be read: it is damaged, or the disk fails. Close Holdfast and start it again to have it repaired.")
}

// view runs f in a read transaction.
func (db *database) view(op string, f func(*badger.Txn) error) error {
	return db.readFault(db.View(f), op)
}

// get gives a copy of a row's value, or nil when there is none; an empty value is not nil.
func get(txn *badger.Txn, key []byte) ([]byte, error) {
	item, err := txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	value, err := item.ValueCopy(nil)
	if value == nil {
		value = []byte{}
	}
	return value, err
}

// scan calls f with each row of a prefix, ascending; key and value are valid during the call only.
func scan(txn *badger.Txn, prefix []byte, f func(key, value []byte) error) error {
	return scanFrom(txn, prefix, prefix, f)
}

// errStop ends a scan early without an error.
var errStop = errors.New("stop")

func scanFrom(txn *badger.Txn, prefix, from []byte, f func(key, value []byte) error) error {
	it := txn.NewIterator(badger.IteratorOptions{Prefix: prefix, PrefetchValues: true, PrefetchSize: 64})
	defer it.Close()
	for it.Seek(from); it.Valid(); it.Next() {
		item := it.Item()
		err := item.Value(func(value []byte) error { return f(item.Key(), value) })
		if errors.Is(err, errStop) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// scanKeys is scan without the values.
func scanKeys(txn *badger.Txn, prefix []byte, f func(key []byte) error) error {
	it := txn.NewIterator(badger.IteratorOptions{Prefix: prefix})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		if err := f(it.Item().Key()); err != nil {
			if errors.Is(err, errStop) {
				return nil
			}
			return err
		}
	}
	return nil
}

// writeSet collects rows that are written all or not at all. A nil value deletes.
type writeSet struct {
	rows  []Row
	bytes int
}

func (w *writeSet) put(key, value []byte) {
	if value == nil {
		value = []byte{}
	}
	w.rows = append(w.rows, Row{key, value})
	w.bytes += len(key) + len(value) + 32
}

func (w *writeSet) remove(key []byte) {
	w.rows = append(w.rows, Row{Key: key})
	w.bytes += len(key) + 32
}

// putEncoded puts the deterministic CBOR of v.
func (w *writeSet) putEncoded(key []byte, v any) error {
	raw, err := record.Encode(v)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "store", "Something could not be encoded. Nothing was changed.")
	}
	w.put(key, raw)
	return nil
}

// fits reports whether the set goes into one transaction.
func (w *writeSet) fits() bool { return w.bytes <= txnBytesMax && len(w.rows) <= txnRowsMax }

// write makes all rows of the set durable as far as Badger does, or none.
func (db *database) write(w *writeSet) error {
	if len(w.rows) == 0 {
		return nil
	}
	if w.fits() {
		return db.transact(w.rows)
	}
	if err := db.prepareRedo(w.rows); err != nil {
		return errors.Join(err, db.dropRedo())
	}
	return db.redo()
}

func (db *database) transact(rows []Row) error {
	err := db.Update(func(txn *badger.Txn) error {
		for _, r := range rows {
			if err := putRow(txn, r); err != nil {
				return err
			}
		}
		return nil
	})
	return writeFault(err, db.folder)
}

func putRow(txn *badger.Txn, r Row) error {
	if r.Value == nil {
		return txn.Delete(r.Key)
	}
	return txn.Set(r.Key, r.Value)
}

func writeFault(err error, folder string) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, badger.ErrTxnTooBig) {
		return fault.Wrap(err, fault.Internal, "store", "A change was too large for one step of the database. Nothing was changed.")
	}
	return folderFault(err, "store", folder)
}

// batches cuts rows into pieces of at most size bytes, but at least one row each.
func batches(rows []Row, size int) iter.Seq[[]Row] {
	return func(yield func([]Row) bool) {
		for len(rows) > 0 {
			n, sum := 0, 0
			for n < len(rows) && n < txnRowsMax && (n == 0 || sum+len(rows[n].Key)+len(rows[n].Value) < size) {
				sum += len(rows[n].Key) + len(rows[n].Value) + 32
				n++
			}
			if !yield(rows[:n]) {
				return
			}
			rows = rows[n:]
		}
	}
}

// prepareRedo stores the rows of a large set aside, and as the last step the marker that makes them count. From then on the set is written, also when the program stops:
// opening finishes it.
func (db *database) prepareRedo(rows []Row) error {
	n := 0
	for batch := range batches(rows, redoRowBytes) {
		raw, err := record.Encode(batch)
		if err != nil {
			return err
		}
		if err := db.transact([]Row{{redoKey(n), raw}}); err != nil {
			return err
		}
		n++
	}
	return db.transact([]Row{{[]byte{famRedo}, binary.BigEndian.AppendUint32(nil, uint32(n))}})
}

// redo finishes a large set whose marker is there. Writing its rows again does no harm.
func (db *database) redo() error {
	count, err := db.redoCount()
	if err != nil {
		return db.readFault(err, "store.redo")
	}
	for n := range count {
		if err := db.redoBatch(n); err != nil {
			return err
		}
	}
	return db.dropRedo()
}

func (db *database) redoCount() (count int, err error) {
	err = db.View(func(txn *badger.Txn) error {
		marker, err := get(txn, []byte{famRedo})
		if len(marker) == 4 {
			count = int(binary.BigEndian.Uint32(marker))
		}
		return err
	})
	return count, err
}

func (db *database) redoBatch(n int) error {
	var rows []Row
	err := db.view("store.redo", func(txn *badger.Txn) error {
		raw, err := get(txn, redoKey(n))
		if err != nil {
			return err
		}
		return record.Decode(raw, &rows)
	})
	if err != nil {
		return err
	}
	for batch := range batches(rows, txnBytesMax) {
		if err := db.transact(batch); err != nil {
			return err
		}
	}
	return nil
}

// dropRedo removes the marker first: rows without it mean nothing.
func (db *database) dropRedo() error {
	keys := []Row{{Key: []byte{famRedo}}}
	err := db.View(func(txn *badger.Txn) error {
		return scanKeys(txn, []byte{famRedoRows}, func(key []byte) error {
			keys = append(keys, Row{Key: bytes.Clone(key)})
			return nil
		})
	})
	if err != nil || len(keys) == 1 {
		return db.readFault(err, "store.redo")
	}
	return db.transact(keys)
}
