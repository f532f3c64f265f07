package store

import (
	"context"
	"os"
	"reflect"
	"syscall"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// sendAll brings all tentative edits of one store to another, as a session does, and gives what was quarantined.
func sendAll(t testing.TB, from, to *Store, devices ...signer) (quarantined int) {
	t.Helper()
	for _, tail := range from.Tails(lyon) {
		next := to.HeldSequence(lyon, tail.Incarnation) + 1
		run, err := from.EditsFrom(lyon, tail.Incarnation, next, 1<<20)
		must(t, err)
		if len(run) == 0 {
			continue
		}
		got, err := to.Receive(context.Background(), keysOf(devices...), lyon, run)
		if fault.Is(err, Gap) {
			continue // what comes before is committed: it travels with the commits
		}
		must(t, err)
		quarantined += len(got.Quarantined)
	}
	return quarantined
}

// cloned gives two stores of one device that go on from one disk, as after a virtual machine was copied while it was shut down.
func cloned(t testing.TB, device signer) (a, a2 *Store) {
	t.Helper()
	dir, ctx := t.TempDir(), context.Background()
	s, err := Open(ctx, configIn(dir, device))
	must(t, err)
	_, err = s.Append(ctx, draftOf(newID(), true, "Before the copy"))
	must(t, err)
	must(t, s.Close())
	copied := t.TempDir()
	must(t, os.CopyFS(copied, os.DirFS(dir)))
	sameFolder(t, copied)
	return openStore(t, configIn(dir, device)), openStore(t, configIn(copied, device))
}

// sameFolder makes the clean marker of a copied folder say that the folder is the one it was written for: a copied disk keeps the folder's number.
func sameFolder(t testing.TB, dir string) {
	t.Helper()
	m := readMarker(t, dir)
	must(t, leaveCleanMarker(dir, m.Own, m.JournalBytes))
}

func readMarker(t testing.TB, dir string) (m cleanMarker) {
	t.Helper()
	raw, err := os.ReadFile(dir + "/" + cleanName)
	must(t, err)
	must(t, record.Decode(raw, &m))
	return m
}

// TestAClonedDiskLosesNothing is scenario 15.
func TestAClonedDiskLosesNothing(t *testing.T) {
	ctx := context.Background()
	device, other := newSigner("A"), newSigner("N")
	a, a2 := cloned(t, device)
	node := newStoreOf(t, other)
	mine, theirs, later := newID(), newID(), newID()
	_, err := a.Append(ctx, draftOf(mine, true, "Written on A"))
	must(t, err)
	_, err = a2.Append(ctx, draftOf(theirs, true, "Written on A2"), draftOf(theirs, false, "Written twice on A2"))
	must(t, err)

	sendAll(t, a, node, device)
	commitAll(t, node)
	if n := sendAll(t, a2, node, device); n != 1 {
		t.Errorf("%d edits were quarantined at the node, want the one behind the fork", n)
	}
	copyCommits(t, node, a)
	copyCommits(t, node, a2) // A2 learns that its edit lost its id
	waitFor(t, a2, func() bool { return a2.PendingCount() == 2 })
	if n := sendAll(t, a2, node, device); n != 0 {
		t.Errorf("%d edits offered again were quarantined", n)
	}
	commitAll(t, node)
	copyCommits(t, node, a)
	copyCommits(t, node, a2)
	_, err = a2.Append(ctx, draftOf(later, true, "Later"))
	must(t, err)
	sendAll(t, a2, node, device)
	commitAll(t, node)
	for id, want := range map[record.ID]string{mine: "Written on A", theirs: "Written twice on A2", later: "Later"} {
		if got := titleOf(t, node, id); got != want {
			t.Errorf("the node has %q, want %q", got, want)
		}
	}
	set, err := a2.Quarantine(ctx)
	must(t, err)
	if len(set) != 2 || set[0].NewID.IsZero() {
		t.Errorf("quarantine %+v", set)
	}
	for _, s := range []*Store{a, a2, node} {
		wantNoFindings(t, s)
	}
}

// A peer that holds what this device wrote before it lost its id sends it back. What became of it must stay known.
func TestALostEditThatComesBackIsKnown(t *testing.T) {
	ctx, device := context.Background(), newSigner("A")
	a, a2 := cloned(t, device)
	node, peer := newStoreOf(t, newSigner("N")), newStoreOf(t, newSigner("B"))
	_, err := a.Append(ctx, draftOf(newID(), true, "Written on A"))
	must(t, err)
	_, err = a2.Append(ctx, draftOf(newID(), true, "Written on A2"), draftOf(newID(), true, "Written after it"))
	must(t, err)
	sendAll(t, a2, peer, device)
	sendAll(t, a, node, device)
	commitAll(t, node)
	copyCommits(t, node, a2)
	must(t, a2.Settle(ctx))
	before, err := a2.Quarantine(ctx)
	must(t, err)
	if n := sendAll(t, peer, a2, device); n == 0 {
		t.Fatal("the peer sent none of the lost edits")
	}
	after, err := a2.Quarantine(ctx)
	must(t, err)
	if len(before) != 2 || before[1].NewID.IsZero() || !reflect.DeepEqual(before, after) {
		t.Errorf("before it came back: %+v; after: %+v", before, after)
	}
}

// A disk that is full when edits lose their ids must not keep them from being offered again once there is room.
func TestLostEditsAreOfferedAgainOnceTheDiskHasRoom(t *testing.T) {
	ctx, device := context.Background(), newSigner("A")
	a, a2 := cloned(t, device)
	node := newStoreOf(t, newSigner("N"))
	_, err := a.Append(ctx, draftOf(newID(), true, "Written on A"))
	must(t, err)
	lost := newID()
	_, err = a2.Append(ctx, draftOf(lost, true, "Written on A2"))
	must(t, err)
	must(t, a2.Close())
	cfg, disk := configIn(a2.cfg.Dir, device), newFaultyDisk(1, 0)
	cfg.Files = disk
	a2 = openStore(t, cfg)
	sendAll(t, a, node, device)
	commitAll(t, node)

	disk.setRefuse(syscall.ENOSPC)
	copyCommits(t, node, a2)
	must(t, a2.Settle(ctx))
	if n := a2.PendingCount(); n != 0 {
		t.Fatalf("%d edits are pending although the journal takes none", n)
	}
	disk.setRefuse(nil)
	_, err = a2.Append(ctx, draftOf(newID(), true, "After the disk had room again"))
	must(t, err)
	must(t, a2.Settle(ctx))
	sendAll(t, a2, node, device)
	commitAll(t, node)
	if got := titleOf(t, node, lost); got != "Written on A2" {
		t.Errorf("the node has %q for the edit that lost its id", got)
	}
	wantNoFindings(t, a2)
}

// A damaged database can give back a later tentative edit and not the ones before it. It is kept, and not told of until these have come again.
func TestWhatStandsBehindAGapIsKeptAndJoined(t *testing.T) {
	ctx, device := context.Background(), newSigner("A")
	author := newStoreOf(t, device)
	id := newID()
	for n := range 4 {
		_, err := author.Append(ctx, draftOf(id, n == 0, "Version "+string(rune('1'+n))))
		must(t, err)
	}
	dir := t.TempDir()
	node, err := Open(ctx, configIn(dir, newSigner("N")))
	must(t, err)
	of := author.Tails(lyon)[0].Incarnation
	all, err := author.EditsFrom(lyon, of, 1, 1<<20)
	must(t, err)
	_, err = node.Receive(ctx, keysOf(device), lyon, all[:3])
	must(t, err)
	for sequence := range uint64(2) {
		must(t, node.db.transact([]Row{{Key: editKey(famTentative, lyon, record.EditID{Incarnation: of, Sequence: sequence + 1})}}))
	}
	must(t, node.Close())
	node = openStore(t, configIn(dir, newSigner("N")))
	if held := node.HeldSequence(lyon, of); held != 0 || node.PendingCount() != 1 || node.Tails(lyon)[0].Held != 0 {
		t.Fatalf("it says that it holds %d, with %d pending", held, node.PendingCount())
	}
	got, err := node.Receive(ctx, keysOf(device), lyon, all[:1])
	must(t, err)
	if got.Accepted != 0 || got.Held != 0 || node.PendingCount() != 1 {
		t.Errorf("a part of the gap: %+v with %d pending", got, node.PendingCount())
	}
	got, err = node.Receive(ctx, keysOf(device), lyon, all)
	must(t, err)
	if got.Accepted != 3 || got.Known != 1 || got.Held != 4 || node.PendingCount() != 4 {
		t.Errorf("all of it: %+v with %d pending", got, node.PendingCount())
	}
	commitAll(t, node)
	if title := titleOf(t, node, id); title != "Version 4" || node.PendingCount() != 0 {
		t.Errorf("it says %q with %d pending", title, node.PendingCount())
	}
	wantNoFindings(t, node)
}

// What stands behind a gap may hang on a copied device's edits, of which another continuation is committed. It is set aside when the commits reach it.
func TestWhatStandsBehindAGapMayHaveLost(t *testing.T) {
	device := newSigner("A")
	a, a2 := cloned(t, device)
	dir := t.TempDir()
	peer, err := Open(t.Context(), configIn(dir, newSigner("B")))
	must(t, err)
	node := newStoreOf(t, newSigner("N"))
	for _, title := range []string{"Parts here", "Behind it", "And behind that"} {
		_, err := a2.Append(t.Context(), draftOf(newID(), true, title))
		must(t, err)
	}
	sendAll(t, a2, peer, device)
	of := peer.Tails(lyon)[0].Incarnation
	for sequence := range uint64(2) {
		must(t, peer.db.transact([]Row{{Key: editKey(famTentative, lyon, record.EditID{Incarnation: of, Sequence: sequence + 1})}}))
	}
	must(t, peer.Close())
	peer = openStore(t, configIn(dir, newSigner("B")))
	_, err = a.Append(t.Context(), draftOf(newID(), true, "The other continuation"))
	must(t, err)
	sendAll(t, a, node, device)
	commitAll(t, node)
	copyCommits(t, node, peer)
	aside, err := peer.Quarantine(t.Context())
	must(t, err)
	if peer.PendingCount() != 0 || len(aside) != 2 {
		t.Errorf("%d edits wait and %d are set aside", peer.PendingCount(), len(aside))
	}
	wantNoFindings(t, peer)
}

// waitFor waits for a change that the appender makes by itself.
func waitFor(t testing.TB, s *Store, done func() bool) {
	t.Helper()
	sub := s.Subscribe(1)
	defer sub.Close()
	for !done() {
		if _, open := <-sub.C(); !open {
			t.Fatal("the store closed")
		}
	}
}

func TestSameIDWithOtherContentIsKeptApart(t *testing.T) {
	ctx := context.Background()
	device := newSigner("A")
	a, a2 := cloned(t, device)
	_, err := a.Append(ctx, draftOf(newID(), true, "A"))
	must(t, err)
	_, err = a2.Append(ctx, draftOf(newID(), true, "A2"))
	must(t, err)
	run, err := a2.EditsFrom(lyon, a2.Tails(lyon)[0].Incarnation, 1, 1<<20)
	must(t, err)
	for range 2 {
		got, err := a.Receive(ctx, keysOf(device), lyon, run)
		must(t, err)
		if len(got.Quarantined) != 1 || got.Known != 1 || got.Held != 2 {
			t.Fatalf("got %+v", got)
		}
	}
	set, err := a.Quarantine(ctx)
	must(t, err)
	if len(set) != 1 || a.Health().Forks == 0 {
		t.Errorf("%d quarantined, %d forks told", len(set), a.Health().Forks)
	}
	ids, err := a.Append(ctx, draftOf(newID(), true, "After"))
	must(t, err)
	if ids[0].Sequence != 1 {
		t.Errorf("the device goes on with a forked incarnation: %v", ids[0])
	}
}

func TestANewIncarnationBeginsWhereTheOldMustNotGoOn(t *testing.T) {
	ctx, device := context.Background(), newSigner("A")
	start := func(t *testing.T) (dir string, before record.EditID) {
		dir = t.TempDir()
		s, err := Open(ctx, configIn(dir, device))
		must(t, err)
		ids, err := s.Append(ctx, draftOf(newID(), true, "First"))
		must(t, err)
		must(t, s.Close())
		return dir, ids[0]
	}
	next := func(t *testing.T, dir string) record.EditID {
		ids, err := openStore(t, configIn(dir, device)).Append(ctx, draftOf(newID(), true, "Next"))
		must(t, err)
		return ids[0]
	}
	t.Run("goes on after a clean stop", func(t *testing.T) {
		dir, before := start(t)
		if got := next(t, dir); got.Incarnation != before.Incarnation || got.Sequence != 2 {
			t.Errorf("%v after %v", got, before)
		}
	})
	t.Run("after an unclean stop", func(t *testing.T) {
		dir, before := start(t)
		must(t, os.Remove(dir+"/"+cleanName))
		if got := next(t, dir); got.Incarnation == before.Incarnation || got.Sequence != 1 {
			t.Errorf("%v after %v", got, before)
		}
	})
	t.Run("in a copied folder", func(t *testing.T) {
		dir, before := start(t)
		copied := t.TempDir()
		must(t, os.CopyFS(copied, os.DirFS(dir)))
		if got := next(t, copied); got.Incarnation == before.Incarnation {
			t.Errorf("%v after %v", got, before)
		}
	})
	t.Run("when a peer knows more of this device", func(t *testing.T) {
		dir, before := start(t)
		copied := t.TempDir()
		must(t, os.CopyFS(copied, os.DirFS(dir)))
		s := openStore(t, configIn(dir, device))
		_, err := s.Append(ctx, draftOf(newID(), true, "Later than the backup"))
		must(t, err)
		sameFolder(t, copied)
		restored := openStore(t, configIn(copied, device))
		sendAll(t, s, restored, device)
		ids, err := restored.Append(ctx, draftOf(newID(), true, "After the restore"))
		must(t, err)
		if ids[0].Incarnation == before.Incarnation || restored.HeldSequence(lyon, before.Incarnation) != 2 {
			t.Errorf("%v after %v", ids[0], before)
		}
	})
}

func TestRunsThatDoNotFitAreRefused(t *testing.T) {
	ctx, device := context.Background(), newSigner("A")
	from, to := newStoreOf(t, device), newStoreOf(t, newSigner("B"))
	for range 3 {
		_, err := from.Append(ctx, draftOf(newID(), true, "x"))
		must(t, err)
	}
	i := from.Tails(lyon)[0].Incarnation
	run, err := from.EditsFrom(lyon, i, 1, 1<<20)
	must(t, err)
	keys := keysOf(device)
	got, err := to.Receive(ctx, keys, lyon, run[1:])
	if !fault.Is(err, Gap) || got.Held != 0 {
		t.Errorf("a gap: %+v, %v", got, err)
	}
	if _, err := to.Receive(ctx, keys, record.Organisation, run); !fault.Is(err, fault.Invalid) {
		t.Errorf("another space: %v", err)
	}
	altered := append([]record.Sealed(nil), run...)
	altered[1].Payload = append([]byte(nil), altered[1].Payload...)
	altered[1].Payload[20] ^= 1
	if _, err := to.Receive(ctx, keys, lyon, altered); !fault.Is(err, fault.Corrupt) {
		t.Errorf("an altered payload: %v", err)
	}
	unsigned := append([]record.Sealed(nil), run...)
	unsigned[2].Signature = nil
	if _, err := to.Receive(ctx, keys, lyon, unsigned); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a signature: %v", err)
	}
	if to.PendingCount() != 0 {
		t.Error("a refused run left something behind")
	}
	got, err = to.Receive(ctx, keys, lyon, run)
	must(t, err)
	again, err := to.EditsFrom(lyon, i, 2, 1)
	must(t, err)
	if got.Accepted != 3 || len(again) != 2 || len(again[1].Signature) == 0 {
		t.Errorf("%+v, then %d edits on", got, len(again))
	}
}
