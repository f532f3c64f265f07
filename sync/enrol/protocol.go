package enrol

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// Protocol is the ALPN name of an enrolment connection, on which only the issuing side shows a certificate. It carries three messages,
// each a length (4 bytes, big-endian) and CBOR:
//
//	issuer -> device: welcome   (its clock, so that the device finds out first if one of the two is wrong)
//	device -> issuer: request   (join or renew, with proofs bound to this very connection)
//	issuer -> device: answer    (a certificate and what belongs to it, or why not)
const Protocol = "holdfast-enrol/1"

const (
	exporterLabel = "EXPORTER-holdfast-enrol-1"
	exporterBytes = 32
	inviteProof   = "holdfast enrol 1 invite\x00"
	deviceProof   = "holdfast enrol 1 device\x00"
	protocolNow   = 1
)

type welcome struct {
	Protocol int   `cbor:"1,keyasint"`
	Millis   int64 `cbor:"2,keyasint"` // Unix time
}

type signedRequest struct {
	Body        []byte `cbor:"1,keyasint"` // a request; the proofs cover these bytes
	InviteProof []byte `cbor:"2,keyasint"` // signature by the invite's key; empty in a renewal
	DeviceProof []byte `cbor:"3,keyasint"` // signature by the device's key
}

type request struct {
	Millis      int64     `cbor:"1,keyasint"`
	Invite      InviteID  `cbor:"2,keyasint"` // join
	Key         []byte    `cbor:"3,keyasint"` // join: the device's Ed25519 key
	Box         []byte    `cbor:"4,keyasint"` // join: its X25519 key
	Name        string    `cbor:"5,keyasint"` // join: of the device
	PersonName  string    `cbor:"6,keyasint"` // join
	Person      record.ID `cbor:"7,keyasint"` // join: the record that the person has already, or zero
	Hosts       []string  `cbor:"8,keyasint"`
	Addresses   []string  `cbor:"9,keyasint"`  // where the device itself can be reached
	Certificate []byte    `cbor:"10,keyasint"` // renew: the one to be replaced, DER
}

func (r *request) renews() bool { return len(r.Certificate) > 0 }

type answer struct {
	Code            fault.Code `cbor:"1,keyasint"` // empty: granted
	Sentence        string     `cbor:"2,keyasint"`
	Cluster         uuid.UUID  `cbor:"3,keyasint"`
	ClusterName     string     `cbor:"4,keyasint"`
	Certificate     []byte     `cbor:"5,keyasint"`
	Authority       []byte     `cbor:"6,keyasint"`
	Peers           []Peer     `cbor:"7,keyasint"`
	SealedAuthority []byte     `cbor:"8,keyasint"` // nodes only
	Recovery        []byte     `cbor:"9,keyasint,omitempty"`
}

// binding gives bytes that only the two ends of this TLS connection know, so that a proof is worthless on any other.
func binding(state tls.ConnectionState) ([]byte, error) {
	return state.ExportKeyingMaterial(exporterLabel, nil, exporterBytes)
}

func proofText(label string, bound, body []byte) []byte {
	text := append([]byte(label), bound...)
	return append(text, body...)
}

func proves(key ed25519.PublicKey, label string, bound, body, signature []byte) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, proofText(label, bound, body), signature)
}

func send(w io.Writer, message any) error {
	raw, err := record.Encode(message)
	if err != nil {
		return err
	}
	if len(raw) > limit.EnrolmentBytesMax {
		return fault.New(fault.Invalid, "enrol.send", "The enrolment is larger than an enrolment may be.")
	}
	_, err = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(raw))), raw...))
	return err
}

func receive(r io.Reader, into any) error {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > limit.EnrolmentBytesMax {
		return fault.New(fault.Invalid, "enrol.receive", "The other side sent more than an enrolment may be.")
	}
	raw := make([]byte, n)
	if _, err := io.ReadFull(r, raw); err != nil {
		return err
	}
	return record.Decode(raw, into)
}

// enrolmentTime is how long an enrolment may take.
const enrolmentTime = 2 * limit.HandshakeTime

// timed gives a connection the whole of an enrolment's time, and ends it with ctx.
func timed(ctx context.Context, conn net.Conn, whole time.Duration) (stop func()) {
	deadline := time.Now().Add(whole)
	if earlier, set := ctx.Deadline(); set && earlier.Before(deadline) {
		deadline = earlier
	}
	conn.SetDeadline(deadline) // fails only on a closed connection, as the next read then does
	undo := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	return func() { undo() }
}
