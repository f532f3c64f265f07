package session

import (
	"context"
	"crypto/ed25519"
	"io"
	"sync"

	"holdfast/backend/record"
	"holdfast/backend/store"
)

// Replica is the durable store as a session sees it; *store.Store is one, and its comments are the contract. Other sessions and the leader may
// change the replica between any two calls.
type Replica interface {
	Frontier(space record.Space) record.Frontier
	Tails(space record.Space) []store.Tail
	HeldSequence(space record.Space, of record.Incarnation) uint64
	PendingEdit(id record.EditID) (*record.Edit, bool)
	EditsFrom(space record.Space, of record.Incarnation, from uint64, bytesMax int) ([]record.Sealed, error)
	Commits(space record.Space, from uint64, bytesMax int) ([]store.Commit, error)
	Receive(ctx context.Context, keys func(record.DeviceID) ed25519.PublicKey, space record.Space, run []record.Sealed) (store.Received, error)
	ApplyRun(ctx context.Context, entries []record.Entry, at store.RaftPosition) (bool, error)
}

// Devices knows the devices of the cluster.
type Devices interface {
	// KeyOf gives a device's public key, or nil while the device is not known.
	KeyOf(device record.DeviceID) ed25519.PublicKey
	// Introduce gives what a peer needs to admit the device, if it is known.
	Introduce(device record.DeviceID) (Device, bool)
	// Admit checks that the certificate makes the key one of the cluster's devices and remembers it: KeyOf knows it from then on. A certificate
	// that proves nothing is a fault.
	Admit(ctx context.Context, device Device) error
}

// Blobs keeps attached files; *store.Blobs is one.
type Blobs interface {
	Has(hash record.Hash) bool
	Size(hash record.Hash) (int64, error)
	Open(hash record.Hash) (io.ReadSeekCloser, error)
	Partial(hash record.Hash) int64
	WriteChunk(ctx context.Context, hash record.Hash, offset, total int64, chunk []byte) (done bool, err error)
	Wanted(most int) []record.Hash
}

// Snapshots gives and takes the committed state of whole spaces; SnapshotsOf makes one of a store.
type Snapshots interface {
	Open(ctx context.Context, space record.Space) (Source, error)
	Import(ctx context.Context, frontier record.Frontier) (Sink, error)
	// Replace is Import of a later generation's state in the place of commits that a recovery has left behind; Withdraw makes all of them tentative.
	Replace(ctx context.Context, frontier record.Frontier, common uint64) (Sink, error)
	Withdraw(ctx context.Context, space record.Space) error
	// AbandonImport drops what an interrupted import has left; until then commits of the space are not applied.
	AbandonImport(ctx context.Context, space record.Space) error
}

// Source is the giving end of a space's snapshot; *store.SpaceSnapshot is one.
type Source interface {
	Frontier() record.Frontier
	Next(after []byte, bytesMax int) (store.Chunk, error)
	Close()
}

// Sink is the taking end of a space's snapshot; *store.SpaceImport is one.
type Sink interface {
	After() []byte
	Add(ctx context.Context, chunk store.Chunk) error
	Finish(ctx context.Context) error
}

// snapshotLogCommits is how many of the newest commits a snapshot brings along one by one, so that the receiver can pass them on.
const snapshotLogCommits = 1024

// SnapshotsOf gives a store's snapshots.
func SnapshotsOf(st *store.Store) Snapshots { return storeSnapshots{st} }

type storeSnapshots struct{ store *store.Store }

func (s storeSnapshots) AbandonImport(ctx context.Context, space record.Space) error {
	return s.store.AbandonImport(ctx, space)
}

func (s storeSnapshots) Open(ctx context.Context, space record.Space) (Source, error) {
	return s.store.SnapshotSpace(ctx, space, snapshotLogCommits)
}

func (s storeSnapshots) Replace(ctx context.Context, frontier record.Frontier, common uint64) (Sink, error) {
	return s.store.ReplaceSpace(ctx, frontier, common)
}

func (s storeSnapshots) Withdraw(ctx context.Context, space record.Space) error {
	return s.store.WithdrawSpace(ctx, space)
}

func (s storeSnapshots) Import(ctx context.Context, frontier record.Frontier) (Sink, error) {
	return s.store.ImportSpace(ctx, frontier)
}

// Claims lets the sessions of one replica share work out: what one of them fetches, the others leave alone. It is safe for concurrent use.
type Claims struct {
	mu    sync.Mutex
	taken map[string]bool
}

// NewClaims makes the claims of one replica.
func NewClaims() *Claims { return &Claims{taken: map[string]bool{}} }

// Fetching reports whether a session of the replica fetches a blob at the moment.
func (c *Claims) Fetching(hash record.Hash) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.taken[blobClaim(hash)]
}

func (c *Claims) take(what string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken[what] {
		return false
	}
	c.taken[what] = true
	return true
}

func (c *Claims) release(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.taken, what)
}
