package record_test

import (
	"bytes"
	"testing"

	"holdfast/backend/record"
)

const password = "hunter2 of the router"

func redacting(boat record.ID, field, item string) record.Mutation {
	m := record.Mutation{Op: record.OpRedact, Record: boat, Field: field, Value: record.Text("A password was pasted.")}
	if item != "" {
		m.Item = id(item)
	}
	return m
}

// silent checks that neither a record nor its outcome says the password.
func silent(t *testing.T, g *group, boat record.ID, o *record.Outcome) {
	t.Helper()
	raw, err := record.Encode(o)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("hunter2")) || bytes.Contains(record.EncodeState(g.states[boat]), []byte("hunter2")) {
		t.Error("the password is there")
	}
}

func TestRedactionLeavesNothingInTheRecord(t *testing.T) {
	for _, c := range []struct{ field, item string }{{"colour", ""}, {"log", ""}, {"notes", "n1"}} {
		t.Run(c.field, func(t *testing.T) {
			g, boat, first, a, b := boatAndTwo(t)
			bring := []record.Mutation{set(boat, "colour", password), {Op: record.OpText, Record: boat, Field: "log", Value: record.Text(password)}, note(boat, "n1", password), note(boat, "n2", "harmless")}
			var mine record.Mutation
			for _, m := range bring {
				if m.Field == c.field && (c.item == "" || m.Item == id(c.item)) {
					mine = m
				}
			}
			e := a.write(t, at(5), "edit", mine)
			g.decide(e)
			g.decide(b.write(t, at(6), "edit", mine, note(boat, "n2", "harmless"))) // a conflict, or the same entry
			o := g.decide(a.write(t, at(7), record.ActionRedact, redacting(boat, c.field, c.item)))
			if o.Result != record.Applied || o.Redacts == nil || o.Redacts.Field != c.field {
				t.Fatalf("%s, %+v, %+v", o.Result, o.Reason, o.Redacts)
			}
			silent(t, g, boat, o)
			if !o.Redacts.Names(e) || o.Redacts.Names(a.write(t, at(8), "edit", set(boat, "name", "x"))) {
				t.Error("it does not name what held it, or names what did not")
			}
			rows, touched := o.Redacts.Clean(g.history[boat], func(record.EditID) bool { return true })
			if raw := record.EncodeChanges(rows); !touched || bytes.Contains(raw, []byte("hunter2")) {
				t.Errorf("the history says it: %s", raw)
			}
			last := rows[len(rows)-1]
			if last.Action != record.ActionRedact || last.To.AsText() != "A password was pasted." {
				t.Errorf("the history ends with %+v", last)
			}
			if s := g.states[boat]; len(s.Fields["notes"].Items) == 0 || s.Fields["name"].Values[0].Edit != first.ID {
				t.Errorf("other things are gone: %+v", s)
			}
		})
	}
}

func TestRedactionOfNothing(t *testing.T) {
	g, boat, _, a, _ := boatAndTwo(t)
	for name, m := range map[string][]record.Mutation{
		"no field":        {redacting(boat, "", "")},
		"an empty field":  {redacting(boat, "reason", "")},
		"a state":         {redacting(boat, "state", "")},
		"a missing entry": {redacting(boat, "notes", "n9")},
		"a whole list":    {redacting(boat, "notes", "")},
		"two at once":     {redacting(boat, "name", ""), redacting(boat, "name", "")},
	} {
		if o := g.decide(a.write(t, at(9), record.ActionRedact, m...)); o.Result != record.Parked || o.Reason.Code != record.ReasonNothing || o.Redacts != nil {
			t.Errorf("%s: %s, %+v", name, o.Result, o.Reason)
		}
	}
	if o := g.decide(a.write(t, at(9), record.ActionRedact, set(boat, "name", "x"))); o.Result != record.Parked {
		t.Errorf("an edit that only calls itself so: %s", o.Result)
	}
	if o := g.decide(a.write(t, at(9), "edit", redacting(boat, "name", ""))); o.Result != record.Parked {
		t.Errorf("one under another name: %s", o.Result)
	}
}

func TestRedactionsKeepTheirPlaceInTheChain(t *testing.T) {
	g, boat, _, a, _ := boatAndTwo(t)
	o := g.decide(a.write(t, at(9), record.ActionRedact, redacting(boat, "name", "")))
	o.Redacts.Blobs = []record.Hash{{1}, {2}}
	o.Redacts.Commits = []record.RedactedCommit{{Number: 1, After: record.Hash{9}}, {Number: 7, Before: record.Hash{8}, After: record.Hash{9}}}
	raw, err := record.Encode(o)
	if err != nil {
		t.Fatal(err)
	}
	var got record.Outcome
	if err := record.Decode(raw, &got); err != nil || len(got.Redacts.Commits) != 2 || got.Redacts.Commits[1] != o.Redacts.Commits[1] || len(got.Redacts.Blobs) != 2 {
		t.Errorf("%+v, %v", got.Redacts, err)
	}
}
