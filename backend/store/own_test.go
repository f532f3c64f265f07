package store

import (
	"context"
	"testing"

	"holdfast/backend/record"
)

// ownRows counts the commits of its own that a store keeps apart from the log.
func ownRows(t *testing.T, s *Store) (n int) {
	t.Helper()
	r, err := s.reader()
	must(t, err)
	defer r.close()
	must(t, scanKeys(r.txn, spaceKey(famOwn, lyon), func([]byte) error { n++; return nil }))
	return n
}

// What a device wrote is kept when its log is trimmed, until a proven backup holds it: then only the records say it, and what the backup does not cover stays.
func TestOwnCommitsStayUntilABackupCoversThem(t *testing.T) {
	ctx := context.Background()
	dir, device := t.TempDir(), newSigner("A")
	s, err := Open(ctx, configIn(dir, device))
	must(t, err)
	ids := fill(t, s, 30)
	must(t, s.TrimLog(ctx, lyon, 21))
	generation := s.Frontier(lyon).Generation
	for _, step := range []struct {
		generation, through uint64
		left                int
	}{{generation, 0, 20}, {generation + 1, 30, 20}, {generation, 12, 8}, {generation, 1 << 40, 0}} {
		must(t, s.DropOwn(ctx, lyon, step.generation, step.through))
		if got := ownRows(t, s); got != step.left {
			t.Errorf("a backup up to %d of generation %d leaves %d, want %d", step.through, step.generation, got, step.left)
		}
	}
	must(t, s.Close())
	s = openStore(t, configIn(dir, device))
	if s.PendingCount() != 0 || titleOf(t, s, ids[3]) == "" {
		t.Errorf("%d edits are tentative again", s.PendingCount())
	}
	history, err := s.History(ctx, ids[3])
	must(t, err)
	if len(history) == 0 {
		t.Error("the record's history is gone")
	}
	wantNoFindings(t, s)
	_, err = s.Append(ctx, draftOf(newID(), true, "Later"))
	must(t, err)
	commitAll(t, s)
	if f := s.Frontier(lyon); f.Commit != 31 || f.Space != record.Space(lyon) {
		t.Errorf("it goes on at %v", f)
	}
}
