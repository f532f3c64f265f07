package transport_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
	"holdfast/sync/enrol/enroltest"
	"holdfast/sync/node/raftlog"
	"holdfast/sync/transport"
)

// words is the smallest state machine: it remembers what was applied.
type words struct {
	mu      sync.Mutex
	applied []string
}

func (w *words) Apply(l *raft.Log) any {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.applied = append(w.applied, string(l.Data))
	return len(w.applied)
}
func (w *words) Snapshot() (raft.FSMSnapshot, error) { return nil, io.ErrUnexpectedEOF }
func (w *words) Restore(from io.ReadCloser) error    { return from.Close() }

type member struct {
	credentials *enrol.Credentials
	address     raft.ServerAddress
	raft        *raft.Raft
	words       *words
}

func startMember(t *testing.T, credentials *enrol.Credentials) *member {
	t.Helper()
	l := listen(t, credentials, nil)
	layer := transport.NewRaftLayer(l.Protocol(transport.Raft), dialer(credentials), transport.Raft, l.Addresses()[0], nil)
	wire := raft.NewNetworkTransport(layer, 3, 10*time.Second, io.Discard)
	log, err := raftlog.Open(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	config := raft.DefaultConfig()
	config.LocalID = transport.RaftID(credentials.Device().ID())
	config.LogOutput = io.Discard
	m := &member{credentials: credentials, address: wire.LocalAddr(), words: &words{}}
	if m.raft, err = raft.NewRaft(config, m.words, log, log, raft.NewInmemSnapshotStore(), wire); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.raft.Shutdown().Error(); err != nil {
			t.Error(err)
		}
		wire.Close()
		log.Close()
	})
	return m
}

func (m *member) server() raft.Server {
	return raft.Server{ID: transport.RaftID(m.credentials.Device().ID()), Address: m.address}
}

// Three voters over TLS with their logs on disk agree.
func TestThreeVoters(t *testing.T) {
	cluster := enroltest.New(t)
	var members []*member
	var group raft.Configuration
	for i := range 3 {
		m := startMember(t, cluster.Node(t, fmt.Sprint("node ", i), "LYO"))
		members, group.Servers = append(members, m), append(group.Servers, m.server())
	}
	if err := members[0].raft.BootstrapCluster(group).Error(); err != nil {
		t.Fatal(err)
	}
	leader := leaderOf(t, members)
	for i := range 50 {
		if err := leader.raft.Apply(fmt.Append(nil, i), 10*time.Second).Error(); err != nil {
			t.Fatal(err)
		}
	}
	device, _, err := transport.ParseRaftAddress(leader.address)
	if err != nil || device != leader.credentials.Device().ID() {
		t.Fatalf("the leader's address names %v, %v", device, err)
	}
	for _, m := range members {
		if m == leader {
			continue
		}
		deadline := time.After(20 * time.Second)
		for tick := time.NewTicker(5 * time.Millisecond); m.count() < 50; {
			select {
			case <-tick.C:
			case <-deadline:
				t.Fatalf("a follower has %d of 50", m.count())
			}
		}
	}
}

func (m *member) count() int {
	m.words.mu.Lock()
	defer m.words.mu.Unlock()
	return len(m.words.applied)
}

func leaderOf(t *testing.T, members []*member) *member {
	t.Helper()
	led := make(chan *member, len(members))
	for _, m := range members {
		go func() {
			select {
			case leads := <-m.raft.LeaderCh():
				if leads {
					led <- m
				}
			case <-t.Context().Done():
			}
		}()
	}
	select {
	case m := <-led:
		return m
	case <-time.After(20 * time.Second):
		t.Fatal("no leader")
		return nil
	}
}

func TestRaftLayerChecksTheMember(t *testing.T) {
	cluster := enroltest.New(t)
	a, b, c := cluster.Node(t, "a", "LYO"), cluster.Node(t, "b", "LYO"), cluster.Node(t, "c", "LYO")
	listening := listen(t, b, nil)
	echo(t, listening, transport.Raft)
	address := listening.Addresses()[0]
	moved := map[record.DeviceID]string{}
	own := listen(t, a, nil)
	layer := transport.NewRaftLayer(own.Protocol(transport.Raft), dialer(a), transport.Raft, own.Addresses()[0], func(d record.DeviceID) string { return moved[d] })
	dial := func(to raft.ServerAddress) error {
		conn, err := layer.Dial(to, 10*time.Second)
		if err == nil {
			mustEcho(t, conn)
			conn.Close()
		}
		return err
	}
	if err := dial(transport.RaftAddress(b.Device().ID(), address)); err != nil {
		t.Error(err)
	}
	if err := dial(transport.RaftAddress(c.Device().ID(), address)); !fault.Is(err, transport.WrongPeer) {
		t.Errorf("another member answers: %v", err)
	}
	if err := dial(raft.ServerAddress(address)); !fault.Is(err, fault.Invalid) {
		t.Errorf("an address without a device: %v", err)
	}
	moved[b.Device().ID()] = address
	if err := dial(transport.RaftAddress(b.Device().ID(), "192.0.2.1:1")); err != nil {
		t.Errorf("a member that moved: %v", err)
	}
	if layer.Addr().String() != string(transport.RaftAddress(a.Device().ID(), own.Addresses()[0])) {
		t.Errorf("own address %s", layer.Addr())
	}
}

// A node that stands down lets go of the connections that it had dialled: the other members must not wait for it on them.
func TestAClosedLayerEndsWhatItDialled(t *testing.T) {
	cluster := enroltest.New(t)
	from, to := cluster.Node(t, "from", "LYO"), cluster.Node(t, "to", "LYO")
	port := listen(t, to, nil)
	layer := transport.NewRaftLayer(listen(t, from, nil).Protocol(transport.Raft), dialer(from), transport.Raft, "127.0.0.1:1", nil)
	ended := make(chan error, 2)
	dial := func() error {
		_, err := layer.Dial(transport.RaftAddress(to.Device().ID(), port.Addresses()[0]), 10*time.Second)
		return err
	}
	for range 2 {
		if err := dial(); err != nil {
			t.Fatal(err)
		}
		conn, err := port.Protocol(transport.Raft).Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		go func() {
			_, err := conn.Read(make([]byte, 1))
			ended <- err
		}()
	}
	if err := layer.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-ended; err == nil {
			t.Error("something came over a connection that ended")
		}
	}
	if dial() == nil {
		t.Error("a closed layer dials")
	}
}

// Only a node of the cluster reaches the group's log at all. One whose program is broken, and announces more than it sends, costs little and loses its connection.
func TestANodeThatLiesAboutItsCounts(t *testing.T) {
	cluster := enroltest.New(t)
	m := startMember(t, cluster.Node(t, "node", "LYO"))
	device, address, err := transport.ParseRaftAddress(m.address)
	if err != nil {
		t.Fatal(err)
	}
	liar := dialer(cluster.Node(t, "liar", "LYO"))
	const (
		appendEntries = 0
		endless       = "\xff\xff\xff\xff"
		fieldEntries  = "\x81\xa7Entries"
	)
	for name, wire := range map[string]string{
		"entries without end":    fieldEntries + "\xdd" + endless,
		"an entry without end":   fieldEntries + "\x91\x81\xa4Data\xc6" + endless + "x",
		"a name without end":     "\x81\xdb" + endless + "x",
		"fields without end":     "\xdf" + endless,
		"entries in entries":     fieldEntries + strings.Repeat("\x91", 1<<20),
		"a field of another one": fieldEntries + "\xc6" + endless + "x",
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			conn, err := liar.Dial(t.Context(), address, transport.Raft, device)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			// The other side may have ended the connection before it was all written.
			if _, err := conn.Write(append([]byte{appendEntries}, wire...)); err == nil {
				_ = conn.CloseWrite()
			}
			conn.SetReadDeadline(time.Now().Add(20 * time.Second))
			if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("the connection was left open")
			}
			runtime.ReadMemStats(&after)
			if cost := after.TotalAlloc - before.TotalAlloc; cost > 32<<20 {
				t.Errorf("it cost %d bytes", cost)
			}
		})
	}
}
