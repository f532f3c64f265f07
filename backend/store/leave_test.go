package store

import (
	"context"
	"strings"
	"testing"

	"holdfast/backend/core/diskfile/diskfiletest"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// TestLeavingASpaceLeavesNothingOfItBehind: rows, history, files and the journal; another space stays as it is.
func TestLeavingASpaceLeavesNothingOfItBehind(t *testing.T) {
	ctx := context.Background()
	const secret = "Zanzibar-payroll-leak"
	device, dir := newSigner("A"), t.TempDir()
	s := openStore(t, configIn(dir, device))
	kept := fill(t, s, 5)
	own, _, err := s.Blobs().Put(ctx, strings.NewReader("a file about "+secret))
	must(t, err)
	shared, _, err := s.Blobs().Put(ctx, strings.NewReader("a file of both"))
	must(t, err)
	there := newID()
	draft := draftOf(there, true, secret)
	draft.Space, draft.Blobs = "site/BER", []record.Hash{own, shared}
	here := draftOf(newID(), true, "Here")
	here.Blobs = []record.Hash{shared}
	_, err = s.Append(ctx, draft, here)
	must(t, err)
	if err := s.Leave(ctx, "site/BER"); !fault.Is(err, fault.Conflict) {
		t.Fatalf("it was left with an undecided edit: %v", err)
	}
	commitAll(t, s)
	commitIn(t, s, "site/BER")
	before := s.Frontier(lyon)
	if len(diskfiletest.Holding(t, dir, secret)) < 2 {
		t.Fatal("the text is not where it is looked for")
	}
	s.Retire("site/BER")
	if _, err := s.Append(ctx, draft); !fault.Is(err, fault.Forbidden) {
		t.Fatalf("an edit was saved in a space that is being left: %v", err)
	}
	must(t, s.Leave(ctx, "site/BER"))
	if s.Frontier("site/BER").Commit != 0 || titleOf(t, s, there) != "" || s.Blobs().Has(own) {
		t.Error("something is left of the space")
	}
	if s.Frontier(lyon) != before || titleOf(t, s, kept[0]) == "" || !s.Blobs().Has(shared) {
		t.Error("another space lost something")
	}
	wantNoFindings(t, s)
	must(t, s.Close())
	if found := diskfiletest.Holding(t, dir, secret); len(found) > 0 {
		t.Errorf("what was left is still in %v", found)
	}
	s = openStore(t, configIn(dir, device))
	if s.PendingCount() != 0 || s.Frontier(lyon) != before {
		t.Errorf("after a restart it stands at %v with %d pending", s.Frontier(lyon), s.PendingCount())
	}
	fill(t, s, 2)
	wantNoFindings(t, s)
}

// commitIn commits what is tentative in a space by hand.
func commitIn(t *testing.T, s *Store, space record.Space) {
	t.Helper()
	at := s.Frontier(space)
	entry := record.Entry{Format: record.FormatVersion, Space: space, Generation: at.Generation, EvaluatedAt: at.Commit, Time: 1}
	for i, e := range s.Pending(space) {
		raw, err := record.Encode(&record.Outcome{Edit: e.ID, Hash: e.Sealed.Hash(), Commit: at.Commit + uint64(i) + 1, Result: record.Applied})
		must(t, err)
		entry.Edits, entry.Outcomes = append(entry.Edits, e.Sealed), append(entry.Outcomes, raw)
	}
	applied, err := s.Apply(context.Background(), entry, RaftPosition{})
	must(t, err)
	if !applied {
		t.Fatal("the entry was refused")
	}
}
