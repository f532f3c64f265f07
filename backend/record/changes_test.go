package record_test

import (
	"fmt"
	"strings"
	"testing"

	"holdfast/backend/record"
)

// rows writes the history that an edit left on a record, a line for each row.
func rows(changes []record.Change, of record.EditID) string {
	var lines []string
	for _, c := range changes {
		if c.Edit == of {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s>%s %s", c.Field, brief(c.From), brief(c.To), c.Result)))
		}
	}
	return strings.Join(lines, "\n")
}

func brief(v record.Value) string {
	switch {
	case len(v) == 0:
		return "-"
	case v.AsNamed() != nil:
		return v.AsNamed()["text"].AsText()
	case v.AsText() != "":
		return v.AsText()
	case v.AsFlag():
		return "yes"
	}
	return fmt.Sprint(v.AsInteger())
}

func TestHistoryRows(t *testing.T) {
	boat := id("boat")
	tag := record.Mutation{Op: record.OpAdd, Record: boat, Field: "tags", Value: record.Text("old")}
	for name, c := range map[string]struct {
		mutations []record.Mutation
		want      string
	}{
		"a set": {[]record.Mutation{set(boat, "name", "Eva")}, "name Ida>Eva conflict"},
		"two sets of one field": {
			[]record.Mutation{set(boat, "reason", "x"), set(boat, "reason", "y")}, "reason ->x applied\nreason x>y applied",
		},
		"a step": {
			[]record.Mutation{transition(boat, "moored", "sailing", record.Pair{Field: "reason", Value: record.Text("fun")})},
			"state moored>sailing applied\nreason ->fun applied",
		},
		"a step that is refused": {
			[]record.Mutation{set(boat, "colour", "red"), transition(boat, "", "flying", record.Pair{Field: "reason", Value: record.Text("fun")}), note(boat, "n", "hi")},
			"->- parked\nnotes ->hi applied\nnotes ->Reason: fun parked",
		},
		"members and counts": {
			[]record.Mutation{tag, {Op: record.OpCount, Record: boat, Field: "miles", Delta: 3}, {Op: record.OpCount, Record: boat, Field: "miles", Delta: 4}},
			"tags ->old applied\nmiles 0>3 applied\nmiles 3>7 applied",
		},
		"archiving": {[]record.Mutation{archive(boat)}, "archived ->yes conflict"},
		"a creation": {
			create(id("new"), "Ada"), "->boat applied\nname ->Ada applied\nstate ->moored applied\nnumber ->BOT-LYO-00002 applied",
		},
	} {
		g, _, _, a, _ := boatAndTwo(t)
		e := a.write(t, at(5), "x", c.mutations...)
		g.decide(e)
		got := rows(g.history[e.Mutations[0].Record], e.ID)
		if got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestTentativeRowsHaveNoResult(t *testing.T) {
	g, boat, first, a, _ := boatAndTwo(t)
	e := a.write(t, at(5), "paint", set(boat, "colour", "red", first.ID), note(boat, "n", "hi"))
	changes := record.Changes(e, nil, func(id record.ID) *record.State { return g.states[id] })
	if got, want := rows(changes[boat], e.ID), "colour white>red\nnotes ->hi"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	c := changes[boat][0]
	if c.Author != a.person || c.At != at(5) || c.Action != "paint" || c.Commit != 0 {
		t.Errorf("%+v", c)
	}
}

func TestOvertakenValueIsInTheHistory(t *testing.T) {
	g, boat, first, a, b := boatAndTwo(t)
	early := a.write(t, at(5), "paint", set(boat, "colour", "red", first.ID))
	g.decide(b.write(t, at(6), "paint", set(boat, "colour", "blue", early.ID, first.ID)))
	if o := g.decide(early); o.Result != record.Applied {
		t.Errorf("%s", o.Result)
	}
	if got := rows(g.history[boat], early.ID); !strings.Contains(got, "red") {
		t.Errorf("history %q", got)
	}
	if s := g.states[boat]; shown(s, "colour") != "blue" || conflicts(s, "colour") != nil {
		t.Errorf("shows %q against %q", shown(s, "colour"), conflicts(s, "colour"))
	}
}

// Two leaders in turn may both note what the system has to note. The history tells of it once.
func TestWhatIsPassedOverIsNotInTheHistory(t *testing.T) {
	g, boat, first, a, _ := boatAndTwo(t)
	a.person = record.ID{}
	e := a.write(t, at(5), "tidy", set(boat, "colour", "red", first.ID))
	before := func(id record.ID) *record.State { return g.states[id] }
	if changes := record.Changes(e, record.PassOver(e, at(6)), before); len(changes) != 0 {
		t.Errorf("%v", changes)
	}
	a.person = id("Ada")
	e = a.write(t, at(7), "paint", set(boat, "colour", "red", first.ID))
	if changes := record.Changes(e, record.PassOver(e, at(8)), before); len(changes[boat]) != 1 {
		t.Errorf("what a person did is not told of: %v", changes)
	}
}
