package transport_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
	"holdfast/sync/enrol/enroltest"
	"holdfast/sync/transport"
)

var everything = []string{transport.Session, transport.Raft, transport.Enrolment, transport.HTTP2, transport.HTTP1}

func listen(t testing.TB, credentials *enrol.Credentials, change func(*transport.Config)) *transport.Listener {
	t.Helper()
	config := transport.Config{
		Addresses: []string{"127.0.0.1:0"}, Protocols: everything, Credentials: credentials,
		Wall: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&config)
	}
	l, err := transport.Listen(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func dialer(credentials *enrol.Credentials) *transport.Dialer {
	return &transport.Dialer{Credentials: credentials, Wall: time.Now}
}

// echo serves a protocol by sending back what comes, and tells who came.
func echo(t testing.TB, l *transport.Listener, protocol string) <-chan transport.Peer {
	t.Helper()
	peers := make(chan transport.Peer, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Protocol(protocol).Accept()
			if err != nil {
				return
			}
			peers <- conn.(*transport.Conn).Peer()
			go func() {
				defer conn.Close()
				io.Copy(conn, conn)
			}()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return peers
}

func TestBothSidesKnowEachOther(t *testing.T) {
	cluster := enroltest.New(t)
	for _, c := range []struct {
		protocol string
		dialling *enrol.Credentials
	}{
		{transport.Session, cluster.Desktop(t, "laptop", "LYO")},
		{transport.Session, cluster.Node(t, "other node", "PAR")},
		{transport.Raft, cluster.Node(t, "other node", "PAR")},
	} {
		node := cluster.Node(t, "node", "LYO")
		l := listen(t, node, nil)
		peers := echo(t, l, c.protocol)
		conn, err := dialer(c.dialling).Dial(t.Context(), l.Addresses()[0], c.protocol, node.Device().ID())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if got, want := conn.Peer().Identity, node.Identity(); got.Device != want.Device || got.Role != enrol.Node || got.Site() != "LYO" || got.Name != "node" {
			t.Errorf("the dialling side sees %+v", got)
		}
		got, want := <-peers, c.dialling.Identity()
		if got.Device != want.Device || got.Role != want.Role || got.Person != want.Person || got.Site() != want.Site() || got.Skew.Abs() > 2*time.Second {
			t.Errorf("the listening side sees %+v, want %+v", got, want)
		}
		if conn.Protocol() != c.protocol {
			t.Errorf("protocol %q", conn.Protocol())
		}
		mustEcho(t, conn)
	}
}

func mustEcho(t testing.TB, conn io.ReadWriter) {
	t.Helper()
	sent := make([]byte, 100_000)
	rand.Read(sent)
	go conn.Write(sent)
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(conn, got); err != nil || !slices.Equal(sent, got) {
		t.Fatalf("the bytes did not come back: %v", err)
	}
}

func wallAt(now time.Time) clock.Wall { return func() time.Time { return now } }

// Each case names what the dialling side is told; no connection may reach whoever serves the protocol.
func TestRefusals(t *testing.T) {
	cluster, foreign := enroltest.New(t), enroltest.New(t)
	desktop, node := cluster.Desktop(t, "laptop", "LYO"), cluster.Node(t, "node", "LYO")
	away := cluster.Desktop(t, "lost laptop", "LYO")
	identity := enrol.Identity{Role: enrol.Node, Name: "node", Sites: []string{"LYO"}}
	out := func(s enrol.Standing) func(record.DeviceID) enrol.Standing {
		return func(d record.DeviceID) enrol.Standing {
			if d == away.Device().ID() {
				return s
			}
			return enrol.Welcome
		}
	}
	refusing, wiping := cluster.Member(t, identity, out(enrol.ShutOut)), cluster.Member(t, identity, out(enrol.ToBeWiped))
	colleague := cluster.Member(t, enrol.Identity{Role: enrol.Desktop, Name: "colleague", Person: uuid.Must(uuid.NewV7()), Sites: []string{"LYO"}}, out(enrol.ToBeWiped))
	longAgo := *cluster
	longAgo.Wall = wallAt(time.Now().Add(-2 * enrol.CertificateTime))
	expired := longAgo.Desktop(t, "old laptop", "LYO")
	tenYears := 10 * 365 * 24 * time.Hour
	for _, c := range []struct {
		name      string
		listening *enrol.Credentials
		dialling  *enrol.Credentials
		protocol  string
		expect    record.DeviceID
		wall      clock.Wall
		want      fault.Code
	}{
		{name: "other cluster", listening: node, dialling: foreign.Desktop(t, "stranger", "LYO"), want: enrol.OtherCluster},
		{name: "another device than expected", listening: node, dialling: desktop, expect: away.Device().ID(), want: transport.WrongPeer},
		{name: "itself", listening: node, dialling: node, want: transport.OwnDevice},
		{name: "a desktop in the log", listening: node, dialling: desktop, protocol: transport.Raft, want: fault.Forbidden},
		{name: "a log at a desktop", listening: desktop, dialling: node, protocol: transport.Raft, want: fault.Forbidden},
		{name: "shut out", listening: refusing, dialling: away, want: enrol.DeviceRevoked},
		{name: "shut out, dialled", listening: away, dialling: refusing, want: enrol.DeviceRevoked},
		{name: "to be wiped", listening: wiping, dialling: away, want: enrol.WipeAsked},
		{name: "to be wiped, dialled", listening: away, dialling: wiping, want: enrol.WipeAsked},
		{name: "to be wiped, says a desktop", listening: colleague, dialling: away, want: enrol.DeviceRevoked},
		{name: "expired", listening: node, dialling: expired, want: enrol.CertificateExpired},
		{name: "expired, dialled", listening: expired, dialling: node, want: enrol.CertificateExpired},
		{name: "clock ten years ahead", listening: node, dialling: desktop, wall: wallAt(time.Now().Add(tenYears)), want: fault.ClockSkewed},
		{name: "clock ten years behind", listening: node, dialling: desktop, wall: wallAt(time.Now().Add(-tenYears)), want: fault.ClockSkewed},
		{name: "clock at 1970", listening: node, dialling: desktop, wall: wallAt(time.Unix(0, 0)), want: fault.ClockSkewed},
		{name: "shut out, with a wrong clock", listening: refusing, dialling: away, wall: wallAt(time.Now().Add(tenYears)), want: fault.ClockSkewed},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := listen(t, c.listening, nil)
			if c.protocol == "" {
				c.protocol = transport.Session
			}
			peers := echo(t, l, c.protocol)
			d := dialer(c.dialling)
			if c.wall != nil {
				d.Wall = c.wall
			}
			conn, err := d.Dial(t.Context(), l.Addresses()[0], c.protocol, c.expect)
			if conn != nil || fault.CodeOf(err) != c.want {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			l.Close()
			if len(peers) != 0 {
				t.Fatalf("the listening side let in %+v", <-peers)
			}
		})
	}
}

func TestASmallSkewIsToldNotRefused(t *testing.T) {
	cluster := enroltest.New(t)
	l := listen(t, cluster.Node(t, "node", "LYO"), nil)
	peers := echo(t, l, transport.Session)
	d := dialer(cluster.Desktop(t, "laptop", "LYO"))
	d.Wall = func() time.Time { return time.Now().Add(3 * time.Hour) }
	conn, err := d.Dial(t.Context(), l.Addresses()[0], transport.Session, record.DeviceID{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	near := func(got, want time.Duration) bool { return (got - want).Abs() < 5*time.Second }
	if peer := <-peers; !near(peer.Skew, 3*time.Hour) || !near(conn.Peer().Skew, -3*time.Hour) {
		t.Fatalf("skews %v and %v", peer.Skew, conn.Peer().Skew)
	}
}

func TestCertificatesChangeWithoutARestart(t *testing.T) {
	cluster := enroltest.New(t)
	start := time.Now()
	var now atomic.Int64
	now.Store(start.UnixNano())
	wall := func() time.Time { return time.Unix(0, now.Load()) }
	cluster.Wall = wall
	nodeIdentity := enrol.Identity{Role: enrol.Node, Name: "node", Sites: []string{"LYO"}}
	desktopIdentity := enrol.Identity{Role: enrol.Desktop, Name: "laptop", Sites: []string{"LYO"}}
	node, desktop := cluster.Member(t, nodeIdentity, nil), cluster.Member(t, desktopIdentity, nil)
	l := listen(t, node, func(c *transport.Config) { c.Wall = wall })
	echo(t, l, transport.Session)
	d := dialer(desktop)
	d.Wall = wall
	try := func() error {
		conn, err := d.Dial(t.Context(), l.Addresses()[0], transport.Session, record.DeviceID{})
		if err == nil {
			mustEcho(t, conn)
			conn.Close()
		}
		return err
	}
	if err := try(); err != nil {
		t.Fatal(err)
	}
	now.Store(start.Add(enrol.CertificateTime + time.Hour).UnixNano())
	if err := try(); !fault.Is(err, enrol.CertificateExpired) {
		t.Fatalf("both expired: %v", err)
	}
	if !node.RenewalDue(wall()) {
		t.Fatal("no renewal due")
	}
	for credentials, identity := range map[*enrol.Credentials]enrol.Identity{node: nodeIdentity, desktop: desktopIdentity} {
		if err := credentials.Replace(cluster.Membership(t, credentials.Device(), identity)); err != nil {
			t.Fatal(err)
		}
	}
	if err := try(); err != nil {
		t.Fatalf("after renewal: %v", err)
	}
}

func TestPortInUse(t *testing.T) {
	node := enroltest.New(t).Node(t, "node", "LYO")
	l := listen(t, node, nil)
	config := transport.Config{
		Addresses: []string{"127.0.0.1:0", l.Addresses()[0]}, Protocols: everything, Credentials: node, Wall: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	if _, err := transport.Listen(t.Context(), config); !fault.Is(err, fault.PortInUse) {
		t.Fatalf("got %v", err)
	}
	config.Addresses = []string{"192.0.2.1:1"}
	if _, err := transport.Listen(t.Context(), config); !fault.Is(err, fault.Invalid) {
		t.Fatalf("an address that this machine does not have: %v", err)
	}
}

func TestSeveralAddressesOnePort(t *testing.T) {
	cluster := enroltest.New(t)
	l := listen(t, cluster.Node(t, "node", "LYO"), func(c *transport.Config) { c.Addresses = []string{"127.0.0.1:0", "127.0.0.2:0"} })
	peers := echo(t, l, transport.Session)
	for _, address := range l.Addresses() {
		conn, err := dialer(cluster.Desktop(t, "laptop", "LYO")).Dial(t.Context(), address, transport.Session, record.DeviceID{})
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
		<-peers
	}
}

func TestNobodyThere(t *testing.T) {
	cluster := enroltest.New(t)
	desktop := cluster.Desktop(t, "laptop", "LYO")
	l := listen(t, cluster.Node(t, "node", "LYO"), func(c *transport.Config) { c.Protocols = []string{transport.Session} })
	address := l.Addresses()[0]
	if _, err := dialer(cluster.Node(t, "n", "LYO")).Dial(t.Context(), address, transport.Raft, record.DeviceID{}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a protocol that is not offered: %v", err)
	}
	if l.Protocol(transport.Raft) != nil {
		t.Error("a listener for a protocol that is not offered")
	}
	l.Close()
	if _, err := dialer(desktop).Dial(t.Context(), address, transport.Session, record.DeviceID{}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a closed port: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	silent := dialer(desktop)
	silent.Connect = func(context.Context, string) (net.Conn, error) {
		here, there := net.Pipe()
		t.Cleanup(func() { there.Close() })
		context.AfterFunc(t.Context(), func() { there.Close() })
		go cancel()
		return here, nil
	}
	if _, err := silent.Dial(ctx, "silent:1", transport.Session, record.DeviceID{}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a silent peer: %v", err)
	}
}
