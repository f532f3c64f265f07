package record_test

import (
	"strings"
	"testing"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
)

// boatAndTwo gives a group with a committed boat, and two laptops that saw it.
func boatAndTwo(t *testing.T) (g *group, boat record.ID, first *record.Edit, a, b *laptop) {
	t.Helper()
	g, boat, a, b = newGroup(t), id("boat"), newLaptop("a"), newLaptop("b")
	first = newLaptop("founder").write(t, at(0), "create", append(create(boat, "Ida"), set(boat, "colour", "white"))...)
	if o := g.decide(first); o.Result != record.Applied {
		t.Fatalf("the creation was %s: %+v %s", o.Result, o.Reason, o.Trouble)
	}
	return g, boat, first, a, b
}

func shown(s *record.State, field string) string { return s.Shown(field).AsText() }

func conflicts(s *record.State, field string) []string {
	var texts []string
	f := s.Fields[field]
	for _, held := range f.Conflicts() {
		texts = append(texts, held.Value.AsText())
	}
	return texts
}

func TestSameFieldBothOrders(t *testing.T) {
	for _, swapped := range []bool{false, true} {
		g, boat, first, a, b := boatAndTwo(t)
		edits := []*record.Edit{
			a.write(t, at(5), "paint", set(boat, "colour", "red", first.ID)),
			b.write(t, at(7), "paint", set(boat, "colour", "blue", first.ID)),
		}
		if swapped {
			edits[0], edits[1] = edits[1], edits[0]
		}
		g.decide(edits[0])
		if o := g.decide(edits[1]); o.Result != record.Conflict {
			t.Errorf("swapped %v: the second was %s, want a conflict", swapped, o.Result)
		}
		s := g.states[boat]
		if shown(s, "colour") != "blue" || strings.Join(conflicts(s, "colour"), ",") != "red" {
			t.Errorf("swapped %v: shows %q against %q, want blue against red", swapped, shown(s, "colour"), conflicts(s, "colour"))
		}
		f := s.Fields["colour"]
		if loser := f.Conflicts()[0]; loser.Author != a.person || loser.At != at(5) {
			t.Errorf("the loser does not say who and when: %+v", loser)
		}
	}
}

func TestEqualTimesAreToldApartByDevice(t *testing.T) {
	var winners []string
	for _, swapped := range []bool{false, true} {
		g, boat, first, a, b := boatAndTwo(t)
		edits := []*record.Edit{
			a.write(t, at(5), "paint", set(boat, "colour", "red", first.ID)),
			b.write(t, at(5), "paint", set(boat, "colour", "blue", first.ID)),
		}
		if swapped {
			edits[0], edits[1] = edits[1], edits[0]
		}
		g.decide(edits[0])
		g.decide(edits[1])
		winners = append(winners, shown(g.states[boat], "colour"))
	}
	if winners[0] != winners[1] {
		t.Errorf("the order of arrival chose between %q", winners)
	}
}

func TestDifferentFieldsAndEqualValuesDoNotConflict(t *testing.T) {
	g, boat, first, a, b := boatAndTwo(t)
	for _, e := range []*record.Edit{
		a.write(t, at(5), "rename", set(boat, "name", "Eva", first.ID), set(boat, "colour", "red", first.ID)),
		b.write(t, at(6), "paint", set(boat, "colour", "red", first.ID), set(boat, "reason", "rust")),
	} {
		if o := g.decide(e); o.Result != record.Applied {
			t.Errorf("%s was %s", e.Action, o.Result)
		}
	}
	s := g.states[boat]
	if shown(s, "name") != "Eva" || shown(s, "colour") != "red" || shown(s, "reason") != "rust" || conflicts(s, "colour") != nil {
		t.Errorf("%+v", s)
	}
}

func TestWhoSawWinsWhateverTheClocks(t *testing.T) {
	g, boat, first, a, b := boatAndTwo(t)
	seen := a.write(t, at(120), "paint", set(boat, "colour", "red", first.ID))
	g.decide(seen)
	if o := g.decide(b.write(t, at(1), "paint", set(boat, "colour", "blue", seen.ID))); o.Result != record.Applied {
		t.Errorf("the result is %s", o.Result)
	}
	if s := g.states[boat]; shown(s, "colour") != "blue" || conflicts(s, "colour") != nil {
		t.Errorf("shows %q against %q", shown(s, "colour"), conflicts(s, "colour"))
	}
}

func TestClockFarAheadIsCutBackAndFlagged(t *testing.T) {
	g, boat, first, a, b := boatAndTwo(t)
	far := clock.Stamp(uint64(at(0)) + uint64(1)<<58)
	wrong := a.write(t, far, "paint", set(boat, "colour", "red", first.ID))
	o := g.decide(wrong)
	if !o.Skewed || o.Effective >= far || o.Effective != g.now.Add(5*60*1e9) {
		t.Errorf("effective %s, skewed %v", o.Effective.Time(), o.Skewed)
	}
	g.decide(b.write(t, at(9), "paint", set(boat, "colour", "blue", wrong.ID)))
	if s := g.states[boat]; shown(s, "colour") != "blue" {
		t.Errorf("shows %q", shown(s, "colour"))
	}
	early := b.write(t, clock.Stamp(1), "paint", set(boat, "colour", "green", b.lastID()))
	if o := g.decide(early); o.Skewed || o.Result != record.Applied || shown(g.states[boat], "colour") != "green" {
		t.Errorf("an edit of 1970 was %s (skewed %v)", o.Result, o.Skewed)
	}
}

// TestCircleOfSawAndLater: y saw x, x is later than z, z is later than y. In every order y and z stay, and z is shown.
func TestCircleOfSawAndLater(t *testing.T) {
	orders := [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
	for _, order := range orders {
		g, boat, first, a, b := boatAndTwo(t)
		c := newLaptop("c")
		x := a.write(t, at(9), "paint", set(boat, "colour", "x", first.ID))
		edits := []*record.Edit{
			x,
			b.write(t, at(3), "paint", set(boat, "colour", "y", first.ID, x.ID)),
			c.write(t, at(6), "paint", set(boat, "colour", "z", first.ID)),
		}
		for _, i := range order {
			g.decide(edits[i])
		}
		s := g.states[boat]
		if shown(s, "colour") != "z" || strings.Join(conflicts(s, "colour"), ",") != "y" {
			t.Errorf("order %v shows %q against %q", order, shown(s, "colour"), conflicts(s, "colour"))
		}
		f := s.Fields["colour"]
		if len(f.Awaited) != 0 {
			t.Errorf("order %v still awaits %v", order, f.Awaited)
		}
	}
}

func TestSettlingNamesTheLosers(t *testing.T) {
	g, boat, first, a, b := boatAndTwo(t)
	red := a.write(t, at(5), "paint", set(boat, "colour", "red", first.ID))
	blue := b.write(t, at(7), "paint", set(boat, "colour", "blue", first.ID))
	g.decide(red)
	g.decide(blue)
	f := g.states[boat].Fields["colour"]
	o := g.decide(a.write(t, at(8), "settle", set(boat, "colour", "red", f.Seen()...)))
	if o.Result != record.Applied || len(o.Settles) != 1 || o.Settles[0] != red.ID {
		t.Errorf("%s settles %v", o.Result, o.Settles)
	}
	second := g.decide(b.write(t, at(9), "settle", set(boat, "colour", "blue", f.Seen()...)))
	s := g.states[boat]
	if second.Result != record.Conflict || shown(s, "colour") != "blue" || strings.Join(conflicts(s, "colour"), ",") != "red" {
		t.Errorf("settled differently: %s shows %q against %q", second.Result, shown(s, "colour"), conflicts(s, "colour"))
	}
	dismiss := record.Mutation{Op: record.OpSettle, Record: boat, Field: "colour", Seen: []record.EditID{a.lastID()}}
	if o := g.decide(b.write(t, at(10), "settle", dismiss)); o.Result != record.Applied || len(o.Settles) != 1 {
		t.Errorf("dismissing: %s settles %v", o.Result, o.Settles)
	}
	if s := g.states[boat]; shown(s, "colour") != "blue" || conflicts(s, "colour") != nil {
		t.Errorf("after dismissing: %q against %q", shown(s, "colour"), conflicts(s, "colour"))
	}
}

func TestLaterSetInOneEditReplacesTheEarlier(t *testing.T) {
	g, boat, first, a, b := boatAndTwo(t)
	twice := a.write(t, at(5), "paint", set(boat, "colour", "red", first.ID), set(boat, "colour", "pink", first.ID))
	if o := g.decide(twice); o.Result != record.Applied || shown(g.states[boat], "colour") != "pink" {
		t.Errorf("%s shows %q", o.Result, shown(g.states[boat], "colour"))
	}
	// The same when somebody replaced it before it came.
	ahead := record.EditID{Incarnation: a.next().Incarnation, Sequence: a.sequence + 1}
	g.decide(b.write(t, at(4), "paint", set(boat, "colour", "blue", twice.ID, ahead)))
	g.decide(a.write(t, at(6), "paint", set(boat, "colour", "grey", twice.ID), set(boat, "colour", "black", twice.ID)))
	if s := g.states[boat]; shown(s, "colour") != "blue" || conflicts(s, "colour") != nil {
		t.Errorf("shows %q against %q", shown(s, "colour"), conflicts(s, "colour"))
	}
}

func TestClearedValueStandsAgainstAConcurrentOne(t *testing.T) {
	g, boat, first, a, b := boatAndTwo(t)
	g.decide(a.write(t, at(5), "paint", set(boat, "colour", "red", first.ID)))
	if o := g.decide(b.write(t, at(7), "clear", set(boat, "colour", "", first.ID))); o.Result != record.Conflict {
		t.Errorf("clearing was %s", o.Result)
	}
	if s := g.states[boat]; shown(s, "colour") != "" || strings.Join(conflicts(s, "colour"), ",") != "red" {
		t.Errorf("shows %q against %q", shown(s, "colour"), conflicts(s, "colour"))
	}
}
