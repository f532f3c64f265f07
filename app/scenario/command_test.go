package scenario

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/app/api"
)

// commands are all that people may type.
var commands = []string{"init", "serve", "node", "invite", "join", "members", "devices", "import", "export", "bundle", "status", "doctor", "audit", "backup", "restore", "recover", "rejoin", "recovery", "recovery-key", "version", "openapi"}

func TestEveryCommandExplainsItself(t *testing.T) {
	overview := succeed(t, "--help")
	for _, command := range commands {
		if !strings.Contains(overview, "\n  "+command+" ") {
			t.Errorf("holdfast --help does not name %s", command)
		}
		help := succeed(t, command, "--help")
		for _, part := range []string{"Usage:", "holdfast " + command, "--data", "--json"} {
			if !strings.Contains(help, part) {
				t.Errorf("%s --help does not say %q", command, part)
			}
		}
	}
}

func TestWrongCommandLines(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	for _, args := range [][]string{
		{"frobnicate"}, {"status", "--nonsense"}, {"status", "superfluous"}, {"init"}, {"init", "--site", "LYO", "--name", "Lyon"},
		{"join"}, {"import"}, {"export"}, {"node"}, {"node", "--bootstrap"}, {"invite", "--hours", "many"},
		{"bundle", "frobnicate"}, {"bundle", "export"}, {"bundle", "import"}, {"bundle", "inspect"},
		{"bundle", "export", "x", "--part-size", "many"}, {"bundle", "export", "x", "--part-size", "1MB"}, {"bundle", "export", "x", "--commits", "some"},
	} {
		end := holdfast(t, append(args, "--data", folder)...)
		if end.code != 2 || end.stdout != "" || !strings.Contains(end.stderr, "See holdfast --help.") {
			t.Errorf("holdfast %q ended with %d, %q, %q; want 2 and a hint", args, end.code, end.stdout, end.stderr)
		}
	}
}

func TestVersionAndDescription(t *testing.T) {
	if text := succeed(t, "version"); !strings.HasPrefix(text, "holdfast ") {
		t.Errorf("version says %q", text)
	}
	if printed[map[string]string](t, "version")["version"] == "" {
		t.Error("version --json has no version")
	}
	var description struct {
		OpenAPI string         `json:"openapi"`
		Paths   map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(succeed(t, "openapi")), &description); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(description.OpenAPI, "3.1") || description.Paths[api.Base+"/tickets"] == nil {
		t.Errorf("openapi prints version %q with %d paths", description.OpenAPI, len(description.Paths))
	}
}

func TestFirstRunWithStarterPack(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	args := []string{"init", "--data", folder, "--site", "LYO", "--name", "Lyon office", "--person", "Ada Lovelace", "--starter", "--sample"}
	setup := printed[api.Setup](t, args...)
	if !setup.Ready || setup.Site == nil || setup.Site.Code != "LYO" || setup.Person == nil || setup.Person.Title != "Ada Lovelace" {
		t.Errorf("init says %+v", setup)
	}
	status := statusOf(t, folder)
	for _, kind := range []string{"incident", "service", "article", "team", "person", "site"} {
		if status.Records[kind] == 0 {
			t.Errorf("the starter pack has nothing of kind %s: %v", kind, status.Records)
		}
	}
	if end := holdfast(t, args...); end.code != 1 || !strings.Contains(end.stderr, "(conflict: ") {
		t.Errorf("a second site on the folder ended with %d: %s", end.code, end.stderr)
	}
}

// TestCommandsWithAndWithoutARunningProgram runs the same commands on a folder that nobody has open and on one that is served.
func TestCommandsWithAndWithoutARunningProgram(t *testing.T) {
	folder := foundSite(t, "LYO", "Ada Lovelace", "--starter", "--sample")
	alone := useCommands(t, folder)
	d := desktopOn("desktop", folder)
	d.start(t)
	served := useCommands(t, folder)
	if fmt.Sprint(alone) != fmt.Sprint(served) {
		t.Errorf("commands say %v of a folder that nobody has open and %v of one that is served", alone, served)
	}
	made := d.create(t, map[string]any{"title": "Made while the program runs"})
	found := false
	for _, line := range exported(t, folder) {
		found = found || line["id"] == made.ID
	}
	if !found {
		t.Error("an export does not have what the running program just made")
	}
	if code := d.running.stop(t); code != 0 {
		t.Errorf("the program ended with %d when it was asked to", code)
	}
	if now := statusOf(t, folder).Records["incident"]; now != alone["incident"]+1 {
		t.Errorf("there are %d incidents after the program ended, want %d", now, alone["incident"]+1)
	}
}

// useCommands uses each command once and gives how many records there are.
func useCommands(t *testing.T, folder string) map[string]int {
	t.Helper()
	status := statusOf(t, folder)
	if !slices.Contains([]string{"up_to_date", "sharing"}, status.State) || !status.Embedded || len(status.Spaces) < 2 || !strings.HasSuffix(status.Sentence, ".") {
		t.Errorf("status says %+v", status.SyncStatus)
	}
	for _, space := range status.Spaces {
		if space.Generation == "" || space.Commit == "" || len(space.Digest) != 64 {
			t.Errorf("status says of a space %+v", space)
		}
	}
	if text := succeed(t, "status", "--data", folder); !strings.Contains(text, "SPACE") || !strings.Contains(text, "incident") {
		t.Errorf("status prints %q", text)
	}
	members := printed[api.Members](t, "members", "--data", folder).Members
	if len(members) != 1 || !members[0].Voter {
		t.Errorf("members are %+v, want this device alone", members)
	}
	invite := printed[api.Invite](t, "invite", "--data", folder, "--role", "desktop")
	if invite.Text == "" || len(invite.Addresses) == 0 || invite.Role != "desktop" {
		t.Errorf("the invite is %+v", invite)
	}
	for _, check := range printed[api.Checkup](t, "doctor", "--data", folder).Checks {
		if !check.OK {
			t.Errorf("the doctor finds %s: %s", check.Name, check.Sentence)
		}
	}
	if lines := exported(t, folder); len(lines) == 0 || !strings.HasPrefix(succeed(t, "export", "--data", folder, "-"), `{"format":`) {
		t.Errorf("the export has %d lines", len(lines))
	}
	if again := importLog(t, folder, incidentLog, "--dry-run"); again.Plan.Steps != loggedSteps {
		t.Errorf("a dry run says %+v", again.Plan)
	}
	return status.Records
}

func TestSecondProgramOnOneFolder(t *testing.T) {
	folder := foundSite(t, "LYO", "Ada Lovelace")
	first := desktopOn("first", folder)
	first.start(t)
	id := first.create(t, map[string]any{"title": "Made before the second one"}).ID
	for _, args := range [][]string{
		{"serve", "--data", folder, "--listen", "127.0.0.1:0", "--peers", "127.0.0.1:0"},
		{"node", "--data", folder, "--listen", "127.0.0.1:0"},
	} {
		failure(t, "in_use", args...)
	}
	if !first.shows(id) {
		t.Error("the first program no longer shows its ticket")
	}
	first.say(t, id, "note", "Still here")
	if notes := succeed(t, "status", "--data", folder); !strings.Contains(notes, "incident") {
		t.Error("commands no longer reach the first program")
	}
}

// TestPeopleAreListedWithWhatTheyMayDoAndWhereTheyWork looks at the list that the people screen shows.
func TestPeopleAreListedWithWhatTheyMayDoAndWhereTheyWork(t *testing.T) {
	d := desktopOn("desktop", foundSite(t, "LYO", "Ada Lovelace"))
	d.start(t)
	var made api.RecordView
	d.call(t, "POST", "/records/person", map[string]any{"fields": map[string]any{"title": "Blaise Pascal", "site": "PAR", "roles": []string{"technician", "service-owner"}}}, &made)
	var people map[string]string
	await(t, "two people are listed", agreeTime, func() bool { // lists follow what is stored
		people = map[string]string{}
		for _, row := range d.list(t, "/people") {
			slices.Sort(row.Roles)
			people[row.Title] = row.Site + ": " + strings.Join(row.Roles, ", ")
		}
		return len(people) == 2
	})
	want := map[string]string{"Ada Lovelace": "LYO: Administrator", "Blaise Pascal": "PAR: Service owner, Technician"}
	if !maps.Equal(people, want) {
		t.Errorf("the list shows %v, want %v", people, want)
	}
}
