package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

const (
	// uploadPrefix begins the name of a file that a person hands in piece by piece.
	uploadPrefix = "up-"
	// uploadKept is how long such a file is kept when nobody goes on with it.
	uploadKept = 7 * 24 * time.Hour
)

func (b *Blobs) uploadPath(id record.ID) string {
	return filepath.Join(b.folder, partialName, uploadPrefix+id.String())
}

func (b *Blobs) uploadsHere() ([]string, error) {
	return filepath.Glob(filepath.Join(b.folder, partialName, uploadPrefix+"*"))
}

// dropOldUploads removes the files that nobody has gone on with for uploadKept.
func (b *Blobs) dropOldUploads() error {
	names, err := b.uploadsHere()
	if err != nil {
		return err
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if err == nil && b.store.cfg.Wall().Sub(info.ModTime()) > uploadKept {
			err = os.Remove(name)
		}
		if err != nil {
			return folderFault(err, "store.Open", b.folder)
		}
	}
	return nil
}

// upload gives the file in the making; one that has no byte yet is not remembered. Of one that an earlier run began the last piece may be torn, and nobody
// knows its hash yet: the piece is cut off and asked for again.
func (b *Blobs) upload(id record.ID) *download {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.uploads[id]
	if d != nil {
		return d
	}
	d = &download{}
	size, err := b.left(b.uploadPath(id), limit.BlobChunkBytes)
	if err != nil {
		return d // what cannot be cut cannot be written either
	}
	d.size = size
	b.uploads[id] = d
	return d
}

// Upload gives how many bytes are here of a file that is being handed in under id.
func (b *Blobs) Upload(id record.ID) int64 {
	d := b.upload(id)
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.size
}

// Room refuses as disk_full when the disk has no room for a file of size bytes.
func (b *Blobs) Room(size int64) error {
	free, err := b.store.cfg.Files.FreeBytes(b.folder)
	if err == nil && free < blobReserveBytes+uint64(max(size, 0)) {
		return tooFull(b.folder)
	}
	return nil
}

// Extend stores the next bytes, at most limit.BlobChunkBytes, of a file that is being handed in under id, durably. offset must be Upload's (else a conflict fault, which changes
// nothing). It gives how many bytes are here then.
func (b *Blobs) Extend(ctx context.Context, id record.ID, offset int64, chunk []byte) (int64, error) {
	const op = "store.Blobs.Extend"
	switch {
	case offset < 0 || offset+int64(len(chunk)) > limit.BlobBytesMax:
		return 0, tooLarge(op)
	case len(chunk) > limit.BlobChunkBytes:
		return 0, fault.Newf(fault.Invalid, op, "A piece of a file has at most %d bytes.", limit.BlobChunkBytes)
	}
	d, err := b.beginUpload(id)
	if err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if offset != d.size {
		return d.size, fault.Newf(fault.Conflict, op, "The piece of the file starts at %d, but %d bytes are here.", offset, d.size)
	}
	err = b.extend(ctx, d, b.uploadPath(id), chunk)
	return d.size, err
}

// beginUpload is upload for a writer: the entry stays. It refuses when too many files are on their way in.
func (b *Blobs) beginUpload(id record.ID) (*download, error) {
	d := b.upload(id)
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.uploads[id]; known != nil {
		return known, nil
	}
	here, err := b.uploadsHere()
	if err != nil {
		return nil, err
	}
	if max(len(here), len(b.uploads)) >= limit.UploadsMax {
		return nil, fault.Newf(fault.Unavailable, "store.Blobs.Extend", "%d files are being attached on this device already. Finish or cancel some of them first.", limit.UploadsMax)
	}
	b.uploads[id] = d
	return d, nil
}

// Adopt makes a blob of the file that was handed in under id. It must be of size bytes and, unless want is zero, have that hash; otherwise the fault is
// corrupt and the file is dropped. Content that is stored already is not stored again.
func (b *Blobs) Adopt(ctx context.Context, id record.ID, size int64, want record.Hash) (record.Hash, error) {
	const op = "store.Blobs.Adopt"
	d := b.upload(id)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.size < size {
		return record.Hash{}, fault.Newf(fault.Conflict, op, "Only %d of %d bytes of the file are here. Send the rest first.", d.size, size)
	}
	hash, err := b.sumOf(ctx, d, b.uploadPath(id), size)
	if err != nil {
		return hash, err
	}
	if d.size > size || want != (record.Hash{}) && want != hash {
		return hash, errors.Join(fault.New(fault.Corrupt, op, "The file did not arrive as it was sent. Attach it again."), b.forgetUpload(id))
	}
	if b.refuses(hash) {
		return hash, errors.Join(fault.New(fault.Forbidden, op, "This very file was removed for good before, so it cannot be attached again."), b.forgetUpload(id))
	}
	if !b.Has(hash) {
		if err := b.place(b.uploadPath(id), hash, size); err != nil {
			return hash, err
		}
	}
	return hash, b.forgetUpload(id)
}

func closeIf(f *os.File) error {
	if f == nil {
		return nil
	}
	return f.Close()
}

// sumOf gives the hash of a file in the making; its bytes are read only where that was not done while they came.
func (b *Blobs) sumOf(ctx context.Context, d *download, path string, size int64) (record.Hash, error) {
	if d.sum == nil {
		d.sum = sha256.New()
		f, err := b.shelf.read(path)
		if errors.Is(err, os.ErrNotExist) && size == 0 {
			return record.Hash(d.sum.Sum(nil)), nil
		}
		if err == nil {
			_, err = io.Copy(d.sum, contextReader{ctx, f})
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			d.sum = nil
			return record.Hash{}, folderFault(err, "store.Blobs.Adopt", b.folder)
		}
	}
	return record.Hash(d.sum.Sum(nil)), nil
}

// Abandon drops a file that is being handed in.
func (b *Blobs) Abandon(id record.ID) error {
	d := b.upload(id)
	d.mu.Lock()
	defer d.mu.Unlock()
	return b.forgetUpload(id)
}

func (b *Blobs) forgetUpload(id record.ID) error {
	b.mu.Lock()
	delete(b.uploads, id)
	b.mu.Unlock()
	if err := os.Remove(b.uploadPath(id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return folderFault(err, "store.Blobs.Abandon", b.folder)
	}
	return nil
}

func tooLarge(op string) error {
	return fault.Newf(fault.Invalid, op, "The file is larger than %d MiB. Split it, or keep it elsewhere and attach a link.", limit.BlobBytesMax>>20)
}
