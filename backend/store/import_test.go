package store

import (
	"bytes"
	"context"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// TestAnInterruptedFirstSyncGoesOn closes the receiving store in the middle.
func TestAnInterruptedFirstSyncGoesOn(t *testing.T) {
	ctx := context.Background()
	from := newStoreOf(t, newSigner("A"))
	fill(t, from, 200)
	dir, device := t.TempDir(), newSigner("B")
	to, err := Open(ctx, configIn(dir, device))
	must(t, err)
	snapshot, err := from.SnapshotSpace(ctx, lyon, 10)
	must(t, err)
	defer snapshot.Close()
	in, err := to.ImportSpace(ctx, snapshot.Frontier())
	must(t, err)
	for range 5 {
		chunk, err := snapshot.Next(in.After(), 5<<10)
		must(t, err)
		must(t, in.Add(ctx, chunk))
	}
	stood := in.After()
	if to.Frontier(lyon).Commit != 0 || len(to.Frontiers()) != 0 {
		t.Error("half of a space is seen")
	}
	must(t, to.EachView(ctx, func(*record.State) error { t.Error("half of a space is seen"); return nil }))
	must(t, to.Close())

	to = openStore(t, configIn(dir, device))
	in, err = to.ImportSpace(ctx, snapshot.Frontier())
	must(t, err)
	if !bytes.Equal(in.After(), stood) {
		t.Fatalf("it stands at %x and stood at %x", in.After(), stood)
	}
	finish(t, snapshot, in)
	if to.Frontier(lyon) != from.Frontier(lyon) {
		t.Errorf("%v against %v", to.Frontier(lyon), from.Frontier(lyon))
	}
	wantNoFindings(t, to)
	if _, err := to.ImportSpace(ctx, snapshot.Frontier()); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second first sync: %v", err)
	}
}

// A device on which a cluster begins anew amid its first copy has nobody to send it the rest. It must take what the new group agrees.
func TestAFirstSyncThatNobodyCanFinishIsGivenUp(t *testing.T) {
	ctx, other := context.Background(), newSigner("A")
	from, to := newStoreOf(t, other), newStoreOf(t, newSigner("B"))
	fill(t, from, 20)
	snapshot, err := from.SnapshotSpace(ctx, lyon, 10)
	must(t, err)
	defer snapshot.Close()
	in, err := to.ImportSpace(ctx, snapshot.Frontier())
	must(t, err)
	chunk, err := snapshot.Next(in.After(), 1)
	must(t, err)
	must(t, in.Add(ctx, chunk))
	must(t, to.AbandonImports(ctx))
	copyCommits(t, from, to)
	if to.Frontier(lyon) != from.Frontier(lyon) {
		t.Errorf("%v against %v", to.Frontier(lyon), from.Frontier(lyon))
	}
	wantNoFindings(t, to)
}

func finish(t *testing.T, snapshot *SpaceSnapshot, in *SpaceImport) {
	t.Helper()
	for {
		chunk, err := snapshot.Next(in.After(), 5<<10)
		must(t, err)
		must(t, in.Add(context.Background(), chunk))
		if chunk.Done {
			break
		}
	}
	must(t, in.Finish(context.Background()))
}

func TestAFirstSyncThatArrivesDamagedIsDropped(t *testing.T) {
	ctx := context.Background()
	from, to := newStoreOf(t, newSigner("A")), newStoreOf(t, newSigner("B"))
	fill(t, from, 20)
	snapshot, err := from.SnapshotSpace(ctx, lyon, 10)
	must(t, err)
	defer snapshot.Close()
	in, err := to.ImportSpace(ctx, snapshot.Frontier())
	must(t, err)
	chunk, err := snapshot.Next(nil, 1<<20)
	must(t, err)
	wrong := chunk
	wrong.Rows = append([]Row(nil), chunk.Rows...)
	for i, row := range wrong.Rows {
		if row.Key[0] == famState {
			wrong.Rows[i].Value = append(bytes.Clone(row.Value), 0)
			break
		}
	}
	must(t, in.Add(ctx, wrong))
	if err := in.Finish(ctx); !fault.Is(err, fault.Corrupt) {
		t.Fatalf("got %v", err)
	}
	for name, rows := range map[string][]Row{
		"another space":  {{spaceKey(famState, "org"), []byte{1}}},
		"another family": {{spaceKey(famFrontier, lyon), []byte{1}}},
		"no key":         {{nil, []byte{1}}},
		"a long key":     {{append(spaceKey(famState, lyon), make([]byte, 300)...), []byte{1}}},
	} {
		in, err := to.ImportSpace(ctx, snapshot.Frontier())
		must(t, err)
		if err := in.Add(ctx, Chunk{Rows: rows}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	takeOver(t, from, to, 1<<20)
	wantNoFindings(t, to)
}

// TestTentativeEditsAreRebasedOnAFirstSync is scenario 14 in small: the device's edits outlive a log that was trimmed.
func TestTentativeEditsAreRebasedOnAFirstSync(t *testing.T) {
	ctx := context.Background()
	device, other := newSigner("A"), newSigner("N")
	a, node := newStoreOf(t, device), newStoreOf(t, other)
	known, unknown := newID(), newID()
	_, err := a.Append(ctx, draftOf(known, true, "Reached the node"))
	must(t, err)
	sendAll(t, a, node, device)
	commitAll(t, node)
	fill(t, node, 30)
	_, err = a.Append(ctx, draftOf(unknown, true, "Did not"))
	must(t, err)
	takeOver(t, node, a, 1<<20)
	if a.PendingCount() != 1 || titleOf(t, a, unknown) != "Did not" || titleOf(t, a, known) != "Reached the node" {
		t.Fatalf("%d pending", a.PendingCount())
	}
	sendAll(t, a, node, device)
	commitAll(t, node)
	copyCommits(t, node, a)
	if a.PendingCount() != 0 || a.Frontier(lyon) != node.Frontier(lyon) {
		t.Errorf("%d pending at %v", a.PendingCount(), a.Frontier(lyon))
	}
	wantNoFindings(t, a)
}

func TestADamagedSnapshotChangesNothing(t *testing.T) {
	ctx := context.Background()
	from, to := newStoreOf(t, newSigner("A")), newStoreOf(t, newSigner("B"))
	fill(t, from, 30)
	own := fill(t, to, 3)
	before := to.Frontier(lyon)
	snapshot, err := from.Snapshot(ctx)
	must(t, err)
	defer snapshot.Close()
	var stream bytes.Buffer
	_, err = snapshot.WriteTo(&stream)
	must(t, err)
	raw := stream.Bytes()
	for name, damaged := range map[string][]byte{
		"empty":   nil,
		"cut":     raw[:len(raw)-1],
		"cut off": raw[:len(raw)/2],
		"altered": flipped(raw, len(raw)/2),
		"head":    flipped(raw, 0),
		"length":  flipped(raw, 7),
	} {
		if err := to.Restore(ctx, bytes.NewReader(damaged)); !fault.Is(err, fault.Corrupt) {
			t.Errorf("%s: %v", name, err)
		}
		if to.Frontier(lyon) != before || titleOf(t, to, own[0]) == "" {
			t.Errorf("%s: something changed", name)
		}
	}
	sub := to.Subscribe(1)
	defer sub.Close()
	must(t, to.Restore(ctx, bytes.NewReader(raw)))
	if set := <-sub.C(); !set.Everything {
		t.Errorf("a restore was announced as %+v", set)
	}
	if to.Frontier(lyon) != from.Frontier(lyon) || titleOf(t, to, own[0]) != "" {
		t.Error("the restore did not replace what was there")
	}
	wantNoFindings(t, to)
}

func flipped(raw []byte, at int) []byte {
	out := bytes.Clone(raw)
	out[at] ^= 0x40
	return out
}
