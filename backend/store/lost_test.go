package store

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"holdfast/backend/record"
)

// The journal still holds an edit that lost its id. Opening the store again must not bring it back beside the one that it is offered again as.
func TestALostEditDoesNotComeBackFromTheJournal(t *testing.T) {
	ctx := context.Background()
	device, other := newSigner("A"), newSigner("N")
	a, a2 := cloned(t, device)
	node := newStoreOf(t, other)
	mine, theirs := newID(), newID()
	_, err := a.Append(ctx, draftOf(mine, true, "Written on A"))
	must(t, err)
	_, err = a2.Append(ctx, draftOf(theirs, true, "Written on A2"), draftOf(theirs, false, "Written twice on A2"))
	must(t, err)
	sendAll(t, a, node, device)
	commitAll(t, node)
	copyCommits(t, node, a2)
	waitFor(t, a2, func() bool { return a2.PendingCount() == 2 })
	before := a2.Tails(lyon)

	dir := a2.cfg.Dir
	must(t, a2.Close())
	must(t, os.Remove(filepath.Join(dir, cleanName)))
	again := openStore(t, configIn(dir, device))
	after := again.Tails(lyon)
	if len(before) != 1 || len(after) != 1 || after[0] != before[0] {
		t.Fatalf("tails %v before and %v after", before, after)
	}
	sendAll(t, again, node, device)
	commitAll(t, node)
	copyCommits(t, node, again)
	if n := again.PendingCount(); n != 0 {
		t.Errorf("%d edits are left over", n)
	}
	if f := node.Frontier(lyon); f.Commit != 4 {
		t.Errorf("%d commits", f.Commit)
	}
	for id, want := range map[record.ID]string{mine: "Written on A", theirs: "Written twice on A2"} {
		if got := titleOf(t, node, id); got != want {
			t.Errorf("the node has %q, want %q", got, want)
		}
	}
}

// What another copy of the device wrote may be committed before this one hears of it: from then on this one must not go on with that incarnation.
func TestACommitOfAnotherCopyEndsTheIncarnation(t *testing.T) {
	ctx := context.Background()
	device, other := newSigner("A"), newSigner("N")
	a, a2 := cloned(t, device)
	node := newStoreOf(t, other)
	_, err := a.Append(ctx, draftOf(newID(), true, "Written on A"))
	must(t, err)
	sendAll(t, a, node, device)
	commitAll(t, node)
	copyCommits(t, node, a2)
	later := newID()
	ids, err := a2.Append(ctx, draftOf(later, true, "Written on A2 after that"))
	must(t, err)
	if _, decided := node.Outcome(ids[0]); decided {
		t.Fatalf("%s is the id of another edit", ids[0])
	}
	sendAll(t, a2, node, device)
	commitAll(t, node)
	if got := titleOf(t, node, later); got != "Written on A2 after that" {
		t.Errorf("the node has %q", got)
	}
}

// An entry planned on one that never came about can meet the commit number that it was planned for. Its history tells.
func TestAnEntryOfAnotherHistoryIsRefused(t *testing.T) {
	ctx := context.Background()
	s := newStoreOf(t, newSigner("N"))
	_, err := s.Append(ctx, draftOf(newID(), true, "One"))
	must(t, err)
	commitAll(t, s)
	f := s.Frontier(lyon)
	entry := record.Entry{Format: record.FormatVersion, Space: lyon, Generation: f.Generation + 1, EvaluatedAt: f.Commit, Before: record.Hash{1}}
	if applied, err := s.Apply(ctx, entry, RaftPosition{}); applied || err != nil {
		t.Fatal(applied, err)
	}
	entry.Before = f.Chain
	if applied, err := s.Apply(ctx, entry, RaftPosition{}); !applied || err != nil {
		t.Fatal(applied, err)
	}
}
