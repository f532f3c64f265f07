package record

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"holdfast/backend/core/fault"
)

// ID names one record: a UUIDv7 made where the record was created. No order is derived from it.
type ID = uuid.UUID

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// String gives the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// DeviceID names a device: the first 16 bytes of the SHA-256 of its raw Ed25519 public key, so the key proves the id.
type DeviceID [16]byte

// DeviceOf gives the id that belongs to a public key.
func DeviceOf(key ed25519.PublicKey) DeviceID {
	sum := sha256.Sum256(key)
	return DeviceID(sum[:16])
}

// String gives the id in hexadecimal.
func (d DeviceID) String() string { return hex.EncodeToString(d[:]) }

// IsZero reports whether no device is named.
func (d DeviceID) IsZero() bool { return d == DeviceID{} }

// ParseDevice reads what String wrote.
func ParseDevice(text string) (DeviceID, error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(DeviceID{}) {
		return DeviceID{}, fault.Newf(fault.Invalid, "record.ParseDevice", "%q is not a device id.", text)
	}
	return DeviceID(raw), nil
}

// Space is the unit of replication and ordering: Organisation, or one for each site.
type Space string

// Organisation is the space that every device of a cluster shares.
const Organisation Space = "org"

// SiteSpace gives the space of a site by its code ("LYO").
func SiteSpace(code string) Space { return Space("site/" + code) }

// Site gives the code of a site's space, or "" for Organisation.
func (s Space) Site() string {
	code, found := strings.CutPrefix(string(s), "site/")
	if !found {
		return ""
	}
	return code
}

// Incarnation is one unbroken run of edits of one device in one space. A device begins a new one, with a random number, at first run,
// after an unclean stop, a restore or a clone, so that two copies of a disk never continue one sequence.
type Incarnation struct {
	Device DeviceID `cbor:"1,keyasint"`
	Number uint64   `cbor:"2,keyasint"`
}

// Compare orders incarnations by device, then number.
func (i Incarnation) Compare(other Incarnation) int {
	if c := bytes.Compare(i.Device[:], other.Device[:]); c != 0 {
		return c
	}
	return cmp.Compare(i.Number, other.Number)
}

// EditID names one edit: the incarnation that wrote it and its dense sequence there, from 1.
type EditID struct {
	Incarnation
	Sequence uint64 `cbor:"3,keyasint"`
}

// IsZero reports whether no edit is named.
func (e EditID) IsZero() bool { return e.Sequence == 0 }

// Compare orders edits by device, incarnation and sequence.
func (e EditID) Compare(other EditID) int {
	if c := e.Incarnation.Compare(other.Incarnation); c != 0 {
		return c
	}
	return cmp.Compare(e.Sequence, other.Sequence)
}

// String gives "device.incarnation.sequence", device and incarnation in hexadecimal.
func (e EditID) String() string {
	return fmt.Sprintf("%s.%016x.%d", e.Device, e.Number, e.Sequence)
}

// ParseEditID reads what String wrote.
func ParseEditID(text string) (EditID, error) {
	refuse := func() (EditID, error) {
		return EditID{}, fault.Newf(fault.Invalid, "record.ParseEditID", "%q is not the id of an edit.", text)
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return refuse()
	}
	device, err := ParseDevice(parts[0])
	if err != nil {
		return refuse()
	}
	number, err := strconv.ParseUint(parts[1], 16, 64)
	if err != nil {
		return refuse()
	}
	sequence, err := strconv.ParseUint(parts[2], 10, 64)
	if err != nil {
		return refuse()
	}
	return EditID{Incarnation{device, number}, sequence}, nil
}
