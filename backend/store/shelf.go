package store

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store/sealedfile"
)

// shelf is how attached files stand on the disk: in the clear, or sealed where the store has a key.
type shelf interface {
	// name gives what a blob's file is called.
	name(h record.Hash) string
	// size gives how many bytes of content a file of length bytes has.
	size(length int64) int64
	// read opens a file for reading, extend for appending as well; extend makes it.
	read(path string) (blobFile, error)
	extend(path string) (blobFile, error)
	// mend cuts off what a stop of the computer may have torn of a file whose last tail bytes came last. With a tail of 0 wrong bytes may stay, for a hash to find.
	mend(path string, tail int64) error
	// finish has a synced file of size bytes be the blob h, durably.
	finish(path string, h record.Hash, size int64) error
	// is gives the blob that a whole file is; false: it is none.
	is(path string) (record.Hash, bool, error)
}

// blobFile is an open file on a shelf; it reads and appends content.
type blobFile interface {
	io.ReadSeekCloser
	Size() int64
	Append(content []byte) error
	Cut(size int64) error
	Sync() error
}

// newShelf gives the folder of a store's attached files and how they stand there.
func newShelf(cfg *Config) (folder string, s shelf, err error) {
	if cfg.Key == nil {
		return filepath.Join(cfg.Dir, blobsName), plainShelf{}, nil
	}
	derived, err := hkdf.Key(sha256.New, cfg.Key, nil, "holdfast attached files 1", 2*sha256.Size)
	if err != nil {
		return "", nil, err
	}
	return filepath.Join(cfg.Dir, sealedName), sealedShelf{box: sealedfile.New(derived[:sha256.Size], cfg.Random), names: derived[sha256.Size:]}, nil
}

// plainShelf keeps content as it is, under its hash.
type plainShelf struct{}

func (plainShelf) name(h record.Hash) string { return h.String() }

func (plainShelf) size(length int64) int64 { return length }

func (plainShelf) read(path string) (blobFile, error) { return openPlain(path, os.O_RDONLY) }

func (plainShelf) extend(path string) (blobFile, error) {
	return openPlain(path, os.O_RDWR|os.O_CREATE)
}

func (plainShelf) mend(path string, tail int64) error {
	info, err := os.Stat(path)
	if err != nil || tail == 0 {
		return err
	}
	return os.Truncate(path, max(0, info.Size()-tail))
}

func (plainShelf) finish(path string, _ record.Hash, size int64) error {
	if size > 0 {
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, fileMode) // nothing at all is a file too
	return errors.Join(err, closeIf(f))
}

func (plainShelf) is(path string) (h record.Hash, whole bool, err error) {
	raw, err := hex.DecodeString(filepath.Base(path))
	if err != nil || len(raw) != len(h) {
		return h, false, nil
	}
	return record.Hash(raw), true, nil
}

// plainFile is a file in the clear.
type plainFile struct {
	*os.File
	bytes int64
}

func openPlain(path string, flags int) (blobFile, error) {
	f, err := os.OpenFile(path, flags, fileMode)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &plainFile{f, info.Size()}, nil
}

func (f *plainFile) Size() int64 { return f.bytes }

func (f *plainFile) Append(content []byte) error {
	if _, err := f.WriteAt(content, f.bytes); err != nil {
		return errors.Join(err, f.Truncate(f.bytes))
	}
	f.bytes += int64(len(content))
	return nil
}

func (f *plainFile) Cut(size int64) error {
	f.bytes = min(f.bytes, size)
	return f.Truncate(f.bytes)
}

// sealedShelf keeps content encrypted, under names that say nothing of it to whoever lacks the key. What a file is stands sealed in its head.
type sealedShelf struct {
	box   *sealedfile.Box
	names []byte
}

func (s sealedShelf) name(h record.Hash) string {
	mac := hmac.New(sha256.New, s.names)
	mac.Write(h[:])
	return hex.EncodeToString(mac.Sum(nil))
}

func (s sealedShelf) size(length int64) int64 { return sealedfile.Size(length) }

func (s sealedShelf) read(path string) (blobFile, error) {
	f, err := s.box.Open(path)
	if err != nil {
		return nil, sealedFault(err)
	}
	return sealedBlob{f}, nil
}

func (s sealedShelf) extend(path string) (blobFile, error) {
	f, err := s.box.Extend(path)
	if err != nil {
		return nil, sealedFault(err)
	}
	return sealedBlob{f}, nil
}

func (s sealedShelf) mend(path string, tail int64) error {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return err // one that was only wished for
	}
	f, err := s.box.Extend(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Mend(max(tail, sealedfile.PieceBytes)), f.Close())
}

func (s sealedShelf) finish(path string, h record.Hash, size int64) error {
	f, err := s.box.Extend(path)
	if err != nil {
		return err
	}
	label := binary.BigEndian.AppendUint64(h[:], uint64(size))
	return errors.Join(f.Finish(label), f.Sync(), f.Close())
}

func (s sealedShelf) is(path string) (h record.Hash, whole bool, err error) {
	f, err := s.box.Open(path)
	if err != nil {
		return h, false, sealedFault(err)
	}
	defer f.Close()
	label, err := f.Label()
	if errors.Is(err, sealedfile.ErrUnfinished) {
		return h, false, nil
	}
	if err != nil || binary.BigEndian.Uint64(label[len(h):]) != uint64(f.Size()) {
		return h, false, sealedFault(errors.Join(err, sealedfile.ErrDamaged))
	}
	return record.Hash(label[:len(h)]), true, nil
}

// sealedBlob gives damage its code.
type sealedBlob struct{ *sealedfile.File }

// Read implements io.Reader.
func (b sealedBlob) Read(into []byte) (int, error) {
	n, err := b.File.Read(into)
	return n, sealedFault(err)
}

func sealedFault(err error) error {
	if !errors.Is(err, sealedfile.ErrDamaged) {
		return err
	}
	return fault.Wrap(err, fault.Corrupt, "store.Blobs", "An attached file on this device is damaged and cannot be read. Other devices may hold it whole.")
}
