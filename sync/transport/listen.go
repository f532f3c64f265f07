package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

// Config is what a Listener needs.
type Config struct {
	Addresses   []string // "host:port" each; port 0: any free one; host "": all interfaces
	Protocols   []string // what is offered, most wanted first
	Credentials *enrol.Credentials
	Console     *tls.Certificate // shown to browsers, which do not know Ed25519; nil: none, they cannot connect
	Wall        clock.Wall
	Log         *slog.Logger
	Entries     uint64 // the newest format of the cluster's log that this program reads; 0: the first

	ConnectionsMax int           // 0: limit.ConnectionsMax
	HandshakesMax  int           // 0: limit.HandshakesMax; one remote host gets a quarter of them
	HandshakeTime  time.Duration // 0: limit.HandshakeTime
}

func (c *Config) fill() error {
	if len(c.Addresses) == 0 || len(c.Protocols) == 0 || c.Credentials == nil {
		return fault.New(fault.Invalid, "transport.Listen", "A port needs an address, something to offer, and this device's certificate.")
	}
	if c.ConnectionsMax == 0 {
		c.ConnectionsMax = limit.ConnectionsMax
	}
	if c.HandshakesMax == 0 {
		c.HandshakesMax = limit.HandshakesMax
	}
	if c.HandshakeTime == 0 {
		c.HandshakeTime = limit.HandshakeTime
	}
	return nil
}

// Listener is one process's port, on one address or several.
type Listener struct {
	config  Config
	sockets []net.Listener
	doors   map[string]*door // one for each protocol; HTTP1 and HTTP2 share theirs
	crowd   *crowd
	end     context.CancelFunc
	running sync.WaitGroup
}

// Listen opens the port and serves it until Close or the end of ctx. Connections wait behind Protocol's listeners, and are closed when nobody
// takes them within the time of a handshake. Faults: fault.PortInUse, fault.Forbidden (a port that needs more rights), fault.Invalid.
func Listen(ctx context.Context, c Config) (*Listener, error) {
	if err := c.fill(); err != nil {
		return nil, err
	}
	l := &Listener{config: c, crowd: newCrowd(c.ConnectionsMax, c.HandshakesMax), doors: map[string]*door{}}
	for _, address := range c.Addresses {
		socket, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err != nil {
			l.closeSockets()
			return nil, explainListen(err, address)
		}
		l.sockets = append(l.sockets, socket)
	}
	for _, protocol := range c.Protocols {
		if name := doorOf(protocol); l.doors[name] == nil {
			l.doors[name] = newDoor(l.sockets[0].Addr())
		}
	}
	ctx, l.end = context.WithCancel(ctx)
	for _, socket := range l.sockets {
		l.running.Go(func() { l.accept(ctx, socket) })
	}
	l.running.Go(func() {
		<-ctx.Done()
		l.shut()
	})
	return l, nil
}

// doorOf gives the name under which a protocol's connections are handed out.
func doorOf(protocol string) string {
	if protocol == HTTP2 {
		return HTTP1
	}
	return protocol
}

// Protocol gives the listener of one protocol that was offered; nil for one that was not. Session and Raft connections are *Conn, the others
// *tls.Conn, HTTP1 and HTTP2 coming from one listener. Closing it stops offering the protocol and leaves the rest alone.
func (l *Listener) Protocol(name string) net.Listener {
	if d := l.doors[doorOf(name)]; d != nil {
		return d
	}
	return nil
}

// Addresses gives where the port listens, with its real port numbers.
func (l *Listener) Addresses() []string {
	addresses := make([]string, len(l.sockets))
	for i, socket := range l.sockets {
		addresses[i] = socket.Addr().String()
	}
	return addresses
}

// Drop ends the connections of a device, as when it is shut out of the cluster.
func (l *Listener) Drop(device record.DeviceID) { l.crowd.drop(device) }

// Close stops listening, ends every connection that came in, and waits for what the listener itself runs.
func (l *Listener) Close() error {
	l.end()
	l.running.Wait()
	return nil
}

func (l *Listener) shut() {
	l.closeSockets()
	for _, d := range l.doors {
		d.Close()
	}
	l.crowd.dismiss()
}

func (l *Listener) closeSockets() {
	for _, socket := range l.sockets {
		socket.Close()
	}
}

const acceptPause = 100 * time.Millisecond // after a failure such as too many open files

func (l *Listener) accept(ctx context.Context, socket net.Listener) {
	for {
		raw, err := socket.Accept()
		if errors.Is(err, net.ErrClosed) || ctx.Err() != nil {
			if err == nil {
				raw.Close()
			}
			return
		}
		if err != nil {
			l.config.Log.Warn("a connection could not be accepted", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(acceptPause):
			}
			continue
		}
		guest, err := l.crowd.enter(raw)
		if err != nil {
			l.config.Log.Info("connection turned away", "remote", raw.RemoteAddr(), "error", err)
			raw.Close()
			continue
		}
		l.running.Go(func() { l.receive(ctx, guest) })
	}
}

// receive brings a connection from its first byte to whoever serves its protocol.
func (l *Listener) receive(ctx context.Context, guest *guest) {
	ctx, cancel := context.WithTimeout(ctx, l.config.HandshakeTime)
	defer cancel()
	conn, protocol, err := l.handshake(ctx, guest)
	if err == nil {
		err = l.doors[doorOf(protocol)].offer(ctx, conn)
	}
	if err != nil {
		l.config.Log.Info("connection ended in its handshake", "remote", guest.RemoteAddr(), "error", err)
		guest.Close()
	}
}

func (l *Listener) handshake(ctx context.Context, guest *guest) (net.Conn, string, error) {
	defer bounded(ctx, guest)()
	secured := tls.Server(guest, &tls.Config{MinVersion: tls.VersionTLS13, GetConfigForClient: l.configFor})
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, "", err
	}
	protocol := secured.ConnectionState().NegotiatedProtocol
	if protocol == "" { // configFor admits only HTTP so
		protocol = HTTP1
	}
	if !isOurs(protocol) {
		return secured, protocol, guest.settle(record.DeviceID{})
	}
	peer, err := introduce(secured, l.config.Credentials, l.config.Wall(), l.config.Entries)
	if err != nil {
		return nil, "", err
	}
	return &Conn{Conn: secured, peer: peer, protocol: protocol}, protocol, guest.settle(peer.Device)
}

// configFor picks the one protocol for a client, and with it what certificates are demanded: the client cannot mix the two.
func (l *Listener) configFor(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	for _, protocol := range l.config.Protocols {
		if slices.Contains(hello.SupportedProtos, protocol) && l.doors[doorOf(protocol)].open() {
			return l.serverConfig(protocol, []string{protocol}), nil
		}
	}
	if web := l.doors[HTTP1]; len(hello.SupportedProtos) == 0 && web != nil && web.open() {
		return l.serverConfig(HTTP1, nil), nil
	}
	// TLS itself answers with the alert for "no protocol in common".
	return l.serverConfig(Session, []string{"none of those"}), nil
}

func (l *Listener) serverConfig(protocol string, names []string) *tls.Config {
	credentials := l.config.Credentials
	config := &tls.Config{
		MinVersion:             tls.VersionTLS13,
		NextProtos:             names,
		SessionTicketsDisabled: true,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			own := credentials.Certificate()
			if l.config.Console != nil && doorOf(protocol) == HTTP1 && hello.SupportsCertificate(own) != nil {
				return l.config.Console, nil
			}
			return own, nil
		},
	}
	switch {
	case isOurs(protocol):
		config.ClientAuth = tls.RequireAnyClientCert
		config.VerifyConnection = func(state tls.ConnectionState) error {
			peer, err := peerOf(credentials, state.PeerCertificates)
			if err != nil {
				return err
			}
			return checkExpected(peer, protocol, credentials.Device().ID(), record.DeviceID{})
		}
	case doorOf(protocol) == HTTP1:
		config.ClientAuth = tls.RequestClientCert // HTTPPeer judges what was shown
		config.ClientCAs = credentials.Pool()
	}
	return config
}

func explainListen(err error, address string) error {
	const op = "transport.Listen"
	const windowsInUse, windowsForbidden = syscall.Errno(10048), syscall.Errno(10013)
	var number syscall.Errno
	onWindows := runtime.GOOS == "windows" && errors.As(err, &number)
	switch {
	case errors.Is(err, syscall.EADDRINUSE), onWindows && number == windowsInUse:
		return fault.Wrap(err, fault.PortInUse, op, "Another program listens on "+address+" already. Stop it, or choose another port with --listen.")
	case errors.Is(err, syscall.EACCES), onWindows && number == windowsForbidden:
		return fault.Wrap(err, fault.Forbidden, op, "This user may not listen on "+address+". Choose a port above 1023 with --listen.")
	}
	return fault.Wrap(err, fault.Invalid, op, "Holdfast cannot listen on "+address+". Check the address; this machine must have it.")
}
