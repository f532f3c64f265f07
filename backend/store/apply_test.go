package store

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

func TestAnEntryIsAppliedOnceAndWhole(t *testing.T) {
	ctx := context.Background()
	s := newStoreOf(t, newSigner("A"))
	_, err := s.Append(ctx, draftOf(newID(), true, "One"), draftOf(newID(), true, "Two"))
	must(t, err)
	entry := decide(t, s, s.Pending(lyon))
	at := RaftPosition{Index: 3, Term: 1}
	for i, want := range []bool{true, true} { // the second time the log is replayed
		if applied, err := s.Apply(ctx, entry, at); applied != want || err != nil {
			t.Fatalf("%d: %v, %v", i, applied, err)
		}
	}
	after := s.Frontier(lyon)
	if after.Commit != 2 || s.RaftPosition() != at {
		t.Fatalf("%v at %v", after, s.RaftPosition())
	}
	for _, other := range []RaftPosition{{}, {Index: 4, Term: 1}} { // proposed twice, or received from a peer
		if applied, err := s.Apply(ctx, entry, other); applied || err != nil {
			t.Errorf("%v: %v, %v", other, applied, err)
		}
	}
	if s.Frontier(lyon) != after {
		t.Error("an entry that is not due changed something")
	}
}

func TestEntriesThatBreakARuleChangeNothing(t *testing.T) {
	ctx := context.Background()
	for name, spoil := range map[string]func(*record.Entry, *Store){
		"later commit":     func(e *record.Entry, _ *Store) { e.EvaluatedAt = 5 },
		"older generation": func(e *record.Entry, _ *Store) { e.Generation = 0 },
		"newer format":     func(e *record.Entry, _ *Store) { e.Format = 99 },
		"missing outcome":  func(e *record.Entry, _ *Store) { e.Outcomes = e.Outcomes[:1] },
		"not an outcome":   func(e *record.Entry, _ *Store) { e.Outcomes[1] = []byte("x") },
		"swapped":          func(e *record.Entry, _ *Store) { e.Edits[0], e.Edits[1] = e.Edits[1], e.Edits[0] },
		"out of order": func(e *record.Entry, _ *Store) {
			e.Edits[0], e.Edits[1] = e.Edits[1], e.Edits[0]
			e.Outcomes[0], e.Outcomes[1] = e.Outcomes[1], e.Outcomes[0]
		},
		"one left out": func(e *record.Entry, _ *Store) { e.Edits, e.Outcomes = e.Edits[1:], e.Outcomes[1:] },
		"twice": func(e *record.Entry, _ *Store) {
			e.Edits[1], e.Outcomes[1] = e.Edits[0], e.Outcomes[0]
		},
		"another space": func(e *record.Entry, _ *Store) { e.Space, e.EvaluatedAt, e.Generation = record.Organisation, 0, 1 },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStoreOf(t, newSigner("A"))
			fill(t, s, 1)
			_, err := s.Append(ctx, draftOf(newID(), true, "One"), draftOf(newID(), true, "Two"))
			must(t, err)
			entry := decide(t, s, s.Pending(lyon))
			before := s.Frontier(lyon)
			spoil(&entry, s)
			if applied, err := s.Apply(ctx, entry, RaftPosition{}); applied || err != nil && fault.CodeOf(err) == fault.Internal {
				t.Errorf("%v, %v", applied, err)
			}
			if s.Frontier(lyon) != before || s.PendingCount() != 2 || len(s.Frontiers()) != 1 {
				t.Error("something changed")
			}
			commitAll(t, s)
			wantNoFindings(t, s)
		})
	}
}

func TestAGenerationIsRaisedByAnEntryWithoutEdits(t *testing.T) {
	ctx := context.Background()
	s := newStoreOf(t, newSigner("A"))
	fill(t, s, 2)
	before := s.Frontier(lyon)
	raise := record.Entry{Format: 1, Space: lyon, Generation: before.Generation + 1, EvaluatedAt: before.Commit}
	applied, err := s.Apply(ctx, raise, RaftPosition{})
	must(t, err)
	if got := s.Frontier(lyon); !applied || got.Generation != before.Generation+1 || got.Chain != before.Chain {
		t.Fatalf("%v, %v", applied, got)
	}
	_, err = s.Append(ctx, draftOf(newID(), true, "Late"))
	must(t, err)
	entry := decide(t, s, s.Pending(lyon))
	entry.Generation = before.Generation
	if applied, _ := s.Apply(ctx, entry, RaftPosition{}); applied {
		t.Error("an entry of the old generation was applied")
	}
}

func TestAnEditThatIsHeldNeedNotTravelAgain(t *testing.T) {
	ctx := context.Background()
	a, b := newSigner("A"), newSigner("B")
	from, to := newStoreOf(t, a), newStoreOf(t, b)
	_, err := from.Append(ctx, draftOf(newID(), true, "Held by both"))
	must(t, err)
	entry := decide(t, from, from.Pending(lyon))
	bare := entry
	bare.Edits = []record.Sealed{{}}
	if applied, err := to.Apply(ctx, bare, RaftPosition{}); applied || !fault.Is(err, fault.NotFound) {
		t.Errorf("without the edit: %v, %v", applied, err)
	}
	sendAll(t, from, to, a)
	applied, err := to.Apply(ctx, bare, RaftPosition{})
	must(t, err)
	commits, err := to.Commits(lyon, 1, 1<<20)
	must(t, err)
	if !applied || len(commits) != 1 || len(commits[0].Sealed.Header) == 0 {
		t.Errorf("%v, %+v", applied, commits)
	}
}

func TestParkedEditsAndConflictsAreListedUntilSettled(t *testing.T) {
	ctx := context.Background()
	s := newStoreOf(t, newSigner("A"))
	id := newID()
	_, err := s.Append(ctx, draftOf(id, true, "One"))
	must(t, err)
	commitAll(t, s)
	ids, err := s.Append(ctx, draftOf(id, false, "Two"), draftOf(id, false, "Three"))
	must(t, err)
	park := func(o *record.Outcome) {
		o.Result, o.Reason, o.Writes = record.Parked, &record.Reason{Code: "closed", Sentence: "It is closed."}, nil
	}
	clash := func(o *record.Outcome) {
		w := o.Writes[0]
		w.State = &record.Field{Rule: record.RuleRegister, Values: append([]record.Held{{Value: record.Text("Other")}}, w.State.Values...)}
		o.Writes[0], o.Result = w, record.Conflict
	}
	applyChanged(t, s, park, clash)
	parked, next, err := s.Parked(ctx, "")
	must(t, err)
	conflicted, err := s.Conflicted(ctx)
	must(t, err)
	if len(parked) != 1 || parked[0].Edit.ID != ids[0] || parked[0].Outcome.Reason.Code != "closed" || next != "" {
		t.Errorf("parked %+v, %q", parked, next)
	}
	if len(conflicted) != 1 || conflicted[0] != id {
		t.Errorf("conflicted %v", conflicted)
	}
	_, err = s.Append(ctx, draftOf(id, false, "Settled"))
	must(t, err)
	applyChanged(t, s, func(o *record.Outcome) { o.Settles = []record.EditID{ids[0]} })
	parked, _, err = s.Parked(ctx, "")
	must(t, err)
	conflicted, err = s.Conflicted(ctx)
	must(t, err)
	if len(parked) != 0 || len(conflicted) != 0 {
		t.Errorf("still listed: %v, %v", parked, conflicted)
	}
}

func TestARecordIsRefusedOnceItsCreationWasParked(t *testing.T) {
	ctx := context.Background()
	s := newStoreOf(t, newSigner("A"))
	made, turnedDown := newID(), newID()
	_, err := s.Append(ctx, draftOf(made, true, "One"), draftOf(turnedDown, true, "Two"))
	must(t, err)
	wantRefused := func(when string, want map[record.ID]bool) {
		t.Helper()
		for id, refused := range want {
			if got, err := s.Refused(lyon, id); err != nil || got != refused {
				t.Errorf("%s, %s is refused: %v, %v", when, id, got, err)
			}
		}
	}
	wantRefused("while nothing is decided", map[record.ID]bool{made: false, turnedDown: false})
	keep := func(*record.Outcome) {}
	park := func(o *record.Outcome) {
		o.Result, o.Reason, o.Writes = record.Parked, &record.Reason{Code: "closed", Sentence: "It is closed."}, nil
	}
	applyChanged(t, s, keep, park)
	wantRefused("once all is decided", map[record.ID]bool{made: false, turnedDown: true, newID(): false})
}

// applyChanged commits what is tentative after each outcome was changed.
func applyChanged(t *testing.T, s *Store, changes ...func(*record.Outcome)) {
	t.Helper()
	entry := decide(t, s, s.Pending(lyon))
	for i, change := range changes {
		var o record.Outcome
		must(t, record.Decode(entry.Outcomes[i], &o))
		change(&o)
		raw, err := record.Encode(o)
		must(t, err)
		entry.Outcomes[i] = raw
	}
	applied, err := s.Apply(context.Background(), entry, RaftPosition{})
	must(t, err)
	if !applied {
		t.Fatal("refused")
	}
}

func TestParkedEditsComeInPages(t *testing.T) {
	ctx := context.Background()
	s := newStoreOf(t, newSigner("A"))
	drafts := make([]record.Draft, limit.PageRowsMax+50)
	for i := range drafts {
		drafts[i] = draftOf(newID(), true, fmt.Sprint(i))
	}
	_, err := s.Append(ctx, drafts...)
	must(t, err)
	var parks []func(*record.Outcome)
	for range drafts {
		parks = append(parks, func(o *record.Outcome) { o.Result, o.Writes = record.Poison, nil })
	}
	applyChanged(t, s, parks...)
	first, next, err := s.Parked(ctx, "")
	must(t, err)
	second, end, err := s.Parked(ctx, next)
	must(t, err)
	if len(first) != limit.PageRowsMax || len(second) != 50 || end != "" || second[0].Edit.ID == first[len(first)-1].Edit.ID {
		t.Errorf("%d, %d, %q", len(first), len(second), end)
	}
}

// TestAChangeLargerThanATransactionIsWholeToo touches records so large that their states go beyond what Badger takes in one transaction.
func TestAChangeLargerThanATransactionIsWholeToo(t *testing.T) {
	ctx := context.Background()
	dir, device := t.TempDir(), newSigner("A")
	s, err := Open(ctx, configIn(dir, device))
	must(t, err)
	long := strings.Repeat("0123456789abcdef", 40<<10)
	var ids []record.ID
	for range 8 {
		id := newID()
		ids = append(ids, id)
		_, err := s.Append(ctx, draftOf(id, true, long))
		must(t, err)
	}
	commitAll(t, s) // eight states of 640 KiB, with their history and log, in one entry
	if s.Frontier(lyon).Commit != 8 {
		t.Fatalf("%v", s.Frontier(lyon))
	}
	must(t, s.Close())
	s = openStore(t, configIn(dir, device))
	for _, id := range ids {
		if titleOf(t, s, id) != long {
			t.Fatal("a title is not whole")
		}
	}
	wantNoFindings(t, s)
}

// TestALargeChangeIsFinishedAtOpening stops between the marker of a large change and its rows.
func TestALargeChangeIsFinishedAtOpening(t *testing.T) {
	dir, device := t.TempDir(), newSigner("A")
	s, err := Open(context.Background(), configIn(dir, device))
	must(t, err)
	var set writeSet
	for i := range 40 {
		set.put(metaKey(fmt.Sprintf("large %02d", i)), []byte(strings.Repeat("x", 100<<10)))
	}
	set.remove(metaKey("large 00"))
	if set.fits() {
		t.Fatal("the set is not large")
	}
	must(t, s.db.prepareRedo(set.rows))
	must(t, s.Close())
	s = openStore(t, configIn(dir, device))
	names, err := s.MetaNames("large")
	must(t, err)
	if count, err := s.db.redoCount(); len(names) != 39 || count != 0 || err != nil {
		t.Errorf("%d rows, %d pieces left, %v", len(names), count, err)
	}
}

func TestHalfOfALargeChangeIsDropped(t *testing.T) {
	dir, device := t.TempDir(), newSigner("A")
	s, err := Open(context.Background(), configIn(dir, device))
	must(t, err)
	var set writeSet
	for i := range 40 {
		set.put(metaKey(fmt.Sprintf("large %02d", i)), []byte(strings.Repeat("x", 100<<10)))
	}
	must(t, s.db.prepareRedo(set.rows))
	must(t, s.db.transact([]Row{{Key: []byte{famRedo}}})) // as if it had stopped before the marker
	must(t, s.Close())
	s = openStore(t, configIn(dir, device))
	names, err := s.MetaNames("large")
	must(t, err)
	if len(names) != 0 {
		t.Errorf("%d rows", len(names))
	}
	must(t, s.db.view("test", func(txn *badger.Txn) error {
		if piece, err := get(txn, redoKey(0)); piece != nil || err != nil {
			t.Errorf("a piece is left, %v", err)
		}
		return nil
	}))
}
