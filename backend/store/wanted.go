package store

import (
	"bytes"
	"slices"

	"holdfast/backend/record"
)

// wanted remembers the blobs that held edits name and that are not here. It is built when first asked for and kept up from then on.
type wanted struct {
	known   bool
	missing map[record.Hash]struct{}
}

// Wanted gives at most most hashes that held edits name and that are not here, in the order of the hashes.
func (b *Blobs) Wanted(most int) []record.Hash {
	b.store.learnWanted()
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]record.Hash, 0, len(b.wants.missing))
	for h := range b.wants.missing {
		all = append(all, h)
	}
	slices.SortFunc(all, func(x, y record.Hash) int { return bytes.Compare(x[:], y[:]) })
	return all[:min(len(all), max(most, 0))]
}

// learnWanted reads which blobs all edits name, unless that is known. It holds writing, so that no edit slips by in between.
func (s *Store) learnWanted() {
	if s.blobs.knowsWanted() {
		return
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.RLock()
	spaces := s.spacesLocked(record.ID{})
	var named []record.Hash
	for _, edits := range s.pending.ordered {
		for _, e := range edits {
			named = append(named, e.Blobs...)
		}
	}
	r, err := s.readerLocked()
	s.mu.RUnlock()
	if err != nil {
		return
	}
	defer r.close()
	for _, space := range spaces {
		err := scanKeys(r.txn, spaceKey(famBlob, space), func(key []byte) error {
			if _, rest, ok := splitSpace(key); ok && len(rest) == len(record.Hash{}) {
				named = append(named, record.Hash(rest))
			}
			return nil
		})
		if err != nil {
			s.cfg.Log.Error("The list of attached files could not be read.", "error", err)
			return
		}
	}
	s.blobs.setWanted(named)
}

func (b *Blobs) knowsWanted() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.wants.known
}

func (b *Blobs) setWanted(named []record.Hash) {
	missing := map[record.Hash]struct{}{}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, h := range named {
		if !b.Has(h) {
			missing[h] = struct{}{}
		}
	}
	b.wants = wanted{known: true, missing: missing}
}

// want notes the blobs that a new edit names.
func (b *Blobs) want(named []record.Hash) {
	if len(named) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, h := range named {
		if b.wants.known && !b.Has(h) {
			b.wants.missing[h] = struct{}{}
		}
	}
}

// forgetWanted has the list built anew when it is next asked for.
func (b *Blobs) forgetWanted() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wants = wanted{}
}
