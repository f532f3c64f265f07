package config_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/backend/config"
	"holdfast/backend/sla"
	"holdfast/backend/workflow"
)

func starter(t testing.TB) config.Tree {
	t.Helper()
	tree, err := config.Starter()
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func load(t testing.TB, tree config.Tree) *config.Configuration {
	t.Helper()
	made, problems := config.Load(tree)
	if len(problems) > 0 {
		t.Fatalf("problems %+v", problems)
	}
	return made
}

func TestStarterWorkflows(t *testing.T) {
	made := load(t, starter(t))
	states := map[string]string{
		"incident": "new assigned in_progress on_hold resolved closed cancelled",
		"request":  "new awaiting_approval approved rejected in_fulfilment on_hold fulfilled closed cancelled",
	}
	for kind, want := range states {
		var keys []string
		for _, s := range made.Workflows[kind].States() {
			keys = append(keys, s.Key)
		}
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("%s: %s", kind, got)
		}
	}
	incident := made.Workflows["incident"]
	if got := incident.Required("in_progress", "resolved"); !slices.Equal(got, []string{"service", "resolution_code", "resolution_text"}) {
		t.Errorf("resolving needs %v", got)
	}
	if got := incident.Required("", incident.Initial()); !slices.Equal(got, []string{"title", "caller", "channel"}) {
		t.Errorf("a new incident needs %v", got)
	}
	if incident.Phase("on_hold") != workflow.Paused || incident.Allowed("closed", "in_progress") == nil || incident.Allowed("new", "resolved") == nil {
		t.Error("the life cycle of incidents is not the agreed one")
	}
	if made.Workflows["request"].MayTake("awaiting_approval", "approved", []string{"technician"}) == nil {
		t.Error("a technician approves requests")
	}
}

func TestStarterValues(t *testing.T) {
	made := load(t, starter(t))
	if key, ok := made.Priorities.Priority("1", "3"); !ok || key != "3" || made.Priorities.Label("1") != "Critical" {
		t.Errorf("priority %q", key)
	}
	if made.Policy.May([]string{"technician"}, "config.publish").Allowed || !made.Policy.May([]string{"technician"}, "ticket.import").Allowed {
		t.Error("a technician may publish, or may not import")
	}
	policy, promise, ok := made.SLA.Choose("incident", "", "1")
	if !ok || policy.Key != "standard" || promise.Resolution != (sla.Target{Amount: 4, Unit: sla.Hours}) || promise.Calendar.Key() != "always" {
		t.Errorf("promise %+v", promise)
	}
	office := made.Calendars["office"]
	if due, err := sla.Due(office, time.Date(2026, 12, 23, 17, 0, 0, 0, office.Zone()), sla.Target{Amount: 5, Unit: sla.Hours}, nil); err != nil ||
		!due.Due.Equal(time.Date(2026, 12, 24, 12, 0, 0, 0, office.Zone())) {
		t.Errorf("due %v, %v", due.Due, err)
	}
	mapping := made.Mappings["servicenow-log"]
	if mapping.DateLayout != "02-01-2006 15:04" || mapping.Missing != "?" || mapping.States["Awaiting Evidence"] != "on_hold" || mapping.Zone != time.UTC {
		t.Errorf("mapping %+v", mapping)
	}
	for _, r := range made.Runbooks {
		if r.Title == "" || !strings.HasPrefix(r.Body, "# ") || r.Minutes == 0 || len(r.Roles) == 0 {
			t.Errorf("runbook %+v", r)
		}
	}
	for field, want := range map[string]int{"status": 7, "impact": 3, "priority": 5, "category": 11, "channel": 6, "roles": 5, "hours": 2, "sla": 3, "title": 0} {
		if got := made.Choices("incident", field); len(got) != want {
			t.Errorf("%s: %d choices, want %d: %v", field, len(got), want, got)
		}
	}
}

// Each case changes one file and tells where the problem must be found ("@word": at that word), what it says and what it allows.
func TestProblemsNameFileLineAndWhatIsAllowed(t *testing.T) {
	cases := []struct {
		file, old, new string
		place          string
		what, allowed  string
	}{
		{"workflows/incident.yaml", "    phase: paused", "    phase: pausd", "@pausd", "phase needs one of open, paused, resolved, closed.", "open paused resolved closed"},
		{"workflows/incident.yaml", "    label: On hold", "    lable: On hold", "", `"lable" is not known here.`, "key label phase initial required"},
		{"workflows/incident.yaml", "    required: [hold_reason]", "    required: [hold_reasn]", "", `There is no field "hold_reasn".`, "number former_numbers title"},
		{"workflows/incident.yaml", "    to: assigned\n    label: Assign", "    to: assignd\n    label: Assign", "", `There is no state "assignd".`, "new assigned"},
		{"workflows/incident.yaml", "  - from: resolved\n    to: closed\n    label: Close\n", "", "", `No record can reach the state "closed"`, ""},
		{"workflows/request.yaml", "roles: [service-owner,", "roles: [service-ower,", "", `There is no role "service-ower".`, "requester technician"},
		{"workflows/request.yaml", "    initial: true\n", "", "3:3", "No state is initial", ""},
		{"priorities.yaml", `  - ["2", "3", "4"]`, `  - ["2", "1", "4"]`, "", "would lower the priority here.", ""},
		{"priorities.yaml", `  - ["3", "4", "5"]`, `  - ["3", "4", "6"]`, "", `There is no priority "6".`, "1 2 3 4 5"},
		{"priorities.yaml", `  - ["3", "4", "5"]`, `  - ["3", "4"]`, "", "This row has 2 priorities", ""},
		{"roles.yaml", "may: [ticket.create]", "may: [ticket.creat]", "", `There is no action "ticket.creat".`, "ticket.create"},
		{"roles.yaml", `may: ["*"]`, `may: [ticket.edit, ticket.edit`, "", "cannot be read as YAML", ""},
		{"categories.yaml", "  - key: hardware", "  - key: access", "", `"access" is given twice.`, ""},
		{"choices.yaml", "    - key: email", "    - key: phone", "", `"phone" is given twice.`, ""},
		{"calendars/office.yaml", "zone: Europe/Berlin", "zone: Europe/Berlim", "2:7", `There is no time zone "Europe/Berlim"`, ""},
		{"calendars/office.yaml", "monday: [08:00-18:00]", "monday: [8-18]", "4:12", `"8-18" is not a time of opening`, ""},
		{"calendars/office.yaml", "date: 2026-12-24", "date: 2026-02-30", "", `"2026-02-30" is not a date`, ""},
		{"calendars/office.yaml", "to: 12-26", "to: 26-12", "", `"26-12" is not a month and a day`, ""},
		{"sla/standard.yaml", "calendar: office", "calendar: offce", "4:11", `There is no calendar "offce".`, "always none office"},
		{"sla/standard.yaml", "resolution: 4 hours", "resolution: 4", "", `The target "4" has no unit.`, "minutes hours"},
		{"sla/standard.yaml", "resolution: 3 working days", "resolution: 3 days", "", `The target "3 days" has an unknown unit.`, "minutes hours"},
		{"sla/standard.yaml", `  - priority: "2"`, `  - priority: "7"`, "", `There is no priority "7".`, "1 2 3 4 5"},
		{"sla/standard.yaml", `  - priority: "2"`, `  - priority: "1"`, "", `The priority "1" is promised twice.`, ""},
		{"sla/standard.yaml", "default: true", "default: perhaps", "3:10", "default needs true or false.", ""},
		{"templates/password-reset.yaml", "category: access", "category: acess", "", `There is no choice "acess".`, "access hardware"},
		{"templates/password-reset.yaml", "  title: Cannot", "  titel: Cannot", "", `There is no field "titel".`, ""},
		{"mappings/servicenow-log.yaml", "Resolved: resolved", "Resolved: solved", "", `There is no state "solved".`, "new assigned"},
		{"mappings/servicenow-log.yaml", "DD-MM-YYYY hh:mm", "day first", "", `"day first" is not a date format`, ""},
		{"runbooks/site-cut-off.md", "minutes: 45", "minutes: soon", "5:10", "minutes needs a whole number.", ""},
		{"runbooks/site-cut-off.md", "roles: [technician,", "roles: [techie,", "4:9", `There is no role "techie".`, "requester"},
		{"runbooks/site-cut-off.md", "---\ntitle", "title", "1:1", "A runbook begins with a head", ""},
	}
	for _, c := range cases {
		t.Run(c.file+" "+c.new, func(t *testing.T) {
			tree := starter(t)
			if strings.Count(tree[c.file], c.old) == 0 {
				t.Fatalf("%s has no %q", c.file, c.old)
			}
			tree[c.file] = strings.Replace(tree[c.file], c.old, c.new, 1)
			if word, marked := strings.CutPrefix(c.place, "@"); marked {
				c.place = placeOf(tree[c.file], word)
			}
			made, problems := config.Load(tree)
			if made != nil || len(problems) == 0 {
				t.Fatal("it was accepted")
			}
			p := problems[max(0, slices.IndexFunc(problems, func(p config.Problem) bool { return strings.Contains(p.What, c.what) }))]
			if p.File != c.file || !strings.Contains(p.What, c.what) || !strings.HasPrefix(strings.Join(p.Allowed, " "), c.allowed) {
				t.Errorf("got %+v", p)
			}
			if got := fmt.Sprintf("%d:%d", p.Line, p.Column); c.place != "" && got != c.place {
				t.Errorf("found at %s, want %s", got, c.place)
			}
			if at := strings.Split(tree[c.file], "\n"); p.Line < 1 || p.Line > len(at) {
				t.Errorf("line %d of %d", p.Line, len(at))
			}
		})
	}
}

// placeOf gives the line and column of the first occurrence of a word.
func placeOf(content, word string) string {
	before, _, _ := strings.Cut(content, word)
	return fmt.Sprintf("%d:%d", strings.Count(before, "\n")+1, len(before)-strings.LastIndexByte(before, '\n'))
}

func TestFilesThatAreMissingOrMeaningless(t *testing.T) {
	for file, want := range map[string]string{
		"rolse.yaml": "A file of this name has no meaning here.", "calendars/office.yml": "A file of this name has no meaning here.",
		"workflows/change.yaml": "A file of this name has no meaning here.",
	} {
		tree := starter(t)
		tree[file] = "x: y\n"
		_, problems := config.Load(tree)
		if len(problems) != 1 || problems[0].File != file || problems[0].What != want || len(problems[0].Allowed) == 0 {
			t.Errorf("%s: %+v", file, problems)
		}
	}
	tree := starter(t)
	tree["automation/close.yaml"] = "a folder of a newer version"
	load(t, tree)
	delete(tree, "roles.yaml")
	_, problems := config.Load(tree)
	if len(problems) != 1 || problems[0].File != "roles.yaml" || !strings.Contains(problems[0].What, "The file is missing.") {
		t.Errorf("%+v", problems)
	}
	if made, problems := config.Load(nil); made != nil || len(problems) != 6 {
		t.Errorf("nothing at all: %+v", problems)
	}
}

func TestOnlyOneServiceLevelIsTheDefault(t *testing.T) {
	tree := starter(t)
	tree["sla/critical.yaml"] += "default: true\n"
	_, problems := config.Load(tree)
	if len(problems) != 1 || problems[0].File != "sla/standard.yaml" || !strings.Contains(problems[0].What, `"critical" is it already`) {
		t.Errorf("%+v", problems)
	}
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	tree := starter(t)
	tree["roles.yaml"] += "  - key: extra\n    label: Extra\n    may: [fly]\n  - key: more\n    lable: More\n    may: []\n"
	tree["sla/request.yaml"] = strings.ReplaceAll(tree["sla/request.yaml"], "1 hour", "1")
	_, problems := config.Load(tree)
	var places []string
	for _, p := range problems {
		places = append(places, fmt.Sprintf("%s:%d", p.File, p.Line))
	}
	if !slices.IsSorted(places) || len(problems) < 3 {
		t.Errorf("%+v", problems)
	}
}

func TestSchemasDescribeEveryFileOfTheStarter(t *testing.T) {
	for file := range starter(t) {
		if s, ok := config.SchemaOf(file); !ok || s.Means == "" {
			t.Errorf("%s has no description", file)
		}
	}
	if _, ok := config.SchemaOf("automation/x.yaml"); ok {
		t.Error("an unknown file is described")
	}
	if len(config.Schemas()) != 12 {
		t.Errorf("%d descriptions", len(config.Schemas()))
	}
}

func TestHostileYAMLIsRefusedAtOnce(t *testing.T) {
	bomb := "roles: &a [x, x, x, x, x, x, x, x, x]\n"
	for i := range 9 {
		bomb += fmt.Sprintf("b%d: &b%d [*a, *a, *a, *a, *a, *a, *a, *a]\n", i, i)
	}
	for name, content := range map[string]string{
		"aliases": bomb, "brackets": "roles: " + strings.Repeat("[", 200_000), "brackets on lines": strings.Repeat("[\n", 100_000),
		"dashes": "roles:\n" + strings.Repeat("- ", 900), "questions": strings.Repeat("? ", 900), "long": "roles: " + strings.Repeat("x", 300_000),
		"braces": strings.Repeat("{a: ", 400), "tag": "roles: !!binary aGVsbG8=\n", "tab": "roles:\n\t- key: x\n", "two": "roles: []\n---\nroles: []\n",
		"nothing": "", "comment": "# nothing\n", "null": "roles:\n", "twice": "roles: []\nroles: []\n", "deep": deep(60), "not a map": "- a\n",
	} {
		tree := starter(t)
		tree["roles.yaml"] = content
		start := time.Now()
		made, problems := config.Load(tree)
		if made != nil || len(problems) == 0 {
			t.Errorf("%s: accepted", name)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%s: took %s", name, took)
		}
	}
}

func deep(levels int) string {
	var b strings.Builder
	for i := range levels {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func FuzzLoad(f *testing.F) {
	original, err := config.Starter()
	if err != nil {
		f.Fatal(err)
	}
	paths := slices.Sorted(maps.Keys(original))
	for i, path := range paths {
		f.Add(uint8(i), original[path])
	}
	f.Add(uint8(0), "a: [\n- ? *b\n")
	f.Fuzz(func(t *testing.T, which uint8, content string) {
		tree := maps.Clone(original)
		path := paths[int(which)%len(paths)]
		tree[path] = content
		made, problems := config.Load(tree)
		if (made == nil) == (len(problems) == 0) {
			t.Fatalf("neither or both: %v", problems)
		}
		for _, p := range problems {
			if p.File == "" || p.Line < 1 || p.Column < 1 || p.What == "" {
				t.Fatalf("a problem without a place or words: %+v", p)
			}
		}
	})
}
