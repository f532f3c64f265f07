package exchange_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"holdfast/backend/config"
	"holdfast/backend/exchange"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

const space = record.Space("site/LYO")

// sourceLog is the real log, which lies beside the project.
const sourceLog = "../../../shared/data/incident_event_log.csv"

type nothingHere struct{}

func (nothingHere) View(record.ID) (*record.State, error) { return nil, nil }

// collected keeps what a run would have stored.
type collected struct{ drafts []record.Draft }

func (c *collected) Append(_ context.Context, drafts ...record.Draft) ([]record.EditID, error) {
	c.drafts = append(c.drafts, drafts...)
	return make([]record.EditID, len(drafts)), nil
}

// mapping gives the one that every site starts with.
func mapping(t testing.TB) config.Mapping {
	t.Helper()
	tree, err := config.Starter()
	if err != nil {
		t.Fatal(err)
	}
	loaded, problems := config.Load(tree)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return loaded.Mappings["servicenow-log"]
}

func readLog(t testing.TB, text string) *exchange.Log {
	t.Helper()
	log, err := exchange.ReadLog(strings.NewReader(text), mapping(t), space, nothingHere{})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func TestRealLogBecomesIncidentsWithEveryStep(t *testing.T) {
	raw, err := os.ReadFile(sourceLog)
	if err != nil {
		t.Fatalf("the real log is missing: %v", err)
	}
	to := &collected{}
	summary, err := exchange.Run(t.Context(), readLog(t, string(raw)), to, space, record.ID{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{ticket.Incident: 890, "team": 61, "category": 31, "location": 84}
	for kind, count := range want {
		if summary.Create[kind] != count {
			t.Errorf("%d records of kind %s, want %d", summary.Create[kind], kind, count)
		}
	}
	if summary.Steps != 5998 || summary.ProblemCount != 0 || summary.Skip != 0 {
		t.Errorf("%d steps, %d problems, %d skipped, want 5998, 0, 0", summary.Steps, summary.ProblemCount, summary.Skip)
	}
	checkSteps(t, to.drafts)
}

// checkSteps holds every step against its row: a person and a time, one entry in the work log.
func checkSteps(t *testing.T, drafts []record.Draft) {
	t.Helper()
	steps := 0
	for _, draft := range drafts {
		if draft.Space != space || draft.Action != exchange.Action {
			t.Fatalf("an edit of space %q with action %q", draft.Space, draft.Action)
		}
		for _, m := range draft.Mutations {
			if m.Field != ticket.FieldWork {
				continue
			}
			steps++
			if m.By == (record.ID{}) || m.On == 0 || m.Item == (record.ID{}) {
				t.Fatalf("a step without person, time or id: %+v", m)
			}
		}
	}
	if steps != 5998 {
		t.Errorf("%d entries in the work logs, want 5998", steps)
	}
}

const heading = "number,incident_state,sys_mod_count,caller_id,opened_by,opened_at,sys_updated_by,sys_updated_at,contact_type,location,category,subcategory,u_symptom,impact,urgency,priority,assignment_group,assigned_to,closed_code"

func TestBadLinesStopNothingElse(t *testing.T) {
	rows := []string{
		heading,
		"INC1,New,0,Caller 1,Ann,29-02-2016 01:16,Bob,29-02-2016 01:23,Phone,Lyon,Mail,Box,Slow,2 - Medium,2 - Medium,3 - Moderate,Desk,?,?",
		"INC1,Active,1,Caller 1,Ann,29-02-2016 01:16,Bob,30-02-2016 01:23,Phone,Lyon,Mail,Box,Slow,2 - Medium,2 - Medium,3 - Moderate,Desk,?,?",
		"INC2,Sleeping,0,Caller 1,Ann,29-02-2016 01:16,Bob,29-02-2016 01:23,Phone,Lyon,Mail,Box,Slow,2 - Medium,2 - Medium,3 - Moderate,Desk,?,?",
		"INC3,New,first,Caller 1,Ann,29-02-2016 01:16,Bob,29-02-2016 01:23,Phone,Lyon,Mail,Box,Slow,2 - Medium,2 - Medium,3 - Moderate,Desk,?,?",
		"too,short",
		`INC4,"New,0`,
	}
	summary, err := exchange.Plan(t.Context(), readLog(t, strings.Join(rows, "\n")), func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	lines := map[int]bool{}
	for _, problem := range summary.Problems {
		lines[problem.Line] = problem.Reason != ""
	}
	for line := 3; line <= 7; line++ {
		if !lines[line] {
			t.Errorf("line %d is not reported: %v", line, summary.Problems)
		}
	}
	if summary.Create[ticket.Incident] != 1 || summary.Steps != 1 {
		t.Errorf("%d incidents with %d steps, want 1 and 1", summary.Create[ticket.Incident], summary.Steps)
	}
}

func TestFileWithoutTheColumnsIsRefusedWithTheirName(t *testing.T) {
	_, err := exchange.ReadLog(strings.NewReader("number,state\n"), mapping(t), space, nothingHere{})
	if err == nil || !strings.Contains(err.Error(), "sys_mod_count") {
		t.Errorf("got %v, want the missing column's name", err)
	}
}

func TestHeldStatesSayWhatTheyWaitFor(t *testing.T) {
	row := func(count, state string) string {
		return "INC1," + state + "," + count + ",Caller 1,Ann,29-02-2016 01:16,Bob,29-02-2016 01:23,Phone,Lyon,Mail,Box,Slow,2 - Medium,2 - Medium,3 - Moderate,Desk,?,?"
	}
	rows := []string{heading, row("0", "New"), row("1", "Awaiting Vendor"), row("2", "Awaiting User Info"), row("3", "Active"), row("4", "Resolved")}
	to := &collected{}
	if _, err := exchange.Run(t.Context(), readLog(t, strings.Join(rows, "\n")), to, space, record.ID{}, func(int) {}); err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for _, m := range to.drafts[len(to.drafts)-1].Mutations {
		if m.Field == ticket.FieldHoldReason {
			reasons = append(reasons, m.Value.AsText())
		}
	}
	if want := []string{"Waiting for a supplier", "Waiting for the caller", ""}; !slices.Equal(reasons, want) {
		t.Errorf("the incident is held for %q, want %q", reasons, want)
	}
}
