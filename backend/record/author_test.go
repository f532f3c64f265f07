package record_test

import (
	"testing"

	"holdfast/backend/record"
)

func TestCompleteNamesWhatTheAuthorSaw(t *testing.T) {
	g, boat, _, a, b := boatAndTwo(t)
	act := func(l *laptop, minute int, m record.Mutation) record.Result {
		t.Helper()
		m.Record = boat
		g.states[boat].Complete(&m)
		return g.decide(l.write(t, at(minute), "act", m)).Result
	}
	fast := record.Mutation{Field: "tags", Value: record.Text("fast")}
	fast.Op = record.OpAdd
	steps := []struct {
		what string
		by   *laptop
		m    record.Mutation
	}{
		{"add", a, fast},
		{"sail", a, transition(boat, "moored", "sailing", record.Pair{Field: "reason", Value: record.Text("work")})},
		{"moor with another reason", b, transition(boat, "sailing", "moored", record.Pair{Field: "reason", Value: record.Text("rest")})},
		{"remove", b, record.Mutation{Op: record.OpRemove, Field: "tags", Value: record.Text("fast")}},
		{"archive", b, record.Mutation{Op: record.OpArchive}},
		{"note on an archived record", a, note(boat, "n", "for the files")},
		{"restore", a, record.Mutation{Op: record.OpRestore}},
		{"archive again", a, record.Mutation{Op: record.OpArchive}},
	}
	for i, step := range steps {
		if got := act(step.by, i+1, step.m); got != record.Applied {
			t.Errorf("%s: %s", step.what, got)
		}
	}
	s := g.states[boat]
	if !s.Archived || shown(s, "reason") != "rest" || len(s.Fields["tags"].Elements) != 0 {
		t.Errorf("%+v", s)
	}
	m := set(boat, "colour", "red")
	s.Complete(&m)
	if len(m.Seen) != 1 {
		t.Errorf("a set on an archived record saw %v", m.Seen)
	}
}
