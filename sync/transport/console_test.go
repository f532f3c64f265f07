package transport

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"
	"time"

	"holdfast/sync/enrol"
)

func TestConsoleCertificateIsKeptUntilItExpires(t *testing.T) {
	path := filepath.Join(t.TempDir(), "console.pem")
	now := time.Now()
	get := func(at time.Time) []byte {
		t.Helper()
		certificate, err := ConsoleCertificate(path, []string{"node.example", "127.0.0.1"}, at)
		if err != nil {
			t.Fatal(err)
		}
		if err := certificate.Leaf.VerifyHostname("127.0.0.1"); err != nil {
			t.Fatal(err)
		}
		return certificate.Certificate[0]
	}
	first := get(now)
	if !bytes.Equal(first, get(now.Add(300*24*time.Hour))) {
		t.Error("made anew while it was valid")
	}
	renewed := get(now.Add(consoleTime))
	if bytes.Equal(first, renewed) {
		t.Error("kept after it expired")
	}
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(renewed, get(now)) {
		t.Error("read from a damaged file")
	}
}

func TestBrowsersAreShownWhatTheyKnow(t *testing.T) {
	authority, err := enrol.NewAuthority("Cluster", time.Now, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	device, err := enrol.NewDevice(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	issued, err := authority.Issue(enrol.Identity{Role: enrol.Node, Sites: []string{"LYO"}}, device.PublicKey(), nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	credentials, err := enrol.NewCredentials(device, &enrol.Membership{Certificate: issued, Authority: authority.Certificate()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	console, err := ConsoleCertificate(filepath.Join(t.TempDir(), "console.pem"), nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	l := &Listener{config: Config{Credentials: credentials, Console: console}}
	for _, c := range []struct {
		name, protocol string
		schemes        []tls.SignatureScheme
		want           *tls.Certificate
	}{
		{"a browser", HTTP2, []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256, tls.PSSWithSHA256}, console},
		{"a device", HTTP2, []tls.SignatureScheme{tls.Ed25519, tls.ECDSAWithP256AndSHA256}, credentials.Certificate()},
		{"a session without Ed25519", Session, []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256}, credentials.Certificate()},
	} {
		hello := &tls.ClientHelloInfo{
			SignatureSchemes: c.schemes, SupportedVersions: []uint16{tls.VersionTLS13}, SupportedCurves: []tls.CurveID{tls.X25519},
		}
		got, err := l.serverConfig(c.protocol, []string{c.protocol}).GetCertificate(hello)
		if err != nil || got != c.want {
			t.Errorf("%s is shown the wrong certificate (%v)", c.name, err)
		}
	}
}
