package record_test

import (
	"errors"
	"testing"

	"holdfast/backend/record"
)

func TestEditsThatDoNotFitAreParked(t *testing.T) {
	boat := id("boat")
	for name, c := range map[string]struct {
		space     record.Space
		mutations []record.Mutation
		code      string
	}{
		"an unknown record":    {lyon, []record.Mutation{set(id("ghost"), "name", "x")}, record.ReasonUnknown},
		"another space":        {"site/BER", []record.Mutation{set(boat, "name", "x")}, record.ReasonWrongSpace},
		"a record twice":       {lyon, create(boat, "x"), record.ReasonExists},
		"an unknown kind":      {lyon, []record.Mutation{{Op: record.OpCreate, Record: id("new"), Kind: "plane"}}, record.ReasonUnknownKind},
		"an internal kind":     {lyon, []record.Mutation{{Op: record.OpCreate, Record: id("new"), Kind: "sequence"}}, record.ReasonUnknownKind},
		"a state set by hand":  {lyon, []record.Mutation{set(boat, "state", "sailing")}, record.ReasonMisfit},
		"a number set by hand": {lyon, []record.Mutation{set(boat, "number", "BOT-LYO-00007")}, record.ReasonMisfit},
		"a list set":           {lyon, []record.Mutation{set(boat, "notes", "x")}, record.ReasonMisfit},
		"a set counted":        {lyon, []record.Mutation{{Op: record.OpCount, Record: boat, Field: "tags", Delta: 1}}, record.ReasonMisfit},
		"no field":             {lyon, []record.Mutation{set(boat, "", "x")}, record.ReasonMisfit},
		"the hidden field":     {lyon, []record.Mutation{set(boat, record.FieldArchived, "x")}, record.ReasonMisfit},
		"a list in a step":     {lyon, []record.Mutation{transition(boat, "moored", "sailing", record.Pair{Field: "tags", Value: record.Text("x")})}, record.ReasonMisfit},
		"a number in a step":   {lyon, []record.Mutation{transition(boat, "moored", "sailing", record.Pair{Field: "number", Value: record.Text("x")})}, record.ReasonMisfit},
		"a newer op":           {lyon, []record.Mutation{{Op: "teleport", Record: boat, Field: "name"}}, record.ReasonNewer},
	} {
		g, _, _, _, _ := boatAndTwo(t)
		before := string(record.EncodeState(g.states[boat]))
		e := newLaptop("odd").writeIn(t, c.space, at(5), "odd", append(c.mutations, set(boat, "colour", "red"))...)
		o := g.decide(e)
		if o.Result != record.Parked || o.Reason.Code != c.code || o.Reason.Sentence == "" || o.Trouble != "" {
			t.Errorf("%s: %s %+v %s", name, o.Result, o.Reason, o.Trouble)
		}
		if string(record.EncodeState(g.states[boat])) != before {
			t.Errorf("%s: the record changed", name)
		}
	}
}

func TestStepWithAFieldOfAnotherRuleStaysOutOfTheView(t *testing.T) {
	g, boat, _, a, _ := boatAndTwo(t)
	e := a.write(t, at(5), "odd", transition(boat, "moored", "sailing", record.Pair{Field: "number", Value: record.Text("x")}))
	if view := record.Fold(boat, g.states[boat], []*record.Edit{e}); shown(view, "state") != "moored" || view.Pending != 1 {
		t.Errorf("the view shows %q, %d pending", shown(view, "state"), view.Pending)
	}
}

func TestInternalRecordsCannotBeTouched(t *testing.T) {
	g, boat, _, a, _ := boatAndTwo(t)
	for recordID, s := range g.states {
		if !record.Internal(s.Kind) {
			continue
		}
		count := record.Mutation{Op: record.OpCount, Record: recordID, Field: "next", Delta: 1000}
		if o := g.decide(a.write(t, at(5), "cheat", count, set(boat, "colour", "red"))); o.Result != record.Parked {
			t.Errorf("touching a %s was %s", s.Kind, o.Result)
		}
	}
	g.decide(a.write(t, at(6), "create", create(id("next"), "x")...))
	if got := shown(g.states[id("next")], "number"); got != "BOT-LYO-00002" {
		t.Errorf("number %q", got)
	}
}

func TestFieldOfANewerVersionIsKept(t *testing.T) {
	g, boat, first, a, b := boatAndTwo(t)
	for _, e := range []*record.Edit{
		a.write(t, at(5), "x", set(boat, "hull", "oak"), record.Mutation{Op: record.OpAdd, Record: boat, Field: "crew", Value: record.Text("Ida")}),
		b.write(t, at(6), "paint", set(boat, "colour", "red", first.ID)),
		b.write(t, at(7), "x", set(boat, "hull", "teak")),
	} {
		g.decide(e)
	}
	s, err := record.DecodeState(record.EncodeState(g.states[boat]))
	if err != nil || shown(s, "hull") != "teak" || conflicts(s, "hull")[0] != "oak" || len(s.Fields["crew"].Elements) != 1 {
		t.Errorf("%v %+v", err, s)
	}
}

// closed is a reader whose disk fails.
type closed struct{}

func (closed) Committed(record.ID) (*record.State, error) { return nil, errors.New("disk gone") }

func TestReady(t *testing.T) {
	g, boat, _, _, _ := boatAndTwo(t)
	ghost := id("ghost")
	unknown := record.Mutation{Op: "teleport", Record: boat}
	for name, c := range map[string]struct {
		reader    record.Reader
		mutations []record.Mutation
		adjust    func(*record.Edit)
		want      bool
	}{
		"a record that is there":        {g, []record.Mutation{set(boat, "name", "x"), set(boat, "colour", "x")}, nil, true},
		"a record that is not there":    {g, []record.Mutation{set(boat, "name", "x"), set(ghost, "name", "x")}, nil, false},
		"a record that it creates":      {g, create(ghost, "x"), nil, true},
		"a record before its creation":  {g, append([]record.Mutation{set(ghost, "name", "x")}, create(ghost, "x")...), nil, false},
		"settling a parked edit":        {g, []record.Mutation{{Op: record.OpSettle, Record: ghost}}, nil, true},
		"settling, then a ghost":        {g, []record.Mutation{{Op: record.OpSettle, Record: ghost}, set(ghost, "name", "x")}, nil, false},
		"an unknown op":                 {g, []record.Mutation{unknown}, nil, false},
		"an unknown op that may wait":   {g, []record.Mutation{unknown}, func(e *record.Edit) { e.MaySkip = true }, true},
		"a newer format":                {g, nil, func(e *record.Edit) { e.Format = 99 }, false},
		"a newer format, may skip":      {g, nil, func(e *record.Edit) { e.Format, e.MaySkip = 99, true }, true},
		"a reader that fails":           {closed{}, []record.Mutation{set(boat, "name", "x")}, nil, false},
		"an edit that cannot be read":   {g, nil, func(e *record.Edit) { e.Unreadable = "x" }, true},
		"an edit without any mutations": {g, nil, nil, true},
	} {
		e := newLaptop("a").write(t, at(5), "x", c.mutations...)
		if c.adjust != nil {
			c.adjust(e)
		}
		if got := record.Ready(c.reader, e); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestSkippedStepsLeaveTheRest(t *testing.T) {
	g, boat, first, a, _ := boatAndTwo(t)
	e := a.write(t, at(5), "x", record.Mutation{Op: "teleport", Record: id("ghost")}, set(boat, "colour", "red", first.ID))
	e.MaySkip = true
	if o := g.decide(e); o.Result != record.Applied || shown(g.states[boat], "colour") != "red" {
		t.Errorf("%s %q", o.Result, shown(g.states[boat], "colour"))
	}
}

func TestFaultOfTheReaderIsNoOutcome(t *testing.T) {
	e := newLaptop("a").write(t, at(5), "x", set(id("boat"), "name", "x"))
	if o, touched, err := record.Evaluate(closed{}, rules{}, kinds(), e, at(9)); err == nil || o != nil || touched != nil {
		t.Errorf("%+v %+v %v", o, touched, err)
	}
}

func TestFoldOfNothing(t *testing.T) {
	boat := id("boat")
	a := newLaptop("a")
	late := a.write(t, at(2), "paint", set(boat, "colour", "red"))
	if s := record.Fold(boat, nil, []*record.Edit{late}); s != nil {
		t.Errorf("a record that nobody created: %+v", s)
	}
	both := newLaptop("b").write(t, at(1), "create", append(create(boat, "Ida"), create(id("other"), "Eva")...)...)
	if s := record.Fold(id("other"), nil, []*record.Edit{both, late}); s == nil || shown(s, "name") != "Eva" || s.Pending != 1 {
		t.Errorf("the second record of an edit: %+v", s)
	}
	if s := record.Fold(boat, nil, []*record.Edit{late, both}); s == nil || shown(s, "colour") != "red" || s.Pending != 2 || s.Created.Edit != both.ID {
		t.Errorf("a change before the creation: %+v", s)
	}
}

// TestEditFullOfSightsIsCheap: an edit of the largest size that claims to have seen edits that do not exist costs one pass over them.
func TestEditFullOfSightsIsCheap(t *testing.T) {
	g, boat, _, a, b := boatAndTwo(t)
	seen := make([]record.EditID, 20_000)
	for i := range seen {
		seen[i] = record.EditID{Incarnation: record.Incarnation{Device: record.DeviceID{1}, Number: uint64(20_000 - i)}, Sequence: 1}
	}
	for _, m := range []record.Mutation{
		set(boat, "colour", "red", seen...), text(boat, "x", "", seen...), archive(boat, seen...),
		{Op: record.OpRemove, Record: boat, Field: "tags", Value: record.Text("x"), Seen: seen},
	} {
		if o := g.decide(a.write(t, at(5), "x", m)); o.Result == record.Poison {
			t.Fatalf("%s: %s", m.Op, o.Trouble)
		}
		g.decide(b.write(t, at(6), "x", m))
	}
	if n := len(g.states[boat].Fields["colour"].Awaited); n != len(seen) {
		t.Errorf("%d are awaited", n)
	}
}
