package store

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Retire refuses new edits of this device in the spaces named, and in no others, until it is called again: the device is about to leave them. It is forgotten by Close.
func (s *Store) Retire(spaces ...record.Space) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retired = spaces
}

func (s *Store) retiring(space record.Space) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !slices.Contains(s.retired, space) {
		return nil
	}
	return fault.Newf(fault.Forbidden, "store.Append", "This device no longer takes part in the site %s. Nothing was saved there; ask an administrator if it should.", space.Site())
}

// Leave removes everything that is held of the spaces: records, history, log, tentative edits of others, and the files that only they name. What is left goes into a new database, so that
// nothing of them stays on the disk; a crash leaves them whole or gone, but for the files, which go first: whoever leaves again leaves nothing. Edits of this device that are not decided yet are a conflict: then nothing is done.
func (s *Store) Leave(ctx context.Context, spaces ...record.Space) error {
	if err := s.leave(ctx, spaces); err != nil {
		return err
	}
	s.rotate.Store(true) // the journal may hold edits of the spaces, decided as they are
	signal(s.tidy)
	return s.Settle(ctx)
}

func (s *Store) leave(ctx context.Context, spaces []record.Space) error {
	const op = "store.Leave"
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.mend(); err != nil {
		return err
	}
	s.mu.RLock()
	for key := range s.pending.tails {
		if key.Device == s.device && slices.Contains(spaces, key.space) {
			s.mu.RUnlock()
			return fault.Newf(fault.Conflict, op, "Changes of this device in %q are not decided yet, so it stays there until they are.", key.space)
		}
	}
	s.mu.RUnlock()
	files, err := s.filesOnlyOf(spaces)
	if err != nil {
		return err
	}
	// The files go first: nothing tells of them any more once the rows are gone.
	if err := s.blobs.remove(files); err != nil {
		return err
	}
	return s.rebuild(func(fresh *database) error {
		w := &rowCopy{fresh: fresh, room: s.room}
		if err := s.copyRows(ctx, op, w, func(key []byte) []byte { return outside(key, spaces) }); err != nil {
			return err
		}
		if err := s.keepDecided(w, spaces); err != nil {
			return err
		}
		return w.flush()
	})
}

// ofSpaces are the families whose rows go with a space that is left.
const ofSpaces = spaceFamilies + "FIOTZ"

// outside gives a row's key unless the row is one of the spaces.
func outside(key []byte, spaces []record.Space) []byte {
	named := key
	if key[0] == famStaged {
		named = key[1:]
	}
	if bytes.IndexByte([]byte(ofSpaces), named[0]) < 0 {
		return key
	}
	if space, _, ok := splitSpace(named); ok && slices.Contains(spaces, space) {
		return nil
	}
	return key
}

// keepDecided notes how far this device's own edits of the spaces are decided. The journal may hold them for a while, and they must not come back from it as tentative; whoever takes
// part in a space again follows its commits from the first one, so the rows of the committed state cannot say it.
func (s *Store) keepDecided(w *rowCopy, spaces []record.Space) error {
	return s.db.view("store.Leave", func(txn *badger.Txn) error {
		for _, space := range spaces {
			err := scan(txn, append(spaceKey(famSequence, space), s.device[:]...), func(key, value []byte) error {
				key = bytes.Clone(key)
				key[0] = famLeft
				raw, err := get(txn, key)
				if err != nil {
					return err
				}
				before, _ := decodeSequence(raw)
				if now, found := decodeSequence(value); !found || now.Sequence <= before.Sequence {
					return nil // left before it had caught up
				}
				return w.put(key, value)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// decided gives the highest sequence of an incarnation of this device that needs no journal: committed, or committed when its space was left. The caller holds mu, or is alone.
func (s *Store) decided(at spaced) uint64 {
	sequence := s.committedSequence(at.space, at.Incarnation).Sequence
	err := s.db.View(func(txn *badger.Txn) error {
		raw, err := get(txn, incarnationKey(famLeft, at.space, at.Incarnation))
		left, _ := decodeSequence(raw)
		sequence = max(sequence, left.Sequence)
		return err
	})
	if err != nil {
		s.cfg.Log.Error("A row of the database could not be read.", "error", err)
	}
	return sequence
}

// filesOnlyOf gives the blobs that edits of the spaces name and no others.
func (s *Store) filesOnlyOf(spaces []record.Space) ([]record.Hash, error) {
	ours, others := map[record.Hash]bool{}, map[record.Hash]bool{}
	note := func(space record.Space, hash record.Hash) {
		if slices.Contains(spaces, space) {
			ours[hash] = true
		} else {
			others[hash] = true
		}
	}
	s.mu.RLock()
	for space, edits := range s.pending.ordered {
		for _, e := range edits {
			for _, hash := range e.Blobs {
				note(space, hash)
			}
		}
	}
	s.mu.RUnlock()
	err := s.db.view("store.Leave", func(txn *badger.Txn) error {
		return scanKeys(txn, []byte{famBlob}, func(key []byte) error {
			if space, rest, ok := splitSpace(key); ok && len(rest) == len(record.Hash{}) {
				note(space, record.Hash(rest))
			}
			return nil
		})
	})
	var only []record.Hash
	for hash := range ours {
		if !others[hash] {
			only = append(only, hash)
		}
	}
	return only, err
}

// remove deletes blobs, whole ones and downloads.
func (b *Blobs) remove(hashes []record.Hash) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, hash := range hashes {
		delete(b.partial, hash)
		for _, path := range []string{b.path(hash), b.partialPath(hash)} {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return folderFault(err, "store.Leave", path)
			}
		}
	}
	return nil
}
