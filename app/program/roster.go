package program

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"

	"holdfast/backend/core/fault"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/enrol"
	"holdfast/sync/session"
)

// roster knows the devices of the cluster: by their committed records, and by the certificates that they showed or that a peer brought along.
type roster struct {
	store *store.Store
	trust *enrol.Credentials
}

// certificatePrefix is where the certificates of other devices lie among the store's named values.
const certificatePrefix = "cert/"

// KeyOf gives a device's public key, or nil while the device is not known.
func (r *roster) KeyOf(device record.DeviceID) ed25519.PublicKey {
	if own := r.trust.Device(); own.ID() == device {
		return own.PublicKey()
	}
	if state, err := r.store.Committed(people.DeviceRecord(device)); err == nil && state != nil {
		if key, err := hex.DecodeString(state.Shown(people.FieldKey).AsText()); err == nil && record.DeviceOf(key) == device {
			return key
		}
	}
	certificate, err := r.store.Meta(certificatePrefix + device.String())
	if err != nil || certificate == nil {
		return nil
	}
	key, err := enrol.PublicKeyIn(certificate)
	if err != nil || record.DeviceOf(key) != device {
		return nil
	}
	return key
}

// Introduce gives what a peer needs to admit a device.
func (r *roster) Introduce(device record.DeviceID) (session.Device, bool) {
	certificate := r.trust.Membership().Certificate
	if r.trust.Device().ID() != device {
		held, err := r.store.Meta(certificatePrefix + device.String())
		if err != nil || held == nil {
			return session.Device{}, false
		}
		certificate = held
	}
	key := r.KeyOf(device)
	return session.Device{Key: key, Certificate: certificate}, key != nil
}

// Admit remembers a device whose certificate this cluster's authority signed.
func (r *roster) Admit(ctx context.Context, device session.Device) error {
	const op = "program.Admit"
	identity, err := r.trust.Verify(device.Certificate)
	if err != nil {
		return err
	}
	key, err := enrol.PublicKeyIn(device.Certificate)
	if err != nil {
		return err
	}
	if identity.Device != record.DeviceOf(key) || !key.Equal(ed25519.PublicKey(device.Key)) {
		return fault.New(enrol.NotEnrolled, op, "A peer brought along a certificate that belongs to another device. It was not taken.")
	}
	return r.store.SetMeta(ctx, certificatePrefix+identity.Device.String(), device.Certificate)
}

// standing gives what the cluster has decided about a device.
func (r *roster) standing(device record.DeviceID) enrol.Standing {
	state, err := r.store.Committed(people.DeviceRecord(device))
	switch {
	case err != nil || state == nil || len(state.Shown(people.FieldRevoked)) == 0:
		return enrol.Welcome
	case state.Shown(people.FieldWipe).AsFlag():
		return enrol.ToBeWiped
	}
	return enrol.ShutOut
}

// revoked reports whether the cluster has shut a device out.
func (r *roster) revoked(device record.DeviceID) bool { return r.standing(device) != enrol.Welcome }
