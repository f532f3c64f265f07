package program

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/backend/exchange"
	"holdfast/backend/people"
	"holdfast/backend/record"
)

// leftBehind makes a cluster that was recovered on a desktop while its only node was away. The node agreed alone to a ticket with a file, which nobody else has.
func leftBehind(t *testing.T) (home string, recovered *Program, only record.ID, file record.Hash) {
	t.Helper()
	home = t.TempDir()
	p := founded(t, home)
	key, err := p.Services().Sync.RecoveryKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	known := report(t, p)
	folder := t.TempDir()
	desktop := joined(t, p, folder)
	come(t, func() bool { return seen(desktop, known) && desktop.site.store.PendingCount() == 0 })
	shutAt(t, desktop)
	if file, _, err = p.site.store.Blobs().Put(t.Context(), strings.NewReader("What only the node has")); err != nil {
		t.Fatal(err)
	}
	only = uuid.Must(uuid.NewV7())
	_, err = p.site.store.Append(t.Context(), record.Draft{
		Space: record.SiteSpace("LYO"), Author: p.site.actor().Person, Action: exchange.Action, Blobs: []record.Hash{file}, Mutations: []record.Mutation{
			{Op: record.OpCreate, Record: only, Kind: "incident"},
			{Op: record.OpSet, Record: only, Field: "title", Value: record.Text(secret)},
			{Op: record.OpTransition, Record: only, Field: "status", Value: record.Text("new")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	until(t, p, func() bool { return p.site.store.PendingCount() == 0 })
	shutAt(t, p)
	if _, err := Recover(t.Context(), quietly(folder), Recovering{Key: key}); err != nil {
		t.Fatal(err)
	}
	recovered, err = Open(t.Context(), quietly(folder))
	if err != nil {
		t.Fatal(err)
	}
	return home, recovered, only, file
}

func inviteFor(t *testing.T, p *Program, role string) string {
	t.Helper()
	var invite api.Invite
	come(t, func() bool {
		var err error
		invite, err = p.Services().Sync.Invite(t.Context(), api.InviteWish{Role: role, Hours: 1})
		return err == nil
	})
	return invite.Text
}

// errCrash ends a return as a crash does.
var errCrash = fault.New(fault.Internal, "test", "The computer crashed.")

// crashAt runs the return until it reaches a step that it has not reached before.
func crashAt(t *testing.T, home, invite string, reached map[string]bool) (done Rejoined, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	config := defaults(quietly(home))
	config.Role = Node
	r := newRejoining(config, invite, func(string) {})
	r.reached = func(step string) {
		if reached[step] {
			return
		}
		reached[step] = true
		if step == "joined" || step == "files taken along" || step == "retired" {
			cancel() // the program is open, and must let go of the folder as a process does that ends
			return
		}
		panic(errCrash)
	}
	defer func() {
		if crash := recover(); crash != nil {
			err = crash.(error)
		}
	}()
	return r.rejoin(ctx)
}

func TestANodeThatWasLeftBehindJoinsAgain(t *testing.T) {
	home, recovered, only, file := leftBehind(t)
	defer shutAt(t, recovered)
	before := founderOf(t, home)
	if _, err := Rejoin(t.Context(), quietly(home), inviteFor(t, recovered, "desktop"), func(string) {}); !fault.Is(err, fault.Invalid) {
		t.Errorf("with an invite for a desktop: %v", err)
	}
	invite := inviteFor(t, recovered, "node")
	reached := map[string]bool{}
	var done Rejoined
	err := error(errCrash)
	crashes := 0
	for ; err != nil; crashes++ {
		if crashes > 20 {
			t.Fatal(err)
		}
		done, err = crashAt(t, home, invite, reached)
	}
	t.Logf("after %d crashes: %+v", crashes-1, done)
	if crashes < 6 || done.Aside == "" {
		t.Errorf("it crashed %d times: %v", crashes-1, reached)
	}
	for _, part := range []string{"store", "device", "configuration.git", "raft"} {
		if _, err := os.Stat(filepath.Join(done.Aside, part)); err != nil {
			t.Errorf("what it held is not set aside: %v", err)
		}
	}
	come(t, func() bool {
		state, err := recovered.site.store.Committed(only)
		return err == nil && state != nil && state.Shown("number").AsText() != ""
	})
	node, err := Open(t.Context(), quietly(home))
	if err != nil {
		t.Fatal(err)
	}
	defer shutAt(t, node)
	come(t, func() bool {
		return node.entered().store.Frontier(record.SiteSpace("LYO")) == recovered.site.store.Frontier(record.SiteSpace("LYO")) && seen(node, only)
	})
	if !node.entered().store.Blobs().Has(file) || node.device.ID() == before || node.entered().sharing.fenced() {
		t.Errorf("file there: %v, a new device: %v, fenced: %v", node.entered().store.Blobs().Has(file), node.device.ID() != before, node.entered().sharing.fenced())
	}
	come(t, func() bool {
		state, err := recovered.site.store.Committed(people.DeviceRecord(before))
		return err == nil && state.Shown(people.FieldShutOut).AsText() == people.Left && strings.Contains(state.Shown(people.FieldRevoked).AsText(), node.device.ID().String())
	})
	come(t, func() bool {
		members, err := recovered.Services().Sync.Members(t.Context())
		return err == nil && len(members.Members) == 2 && members.Members[0].Voter && members.Members[1].Voter
	})
}

// founderOf gives the device of a folder.
func founderOf(t *testing.T, folder string) record.DeviceID {
	t.Helper()
	p := openAt(t, folder)
	defer shutAt(t, p)
	return p.device.ID()
}

func TestWhoWasNotLeftBehindDoesNotJoinAgain(t *testing.T) {
	home, elsewhere := t.TempDir(), t.TempDir()
	p := founded(t, home)
	desktop := joined(t, p, elsewhere)
	shutAt(t, desktop)
	invite := inviteFor(t, p, "node")
	if _, err := Rejoin(t.Context(), quietly(elsewhere), invite, func(string) {}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a desktop: %v", err)
	}
	if _, err := Rejoin(t.Context(), quietly(home), invite, func(string) {}); !fault.Is(err, fault.InUse) {
		t.Errorf("a folder in use: %v", err)
	}
	shutAt(t, p)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Rejoin(ctx, quietly(home), invite, func(string) { cancel() })
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.SentenceOf(err), "Nothing was changed") {
		t.Errorf("a node of a cluster that was never recovered: %v", err)
	}
	p = openAt(t, home)
	defer shutAt(t, p)
	report(t, p)
}

// A desktop whose cluster is at other addresses by now finds it with an invite, which stays unused, and keeps all that it had not shared.
func TestAnInviteLeadsADeviceToItsOwnCluster(t *testing.T) {
	home, folder := t.TempDir(), t.TempDir()
	p := founded(t, home)
	desktop := joined(t, p, folder)
	before := []string{desktop.site.sharing.place.Listen, p.site.sharing.place.Listen}
	shutAt(t, desktop)
	shutAt(t, p)
	for _, address := range before { // neither finds the other where it was
		taken, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
	}
	desktop = openAt(t, folder)
	defer shutAt(t, desktop)
	unshared := reportOnly(t, desktop)
	moved := openAt(t, home)
	defer shutAt(t, moved)
	invite := inviteFor(t, moved, "desktop")
	if _, err := desktop.Join(t.Context(), api.Joining{Invite: invite}); err != nil {
		t.Fatal(err)
	}
	come(t, func() bool { return seen(moved, unshared) && desktop.site.store.PendingCount() == 0 })
	invites, err := moved.Services().Sync.Invites(t.Context())
	if err != nil || len(invites) == 0 || invites[0].Used != nil {
		t.Errorf("the invite was used: %+v, %v", invites, err)
	}
	other := founded(t, t.TempDir())
	defer shutAt(t, other)
	if _, err := desktop.Join(t.Context(), api.Joining{Invite: inviteFor(t, other, "desktop")}); !fault.Is(err, fault.Conflict) {
		t.Errorf("an invite of another cluster: %v", err)
	}
}
