package transport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"net"
	"os"
	"time"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
)

// consoleTime is the longest that browsers accept.
const consoleTime = 397 * 24 * time.Hour

// ConsoleCertificate reads the certificate that browsers are shown, or makes one at path. Browsers know no Ed25519, so it is an ECDSA P-256
// certificate signed by itself; people compare its fingerprint once. It is made anew when it has expired or cannot be read: nothing
// hangs on it.
func ConsoleCertificate(path string, hosts []string, now time.Time) (*tls.Certificate, error) {
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, diskfile.Code(err), "transport.ConsoleCertificate", "The file "+path+" could not be read. Give this user the right to read it.")
	}
	if held, err := tls.X509KeyPair(raw, raw); err == nil && now.Before(held.Leaf.NotAfter) {
		return &held, nil
	}
	if raw, err = makeConsole(hosts, now); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "transport.ConsoleCertificate", "A certificate for browsers could not be made.")
	}
	if err := diskfile.Replace(path, raw, 0o600); err != nil {
		return nil, err
	}
	made, err := tls.X509KeyPair(raw, raw)
	return &made, err
}

// makeConsole gives certificate and key as PEM. The key's randomness is the library's own: crypto/ecdsa takes no other.
func makeConsole(hosts []string, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "Holdfast"},
		NotBefore:    now.Add(-24 * time.Hour),
		NotAfter:     now.Add(consoleTime - 24*time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	out := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	return append(out, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...), nil
}
