package record_test

import (
	"fmt"
	"slices"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

func TestNumbersAreDenseInEachSpace(t *testing.T) {
	g := newGroup(t)
	a, b := newLaptop("a"), newLaptop("b")
	for i := range 3 {
		g.decide(a.write(t, at(i), "create", create(id(fmt.Sprint("lyon ", i)), "x")...))
		g.decide(b.writeIn(t, "site/BER", at(i), "create", create(id(fmt.Sprint("berlin ", i)), "x")...))
	}
	two := append(create(id("two"), "x"), create(id("three"), "x")...)
	g.decide(a.write(t, at(9), "create", two...))
	for name, want := range map[string]string{
		"lyon 0": "BOT-LYO-00001", "lyon 2": "BOT-LYO-00003", "berlin 2": "BOT-BER-00003", "two": "BOT-LYO-00004", "three": "BOT-LYO-00005",
	} {
		if got := shown(g.states[id(name)], "number"); got != want {
			t.Errorf("%s has the number %q, want %q", name, got, want)
		}
	}
	if o := g.decide(a.write(t, at(9), "renumber", set(id("two"), "number", "BOT-LYO-00001"))); o.Result != record.Parked {
		t.Errorf("setting a number by hand was %s", o.Result)
	}
}

func TestParkedCreationTakesNoNumber(t *testing.T) {
	g, a := newGroup(t), newLaptop("a")
	refused := append(create(id("one"), "x"), transition(id("one"), "moored", "flying"))
	if o := g.decide(a.write(t, at(1), "create", refused...)); o.Result != record.Parked || g.states[id("one")] != nil {
		t.Fatalf("%s", o.Result)
	}
	g.decide(a.write(t, at(2), "create", create(id("two"), "x")...))
	if got := shown(g.states[id("two")], "number"); got != "BOT-LYO-00001" {
		t.Errorf("number %q", got)
	}
}

func TestNumberTexts(t *testing.T) {
	boat, _ := kinds().Kind("boat")
	person, _ := kinds().Kind("person")
	last := record.ID{14: 0x7f, 15: 0x3a}
	for want, got := range map[string]string{
		"BOT-LYO-~7F3A": record.Provisional(boat, lyon, last), "BOT-~7F3A": record.Provisional(boat, record.Organisation, last),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if record.Provisional(person, lyon, last) != "" || record.Provisional(nil, lyon, last) != "" {
		t.Error("a kind without numbers has a provisional one")
	}
}

func marked(t testing.TB, g *group, l *laptop, name, mark string) *record.Edit {
	t.Helper()
	e := l.write(t, at(1), "create", append(create(id(name), name), set(id(name), "mark", mark))...)
	g.decide(e)
	return e
}

func duplicates(g *group, name string) []record.ID {
	var ids []record.ID
	for _, held := range g.states[id(name)].Fields["mark"].Values {
		ids = append(ids, held.Duplicate)
	}
	return ids
}

func TestUniqueValueStaysWithTheFirstAndPassesOn(t *testing.T) {
	g, a := newGroup(t), newLaptop("a")
	first := marked(t, g, a, "first", "FR-1")
	second := marked(t, g, a, "second", "FR-1")
	marked(t, g, a, "third", "FR-1")
	if shown(g.states[id("second")], "mark") != "FR-1" || duplicates(g, "second")[0] != id("first") || duplicates(g, "third")[0] != id("first") {
		t.Fatalf("duplicates of %v and %v", duplicates(g, "second"), duplicates(g, "third"))
	}
	g.decide(a.write(t, at(2), "mark", set(id("first"), "mark", "FR-2", first.ID)))
	if duplicates(g, "second")[0] != (record.ID{}) || duplicates(g, "third")[0] != id("second") {
		t.Errorf("after the first gave it up: duplicates of %v and %v", duplicates(g, "second"), duplicates(g, "third"))
	}
	g.decide(a.write(t, at(3), "mark", set(id("second"), "mark", "", second.ID)))
	if duplicates(g, "third")[0] != (record.ID{}) {
		t.Errorf("after the second gave it up: duplicate of %v", duplicates(g, "third"))
	}
	marked(t, g, a, "fourth", "FR-2")
	if duplicates(g, "fourth")[0] != id("first") {
		t.Errorf("duplicate of %v", duplicates(g, "fourth"))
	}
	for recordID, s := range g.states {
		if record.Internal(s.Kind) && len(g.history[recordID]) > 0 {
			t.Errorf("an internal record has a history: %+v", g.history[recordID])
		}
	}
}

func TestUniqueInConflictHoldsBoth(t *testing.T) {
	g, a, b := newGroup(t), newLaptop("a"), newLaptop("b")
	marked(t, g, a, "one", "FR-1")
	marked(t, g, a, "two", "FR-2")
	first := marked(t, g, a, "three", "FR-3")
	g.decide(a.write(t, at(2), "mark", set(id("three"), "mark", "FR-1", first.ID)))
	if o := g.decide(b.write(t, at(3), "mark", set(id("three"), "mark", "FR-2", first.ID))); o.Result != record.Conflict {
		t.Errorf("%s", o.Result)
	}
	if got := duplicates(g, "three"); !slices.Equal(got, []record.ID{id("two"), id("one")}) {
		t.Errorf("duplicates of %v", got)
	}
}

func TestCatalogueCheck(t *testing.T) {
	if err := kinds().Check(); err != nil {
		t.Fatal(err)
	}
	field := func(d record.Definition) record.Catalogue {
		return record.Catalogue{{Name: "boat", Fields: []record.Definition{d}}}
	}
	for name, c := range map[string]record.Catalogue{
		"no name":            {{}},
		"twice":              {{Name: "a"}, {Name: "a"}},
		"reserved":           {{Name: "sequence"}},
		"one prefix twice":   {{Name: "a", Prefix: "X"}, {Name: "b", Prefix: "X"}},
		"prefix, no number":  {{Name: "a", Prefix: "X"}},
		"no title field":     {{Name: "a", Title: "name"}},
		"no field name":      field(record.Definition{Rule: record.RuleRegister, Type: record.TypeText}),
		"reserved field":     field(record.Definition{Name: record.FieldArchived, Rule: record.RuleRegister, Type: record.TypeFlag}),
		"unknown rule":       field(record.Definition{Name: "x", Rule: "magic", Type: record.TypeText}),
		"unknown type":       field(record.Definition{Name: "x", Rule: record.RuleRegister, Type: "magic"}),
		"text of numbers":    field(record.Definition{Name: "x", Rule: record.RuleText, Type: record.TypeInteger}),
		"claimable set":      field(record.Definition{Name: "x", Rule: record.RuleSet, Type: record.TypeText, Claimable: true}),
		"number of no kind":  field(record.Definition{Name: "number", Rule: record.RuleNumber, Type: record.TypeText}),
		"reference to none":  field(record.Definition{Name: "x", Rule: record.RuleRegister, Type: record.TypeRef, Target: "ghost"}),
		"the same field two": {{Name: "a", Fields: append(field(record.Definition{Name: "x", Rule: record.RuleRegister, Type: record.TypeText})[0].Fields, record.Definition{Name: "x", Rule: record.RuleRegister, Type: record.TypeText})}},
	} {
		if err := c.Check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
