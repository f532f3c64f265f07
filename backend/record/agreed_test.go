package record_test

import (
	"strings"
	"testing"

	"holdfast/backend/record"
)

func transition(boat record.ID, from, to string, with ...record.Pair) record.Mutation {
	return record.Mutation{Op: record.OpTransition, Record: boat, Field: "state", From: from, Value: record.Text(to), With: with}
}

func claim(boat record.ID, expected, person record.ID) record.Mutation {
	return record.Mutation{Op: record.OpClaim, Record: boat, Field: "skipper", Base: record.Ref(expected), Value: record.Ref(person)}
}

func texts(items []record.Item) string {
	var all []string
	for _, item := range items {
		all = append(all, item.Value.AsNamed()["text"].AsText())
	}
	return strings.Join(all, "; ")
}

func TestFirstClaimWins(t *testing.T) {
	g, boat, _, a, b := boatAndTwo(t)
	g.decide(newLaptop("clerk").writeIn(t, lyon, at(1), "enrol",
		record.Mutation{Op: record.OpCreate, Record: a.person, Kind: "person"}, set(a.person, "name", "Ana Ruiz")))
	won := a.write(t, at(5), "take", claim(boat, record.ID{}, a.person))
	lost := b.write(t, at(3), "take", claim(boat, record.ID{}, b.person), note(boat, "n1", "I am on my way"), set(boat, "reason", "leak"))
	view := record.Fold(boat, g.states[boat], []*record.Edit{lost, won})
	if view.Shown("skipper").AsRef() != b.person || view.Fields["skipper"].Pending != true {
		t.Errorf("before the decision the earlier claim is not shown as pending: %+v", view.Fields["skipper"])
	}
	if o := g.decide(won); o.Result != record.Applied {
		t.Fatalf("the first claim was %s", o.Result)
	}
	o := g.decide(lost)
	if o.Result != record.Parked || o.Reason.Code != record.ReasonClaimed || o.Reason.Args["holder"] != a.person.String() {
		t.Fatalf("the second claim was %s: %+v", o.Result, o.Reason)
	}
	if want := "Claimed by Ana Ruiz on 1 March 2026 at 12:05 UTC."; o.Reason.Sentence != want {
		t.Errorf("sentence %q, want %q", o.Reason.Sentence, want)
	}
	s := g.states[boat]
	if s.Shown("skipper").AsRef() != a.person || shown(s, "reason") != "" || texts(s.Fields["notes"].Items) != "I am on my way" {
		t.Errorf("after both claims: %+v", s.Fields)
	}
}

func TestClaimTakesOverWhatItExpected(t *testing.T) {
	g, boat, _, a, b := boatAndTwo(t)
	g.decide(a.write(t, at(50), "take", claim(boat, record.ID{}, a.person)))
	if o := g.decide(b.write(t, at(5), "take", claim(boat, a.person, b.person))); o.Result != record.Applied {
		t.Fatalf("taking over was %s", o.Result)
	}
	if s := g.states[boat]; s.Shown("skipper").AsRef() != b.person || len(s.Fields["skipper"].Values) != 1 {
		t.Errorf("%+v", s.Fields["skipper"])
	}
}

func TestTransitionThatNoLongerFitsIsParkedWithItsText(t *testing.T) {
	g, boat, _, a, b := boatAndTwo(t)
	g.decide(a.write(t, at(5), "sink", transition(boat, "moored", "sunk", record.Pair{Field: "reason", Value: record.Text("a storm")})))
	late := b.write(t, at(6), "sail",
		transition(boat, "moored", "sailing", record.Pair{Field: "reason", Value: record.Text("to the island")}),
		note(boat, "n1", "back by six"), set(boat, "colour", "green"))
	view := record.Fold(boat, g.states[boat], []*record.Edit{late})
	if shown(view, "state") != "sunk" || !view.Fields["state"].Pending || view.Pending != 1 || texts(view.Fields["notes"].Items) != "back by six" {
		t.Errorf("the view shows %q with %q", shown(view, "state"), texts(view.Fields["notes"].Items))
	}
	o := g.decide(late)
	if o.Result != record.Parked || o.Reason.Code != "transition" {
		t.Fatalf("the late step was %s: %+v", o.Result, o.Reason)
	}
	s := g.states[boat]
	if shown(s, "state") != "sunk" || shown(s, "reason") != "a storm" || shown(s, "colour") != "white" {
		t.Errorf("the parked edit left something: %+v", s.Fields)
	}
	if got := texts(s.Fields["notes"].Items); !strings.Contains(got, "back by six") || !strings.Contains(got, "Reason: to the island") {
		t.Errorf("notes %q", got)
	}
	settle := record.Mutation{Op: record.OpSettle, Record: boat, Seen: []record.EditID{late.ID}}
	if o := g.decide(b.write(t, at(7), "settle", settle)); o.Result != record.Applied || len(o.Settles) != 1 || o.Settles[0] != late.ID {
		t.Errorf("settling: %s %v", o.Result, o.Settles)
	}
}

func TestFieldsOfATransitionKeepWhatTheAuthorDidNotSee(t *testing.T) {
	g, boat, _, a, b := boatAndTwo(t)
	unseen := a.write(t, at(5), "explain", set(boat, "reason", "for repairs"))
	g.decide(unseen)
	o := g.decide(b.write(t, at(6), "sail", transition(boat, "moored", "sailing", record.Pair{Field: "reason", Value: record.Text("for fun")})))
	if s := g.states[boat]; o.Result != record.Conflict || shown(s, "reason") != "for fun" || strings.Join(conflicts(s, "reason"), ",") != "for repairs" {
		t.Errorf("%s: %q against %q", o.Result, shown(s, "reason"), conflicts(s, "reason"))
	}
	f := g.states[boat].Fields["reason"]
	back := transition(boat, "sailing", "moored", record.Pair{Field: "reason", Value: record.Text("tired")})
	back.Seen = f.Seen()
	if o := g.decide(a.write(t, at(7), "moor", back)); o.Result != record.Applied || shown(g.states[boat], "reason") != "tired" {
		t.Errorf("with all seen: %s %q", o.Result, shown(g.states[boat], "reason"))
	}
}

func TestImportedStepsAreApplied(t *testing.T) {
	g, boat, _, a, _ := boatAndTwo(t)
	sunk, risen := transition(boat, "", "sunk"), transition(boat, "sunk", "moored")
	sunk.On, sunk.By = at(-500), id("old hand")
	risen.On, risen.By = at(-400), id("other hand")
	first, second := note(boat, "n2", "second"), note(boat, "n1", "first")
	first.On, second.On = at(-300), at(-600)
	e := a.write(t, at(5), "import", sunk, risen, first, second)
	if view := record.Fold(boat, g.states[boat], []*record.Edit{e}); shown(view, "state") != "moored" {
		t.Errorf("the view shows %q", shown(view, "state"))
	}
	if o := g.decide(e); o.Result != record.Applied {
		t.Fatalf("%s %+v", o.Result, o.Reason)
	}
	s := g.states[boat]
	if held := s.Fields["state"].Values[0]; held.Value.AsText() != "moored" || held.Author != id("other hand") || held.When() != at(-400) {
		t.Errorf("%+v", held)
	}
	if got := texts(s.Fields["notes"].Items); got != "first; second" {
		t.Errorf("notes in the order %q", got)
	}
	var steps []string
	for _, c := range g.history[boat] {
		if c.Field == "state" && c.Edit == e.ID {
			steps = append(steps, c.From.AsText()+">"+c.To.AsText()+" by "+c.Author.String()[:4]+" at "+c.At.Time().Format("15:04"))
		}
	}
	want := []string{"moored>sunk by " + id("old hand").String()[:4] + " at 03:40", "sunk>moored by " + id("other hand").String()[:4] + " at 05:20"}
	if strings.Join(steps, "|") != strings.Join(want, "|") {
		t.Errorf("history %q, want %q", steps, want)
	}
}

func TestForbiddenEditLeavesNothing(t *testing.T) {
	g, boat, _, a, _ := boatAndTwo(t)
	g.rules.forbidden = "paint"
	before := string(record.EncodeState(g.states[boat]))
	o := g.decide(a.write(t, at(5), "paint", set(boat, "colour", "red"), note(boat, "n1", "ha")))
	if o.Result != record.Parked || o.Reason.Code != "forbidden" || len(o.Writes) != 0 {
		t.Errorf("%s %+v", o.Result, o.Reason)
	}
	if string(record.EncodeState(g.states[boat])) != before {
		t.Error("a forbidden edit changed the record")
	}
}

func TestConsequencesBelongToTheEdit(t *testing.T) {
	g, boat, _, a, b := boatAndTwo(t)
	g.rules.consequences = func(e *record.Edit, touched map[record.ID]*record.State) []record.Mutation {
		s := touched[boat]
		if s == nil || s.Shown("colour").AsText() != "red" {
			return nil
		}
		return []record.Mutation{
			set(boat, "reason", "painted", s.SeenIn("reason")...),
			{Op: record.OpCount, Record: boat, Field: "miles", Delta: 3},
			{Op: record.OpAdd, Record: boat, Field: "tags", Value: record.Text("red")},
			note(boat, "auto "+e.ID.String(), "painted red"),
		}
	}
	e := a.write(t, at(5), "paint", set(boat, "colour", "red"))
	g.decide(e)
	s := g.states[boat]
	if held := s.Fields["reason"].Values[0]; held.Edit != e.ID || held.Author != a.person || s.Fields["miles"].Sum != 3 {
		t.Errorf("%+v", s.Fields)
	}
	fields := map[string]record.Value{}
	for _, c := range g.history[boat] {
		if c.Edit == e.ID {
			fields[c.Field] = c.To
		}
	}
	if len(fields) != 5 || fields["reason"].AsText() != "painted" || fields["miles"].AsInteger() != 3 || fields["tags"].AsText() != "red" {
		t.Errorf("history %v", fields)
	}
	g.rules.consequences = func(*record.Edit, map[record.ID]*record.State) []record.Mutation {
		return []record.Mutation{set(boat, "colour", "pink")}
	}
	overruled := a.write(t, at(6), "paint", set(boat, "colour", "green", e.ID))
	g.decide(overruled)
	if got := rows(g.history[boat], overruled.ID); shown(g.states[boat], "colour") != "pink" || !strings.HasSuffix(got, "colour green>pink applied") {
		t.Errorf("a consequence that overrules: %q", got)
	}
	g.rules.consequences = func(*record.Edit, map[record.ID]*record.State) []record.Mutation {
		return []record.Mutation{set(id("nothing"), "name", "x")}
	}
	if o := g.decide(b.write(t, at(6), "paint", set(boat, "colour", "blue"))); o.Result != record.Poison {
		t.Errorf("a consequence for nothing gave %s", o.Result)
	}
}
