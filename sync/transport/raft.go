package transport

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/raft"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// RaftID gives a device's name in the Raft group.
func RaftID(device record.DeviceID) raft.ServerID { return raft.ServerID(device.String()) }

// RaftAddress gives the address by which the Raft group knows a node: "device@host:port". The device is in it because the library hands
// Dial nothing else, and whoever answers must be that device.
func RaftAddress(device record.DeviceID, address string) raft.ServerAddress {
	return raft.ServerAddress(device.String() + "@" + address)
}

// ParseRaftAddress reads what RaftAddress wrote.
func ParseRaftAddress(text raft.ServerAddress) (device record.DeviceID, address string, err error) {
	name, address, found := strings.Cut(string(text), "@")
	if !found {
		return device, "", fault.Newf(fault.Invalid, "transport.ParseRaftAddress", "%q is not the address of a node.", text)
	}
	device, err = record.ParseDevice(name)
	return device, address, err
}

// RaftLayer is the raft.StreamLayer of a node: mutual TLS, and the peer's certificate is that of the member meant.
type RaftLayer struct {
	net.Listener
	dialer *Dialer
	own    raftAddr
	// protocol is that of the group's generation.
	protocol string
	// lookup gives where a node is known to be now, or "".
	lookup func(record.DeviceID) string

	mu     sync.Mutex
	reads  map[record.DeviceID]uint64 // Peer.Entries of the members that were dialled
	dialed map[*raftConn]struct{}     // those that are open; nil once the layer is closed
}

// raftConn is a connection that the layer has dialled.
type raftConn struct {
	net.Conn
	layer *RaftLayer
}

// Close implements net.Conn.
func (c *raftConn) Close() error {
	c.layer.mu.Lock()
	delete(c.layer.dialed, c)
	c.layer.mu.Unlock()
	return c.Conn.Close()
}

var _ raft.StreamLayer = (*RaftLayer)(nil)

// NewRaftLayer serves listener's Raft connections and dials with dialer. advertised ("host:port") is where other nodes reach this one. lookup,
// which may be nil, overrides the address that the group remembers for a node, so that a node may move without a change of membership. protocol is RaftOf the group's
// generation, and that of the listener's connections.
func NewRaftLayer(listener net.Listener, dialer *Dialer, protocol, advertised string, lookup func(record.DeviceID) string) *RaftLayer {
	if lookup == nil {
		lookup = func(record.DeviceID) string { return "" }
	}
	own := raftAddr(RaftAddress(dialer.Credentials.Device().ID(), advertised))
	return &RaftLayer{Listener: listener, dialer: dialer, own: own, protocol: protocol, lookup: lookup, reads: map[record.DeviceID]uint64{}, dialed: map[*raftConn]struct{}{}}
}

// Dial implements raft.StreamLayer.
func (l *RaftLayer) Dial(to raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	device, address, err := ParseRaftAddress(to)
	if err != nil {
		return nil, err
	}
	if moved := l.lookup(device); moved != "" {
		address = moved
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	conn, err := l.dialer.Dial(ctx, address, l.protocol, device)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dialed == nil {
		return nil, errors.Join(net.ErrClosed, conn.Close())
	}
	l.reads[device] = conn.Peer().Entries
	kept := &raftConn{conn, l}
	l.dialed[kept] = struct{}{}
	return kept, nil
}

// Close implements net.Listener. The connections that were dialled end with it: the library keeps those that it may need again, and forgets them when it is closed, so that the other members
// would wait for a node that stood down until their own time is over.
func (l *RaftLayer) Close() error {
	l.mu.Lock()
	open := l.dialed
	l.dialed = nil
	l.mu.Unlock()
	err := l.Listener.Close()
	for conn := range open {
		err = errors.Join(err, conn.Conn.Close())
	}
	return err
}

// Reads gives the newest format of the log that a member reads, as it said when it was dialled last; 0 when it never was.
func (l *RaftLayer) Reads(member record.DeviceID) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reads[member]
}

// Addr gives this node's own address in the group's form.
func (l *RaftLayer) Addr() net.Addr { return l.own }

type raftAddr string

func (raftAddr) Network() string  { return "tcp" }
func (a raftAddr) String() string { return string(a) }
