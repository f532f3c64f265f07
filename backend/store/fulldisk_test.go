package store

import (
	"bytes"
	"context"
	"testing"

	"holdfast/backend/core/fault"
)

// Scenario 17: the disk is full while a node's state is taken over: it says so and changes nothing, and works once there is room. The log is trimmed all the same.
func TestAFullDiskStopsASnapshotAndNoTrimming(t *testing.T) {
	ctx := context.Background()
	source := newStoreOf(t, newSigner("N"))
	fill(t, source, 300)
	snapshot, err := source.Snapshot(ctx)
	must(t, err)
	defer snapshot.Close()
	var stream bytes.Buffer
	_, err = snapshot.WriteTo(&stream)
	must(t, err)

	disk := newFaultyDisk(1, 0)
	cfg := configIn(t.TempDir(), newSigner("A"))
	cfg.Files = disk
	s := openStore(t, cfg)
	mine := newID()
	_, err = s.Append(ctx, draftOf(mine, true, "Mine"))
	must(t, err)
	unharmed := func(what string, err error) {
		t.Helper()
		if !fault.Is(err, fault.DiskFull) || !isSentence(fault.SentenceOf(err)) {
			t.Errorf("%s on a full disk: %v", what, err)
		}
		if titleOf(t, s, mine) != "Mine" {
			t.Errorf("%s on a full disk lost an edit", what)
		}
	}
	disk.setFree(databaseReserveBytes - 1)
	unharmed("taking over a node's state", s.Restore(ctx, bytes.NewReader(stream.Bytes())))
	disk.setFree(0)
	must(t, s.Restore(ctx, bytes.NewReader(stream.Bytes())))
	if s.Frontier(lyon) != source.Frontier(lyon) || titleOf(t, s, mine) != "Mine" {
		t.Fatal("the node's state was not taken over once there was room")
	}
	// Trimming gives space back, so it goes on within what is kept free for the database.
	disk.setFree(databaseReserveBytes - 1)
	must(t, s.TrimLog(ctx, lyon, s.Frontier(lyon).Commit))
	if start, err := s.LogStart(lyon); err != nil || start != s.Frontier(lyon).Commit {
		t.Errorf("the log begins at %d, %v", start, err)
	}
	disk.setFree(0)
	wantNoFindings(t, s)
}
