package store

import (
	"context"
	"crypto/ed25519"
	"io"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

var errAwaited = fault.New(fault.Internal, "store", "Not built yet.")

// Store is one device's durable replica. All methods are safe for concurrent use.
type Store struct{}

// Open opens or makes the store in cfg.Dir, replays the journal and rebuilds the set of tentative edits. Faults: in_use, newer_format, corrupt, read_only, disk_full.
func Open(ctx context.Context, cfg Config) (*Store, error) { return nil, errAwaited }

// Close waits for running calls, marks the stop as clean and releases the folder.
func (s *Store) Close() error { return errAwaited }

// Append makes the drafts of one call one or more signed batches of this device: durable in the journal when it returns, folded into the views, announced. The
// ids come back in the drafts' order. All drafts are saved or none. Callers that append at once share one sync. The drafts must not be changed afterwards.
func (s *Store) Append(ctx context.Context, drafts ...record.Draft) ([]record.EditID, error) {
	return nil, errAwaited
}

// Receive takes a contiguous run of edits of one incarnation of one space from a peer. The last must be signed with the key that keys gives for its device (nil: unknown
// device, refused as forbidden). It is idempotent. An edit whose id names other content already is quarantined with all that follows it. A run that does not
// follow what is held is refused with code gap; Received.Held then says from where to ask.
func (s *Store) Receive(ctx context.Context, keys func(record.DeviceID) ed25519.PublicKey, space record.Space, run []record.Sealed) (Received, error) {
	return Received{}, errAwaited
}

// Apply writes one entry of outcomes: all of it with the frontier and at in one step, or nothing. It is false, with nothing written, when the entry was evaluated at another commit
// number or generation than the space stands at. An entry at or before RaftPosition is true without being applied again. An entry without edits and with a higher
// generation, evaluated where the space stands, raises the generation. An Edits[i] without bytes stands for an edit that is held as tentative.
// An error means that the entry breaks a rule (the same everywhere) or that the disk fails (nothing is written).
func (s *Store) Apply(ctx context.Context, entry record.Entry, at RaftPosition) (bool, error) {
	return false, errAwaited
}

// NotePosition records a Raft position whose entry changes no space.
func (s *Store) NotePosition(ctx context.Context, at RaftPosition) error { return errAwaited }

// RaftPosition gives the position of the newest applied log entry.
func (s *Store) RaftPosition() RaftPosition { return RaftPosition{} }

// Frontier says how far the replica is in a space; Commit is zero for a space without commits.
func (s *Store) Frontier(space record.Space) record.Frontier { return record.Frontier{} }

// Frontiers gives the frontiers of all spaces with commits, ordered by name.
func (s *Store) Frontiers() []record.Frontier { return nil }

// Spaces names all spaces with commits or tentative edits, ordered.
func (s *Store) Spaces() []record.Space { return nil }

// Committed gives a record as the group decided it; nil, nil for a record that has no commit.
func (s *Store) Committed(id record.ID) (*record.State, error) { return nil, errAwaited }

// CommittedIn is Committed for a record whose space is known.
func (s *Store) CommittedIn(space record.Space, id record.ID) (*record.State, error) {
	return nil, errAwaited
}

// View gives a record with the tentative edits folded in; nil, nil for an unknown record. The state is shared: never change it.
func (s *Store) View(id record.ID) (*record.State, error) { return nil, errAwaited }

// EachView hands every record's view to yield, in no order, as of one instant. Decoding runs on all cores; yield runs on the caller's goroutine, one at a time. An error of yield ends the walk.
func (s *Store) EachView(ctx context.Context, yield func(*record.State) error) error {
	return errAwaited
}

// Pending gives at most limit.EntryEdits tentative edits of a space in order of hybrid time, oldest first.
func (s *Store) Pending(space record.Space) []*record.Edit { return nil }

// PendingCursor is a place in the order of tentative edits; the zero value is before the first.
type PendingCursor struct {
	Time clock.Stamp
	Edit record.EditID
}

// PendingAfter gives at most limit tentative edits after a place.
func (s *Store) PendingAfter(space record.Space, after PendingCursor, limit int) []*record.Edit {
	return nil
}

// PendingCount counts the tentative edits of all spaces.
func (s *Store) PendingCount() int { return 0 }

// PendingIn counts the tentative edits of a space.
func (s *Store) PendingIn(space record.Space) int { return 0 }

// PendingOf gives the tentative edits that touch a record, by hybrid time.
func (s *Store) PendingOf(id record.ID) []*record.Edit { return nil }

// PendingEdit gives a tentative edit by id.
func (s *Store) PendingEdit(id record.EditID) (*record.Edit, bool) { return nil, false }

// Outcome gives the group's decision on an edit; false while there is none, or when the log was trimmed behind it and the edit is not parked.
func (s *Store) Outcome(edit record.EditID) (*record.Outcome, bool) { return nil, false }

// Edit gives an edit, tentative or committed, with the space's log reaching back to it; nil, nil when it is not kept.
func (s *Store) Edit(id record.EditID) (*record.Edit, error) { return nil, errAwaited }

// Parked gives at most 200 parked and poisonous edits that nobody settled, after cursor ("" is the first page), and the next cursor ("" at the end).
func (s *Store) Parked(ctx context.Context, cursor string) ([]ParkedEdit, string, error) {
	return nil, "", errAwaited
}

// Conflicted gives the ids of all records whose committed state holds an open conflict or a duplicate, by space and id.
func (s *Store) Conflicted(ctx context.Context) ([]record.ID, error) { return nil, errAwaited }

// History gives a record's changes, committed ones in commit order, then tentative ones.
func (s *Store) History(ctx context.Context, id record.ID) ([]record.Change, error) {
	return nil, errAwaited
}

// Commits gives commits of a space from number from on (from itself included), as many as fit into maxBytes but at least one if there is one. Code trimmed when from is no longer kept.
func (s *Store) Commits(space record.Space, from uint64, maxBytes int) ([]Commit, error) {
	return nil, errAwaited
}

// LogStart gives the number of the first commit of a space that Commits can give; 1 when the whole log is kept.
func (s *Store) LogStart(space record.Space) uint64 { return 1 }

// Tails gives the incarnations of a space that have tentative edits, ordered.
func (s *Store) Tails(space record.Space) []Tail { return nil }

// CommittedSequence gives the highest committed sequence of an incarnation; zero for an unknown one.
func (s *Store) CommittedSequence(space record.Space, i record.Incarnation) uint64 { return 0 }

// HeldSequence gives the highest sequence of an incarnation that is held or committed.
func (s *Store) HeldSequence(space record.Space, i record.Incarnation) uint64 { return 0 }

// EditsFrom gives tentative edits of an incarnation from a sequence on, as many as fit into maxBytes (but at least one batch), ending on a signed edit. From at or below the
// committed sequence starts behind it.
func (s *Store) EditsFrom(space record.Space, i record.Incarnation, from uint64, maxBytes int) ([]record.Sealed, error) {
	return nil, errAwaited
}

// Quarantine gives the edits that were set aside.
func (s *Store) Quarantine(ctx context.Context) ([]Quarantined, error) { return nil, errAwaited }

// Subscription hands out what changed. C is closed by Close or when the store closes.
type Subscription struct{}

// C gives the channel of change sets.
func (s *Subscription) C() <-chan ChangeSet { return nil }

// Close ends the subscription.
func (s *Subscription) Close() {}

// Subscribe starts a subscription. At most buffer change sets wait in its channel; later ones are merged until there is room, so a slow reader misses no record
// and never holds up a writer.
func (s *Store) Subscribe(buffer int) *Subscription { return &Subscription{} }

// Snapshot is the committed state of all spaces with the Raft position and the tentative edits, as of one instant.
type Snapshot struct{}

// Snapshot opens a snapshot. It is quick; the work is in WriteTo. Close it.
func (s *Store) Snapshot(ctx context.Context) (*Snapshot, error) { return nil, errAwaited }

// Position gives the Raft position of the snapshot.
func (n *Snapshot) Position() RaftPosition { return RaftPosition{} }

// WriteTo streams the snapshot with checksums; Restore reads it.
func (n *Snapshot) WriteTo(w io.Writer) (int64, error) { return 0, errAwaited }

// Close releases the snapshot.
func (n *Snapshot) Close() {}

// Restore replaces everything committed by a snapshot. It is read into a new database, verified, and only then put in place of the old one. Tentative edits, quarantine and
// Meta stay. Subscriptions go on and hear that everything changed.
func (s *Store) Restore(ctx context.Context, r io.Reader) error { return errAwaited }

// Chunk is a piece of a space's committed state: raw rows in the order of their keys.
type Chunk struct {
	Rows []Row  `cbor:"1,keyasint"`
	Last []byte `cbor:"2,keyasint"` // where to go on: hand it to Next
	Done bool   `cbor:"3,keyasint"` // nothing follows
}

// Row is one raw key with its value.
type Row struct {
	Key   []byte `cbor:"1,keyasint"`
	Value []byte `cbor:"2,keyasint"`
}

// SpaceSnapshot is the committed state of one space as of one instant.
type SpaceSnapshot struct{}

// SnapshotSpace opens a snapshot of a space. logCommits is how many of the newest commits travel with their edits, so that the receiver can pass them on. Close it.
func (s *Store) SnapshotSpace(ctx context.Context, space record.Space, logCommits uint64) (*SpaceSnapshot, error) {
	return nil, errAwaited
}

// Frontier is what the receiver will stand at.
func (n *SpaceSnapshot) Frontier() record.Frontier { return record.Frontier{} }

// Next gives the chunk of at most maxBytes (but at least one row) after a key; nil starts. Any key that a chunk ended on may be given, so a cut transfer goes on where it was.
func (n *SpaceSnapshot) Next(after []byte, maxBytes int) (Chunk, error) { return Chunk{}, errAwaited }

// Close releases the snapshot.
func (n *SpaceSnapshot) Close() {}

// SpaceImport is the other end of a SpaceSnapshot.
type SpaceImport struct{}

// ImportSpace begins to take a space's committed state, or goes on after an interruption when the frontier is the same one; another one starts over. The replica must have nothing
// committed in the space. Until Finish, readers see nothing of it.
func (s *Store) ImportSpace(ctx context.Context, frontier record.Frontier) (*SpaceImport, error) {
	return nil, errAwaited
}

// After gives the key to ask Next for: nil at the start.
func (i *SpaceImport) After() []byte { return nil }

// Add stores a chunk. Chunks come in order.
func (i *SpaceImport) Add(ctx context.Context, c Chunk) error { return errAwaited }

// Finish checks the digest and puts the space in place at its frontier, in one step. A wrong digest drops what was taken and is a corrupt fault.
func (i *SpaceImport) Finish(ctx context.Context) error { return errAwaited }

// Meta gives a named value of the program, nil when there is none. Names are at most 64 bytes.
func (s *Store) Meta(name string) ([]byte, error) { return nil, errAwaited }

// SetMeta stores a named value of the program, at most 64 KiB, durably; nil removes it.
func (s *Store) SetMeta(ctx context.Context, name string, value []byte) error { return errAwaited }

// MetaNames gives the names with a prefix, ordered.
func (s *Store) MetaNames(prefix string) ([]string, error) { return nil, errAwaited }

// Blobs gives the store of attached files.
func (s *Store) Blobs() *Blobs { return nil }

// Blobs keeps files under the SHA-256 of their content, at most limit.BlobBytesMax each.
type Blobs struct{}

// Put stores the content of r.
func (b *Blobs) Put(ctx context.Context, r io.Reader) (record.Hash, int64, error) {
	return record.Hash{}, 0, errAwaited
}

// Has reports whether the blob is here, whole.
func (b *Blobs) Has(hash record.Hash) bool { return false }

// Size gives a blob's size in bytes, or a not_found fault.
func (b *Blobs) Size(hash record.Hash) (int64, error) { return 0, errAwaited }

// Open opens a blob for reading at any place. Close it.
func (b *Blobs) Open(hash record.Hash) (io.ReadSeekCloser, error) { return nil, errAwaited }

// Partial gives how many bytes of an unfinished download are here.
func (b *Blobs) Partial(hash record.Hash) int64 { return 0 }

// WriteChunk stores bytes of a blob of total bytes at offset, which must be Partial's; done says that the blob is whole and verified. Wrong content is dropped with a corrupt fault.
func (b *Blobs) WriteChunk(ctx context.Context, hash record.Hash, offset, total int64, chunk []byte) (done bool, err error) {
	return false, errAwaited
}

// Wanted gives at most max hashes that held edits name and that are not here.
func (b *Blobs) Wanted(max int) []record.Hash { return nil }

// Health is what a person or a monitor should know about the store.
type Health struct {
	ClockSuspicion string // a sentence when the device's clock looks wrong, or ""
	FolderWarning  string // a sentence when the folder looks unsuitable (network drive), or ""
	Rebuilt        string // where a damaged database was set aside at Open, or ""
	Quarantined    int    // edits set aside
	Pending        int
	DatabaseBytes  int64
	JournalBytes   int64
	DiskFull       bool // writes are refused until there is space
}

// Health gives the store's condition without reading much.
func (s *Store) Health() Health { return Health{} }

// Finding is one thing that Verify found wrong.
type Finding struct {
	Space record.Space
	What  string // a sentence
}

// Verify reads everything: checksums, the digest and the chain of every space against its frontier, blobs against their names. No findings means that all is well.
func (s *Store) Verify(ctx context.Context) ([]Finding, error) { return nil, errAwaited }
