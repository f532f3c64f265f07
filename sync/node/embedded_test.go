package node_test

import (
	"context"
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
	return start(t, node.Config{Store: s, Device: device.ID(), Dir: dir})
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
