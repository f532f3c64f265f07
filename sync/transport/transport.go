// Package transport carries everything between two devices over one TLS 1.3 port a process. Both sides show certificates of the cluster's
// authority, on loopback too; ALPN names tell sessions, Raft, enrolment and the browser console apart.
package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

// The ALPN names of what a port can carry.
const (
	Session   = "holdfast-session/1"
	Raft      = "holdfast-raft/1" // between nodes only, while the cluster was never recovered; see RaftOf
	Enrolment = enrol.Protocol    // the device that comes has no certificate yet
	HTTP1     = "http/1.1"        // a browser has no certificate at all, a device may show its own
	HTTP2     = "h2"
)

// Codes of this package.
const (
	WrongPeer fault.Code = "wrong_peer" // another device answers at the address than was expected
	OwnDevice fault.Code = "own_device" // the address leads back to this device, or to a copy of its disk
)

// Peer is whom a connection leads to.
type Peer struct {
	enrol.Identity
	// Skew is how far the peer's clock is ahead of this device's, to the second or so.
	Skew time.Duration
	// Entries is the newest format of the cluster's log that the peer's program reads, at least 1.
	Entries uint64
}

// RaftOf gives the name of Raft in a generation of the cluster: members of different generations do not even get to talk. 0 is the first.
func RaftOf(generation uint64) string {
	if generation == 0 {
		return Raft
	}
	return fmt.Sprintf("%s-%x", Raft, generation)
}

func isRaft(protocol string) bool { return protocol == Raft || strings.HasPrefix(protocol, Raft+"-") }

// isOurs reports whether a protocol begins with the greeting and demands certificates of both sides.
func isOurs(protocol string) bool { return protocol == Session || isRaft(protocol) }

// peerOf judges whoever showed the certificates. Only the first is looked at: the authority is known, not taken from the wire.
func peerOf(credentials *enrol.Credentials, shown []*x509.Certificate) (enrol.Identity, error) {
	if len(shown) == 0 {
		return enrol.Identity{}, fault.New(enrol.NotEnrolled, "transport.peerOf", "The other side shows no certificate: it has not joined this cluster.")
	}
	return credentials.Verify(shown[0].Raw)
}

// dialConfig is the TLS side of Dial. Names and clocks play no part: the authority's signature and the device's id do.
func dialConfig(credentials *enrol.Credentials, protocol string, expect record.DeviceID) *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		NextProtos:             []string{protocol},
		InsecureSkipVerify:     true, // VerifyConnection judges
		SessionTicketsDisabled: true,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return credentials.Certificate(), nil
		},
		VerifyConnection: func(state tls.ConnectionState) error {
			peer, err := peerOf(credentials, state.PeerCertificates)
			if err != nil {
				return err
			}
			return checkExpected(peer, protocol, credentials.Device().ID(), expect)
		},
	}
}

func checkExpected(peer enrol.Identity, protocol string, own, expect record.DeviceID) error {
	const op = "transport.checkExpected"
	if peer.Device == own && peer.Device != expect {
		return fault.New(OwnDevice, op, "This address leads back to this device itself. If it is another machine, its disk is a copy of this one's: join it anew.")
	}
	if !expect.IsZero() && peer.Device != expect {
		return fault.Newf(WrongPeer, op, "Another device (%s) answers at this address than was expected. Its address may have changed.", peer.Name)
	}
	if isRaft(protocol) && peer.Role != enrol.Node {
		return notANode(op)
	}
	return nil
}

func notANode(op string) error {
	return fault.New(fault.Forbidden, op, "Only nodes take part in the cluster's log; one of the two devices is a desktop.")
}

// explain gives whatever a handshake ran into a code and a sentence. What already is a fault stays; what else a network does may pass.
func explain(err error, op, address string) error {
	var f *fault.Fault
	var refused *net.OpError
	told := errors.As(err, &refused) && refused.Op == "remote error" // crypto/tls's mark for an alert, which it gives no type
	switch {
	case err == nil || errors.As(err, &f):
		return err
	case told && strings.HasSuffix(refused.Err.Error(), "no application protocol"):
		return fault.Wrap(err, fault.Unavailable, op, "The device at "+address+" does not offer what was asked of it.")
	case told:
		return fault.Wrap(err, enrol.NotEnrolled, op, "The device at "+address+" refused this device's certificate: the two belong to different clusters.")
	}
	return fault.Wrap(err, fault.Unavailable, op, "The device at "+address+" could not be reached, or ended the connection. It is tried again.")
}
