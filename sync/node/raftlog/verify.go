package raftlog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io"
	"os"

	"go.etcd.io/bbolt"
)

// bbolt trusts its pages: a damaged one makes it panic, at opening even in a goroutine of its own where nothing can recover.
// So before a file is opened for writing, its tree is walked here, with every offset checked.

// The parts of bbolt's file format (version 2) that the walk needs. Numbers are in the machine's byte order.
const (
	pageHeaderBytes   = 16 // id (8), flags (2), count (2), overflow (4)
	elementBytes      = 16 // branch: pos (4), key bytes (4), child (8). Leaf: flags (4), pos (4), key bytes (4), value bytes (4)
	bucketHeaderBytes = 16 // root (8), sequence (8)
	metaSummedBytes   = 56
	branchFlag        = 1
	leafFlag          = 2
	bucketFlag        = 1
	boltMagic         = 0xED0CDAED
	firstDataPage     = 2
	depthMax          = 32
	headBytesMax      = 16 * pageBytes // how much of a long page is read at once; of its entries' data nothing is needed
)

// verify reports errDamaged when the tree in the file at path does not hold together, bolterrors.ErrTimeout when another process
// has the file. Entries' own checksums are left to their reading.
func verify(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() < firstDataPage*pageBytes {
		return errDamaged
	}
	var db *bbolt.DB
	err = guard(func() (err error) {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, ReadOnly: true, NoStatistics: true})
		return err
	})
	if err != nil { // a read-only open takes the lock and looks at nothing but the two meta pages
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	return errors.Join(walkFile(file, info.Size()), file.Close(), db.Close())
}

func walkFile(file io.ReaderAt, size int64) error {
	root, pages, err := newestMeta(file)
	if err != nil {
		return err
	}
	if pages > uint64(size)/pageBytes {
		return errDamaged
	}
	w := &walker{file: file, pages: pages, seen: make([]bool, pages)}
	return w.page(root, nil, nil, 0)
}

// newestMeta gives what the newer of the two valid meta pages says: the root page, and the number of pages in use.
func newestMeta(file io.ReaderAt) (root, pages uint64, err error) {
	var newest uint64
	found := false
	for id := int64(0); id < firstDataPage; id++ {
		raw := make([]byte, pageHeaderBytes+metaSummedBytes+8)
		if _, err := file.ReadAt(raw, id*pageBytes); err != nil {
			return 0, 0, err
		}
		meta := raw[pageHeaderBytes:]
		sum := fnv.New64a()
		sum.Write(meta[:metaSummedBytes])
		valid := u32(meta, 0) == boltMagic && u32(meta, 8) == pageBytes && u64(meta, metaSummedBytes) == sum.Sum64()
		if transaction := u64(meta, 48); valid && (!found || transaction > newest) {
			found, newest, root, pages = true, transaction, u64(meta, 16), u64(meta, 40)
		}
	}
	if !found {
		return 0, 0, errDamaged
	}
	return root, pages, nil
}

type walker struct {
	file  io.ReaderAt
	pages uint64
	seen  []bool
}

// page checks the tree below a page, whose keys lie from low (included) to high (not included; nil: unbounded).
func (w *walker) page(id uint64, low, high []byte, depth int) error {
	v, err := w.read(id)
	if err != nil {
		return err
	}
	if depth > depthMax {
		return errDamaged
	}
	switch u16(v.head, 8) {
	case leafFlag:
		return w.leaf(v, low, high, depth)
	case branchFlag:
		return w.branch(v, low, high, depth)
	}
	return errDamaged
}

// read gives a page with its overflow and marks both as referenced.
func (w *walker) read(id uint64) (*pageView, error) {
	if id < firstDataPage || id >= w.pages {
		return nil, errDamaged
	}
	v := &pageView{file: io.NewSectionReader(w.file, int64(id)*pageBytes, int64(w.pages-id)*pageBytes), length: pageBytes}
	if err := v.load(pageBytes); err != nil {
		return nil, err
	}
	length := uint64(u32(v.head, 12)) + 1
	if u64(v.head, 0) != id || length > w.pages-id {
		return nil, errDamaged
	}
	for i := id; i < id+length; i++ {
		if w.seen[i] {
			return nil, errDamaged
		}
		w.seen[i] = true
	}
	v.length = length * pageBytes
	wanted := max(pageBytes, pageHeaderBytes+uint64(u16(v.head, 10))*elementBytes)
	if v.length <= headBytesMax {
		wanted = max(wanted, v.length)
	}
	if wanted > v.length {
		return nil, errDamaged
	}
	return v, v.load(wanted)
}

func (w *walker) branch(v *pageView, low, high []byte, depth int) error {
	keys := make([][]byte, v.count())
	if len(keys) == 0 || !v.elementsFit() {
		return errDamaged
	}
	for i := range keys {
		at := pageHeaderBytes + i*elementBytes
		key, err := v.bytes(at, u32(v.head, at), u32(v.head, at+4))
		if err != nil {
			return err
		}
		keys[i] = key
	}
	if !ascending(keys, low, high) {
		return errDamaged
	}
	for i, key := range keys {
		below := high
		if i+1 < len(keys) {
			below = keys[i+1]
		}
		if err := w.page(u64(v.head, pageHeaderBytes+i*elementBytes+8), key, below, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) leaf(v *pageView, low, high []byte, depth int) error {
	keys := make([][]byte, v.count())
	if !v.elementsFit() {
		return errDamaged
	}
	for i := range keys {
		key, err := w.leafElement(v, pageHeaderBytes+i*elementBytes, depth)
		if err != nil {
			return err
		}
		keys[i] = key
	}
	if !ascending(keys, low, high) {
		return errDamaged
	}
	return nil
}

func (w *walker) leafElement(v *pageView, at, depth int) (key []byte, err error) {
	flags, distance, keyLength, valueLength := u32(v.head, at), u32(v.head, at+4), u32(v.head, at+8), u32(v.head, at+12)
	if flags&^bucketFlag != 0 || distance > 1<<31 || keyLength > 1<<15 {
		return nil, errDamaged
	}
	if key, err = v.bytes(at, distance, keyLength); err != nil {
		return nil, err
	}
	if flags != bucketFlag {
		return key, v.within(at, distance+keyLength, valueLength)
	}
	value, err := v.bytes(at, distance+keyLength, valueLength)
	if err != nil {
		return nil, err
	}
	return key, w.bucket(value, depth)
}

// bucket checks a bucket: one small enough has its only page within the value.
func (w *walker) bucket(value []byte, depth int) error {
	if len(value) < bucketHeaderBytes {
		return errDamaged
	}
	if root := u64(value, 0); root != 0 {
		return w.page(root, nil, nil, depth+1)
	}
	inline := value[bucketHeaderBytes:]
	if len(inline) < pageHeaderBytes || u16(inline, 8) != leafFlag || depth > depthMax {
		return errDamaged
	}
	return w.leaf(&pageView{head: inline, length: uint64(len(inline))}, nil, nil, depth+1)
}

// pageView is a page with its overflow, of which the head is in memory.
type pageView struct {
	head   []byte
	length uint64
	file   io.ReaderAt // nil when the head is all
}

func (v *pageView) load(wanted uint64) error {
	if wanted == uint64(len(v.head)) {
		return nil
	}
	v.head = make([]byte, wanted)
	_, err := v.file.ReadAt(v.head, 0)
	return err
}

func (v *pageView) count() int { return int(u16(v.head, 10)) }

func (v *pageView) elementsFit() bool {
	return pageHeaderBytes+v.count()*elementBytes <= len(v.head)
}

// within checks that the bytes which an element at offset at names, by a distance from itself, are the page's.
func (v *pageView) within(at int, distance, length uint32) error {
	if uint64(at)+uint64(distance)+uint64(length) > v.length {
		return errDamaged
	}
	return nil
}

// bytes gives such bytes. The caller has bounded their length.
func (v *pageView) bytes(at int, distance, length uint32) ([]byte, error) {
	if err := v.within(at, distance, length); err != nil {
		return nil, err
	}
	start := uint64(at) + uint64(distance)
	if end := start + uint64(length); end <= uint64(len(v.head)) {
		return v.head[start:end], nil
	}
	out := make([]byte, length)
	_, err := v.file.ReadAt(out, int64(start))
	return out, err
}

func ascending(keys [][]byte, low, high []byte) bool {
	for i, key := range keys {
		switch {
		case i == 0 && bytes.Compare(key, low) < 0,
			i > 0 && bytes.Compare(key, keys[i-1]) <= 0,
			high != nil && bytes.Compare(key, high) >= 0:
			return false
		}
	}
	return true
}

func u16(b []byte, at int) uint16 { return binary.NativeEndian.Uint16(b[at:]) }
func u32(b []byte, at int) uint32 { return binary.NativeEndian.Uint32(b[at:]) }
func u64(b []byte, at int) uint64 { return binary.NativeEndian.Uint64(b[at:]) }
