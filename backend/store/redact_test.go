package store

import (
	"context"
	"strings"
	"testing"

	"holdfast/backend/core/diskfile/diskfiletest"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

const pasted = "hunter2 of the router"

// permissive lets everybody do everything.
type permissive struct{}

func (permissive) Permit(record.Reader, *record.Edit) *record.Reason { return nil }
func (permissive) Transition(record.Reader, *record.State, *record.Edit, *record.Mutation) *record.Reason {
	return nil
}
func (permissive) Consequences(record.Reader, *record.Edit, map[record.ID]*record.State) []record.Mutation {
	return nil
}

var incidents = record.Catalogue{{Name: "incident", Label: "Incident", Title: "title", Fields: []record.Definition{
	{Name: "title", Label: "Title", Rule: record.RuleRegister, Type: record.TypeText},
	{Name: "comments", Label: "Comments", Rule: record.RuleList, Type: record.TypeEntry},
}}}

// evaluated has every tentative edit of s decided by the rules of records, each in an entry of its own, and applied to all replicas.
func evaluated(t *testing.T, s *Store, others ...*Store) {
	t.Helper()
	ctx := context.Background()
	for len(s.Pending(lyon)) > 0 {
		e := s.Pending(lyon)[0]
		at := s.Frontier(lyon)
		o, _, err := record.Evaluate(s, permissive{}, incidents, e, e.Time)
		must(t, err)
		if o.Result == record.Parked || o.Result == record.Poison {
			t.Fatalf("%s: %+v", o.Result, o.Reason)
		}
		if o.Commit = at.Commit + 1; o.Redacts != nil {
			must(t, s.Redactable(ctx, lyon, o.Redacts))
		}
		raw, err := record.Encode(o)
		must(t, err)
		entry := record.Entry{
			Format: record.FormatVersion, Space: lyon, Generation: max(at.Generation, 1), EvaluatedAt: at.Commit, Time: e.Time, Before: at.Chain,
			Edits: []record.Sealed{e.Sealed}, Outcomes: [][]byte{raw},
		}
		for _, replica := range append([]*Store{s}, others...) {
			applied, err := replica.Apply(ctx, entry, RaftPosition{})
			must(t, err)
			if !applied {
				t.Fatal("an entry was refused")
			}
		}
	}
}

// says lists the files below the stores' folders in which the password stands.
func says(t *testing.T, stores ...*Store) (found []string) {
	t.Helper()
	for _, s := range stores {
		found = append(found, diskfiletest.Holding(t, s.cfg.Dir, "hunter2")...)
	}
	return found
}

// purgedNow waits until the disks have followed; what a database that was just replaced leaves is removed behind its last reader.
func purgedNow(t *testing.T, stores ...*Store) {
	t.Helper()
	for _, s := range stores {
		must(t, s.Purge(context.Background()))
		if done, err := s.purged(); err != nil || done != s.Redactions() {
			t.Fatalf("%d of %d were followed: %v", done, s.Redactions(), err)
		}
		must(t, s.Close())
	}
}

// TestWhatIsRemovedForGoodLeavesEveryDisk removes a title with its history, and a comment with its file, from two replicas; a third takes their state later.
func TestWhatIsRemovedForGoodLeavesEveryDisk(t *testing.T) {
	ctx := context.Background()
	cfgA, cfgB := configIn(t.TempDir(), newSigner("A")), configIn(t.TempDir(), newSigner("B"))
	a, err := Open(ctx, cfgA)
	must(t, err)
	b, err := Open(ctx, cfgB)
	must(t, err)
	id, item, other := newID(), newID(), newID()
	blob := handIn(t, a.Blobs(), []byte("a picture of "+pasted), 1000)
	handIn(t, b.Blobs(), []byte("a picture of "+pasted), 1000)
	save := func(drafts ...record.Draft) {
		t.Helper()
		_, err := a.Append(ctx, drafts...)
		must(t, err)
		evaluated(t, a, b)
	}
	comment := record.Draft{Space: lyon, Action: "comment", Blobs: []record.Hash{blob}, Mutations: []record.Mutation{{
		Op: record.OpAppend, Record: id, Field: "comments", Item: item,
		Value: record.Named(map[string]record.Value{"text": record.Text("It is " + pasted), "blob": record.Bytes(blob[:])}),
	}}}
	save(draftOf(other, true, "Another ticket"), draftOf(id, true, "The password is "+pasted), draftOf(id, false, "Still "+pasted), comment, draftOf(other, false, "Another title"))
	if len(says(t, a, b)) < 4 {
		t.Fatal("the password does not stand on the disks: this test would notice nothing")
	}
	digest := a.Frontier(lyon)
	why := record.Text("A password was pasted.")
	save(record.Draft{Space: lyon, Action: record.ActionRedact, Mutations: []record.Mutation{{Op: record.OpRedact, Record: id, Field: "title", Value: why}}},
		record.Draft{Space: lyon, Action: record.ActionRedact, Mutations: []record.Mutation{{Op: record.OpRedact, Record: id, Field: "comments", Item: item, Value: why}}})
	if a.Frontier(lyon) != b.Frontier(lyon) || a.Frontier(lyon).Digest == digest.Digest || a.Redactions() != 2 {
		t.Fatalf("%+v and %+v, %d redactions", a.Frontier(lyon), b.Frontier(lyon), a.Redactions())
	}
	cfgC := configIn(t.TempDir(), newSigner("C"))
	c, err := Open(ctx, cfgC)
	must(t, err)
	if _, err := a.Commits(lyon, 2, 1<<20); !fault.Is(err, Trimmed) {
		t.Errorf("steps whose content is gone are passed on: %v", err)
	}
	if start, err := a.LogStart(lyon); start != 5 || err != nil {
		t.Errorf("the log starts at %d, %v", start, err)
	}
	takeOver(t, a, c, 1<<20)
	purgedNow(t, a, b, c)
	if found := says(t, a, b, c); len(found) > 0 {
		t.Errorf("the password stands in %v", found)
	}
	a, b, c = openStore(t, cfgA), openStore(t, cfgB), openStore(t, cfgC)
	for _, s := range []*Store{a, b, c} {
		removed(t, s, id, blob)
	}
	if titleOf(t, a, other) != "Another title" {
		t.Error("another record is gone")
	}
}

// removed checks what a replica shows after both redactions, and that its chain and digest hold.
func removed(t *testing.T, s *Store, id record.ID, blob record.Hash) {
	t.Helper()
	ctx := context.Background()
	state, err := s.View(id)
	must(t, err)
	items := state.Fields["comments"].Items
	if titleOf(t, s, id) != record.Removed || len(items) != 1 || items[0].Value.AsNamed()["text"].AsText() != record.Removed || items[0].Value.AsNamed()["blob"].AsText() != "" {
		t.Errorf("%+v", state)
	}
	rows, err := s.History(ctx, id)
	must(t, err)
	reasons := 0
	for _, row := range rows {
		if strings.Contains(row.To.AsText()+row.From.AsText(), "hunter2") {
			t.Errorf("the history says %+v", row)
		}
		if row.Action == record.ActionRedact && row.To.AsText() == "A password was pasted." {
			reasons++
		}
	}
	if reasons != 2 {
		t.Errorf("the history gives %d reasons: %+v", reasons, rows)
	}
	wantNoFindings(t, s)
	if s.Blobs().Has(blob) || len(s.Blobs().Wanted(10)) > 0 {
		t.Error("the file is here, or wanted")
	}
	upload := newID()
	_, err = s.Blobs().Extend(ctx, upload, 0, []byte("a picture of "+pasted))
	must(t, err)
	if _, err := s.Blobs().Adopt(ctx, upload, int64(len("a picture of "+pasted)), blob); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the file is attached again: %v", err)
	}
}

// TestARedactionComesInOneRunWithWhatItRemoves: a node that was away applies both from the log of its group.
func TestARedactionComesInOneRunWithWhatItRemoves(t *testing.T) {
	ctx := context.Background()
	a, b := newStoreOf(t, newSigner("A")), newStoreOf(t, newSigner("B"))
	id := newID()
	var run []record.Entry
	for _, d := range []record.Draft{
		draftOf(id, true, pasted),
		{Space: lyon, Action: record.ActionRedact, Mutations: []record.Mutation{{Op: record.OpRedact, Record: id, Field: "title", Value: record.Text("why")}}},
		draftOf(id, false, "A new title"),
	} {
		_, err := a.Append(ctx, d)
		must(t, err)
		at := a.Frontier(lyon)
		edit := a.Pending(lyon)[0]
		evaluated(t, a)
		steps, err := a.Steps(lyon, at.Commit+1, 1<<20)
		must(t, err)
		run = append(run, record.Entry{Format: record.FormatVersion, Space: lyon, Generation: 1, EvaluatedAt: at.Commit, Time: edit.Time, Edits: []record.Sealed{edit.Sealed}, Outcomes: [][]byte{steps[0].Outcome}})
	}
	applied, err := b.ApplyRun(ctx, run, RaftPosition{Index: 9, Term: 1})
	if !applied || err != nil || b.Frontier(lyon) != a.Frontier(lyon) || b.RaftPosition().Index != 9 {
		t.Fatalf("%v, %v: %+v, want %+v", applied, err, b.Frontier(lyon), a.Frontier(lyon))
	}
	if steps, err := b.Steps(lyon, 1, 1<<20); err != nil || len(steps) != 3 || !steps[0].Redacted || steps[1].Redacted || len(steps[0].Sealed.Payload) > 0 {
		t.Errorf("%+v, %v", steps, err)
	}
	wantNoFindings(t, b)
}
