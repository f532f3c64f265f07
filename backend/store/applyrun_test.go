package store

import (
	"context"
	"reflect"
	"testing"

	"holdfast/backend/record"
)

// entriesOf gives entries one after the other about one record: made, and given another title by each further one.
func entriesOf(t *testing.T, s *Store, id record.ID, n int) (entries []record.Entry) {
	t.Helper()
	for i := range n {
		_, err := s.Append(context.Background(), draftOf(id, i == 0, "Title "+string(rune('A'+i))), draftOf(newID(), true, "Another"))
		must(t, err)
		entry := decide(t, s, s.Pending(lyon))
		entry.Time, entry.Before = s.now(), s.Frontier(lyon).Chain
		if i == 0 {
			entry.Before = record.Hash{}
		}
		applied, err := s.Apply(context.Background(), entry, RaftPosition{})
		if err != nil || !applied {
			t.Fatal(applied, err)
		}
		entries = append(entries, entry)
	}
	return entries
}

func TestARunOfEntriesIsWhatItsEntriesAreOneByOne(t *testing.T) {
	ctx := context.Background()
	a, b := newStoreOf(t, newSigner("A")), newStoreOf(t, newSigner("B"))
	id := newID()
	entries := entriesOf(t, a, id, 4)
	at := RaftPosition{Index: 9, Term: 2}
	applied, err := b.ApplyRun(ctx, entries, at)
	must(t, err)
	if !applied || b.Frontier(lyon) != a.Frontier(lyon) || b.RaftPosition() != at {
		t.Fatalf("%v, %+v at %+v, want %+v", applied, b.Frontier(lyon), b.RaftPosition(), a.Frontier(lyon))
	}
	wantNoFindings(t, b)
	was, err := a.History(ctx, id)
	must(t, err)
	is, err := b.History(ctx, id)
	must(t, err)
	if len(is) != 5 || !reflect.DeepEqual(was, is) {
		t.Errorf("the history is\n%+v\nwant\n%+v", is, was)
	}
	ours, err := a.Commits(lyon, 1, 1<<20)
	must(t, err)
	theirs, err := b.Commits(lyon, 1, 1<<20)
	must(t, err)
	if len(ours) != 8 || !reflect.DeepEqual(ours, theirs) {
		t.Errorf("the commits differ:\n%+v\n%+v", ours, theirs)
	}
}

func TestARunOfWhichOneEntryDoesNotFitChangesNothing(t *testing.T) {
	ctx := context.Background()
	a := newStoreOf(t, newSigner("A"))
	for name, spoil := range map[string]func([]record.Entry) []record.Entry{
		"one is missing":       func(e []record.Entry) []record.Entry { return []record.Entry{e[0], e[2]} },
		"one stands twice":     func(e []record.Entry) []record.Entry { return []record.Entry{e[0], e[0], e[1]} },
		"of another past":      func(e []record.Entry) []record.Entry { e[1].Before[0]++; return e },
		"of another space":     func(e []record.Entry) []record.Entry { e[1].Space = record.Organisation; return e },
		"raises in the middle": func(e []record.Entry) []record.Entry { e[1].Generation++; return e },
		"breaks a rule":        func(e []record.Entry) []record.Entry { e[2].Outcomes[1] = []byte("x"); return e },
		"lacks an edit":        func(e []record.Entry) []record.Entry { e[2].Edits[1] = record.Sealed{}; return e },
		"has an edit too many": func(e []record.Entry) []record.Entry { e[2].Edits = append(e[2].Edits, e[0].Edits[0]); return e },
	} {
		t.Run(name, func(t *testing.T) {
			b := newStoreOf(t, newSigner("B"))
			from := newStoreOf(t, newSigner(name))
			entries := entriesOf(t, from, newID(), 3)
			whole := make([]record.Entry, len(entries))
			for i, e := range entries {
				whole[i] = e
				whole[i].Edits, whole[i].Outcomes = append([]record.Sealed(nil), e.Edits...), append([][]byte(nil), e.Outcomes...)
			}
			if applied, _ := b.ApplyRun(ctx, spoil(entries), RaftPosition{Index: 3, Term: 1}); applied {
				t.Error("it was applied")
			}
			if len(b.Frontiers()) != 0 || b.RaftPosition() != (RaftPosition{}) {
				t.Error("something changed")
			}
			applied, err := b.ApplyRun(ctx, whole, RaftPosition{Index: 3, Term: 1})
			if err != nil || !applied || b.Frontier(lyon) != from.Frontier(lyon) {
				t.Errorf("the run as it was: %v, %v", applied, err)
			}
		})
	}
	if applied, err := a.ApplyRun(ctx, nil, RaftPosition{}); !applied || err != nil {
		t.Errorf("no entries: %v, %v", applied, err)
	}
}
