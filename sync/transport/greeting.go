package transport

import (
	"encoding/binary"
	"io"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

// After the TLS handshake of a protocol of ours each side sends a greeting and reads the other's, before anything else. TLS can only
// say "bad certificate"; here a wrong clock, an expired certificate or a device shut out is said in a sentence, to both sides.
//
// A greeting is a length (2 bytes, big-endian) and CBOR.
type greeting struct {
	Millis   int64      `cbor:"1,keyasint"` // Unix time
	Code     fault.Code `cbor:"2,keyasint"` // empty: welcome
	Sentence string     `cbor:"3,keyasint"`
	// Entries is the newest format of the cluster's log that the program reads; 0, as older programs say, is the first.
	Entries uint64 `cbor:"4,keyasint,omitempty"`
}

const greetingBytesMax = 1024

// greet exchanges greetings. entries is this program's newest format of the log. refusal is what this side has against the peer so far, or nil; the peer is told. A wrong clock comes before
// everything else, since it makes good certificates look expired.
func greet(conn io.ReadWriter, peer enrol.Identity, now time.Time, entries uint64, refusal error) (Peer, error) {
	mine := greeting{Millis: now.UnixMilli(), Entries: entries}
	if refusal != nil {
		mine.Code, mine.Sentence = fault.CodeOf(refusal), fault.SentenceOf(refusal)
	}
	if err := sendGreeting(conn, mine); err != nil {
		return Peer{}, firstOf(refusal, err)
	}
	// The other's is read even so: closing on unread data may reset the connection, and the refusal would be lost on its way.
	var theirs greeting
	if err := receiveGreeting(conn, &theirs); err != nil {
		return Peer{}, firstOf(refusal, err)
	}
	clock := time.UnixMilli(theirs.Millis)
	if err := firstOf(enrol.CompareClocks(now, clock), refusal); err != nil {
		return Peer{}, err
	}
	if theirs.Code == enrol.WipeAsked && peer.Role != enrol.Node {
		return Peer{}, shutOut("you work on") // only a node's word removes data
	}
	if theirs.Code != "" {
		return Peer{}, fault.New(theirs.Code, "transport.peer", theirs.Sentence)
	}
	return Peer{Identity: peer, Skew: clock.Sub(now).Round(time.Second), Entries: max(theirs.Entries, 1)}, nil
}

func firstOf(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// objection gives what speaks against a peer whose certificate is genuine.
func objection(credentials *enrol.Credentials, peer enrol.Identity, now time.Time) error {
	switch credentials.Standing(peer.Device) {
	case enrol.ShutOut:
		return shutOut(peer.Name)
	case enrol.ToBeWiped:
		return fault.Newf(enrol.WipeAsked, "transport.objection", "The device %s was shut out of the cluster, and its data is to be removed from it.", peer.Name)
	}
	return expiry(peer, now)
}

func shutOut(device string) error {
	return fault.Newf(enrol.DeviceRevoked, "transport.objection", "The device %s was shut out of the cluster. Ask an administrator; its work is kept on it.", device)
}

// expiry judges a certificate's time by this device's clock.
func expiry(peer enrol.Identity, now time.Time) error {
	if now.Before(peer.Expires) {
		return nil
	}
	return fault.Newf(enrol.CertificateExpired, "transport.expiry",
		"The certificate of %s expired on %s. It is renewed as soon as that device reaches a node; its work is kept.", peer.Name, peer.Expires.UTC().Format(time.DateOnly))
}

func sendGreeting(w io.Writer, g greeting) error {
	raw, err := record.Encode(g)
	if err != nil {
		return err
	}
	if len(raw) > greetingBytesMax {
		return fault.New(fault.Internal, "transport.sendGreeting", "A refusal is too long to be told.")
	}
	_, err = w.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(raw))), raw...))
	return err
}

func receiveGreeting(r io.Reader, into *greeting) error {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint16(length[:])
	if n > greetingBytesMax {
		return fault.New(fault.Invalid, "transport.receiveGreeting", "The other side does not speak Holdfast's protocol.")
	}
	raw := make([]byte, n)
	if _, err := io.ReadFull(r, raw); err != nil {
		return err
	}
	return record.Decode(raw, into)
}
