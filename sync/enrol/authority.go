package enrol

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/url"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

const (
	year = 365 * 24 * time.Hour
	// CertificateTime is how long a device's certificate lasts; it is renewed once a third of it is over, so that a device can be cut off
	// for eight months and still connect.
	CertificateTime = year
	authorityTime   = 10 * year
	// backdated is how far before its issue a certificate is valid already: a device whose clock is behind must get far enough to be told so.
	backdated = 20 * year
)

// Fingerprint names an authority: the SHA-256 of its public key in SubjectPublicKeyInfo form, so that its certificate can be renewed.
type Fingerprint [sha256.Size]byte

// Authority can admit devices to one cluster. Every node holds it. It is immutable and safe for concurrent use.
type Authority struct {
	cluster     uuid.UUID
	name        string
	key         ed25519.PrivateKey
	certificate *x509.Certificate
	random      io.Reader
}

// NewAuthority founds a cluster: a new id, key and self-signed certificate. random must be safe for concurrent use.
func NewAuthority(clusterName string, wall clock.Wall, random io.Reader) (*Authority, error) {
	const op = "enrol.NewAuthority"
	if clusterName == "" || len(clusterName) > limit.NameBytesMax {
		return nil, fault.Newf(fault.Invalid, op, "A cluster needs a name of at most %d bytes.", limit.NameBytesMax)
	}
	noRandom := "This machine gave no random numbers, so no authority could be made."
	cluster, err := uuid.NewV7FromReader(random)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, op, noRandom)
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, fault.Wrap(err, fault.Internal, op, noRandom)
	}
	a := &Authority{cluster: cluster, name: clusterName, key: ed25519.NewKeyFromSeed(seed), random: random}
	now := wall()
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: clusterName, Organization: []string{cluster.String()}},
		URIs:                  []*url.URL{{Scheme: uriScheme, Host: uriHost, Path: "/" + cluster.String()}},
		NotBefore:             now.Add(-backdated),
		NotAfter:              now.Add(authorityTime),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	der, err := a.sign(template, template, a.key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	a.certificate, err = x509.ParseCertificate(der)
	return a, fault.Wrap(err, fault.Internal, op, "The authority's certificate could not be made.")
}

// Cluster gives the id of the cluster.
func (a *Authority) Cluster() uuid.UUID { return a.cluster }

// ClusterName gives the name under which the cluster was founded.
func (a *Authority) ClusterName() string { return a.name }

// Certificate gives the authority's certificate (DER). The caller must not change it.
func (a *Authority) Certificate() []byte { return a.certificate.Raw }

// Fingerprint gives what an invite pins.
func (a *Authority) Fingerprint() Fingerprint { return fingerprintOf(a.certificate) }

func fingerprintOf(certificate *x509.Certificate) Fingerprint {
	return sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
}

// Issue makes the certificate (DER) of the device that has the key, valid for CertificateTime from now. The identity's Cluster, Device
// and Expires are filled in here. hosts are names and IP addresses under which tools that know nothing of device ids may reach it.
func (a *Authority) Issue(identity Identity, key ed25519.PublicKey, hosts []string, now time.Time) ([]byte, error) {
	if len(key) != ed25519.PublicKeySize {
		return nil, fault.New(fault.Invalid, "enrol.Authority.Issue", "The device's key is not valid.")
	}
	if err := identity.validate(); err != nil {
		return nil, err
	}
	identity.Cluster, identity.Device = a.cluster, record.DeviceOf(key)
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: identity.Device.String(), Organization: []string{a.cluster.String()}},
		URIs:        []*url.URL{identity.uri()},
		NotBefore:   now.Add(-backdated),
		NotAfter:    now.Add(CertificateTime),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	return a.sign(template, a.certificate, key)
}

func (a *Authority) sign(template, parent *x509.Certificate, key ed25519.PublicKey) ([]byte, error) {
	serial := make([]byte, 16)
	if _, err := io.ReadFull(a.random, serial); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "enrol.Authority.sign", "This machine gave no random numbers, so no certificate could be made.")
	}
	serial[0] = serial[0]&0x7F | 0x40 // positive, and of full length
	template.SerialNumber = new(big.Int).SetBytes(serial)
	der, err := x509.CreateCertificate(a.random, template, parent, key, a.key)
	return der, fault.Wrap(err, fault.Invalid, "enrol.Authority.sign", "The certificate could not be made: a name in it is not valid.")
}

// sealedAuthority is how an authority is stored and how a joining node receives it, encrypted to the device.
type sealedAuthority struct {
	Seed        []byte `cbor:"1,keyasint"`
	Certificate []byte `cbor:"2,keyasint"`
}

const authorityPurpose = "holdfast authority 1"

// Seal encrypts the authority, its key included, to a device's box key.
func (a *Authority) Seal(boxKey []byte) ([]byte, error) {
	plain, err := record.Encode(sealedAuthority{Seed: a.key.Seed(), Certificate: a.certificate.Raw})
	if err != nil {
		return nil, err
	}
	return SealTo(boxKey, plain, authorityPurpose)
}

// OpenAuthority decrypts an authority that was sealed to the device.
func OpenAuthority(device *Device, sealed []byte, random io.Reader) (*Authority, error) {
	plain, err := device.OpenSealed(sealed, authorityPurpose)
	if err != nil {
		return nil, err
	}
	var stored sealedAuthority
	if err := record.Decode(plain, &stored); err != nil {
		return nil, err
	}
	damaged := fault.New(fault.Corrupt, "enrol.OpenAuthority", "The stored authority of the cluster is damaged. Join this node again; any other node holds the authority too.")
	if len(stored.Seed) != ed25519.SeedSize {
		return nil, damaged
	}
	key := ed25519.NewKeyFromSeed(stored.Seed)
	certificate, cluster, err := parseAuthority(stored.Certificate)
	if err != nil || !bytes.Equal(certificate.PublicKey.(ed25519.PublicKey), key.Public().(ed25519.PublicKey)) {
		return nil, damaged
	}
	return &Authority{cluster: cluster, name: certificate.Subject.CommonName, key: key, certificate: certificate, random: random}, nil
}

// parseAuthority reads an authority's certificate and checks that it is one, signed by itself.
func parseAuthority(der []byte) (*x509.Certificate, uuid.UUID, error) {
	refused := fault.New(NotEnrolled, "enrol.parseAuthority", "The certificate is not one of a Holdfast cluster's authority.")
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, uuid.Nil, refused
	}
	_, isEd25519 := certificate.PublicKey.(ed25519.PublicKey)
	if !isEd25519 || !certificate.IsCA || certificate.CheckSignatureFrom(certificate) != nil || len(certificate.Subject.Organization) != 1 {
		return nil, uuid.Nil, refused
	}
	cluster, err := uuid.Parse(certificate.Subject.Organization[0])
	if err != nil {
		return nil, uuid.Nil, refused
	}
	return certificate, cluster, nil
}
