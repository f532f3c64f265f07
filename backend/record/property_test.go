package record_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
)

// story is what a few laptops wrote about one boat, in the order of writing, on top of its creation.
type story struct {
	boat  record.ID
	first *record.Edit // the creation
	edits []*record.Edit
}

// drawSeen picks edits that a mutation claims to have seen: any of those written so far, and of those still to come.
func drawSeen(t *rapid.T, known []record.EditID, at int) []record.EditID {
	var seen []record.EditID
	for i, pick := range rapid.SliceOfN(rapid.IntRange(0, 3), len(known), len(known)).Draw(t, "seen") {
		if pick == 0 && i != at {
			seen = append(seen, known[i])
		}
	}
	return seen
}

// draw makes a story with mutations by make; seen may name any edit of another laptop, so that circles occur, and times are arbitrary.
func draw(t *rapid.T, tb testing.TB, make func(t *rapid.T, boat record.ID, n int, seen []record.EditID) record.Mutation) story {
	laptops := []*laptop{newLaptop("a"), newLaptop("b"), newLaptop("c"), newLaptop("d")}
	s := story{boat: id("boat")}
	s.first = newLaptop("founder").write(tb, at(0), "create", create(s.boat, "Ida")...)
	writers := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 7).Draw(t, "writers")
	ids := editIDs(laptops, writers)
	for n, writer := range writers {
		minute := rapid.IntRange(1, 5).Draw(t, "minute")
		seen := drawSeen(t, append([]record.EditID{s.first.ID}, ids...), n+1)
		seen = slices.DeleteFunc(seen, func(id record.EditID) bool {
			return id.Incarnation == ids[n].Incarnation && id.Sequence >= ids[n].Sequence
		})
		s.edits = append(s.edits, laptops[writer].write(tb, at(minute), "change", make(t, s.boat, n, seen)))
	}
	return s
}

// editIDs foretells the ids of the edits that the writers are going to make.
func editIDs(laptops []*laptop, writers []int) []record.EditID {
	var ids []record.EditID
	counts := map[int]uint64{}
	for _, writer := range writers {
		id := laptops[writer].next()
		id.Sequence += counts[writer]
		counts[writer]++
		ids = append(ids, id)
	}
	return ids
}

// shuffled gives the edits in another order in which each laptop's own stay in theirs.
func (s *story) shuffled(t *rapid.T) []*record.Edit {
	queues := map[record.Incarnation][]*record.Edit{}
	var order []record.Incarnation
	for _, e := range s.edits {
		if len(queues[e.ID.Incarnation]) == 0 {
			order = append(order, e.ID.Incarnation)
		}
		queues[e.ID.Incarnation] = append(queues[e.ID.Incarnation], e)
	}
	var out []*record.Edit
	for len(order) > 0 {
		i := rapid.IntRange(0, len(order)-1).Draw(t, "next")
		queue := queues[order[i]]
		out = append(out, queue[0])
		if queues[order[i]] = queue[1:]; len(queue) == 1 {
			order = slices.Delete(order, i, i+1)
		}
	}
	return out
}

func (s *story) fold(edits []*record.Edit) *record.State {
	return record.Fold(s.boat, nil, append([]*record.Edit{s.first}, edits...))
}

// essence gives the state without the adds that a set waits for in vain, because somebody claims to have removed what was never added.
func essence(s *record.State) string {
	c := *s
	c.Fields = map[string]record.Field{}
	for name, f := range s.Fields {
		f.Withdrawn = nil
		c.Fields[name] = f
	}
	return string(record.EncodeState(&c))
}

// sameInAnyOrder holds that two orders of arrival give the same state to the last byte.
func sameInAnyOrder(tb testing.TB, make func(t *rapid.T, boat record.ID, n int, seen []record.EditID) record.Mutation) func(*rapid.T) {
	return func(t *rapid.T) {
		s := draw(t, tb, make)
		want, got := s.fold(s.edits), s.fold(s.shuffled(t))
		if essence(want) != essence(got) {
			t.Fatalf("as written:\n%+v\nshuffled:\n%+v", want, got)
		}
	}
}

func drawSet(t *rapid.T, boat record.ID, n int, seen []record.EditID) record.Mutation {
	return set(boat, "colour", fmt.Sprintf("colour %d", n), seen...)
}

func TestOrderOfArrivalChangesNoRegister(t *testing.T) {
	rapid.Check(t, sameInAnyOrder(t, drawSet))
}

func TestOrderOfArrivalChangesNoSet(t *testing.T) {
	rapid.Check(t, sameInAnyOrder(t, func(t *rapid.T, boat record.ID, _ int, seen []record.EditID) record.Mutation {
		tag := record.Text(rapid.SampledFrom([]string{"fast", "old"}).Draw(t, "tag"))
		op := rapid.SampledFrom([]record.Op{record.OpAdd, record.OpAdd, record.OpRemove}).Draw(t, "op")
		return record.Mutation{Op: op, Record: boat, Field: "tags", Value: tag, Seen: seen}
	}))
}

func TestOrderOfArrivalChangesNoList(t *testing.T) {
	rapid.Check(t, sameInAnyOrder(t, func(t *rapid.T, boat record.ID, n int, _ []record.EditID) record.Mutation {
		item := rapid.SampledFrom([]string{"one", "two", "three"}).Draw(t, "item")
		return note(boat, item, fmt.Sprintf("text %d", n))
	}))
}

func TestOrderOfArrivalChangesNoCounter(t *testing.T) {
	rapid.Check(t, sameInAnyOrder(t, func(t *rapid.T, boat record.ID, _ int, _ []record.EditID) record.Mutation {
		return record.Mutation{Op: record.OpCount, Record: boat, Field: "miles", Delta: rapid.Int64().Draw(t, "delta")}
	}))
}

// TestSurvivorsAreWhatNobodyReplaced holds the register against its definition: what no other edit has seen and replaced is there, and
// the latest of it is shown.
func TestSurvivorsAreWhatNobodyReplaced(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := draw(r, t, drawSet)
		state := s.fold(s.shuffled(r))
		var want []*record.Edit
		for _, e := range s.edits {
			replaced := func(other *record.Edit) bool { return slices.Contains(other.Mutations[0].Seen, e.ID) }
			if !slices.ContainsFunc(s.edits, replaced) {
				want = append(want, e)
			}
		}
		slices.SortFunc(want, func(x, y *record.Edit) int {
			if x.Time != y.Time {
				return -compareStamps(x.Time, y.Time)
			}
			return -x.ID.Compare(y.ID)
		})
		got := state.Fields["colour"].Values
		if len(got) != len(want) {
			r.Fatalf("%d values survive, want %d: %+v", len(got), len(want), got)
		}
		for i := range want {
			if got[i].Edit != want[i].ID {
				r.Fatalf("value %d is of %s, want %s", i, got[i].Edit, want[i].ID)
			}
		}
	})
}

func compareStamps(a, b clock.Stamp) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// drawAny makes a mutation of any plain field; texts are on top of nothing that anybody else could have changed.
func drawAny(t *rapid.T, boat record.ID, n int, seen []record.EditID) record.Mutation {
	switch rapid.IntRange(0, 6).Draw(t, "kind of change") {
	case 0:
		return drawSet(t, boat, n, seen)
	case 1:
		return record.Mutation{Op: record.OpText, Record: boat, Field: "log", Value: record.Text(fmt.Sprintf("line %d", n)), Seen: seen}
	case 2:
		return record.Mutation{Op: record.OpAdd, Record: boat, Field: "tags", Value: record.Text("fast")}
	case 3:
		return record.Mutation{Op: record.OpRemove, Record: boat, Field: "tags", Value: record.Text("fast"), Seen: seen}
	case 4:
		return note(boat, fmt.Sprint(n), "note")
	case 5:
		return record.Mutation{Op: record.OpCount, Record: boat, Field: "miles", Delta: 1}
	}
	op := rapid.SampledFrom([]record.Op{record.OpArchive, record.OpRestore}).Draw(t, "op")
	return record.Mutation{Op: op, Record: boat, Seen: seen}
}

// unmarked gives the state without what only a tentative one has, and without the moments at which people first saw it.
func unmarked(s *record.State) string {
	c := *s
	c.Pending = 0
	c.Fields = map[string]record.Field{}
	for name, f := range s.Fields {
		if f.Rule == record.RuleNumber {
			continue
		}
		f.Pending = false
		c.Fields[name] = f
	}
	return string(record.EncodeState(&c))
}

func TestIncrementalFoldEqualsRebuilt(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := draw(r, t, drawAny)
		all := append([]*record.Edit{s.first}, s.shuffled(r)...)
		step := record.Fold(s.boat, nil, all[:1])
		for i := range all[1:] {
			step = record.Fold(s.boat, step, all[i+1:i+2])
		}
		rebuilt := record.Fold(s.boat, nil, all)
		if string(record.EncodeState(step)) != string(record.EncodeState(rebuilt)) {
			r.Fatalf("step by step:\n%+v\nrebuilt:\n%+v", step, rebuilt)
		}
	})
}

func TestFoldEqualsDecision(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := draw(r, t, drawAny)
		all := append([]*record.Edit{s.first}, s.shuffled(r)...)
		g := newGroup(t)
		cut := rapid.IntRange(1, len(all)).Draw(r, "committed")
		for _, e := range all[:cut] {
			if o := g.decide(e); o.Result == record.Parked || o.Result == record.Poison {
				r.Fatalf("%q: %+v %s", o.Result, o.Reason, o.Trouble)
			}
		}
		view := record.Fold(s.boat, g.states[s.boat], all[cut:])
		for _, e := range all[cut:] {
			g.decide(e)
		}
		if unmarked(view) != unmarked(g.states[s.boat]) {
			r.Fatalf("seen before the decision:\n%+v\nafter:\n%+v", view, g.states[s.boat])
		}
	})
}

// TestNothingIsLost holds that every value that was written is shown, stands as a conflict, or is in the history.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := draw(r, t, drawAny)
		g := newGroup(t)
		for _, e := range append([]*record.Edit{s.first}, s.shuffled(r)...) {
			g.decide(e)
		}
		for _, e := range s.edits {
			m := &e.Mutations[0]
			found := func(c record.Change) bool {
				return c.Edit == e.ID && (len(m.Value) == 0 || c.To.Equal(m.Value) || c.From.Equal(m.Value) || c.Result == record.Merged)
			}
			if !slices.ContainsFunc(g.history[s.boat], found) {
				r.Fatalf("%s of %s is nowhere:\n%+v", m.Op, e.ID, g.history[s.boat])
			}
		}
	})
}

func TestStatesAreNeverChangedInPlace(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := draw(r, t, drawAny)
		base := s.fold(s.edits[:len(s.edits)/2])
		before := string(record.EncodeState(base))
		one := record.Fold(s.boat, base, s.edits[len(s.edits)/2:])
		kept := string(record.EncodeState(one))
		record.Fold(s.boat, base, s.shuffled(r))
		if string(record.EncodeState(base)) != before || string(record.EncodeState(one)) != kept {
			r.Fatal("a fold changed a state that was handed in or given out")
		}
	})
}
