package scenario

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/app/api"
)

// TestCluster runs what needs three nodes and two desktops on one cluster, in this order: the last parts take nodes away.
func TestCluster(t *testing.T) {
	c := startCluster(t)
	t.Run("what one desktop saves the other shows within a second", c.testLive)
	t.Run("a save that is repeated makes one ticket", c.testRepeated)
	t.Run("a technician may not publish configuration, an administrator may", c.testPublishing)
	t.Run("a technician's import gives nobody a role", c.testImportedRole)
	t.Run("both offline, A comes back first", func(t *testing.T) { c.testOffline(t, c.a, c.b) })
	t.Run("both offline, B comes back first", func(t *testing.T) { c.testOffline(t, c.b, c.a) })
	t.Run("two people claim one ticket offline", c.testClaim)
	t.Run("the leader is killed in the middle of 1,000 edits", c.testLeaderKilled)
	t.Run("all nodes are down and the desktops share directly", c.testNodesDown)
}

// liveRounds is how often the way from one desktop to the other is measured.
const liveRounds = 20

func (c *cluster) testLive(t *testing.T) {
	var took []time.Duration
	for i := range liveRounds {
		from, to := c.a, c.b
		if i%2 == 1 {
			from, to = c.b, c.a
		}
		id := from.create(t, map[string]any{"title": fmt.Sprintf("Printer %d is out of toner", i)}).ID
		took = append(took, await(t, to.name+" shows what "+from.name+" saved", agreeTime, func() bool { return to.shows(id) }))
	}
	slices.Sort(took)
	t.Logf("seen on the other desktop after %v (median), %v (longest)", took[len(took)/2], took[len(took)-1])
	if took[len(took)/2] > time.Second {
		t.Errorf("what one desktop saves is typically on the other after %v", took[len(took)/2])
	}
	awaitSame(t, c.everyone()...)
	denseNumbers(t, c.b, siteCode)
}

// testRepeated sends one save many times, as a client does that got no answer.
func (c *cluster) testRepeated(t *testing.T) {
	before := c.a.total(t)
	id := newID(t)
	var senders sync.WaitGroup
	for range liveRounds {
		senders.Go(func() {
			in := c.a.ticketOf(map[string]any{"title": "Sent again and again"})
			in["id"] = id
			if err := c.a.try(http.MethodPost, "/records/incident", in, nil); err != nil {
				t.Errorf("a repeated save was refused: %v", err)
			}
		})
	}
	senders.Wait()
	awaitSame(t, c.everyone()...)
	view := c.b.ticket(t, id)
	if total := c.b.total(t); total != before+1 || view.Number == nil || len(fieldOf(t, &view.RecordView, "title").Conflicts) != 0 {
		t.Errorf("there are %d tickets, want %d; the repeated one is %+v", total, before+1, view.RecordView)
	}
	denseNumbers(t, c.b, siteCode)
}

func (c *cluster) testPublishing(t *testing.T) {
	before := get[api.ConfigStatus](t, c.b, "/config").Commit
	path := "/config/file?path=priorities.yaml"
	look := func(d *device) error {
		file := get[api.ConfigFile](t, d, path)
		return d.try(http.MethodPut, path, map[string]any{"text": file.Text + "# Looked through by " + d.name + ".\n", "base": file.Commit}, nil)
	}
	// Drafting alone changes nothing for anybody, so it may be allowed or not.
	if err := look(c.b); err != nil {
		t.Logf("a technician may not even draft: %v", err)
	}
	sentence := c.b.refused(t, "forbidden", http.MethodPost, "/config/publish", map[string]any{"message": "Change the matrix"})
	if !strings.HasSuffix(sentence, ".") {
		t.Errorf("the refusal is no sentence: %q", sentence)
	}
	for _, d := range c.everyone() {
		if now := get[api.ConfigStatus](t, d, "/config").Commit; now != before {
			t.Errorf("%s has configuration %s after a refused publication, want %s", d.name, now, before)
		}
	}
	if err := look(c.a); err != nil {
		t.Fatal(err)
	}
	var published api.Publication
	c.a.call(t, http.MethodPost, "/config/publish", map[string]any{"message": "Say who looked the matrix through"}, &published)
	if !slices.Contains([]string{"published", "waiting"}, published.State) {
		t.Fatalf("an administrator's publication is %+v", published)
	}
	for _, d := range c.everyone() {
		await(t, d.name+" has the published configuration", agreeTime, func() bool {
			status := get[api.ConfigStatus](t, d, "/config")
			return status.Commit == published.Commit && status.Commit != before
		})
		if text := get[api.ConfigFile](t, d, path+"&commit="+published.Commit).Text; !strings.Contains(text, "Looked through by A.") {
			t.Errorf("%s has other words in the published file", d.name)
		}
	}
}

// testImportedRole lets a technician import a person who would be an administrator.
func (c *cluster) testImportedRole(t *testing.T) {
	id := newID(t)
	file := filepath.Join(t.TempDir(), "people.jsonl")
	writeFile(t, file, fmt.Appendf(nil, `{"format":1,"kind":"person","id":%q,"space":"org","created":{"by":%q,"at":"2026-03-10T10:00:00.000Z"},`+
		`"values":[{"field":"title","rule":"register","value":"Mallory","by":%q,"at":"2026-03-10T10:00:00.000Z"}],`+
		`"members":{"roles":["administrator"]}}`+"\n", id, nobody, nobody))
	succeed(t, "import", "--data", c.b.folder, "--as", "jsonl", file)
	awaitSame(t, c.everyone()...)
	if c.nodes[0].shows(id) {
		t.Error("a technician made an administrator")
	}
	i := slices.IndexFunc(get[api.Review](t, c.b, "/conflicts").Parked, func(p api.Parked) bool { return p.Record.ID == id })
	if i < 0 {
		t.Error("the refused import is not listed as parked")
	}
}

func (c *cluster) testClaim(t *testing.T) {
	id := c.a.create(t, map[string]any{"title": "The switch in cellar 2 hums"}).ID
	awaitSame(t, c.everyone()...)
	c.a.pause(t)
	c.b.pause(t)
	for _, d := range []*device{c.a, c.b} {
		d.call(t, http.MethodPost, "/tickets/"+id+"/take", map[string]any{"expectedAssignee": nil}, nil)
		d.say(t, id, "note", "I look into it, says "+d.name)
	}
	c.b.resume(t)
	await(t, "B's claim is agreed", agreeTime, func() bool { return c.settled(c.b) })
	c.a.resume(t)
	awaitSame(t, c.everyone()...)
	want := get[api.Me](t, c.b, "/me").Person.ID
	for _, d := range c.everyone() {
		view := d.ticket(t, id)
		assignee := fieldOf(t, &view.RecordView, "assignee")
		if assignee.Value != want || len(assignee.Conflicts) != 0 {
			t.Errorf("%s: the ticket belongs to %v with %d conflicts; the first agreed claim was B's", d.name, assignee.Value, len(assignee.Conflicts))
		}
		if len(view.Parked) != 1 || view.Parked[0].Action != "take" || view.Parked[0].Reason.Sentence == "" {
			t.Errorf("%s: A's claim should be parked with its reason, but parked is %+v", d.name, view.Parked)
		}
		if notes := saidOn(&view, "note"); !slices.Contains(notes, "I look into it, says A") || !slices.Contains(notes, "I look into it, says B") {
			t.Errorf("%s: a note is missing: %q", d.name, notes)
		}
	}
}

// settled reports whether nothing of the device waits to be agreed.
func (c *cluster) settled(d *device) bool {
	_, waiting, err := d.standings()
	return err == nil && waiting == 0
}

func (c *cluster) testNodesDown(t *testing.T) {
	for _, node := range c.nodes {
		node.running.kill(t)
	}
	view := c.a.create(t, map[string]any{"title": "No network in the whole building"})
	if view.Number != nil || !strings.HasPrefix(view.Provisional, "INC-"+siteCode+"-~") {
		t.Errorf("without nodes a ticket has number %v and provisional number %q", view.Number, view.Provisional)
	}
	took := await(t, "B shows A's pending ticket", agreeTime, func() bool { return c.b.shows(view.ID) })
	t.Logf("with all nodes down, the other desktop showed it after %v", took)
	c.b.say(t, view.ID, "note", "The fibre is cut, says B")
	await(t, "A shows B's pending note", agreeTime, func() bool {
		shown := c.a.ticket(t, view.ID)
		return slices.Contains(saidOn(&shown, "note"), "The fibre is cut, says B")
	})
	for _, d := range []*device{c.a, c.b} {
		shown := d.ticket(t, view.ID)
		if shown.Number != nil || shown.Provisional != view.Provisional || shown.Pending < 2 {
			t.Errorf("%s shows number %v, provisional %q and %d pending edits", d.name, shown.Number, shown.Provisional, shown.Pending)
		}
		status := get[api.SyncStatus](t, d, "/sync")
		if status.State == "up_to_date" || status.Waiting < 2 {
			t.Errorf("%s says %q with %d changes waiting: %s", d.name, status.State, status.Waiting, status.Sentence)
		}
	}
	// A is lost before it meets a node again: B carries A's work there.
	c.a.running.kill(t)
	for _, node := range c.nodes {
		node.start(t)
	}
	awaitSame(t, append(slices.Clone(c.nodes), c.b)...)
	c.a.start(t)
	awaitSame(t, c.everyone()...)
	author := get[api.Me](t, c.a, "/me").Person.ID
	for _, d := range c.everyone() {
		shown := d.ticket(t, view.ID)
		if shown.Number == nil || shown.Pending != 0 {
			t.Errorf("%s: the nodes are back and the ticket still has no number", d.name)
		}
		if shown.CreatedBy == nil || shown.CreatedBy.ID != author || count(saidOn(&shown, "note"), "The fibre is cut, says B") != 1 {
			t.Errorf("%s: A's ticket is by %+v and has the notes %q", d.name, shown.CreatedBy, saidOn(&shown, "note"))
		}
	}
	denseNumbers(t, c.a, siteCode)
}
