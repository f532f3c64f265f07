package store

import (
	"context"
	"fmt"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// longAway makes a device that took part once, and a node whose log was trimmed behind everything that the device lacks. The device has saved pending edits; the node holds the first.
func longAway(t *testing.T, dir string, device, other signer, pending int) (away, node *Store, first record.ID, saved []record.EditID) {
	t.Helper()
	ctx := context.Background()
	away, err := Open(ctx, configIn(dir, device))
	must(t, err)
	node = newStoreOf(t, other)
	first = newID()
	_, err = away.Append(ctx, draftOf(first, true, "Before the journey"))
	must(t, err)
	sendAll(t, away, node, device)
	commitAll(t, node)
	copyCommits(t, node, away)
	for n := range pending {
		ids, err := away.Append(ctx, draftOf(newID(), true, fmt.Sprintf("On the way %d", n)))
		must(t, err)
		saved = append(saved, ids...)
		if n == 0 {
			sendAll(t, away, node, device)
		}
	}
	commitAll(t, node)
	fill(t, node, 60)
	must(t, node.TrimLog(ctx, lyon, node.Frontier(lyon).Commit))
	return away, node, first, saved
}

// TestALongAbsenceEndsWithASnapshot is scenario 14 in the store: the log that the device lacks is gone, and it has commits and 300 edits of its own.
func TestALongAbsenceEndsWithASnapshot(t *testing.T) {
	ctx := context.Background()
	device, other, dir := newSigner("A"), newSigner("N"), t.TempDir()
	away, node, first, saved := longAway(t, dir, device, other, 300)
	before := away.Frontier(lyon)
	snapshot, err := node.SnapshotSpace(ctx, lyon, 10)
	must(t, err)
	defer snapshot.Close()
	in, err := away.ImportSpace(ctx, snapshot.Frontier())
	must(t, err)
	for range 5 {
		chunk, err := snapshot.Next(in.After(), 5<<10)
		must(t, err)
		must(t, in.Add(ctx, chunk))
	}
	stood := string(in.After())
	must(t, away.Close())

	away = openStore(t, configIn(dir, device))
	if away.Frontier(lyon) != before || titleOf(t, away, first) != "Before the journey" || away.PendingCount() != 300 {
		t.Fatalf("in the middle the device stands at %v with %d pending", away.Frontier(lyon), away.PendingCount())
	}
	in, err = away.ImportSpace(ctx, snapshot.Frontier())
	must(t, err)
	if string(in.After()) != stood {
		t.Fatalf("it stands at %x and stood at %x", in.After(), stood)
	}
	news := away.Subscribe(1)
	defer news.Close()
	finish(t, snapshot, in)
	if set := <-news.C(); !set.Everything {
		t.Errorf("the new state was announced as %+v", set)
	}
	if away.Frontier(lyon) != node.Frontier(lyon) || away.PendingCount() != 299 {
		t.Fatalf("%v against %v, %d pending", away.Frontier(lyon), node.Frontier(lyon), away.PendingCount())
	}
	wantNoFindings(t, away)
	wantNoStagedRows(t, away)
	sendAll(t, away, node, device)
	commitAll(t, node)
	copyCommits(t, node, away)
	for _, id := range saved[1:] {
		if _, decided := away.Outcome(id); !decided {
			t.Fatalf("the edit %s has no outcome", id)
		}
	}
	if away.CommittedSequence(lyon, saved[0].Incarnation) < saved[0].Sequence || away.PendingCount() != 0 || away.Frontier(lyon) != node.Frontier(lyon) {
		t.Errorf("%d pending at %v", away.PendingCount(), away.Frontier(lyon))
	}
	wantNoFindings(t, away)
}

func wantNoStagedRows(t *testing.T, s *Store) {
	t.Helper()
	must(t, s.db.view("test", func(txn *badger.Txn) error {
		for _, family := range []byte{famStaged, famImport} {
			if err := scanKeys(txn, []byte{family}, func(key []byte) error { t.Errorf("%q is left", key); return nil }); err != nil {
				return err
			}
		}
		return nil
	}))
}

// TestOwnCommitsOutliveTheLog: what this device wrote stays with it, whether its log is trimmed or replaced.
func TestOwnCommitsOutliveTheLog(t *testing.T) {
	ctx := context.Background()
	device, dir := newSigner("A"), t.TempDir()
	away, node, _, _ := longAway(t, dir, device, newSigner("N"), 1)
	own, err := away.Commits(lyon, 1, 1)
	must(t, err)
	edit, err := record.Open(own[0].Sealed)
	must(t, err)
	takeOver(t, node, away, 1<<20)
	wantOwn := func(s *Store, when string) {
		t.Helper()
		kept, err := s.Edit(edit.ID)
		must(t, err)
		if kept == nil || kept.Sealed.Hash() != edit.Sealed.Hash() {
			t.Errorf("%s the device's own edit is gone", when)
		}
	}
	wantOwn(away, "After the replacement")
	ids := fill(t, away, 3)
	must(t, away.TrimLog(ctx, lyon, away.Frontier(lyon).Commit+1))
	wantOwn(away, "After trimming")
	must(t, away.Close())
	away = openStore(t, configIn(dir, device))
	wantOwn(away, "After a restart")
	restoreFrom(t, node, away)
	wantOwn(away, "After a restore")
	if titleOf(t, away, ids[0]) != "" {
		t.Error("the restore did not replace what was there")
	}
}

// TestAReplacementIsAllOrNothing: what stops it leaves the old state whole, and it can be gone on with.
func TestAReplacementIsAllOrNothing(t *testing.T) {
	device, dir := newSigner("A"), t.TempDir()
	away, node, first, _ := longAway(t, dir, device, newSigner("N"), 5)
	before := away.Frontier(lyon)
	snapshot, err := node.SnapshotSpace(context.Background(), lyon, 10)
	must(t, err)
	defer snapshot.Close()
	in, err := away.ImportSpace(context.Background(), snapshot.Frontier())
	must(t, err)
	chunk, err := snapshot.Next(nil, 1<<30)
	must(t, err)
	must(t, in.Add(context.Background(), chunk))
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if err := in.Finish(cancelled); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("got %v", err)
	}
	if away.Frontier(lyon) != before || titleOf(t, away, first) == "" || away.PendingCount() != 5 {
		t.Errorf("something changed: %v, %d pending", away.Frontier(lyon), away.PendingCount())
	}
	must(t, away.Close())
	away = openStore(t, configIn(dir, device))
	in, err = away.ImportSpace(context.Background(), snapshot.Frontier())
	must(t, err)
	must(t, in.Finish(context.Background()))
	if away.Frontier(lyon) != node.Frontier(lyon) || titleOf(t, away, first) == "" || away.PendingCount() != 4 {
		t.Errorf("%v, %d pending", away.Frontier(lyon), away.PendingCount())
	}
	wantNoFindings(t, away)
}

// TestOnlyTheSameHistoryReplacesState: another history, an older state or another generation takes no place.
func TestOnlyTheSameHistoryReplacesState(t *testing.T) {
	ctx := context.Background()
	stranger := newStoreOf(t, newSigner("X"))
	fill(t, stranger, 80)
	away, node, first, _ := longAway(t, t.TempDir(), newSigner("A"), newSigner("N"), 2)
	defer func() { must(t, away.Close()) }()
	before := away.Frontier(lyon)
	snapshot, err := stranger.SnapshotSpace(ctx, lyon, 10)
	must(t, err)
	defer snapshot.Close()
	in, err := away.ImportSpace(ctx, snapshot.Frontier())
	must(t, err)
	chunk, err := snapshot.Next(nil, 1<<30)
	must(t, err)
	must(t, in.Add(ctx, chunk))
	if err := in.Finish(ctx); !fault.Is(err, HistoryDiffers) {
		t.Errorf("another history: %v", err)
	}
	wantNoStagedRows(t, away)
	if away.Frontier(lyon) != before || titleOf(t, away, first) == "" {
		t.Error("something changed")
	}
	for name, frontier := range map[string]record.Frontier{
		"the same":           before,
		"another generation": {Space: lyon, Generation: before.Generation + 1, Commit: before.Commit + 9},
	} {
		if _, err := away.ImportSpace(ctx, frontier); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Commits that arrive meanwhile overtake a snapshot.
	overtaken, err := node.SnapshotSpace(ctx, lyon, 1000)
	must(t, err)
	defer overtaken.Close()
	in, err = away.ImportSpace(ctx, overtaken.Frontier())
	must(t, err)
	chunk, err = overtaken.Next(nil, 1<<30)
	must(t, err)
	must(t, in.Add(ctx, chunk))
	takeOver(t, node, away, 1<<20)
	if err := in.Finish(ctx); err == nil {
		t.Error("a snapshot took the place of what is newer")
	}
	if away.Frontier(lyon) != node.Frontier(lyon) {
		t.Errorf("%v against %v", away.Frontier(lyon), node.Frontier(lyon))
	}
	wantNoFindings(t, away)
}
