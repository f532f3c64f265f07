package transport_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
	"holdfast/sync/enrol/enroltest"
	"holdfast/sync/transport"
)

// From an invite to a conversation, through one port; then the device is shut out.
func TestInviteJoinTalkAndBeShutOut(t *testing.T) {
	cluster := enroltest.New(t)
	var mu sync.Mutex
	var out record.DeviceID
	revoked := func(d record.DeviceID) bool {
		mu.Lock()
		defer mu.Unlock()
		return d == out
	}
	node := cluster.Member(t, enrol.Identity{Role: enrol.Node, Name: "node", Sites: []string{"LYO"}}, enroltest.ShuttingOut(revoked))
	l := listen(t, node, nil)
	peers := echo(t, l, transport.Session)
	ledger, err := enrol.OpenFileLedger(filepath.Join(t.TempDir(), "invites"))
	if err != nil {
		t.Fatal(err)
	}
	issuer := enrol.NewIssuer(enrol.IssuerConfig{
		Authority: cluster.Authority, Ledger: ledger, Wall: time.Now, Random: rand.Reader, Revoked: revoked, Log: slog.New(slog.DiscardHandler),
	})
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := issuer.Serve(context.Background(), l.Protocol(transport.Enrolment)); err != nil {
			t.Error(err)
		}
	})
	defer serving.Wait()
	defer l.Close()
	invite, err := issuer.Invite(t.Context(), enrol.InviteWish{Site: "LYO", Role: enrol.Desktop, Addresses: l.Addresses()})
	if err != nil {
		t.Fatal(err)
	}
	device, err := enrol.LoadOrCreateDevice(filepath.Join(t.TempDir(), "device.key"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	applicant := enrol.Applicant{Device: device, Name: "laptop", Wall: time.Now, Random: rand.Reader}
	joined, err := applicant.Join(t.Context(), invite)
	if err != nil {
		t.Fatal(err)
	}
	credentials, err := enrol.NewCredentials(device, joined.Membership, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := dialer(credentials).Dial(t.Context(), invite.Addresses[0], transport.Session, node.Device().ID())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	mustEcho(t, conn)
	if peer := <-peers; peer.Device != device.ID() || peer.Name != "laptop" {
		t.Fatalf("the node sees %+v", peer)
	}
	mu.Lock()
	out = device.ID()
	mu.Unlock()
	l.Drop(device.ID())
	if !ends(t, conn) {
		t.Fatal("a device that was shut out was answered")
	}
	if _, err := dialer(credentials).Dial(t.Context(), invite.Addresses[0], transport.Session, record.DeviceID{}); !fault.Is(err, enrol.DeviceRevoked) {
		t.Fatalf("got %v", err)
	}
	if _, err := applicant.Renew(t.Context(), joined.Membership, invite.Addresses); !fault.Is(err, enrol.DeviceRevoked) {
		t.Fatalf("got %v", err)
	}
}
