package enrol

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// sentenceBytesMax bounds what of a refusal is shown.
const sentenceBytesMax = 512

// Applicant is a device that wants to join, or to renew its certificate.
type Applicant struct {
	Device     *Device
	Name       string    // of the device
	Person     record.ID // who its person has been so far, when the invite does not say; the issuer may agree or not
	PersonName string
	Hosts      []string // as in Authority.Issue
	Addresses  []string // where the device itself can be reached, if at all
	Wall       clock.Wall
	Random     io.Reader // safe for concurrent use
	// Dial connects (TCP); nil is the real thing.
	Dial func(ctx context.Context, address string) (net.Conn, error)
}

// Joined is what an enrolment gives. Authority is nil for a desktop.
type Joined struct {
	Membership *Membership
	Authority  *Authority
}

// Join redeems an invite at the first of its addresses that decides. Faults: those of the issuer (InviteUnknown, InviteExpired,
// InviteUsed, DeviceRevoked …), fault.ClockSkewed, WrongAuthority, and fault.Unavailable when nobody answered. It may be repeated by the
// same device with the same invite when an answer was lost.
func (a Applicant) Join(ctx context.Context, invite Invite) (*Joined, error) {
	body, err := record.Encode(request{
		Millis: a.Wall().UnixMilli(), Invite: invite.ID(), Key: a.Device.PublicKey(), Box: a.Device.BoxKey(),
		Name: a.Name, Person: a.Person, PersonName: a.PersonName, Hosts: a.Hosts, Addresses: a.Addresses,
	})
	if err != nil {
		return nil, err
	}
	check := func(authority *Trust, _ Identity) error {
		if authority.Fingerprint() == invite.Authority && authority.cluster == invite.Cluster {
			return nil
		}
		return fault.New(WrongAuthority, "enrol.Join", "Whoever answered is not the cluster of this invite. Check the address, and ask for a new invite.")
	}
	sign := func(bound []byte) signedRequest {
		return signedRequest{
			Body:        body,
			InviteProof: ed25519.Sign(invite.Secret.key(), proofText(inviteProof, bound, body)),
			DeviceProof: a.Device.Sign(proofText(deviceProof, bound, body)),
		}
	}
	granted, err := a.firstAnswer(ctx, invite.Addresses, check, sign)
	if fault.Is(err, fault.Unavailable) && invite.ExpiredAt(a.Wall()) != nil {
		return nil, invite.ExpiredAt(a.Wall())
	}
	if err != nil {
		return nil, err
	}
	return a.accept(granted, invite.Authority)
}

// Renew replaces the certificate of the membership at the first of the addresses that decides.
func (a Applicant) Renew(ctx context.Context, m *Membership, addresses []string) (*Joined, error) {
	trust, err := NewTrust(m.Authority)
	if err != nil {
		return nil, err
	}
	body, err := record.Encode(request{
		Millis: a.Wall().UnixMilli(), Certificate: m.Certificate, Hosts: a.Hosts, Addresses: a.Addresses, PersonName: a.PersonName,
	})
	if err != nil {
		return nil, err
	}
	check := func(authority *Trust, _ Identity) error {
		if authority.Fingerprint() == trust.Fingerprint() {
			return nil
		}
		return fault.New(OtherCluster, "enrol.Renew", "Whoever answered belongs to another cluster.")
	}
	sign := func(bound []byte) signedRequest {
		return signedRequest{Body: body, DeviceProof: a.Device.Sign(proofText(deviceProof, bound, body))}
	}
	granted, err := a.firstAnswer(ctx, addresses, check, sign)
	if err != nil {
		return nil, err
	}
	return a.accept(granted, trust.Fingerprint())
}

// firstAnswer asks one address after the other until one decides; who is only unreachable, somebody else or unable just now does not.
func (a Applicant) firstAnswer(ctx context.Context, addresses []string, check func(*Trust, Identity) error, sign func(bound []byte) signedRequest) (*answer, error) {
	const op = "enrol.firstAnswer"
	var failures []error
	for _, address := range addresses {
		granted, err := a.ask(ctx, address, check, sign)
		if err == nil {
			if err = granted.refusal(); err == nil {
				return granted, nil
			}
			if !fault.Is(err, fault.Unavailable) && !fault.Is(err, fault.Internal) {
				return nil, err
			}
		}
		if ctx.Err() != nil {
			return nil, fault.Wrap(err, fault.Unavailable, op, "Joining was stopped before it was done. It can be tried again.")
		}
		if fault.Is(err, fault.ClockSkewed) || fault.Is(err, fault.NewerFormat) {
			return nil, err
		}
		failures = append(failures, err)
	}
	for _, err := range failures {
		if !fault.Is(err, fault.Unavailable) { // somebody did answer, and this tells more
			return nil, err
		}
	}
	if len(failures) == 1 {
		return nil, failures[0]
	}
	return nil, fault.Wrap(errors.Join(failures...), fault.Unavailable, op,
		"Nobody could answer at "+strings.Join(addresses, ", ")+". Check the network, and that the device there runs; then try again.")
}

// refusal gives why not, in the issuer's words.
func (a *answer) refusal() error {
	if a.Code == "" {
		return nil
	}
	return fault.New(a.Code, "enrol.Issuer", a.Sentence[:min(len(a.Sentence), sentenceBytesMax)])
}

func (a Applicant) ask(ctx context.Context, address string, check func(*Trust, Identity) error, sign func(bound []byte) signedRequest) (*answer, error) {
	dial := a.Dial
	if dial == nil {
		dial = func(ctx context.Context, address string) (net.Conn, error) {
			return (&net.Dialer{Timeout: limit.HandshakeTime}).DialContext(ctx, "tcp", address)
		}
	}
	raw, err := dial(ctx, address)
	if err != nil {
		return nil, unreachable(err, address)
	}
	defer raw.Close()
	defer timed(ctx, raw, enrolmentTime)()
	conn := tls.Client(raw, clientConfig(check))
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, unreachable(err, address)
	}
	return a.converse(conn, address, sign)
}

func (a Applicant) converse(conn *tls.Conn, address string, sign func(bound []byte) signedRequest) (*answer, error) {
	bound, err := binding(conn.ConnectionState())
	if err != nil {
		return nil, unreachable(err, address)
	}
	var hello welcome
	if err := receive(conn, &hello); err != nil {
		return nil, unreachable(err, address)
	}
	if hello.Protocol != protocolNow {
		return nil, fault.New(fault.NewerFormat, "enrol.converse", "The other side runs a newer Holdfast. Update this one first.")
	}
	if err := CompareClocks(a.Wall(), time.UnixMilli(hello.Millis)); err != nil {
		return nil, err
	}
	if err := send(conn, sign(bound)); err != nil {
		return nil, unreachable(err, address)
	}
	var granted answer
	if err := receive(conn, &granted); err != nil {
		return nil, unreachable(err, address)
	}
	return &granted, nil
}

// unreachable keeps what already is a fault; all else may work at another address or later.
func unreachable(err error, address string) error {
	var f *fault.Fault
	if errors.As(err, &f) {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "enrol.ask", "The device at "+address+" could not be reached.")
}

// clientConfig judges the issuing side by check instead of by names and clocks.
func clientConfig(check func(*Trust, Identity) error) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS13,
		NextProtos:         []string{Protocol},
		InsecureSkipVerify: true, // VerifyConnection judges
		VerifyConnection: func(state tls.ConnectionState) error {
			if len(state.PeerCertificates) != 2 {
				return fault.New(NotEnrolled, "enrol.clientConfig", "Whoever answered is not a Holdfast device.")
			}
			trust, err := NewTrust(state.PeerCertificates[1].Raw)
			if err != nil {
				return err
			}
			identity, err := trust.Verify(state.PeerCertificates[0].Raw)
			if err != nil {
				return err
			}
			return check(trust, identity)
		},
	}
}

// accept believes nothing that the certificates do not bear out.
func (a Applicant) accept(granted *answer, pinned Fingerprint) (*Joined, error) {
	joined := &Joined{Membership: &Membership{
		Cluster: granted.Cluster, ClusterName: granted.ClusterName, Certificate: granted.Certificate,
		Authority: granted.Authority, Peers: granted.Peers, Recovery: granted.Recovery, Joined: a.Wall().UTC(),
	}}
	credentials, err := NewCredentials(a.Device, joined.Membership, nil)
	if err != nil {
		return nil, err
	}
	wrong := fault.New(WrongAuthority, "enrol.accept", "Whoever answered cannot admit devices to this cluster. Ask for a new invite.")
	if credentials.Identity().Cluster != granted.Cluster || credentials.current.Load().trust.Fingerprint() != pinned {
		return nil, wrong
	}
	if len(granted.SealedAuthority) == 0 {
		return joined, nil
	}
	if joined.Authority, err = OpenAuthority(a.Device, granted.SealedAuthority, a.Random); err != nil {
		return nil, err
	}
	if joined.Authority.Fingerprint() != pinned {
		return nil, wrong
	}
	return joined, nil
}
