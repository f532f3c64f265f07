package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// Blobs keeps files under the SHA-256 of their content, at most limit.BlobBytesMax each. A file that stands under its name is whole: downloads grow beside it.
type Blobs struct {
	folder string
	shelf  shelf
	store  *Store
	room   *room

	mu    sync.Mutex // of what follows
	wants wanted
	// redacted are removed for good: they are not wanted, and nobody may hand them in again.
	redacted map[record.Hash]bool
	partial  map[record.Hash]*download
	uploads  map[record.ID]*download
}

// download is a file in the making; its running hash makes the last check cheap.
type download struct {
	mu   sync.Mutex
	size int64
	sum  hash.Hash // nil: what stands on disk was not read yet
}

const partialName = "partial"

func (b *Blobs) prepare() error {
	var err error
	if b.folder, b.shelf, err = newShelf(&b.store.cfg); err != nil {
		return err
	}
	b.partial, b.uploads = map[record.Hash]*download{}, map[record.ID]*download{}
	for _, name := range []string{partialName, heldName} {
		if err := os.MkdirAll(filepath.Join(b.folder, name), folderMode); err != nil {
			return folderFault(err, "store.Open", b.folder)
		}
	}
	left, err := filepath.Glob(filepath.Join(b.folder, partialName, putPrefix+"*"))
	if err != nil {
		return err
	}
	for _, name := range left { // Put was cut short: nobody knows its hash
		if err := os.Remove(name); err != nil {
			return folderFault(err, "store.Open", b.folder)
		}
	}
	return errors.Join(b.dropOldUploads(), b.sealPlain())
}

const putPrefix = "put-"

func (b *Blobs) path(h record.Hash) string {
	name := b.shelf.name(h)
	return filepath.Join(b.folder, name[:2], name)
}

func (b *Blobs) partialPath(h record.Hash) string {
	return filepath.Join(b.folder, partialName, b.shelf.name(h))
}

// Put stores the content of r.
func (b *Blobs) Put(ctx context.Context, r io.Reader) (record.Hash, int64, error) {
	const op = "store.Blobs.Put"
	temporary, err := os.CreateTemp(filepath.Join(b.folder, partialName), putPrefix+"*")
	if err = errors.Join(err, closeIf(temporary)); err != nil {
		return record.Hash{}, 0, folderFault(err, op, b.folder)
	}
	path := temporary.Name()
	defer os.Remove(path)
	f, err := b.shelf.extend(path)
	if err != nil {
		return record.Hash{}, 0, folderFault(err, op, b.folder)
	}
	sum := sha256.New()
	size, err := appendAll(f, io.TeeReader(io.LimitReader(roomReader{b.room, contextReader{ctx, r}}, limit.BlobBytesMax+1), sum))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return record.Hash{}, 0, folderFault(err, op, b.folder)
	}
	if size > limit.BlobBytesMax {
		return record.Hash{}, 0, tooLarge(op)
	}
	h := record.Hash(sum.Sum(nil))
	return h, size, b.place(path, h, size)
}

// appendAll appends what r gives, a piece of the disk's at a time.
func appendAll(f blobFile, r io.Reader) (size int64, err error) {
	piece := make([]byte, limit.BlobChunkBytes)
	for {
		n, err := io.ReadFull(r, piece)
		if appendErr := f.Append(piece[:n]); appendErr != nil {
			return size, appendErr
		}
		size += int64(n)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return size, nil
		}
		if err != nil {
			return size, err
		}
	}
}

// contextReader ends with the context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// roomReader ends when the disk has no room for what it reads.
type roomReader struct {
	room *room
	r    io.Reader
}

func (r roomReader) Read(p []byte) (int, error) {
	if err := r.room.check(len(p)); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// place puts a synced file of size bytes under its name, durably.
func (b *Blobs) place(from string, h record.Hash, size int64) error {
	to := b.path(h)
	err := b.shelf.finish(from, h, size)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), folderMode)
	}
	if err == nil {
		err = os.Rename(from, to)
	}
	if err == nil {
		err = diskfile.SyncFolder(filepath.Dir(to))
	}
	if err == nil {
		err = diskfile.SyncFolder(b.folder)
	}
	if err == nil {
		b.mu.Lock()
		delete(b.wants.missing, h)
		b.wants.revision++
		b.mu.Unlock()
	}
	return folderFault(err, "store.Blobs", b.folder)
}

// Has reports whether the blob is here, whole.
func (b *Blobs) Has(h record.Hash) bool {
	_, err := os.Stat(b.path(h))
	return err == nil
}

// Size gives a blob's size in bytes, or a not_found fault.
func (b *Blobs) Size(h record.Hash) (int64, error) {
	info, err := os.Stat(b.path(h))
	if err != nil {
		return 0, b.missing(err)
	}
	return b.shelf.size(info.Size()), nil
}

func (b *Blobs) missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.NotFound, "store.Blobs", "The attached file is not on this device yet. It comes with the next exchange with a device that holds it.")
	}
	return folderFault(err, "store.Blobs", b.folder)
}

// Open opens a blob for reading at any place. Close it.
func (b *Blobs) Open(h record.Hash) (io.ReadSeekCloser, error) {
	f, err := b.shelf.read(b.path(h))
	if err != nil {
		return nil, b.missing(err)
	}
	return f, nil
}

// Partial gives how many bytes of an unfinished download are here.
func (b *Blobs) Partial(h record.Hash) int64 {
	d := b.download(h)
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.size
}

func (b *Blobs) download(h record.Hash) *download {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.partial[h]
	if d == nil {
		d = &download{}
		if size, err := b.left(b.partialPath(h), 0); err == nil {
			d.size = size
			b.partial[h] = d
		}
	}
	return d
}

// left gives how many bytes an earlier run left of a file in the making; the last tail of them count only where it is certain that they are whole.
func (b *Blobs) left(path string, tail int64) (int64, error) {
	if _, err := os.Stat(path); err != nil {
		return 0, err
	}
	if err := b.shelf.mend(path, tail); err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return b.shelf.size(info.Size()), nil
}

func (b *Blobs) forget(h record.Hash) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.partial, h)
}

// WriteChunk stores bytes of a blob of total bytes at offset, which must be Partial's (else a conflict fault); done says that the blob is whole and verified. Wrong content is dropped with a
// corrupt fault, and so is more content than total.
func (b *Blobs) WriteChunk(ctx context.Context, h record.Hash, offset, total int64, chunk []byte) (done bool, err error) {
	const op = "store.Blobs.WriteChunk"
	if total < 0 || total > limit.BlobBytesMax || offset < 0 || offset+int64(len(chunk)) > total {
		return false, fault.New(fault.Invalid, op, "A piece of an attached file does not fit its size. It was refused.")
	}
	if b.Has(h) {
		return true, nil
	}
	d := b.begin(h)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.size > total { // whoever sent the first part lied
		defer b.forget(h)
		return false, b.damaged(op, h)
	}
	if offset != d.size {
		return false, fault.Newf(fault.Conflict, op, "The piece of the attached file starts at %d, but %d bytes are here.", offset, d.size)
	}
	if err := b.extend(ctx, d, b.partialPath(h), chunk); err != nil {
		return false, err
	}
	if d.size < total {
		return false, nil
	}
	defer b.forget(h)
	if record.Hash(d.sum.Sum(nil)) != h {
		return false, b.damaged(op, h)
	}
	return true, b.place(b.partialPath(h), h, total)
}

// damaged empties a download whose bytes are wrong. The empty file stays: it says that the blob was begun, and so is wanted.
func (b *Blobs) damaged(op string, h record.Hash) error {
	return errors.Join(
		fault.New(fault.Corrupt, op, "The attached file arrived damaged. It was dropped and will be asked for again."), os.Truncate(b.partialPath(h), 0))
}

// begin is download for a writer: the entry stays, so that two writers meet on its lock.
func (b *Blobs) begin(h record.Hash) *download {
	d := b.download(h)
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.partial[h]; known != nil {
		return known
	}
	b.partial[h] = d
	return d
}

// extend appends a chunk durably to the file at path.
func (b *Blobs) extend(ctx context.Context, d *download, path string, chunk []byte) error {
	if err := b.room.check(len(chunk)); err != nil {
		return err
	}
	f, err := b.shelf.extend(path)
	if err != nil {
		return folderFault(err, "store.Blobs.WriteChunk", b.folder)
	}
	defer f.Close()
	if err := f.Cut(d.size); err != nil || f.Size() < d.size { // what a failed write left behind does not count
		return folderFault(errors.Join(err, io.ErrUnexpectedEOF), "store.Blobs.WriteChunk", b.folder)
	}
	if d.sum == nil {
		sum := sha256.New()
		if _, err := io.Copy(sum, io.LimitReader(contextReader{ctx, f}, d.size)); err != nil {
			return folderFault(err, "store.Blobs.WriteChunk", b.folder)
		}
		d.sum = sum
	}
	if err = f.Append(chunk); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return folderFault(errors.Join(err, f.Cut(d.size)), "store.Blobs.WriteChunk", b.folder)
	}
	d.size += int64(len(chunk))
	_, err = d.sum.Write(chunk)
	return err
}
