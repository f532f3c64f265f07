package store

import (
	"context"
	"slices"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// raise begins a generation where a store stands.
func raise(t testing.TB, s *Store, generation uint64) {
	t.Helper()
	at := s.Frontier(lyon)
	applied, err := s.Apply(context.Background(), record.Entry{
		Format: record.FormatVersion, Space: lyon, Generation: generation, EvaluatedAt: at.Commit, Before: at.Chain,
	}, RaftPosition{})
	must(t, err)
	if !applied {
		t.Fatal("the generation was not raised")
	}
}

func takeLater(t *testing.T, from, to *Store, common uint64) {
	t.Helper()
	snapshot, err := from.SnapshotSpace(t.Context(), lyon, 100)
	must(t, err)
	defer snapshot.Close()
	in, err := to.ReplaceSpace(t.Context(), snapshot.Frontier(), common)
	must(t, err)
	finish(t, snapshot, in)
}

// numbered is an entry that commits a store's pending edits and gives the records that they make a number.
func numbered(t testing.TB, s *Store, number string) {
	t.Helper()
	entry := decide(t, s, s.Pending(lyon))
	for i := range entry.Outcomes {
		var o record.Outcome
		must(t, record.Decode(entry.Outcomes[i], &o))
		o.Writes = append(o.Writes, record.Write{Record: o.Writes[0].Record, Field: record.FieldNumber, State: &record.Field{
			Rule: record.RuleNumber, Values: []record.Held{{Origin: record.Origin{Edit: o.Edit, At: o.Effective}, Value: record.Text(number)}},
		}})
		raw, err := record.Encode(o)
		must(t, err)
		entry.Outcomes[i] = raw
	}
	applied, err := s.Apply(t.Context(), entry, RaftPosition{})
	must(t, err)
	if !applied {
		t.Fatal("the entry was refused")
	}
}

// twoHistories gives two stores with 20 commits in common: ahead has seen three more of the old group, of its own and of a third device's, and survivor is the first
// of a new generation, in which another edit was committed.
func twoHistories(t *testing.T) (ahead, survivor *Store, ids []record.ID, keys []signer) {
	t.Helper()
	keys = []signer{newSigner("A"), newSigner("B"), newSigner("C")}
	ahead, survivor = newStoreOf(t, keys[0]), newStoreOf(t, keys[1])
	third := newStoreOf(t, keys[2])
	fill(t, ahead, 20)
	copyCommits(t, ahead, survivor)
	copyCommits(t, ahead, third)
	for i, s := range []*Store{ahead, third, ahead} {
		ids = append(ids, newID())
		_, err := s.Append(t.Context(), draftOf(ids[i], true, "Seen by the ones ahead"))
		must(t, err)
		if s == third {
			sendAll(t, third, ahead, keys...)
		}
		numbered(t, ahead, "INC-LYO-0002"+string(rune('1'+i)))
	}
	_, err := ahead.Append(t.Context(), draftOf(ids[0], false, "Still pending"))
	must(t, err)
	raise(t, survivor, 2<<32)
	_, err = survivor.Append(t.Context(), draftOf(newID(), true, "Agreed by the new group"))
	must(t, err)
	commitAll(t, survivor)
	return ahead, survivor, ids, keys
}

func TestWhatOnlyOthersSawComesBackUnderItsIDs(t *testing.T) {
	ahead, survivor, ids, keys := twoHistories(t)
	before := ahead.Frontier(lyon)
	var committed []record.EditID
	commits, err := ahead.Commits(lyon, 21, 1<<20)
	must(t, err)
	for _, c := range commits {
		var o record.Outcome
		must(t, record.Decode(c.Outcome, &o))
		committed = append(committed, o.Edit)
	}
	takeLater(t, survivor, ahead, 20)
	if at := ahead.Frontier(lyon); at != survivor.Frontier(lyon) || at == before {
		t.Fatalf("it stands at %+v, the new group at %+v", at, survivor.Frontier(lyon))
	}
	if ahead.PendingCount() != 4 || titleOf(t, ahead, ids[0]) != "Still pending" || titleOf(t, ahead, ids[1]) == "" {
		t.Fatalf("%d edits are pending", ahead.PendingCount())
	}
	for _, id := range committed {
		if _, found := ahead.PendingEdit(id); !found {
			t.Errorf("the withdrawn edit %s is not offered again", id)
		}
		if o, decided := ahead.Outcome(id); decided {
			t.Errorf("the withdrawn edit %s still has the outcome %+v", id, o)
		}
	}
	numbers, err := ahead.WithdrawnNumbers()
	must(t, err)
	for i, id := range ids {
		want := "INC-LYO-0002" + string(rune('1'+i))
		if !slices.ContainsFunc(numbers, func(w WithdrawnNumber) bool { return w.Record == id && w.Number == want }) {
			t.Errorf("the number %s of %s is forgotten: %+v", want, id, numbers)
		}
	}
	must(t, ahead.ForgetWithdrawn(t.Context(), numbers[0]))
	if left, err := ahead.WithdrawnNumbers(); err != nil || len(left) != len(numbers)-1 {
		t.Errorf("%d numbers are left, %v", len(left), err)
	}
	sendAll(t, ahead, survivor, keys...)
	commitAll(t, survivor)
	copyCommits(t, survivor, ahead)
	if ahead.Frontier(lyon) != survivor.Frontier(lyon) || ahead.PendingCount() != 0 || survivor.Frontier(lyon).Commit != 25 {
		t.Errorf("%+v with %d pending, against %+v", ahead.Frontier(lyon), ahead.PendingCount(), survivor.Frontier(lyon))
	}
	wantNoFindings(t, ahead)
	wantNoStagedRows(t, ahead)
}

func TestWithdrawnEditsOutliveARestart(t *testing.T) {
	ahead, survivor, ids, keys := twoHistories(t)
	takeLater(t, survivor, ahead, 20)
	must(t, ahead.Close())
	again, err := Open(t.Context(), Config{Dir: ahead.cfg.Dir, Device: keys[0]})
	must(t, err)
	defer func() { must(t, again.Close()) }()
	if again.PendingCount() != 4 || again.Frontier(lyon) != survivor.Frontier(lyon) || titleOf(t, again, ids[2]) == "" {
		t.Errorf("%d edits are pending at %+v", again.PendingCount(), again.Frontier(lyon))
	}
	wantNoFindings(t, again)
}

func TestOnlyALaterGenerationWithdraws(t *testing.T) {
	ahead, survivor, _, _ := twoHistories(t)
	front := ahead.Frontier(lyon)
	for _, generation := range []uint64{0, front.Generation} {
		f := survivor.Frontier(lyon)
		f.Generation = generation
		if _, err := ahead.ReplaceSpace(t.Context(), f, 20); !fault.Is(err, fault.Conflict) {
			t.Errorf("generation %d: %v", generation, err)
		}
	}
	if ahead.Frontier(lyon) != front {
		t.Error("a refused replacement changed something")
	}
}

func TestASpaceThatNobodyKeptIsWithdrawnWhole(t *testing.T) {
	s := newStoreOf(t, newSigner("A"))
	ids := fill(t, s, 30)
	digest := s.Frontier(lyon).Digest
	must(t, s.WithdrawSpace(t.Context(), lyon))
	if s.Frontier(lyon).Commit != 0 || s.PendingIn(lyon) != 30 || titleOf(t, s, ids[7]) == "" {
		t.Fatalf("%+v with %d pending", s.Frontier(lyon), s.PendingIn(lyon))
	}
	commitAll(t, s)
	if s.Frontier(lyon).Digest != digest {
		t.Error("committed anew, the records are others")
	}
	must(t, s.TrimLog(t.Context(), lyon, 10))
	if err := s.WithdrawSpace(t.Context(), lyon); !fault.Is(err, Trimmed) || s.Frontier(lyon).Commit != 30 {
		t.Errorf("with a trimmed log: %v", err)
	}
	wantNoFindings(t, s)
}

// The new group may have made a record already that it numbered otherwise: who saw the old number must find the record by it.
func TestANumberIsRememberedThoughItsRecordWasMadeAnew(t *testing.T) {
	ahead, survivor, ids, keys := twoHistories(t)
	sendAll(t, ahead, survivor, keys...)
	old := survivor.Frontier(lyon).Commit
	commits, err := ahead.Commits(lyon, 21, 1<<20)
	must(t, err)
	for _, c := range commits {
		_, err := survivor.Receive(t.Context(), keysOf(keys...), lyon, []record.Sealed{c.Sealed})
		must(t, err)
	}
	numbered(t, survivor, "INC-LYO-00030")
	if survivor.Frontier(lyon).Commit == old {
		t.Fatal("the new group has decided nothing anew")
	}
	takeLater(t, survivor, ahead, 20)
	numbers, err := ahead.WithdrawnNumbers()
	must(t, err)
	for i, id := range ids {
		want := "INC-LYO-0002" + string(rune('1'+i))
		if !slices.ContainsFunc(numbers, func(w WithdrawnNumber) bool { return w.Record == id && w.Number == want }) {
			t.Errorf("the number %s of %s is forgotten: %+v", want, id, numbers)
		}
	}
}

// A copied device's two continuations were agreed by two groups. What hangs on the one that is withdrawn is set aside with it, agreed or not, and does not wait for ever.
func TestWhatHangsOnAWithdrawnForkIsSetAside(t *testing.T) {
	keys := []signer{newSigner("A"), newSigner("N"), newSigner("M")}
	a, a2 := cloned(t, keys[0])
	ahead, survivor := newStoreOf(t, keys[1]), newStoreOf(t, keys[2])
	sendAll(t, a, ahead, keys...)
	commitAll(t, ahead)
	copyCommits(t, ahead, survivor)
	for _, title := range []string{"Parts here", "Agreed behind it"} {
		_, err := a2.Append(t.Context(), draftOf(newID(), true, title))
		must(t, err)
	}
	sendAll(t, a2, ahead, keys...)
	commitAll(t, ahead)
	_, err := a2.Append(t.Context(), draftOf(newID(), true, "Not agreed yet"))
	must(t, err)
	sendAll(t, a2, ahead, keys...)
	if ahead.PendingCount() != 1 {
		t.Fatalf("%d edits are pending", ahead.PendingCount())
	}
	raise(t, survivor, 2<<32)
	_, err = a.Append(t.Context(), draftOf(newID(), true, "The other continuation"))
	must(t, err)
	sendAll(t, a, survivor, keys...)
	commitAll(t, survivor)
	takeLater(t, survivor, ahead, 1)
	aside, err := ahead.Quarantine(t.Context())
	must(t, err)
	if ahead.PendingCount() != 0 || len(aside) != 3 {
		t.Errorf("%d edits wait and %d are set aside", ahead.PendingCount(), len(aside))
	}
	wantNoFindings(t, ahead)
}
