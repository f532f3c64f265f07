package transport

import (
	"context"
	"net"
	"sync"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// crowd counts the connections of a port, so that strangers cost a bounded amount and one host cannot keep out the others.
type crowd struct {
	connectionsMax, strangersMax int

	mu        sync.Mutex
	closed    bool
	guests    map[*guest]struct{}
	strangers int            // guests that have not shown who they are
	nameless  int            // guests that need not show it: browsers and devices that enrol; at most half of all
	fromHost  map[string]int // strangers by remote host
}

// guest is a connection below TLS. Closing it, once or more often, takes it out of the crowd.
type guest struct {
	net.Conn
	crowd    *crowd
	host     string
	stranger bool            // guarded by crowd.mu
	nameless bool            // guarded by crowd.mu
	device   record.DeviceID // guarded by crowd.mu; zero for a nameless one
}

func newCrowd(connectionsMax, strangersMax int) *crowd {
	return &crowd{connectionsMax: connectionsMax, strangersMax: strangersMax, guests: map[*guest]struct{}{}, fromHost: map[string]int{}}
}

func (c *crowd) enter(raw net.Conn) (*guest, error) {
	host := hostOf(raw.RemoteAddr())
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return nil, net.ErrClosed
	case len(c.guests) >= c.connectionsMax:
		return nil, fault.New(fault.Unavailable, "transport.enter", "This device has as many connections as it takes.")
	case c.strangers >= c.strangersMax, host != "" && c.fromHost[host] >= max(1, c.strangersMax/4):
		return nil, fault.New(fault.Unavailable, "transport.enter", "Too many connections at once have not shown who they are.")
	}
	g := &guest{Conn: raw, crowd: c, host: host, stranger: true}
	c.guests[g] = struct{}{}
	c.strangers++
	c.fromHost[host]++
	return g, nil
}

// hostOf gives "" for this machine itself, where many devices may be tried at once.
func hostOf(address net.Addr) string {
	tcp, isTCP := address.(*net.TCPAddr)
	if !isTCP || tcp.IP.IsLoopback() {
		return ""
	}
	return tcp.IP.String()
}

// settle notes that a guest has shown who it is, or, with no device, that it need not.
func (g *guest) settle(device record.DeviceID) error {
	c := g.crowd
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, here := c.guests[g]; !here {
		return net.ErrClosed
	}
	if device.IsZero() && c.nameless >= max(1, c.connectionsMax/2) {
		return fault.New(fault.Unavailable, "transport.settle", "Too many browsers are connected at once.")
	}
	c.known(g)
	if g.device, g.nameless = device, device.IsZero(); g.nameless {
		c.nameless++
	}
	return nil
}

func (c *crowd) known(g *guest) {
	if !g.stranger {
		return
	}
	g.stranger = false
	c.strangers--
	if c.fromHost[g.host]--; c.fromHost[g.host] == 0 {
		delete(c.fromHost, g.host)
	}
}

// Close ends the connection.
func (g *guest) Close() error {
	g.crowd.leave(g)
	return g.Conn.Close()
}

func (c *crowd) leave(g *guest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known(g)
	if g.nameless {
		g.nameless = false
		c.nameless--
	}
	delete(c.guests, g)
}

func (c *crowd) drop(device record.DeviceID) {
	for _, g := range c.who(func(g *guest) bool { return g.device == device && !device.IsZero() }) {
		g.Close()
	}
}

// dismiss ends all connections and lets nobody in any more.
func (c *crowd) dismiss() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	for _, g := range c.who(func(*guest) bool { return true }) {
		g.Close()
	}
}

func (c *crowd) who(matches func(*guest) bool) (found []*guest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for g := range c.guests {
		if matches(g) {
			found = append(found, g)
		}
	}
	return found
}

// door hands the connections of one protocol to whoever serves it. It is a net.Listener.
type door struct {
	address net.Addr
	conns   chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func newDoor(address net.Addr) *door {
	return &door{address: address, conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (d *door) offer(ctx context.Context, conn net.Conn) error {
	select {
	case d.conns <- conn:
		return nil
	case <-d.closed:
		return net.ErrClosed
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Unavailable, "transport.offer", "Nobody served the connection in time.")
	}
}

func (d *door) open() bool {
	select {
	case <-d.closed:
		return false
	default:
		return true
	}
}

func (d *door) Accept() (net.Conn, error) {
	select {
	case conn := <-d.conns:
		return conn, nil
	case <-d.closed:
		return nil, net.ErrClosed
	}
}

func (d *door) Close() error {
	d.once.Do(func() { close(d.closed) })
	return nil
}

func (d *door) Addr() net.Addr { return d.address }
