package store

import (
	"context"
	"testing"
)

// By hand, an edit that lost its id waits for Settle, and Settle returns only once it is offered again.
func TestSettleOffersLostEditsAgain(t *testing.T) {
	ctx := context.Background()
	device, other := newSigner("A"), newSigner("N")
	a, a2 := cloned(t, device)
	node := newStoreOf(t, other)
	_, err := a.Append(ctx, draftOf(newID(), true, "Written on A"))
	must(t, err)
	lost := newID()
	_, err = a2.Append(ctx, draftOf(lost, true, "Written on A2"))
	must(t, err)
	sendAll(t, a, node, device)
	commitAll(t, node)
	dir := a2.cfg.Dir
	must(t, a2.Close())
	cfg := configIn(dir, device)
	cfg.ByHand = true
	a2 = openStore(t, cfg)
	copyCommits(t, node, a2)
	if a2.PendingCount() != 0 {
		t.Fatalf("%d edits are offered before anybody asked", a2.PendingCount())
	}
	must(t, a2.Settle(ctx))
	if a2.PendingCount() != 1 || titleOf(t, a2, lost) != "Written on A2" {
		t.Errorf("%d edits are offered again", a2.PendingCount())
	}
	must(t, a2.Close())
	if err := a2.Settle(ctx); err == nil {
		t.Error("a closed store settles")
	}
}
