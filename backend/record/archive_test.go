package record_test

import (
	"testing"

	"pgregory.net/rapid"

	"holdfast/backend/record"
)

func archive(boat record.ID, seen ...record.EditID) record.Mutation {
	return record.Mutation{Op: record.OpArchive, Record: boat, Seen: seen}
}

func TestArchiveAgainstConcurrentEditKeepsTheRecord(t *testing.T) {
	for _, swapped := range []bool{false, true} {
		g, boat, first, a, b := boatAndTwo(t)
		gone := a.write(t, at(9), "archive", archive(boat, g.states[boat].SeenAll()...))
		edits := []*record.Edit{gone, b.write(t, at(5), "note", note(boat, "n1", "wait"))}
		if swapped {
			edits[0], edits[1] = edits[1], edits[0]
		}
		g.decide(edits[0])
		if o := g.decide(edits[1]); o.Result != record.Conflict {
			t.Errorf("swapped %v: the second was %s", swapped, o.Result)
		}
		s := g.states[boat]
		f := s.Fields[record.FieldArchived]
		if s.Archived || len(f.Conflicts()) != 1 || f.Conflicts()[0].Edit != gone.ID || f.Conflicts()[0].Author != a.person {
			t.Errorf("swapped %v: archived %v, %+v", swapped, s.Archived, f.Values)
		}
		if o := g.decide(b.write(t, at(10), "archive", archive(boat, s.SeenAll()...))); o.Result != record.Applied || !g.states[boat].Archived {
			t.Errorf("swapped %v: archiving with all seen was %s: %+v", swapped, o.Result, g.states[boat].Fields[record.FieldArchived])
		}
		_ = first
	}
}

func TestArchiveTwiceAndRestore(t *testing.T) {
	g, boat, _, a, b := boatAndTwo(t)
	seen := g.states[boat].SeenAll()
	g.decide(a.write(t, at(5), "archive", archive(boat, seen...)))
	if o := g.decide(b.write(t, at(6), "archive", archive(boat, seen...))); o.Result != record.Applied || !g.states[boat].Archived {
		t.Errorf("archived by both: %s", o.Result)
	}
	known := g.states[boat].SeenIn("notes")
	aware := note(boat, "n1", "for the files")
	aware.Seen = known
	if o := g.decide(a.write(t, at(7), "note", aware)); o.Result != record.Applied || !g.states[boat].Archived {
		t.Errorf("a note by somebody who knew: %s, archived %v", o.Result, g.states[boat].Archived)
	}
	restore := record.Mutation{Op: record.OpRestore, Record: boat, Seen: g.states[boat].SeenAll()}
	if o := g.decide(b.write(t, at(8), "restore", restore)); o.Result != record.Applied || g.states[boat].Archived {
		t.Errorf("restoring: %s, archived %v", o.Result, g.states[boat].Archived)
	}
	if o := g.decide(a.write(t, at(9), "archive", archive(boat, g.states[boat].SeenAll()...))); o.Result != record.Applied || !g.states[boat].Archived {
		t.Errorf("archiving again: %s, archived %v: %+v", o.Result, g.states[boat].Archived, g.states[boat].Fields[record.FieldArchived])
	}
}

func TestArchiveThatSawWhatComesLater(t *testing.T) {
	g, boat, first, a, b := boatAndTwo(t)
	comment := b.write(t, at(5), "note", note(boat, "n1", "done"))
	g.decide(a.write(t, at(6), "archive", archive(boat, first.ID, comment.ID)))
	if o := g.decide(comment); o.Result != record.Applied || !g.states[boat].Archived {
		t.Errorf("the comment that was seen before: %s, archived %v", o.Result, g.states[boat].Archived)
	}
}

// TestArchivingNeverHidesUnseenWork: in whatever order the edits come, a record that holds an edit that nobody who archived it saw, and
// whose author did not see the archiving, is live.
func TestArchivingNeverHidesUnseenWork(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := draw(r, t, func(r *rapid.T, boat record.ID, n int, seen []record.EditID) record.Mutation {
			if rapid.Bool().Draw(r, "archive") {
				return archive(boat, seen...)
			}
			return set(boat, "colour", "red", seen...)
		})
		state := s.fold(s.shuffled(r))
		for _, e := range s.edits {
			if e.Mutations[0].Op == record.OpSet && unseen(&s, e) && state.Archived {
				r.Fatalf("archived although nobody saw %s:\n%+v", e.ID, state.Fields[record.FieldArchived])
			}
		}
	})
}

// unseen reports whether there is an archiving, and none that saw e or was seen by it.
func unseen(s *story, e *record.Edit) bool {
	archived := false
	for _, other := range s.edits {
		m := &other.Mutations[0]
		if m.Op != record.OpArchive {
			continue
		}
		archived = true
		if reaches(other.ID, e.ID) || reaches(e.ID, other.ID) {
			return false
		}
		for _, id := range m.Seen {
			if reaches(id, e.ID) {
				return false
			}
		}
		for _, id := range e.Mutations[0].Seen {
			if id == other.ID {
				return false
			}
		}
	}
	return archived
}

func reaches(a, b record.EditID) bool {
	return a.Incarnation == b.Incarnation && a.Sequence >= b.Sequence
}
