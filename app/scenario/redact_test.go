package scenario

import (
	"bytes"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/app/api"
	"holdfast/backend/audit"
	"holdfast/backend/core/diskfile/diskfiletest"
)

// pasted is a password that somebody pasted into a ticket.
const pasted = "Xk7qPastedPasswordVw"

// telling lists the files of devices in which the password stands.
func telling(t *testing.T, devices ...*device) (found []string) {
	t.Helper()
	for _, d := range devices {
		found = append(found, diskfiletest.Holding(t, d.folder, pasted)...)
	}
	return found
}

// leak makes a ticket that says the password in its description, twice over, in a note and in a file, and gives the note's and the file's entries.
func (c *cluster) leak(t *testing.T) (id, note, file string) {
	t.Helper()
	id, note, file = c.a.create(t, map[string]any{"title": "Router does not answer", "description": "The password is " + pasted + "."}).ID, newID(t), newID(t)
	awaitSame(t, c.everyone()...)
	c.b.rewrite(t, id, "description", func(was string) string { return was + "\nTried it: " + pasted })
	c.b.call(t, http.MethodPost, "/tickets/"+id+"/note", map[string]any{"text": "It is " + pasted, "item": note}, nil)
	path, content := "/records/"+id+"/attachments/"+file, []byte("admin "+pasted+"\n")
	c.a.call(t, http.MethodPut, path+"/bytes", map[string]any{"offset": 0, "data": content}, nil)
	c.a.call(t, http.MethodPost, path+"/attach", map[string]any{"name": "login.txt", "size": len(content), "media": "text/plain"}, nil)
	awaitSame(t, c.everyone()...)
	await(t, "B has the file", agreeTime, func() bool {
		var all api.Attachments
		return c.b.try(http.MethodGet, "/records/"+id+"/attachments", nil, &all) == nil && len(all.Attachments) == 1 && all.Attachments[0].State == api.FileHere
	})
	return id, note, file
}

// TestAPastedPasswordIsRemovedEverywhere removes it while a node and a desktop are off, and looks for it on every disk once they have heard of it.
func TestAPastedPasswordIsRemovedEverywhere(t *testing.T) {
	c := startCluster(t)
	id, note, file := c.leak(t)
	if found := telling(t, c.everyone()...); len(found) < len(c.everyone()) {
		t.Fatalf("the password stands in %v only: this test would notice nothing", found)
	}
	removal := func(d *device, field, item string) []string {
		return []string{"redact", id, "--data", d.folder, "--field", field, "--item", item, "--why", "A password was pasted.", "--for-good"}
	}
	if sentence := failure(t, "forbidden", removal(c.b, "description", "")...); !strings.Contains(sentence, "remove content for good") {
		t.Errorf("a technician is told: %s", sentence)
	}
	_, followers := c.leader(t)
	away := followers[0]
	if away == c.nodes[0] {
		away = followers[1] // the first one invites
	}
	away.running.kill(t)
	c.b.running.kill(t)
	succeed(t, removal(c.a, "description", "")...)
	succeed(t, removal(c.a, "notes", note)...)
	succeed(t, removal(c.a, "attachments", file)...)
	c.b.start(t)
	away.start(t)
	awaitSame(t, c.everyone()...)
	await(t, "the password has left every disk", agreeTime, func() bool { return len(telling(t, c.everyone()...)) == 0 })
	for _, d := range c.everyone() {
		c.checkRemoved(t, d, id)
	}
	for _, d := range c.everyone() {
		d.running.stop(t)
		d.start(t)
	}
	awaitSame(t, c.everyone()...)
	if found := telling(t, c.everyone()...); len(found) > 0 {
		t.Errorf("after a new start the password stands in %v", found)
	}
	c.checkHistory(t)
}

// checkRemoved looks at what people see of it: the places are empty, who did it and why stands in the history, and nothing finds it.
func (c *cluster) checkRemoved(t *testing.T, d *device, id string) {
	t.Helper()
	view := d.ticket(t, id)
	if text := fieldOf(t, &view.RecordView, "description").Value; text != "[removed]" || !slices.Equal(saidOn(&view, "note"), []string{"[removed]"}) {
		t.Errorf("%s shows %v and %v", d.name, text, saidOn(&view, "note"))
	}
	if files := get[api.Attachments](t, d, "/records/"+id+"/attachments").Attachments; len(files) != 0 {
		t.Errorf("%s still has %+v", d.name, files)
	}
	raw := string(d.read(t, "/records/"+id+"/history"))
	if strings.Count(raw, `"action":"redact"`) != 3 || strings.Count(raw, "A password was pasted.") < 3 || !strings.Contains(raw, "Ada Lovelace") || strings.Contains(raw, pasted) {
		t.Errorf("%s has the history %s", d.name, raw)
	}
	if found := string(d.read(t, "/search?q="+pasted)); strings.Contains(found, id) {
		t.Errorf("%s finds it: %s", d.name, found)
	}
}

// checkHistory has an auditor verify the whole of it.
func (c *cluster) checkHistory(t *testing.T) {
	t.Helper()
	history := filepath.Join(t.TempDir(), "history.jsonl")
	succeed(t, "audit", "export", history, "--data", c.nodes[0].folder)
	report := printed[audit.Report](t, "audit", "verify", history)
	redacted := 0
	for _, space := range report.Spaces {
		redacted += space.Redacted
	}
	if redacted < 4 || bytes.Contains(readFile(t, history), []byte(pasted)) {
		t.Errorf("%+v", report)
	}
}
