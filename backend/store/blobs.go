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
	store  *Store
	room   *room

	mu      sync.Mutex // of what follows
	wants   wanted
	partial map[record.Hash]*download
	uploads map[record.ID]*download
}

// download is a file in the making; its running hash makes the last check cheap.
type download struct {
	mu   sync.Mutex
	size int64
	sum  hash.Hash // nil: what stands on disk was not read yet
}

const partialName = "partial"

func (b *Blobs) prepare() error {
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
	return b.dropOldUploads()
}

const putPrefix = "put-"

func (b *Blobs) path(h record.Hash) string {
	name := h.String()
	return filepath.Join(b.folder, name[:2], name)
}

func (b *Blobs) partialPath(h record.Hash) string {
	return filepath.Join(b.folder, partialName, h.String())
}

// Put stores the content of r.
func (b *Blobs) Put(ctx context.Context, r io.Reader) (record.Hash, int64, error) {
	const op = "store.Blobs.Put"
	f, err := os.CreateTemp(filepath.Join(b.folder, partialName), putPrefix+"*")
	if err != nil {
		return record.Hash{}, 0, folderFault(err, op, b.folder)
	}
	defer os.Remove(f.Name())
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(f, sum), io.LimitReader(roomReader{b.room, contextReader{ctx, r}}, limit.BlobBytesMax+1))
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
	return h, size, b.place(f.Name(), h)
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

// place puts a synced file under its name, durably.
func (b *Blobs) place(from string, h record.Hash) error {
	to := b.path(h)
	err := os.MkdirAll(filepath.Dir(to), folderMode)
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
	return info.Size(), nil
}

func (b *Blobs) missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.NotFound, "store.Blobs", "The attached file is not on this device yet. It comes with the next exchange with a device that holds it.")
	}
	return folderFault(err, "store.Blobs", b.folder)
}

// Open opens a blob for reading at any place. Close it.
func (b *Blobs) Open(h record.Hash) (io.ReadSeekCloser, error) {
	f, err := os.Open(b.path(h))
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
		if info, err := os.Stat(b.partialPath(h)); err == nil {
			d.size = info.Size()
			b.partial[h] = d
		}
	}
	return d
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
	return true, b.place(b.partialPath(h), h)
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
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return folderFault(err, "store.Blobs.WriteChunk", b.folder)
	}
	defer f.Close()
	if d.sum == nil {
		sum := sha256.New()
		if _, err := io.Copy(sum, io.LimitReader(contextReader{ctx, f}, d.size)); err != nil {
			return folderFault(err, "store.Blobs.WriteChunk", b.folder)
		}
		d.sum = sum
	}
	_, err = f.WriteAt(chunk, d.size)
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return folderFault(errors.Join(err, f.Truncate(d.size)), "store.Blobs.WriteChunk", b.folder)
	}
	d.size += int64(len(chunk))
	_, err = d.sum.Write(chunk)
	return err
}

// verify reports the blobs whose content is not what their name says.
func (b *Blobs) verify(ctx context.Context, report func(sentence string)) error {
	return filepath.WalkDir(b.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return folderFault(err, "store.Verify", b.folder)
		}
		if entry.IsDir() {
			if entry.Name() == partialName || entry.Name() == heldName {
				return fs.SkipDir
			}
			return nil
		}
		f, err := os.Open(path)
		if err != nil {
			return folderFault(err, "store.Verify", b.folder)
		}
		defer f.Close()
		sum := sha256.New()
		if _, err := io.Copy(sum, contextReader{ctx, f}); err != nil {
			return folderFault(err, "store.Verify", b.folder)
		}
		if (record.Hash(sum.Sum(nil))).String() != entry.Name() {
			report("The attached file " + path + " is damaged.")
		}
		return nil
	})
}
