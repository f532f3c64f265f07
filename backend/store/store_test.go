package store

import (
	"context"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

func TestSavedEditsAreSeenCommittedAndFoundAgain(t *testing.T) {
	ctx := context.Background()
	dir, device := t.TempDir(), newSigner("A")
	s, err := Open(ctx, configIn(dir, device))
	must(t, err)
	printer, router := newID(), newID()
	ids, err := s.Append(ctx, draftOf(printer, true, "Printer"), draftOf(router, true, "Router"))
	must(t, err)
	if len(ids) != 2 || ids[1].Sequence != 2 || titleOf(t, s, router) != "Router" {
		t.Fatalf("ids %v, title %q", ids, titleOf(t, s, router))
	}
	commitAll(t, s)
	if s.PendingCount() != 0 || s.Frontier(lyon).Commit != 2 {
		t.Fatalf("%d pending at commit %d", s.PendingCount(), s.Frontier(lyon).Commit)
	}
	_, err = s.Append(ctx, draftOf(printer, false, "Printer on fire"))
	must(t, err)
	before := s.Frontier(lyon)
	must(t, s.Close())

	s = openStore(t, configIn(dir, device))
	if got := titleOf(t, s, printer); got != "Printer on fire" {
		t.Errorf("after reopening the title is %q", got)
	}
	if got := s.Frontier(lyon); got != before {
		t.Errorf("the frontier was %v and is %v", before, got)
	}
	history, err := s.History(ctx, printer)
	must(t, err)
	if len(history) < 2 || history[len(history)-1].Commit != 0 {
		t.Errorf("history %v", history)
	}
	if o, found := s.Outcome(ids[0]); !found || o.Commit != 1 {
		t.Errorf("outcome %v, %v", o, found)
	}
	wantNoFindings(t, s)
}

func TestASecondInstanceIsRefused(t *testing.T) {
	dir, device := t.TempDir(), newSigner("A")
	first := openStore(t, configIn(dir, device))
	_, err := Open(context.Background(), configIn(dir, device))
	if !fault.Is(err, fault.InUse) || !isSentence(fault.SentenceOf(err)) {
		t.Fatalf("got %v", err)
	}
	_, err = first.Append(context.Background(), draftOf(newID(), true, "Still working"))
	must(t, err)
}

func TestEditsTravelBetweenTwoStores(t *testing.T) {
	ctx := context.Background()
	a, b := newSigner("A"), newSigner("B")
	from, to := newStoreOf(t, a), newStoreOf(t, b)
	id := newID()
	_, err := from.Append(ctx, draftOf(id, true, "Printer"), draftOf(id, false, "Printer 2"))
	must(t, err)
	tail := from.Tails(lyon)[0]
	run, err := from.EditsFrom(lyon, tail.Incarnation, 1, 1<<20)
	must(t, err)
	for range 2 {
		got, err := to.Receive(ctx, keysOf(a, b), lyon, run)
		must(t, err)
		if got.Held != 2 || got.Accepted+got.Known != 2 || len(got.Quarantined) != 0 {
			t.Fatalf("got %+v", got)
		}
	}
	if titleOf(t, to, id) != "Printer 2" {
		t.Error("the edit is not seen")
	}
	commitAll(t, to)
	copyCommits(t, to, from)
	if from.PendingCount() != 0 || from.Frontier(lyon) != to.Frontier(lyon) {
		t.Errorf("%d pending, %v against %v", from.PendingCount(), from.Frontier(lyon), to.Frontier(lyon))
	}
	wantNoFindings(t, from)
	_, err = to.Receive(ctx, keysOf(), lyon, run)
	if !fault.Is(err, fault.Forbidden) {
		t.Errorf("an unknown device's edits: %v", err)
	}
}

func TestASpaceIsTakenOverWhole(t *testing.T) {
	ctx := context.Background()
	from, to := newStoreOf(t, newSigner("A")), newStoreOf(t, newSigner("B"))
	ids := fill(t, from, 300)
	sub := to.Subscribe(1)
	defer sub.Close()
	takeOver(t, from, to, 4<<10)
	if to.Frontier(lyon) != from.Frontier(lyon) {
		t.Fatalf("%v against %v", to.Frontier(lyon), from.Frontier(lyon))
	}
	for _, id := range ids {
		if titleOf(t, to, id) == "" {
			t.Fatal("a record is missing")
		}
	}
	wantNoFindings(t, to)
	for set := range sub.C() {
		if set.Everything {
			break
		}
	}
	_, err := to.Commits(lyon, 1, 1000)
	if !fault.Is(err, Trimmed) {
		t.Errorf("commits that did not travel: %v", err)
	}
	if start, err := to.LogStart(lyon); err != nil || start != 201 {
		t.Errorf("the log starts at %d, %v", start, err)
	}
	_ = ctx
}

// fill commits n records.
func fill(t testing.TB, s *Store, n int) []record.ID {
	t.Helper()
	var ids []record.ID
	var drafts []record.Draft
	for range n {
		id := newID()
		ids = append(ids, id)
		drafts = append(drafts, draftOf(id, true, "Record "+id.String()))
	}
	_, err := s.Append(context.Background(), drafts...)
	must(t, err)
	commitAll(t, s)
	return ids
}

func takeOver(t testing.TB, from, to *Store, chunkBytes int) {
	t.Helper()
	ctx := context.Background()
	snapshot, err := from.SnapshotSpace(ctx, lyon, 100)
	must(t, err)
	defer snapshot.Close()
	in, err := to.ImportSpace(ctx, snapshot.Frontier())
	must(t, err)
	for {
		chunk, err := snapshot.Next(in.After(), chunkBytes)
		must(t, err)
		must(t, in.Add(ctx, chunk))
		if chunk.Done {
			break
		}
	}
	must(t, in.Finish(ctx))
}

func TestASnapshotReplacesWhatANodeHas(t *testing.T) {
	ctx := context.Background()
	from, to := newStoreOf(t, newSigner("A")), newStoreOf(t, newSigner("B"))
	fill(t, from, 50)
	must(t, from.NotePosition(ctx, RaftPosition{Index: 7, Term: 2}))
	own := newID()
	_, err := to.Append(ctx, draftOf(own, true, "Mine"))
	must(t, err)
	must(t, to.SetMeta(ctx, "cluster", []byte("x")))
	restoreFrom(t, from, to)
	if to.Frontier(lyon) != from.Frontier(lyon) || to.RaftPosition() != from.RaftPosition() {
		t.Fatalf("%v %v", to.Frontier(lyon), to.RaftPosition())
	}
	if value, err := to.Meta("cluster"); err != nil || string(value) != "x" {
		t.Errorf("meta %q, %v", value, err)
	}
	if titleOf(t, to, own) != "Mine" {
		t.Error("the tentative edit is gone")
	}
	commitAll(t, to)
	wantNoFindings(t, to)
}
