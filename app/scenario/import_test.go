package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/app/api"
)

// incidentLog is real data that lies beside the project, with what is in it.
const (
	incidentLog   = moduleRoot + "/../shared/data/incident_event_log.csv"
	loggedTickets = 890
	loggedSteps   = 5998
)

func TestImportIncidentLog(t *testing.T) {
	folder := foundSite(t, "LYO", "Ada Lovelace")
	before := statusOf(t, folder)
	plan := importLog(t, folder, incidentLog, "--dry-run").Plan
	if plan == nil || plan.Create["incident"] != loggedTickets || plan.Steps != loggedSteps || len(plan.Errors) != 0 {
		t.Fatalf("the dry run says %+v, want %d incidents with %d steps", plan, loggedTickets, loggedSteps)
	}
	if after := statusOf(t, folder); fmt.Sprint(after.Records) != fmt.Sprint(before.Records) || after.Waiting != before.Waiting {
		t.Errorf("the dry run changed something: %v, before %v", after.Records, before.Records)
	}
	began := time.Now()
	result := importLog(t, folder, incidentLog).Result
	t.Logf("imported in %v, the start of the program included", time.Since(began))
	if fmt.Sprint(result.Create) != fmt.Sprint(plan.Create) || result.Steps != loggedSteps || len(result.Errors) != 0 {
		t.Errorf("the import did %+v, the dry run had announced %+v", result, plan)
	}
	d := desktopOn("desktop", folder)
	d.start(t)
	await(t, "the import is agreed", commandTime, func() bool {
		_, waiting, err := d.standings()
		return err == nil && waiting == 0
	})
	checkImported(t, d, result)
	checkIncident(t, d)
	spaces, _, err := d.standings()
	if err != nil {
		t.Fatal(err)
	}
	again := importLog(t, folder, incidentLog).Result
	if len(again.Create) != 0 || again.Change != 0 || again.Steps != 0 {
		t.Errorf("the second import did %+v", again)
	}
	if now, waiting, err := d.standings(); err != nil || waiting != 0 || fmt.Sprint(now) != fmt.Sprint(spaces) {
		t.Errorf("the second import led from %v to %v (%v)", spaces, now, err)
	}
	t.Run("an export brought into an empty site gives the same records", func(t *testing.T) { testExport(t, folder) })
}

func importLog(t *testing.T, folder, file string, more ...string) api.Import {
	t.Helper()
	return printed[api.Import](t, append([]string{"import", "--data", folder, "--as", "servicenow-log", file}, more...)...)
}

func statusOf(t *testing.T, folder string) api.Status {
	t.Helper()
	return printed[api.Status](t, "status", "--data", folder)
}

// checkImported counts what is there now: records by kind, and the steps of all incidents in the export.
func checkImported(t *testing.T, d *device, result *api.ImportPlan) {
	t.Helper()
	records := get[api.Status](t, d, "/status").Records
	if records["incident"] != loggedTickets || d.total(t) != loggedTickets {
		t.Errorf("there are %d incidents, listed are %d, want %d", records["incident"], d.total(t), loggedTickets)
	}
	for kind, made := range result.Create {
		if records[kind] < made {
			t.Errorf("%d records of kind %s were made and %d are there", made, kind, records[kind])
		}
	}
	if steps := stepsIn(exported(t, d.folder)); steps != loggedSteps {
		t.Errorf("the incidents' histories have %d steps, want %d", steps, loggedSteps)
	}
	titles := map[string]string{}
	for _, list := range []string{"/people", "/teams"} {
		for _, row := range d.list(t, list) {
			if other, twice := titles[list+row.Title]; twice {
				t.Errorf("%s was made twice: %s and %s", row.Title, other, row.ID)
			}
			titles[list+row.Title] = row.ID
		}
	}
	denseNumbers(t, d, "LYO")
}

// stepsIn counts the steps of all incidents in an export.
func stepsIn(lines []map[string]any) int {
	steps := 0
	for _, line := range lines {
		items, _ := line["items"].(map[string]any)
		work, _ := items["work"].([]any)
		steps += len(work)
	}
	return steps
}

// checkIncident looks closely at one incident of the log: four rows, four steps, each by its person at its time.
func checkIncident(t *testing.T, d *device) {
	t.Helper()
	var id string
	for _, hit := range get[api.Page](t, d, "/tickets?view=all&q="+url.QueryEscape("Symptom 72")+"&limit=200").Rows {
		view := d.ticket(t, hit.ID)
		if source, _ := fieldOf(t, &view.RecordView, "source").Value.(map[string]any); source["number"] == "INC0000045" {
			id = hit.ID
			if source["made_sla"] != true {
				t.Errorf("the source's made_sla is kept as %v", source["made_sla"])
			}
		}
	}
	if id == "" {
		t.Fatal("INC0000045 is not found by its symptom")
	}
	view := d.ticket(t, id)
	if view.Status.Key != "closed" || view.CreatedAt.UTC().Format("02-01-2006 15:04") != "29-02-2016 01:16" {
		t.Errorf("INC0000045 is %s and was created at %v", view.Status.Key, view.CreatedAt)
	}
	var moments []string
	for _, change := range get[api.History](t, d, "/records/"+id+"/history").Changes {
		if change.Field != "status" {
			continue
		}
		who := ""
		if change.By != nil {
			who = change.By.Title
		}
		moments = append(moments, fmt.Sprintf("%v at %s by %s", change.To, change.At.UTC().Format("02-01-2006 15:04"), who))
	}
	want := []string{
		"new at 29-02-2016 01:23 by Updated by 21", "resolved at 29-02-2016 08:53 by Updated by 642", "closed at 05-03-2016 12:00 by Updated by 908",
	}
	if !slices.Equal(moments, want) {
		t.Errorf("INC0000045 went through %q, want %q", moments, want)
	}
}

// exported reads the site's export, one object a line.
func exported(t *testing.T, folder string) []map[string]any {
	t.Helper()
	file := filepath.Join(t.TempDir(), "export.jsonl")
	succeed(t, "export", "--data", folder, file)
	var lines []map[string]any
	for raw := range bytes.Lines(readFile(t, file)) {
		var line map[string]any
		if err := json.Unmarshal(raw, &line); err != nil {
			t.Fatalf("a line of the export is no JSON: %v", err)
		}
		lines = append(lines, line)
	}
	return lines
}

func testExport(t *testing.T, folder string) {
	file := filepath.Join(t.TempDir(), "everything.jsonl")
	succeed(t, "export", "--data", folder, file)
	empty := foundSite(t, "LYO", "Grace Hopper")
	result := printed[api.Import](t, "import", "--data", empty, "--as", "jsonl", file).Result
	if len(result.Errors) != 0 {
		t.Fatalf("the export cannot be read back: %+v", result.Errors[0])
	}
	d := desktopOn("second", empty)
	d.start(t)
	await(t, "the import is agreed", commandTime, func() bool {
		_, waiting, err := d.standings()
		return err == nil && waiting == 0
	})
	importer := get[api.Me](t, d, "/me").Person.ID
	there := map[any]string{}
	for _, line := range exported(t, empty) {
		there[line["id"]] = strings.ReplaceAll(sameLine(t, line), importer, nobody)
	}
	differing := 0
	for _, line := range exported(t, folder) {
		want := sameLine(t, line)
		if got := there[line["id"]]; got != want {
			if differing++; differing <= 3 {
				t.Errorf("%v %v came back as\n%s\nwant\n%s", line["kind"], line["id"], got, want)
			}
		}
	}
	if differing > 0 {
		t.Errorf("%d records came back different", differing)
	}
	t.Logf("%d records came back the same", len(there))
}

// sameLine gives a line of an export without what is another site's own: the devices, who imported what nobody had made, and when a number was given out.
func sameLine(t *testing.T, line map[string]any) string {
	t.Helper()
	dropOwn(line)
	raw, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// nobody is whom an export names where the system acted.
const nobody = "00000000-0000-0000-0000-000000000000"

func dropOwn(value any) {
	switch value := value.(type) {
	case map[string]any:
		delete(value, "device")
		if value["rule"] == "number" {
			delete(value, "at")
			delete(value, "by")
		}
		for _, part := range value {
			dropOwn(part)
		}
	case []any:
		for _, part := range value {
			dropOwn(part)
		}
	}
}

// TestImportCutOff kills an import under way. The next one completes it.
func TestImportCutOff(t *testing.T) {
	folder := foundSite(t, "LYO", "Ada Lovelace")
	importing := launch(t, "import", "--data", folder, "--as", "servicenow-log", incidentLog)
	await(t, "the import is under way", startTime, func() bool {
		var done, of int
		last := importing.stderr.String()
		_, err := fmt.Sscanf(last[strings.LastIndex(last, "\r")+1:], "%d of %d", &done, &of)
		return importing.ended() || err == nil && done > of/2
	})
	importing.kill(t)
	t.Logf("%d incidents were in when the import was killed", statusOf(t, folder).Records["incident"])
	importLog(t, folder, incidentLog)
	if records := statusOf(t, folder).Records["incident"]; records != loggedTickets {
		t.Errorf("there are %d incidents after the second import, want %d", records, loggedTickets)
	}
	if steps := stepsIn(exported(t, folder)); steps != loggedSteps {
		t.Errorf("the incidents' histories have %d steps, want %d", steps, loggedSteps)
	}
	if again := importLog(t, folder, incidentLog).Result; len(again.Create) != 0 || again.Change != 0 {
		t.Errorf("a third import did %+v", again)
	}
}

func TestImportSkipsUnreadableRows(t *testing.T) {
	folder := foundSite(t, "LYO", "Ada Lovelace")
	lines := strings.SplitAfterN(string(readFile(t, incidentLog)), "\n", 6)
	lines[2] = strings.Replace(lines[2], "29-02-2016 08:53", "the day before", 1)
	lines[3] = "INC0000045,Resolved\n"
	file := filepath.Join(t.TempDir(), "log.csv")
	writeFile(t, file, []byte(strings.Join(lines[:5], "")))
	result := importLog(t, folder, file).Result
	if result.Create["incident"] != 1 || result.Steps != 2 {
		t.Errorf("the readable rows became %+v, want one incident with two steps", result)
	}
	var bad []int
	for _, problem := range result.Errors {
		bad = append(bad, problem.Line)
		if !strings.HasSuffix(problem.Reason, ".") {
			t.Errorf("the reason for line %d is no sentence: %q", problem.Line, problem.Reason)
		}
	}
	if !slices.Equal(bad, []int{3, 4}) {
		t.Errorf("the unreadable lines are reported as %v, want 3 and 4", bad)
	}
	if text := succeed(t, "import", "--data", folder, "--as", "servicenow-log", "--dry-run", file); !strings.Contains(text, "Line 3: ") {
		t.Errorf("people are not told of line 3: %s", text)
	}
}

// TestImportTableNamesWhoIsHere brings in tickets from a table whose callers this site knows, one that it does not, and one that lacks a caller.
func TestImportTableNamesWhoIsHere(t *testing.T) {
	folder := foundSite(t, "LYO", "Ada Lovelace")
	file := filepath.Join(t.TempDir(), "tickets.csv")
	writeFile(t, file, []byte("title,caller,channel,impact,urgency\nNo tone,ada lovelace,Phone,High,High\nNo light,,Phone,Low,Low\nNo heat,Blaise Pascal,Mail,Low,Low\n"))
	args := []string{"import", "--data", folder, "--as", "csv", file}
	if text := succeed(t, append(args, "--dry-run")...); !strings.Contains(text, `Line 2: the person "ada lovelace" is here already as Ada Lovelace`) || !strings.Contains(text, "Without caller: 1") {
		t.Errorf("the dry run says %s", text)
	}
	result := printed[api.Import](t, args...).Result
	if result.Create["incident"] != 3 || result.Create["person"] != 1 || len(result.Errors) != 0 {
		t.Fatalf("the import did %+v", result)
	}
	d := desktopOn("desktop", folder)
	d.start(t)
	agreedNumbers(t, d)
	for _, row := range d.list(t, "/tickets?view=all") {
		view := d.ticket(t, row.ID)
		caller := fieldOf(t, &view.RecordView, "caller").Value
		if row.Title == "No tone" && (caller != d.person || view.Priority.Key != "1") {
			t.Errorf("%s was called in by %v and has priority %s, want %s and 1", row.Title, caller, view.Priority.Key, d.person)
		}
	}
	if people := d.list(t, "/people"); len(people) != 2 {
		t.Errorf("there are %d people, want Ada and Blaise", len(people))
	}
}
