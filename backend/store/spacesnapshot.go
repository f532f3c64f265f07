package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/dgraph-io/badger/v4"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Row is one raw key with its value.
type Row struct {
	Key   []byte `cbor:"1,keyasint"`
	Value []byte `cbor:"2,keyasint"`
}

// Chunk is a piece of a space's committed state: raw rows in the order of their keys.
type Chunk struct {
	Rows []Row  `cbor:"1,keyasint"`
	Last []byte `cbor:"2,keyasint"` // where to go on: hand it to Next
	Done bool   `cbor:"3,keyasint"` // nothing follows
}

// SpaceSnapshot is the committed state of one space as of one instant. It is used from one goroutine at a time.
type SpaceSnapshot struct {
	reader   *reader
	frontier record.Frontier
	logFrom  uint64 // first commit that travels
	once     sync.Once
}

// SnapshotSpace opens a snapshot of a space. logCommits is how many of the newest commits travel with their edits, so that the receiver can pass them on. Close it.
func (s *Store) SnapshotSpace(ctx context.Context, space record.Space, logCommits uint64) (*SpaceSnapshot, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f, found := s.frontiers[space]
	if !found {
		return nil, fault.Newf(fault.NotFound, "store.SnapshotSpace", "Nothing is agreed in %q yet.", space)
	}
	r, err := s.readerLocked()
	if err != nil {
		return nil, err
	}
	n := &SpaceSnapshot{reader: r, frontier: f, logFrom: 1}
	if f.Commit > logCommits {
		n.logFrom = f.Commit - logCommits + 1
	}
	return n, nil
}

// Frontier is what the receiver will stand at.
func (n *SpaceSnapshot) Frontier() record.Frontier { return n.frontier }

// Next gives the chunk of at most maxBytes (but at least one row) after a key; nil starts. Any key that a chunk ended on may be given, so a cut transfer goes on where it was.
func (n *SpaceSnapshot) Next(after []byte, maxBytes int) (Chunk, error) {
	c := Chunk{Last: after}
	left := maxBytes
	for i := range spaceFamilies {
		prefix := spaceKey(spaceFamilies[i], n.frontier.Space)
		if full, err := n.family(&c, prefix, after, &left); full || err != nil {
			return c, n.reader.db.readFault(err, "store.SnapshotSpace")
		}
	}
	c.Done = true
	return c, nil
}

// family adds the rows of one family behind after; full says that the chunk has no more room.
func (n *SpaceSnapshot) family(c *Chunk, prefix, after []byte, left *int) (full bool, err error) {
	from := prefix
	if bytes.Compare(after, prefix) > 0 {
		if !bytes.HasPrefix(after, prefix) {
			return false, nil // the family is behind us
		}
		from = append(slices.Clone(after), 0)
	}
	if prefix[0] == famCommit && len(from) == len(prefix) {
		from = numberKey(famCommit, n.frontier.Space, n.logFrom)
	}
	err = scanFrom(n.reader.txn, prefix, from, func(key, value []byte) error {
		if prefix[0] == famEdit && len(value) == 8 && binary.BigEndian.Uint64(value) < n.logFrom {
			return nil
		}
		size := len(key) + len(value) + 8
		if full = size > *left && len(c.Rows) > 0; full {
			return errStop
		}
		*left -= size
		c.Rows = append(c.Rows, Row{bytes.Clone(key), append([]byte{}, value...)})
		c.Last = c.Rows[len(c.Rows)-1].Key
		return nil
	})
	return full, err
}

// Close releases the snapshot.
func (n *SpaceSnapshot) Close() { n.once.Do(n.reader.close) }

// importing is the row that stands while a space is being taken over.
type importing struct {
	Frontier record.Frontier `cbor:"1,keyasint"`
	// Staged says that the rows wait aside to replace the committed state that readers go on seeing.
	Staged bool `cbor:"2,keyasint,omitempty"`
}

// SpaceImport is the other end of a SpaceSnapshot. It is used from one goroutine at a time.
type SpaceImport struct {
	store    *Store
	frontier record.Frontier
	staged   bool
	later    bool   // of a later generation: what stands here is withdrawn beyond common
	common   uint64 // with later: the commit up to which both have one history
	last     []byte
	digest   record.Hash
}

// ImportSpace begins to take a space's committed state, or goes on after an interruption when the frontier is the same one; another one starts over. At most one import of a space
// at a time. Where nothing is committed yet, readers see nothing until Finish, and Apply refuses the space's entries. Otherwise the frontier must be further on in the same generation
// (a conflict if not); then readers see what is committed, and entries are applied to it, until Finish replaces it.
func (s *Store) ImportSpace(ctx context.Context, frontier record.Frontier) (*SpaceImport, error) {
	return s.beginImport(ctx, &SpaceImport{store: s, frontier: frontier})
}

func (s *Store) beginImport(ctx context.Context, i *SpaceImport) (*SpaceImport, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.mend(); err != nil {
		return nil, err
	}
	mine, frontier := s.Frontier(i.frontier.Space), i.frontier
	i.staged = mine.Commit > 0 || i.later
	if i.staged && !i.replaces(mine) {
		return nil, errOvertaken(frontier.Space)
	}
	same, err := i.resumes()
	if err != nil {
		return nil, err
	}
	if same {
		return i, i.recount(ctx)
	}
	if err := i.drop(ctx); err != nil {
		return nil, err
	}
	var c change
	if err := c.set.putEncoded(spaceKey(famImport, frontier.Space), importing{frontier, i.staged}); err != nil {
		return nil, err
	}
	if !i.staged {
		s.mu.Lock()
		s.imports[frontier.Space] = true
		s.mu.Unlock()
	}
	return i, s.commit(&c)
}

// drop removes what an import has left, its marker first. The caller holds writing.
func (i *SpaceImport) drop(ctx context.Context) error {
	if i.staged {
		return i.store.dropStaged(ctx, i.frontier.Space)
	}
	return i.store.dropSpace(ctx, i.frontier.Space)
}

func (i *SpaceImport) resumes() (bool, error) {
	r, err := i.store.reader()
	if err != nil {
		return false, err
	}
	defer r.close()
	raw, err := r.get("store.ImportSpace", spaceKey(famImport, i.frontier.Space))
	if err != nil || raw == nil {
		return false, err
	}
	var was importing
	if err := record.Decode(raw, &was); err != nil {
		return false, nil // start over
	}
	return was == importing{i.frontier, i.staged}, nil
}

// recount finds where an interrupted import stood: rows were written in the order of their keys.
func (i *SpaceImport) recount(ctx context.Context) error {
	r, err := i.store.reader()
	if err != nil {
		return err
	}
	defer r.close()
	for n := range spaceFamilies {
		family := spaceFamilies[n]
		err := scan(r.txn, i.place(spaceKey(family, i.frontier.Space)), func(key, value []byte) error {
			if i.staged {
				key = key[1:]
			}
			i.last = append(i.last[:0], key...)
			if family == famState {
				i.digest = i.digest.Plus(record.DigestOf(value))
			}
			return ctx.Err()
		})
		if err != nil {
			return r.db.readFault(err, "store.ImportSpace")
		}
	}
	return nil
}

// place gives the key under which a row is stored until Finish.
func (i *SpaceImport) place(key []byte) []byte {
	if i.staged {
		return stagedKey(key)
	}
	return key
}

// After gives the key to ask Next for: nil at the start.
func (i *SpaceImport) After() []byte { return slices.Clone(i.last) }

// Add stores a chunk. Chunks come in order.
func (i *SpaceImport) Add(ctx context.Context, c Chunk) error {
	last, digest := i.last, i.digest
	for _, row := range c.Rows {
		if !i.belongs(row.Key) || bytes.Compare(row.Key, last) <= 0 || row.Value == nil {
			return fault.New(fault.Invalid, "store.ImportSpace", "The copy of the data came in the wrong order. It was refused.")
		}
		last = row.Key
		if row.Key[0] == famState {
			digest = digest.Plus(record.DigestOf(row.Value))
		}
	}
	s := i.store
	s.writing.Lock()
	defer s.writing.Unlock()
	size := 0
	placed := make([]Row, 0, len(c.Rows))
	for _, row := range c.Rows {
		size += len(row.Key) + len(row.Value)
		placed = append(placed, Row{i.place(row.Key), row.Value})
	}
	if err := s.mend(); err != nil {
		return err
	}
	if err := s.room.check(size); err != nil {
		return err
	}
	for rows := range batches(placed, txnBytesMax) {
		if err := s.db.transact(rows); err != nil {
			return err
		}
	}
	i.last, i.digest = last, digest
	return nil
}

// belongs reports whether a row is one of the space's committed state.
func (i *SpaceImport) belongs(key []byte) bool {
	space, _, ok := splitSpace(key)
	return ok && space == i.frontier.Space && len(key) <= maxKeyBytes && bytes.IndexByte([]byte(spaceFamilies), key[0]) >= 0
}

// Finish checks the digest and puts the space in place at its frontier, in one step. A wrong digest drops what was taken and is a corrupt fault.
func (i *SpaceImport) Finish(ctx context.Context) error {
	s := i.store
	s.writing.Lock()
	defer s.writing.Unlock()
	if i.digest != i.frontier.Digest {
		return errors.Join(fault.New(fault.Corrupt, "store.ImportSpace", "The copy of the data arrived damaged. It was dropped and is taken again."), i.drop(ctx))
	}
	if err := s.mend(); err != nil {
		return err
	}
	if i.staged {
		return i.replace(ctx)
	}
	c := change{frontier: &i.frontier}
	c.set.remove(spaceKey(famImport, i.frontier.Space))
	if err := c.set.putEncoded(spaceKey(famFrontier, i.frontier.Space), i.frontier); err != nil {
		return err
	}
	r, err := s.reader()
	if err != nil {
		return err
	}
	defer r.close()
	lost, err := s.rebase(r, &c, i.frontier.Space)
	if err != nil {
		return err
	}
	c.everything, c.opens = true, i.frontier.Space
	if err := s.commit(&c); err != nil {
		return err
	}
	if err := s.learnRedactions(); err != nil {
		return err
	}
	s.renewAll() // the committed state may go beyond what this copy of the device wrote
	if lost {
		signal(s.lost)
	}
	signal(s.tidy)
	return nil
}

// AbandonImport drops what an interrupted import has left of a space, so that its commits can be applied one by one. None may be running.
func (s *Store) AbandonImport(ctx context.Context, space record.Space) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.RLock()
	begun := s.imports[space]
	s.mu.RUnlock()
	if !begun {
		return nil
	}
	if err := s.mend(); err != nil {
		return err
	}
	return s.dropSpace(ctx, space)
}

// AbandonImports does so in every space, for a device that nobody can send the rest.
func (s *Store) AbandonImports(ctx context.Context) error {
	s.mu.RLock()
	begun := slices.Sorted(maps.Keys(s.imports))
	s.mu.RUnlock()
	for _, space := range begun {
		if err := s.AbandonImport(ctx, space); err != nil {
			return err
		}
	}
	return nil
}

// dropSpace removes what stands of a space's committed state, its import marker first. The caller holds writing.
func (s *Store) dropSpace(ctx context.Context, space record.Space) error {
	rows := []Row{{Key: spaceKey(famImport, space)}}
	err := s.db.view("store.ImportSpace", func(txn *badger.Txn) error {
		for n := range spaceFamilies {
			err := scanKeys(txn, spaceKey(spaceFamilies[n], space), func(key []byte) error {
				rows = append(rows, Row{Key: bytes.Clone(key)})
				return ctx.Err()
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for piece := range batches(rows, txnBytesMax) {
		if err := s.db.transact(piece); err != nil {
			return err
		}
	}
	s.mu.Lock()
	delete(s.imports, space)
	s.mu.Unlock()
	return nil
}
