package enrol

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Trust judges certificates by one cluster's authority.
type Trust struct {
	cluster   uuid.UUID
	authority *x509.Certificate
}

// NewTrust takes the authority's certificate (DER).
func NewTrust(authority []byte) (*Trust, error) {
	certificate, cluster, err := parseAuthority(authority)
	if err != nil {
		return nil, err
	}
	return &Trust{cluster: cluster, authority: certificate}, nil
}

// Verify checks that the authority signed a device's certificate (DER) and gives what it says. Whether the certificate has expired is
// left to the caller, who knows both clocks (Identity.Expires); the authority's own expiry is advice, never enforced.
func (t *Trust) Verify(der []byte) (Identity, error) {
	const op = "enrol.Trust.Verify"
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return Identity{}, fault.Wrap(err, NotEnrolled, op, "The other side's certificate could not be read.")
	}
	identity, err := identityIn(certificate)
	if err != nil {
		return Identity{}, err
	}
	if identity.Cluster != t.cluster {
		return Identity{}, fault.New(OtherCluster, op, "The other side belongs to another cluster. Devices of two clusters do not exchange anything.")
	}
	if err := certificate.CheckSignatureFrom(t.authority); err != nil {
		return Identity{}, fault.Wrap(err, NotEnrolled, op, "The other side's certificate was not issued by this cluster.")
	}
	return identity, nil
}

// Fingerprint names the authority.
func (t *Trust) Fingerprint() Fingerprint { return fingerprintOf(t.authority) }

// Credentials are what this device shows and how it judges others. They change without a restart: the next connection uses what Replace
// put in. Safe for concurrent use.
type Credentials struct {
	device   *Device
	standing func(record.DeviceID) Standing
	current  atomic.Pointer[credential]
}

// Standing is what the cluster has decided about a device.
type Standing int

// The standings.
const (
	Welcome Standing = iota
	ShutOut
	ToBeWiped // shut out, and its data is to be removed at the next contact
)

type credential struct {
	membership *Membership
	trust      *Trust
	identity   Identity
	shown      *tls.Certificate
}

// NewCredentials joins a device with its membership. standing (nil: all are welcome) reports what the cluster has decided about a device;
// it is called at every handshake, from several goroutines.
func NewCredentials(device *Device, membership *Membership, standing func(record.DeviceID) Standing) (*Credentials, error) {
	if standing == nil {
		standing = func(record.DeviceID) Standing { return Welcome }
	}
	c := &Credentials{device: device, standing: standing}
	return c, c.Replace(membership)
}

// Replace puts a renewed membership, or one of another cluster, in force.
func (c *Credentials) Replace(membership *Membership) error {
	trust, err := NewTrust(membership.Authority)
	if err != nil {
		return err
	}
	identity, err := trust.Verify(membership.Certificate)
	if err != nil {
		return err
	}
	if identity.Device != c.device.ID() {
		return fault.New(fault.Conflict, "enrol.Credentials.Replace", "This certificate belongs to another device's key. Join the cluster again with a new invite.")
	}
	leaf, err := x509.ParseCertificate(membership.Certificate)
	if err != nil {
		return err
	}
	shown := &tls.Certificate{
		Certificate:                  [][]byte{membership.Certificate, membership.Authority},
		PrivateKey:                   c.device.key,
		Leaf:                         leaf,
		SupportedSignatureAlgorithms: []tls.SignatureScheme{tls.Ed25519},
	}
	c.current.Store(&credential{membership: membership, trust: trust, identity: identity, shown: shown})
	return nil
}

// Device gives the device's own keys.
func (c *Credentials) Device() *Device { return c.device }

// Identity gives what this device's certificate says.
func (c *Credentials) Identity() Identity { return c.current.Load().identity }

// Membership gives what is in force. The caller must not change it.
func (c *Credentials) Membership() *Membership { return c.current.Load().membership }

// Certificate gives what to show in a TLS handshake: the device's certificate and the authority's.
func (c *Credentials) Certificate() *tls.Certificate { return c.current.Load().shown }

// Pool gives the authority as browsers and tools want it: whose client certificates to offer.
func (c *Credentials) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c.current.Load().trust.authority)
	return pool
}

// Verify is Trust.Verify by the cluster's authority.
func (c *Credentials) Verify(der []byte) (Identity, error) { return c.current.Load().trust.Verify(der) }

// Standing gives what the cluster has decided about a device.
func (c *Credentials) Standing(device record.DeviceID) Standing { return c.standing(device) }

// Revoked reports whether the cluster has shut a device out.
func (c *Credentials) Revoked(device record.DeviceID) bool { return c.standing(device) != Welcome }

// RenewalDue reports whether it is time to renew this device's certificate.
func (c *Credentials) RenewalDue(now time.Time) bool {
	return c.Identity().Expires.Sub(now) < CertificateTime*2/3
}

// PublicKeyIn gives the raw Ed25519 key of a certificate that Verify accepted: the key by which the device's edits are checked.
func PublicKeyIn(der []byte) (ed25519.PublicKey, error) {
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fault.Wrap(err, NotEnrolled, "enrol.PublicKeyIn", "The certificate could not be read.")
	}
	key, isEd25519 := certificate.PublicKey.(ed25519.PublicKey)
	if !isEd25519 {
		return nil, fault.New(NotEnrolled, "enrol.PublicKeyIn", "The certificate is not one of a Holdfast device.")
	}
	return key, nil
}
