package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// walk hands every whole file to see, ordered by name.
func (b *Blobs) walk(ctx context.Context, op string, see func(path string) error) error {
	return filepath.WalkDir(b.folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return folderFault(err, op, b.folder)
		}
		if entry.IsDir() {
			if entry.Name() == partialName || entry.Name() == heldName {
				return fs.SkipDir
			}
			return nil
		}
		return see(path)
	})
}

// Each hands every whole file's hash to yield, once and in no meaningful order; an error of yield ends the walk. A file that is too damaged to say what it is is left out: it is
// missing wherever it is asked for.
func (b *Blobs) Each(ctx context.Context, yield func(record.Hash) error) error {
	return b.walk(ctx, "store.Blobs.Each", func(path string) error {
		hash, whole, err := b.shelf.is(path)
		if fault.Is(err, fault.Corrupt) || err == nil && !whole {
			return nil
		}
		if err != nil {
			return folderFault(err, "store.Blobs.Each", b.folder)
		}
		return yield(hash)
	})
}

// verify reports the blobs whose content is not what their name says.
func (b *Blobs) verify(ctx context.Context, report func(sentence string)) error {
	return b.walk(ctx, "store.Verify", func(path string) error {
		sound, err := b.sound(ctx, path)
		if err == nil && !sound {
			report("The attached file " + path + " is damaged.")
		}
		return err
	})
}

func (b *Blobs) sound(ctx context.Context, path string) (bool, error) {
	hash, whole, err := b.shelf.is(path)
	if fault.Is(err, fault.Corrupt) || err == nil && !whole {
		return false, nil
	}
	if err != nil {
		return false, folderFault(err, "store.Verify", b.folder)
	}
	f, err := b.shelf.read(path)
	if err != nil {
		return false, folderFault(err, "store.Verify", b.folder)
	}
	defer f.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, contextReader{ctx, f})
	if fault.Is(err, fault.Corrupt) {
		return false, nil
	}
	return record.Hash(sum.Sum(nil)) == hash && filepath.Base(path) == b.shelf.name(hash), folderFault(err, "store.Verify", b.folder)
}

// sealPlain takes over what an older program kept in the clear beside an encrypted store: whole files are sealed, one after the other, and what was on its way in is asked for
// again. A stop in between is gone on with at the next start.
func (b *Blobs) sealPlain() error {
	if _, sealed := b.shelf.(sealedShelf); !sealed {
		return nil
	}
	plain := &Blobs{folder: filepath.Join(b.store.cfg.Dir, blobsName), shelf: plainShelf{}, store: b.store, room: b.room}
	if _, err := os.Stat(plain.folder); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	b.store.cfg.Log.Info("The attached files of this encrypted folder stood in the clear; they are encrypted now.")
	err := plain.walk(context.Background(), "store.Open", func(path string) error {
		hash, whole, err := plain.shelf.is(path)
		if err == nil && whole && !b.Has(hash) {
			err = b.sealOne(path, hash)
		}
		if keeper, known := plain.Keeper(hash); err == nil && known {
			err = b.NoteHeld(hash, keeper)
		}
		return errors.Join(err, os.Remove(path))
	})
	if err == nil {
		err = plain.wishesTo(b)
	}
	if err == nil {
		err = os.RemoveAll(plain.folder)
	}
	return folderFault(err, "store.Open", b.folder)
}

// sealOne seals a file's bytes as they are: one that was damaged stays so, and is told as before.
func (b *Blobs) sealOne(path string, hash record.Hash) error {
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer from.Close()
	temporary := b.partialPath(hash)
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	to, err := b.shelf.extend(temporary)
	if err != nil {
		return err
	}
	size, err := appendAll(to, roomReader{b.room, from})
	if err == nil {
		err = to.Sync()
	}
	if err = errors.Join(err, to.Close()); err != nil {
		return err
	}
	return b.place(temporary, hash, size)
}

// wishesTo wishes for what was wished for here, or begun.
func (b *Blobs) wishesTo(other *Blobs) error {
	entries, err := os.ReadDir(filepath.Join(b.folder, partialName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, entry := range entries {
		raw, hexErr := hex.DecodeString(entry.Name())
		if hexErr == nil && len(raw) == len(record.Hash{}) && !strings.HasPrefix(entry.Name(), uploadPrefix) {
			err = errors.Join(err, other.Wish(record.Hash(raw)))
		}
	}
	return err
}
