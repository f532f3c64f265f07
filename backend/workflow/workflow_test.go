package workflow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"holdfast/backend/core/fault"
	"holdfast/backend/workflow"
)

func definition() workflow.Definition {
	return workflow.Definition{
		Kind: "incident",
		States: []workflow.State{
			{Key: "new", Label: "New", Phase: workflow.Open, Initial: true, Required: []string{"title"}},
			{Key: "hold", Label: "On hold", Phase: workflow.Paused, Required: []string{"reason"}},
			{Key: "done", Label: "Done", Phase: workflow.Resolved, Required: []string{"code", "text"}},
			{Key: "closed", Label: "Closed", Phase: workflow.Closed},
		},
		Transitions: []workflow.Transition{
			{From: "new", To: "hold", Label: "Hold"},
			{From: "new", To: "done", Label: "Finish", Required: []string{"text", "minutes"}},
			{From: "hold", To: "new", Label: "Resume"},
			{From: "done", To: "new", Label: "Reopen"},
			{From: "done", To: "closed", Label: "Close", Roles: []string{"manager", "owner"}},
		},
	}
}

func machine(t testing.TB, d workflow.Definition) *workflow.Machine {
	t.Helper()
	m, err := workflow.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAllowed(t *testing.T) {
	m := machine(t, definition())
	cases := []struct{ from, to, refusal string }{
		{"new", "hold", ""}, {"done", "closed", ""}, {"hold", "new", ""},
		{"hold", "done", "It is On hold and cannot become Done from there; it can become New."},
		{"new", "new", "It is New and cannot become New from there; it can become On hold, Done."},
		{"new", "nonsense", "It is New and cannot become nonsense from there; it can become On hold, Done."},
		{"closed", "new", "It is Closed, which is final."},
	}
	for _, c := range cases {
		err := m.Allowed(c.from, c.to)
		if (err == nil) != (c.refusal == "") || (err != nil && (fault.SentenceOf(err) != c.refusal || !fault.Is(err, workflow.NotAllowed))) {
			t.Errorf("%s to %s: %v", c.from, c.to, err)
		}
	}
}

func TestRequiredJoinsStateAndStep(t *testing.T) {
	m := machine(t, definition())
	for _, c := range []struct {
		from, to string
		want     []string
	}{{"new", "done", []string{"code", "text", "minutes"}}, {"", "new", []string{"title"}}, {"new", "hold", []string{"reason"}}, {"done", "closed", nil}} {
		if got := m.Required(c.from, c.to); !slices.Equal(got, c.want) {
			t.Errorf("%q to %q needs %v", c.from, c.to, got)
		}
	}
	filled := func(field string) bool { return field == "code" }
	if got := m.Missing("new", "done", filled); !slices.Equal(got, []string{"text", "minutes"}) {
		t.Errorf("missing %v", got)
	}
	if got := m.Required("new", "done"); len(got) != 3 {
		t.Errorf("asking changed the machine: %v", got)
	}
}

func TestCheckAsksStepRolesAndFields(t *testing.T) {
	m := machine(t, definition())
	all, none := func(string) bool { return true }, func(string) bool { return false }
	for _, c := range []struct {
		from, to string
		roles    []string
		filled   func(string) bool
		want     fault.Code
	}{
		{"new", "done", nil, all, ""},
		{"new", "closed", nil, all, workflow.NotAllowed},
		{"new", "done", nil, none, workflow.FieldMissing},
		{"done", "closed", []string{"technician"}, all, workflow.RoleMissing},
		{"done", "closed", []string{"technician", "owner"}, all, ""},
	} {
		err := m.Check(c.from, c.to, c.roles, c.filled)
		if (err == nil) != (c.want == "") || (err != nil && !fault.Is(err, c.want)) {
			t.Errorf("%s to %s as %v: %v", c.from, c.to, c.roles, err)
		}
	}
}

func TestAStateOfAnOlderLifeCycleIsNoDeadEnd(t *testing.T) {
	m := machine(t, definition())
	if m.Phase("waiting") != workflow.Open || m.Label("waiting") != "waiting" || len(m.Next("waiting")) != 4 {
		t.Errorf("phase %s, label %s, next %v", m.Phase("waiting"), m.Label("waiting"), m.Next("waiting"))
	}
	if err := m.Allowed("waiting", "done"); err != nil {
		t.Error(err)
	}
	if m.Allowed("waiting", "nonsense") == nil || m.Allowed("", "done") == nil {
		t.Error("a step to nowhere, or from nothing, is allowed")
	}
	if got := m.Missing("waiting", "hold", func(string) bool { return false }); !slices.Equal(got, []string{"reason"}) {
		t.Errorf("missing %v", got)
	}
}

func TestFindings(t *testing.T) {
	cases := []struct {
		name    string
		spoil   func(d *workflow.Definition)
		path    string
		what    string
		allowed bool
	}{
		{"no initial", func(d *workflow.Definition) { d.States[0].Initial = false }, "states", "No state is initial", false},
		{"two initial", func(d *workflow.Definition) { d.States[1].Initial = true }, "states[1].initial", "A second state is initial", false},
		{"state twice", func(d *workflow.Definition) { d.States[1].Key = "new" }, "states[1].key", `"new" is defined twice`, false},
		{"no key", func(d *workflow.Definition) { d.States[1].Key = "" }, "states[1]", "has no key", false},
		{"phase", func(d *workflow.Definition) { d.States[1].Phase = "asleep" }, "states[1].phase", "no known phase", true},
		{"unknown from", func(d *workflow.Definition) { d.Transitions[0].From = "x" }, "transitions[0].from", `no state "x"`, true},
		{"unknown to", func(d *workflow.Definition) { d.Transitions[0].To = "x" }, "transitions[0].to", `no state "x"`, true},
		{"to itself", func(d *workflow.Definition) { d.Transitions[0].To = "new" }, "transitions[0].to", "to itself", false},
		{"step twice", func(d *workflow.Definition) { d.Transitions[1] = d.Transitions[0] }, "transitions[1]", "defined twice", false},
		{"unreachable", func(d *workflow.Definition) { d.Transitions[0].To = "closed" }, "states[1].key", `No record can reach the state "hold"`, false},
		{"no way out", func(d *workflow.Definition) { d.Transitions = slices.Delete(d.Transitions, 2, 3) }, "states[1].key", `no way out of the state "hold"`, false},
		{"empty", func(d *workflow.Definition) { *d = workflow.Definition{} }, "states", "No state is initial", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := definition()
			c.spoil(&d)
			findings := workflow.Check(d)
			if len(findings) == 0 || findings[0].Path != c.path || !strings.Contains(findings[0].What, c.what) || (len(findings[0].Allowed) > 0) != c.allowed {
				t.Errorf("got %+v", findings)
			}
			if m, err := workflow.New(d); m != nil || err == nil {
				t.Error("a machine was made of it")
			}
		})
	}
}

// In a machine that passed the check, every state is reached from the initial one and leads to a closed one by allowed steps only.
func TestEveryValidMachineLeadsFromTheStartToAnEnd(t *testing.T) {
	keys := []string{"a", "b", "c", "d", "e"}
	rapid.Check(t, func(t *rapid.T) {
		d := workflow.Definition{Kind: "x"}
		for i, key := range keys {
			d.States = append(d.States, workflow.State{Key: key, Phase: rapid.SampledFrom(workflow.Phases()).Draw(t, "phase"), Initial: i == 0})
		}
		for range rapid.IntRange(0, 14).Draw(t, "steps") {
			d.Transitions = append(d.Transitions, workflow.Transition{From: rapid.SampledFrom(keys).Draw(t, "from"), To: rapid.SampledFrom(keys).Draw(t, "to")})
		}
		m, err := workflow.New(d)
		if err != nil {
			return
		}
		reached := walk(m, m.Initial())
		for _, key := range keys {
			if !slices.Contains(reached, key) {
				t.Fatalf("%s is not reached", key)
			}
			if !slices.ContainsFunc(walk(m, key), func(k string) bool { return m.Phase(k) == workflow.Closed }) {
				t.Fatalf("%s leads to no end", key)
			}
		}
	})
}

func walk(m *workflow.Machine, from string) []string {
	reached := []string{from}
	for i := 0; i < len(reached); i++ {
		for _, t := range m.Next(reached[i]) {
			if m.Allowed(t.From, t.To) == nil && !slices.Contains(reached, t.To) {
				reached = append(reached, t.To)
			}
		}
	}
	return reached
}

func TestAStateClosesByItselfOnlyWhereItCan(t *testing.T) {
	d := definition()
	d.States[2].ClosesAfterDays = 3
	to, after, ok := machine(t, d).Closing("done")
	if to != "closed" || after != 72*time.Hour || !ok {
		t.Errorf("done goes to %q after %v, %v; want closed after three days", to, after, ok)
	}
	if _, _, ok := machine(t, definition()).Closing("done"); ok {
		t.Error("it closes by itself though nobody said so")
	}
	for at, days := range map[int]int{1: 3, 2: -1, 0: 1} {
		wrong := definition()
		wrong.States[at].ClosesAfterDays = days
		if findings := workflow.Check(wrong); len(findings) != 1 || !strings.HasSuffix(findings[0].Path, "closes_after_days") {
			t.Errorf("%d days in %s: %v", days, wrong.States[at].Key, findings)
		}
	}
	way := definition()
	way.States[2].ClosesAfterDays = 3
	way.Transitions[4].From = "hold"
	if findings := workflow.Check(way); len(findings) != 1 {
		t.Errorf("without a step to a closed state: %v", findings)
	}
}
