package node_test

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"testing"
	"time"

	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/node"
	"holdfast/sync/node/nodetest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start runs a node until the test ends or stop is called.
func start(t testing.TB, cfg node.Config) (n *node.Node, stop func()) {
	t.Helper()
	if cfg.Decider == nil {
		cfg.Decider = nodetest.Decider{}
	}
	n, err := node.New(context.Background(), cfg)
	must(t, err)
	stop = func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return n, stop
}

// alone runs an embedded node on a store.
func alone(t testing.TB, s *store.Store, device nodetest.Signer, dir string) (*node.Node, func()) {
	t.Helper()
	return start(t, configOf(s, device, dir))
}

// until waits until the store's content fulfils a condition, which is asked again after each change.
func until(t testing.TB, s *store.Store, what string, holds func() bool) {
	t.Helper()
	changes := s.Subscribe(1)
	defer changes.Close()
	patience := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-changes.C():
		case <-patience:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func committed(t testing.TB, s *store.Store) {
	t.Helper()
	until(t, s, "nothing is tentative", func() bool { return s.PendingCount() == 0 })
}

func appendAll(t testing.TB, s *store.Store, drafts ...record.Draft) []record.EditID {
	t.Helper()
	ids, err := s.Append(context.Background(), drafts...)
	must(t, err)
	return ids
}

func TestADesktopOnItsOwnCommits(t *testing.T) {
	device := nodetest.NewSigner("desktop")
	s := nodetest.Store(t, t.TempDir(), device)
	begun := time.Now()
	alone(t, s, device, t.TempDir())
	ticket := nodetest.NewID()
	ids := appendAll(t, s, nodetest.Ticket(ticket, "Printer on fire"), nodetest.Take(ticket, "Ada"), nodetest.Take(ticket, "Bob"))
	committed(t, s)
	t.Logf("committed %v after the start", time.Since(begun))
	state, err := s.Committed(ticket)
	must(t, err)
	if got := state.Shown(nodetest.Number).AsText(); got != "TCK-LYO-00001" {
		t.Errorf("the number is %q", got)
	}
	if got := state.Shown(nodetest.Owner).AsText(); got != "Ada" {
		t.Errorf("the owner is %q", got)
	}
	for i, want := range []record.Result{record.Applied, record.Applied, record.Parked} {
		if o, found := s.Outcome(ids[i]); !found || o.Result != want || o.Commit != uint64(i)+1 {
			t.Errorf("outcome %d is %+v", i, o)
		}
	}
	if f := s.Frontier(nodetest.Lyon); f.Generation != 1 || f.Commit != 3 {
		t.Errorf("the frontier is %+v", f)
	}
}

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

func keyOf(device store.Signer) func(record.DeviceID) ed25519.PublicKey {
	return func(id record.DeviceID) ed25519.PublicKey {
		if id == device.ID() {
			return device.PublicKey()
		}
		return nil
	}
}

func TestRestartFromDisk(t *testing.T) {
	device := nodetest.NewSigner("desktop")
	s := nodetest.Store(t, t.TempDir(), device)
	dir := t.TempDir()
	made, drafts := tickets(10)
	var ids []record.EditID
	for i := range drafts {
		_, stop := alone(t, s, device, dir)
		ids = append(ids, appendAll(t, s, drafts[i])...)
		committed(t, s)
		stop()
	}
	checkOutcomes(t, s, ids, made)
}

// The log is lost or older than the store: an embedded group goes on where the store stands.
func TestALostLog(t *testing.T) {
	device := nodetest.NewSigner("desktop")
	s := nodetest.Store(t, t.TempDir(), device)
	made, drafts := tickets(3)
	var ids []record.EditID
	for i := range drafts {
		_, stop := alone(t, s, device, t.TempDir())
		ids = append(ids, appendAll(t, s, drafts[i])...)
		committed(t, s)
		stop()
	}
	checkOutcomes(t, s, ids, made)
	if position := s.RaftPosition(); position.Index < 3 {
		t.Errorf("the position is %+v", position)
	}
}

// The store was lost and begun anew, the log was not.
func TestALostStore(t *testing.T) {
	device := nodetest.NewSigner("desktop")
	dir := t.TempDir()
	first := nodetest.Store(t, t.TempDir(), device)
	n, stop := alone(t, first, device, dir)
	appendAll(t, first, nodetest.Ticket(nodetest.NewID(), "Lost"))
	committed(t, first)
	must(t, n.TrimLog())
	stop()
	second := nodetest.Store(t, t.TempDir(), device)
	alone(t, second, device, dir)
	made, drafts := tickets(5)
	ids := appendAll(t, second, drafts...)
	committed(t, second)
	checkOutcomes(t, second, ids, made)
}

func TestPoisonStopsNobody(t *testing.T) {
	device := nodetest.NewSigner("desktop")
	s := nodetest.Store(t, t.TempDir(), device)
	ticket := nodetest.NewID()
	explode := nodetest.Retitle(ticket, "Boom")
	explode.Action = nodetest.Explode
	ids := appendAll(t, s, nodetest.Ticket(ticket, "Before"), explode, nodetest.Retitle(ticket, "After"))
	alone(t, s, device, t.TempDir())
	committed(t, s)
	for i, want := range []record.Result{record.Applied, record.Poison, record.Conflict} {
		if o, found := s.Outcome(ids[i]); !found || o.Result != want {
			t.Errorf("outcome %d is %+v", i, o)
		}
	}
}

// An edit that cannot be decided holds up its own device only.
func TestAnEditThatWaitsHoldsUpItsDeviceOnly(t *testing.T) {
	device, other := nodetest.NewSigner("desktop"), nodetest.NewSigner("other")
	s, away := nodetest.Store(t, t.TempDir(), device), nodetest.Store(t, t.TempDir(), other)
	missing := nodetest.NewID()
	appendAll(t, away, nodetest.Retitle(missing, "Too early"), nodetest.Ticket(nodetest.NewID(), "Behind it"))
	give(t, away, other, s)
	alone(t, s, device, t.TempDir())
	ids := appendAll(t, s, nodetest.Ticket(nodetest.NewID(), "Independent"))
	until(t, s, "the independent edit is decided", func() bool { _, found := s.Outcome(ids[0]); return found })
	if s.PendingCount() != 2 {
		t.Errorf("%d are tentative", s.PendingCount())
	}
	appendAll(t, s, nodetest.Ticket(missing, "There now"))
	committed(t, s)
	state, err := s.Committed(missing)
	must(t, err)
	if got := state.Shown(nodetest.Title).AsText(); got != "There now" && got != "Too early" {
		t.Errorf("the title is %q", got)
	}
}

func TestAGenerationIsRaised(t *testing.T) {
	device := nodetest.NewSigner("desktop")
	s := nodetest.Store(t, t.TempDir(), device)
	dir := t.TempDir()
	_, stop := alone(t, s, device, dir)
	appendAll(t, s, nodetest.Ticket(nodetest.NewID(), "Old cluster"))
	committed(t, s)
	stop()
	start(t, node.Config{Store: s, Device: device.ID(), Dir: dir, Generation: 7})
	until(t, s, "the generation is 7", func() bool { return s.Frontier(nodetest.Lyon).Generation == 7 })
	appendAll(t, s, nodetest.Ticket(nodetest.NewID(), "New cluster"))
	committed(t, s)
	if f := s.Frontier(nodetest.Lyon); f.Generation != 7 || f.Commit != 2 {
		t.Errorf("the frontier is %+v", f)
	}
}

func configOf(s *store.Store, device nodetest.Signer, dir string) node.Config {
	return node.Config{Store: s, Device: device.ID(), Dir: dir}
}
