package record_test

import (
	"testing"

	"holdfast/backend/record"
)

func TestCreateGivesNumberAndUniqueHolder(t *testing.T) {
	g, a := newGroup(t), newLaptop("a")
	boat := id("boat")
	mutations := append(create(boat, "Ida"), set(boat, "mark", "FR-1"))
	outcome := g.decide(a.write(t, at(1), "create", mutations...))
	if outcome.Result != record.Applied {
		t.Fatalf("result %q %+v %s", outcome.Result, outcome.Reason, outcome.Trouble)
	}
	s := g.states[boat]
	if got := s.Shown("number").AsText(); got != "BOT-LYO-00001" {
		t.Errorf("number %q", got)
	}
	if s.Kind != "boat" || s.Space != lyon || s.Created.Author != a.person {
		t.Errorf("state %+v", s)
	}
	second := append(create(id("second"), "Eva"), set(id("second"), "mark", "FR-1"))
	g.decide(a.write(t, at(2), "create", second...))
	dup := g.states[id("second")].Fields["mark"].Values[0].Duplicate
	if dup != boat {
		t.Errorf("duplicate of %s", dup)
	}
	if got := g.states[id("second")].Shown("number").AsText(); got != "BOT-LYO-00002" {
		t.Errorf("number %q", got)
	}
}
