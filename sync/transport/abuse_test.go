package transport_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"holdfast/backend/record"
	"holdfast/sync/enrol/enroltest"
	"holdfast/sync/transport"
)

// ends waits until the other side has ended a connection, and gives false when it sent something instead.
func ends(t testing.TB, conn net.Conn) bool {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	n, err := conn.Read(make([]byte, 1))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("the connection was left open")
	}
	return n == 0 && err != nil
}

func tcp(t testing.TB, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestStrangersGetNothing(t *testing.T) {
	cluster := enroltest.New(t)
	node, desktop := cluster.Node(t, "node", "LYO"), cluster.Desktop(t, "laptop", "LYO")
	l := listen(t, node, nil)
	sessions, logs := echo(t, l, transport.Session), echo(t, l, transport.Raft)
	for name, config := range map[string]*tls.Config{
		"no certificate":                        {NextProtos: []string{transport.Session}},
		"TLS 1.2":                               {NextProtos: []string{transport.Session}, MaxVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*desktop.Certificate()}},
		"enrolment's laxness, a session's name": {NextProtos: []string{transport.Enrolment, transport.Session}},
		"a desktop in the log":                  {NextProtos: []string{transport.Raft}, Certificates: []tls.Certificate{*desktop.Certificate()}},
		"somebody else's certificate":           {NextProtos: []string{transport.Session}, Certificates: []tls.Certificate{{Certificate: node.Certificate().Certificate, PrivateKey: desktop.Certificate().PrivateKey}}},
		"the authority's name on its own":       {NextProtos: []string{transport.Session}, Certificates: []tls.Certificate{{Certificate: [][]byte{cluster.Authority.Certificate()}, PrivateKey: desktop.Certificate().PrivateKey}}},
		"unknown protocol":                      {NextProtos: []string{"holdfast-session/9"}, Certificates: []tls.Certificate{*desktop.Certificate()}},
	} {
		t.Run(name, func(t *testing.T) {
			config.InsecureSkipVerify = true
			conn := tls.Client(tcp(t, l.Addresses()[0]), config)
			if err := conn.HandshakeContext(t.Context()); err == nil && !ends(t, conn) {
				t.Fatal("the stranger was answered")
			}
		})
	}
	plain := tcp(t, l.Addresses()[0])
	io.WriteString(plain, "GET / HTTP/1.1\r\n\r\n")
	if n, _ := io.ReadFull(plain, make([]byte, 4096)); n > 100 {
		t.Errorf("plain HTTP was answered with %d bytes", n)
	}
	l.Close()
	if len(sessions)+len(logs) != 0 {
		t.Fatal("a stranger was let in")
	}
}

func TestASlowHandshakeIsCutOff(t *testing.T) {
	cluster := enroltest.New(t)
	l := listen(t, cluster.Node(t, "node", "LYO"), func(c *transport.Config) { c.HandshakeTime = 100 * time.Millisecond })
	echo(t, l, transport.Session)
	silent := tcp(t, l.Addresses()[0])
	if !ends(t, silent) {
		t.Fatal("the silent one was answered")
	}
	desktop := cluster.Desktop(t, "laptop", "LYO")
	quietAfterTLS := tls.Client(tcp(t, l.Addresses()[0]), &tls.Config{
		NextProtos: []string{transport.Session}, Certificates: []tls.Certificate{*desktop.Certificate()}, InsecureSkipVerify: true,
	})
	if err := quietAfterTLS.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, quietAfterTLS); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("a connection without a greeting was left open")
	}
}

func TestStrangersAreCountedAndEnrolledDevicesStillGetIn(t *testing.T) {
	cluster := enroltest.New(t)
	l := listen(t, cluster.Node(t, "node", "LYO"), func(c *transport.Config) { c.HandshakesMax, c.ConnectionsMax = 4, 8 })
	peers := echo(t, l, transport.Session)
	var silent []net.Conn
	for range 4 {
		silent = append(silent, tcp(t, l.Addresses()[0]))
	}
	// The fifth is turned away: there is no room among the strangers.
	if !ends(t, tcp(t, l.Addresses()[0])) {
		t.Fatal("the fifth stranger was let in")
	}
	silent[0].Close()
	desktop := dialer(cluster.Desktop(t, "laptop", "LYO"))
	var conns []*transport.Conn
	for len(conns) < 5 { // those who have shown who they are no longer count as strangers
		conn, err := desktop.Dial(t.Context(), l.Addresses()[0], transport.Session, record.DeviceID{})
		if err != nil { // the closing of the first may not have been noticed yet
			continue
		}
		<-peers
		conns = append(conns, conn)
	}
	if _, err := desktop.Dial(t.Context(), l.Addresses()[0], transport.Session, record.DeviceID{}); err == nil {
		t.Fatal("more connections than are allowed")
	}
	for _, c := range conns {
		mustEcho(t, c)
		c.Close()
	}
}

func TestDropAndCloseEndConnections(t *testing.T) {
	cluster := enroltest.New(t)
	l := listen(t, cluster.Node(t, "node", "LYO"), nil)
	echo(t, l, transport.Session)
	var conns []*transport.Conn
	for _, name := range []string{"first", "second"} {
		conn, err := dialer(cluster.Desktop(t, name, "LYO")).Dial(t.Context(), l.Addresses()[0], transport.Session, record.DeviceID{})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		mustEcho(t, conn)
		conns = append(conns, conn)
	}
	first := cluster.Desktop(t, "third", "LYO")
	conn, err := dialer(first).Dial(t.Context(), l.Addresses()[0], transport.Session, record.DeviceID{})
	if err != nil {
		t.Fatal(err)
	}
	mustEcho(t, conn)
	l.Drop(first.Device().ID())
	if !ends(t, conn) {
		t.Fatal("the dropped device was answered")
	}
	mustEcho(t, conns[0])
	l.Close()
	for _, c := range conns {
		if !ends(t, c) {
			t.Fatal("a connection outlived its listener")
		}
	}
}

func TestConsoleForBrowsersAndDevices(t *testing.T) {
	cluster := enroltest.New(t)
	node, desktop := cluster.Node(t, "node", "LYO"), cluster.Desktop(t, "laptop", "LYO")
	console, err := transport.ConsoleCertificate(filepath.Join(t.TempDir(), "console.pem"), []string{"localhost", "127.0.0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t, node, func(c *transport.Config) { c.Console = console })
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, known := transport.HTTPPeer(node, r.TLS, time.Now())
		io.WriteString(w, r.Proto+" ")
		if known {
			io.WriteString(w, peer.Name)
		}
	})}
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(l.Protocol(transport.HTTP1)) })
	defer serving.Wait()
	defer server.Close()
	stranger := enroltest.New(t).Desktop(t, "stranger", "LYO").Certificate()
	for _, c := range []struct {
		name, want string
		config     *tls.Config
	}{
		{"a browser over h2", "HTTP/2.0 ", &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}}},
		{"a browser over http/1.1", "HTTP/1.1 ", &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}}},
		{"a tool without ALPN", "HTTP/1.1 ", &tls.Config{InsecureSkipVerify: true}},
		{"a device", "HTTP/2.0 laptop", transport.ClientTLS(desktop, node.Device().ID())},
		{"a device of another cluster", "HTTP/1.1 ", &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"},
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return stranger, nil }}},
	} {
		t.Run(c.name, func(t *testing.T) {
			transportation := &http.Transport{TLSClientConfig: c.config, ForceAttemptHTTP2: len(c.config.NextProtos) > 0 && c.config.NextProtos[0] == "h2"}
			defer transportation.CloseIdleConnections()
			answer, err := (&http.Client{Transport: transportation}).Get("https://" + l.Addresses()[0] + "/")
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if body, _ := io.ReadAll(answer.Body); string(body) != c.want {
				t.Errorf("answered %q, want %q", body, c.want)
			}
		})
	}
}
