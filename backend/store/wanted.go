package store

import (
	"bytes"
	"maps"
	"slices"

	"holdfast/backend/record"
)

// Missing is a blob that a held edit names and that is not here.
type Missing struct {
	Hash   record.Hash
	Record record.ID // the record that the edit changes first; zero: not known
}

// wanted remembers the blobs that held edits name and that are not here. It is built when first asked for and kept up from then on.
type wanted struct {
	known    bool
	missing  map[record.Hash]record.ID
	revision uint64 // goes up with every change
}

// Wanted gives at most most hashes that held edits name and that are not here, in the order of the hashes.
func (b *Blobs) Wanted(most int) []record.Hash {
	b.store.learnWanted()
	b.mu.Lock()
	defer b.mu.Unlock()
	all := slices.SortedFunc(maps.Keys(b.wants.missing), func(x, y record.Hash) int { return bytes.Compare(x[:], y[:]) })
	return all[:min(len(all), max(most, 0))]
}

// Missing gives all blobs that held edits name and that are not here, in no order, and a revision that changes with them.
func (b *Blobs) Missing() ([]Missing, uint64) {
	b.store.learnWanted()
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]Missing, 0, len(b.wants.missing))
	for hash, about := range b.wants.missing {
		all = append(all, Missing{hash, about})
	}
	return all, b.wants.revision
}

// MissingRevision gives the revision of Missing without the list.
func (b *Blobs) MissingRevision() uint64 {
	b.store.learnWanted()
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.wants.revision
}

// subject gives the record that an edit changes first.
func subject(e *record.Edit) record.ID {
	if len(e.Mutations) == 0 {
		return record.ID{}
	}
	return e.Mutations[0].Record
}

func namedBy(e *record.Edit) []Missing {
	named := make([]Missing, 0, len(e.Blobs))
	for _, hash := range e.Blobs {
		named = append(named, Missing{hash, subject(e)})
	}
	return named
}

// learnWanted reads which blobs all edits name, unless that is known. It holds writing, so that no edit slips by in between.
func (s *Store) learnWanted() {
	if s.blobs.knowsWanted() {
		return
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	named, err := s.named()
	if err != nil {
		s.cfg.Log.Error("The list of attached files could not be read.", "error", err)
		return
	}
	s.blobs.setWanted(named)
}

// Named gives every blob that a held edit names, whether it is here or not, once for each space.
func (b *Blobs) Named() ([]Missing, error) { return b.store.named() }

// named reads the blobs that edits name, the committed first.
func (s *Store) named() ([]Missing, error) {
	s.mu.RLock()
	spaces := s.spacesLocked(record.ID{})
	var named, tentative []Missing
	for _, edits := range s.pending.ordered {
		for _, e := range edits {
			tentative = append(tentative, namedBy(e)...)
		}
	}
	r, err := s.readerLocked()
	s.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	defer r.close()
	for _, space := range spaces {
		err := scan(r.txn, spaceKey(famBlob, space), func(key, value []byte) error {
			_, rest, ok := splitSpace(key)
			if !ok || len(rest) != len(record.Hash{}) {
				return nil
			}
			one := Missing{Hash: record.Hash(rest)}
			if len(value) == len(one.Record) {
				one.Record = record.ID(value)
			}
			named = append(named, one)
			return nil
		})
		if err != nil {
			return nil, r.db.readFault(err, "store.Blobs.Named")
		}
	}
	return append(named, tentative...), nil
}

func (b *Blobs) knowsWanted() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.wants.known
}

func (b *Blobs) setWanted(named []Missing) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wants = wanted{known: true, missing: map[record.Hash]record.ID{}, revision: b.wants.revision + 1}
	for _, one := range named {
		b.wantLocked(one)
	}
}

// wantLocked notes a blob as missing unless it is here; the first record that is known of it stays. The caller holds mu.
func (b *Blobs) wantLocked(one Missing) {
	if known := b.wants.missing[one.Hash]; known == (record.ID{}) && !b.redacted[one.Hash] && !b.Has(one.Hash) {
		b.wants.missing[one.Hash] = one.Record
		b.wants.revision++
	}
}

// want notes the blobs that a new edit names.
func (b *Blobs) want(named []Missing) {
	if len(named) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, one := range named {
		if b.wants.known {
			b.wantLocked(one)
		}
	}
}

// forgetWanted has the list built anew when it is next asked for.
func (b *Blobs) forgetWanted() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wants = wanted{revision: b.wants.revision + 1}
}
