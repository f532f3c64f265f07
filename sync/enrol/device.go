// Package enrol is a cluster's own authority: devices and their keys, the certificates that say who they are, and the invites that let
// new ones in. The only secrets that ever travel are the authority's key, encrypted to a joining node.
package enrol

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"os"

	"filippo.io/age"
	"filippo.io/age/agessh"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

const (
	keyFileType   = "HOLDFAST DEVICE KEY"
	keyFileDevice = "Device" // header with the id that belongs to the key, so that a damaged key is found out
	secretMode    = 0o600
	boxLabel      = "holdfast device box 1"
)

// Device is this device's identity: an Ed25519 key that never leaves it, and an X25519 key derived from that, to which others encrypt.
type Device struct {
	id  record.DeviceID
	key ed25519.PrivateKey
	box *ecdh.PrivateKey
}

// NewDevice makes a device from 32 bytes of random. Programs use LoadOrCreateDevice.
func NewDevice(random io.Reader) (*Device, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "enrol.NewDevice", "This machine gave no random numbers, so no device key could be made.")
	}
	return deviceOf(seed)
}

func deviceOf(seed []byte) (*Device, error) {
	key := ed25519.NewKeyFromSeed(seed)
	derived, err := hkdf.Key(sha256.New, seed, nil, boxLabel, 32)
	if err != nil {
		return nil, err
	}
	box, err := ecdh.X25519().NewPrivateKey(derived)
	if err != nil {
		return nil, err
	}
	return &Device{id: record.DeviceOf(key.Public().(ed25519.PublicKey)), key: key, box: box}, nil
}

// LoadOrCreateDevice reads the device key at path, or makes one when nothing stands there. The file belongs outside the replica's
// database folder, so that a copy of the folder is not a copy of the device. A file that cannot be read is never replaced:
// fault.Corrupt, fault.ReadOnly (no right to read it).
func LoadOrCreateDevice(path string, random io.Reader) (*Device, error) {
	device, err := loadDevice(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return device, err
	}
	if device, err = NewDevice(random); err != nil {
		return nil, err
	}
	err = diskfile.Create(path, device.file(), secretMode)
	if errors.Is(err, fs.ErrExist) { // another process made it in this instant
		return loadDevice(path)
	}
	if err != nil {
		return nil, err
	}
	return device, nil
}

func (d *Device) file() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: keyFileType, Headers: map[string]string{keyFileDevice: d.id.String()}, Bytes: d.key.Seed()})
}

func loadDevice(path string) (*Device, error) {
	const op = "enrol.LoadOrCreateDevice"
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, fault.Wrap(err, diskfile.Code(err), op, "The device key "+path+" could not be read. Give this user the right to read it; it was not changed.")
	}
	damaged := fault.New(fault.Corrupt, op, "The device key "+path+" is damaged. Put it back from a copy, or move it away and join the cluster again with a new invite; it was not changed.")
	block, _ := pem.Decode(raw)
	if block == nil || block.Type != keyFileType || len(block.Bytes) != ed25519.SeedSize {
		return nil, damaged
	}
	device, err := deviceOf(block.Bytes)
	if err != nil {
		return nil, err
	}
	if device.id.String() != block.Headers[keyFileDevice] {
		return nil, damaged
	}
	return device, nil
}

// ID gives the device's id, which its public key proves.
func (d *Device) ID() record.DeviceID { return d.id }

// PublicKey gives the raw Ed25519 key. The caller must not change it.
func (d *Device) PublicKey() ed25519.PublicKey { return d.key.Public().(ed25519.PublicKey) }

// Sign gives the Ed25519 signature of message.
func (d *Device) Sign(message []byte) []byte { return ed25519.Sign(d.key, message) }

// BoxKey gives the raw X25519 key to which SealTo encrypts for this device.
func (d *Device) BoxKey() []byte { return d.box.PublicKey().Bytes() }

// SealTo encrypts plain so that only the device with that box key opens it, and only for the same purpose (HPKE base mode:
// X25519, HKDF-SHA256, ChaCha20-Poly1305). It does not say who sealed it.
func SealTo(boxKey, plain []byte, purpose string) ([]byte, error) {
	const op, sentence = "enrol.SealTo", "The other device's encryption key is not valid."
	point, err := ecdh.X25519().NewPublicKey(boxKey)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, op, sentence)
	}
	to, err := hpke.NewDHKEMPublicKey(point)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, op, sentence)
	}
	sealed, err := hpke.Seal(to, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), []byte(purpose), plain)
	return sealed, fault.Wrap(err, fault.Invalid, op, sentence)
}

// OpenSealed decrypts what SealTo made for this device and purpose.
func (d *Device) OpenSealed(sealed []byte, purpose string) ([]byte, error) {
	const op, sentence = "enrol.Device.OpenSealed", "This was encrypted for another device, or it is damaged."
	key, err := hpke.NewDHKEMPrivateKey(d.box)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, op, sentence)
	}
	plain, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), []byte(purpose), sealed)
	return plain, fault.Wrap(err, fault.Corrupt, op, sentence)
}

// FileIdentity opens files that were encrypted to the device's public key in the age format, as ssh-ed25519. The key stays inside.
func (d *Device) FileIdentity() (age.Identity, error) {
	identity, err := agessh.NewEd25519Identity(d.key)
	return identity, fault.Wrap(err, fault.Internal, "enrol.Device.FileIdentity", "This device's key cannot open files.")
}
