package memory

import (
	"context"
	"crypto/ed25519"
	"sync"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/session"
)

// Roster is a device's knowledge of the cluster's devices, without an authority: the certificate is the word "member".
type Roster struct {
	mu   sync.Mutex
	keys map[record.DeviceID]ed25519.PublicKey
}

// NewRoster makes a roster that knows the given devices.
func NewRoster(keys ...ed25519.PublicKey) *Roster {
	r := &Roster{keys: map[record.DeviceID]ed25519.PublicKey{}}
	for _, key := range keys {
		r.keys[record.DeviceOf(key)] = key
	}
	return r
}

// KeyOf is session.Devices'.
func (r *Roster) KeyOf(device record.DeviceID) ed25519.PublicKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.keys[device]
}

// Introduce is session.Devices'.
func (r *Roster) Introduce(device record.DeviceID) (session.Device, bool) {
	key := r.KeyOf(device)
	return session.Device{Key: key, Certificate: []byte(member)}, key != nil
}

// Admit is session.Devices'.
func (r *Roster) Admit(_ context.Context, device session.Device) error {
	if string(device.Certificate) != member {
		return fault.New(fault.Forbidden, "memory.Admit", "The device is not one of this cluster.")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys[record.DeviceOf(device.Key)] = device.Key
	return nil
}

const member = "member"
