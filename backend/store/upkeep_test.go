package store

import (
	"context"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

func TestATrimmedLogKeepsTheRecords(t *testing.T) {
	ctx := context.Background()
	from, s := newStoreOf(t, newSigner("A")), newStoreOf(t, newSigner("B"))
	ids := fill(t, from, 20)
	copyCommits(t, from, s)
	first, err := s.Commits(lyon, 1, 1)
	must(t, err)
	edit, err := record.Open(first[0].Sealed)
	must(t, err)
	must(t, s.TrimLog(ctx, lyon, 11))
	if start, err := s.LogStart(lyon); start != 11 || err != nil {
		t.Errorf("the log starts at %d, %v", start, err)
	}
	if _, err := s.Commits(lyon, 10, 1000); !fault.Is(err, Trimmed) {
		t.Errorf("a trimmed commit: %v", err)
	}
	if rest, err := s.Commits(lyon, 11, 1<<20); len(rest) != 10 || err != nil {
		t.Errorf("%d commits are left, %v", len(rest), err)
	}
	if _, found := s.Outcome(edit.ID); found {
		t.Error("a trimmed outcome is found")
	}
	history, err := s.History(ctx, ids[0])
	must(t, err)
	if titleOf(t, s, ids[0]) == "" || len(history) == 0 {
		t.Error("the record or its history is gone")
	}
	must(t, s.TrimLog(ctx, lyon, 1000))
	must(t, s.Tend(ctx))
	wantNoFindings(t, s)
	fill(t, s, 2)
	wantNoFindings(t, s)
	if start, err := s.LogStart(lyon); start != 21 || err != nil {
		t.Errorf("the log starts at %d, %v", start, err)
	}
}

func TestAParkedEditOutlivesTheLog(t *testing.T) {
	ctx := context.Background()
	s := newStoreOf(t, newSigner("A"))
	ids, err := s.Append(ctx, draftOf(newID(), true, "One"))
	must(t, err)
	applyChanged(t, s, func(o *record.Outcome) { o.Result, o.Writes = record.Parked, nil })
	must(t, s.TrimLog(ctx, lyon, 2))
	parked, _, err := s.Parked(ctx, "")
	must(t, err)
	if o, found := s.Outcome(ids[0]); !found || o.Result != record.Parked || len(parked) != 1 {
		t.Errorf("%v, %v, %d listed", o, found, len(parked))
	}
}
