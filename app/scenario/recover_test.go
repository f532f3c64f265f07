package scenario

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/app/api"
)

// recoveryKey makes a new recovery key of the cluster and gives the file that holds it.
func (c *cluster) recoveryKey(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	succeed(t, "recovery-key", "--data", c.nodes[0].folder, "--recovery-key", file)
	return file
}

// spare gives the variables for two new nodes.
func spare(t *testing.T, vars map[string]string) map[string]string {
	t.Helper()
	for _, name := range []string{"2", "3"} {
		vars["NODE"+name], vars["ADDRESS"+name] = filepath.Join(t.TempDir(), "data"), freeAddress(t)
	}
	return vars
}

// awaitVotes waits until so many nodes vote.
func awaitVotes(t *testing.T, d *device, want int) {
	t.Helper()
	await(t, "the nodes vote", agreeTime, func() bool {
		votes := 0
		for _, member := range get[api.Members](t, d, "/sync/members").Members {
			if member.Voter {
				votes++
			}
		}
		return votes == want
	})
}

func (d *device) generation(t *testing.T) string {
	t.Helper()
	spaces, _, err := d.standings()
	if err != nil {
		t.Fatal(err)
	}
	return spaces["org"].generation
}

// TestTheMajorityIsLost follows the runbook: two of three nodes are lost, and come back later with commits that the recovered group never saw.
func TestTheMajorityIsLost(t *testing.T) {
	c := startCluster(t)
	key := c.recoveryKey(t)
	known := c.a.create(t, map[string]any{"title": "Agreed by all"}).ID
	awaitSame(t, c.everyone()...)

	// The one that will be left is cut off first: the others and A agree on something that it never sees.
	last := c.nodes[2]
	last.running.kill(t)
	c.b.running.kill(t)
	unseen := c.a.create(t, map[string]any{"title": "Agreed before the fire, seen by A and two nodes"}).ID
	await(t, "A's ticket is agreed", agreeTime, func() bool { return c.settled(c.a) && c.a.ticket(t, unseen).Number != nil })
	number := *c.a.ticket(t, unseen).Number
	await(t, "both nodes hold it", agreeTime, func() bool { return c.nodes[0].shows(unseen) && c.nodes[1].shows(unseen) })
	for _, d := range []*device{c.nodes[0], c.nodes[1], c.a} {
		d.running.kill(t)
	}
	c.b.start(t)
	duringTheFire := c.b.create(t, map[string]any{"title": "Written while nobody could agree"}).ID

	book := &runbook{page: "lost-majority.md", vars: spare(t, map[string]string{"NODE": last.folder, "KEY": key, "ADDRESS": last.args[2]})}
	book.follow(t)
	fresh := book.devices["NODE"]
	awaitVotes(t, fresh, 3)
	group := []*device{fresh, book.devices["NODE2"], book.devices["NODE3"]}
	awaitSame(t, append(slices.Clone(group), c.b)...)
	if !c.b.shows(duringTheFire) || !fresh.shows(duringTheFire) || !fresh.shows(known) || fresh.shows(unseen) {
		t.Fatal("the recovered group does not hold what it should")
	}
	if taken := c.b.ticket(t, duringTheFire).Number; taken == nil || *taken != number {
		t.Fatalf("the test needs a number that is given twice: %v and %s", taken, number)
	}
	if g := fresh.generation(t); !strings.HasPrefix(g, "2-") {
		t.Errorf("the recovered cluster is in generation %s", g)
	}

	// A saw what the group lacks, and its edits come back under their ids.
	c.a.start(t)
	everyone := append(slices.Clone(group), c.a, c.b)
	await(t, "A's ticket is agreed again", agreeTime, func() bool { return fresh.shows(unseen) && fresh.ticket(t, unseen).Number != nil })
	awaitFormer(t, everyone, unseen, number)
	awaitSame(t, everyone...)
	for _, d := range everyone {
		if found := get[api.SearchResult](t, d, "/search?q="+number); !slices.ContainsFunc(found.Hits, func(h api.SearchHit) bool { return h.ID == unseen }) {
			t.Errorf("%s does not find the ticket by its former number %s", d.name, number)
		}
	}

	c.lostNodesReturn(t, fresh, everyone)
	back := c.comesBack(t, c.nodes[0], fresh)
	awaitVotes(t, fresh, 4)
	awaitSame(t, append(slices.Clone(everyone), back)...)
	for _, d := range append(everyone, back) {
		for _, id := range []string{known, unseen, duringTheFire} {
			if !d.shows(id) {
				t.Errorf("%s lost the ticket %s", d.name, id)
			}
		}
	}
}

// lostNodesReturn starts two nodes of the lost group: together they were a majority once.
func (c *cluster) lostNodesReturn(t *testing.T, fresh *device, everyone []*device) {
	t.Helper()
	for _, node := range c.nodes[:2] {
		node.start(t)
	}
	for _, node := range c.nodes[:2] {
		await(t, node.name+" stands down", agreeTime, func() bool {
			var status api.SyncStatus
			return node.try(http.MethodGet, "/sync", nil, &status) == nil && strings.Contains(status.Sentence, "without this node")
		})
	}
	awaitSame(t, append(slices.Clone(everyone), c.nodes[0], c.nodes[1])...)
	denseNumbers(t, c.a, siteCode)
	if members := get[api.Members](t, fresh, "/sync/members").Members; len(members) != 3 {
		t.Errorf("the group has %d members after the old nodes came back", len(members))
	}
}

// comesBack follows the runbook by which a node that was left behind becomes a node again.
func (c *cluster) comesBack(t *testing.T, node, leader *device) *device {
	t.Helper()
	node.running.kill(t)
	book := &runbook{page: "returned-node.md", vars: map[string]string{"LEADER": leader.folder, "NODE": node.folder, "ADDRESS": node.args[2]}}
	book.follow(t)
	aside, err := filepath.Glob(filepath.Join(node.folder, "before-*", "store"))
	if err != nil || len(aside) != 1 {
		t.Errorf("what the node held was set aside in %v: %v", aside, err)
	}
	return book.devices["NODE"]
}

// awaitFormer waits until all devices know a ticket's former number.
func awaitFormer(t *testing.T, devices []*device, id, number string) {
	t.Helper()
	for _, d := range devices {
		await(t, d.name+" knows the former number", agreeTime, func() bool {
			if !d.shows(id) {
				return false
			}
			view := d.ticket(t, id)
			return view.Number != nil && *view.Number != number && strings.Contains(fmt.Sprint(fieldOf(t, &view.RecordView, "former_numbers").Value), number)
		})
	}
}

// TestAllNodesAreLost follows the runbook on a desktop.
func TestAllNodesAreLost(t *testing.T) {
	c := startCluster(t)
	key := c.recoveryKey(t)
	agreed := c.a.create(t, map[string]any{"title": "Agreed by all"}).ID
	awaitSame(t, c.everyone()...)
	for _, node := range c.nodes {
		node.running.kill(t)
		if err := os.RemoveAll(node.folder); err != nil {
			t.Fatal(err)
		}
	}
	mine := c.a.create(t, map[string]any{"title": "A's work after the fire"}).ID
	theirs := c.b.create(t, map[string]any{"title": "B's work after the fire"}).ID
	address := c.a.ready.Address
	if end := holdfast(t, "recover", "--data", c.a.folder, "--recovery-key", key); end.code == 0 || !strings.Contains(end.stderr, "Close it") {
		t.Errorf("recovering under a running desktop ends with %d: %s", end.code, end.stderr)
	}
	c.a.running.kill(t)
	if end := holdfast(t, "recover", "--data", c.a.folder, "--recovery-key", "HK1-AAAAA"); end.code == 0 || !strings.Contains(end.stderr, "typing error") {
		t.Errorf("a wrong key ends with %d: %s", end.code, end.stderr)
	}

	book := &runbook{page: "rebuild-from-a-laptop.md", vars: spare(t, map[string]string{"LAPTOP": c.a.folder, "KEY": key, "ADDRESS": address})}
	book.follow(t)
	laptop := book.devices["LAPTOP"]
	awaitVotes(t, laptop, 3)
	everyone := []*device{laptop, book.devices["NODE2"], book.devices["NODE3"], c.b}
	awaitSame(t, everyone...)
	for _, d := range everyone {
		for _, id := range []string{agreed, mine, theirs} {
			if !d.shows(id) || d.ticket(t, id).Number == nil {
				t.Errorf("%s lost the ticket %s, or it has no number", d.name, id)
			}
		}
	}
	denseNumbers(t, c.b, siteCode)
	newcomer := desktopOn("C", filepath.Join(t.TempDir(), "data"))
	succeed(t, "join", "--data", newcomer.folder, book.devices["NODE2"].invite(t, "desktop"), "--person", "Carl Gauss")
	newcomer.start(t)
	awaitSame(t, append(everyone, newcomer)...)
}
