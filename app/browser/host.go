package browser

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"holdfast/backend/core/fault"
)

// HostConfig says where to serve and what.
type HostConfig struct {
	Address  string       // on 127.0.0.1; port 0 is any free one
	Handler  http.Handler // from Interface
	Random   io.Reader    // for the token; nil is crypto/rand
	Log      *slog.Logger
	Patience time.Duration // how long somebody without the token is waited for; 0: strangerTime
}

const (
	// strangerTime bounds how long a request's head may take, and what follows a request that was refused.
	strangerTime = 10 * time.Second
	// idleTime is how long a connection may wait for its next request, headBytesMax bounds a request's head.
	idleTime     = 2 * time.Minute
	headBytesMax = 64 << 10
)

// Host serves a handler on 127.0.0.1 to whoever has the token.
type Host struct {
	server   *http.Server
	listener net.Listener
	token    string
	serving  sync.WaitGroup
	stop     context.CancelFunc
}

// Serve starts serving. Close ends it.
func Serve(c HostConfig) (*Host, error) {
	const op = "browser.Serve"
	host, _, err := net.SplitHostPort(c.Address)
	if err != nil || (host != "127.0.0.1" && host != "localhost") {
		return nil, fault.Newf(fault.Invalid, op, "%q is not an address of this computer. Use 127.0.0.1 and a port, such as 127.0.0.1:7400.", c.Address)
	}
	listener, err := net.Listen("tcp4", c.Address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fault.Wrap(err, fault.PortInUse, op, "Another program uses "+c.Address+". Choose another port with --listen, or leave it out for any free one.")
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, op, "The address "+c.Address+" cannot be used. Choose another port with --listen.")
	}
	token, err := newToken(c.Random)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	if c.Patience == 0 {
		c.Patience = strangerTime
	}
	h := &Host{listener: listener, token: token}
	h.server, h.stop = newServer(&guard{token: token, port: port, next: c.Handler, patience: c.Patience}, c.Log)
	h.server.ReadHeaderTimeout = c.Patience
	h.serving.Go(func() { serve(h.server, listener, c.Log) })
	return h, nil
}

func newToken(random io.Reader) (string, error) {
	if random == nil {
		random = rand.Reader
	}
	var raw [24]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return "", fault.Wrap(err, fault.Internal, "browser.Serve", "This computer gives no random numbers, so no safe address could be made. Restart it.")
	}
	return base64.RawURLEncoding.EncodeToString(raw[:]), nil
}

// newServer makes a server whose requests end with the returned function, so that open event streams do not hold up its end.
func newServer(handler http.Handler, log *slog.Logger) (*http.Server, context.CancelFunc) {
	ctx, stop := context.WithCancel(context.Background())
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: strangerTime, IdleTimeout: idleTime, MaxHeaderBytes: headBytesMax, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}, stop
}

func serve(server *http.Server, listener net.Listener, log *slog.Logger) {
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		log.Error("the local address is no longer served", "error", err)
	}
}

// URL gives the address to open, the token in it.
func (h *Host) URL() string { return h.Origin() + "/?token=" + h.token }

// Origin gives the address without the token.
func (h *Host) Origin() string {
	return "http://" + strings.Replace(h.listener.Addr().String(), "[::1]", "localhost", 1)
}

// Token gives what a script shows as "Authorization: Bearer".
func (h *Host) Token() string { return h.token }

// shutdownTime bounds how long Close waits for requests that are under way.
const shutdownTime = 5 * time.Second

// Close ends serving, open streams included.
func (h *Host) Close() error {
	err := shut(h.server, h.stop)
	h.serving.Wait()
	return err
}

func shut(server *http.Server, stop context.CancelFunc) error {
	stop()
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	return server.Shutdown(ctx)
}
