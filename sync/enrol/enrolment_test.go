package enrol_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

// office is a cluster with one node that admits devices at an address.
type office struct {
	issuer      *enrol.Issuer
	credentials *enrol.Credentials
	address     string
	admitted    []enrol.Admission
	refuse      error
	mu          sync.Mutex
	now         time.Time
}

func (o *office) wall() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

func openOffice(t testing.TB, change func(*enrol.IssuerConfig)) *office {
	t.Helper()
	o := &office{now: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)}
	device := newDevice(t)
	authority, membership, err := enrol.Found(device, founding(), o.wall, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if o.credentials, err = enrol.NewCredentials(device, membership, nil); err != nil {
		t.Fatal(err)
	}
	config := enrol.IssuerConfig{
		Authority: authority, Ledger: openLedger(t, filepath.Join(t.TempDir(), "invites")), Wall: o.wall, Random: rand.Reader,
		Log:      slog.New(slog.DiscardHandler),
		Admitted: func(_ context.Context, a enrol.Admission) error { o.admitted = append(o.admitted, a); return o.refuse },
		Peers: func() []enrol.Peer {
			return []enrol.Peer{{Device: device.ID(), Role: enrol.Node, Name: "node 1", Addresses: []string{o.address}}}
		},
	}
	if change != nil {
		change(&config)
	}
	o.issuer = enrol.NewIssuer(config)
	o.address = serve(t, o.issuer, o.credentials)
	return o
}

func serve(t testing.TB, issuer *enrol.Issuer, credentials *enrol.Credentials) (address string) {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		MinVersion: tls.VersionTLS13, NextProtos: []string{enrol.Protocol},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return credentials.Certificate(), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := issuer.Serve(context.Background(), listener); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { listener.Close(); serving.Wait() })
	return listener.Addr().String()
}

func (o *office) invite(t testing.TB, role enrol.Role) enrol.Invite {
	t.Helper()
	invite, err := o.issuer.Invite(t.Context(), enrol.InviteWish{Site: "LYO", Role: role, Addresses: []string{o.address}})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := enrol.ParseInvite(textOf(t, invite))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func (o *office) applicant(t testing.TB) enrol.Applicant {
	return enrol.Applicant{Device: newDevice(t), Name: "Anna's laptop", PersonName: "Anna", Wall: o.wall, Random: rand.Reader, Addresses: []string{"10.0.0.9:7400"}}
}

func TestDesktopJoins(t *testing.T) {
	o := openOffice(t, nil)
	anna := o.applicant(t)
	joined, err := anna.Join(t.Context(), o.invite(t, enrol.Desktop))
	if err != nil {
		t.Fatal(err)
	}
	if joined.Authority != nil {
		t.Error("a desktop got the authority's key")
	}
	credentials, err := enrol.NewCredentials(anna.Device, joined.Membership, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := credentials.Identity()
	if got.Role != enrol.Desktop || got.Name != "Anna's laptop" || got.Site() != "LYO" || got.Person == uuid.Nil || got.Device != anna.Device.ID() {
		t.Errorf("%+v", got)
	}
	if !slices.Equal(got.Spaces(), []record.Space{"org", "site/LYO"}) {
		t.Errorf("spaces %v", got.Spaces())
	}
	if _, err := o.credentials.Verify(joined.Membership.Certificate); err != nil {
		t.Errorf("the node does not accept the new device: %v", err)
	}
	if m := joined.Membership; m.ClusterName != "Loire hospitals" || len(m.Peers) != 1 || m.Peers[0].Addresses[0] != o.address {
		t.Errorf("%+v", m)
	}
	if len(o.admitted) != 1 || o.admitted[0].Device != anna.Device.ID() || o.admitted[0].PersonName != "Anna" || o.admitted[0].Person != got.Person ||
		record.DeviceOf(o.admitted[0].PublicKey) != anna.Device.ID() || o.admitted[0].Addresses[0] != "10.0.0.9:7400" {
		t.Errorf("the program was told %+v", o.admitted)
	}
}

// A node that joined can admit others itself, also when the first node is gone.
func TestNodeJoinsAndAdmits(t *testing.T) {
	o := openOffice(t, nil)
	second := o.applicant(t)
	joined, err := second.Join(t.Context(), o.invite(t, enrol.Node))
	if err != nil {
		t.Fatal(err)
	}
	if joined.Authority == nil || joined.Authority.Fingerprint() != o.issuer.Authority.Fingerprint() {
		t.Fatal("the node did not get the authority")
	}
	credentials, err := enrol.NewCredentials(second.Device, joined.Membership, nil)
	if err != nil {
		t.Fatal(err)
	}
	issuer := enrol.NewIssuer(enrol.IssuerConfig{
		Authority: joined.Authority, Ledger: openLedger(t, filepath.Join(t.TempDir(), "invites")), Wall: o.wall, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
	})
	invite, err := issuer.Invite(t.Context(), enrol.InviteWish{Site: "PAR", Role: enrol.Desktop, Addresses: []string{"127.0.0.1:1", serve(t, issuer, credentials)}})
	if err != nil {
		t.Fatal(err)
	}
	third, err := o.applicant(t).Join(t.Context(), invite)
	if err != nil {
		t.Fatal(err)
	}
	if identity, err := o.credentials.Verify(third.Membership.Certificate); err != nil || identity.Site() != "PAR" {
		t.Fatalf("the first node does not accept whom the second admitted: %+v, %v", identity, err)
	}
}

func TestInvitesThatAreRefused(t *testing.T) {
	o, elsewhere := openOffice(t, nil), openOffice(t, nil)
	used, withdrawn, lapsed := o.invite(t, enrol.Desktop), o.invite(t, enrol.Desktop), o.invite(t, enrol.Desktop)
	first := o.applicant(t)
	if _, err := first.Join(t.Context(), used); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Join(t.Context(), used); err != nil {
		t.Fatalf("the same device, whose first answer was lost: %v", err)
	}
	if err := o.issuer.Ledger.Withdraw(t.Context(), withdrawn.ID()); err != nil {
		t.Fatal(err)
	}
	made := used
	made.Secret = enrol.Secret{7}
	foreign := elsewhere.invite(t, enrol.Desktop)
	foreign.Addresses = []string{o.address}
	nobody := used
	nobody.Addresses = []string{"127.0.0.1:1"}
	for _, c := range []struct {
		name   string
		invite enrol.Invite
		after  time.Duration
		skewed time.Duration
		want   fault.Code
		says   string
	}{
		{name: "used by another device", invite: used, want: enrol.InviteUsed, says: "21 November 2026"},
		{name: "withdrawn", invite: withdrawn, want: enrol.InviteUnknown},
		{name: "made up", invite: made, want: enrol.InviteUnknown},
		{name: "of another cluster", invite: foreign, want: enrol.WrongAuthority},
		{name: "nobody there", invite: nobody, want: fault.Unavailable, says: "127.0.0.1:1"},
		{name: "clock ten years ahead", invite: lapsed, skewed: 10 * 365 * 24 * time.Hour, want: fault.ClockSkewed, says: "2036"},
		{name: "clock ten years behind", invite: lapsed, skewed: -10 * 365 * 24 * time.Hour, want: fault.ClockSkewed, says: "2016"},
		{name: "expired", invite: lapsed, after: 25 * time.Hour, want: enrol.InviteExpired, says: "22 November 2026"},
		{name: "expired, and used by another", invite: used, want: enrol.InviteUsed},
		{name: "expired, and nobody there", invite: nobody, want: enrol.InviteExpired},
	} {
		t.Run(c.name, func(t *testing.T) {
			o.pass(c.after)
			a := o.applicant(t)
			a.Wall = clock.Wall(func() time.Time { return o.wall().Add(c.skewed) })
			joined, err := a.Join(t.Context(), c.invite)
			if joined != nil || !fault.Is(err, c.want) || !strings.Contains(fault.SentenceOf(err), c.says) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
		})
	}
	if len(o.admitted) != 2 {
		t.Errorf("%d admissions, want the first device's two", len(o.admitted))
	}
}

func TestWhoeverIsInvitedIsNobodyElse(t *testing.T) {
	admin, own, invited := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	o := openOffice(t, func(c *enrol.IssuerConfig) {
		c.ClaimPerson = func(_ context.Context, person record.ID, _ record.DeviceID) bool { return person != admin }
	})
	join := func(claimed, named record.ID) record.ID {
		t.Helper()
		invite, err := o.issuer.Invite(t.Context(), enrol.InviteWish{Site: "LYO", Role: enrol.Desktop, Person: named, Addresses: []string{o.address}})
		if err != nil {
			t.Fatal(err)
		}
		a := o.applicant(t)
		a.Person = claimed
		var got []record.ID
		for range 2 {
			joined, err := a.Join(t.Context(), invite)
			if err != nil {
				t.Fatal(err)
			}
			identity, err := o.credentials.Verify(joined.Membership.Certificate)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, identity.Person)
		}
		if got[0] != got[1] {
			t.Error("a repeated enrolment gave another person")
		}
		return got[0]
	}
	if got := join(admin, uuid.Nil); got == admin || got == uuid.Nil {
		t.Errorf("who claimed to be the administrator is %v", got)
	}
	if got := join(own, uuid.Nil); got != own {
		t.Errorf("who brought a person of his own is %v", got)
	}
	if got := join(own, invited); got != invited {
		t.Errorf("who was invited as a person is %v", got)
	}
}

func TestAnAdmissionThatTheClusterCannotNoteIsNotLost(t *testing.T) {
	o := openOffice(t, nil)
	invite, anna := o.invite(t, enrol.Desktop), o.applicant(t)
	o.refuse = errors.New("no leader")
	if _, err := anna.Join(t.Context(), invite); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("got %v", err)
	}
	o.refuse = nil
	if _, err := anna.Join(t.Context(), invite); err != nil {
		t.Fatalf("the second try: %v", err)
	}
}

func TestRenewal(t *testing.T) {
	var shutOut record.DeviceID
	o := openOffice(t, func(c *enrol.IssuerConfig) { c.Revoked = func(d record.DeviceID) bool { return d == shutOut } })
	anna, elsewhere := o.applicant(t), openOffice(t, nil)
	joined, err := anna.Join(t.Context(), o.invite(t, enrol.Desktop))
	if err != nil {
		t.Fatal(err)
	}
	credentials, err := enrol.NewCredentials(anna.Device, joined.Membership, nil)
	if err != nil {
		t.Fatal(err)
	}
	before := credentials.Identity()
	if credentials.RenewalDue(o.wall()) {
		t.Error("due at once")
	}
	o.pass(2 * enrol.CertificateTime) // cut off for two years: expired, and still to be renewed
	if !credentials.RenewalDue(o.wall()) {
		t.Error("never due")
	}
	renewed, err := anna.Renew(t.Context(), joined.Membership, []string{"127.0.0.1:1", o.address})
	if err != nil {
		t.Fatal(err)
	}
	if err := credentials.Replace(renewed.Membership); err != nil {
		t.Fatal(err)
	}
	after := credentials.Identity()
	if !after.Expires.After(o.wall()) || after.Person != before.Person || after.Role != before.Role || after.Name != before.Name || after.Site() != before.Site() {
		t.Errorf("before %+v, after %+v", before, after)
	}
	if last := o.admitted[len(o.admitted)-1]; !last.Renewal || last.Device != anna.Device.ID() {
		t.Errorf("the program was told %+v", last)
	}
	thief := o.applicant(t)
	if _, err := thief.Renew(t.Context(), joined.Membership, []string{o.address}); !fault.Is(err, enrol.NotEnrolled) {
		t.Errorf("another device renewed it: %v", err)
	}
	if _, err := anna.Renew(t.Context(), joined.Membership, []string{elsewhere.address}); !fault.Is(err, enrol.OtherCluster) {
		t.Errorf("renewed elsewhere: %v", err)
	}
	shutOut = anna.Device.ID()
	if _, err := anna.Renew(t.Context(), joined.Membership, []string{o.address}); !fault.Is(err, enrol.DeviceRevoked) {
		t.Errorf("shut out: %v", err)
	}
}

// An enrolled desktop that answers in a node's place can neither admit nor carry the proofs on.
func TestAnEnrolledImpostor(t *testing.T) {
	o := openOffice(t, nil)
	mallory := o.applicant(t)
	joined, err := mallory.Join(t.Context(), o.invite(t, enrol.Desktop))
	if err != nil {
		t.Fatal(err)
	}
	genuine, err := enrol.NewCredentials(mallory.Device, joined.Membership, nil)
	if err != nil {
		t.Fatal(err)
	}
	own, err := enrol.NewAuthority("Loire hospitals", o.wall, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	impostor := enrol.NewIssuer(enrol.IssuerConfig{Authority: own, Ledger: yes{o.issuer.Ledger}, Wall: o.wall, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	invite := o.invite(t, enrol.Desktop)
	invite.Addresses = []string{serve(t, impostor, genuine)}
	if _, err := o.applicant(t).Join(t.Context(), invite); !fault.Is(err, enrol.WrongAuthority) {
		t.Fatalf("got %v", err)
	}
	if issued, err := o.issuer.Ledger.Find(t.Context(), invite.ID()); err != nil || !issued.UsedBy.IsZero() {
		t.Fatalf("the invite was used up: %+v, %v", issued, err)
	}
	relay := relayTo(t, o.address)
	invite.Addresses = []string{relay}
	if _, err := o.applicant(t).Join(t.Context(), invite); err != nil {
		t.Fatalf("a relay that changes nothing is no harm: %v", err)
	}
}

// yes lets anybody use an invite and marks nothing.
type yes struct{ enrol.Ledger }

func (yes) Use(context.Context, enrol.InviteID, record.DeviceID, time.Time) error { return nil }

// relayTo passes bytes on, below TLS.
func relayTo(t testing.TB, address string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var relaying sync.WaitGroup
	t.Cleanup(func() { listener.Close(); relaying.Wait() })
	relaying.Go(func() {
		here, err := listener.Accept()
		if err != nil {
			return
		}
		defer here.Close()
		there, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		defer there.Close()
		relaying.Go(func() { copyAll(there, here) })
		copyAll(here, there)
	})
	return listener.Addr().String()
}

func copyAll(to, from net.Conn) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if _, err2 := to.Write(buffer[:n]); err != nil || err2 != nil {
			to.Close()
			return
		}
	}
}
