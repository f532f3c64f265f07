package enrol

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// Admission is what the issuer tells the program about a device that it admits or renews.
type Admission struct {
	Identity
	PublicKey  ed25519.PublicKey
	PersonName string
	Addresses  []string
	Renewal    bool
	Invite     InviteID // that the device came with; none for a renewal
}

// IssuerConfig is what an Issuer needs; the functions but Wall may be nil.
type IssuerConfig struct {
	Authority *Authority
	Ledger    Ledger
	Peers     func() []Peer              // whom a new device should know; at most 64 are told
	Recovery  func() []byte              // the signed statement of the cluster's newest recovery, or nil
	Revoked   func(record.DeviceID) bool // whom the cluster has shut out: they get no renewal
	// ClaimPerson says whether a device that was invited without a person may be this one's: when the id is free, or the device's already.
	// nil: no. Otherwise anyone invited could make himself the administrator.
	ClaimPerson func(context.Context, record.ID, record.DeviceID) bool
	// Sites gives the sites that the cluster says a device is for by now, the one where it stands first; a renewed certificate names them. Nil, or none given: those of
	// its certificate.
	Sites func(record.DeviceID) []string
	// Admitted is told before the device gets its certificate, so that the cluster knows the device's key before its first edit. An error
	// stops the admission; the device may try again with the same invite, unless the fault is InviteUsed: the cluster knows that the invite admitted another device elsewhere, as it may where
	// the ledger of a node was copied or put back. It may be called more than once for a device.
	Admitted func(context.Context, Admission) error
	// Time bounds a whole enrolment on the issuer's side; 0: twice limit.HandshakeTime.
	Time   time.Duration
	Wall   clock.Wall
	Random io.Reader // safe for concurrent use
	Log    *slog.Logger
}

// Issuer admits devices. It is safe for concurrent use.
type Issuer struct{ IssuerConfig }

const (
	peersToldMax     = 64
	inviteTime       = 24 * time.Hour
	inviteTimeMax    = 30 * 24 * time.Hour
	concurrentServes = limit.HandshakesMax
)

// NewIssuer checks nothing but fills in what may be left out.
func NewIssuer(c IssuerConfig) *Issuer {
	if c.Time == 0 {
		c.Time = enrolmentTime
	}
	if c.Peers == nil {
		c.Peers = func() []Peer { return nil }
	}
	if c.Recovery == nil {
		c.Recovery = func() []byte { return nil }
	}
	if c.Revoked == nil {
		c.Revoked = func(record.DeviceID) bool { return false }
	}
	if c.Sites == nil {
		c.Sites = func(record.DeviceID) []string { return nil }
	}
	if c.ClaimPerson == nil {
		c.ClaimPerson = func(context.Context, record.ID, record.DeviceID) bool { return false }
	}
	if c.Admitted == nil {
		c.Admitted = func(context.Context, Admission) error { return nil }
	}
	return &Issuer{c}
}

// InviteWish says whom to invite.
type InviteWish struct {
	Site      string
	Role      Role
	Person    record.ID // zero: whoever joins
	Addresses []string
	IssuedBy  record.ID     // a person
	ValidFor  time.Duration // 0: a day; at most 30 days
}

// Invite makes an invite and remembers it.
func (i *Issuer) Invite(ctx context.Context, wish InviteWish) (Invite, error) {
	const op = "enrol.Issuer.Invite"
	if wish.ValidFor == 0 {
		wish.ValidFor = inviteTime
	}
	if wish.ValidFor < 0 || wish.ValidFor > inviteTimeMax {
		return Invite{}, fault.New(fault.Invalid, op, "An invite is valid for at most 30 days.")
	}
	now := i.Wall().UTC()
	invite := Invite{
		Cluster: i.Authority.Cluster(), ClusterName: i.Authority.ClusterName(), Site: wish.Site, Role: wish.Role, Person: wish.Person,
		Addresses: wish.Addresses, Authority: i.Authority.Fingerprint(), Expires: now.Add(wish.ValidFor).Truncate(time.Second),
	}
	if err := invite.validate(); err != nil {
		return Invite{}, err
	}
	if _, err := io.ReadFull(i.Random, invite.Secret[:]); err != nil {
		return Invite{}, fault.Wrap(err, fault.Internal, op, "This machine gave no random numbers, so no invite could be made.")
	}
	return invite, i.Ledger.Add(ctx, Issued{
		ID: invite.ID(), Verifier: invite.Secret.verifier(), Role: wish.Role, Site: wish.Site, Person: wish.Person,
		Expires: invite.Expires, Issued: now, IssuedBy: wish.IssuedBy,
	})
}

// Serve answers enrolments until the listener is closed or ctx ends, then waits for those under way. The listener's connections must be
// TLS 1.3 with the ALPN name Protocol and tell their ConnectionState.
func (i *Issuer) Serve(ctx context.Context, listener net.Listener) error {
	var underWay sync.WaitGroup
	defer underWay.Wait()
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	slots := make(chan struct{}, concurrentServes)
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) || ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		slots <- struct{}{}
		underWay.Go(func() {
			defer func() { <-slots }()
			if err := errors.Join(i.serve(ctx, conn), conn.Close()); err != nil {
				i.Log.Info("enrolment ended", "remote", conn.RemoteAddr(), "error", err)
			}
		})
	}
}

type tlsConn interface {
	net.Conn
	HandshakeContext(context.Context) error
	ConnectionState() tls.ConnectionState
}

func (i *Issuer) serve(ctx context.Context, conn net.Conn) error {
	secured, isTLS := conn.(tlsConn)
	if !isTLS {
		return fault.New(fault.Internal, "enrol.Issuer.serve", "An enrolment came without TLS.")
	}
	defer timed(ctx, conn, i.Time)()
	if err := secured.HandshakeContext(ctx); err != nil {
		return err
	}
	bound, err := binding(secured.ConnectionState())
	if err != nil {
		return err
	}
	if err := send(conn, welcome{Protocol: protocolNow, Millis: i.Wall().UnixMilli()}); err != nil {
		return err
	}
	var signed signedRequest
	if err := receive(conn, &signed); err != nil {
		return err
	}
	granted, refusal := i.decide(ctx, signed, bound)
	if refusal != nil {
		granted = &answer{Code: fault.CodeOf(refusal), Sentence: fault.SentenceOf(refusal)}
	}
	return errors.Join(refusal, send(conn, granted))
}

func (i *Issuer) decide(ctx context.Context, signed signedRequest, bound []byte) (*answer, error) {
	var r request
	if err := record.Decode(signed.Body, &r); err != nil {
		return nil, err
	}
	if err := CompareClocks(i.Wall(), time.UnixMilli(r.Millis)); err != nil {
		return nil, err
	}
	if err := r.validate(); err != nil {
		return nil, err
	}
	if r.renews() {
		return i.renew(ctx, &r, signed, bound)
	}
	return i.join(ctx, &r, signed, bound)
}

func (r *request) validate() error {
	if len(r.Name) > limit.NameBytesMax || len(r.PersonName) > 4*limit.NameBytesMax {
		return fault.New(fault.Invalid, "enrol.request", "The device's or the person's name is too long.")
	}
	return errors.Join(checkAddresses(r.Hosts), checkAddresses(r.Addresses))
}

func (i *Issuer) join(ctx context.Context, r *request, signed signedRequest, bound []byte) (*answer, error) {
	const op = "enrol.Issuer.join"
	issued, err := i.Ledger.Find(ctx, r.Invite)
	if err != nil {
		return nil, err
	}
	if !proves(issued.Verifier, inviteProof, bound, signed.Body, signed.InviteProof) {
		return nil, unknownInvite(op)
	}
	if !proves(r.Key, deviceProof, bound, signed.Body, signed.DeviceProof) {
		return nil, fault.New(fault.Invalid, op, "The device could not show that it holds its own key.")
	}
	device := record.DeviceOf(r.Key)
	if err := i.admissible(device); err != nil {
		return nil, err
	}
	now := i.Wall()
	if !now.Before(issued.Expires) {
		if err := issued.use(device, now); err != nil { // "used" tells more than "expired"
			return nil, err
		}
		return nil, expired(issued.Expires)
	}
	if err := i.Ledger.Use(ctx, issued.ID, device, now); err != nil {
		return nil, err
	}
	identity := Identity{Role: issued.Role, Name: r.Name, Person: i.personOf(ctx, issued, r, device), Sites: []string{issued.Site}}
	granted, err := i.certify(ctx, identity, r, r.Key, issued.ID)
	if err == nil && issued.Role == Node {
		granted.SealedAuthority, err = i.Authority.Seal(r.Box)
	}
	return granted, err
}

// personOf gives whose device it will be: whom the invite names, else whom the device names if the program agrees, else somebody new; a node
// that names nobody is nobody's. The id of somebody new follows from the device, so that a repeated enrolment gives the same.
func (i *Issuer) personOf(ctx context.Context, issued Issued, r *request, device record.DeviceID) record.ID {
	switch {
	case issued.Person != uuid.Nil:
		return issued.Person
	case r.Person != uuid.Nil && i.ClaimPerson(ctx, r.Person, device):
		return r.Person
	case issued.Role == Node && r.PersonName == "":
		return uuid.Nil
	}
	return uuid.NewSHA1(i.Authority.Cluster(), append([]byte("person of device "), device[:]...))
}

// renew replaces a certificate, an expired one too: a device that was cut off for long must be able to hand over its work.
func (i *Issuer) renew(ctx context.Context, r *request, signed signedRequest, bound []byte) (*answer, error) {
	trust, err := NewTrust(i.Authority.Certificate())
	if err != nil {
		return nil, err
	}
	identity, err := trust.Verify(r.Certificate)
	if err != nil {
		return nil, err
	}
	key, err := PublicKeyIn(r.Certificate)
	if err != nil {
		return nil, err
	}
	if !proves(key, deviceProof, bound, signed.Body, signed.DeviceProof) {
		return nil, fault.New(NotEnrolled, "enrol.Issuer.renew", "The device could not show that the certificate is its own.")
	}
	if err := i.admissible(identity.Device); err != nil {
		return nil, err
	}
	if sites := i.Sites(identity.Device); len(sites) > 0 {
		identity.Sites = sites
	}
	return i.certify(ctx, identity, r, key, InviteID{})
}

func (i *Issuer) admissible(device record.DeviceID) error {
	if !i.Revoked(device) {
		return nil
	}
	return revokedFault("enrol.Issuer.admissible")
}

func revokedFault(op string) error {
	return fault.New(DeviceRevoked, op, "This device was shut out of the cluster. Ask an administrator; its work is kept on it.")
}

// certify issues the certificate and tells the program; without an invite it is a renewal.
func (i *Issuer) certify(ctx context.Context, identity Identity, r *request, key ed25519.PublicKey, invite InviteID) (*answer, error) {
	certificate, err := i.Authority.Issue(identity, key, r.Hosts, i.Wall())
	if err != nil {
		return nil, err
	}
	identity.Cluster, identity.Device, identity.Expires = i.Authority.Cluster(), record.DeviceOf(key), i.Wall().Add(CertificateTime)
	admission := Admission{Identity: identity, PublicKey: key, PersonName: r.PersonName, Addresses: r.Addresses, Renewal: invite == InviteID{}, Invite: invite}
	if err := i.Admitted(ctx, admission); err != nil {
		if fault.Is(err, InviteUsed) {
			return nil, err
		}
		return nil, fault.Wrap(err, fault.Unavailable, "enrol.Issuer.certify", "The cluster could not take note of this device just now. Try again in a moment with the same invite.")
	}
	peers := i.Peers()
	return &answer{
		Cluster: i.Authority.Cluster(), ClusterName: i.Authority.ClusterName(), Certificate: certificate,
		Authority: i.Authority.Certificate(), Peers: peers[:min(len(peers), peersToldMax)], Recovery: i.Recovery(),
	}, nil
}
