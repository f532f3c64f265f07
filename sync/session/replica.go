package session

import (
	"context"
	"crypto/ed25519"

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
	Apply(ctx context.Context, entry record.Entry, at store.RaftPosition) (bool, error)
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
