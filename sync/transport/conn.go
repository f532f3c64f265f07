package transport

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

// Conn is a connection whose other end is known.
type Conn struct {
	*tls.Conn
	peer     Peer
	protocol string
}

// Peer gives whom the connection leads to.
func (c *Conn) Peer() Peer { return c.peer }

// Protocol gives the ALPN name that both sides agreed on.
func (c *Conn) Protocol() string { return c.protocol }

// Dialer connects to other devices. It is safe for concurrent use.
type Dialer struct {
	Credentials *enrol.Credentials
	Wall        clock.Wall
	Entries     uint64 // the newest format of the cluster's log that this program reads; 0: the first
	// Connect opens the connection below TLS; nil is TCP.
	Connect func(ctx context.Context, address string) (net.Conn, error)
}

// Dial connects to address for Session or Raft. The peer must be the expected device, or any of the cluster when none is named. ctx and
// limit.HandshakeTime bound the dialling, not the connection. Faults: fault.Unavailable (may work later), WrongPeer, OwnDevice,
// fault.ClockSkewed, and enrol's NotEnrolled, OtherCluster, DeviceRevoked and CertificateExpired.
func (d *Dialer) Dial(ctx context.Context, address, protocol string, expect record.DeviceID) (*Conn, error) {
	if isRaft(protocol) && d.Credentials.Identity().Role != enrol.Node {
		return nil, notANode("transport.Dial")
	}
	ctx, cancel := context.WithTimeout(ctx, limit.HandshakeTime)
	defer cancel()
	raw, err := d.connect(ctx, address)
	if err != nil {
		return nil, explain(err, "transport.Dial", address)
	}
	conn, err := d.secure(ctx, raw, protocol, expect)
	if err != nil {
		raw.Close()
		return nil, explain(err, "transport.Dial", address)
	}
	return conn, nil
}

func (d *Dialer) connect(ctx context.Context, address string) (net.Conn, error) {
	if d.Connect != nil {
		return d.Connect(ctx, address)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", address)
}

func (d *Dialer) secure(ctx context.Context, raw net.Conn, protocol string, expect record.DeviceID) (*Conn, error) {
	defer bounded(ctx, raw)()
	secured := tls.Client(raw, dialConfig(d.Credentials, protocol, expect))
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	peer, err := introduce(secured, d.Credentials, d.Wall(), d.Entries)
	if err != nil {
		return nil, err
	}
	return &Conn{Conn: secured, peer: peer, protocol: protocol}, nil
}

// introduce greets a peer whose certificate the handshake has verified.
func introduce(secured *tls.Conn, credentials *enrol.Credentials, now time.Time, entries uint64) (Peer, error) {
	identity, err := peerOf(credentials, secured.ConnectionState().PeerCertificates)
	if err != nil {
		return Peer{}, err
	}
	return greet(secured, identity, now, entries, objection(credentials, identity, now))
}

// bounded lets a connection wait no longer than ctx; the returned function lifts that.
func bounded(ctx context.Context, conn net.Conn) (lift func()) {
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		conn.SetDeadline(time.Unix(1, 0))
	})
	return func() {
		if !stop() {
			<-ended
		}
		conn.SetDeadline(time.Time{})
	}
}

// ClientTLS is for a net/http client that calls the API of another device of the cluster.
func ClientTLS(credentials *enrol.Credentials, expect record.DeviceID) *tls.Config {
	config := dialConfig(credentials, HTTP2, expect)
	config.NextProtos = []string{HTTP2, HTTP1}
	return config
}

// HTTPPeer tells which device of the cluster makes a request; false for a browser, which shows no certificate, and for a device whose
// certificate is expired or that was shut out.
func HTTPPeer(credentials *enrol.Credentials, state *tls.ConnectionState, now time.Time) (enrol.Identity, bool) {
	if state == nil {
		return enrol.Identity{}, false
	}
	identity, err := peerOf(credentials, state.PeerCertificates)
	if err != nil || objection(credentials, identity, now) != nil {
		return enrol.Identity{}, false
	}
	return identity, true
}
