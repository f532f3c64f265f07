package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/app/api"
	"holdfast/backend/core/diskfile/diskfiletest"
)

// The first kill comes soon after the start, each further one later by a quarter: so they meet every part of what the program does there.
const firstKill = 20 * time.Millisecond

// killedUntil starts a program again and again and kills it, until it has done what it is to do before its kill comes. It gives the last start, and how many were killed.
func killedUntil(t *testing.T, done func(*process) bool, args ...string) (*process, int) {
	t.Helper()
	killed := 0
	for after := firstKill; ; after += after / 4 {
		p := launch(t, args...)
		if soon(after, func() bool { return done(p) }) {
			return p, killed
		}
		p.kill(t)
		killed++
	}
}

// soon reports whether something comes to be so in time.
func soon(deadline time.Duration, so func() bool) bool {
	ticker := time.NewTicker(pollTime)
	defer ticker.Stop()
	for end := time.Now().Add(deadline); time.Now().Before(end); <-ticker.C {
		if so() {
			return true
		}
	}
	return so()
}

// killUntil starts the device again and again and kills it, a little later after each start, until something is so that can be asked of it once it is ready.
func (d *device) killUntil(t *testing.T, what string, so func() bool) {
	t.Helper()
	killed := 0
	for after := firstKill; ; after += after / 4 {
		file, ready := readyFile(t), false
		d.running = launchWithin(t, d.within, append(slices.Clone(d.args), "--data", d.folder, "--ready", file)...)
		if soon(after, func() bool {
			if !ready && fileThere(file) {
				d.connect(t, file)
				ready = true
			}
			if d.running.ended() {
				t.Fatalf("%s was killed %d times, and then ended by itself with %d: %s", d.name, killed, d.running.command.ProcessState.ExitCode(), d.running.stderr)
			}
			return ready && so()
		}) {
			break
		}
		d.running.kill(t)
		if killed++; after > agreeTime {
			t.Fatalf("%s was killed %d times, and then waited for in vain: %s", d.name, killed, what)
		}
	}
	t.Logf("%s was killed %d times until %s", d.name, killed, what)
}

func fileThere(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func always() bool { return true }

// TestANodeIsKilledWhileItReplacesAnother follows the runbook of a lost node, with kills at every step: of the new node while it joins and catches up, and of the leader while
// the new one has no vote yet.
func TestANodeIsKilledWhileItReplacesAnother(t *testing.T) {
	c := startCluster(t)
	var tickets []string
	for i := range 40 {
		tickets = append(tickets, c.a.create(t, map[string]any{"title": fmt.Sprintf("Before the loss, %d", i)}).ID)
	}
	awaitSame(t, c.everyone()...)
	leads, others := c.leader(t)
	lost, left := others[0], others[1]
	id := get[api.SyncStatus](t, lost, "/sync").Device.ID
	lost.running.kill(t)
	if err := os.RemoveAll(lost.folder); err != nil {
		t.Fatal(err)
	}
	succeed(t, "members", "--data", leads.folder, "--remove", id)
	if end := holdfast(t, "members", "--data", leads.folder, "--remove", id); end.code != 0 {
		t.Errorf("taking the lost node out once more ends with %d: %s", end.code, end.stderr)
	}

	fresh := &device{name: "N4", folder: filepath.Join(t.TempDir(), "data")}
	fresh.args = []string{"node", "--listen", freeAddress(t), "--join", leads.invite(t, "node")}
	fresh.killUntil(t, "it is ready", always)
	for i := range 3 {
		tickets = append(tickets, c.b.create(t, map[string]any{"title": fmt.Sprintf("While it catches up, %d", i)}).ID)
		<-time.After(time.Duration(i+1) * 150 * time.Millisecond) // the next kill comes that much later
		fresh.running.kill(t)
		fresh.start(t)
	}
	leads.running.kill(t)
	leads.start(t)

	c.nodes = []*device{leads, left, fresh}
	awaitVotes(t, left, 3)
	awaitSame(t, c.everyone()...)
	for _, member := range get[api.Members](t, left, "/sync/members").Members {
		if member.ID == id {
			t.Error("the lost node is a member still")
		}
	}
	for _, ticket := range tickets {
		if !fresh.shows(ticket) {
			t.Errorf("the new node lacks the ticket %s", ticket)
		}
	}
	denseNumbers(t, fresh, siteCode)
	// The new one counts: with it and one of the old ones things are agreed.
	leads.running.kill(t)
	with := c.a.create(t, map[string]any{"title": "Agreed with the new node's vote"}).ID
	await(t, "the new node's vote counts", agreeTime, func() bool { return c.a.ticket(t, with).Number != nil })
}

// TestRecoverIsKilled kills holdfast recover at every part of its work, and then the recovered node while it founds its group.
func TestRecoverIsKilled(t *testing.T) {
	c := startCluster(t)
	key := c.recoveryKey(t)
	known := c.a.create(t, map[string]any{"title": "Agreed by all"}).ID
	awaitSame(t, c.everyone()...)
	for _, node := range c.nodes {
		node.running.kill(t)
	}
	waiting := c.b.create(t, map[string]any{"title": "Written while nobody could agree"}).ID
	c.a.running.kill(t) // that they try again less and less often is not what is tested here
	c.b.running.kill(t)
	last := c.nodes[2]
	p, killed := killedUntil(t, (*process).ended, "recover", "--data", last.folder, "--recovery-key", key)
	if code := p.command.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("recover was killed %d times and then ended with %d: %s", killed, code, p.stderr)
	}
	t.Logf("recover was killed %d times", killed)
	succeed(t, "recover", "--data", last.folder, "--recovery-key", key) // once more than needed

	last.args = []string{"node", "--listen", last.args[2]}
	last.killUntil(t, "it is ready", always)
	c.a.start(t)
	c.b.start(t)
	awaitVotes(t, last, 1)
	everyone := []*device{last, c.a, c.b}
	await(t, "what waited is agreed", agreeTime, func() bool { return last.shows(waiting) && last.ticket(t, waiting).Number != nil })
	awaitSame(t, everyone...)
	for _, d := range everyone {
		if !d.shows(known) || !d.shows(waiting) {
			t.Errorf("%s lost a ticket", d.name)
		}
	}
	denseNumbers(t, c.a, siteCode)
	c.lostReturn(t, everyone)
}

// lostReturn starts the nodes that were left behind: they stand down.
func (c *cluster) lostReturn(t *testing.T, everyone []*device) {
	t.Helper()
	for _, node := range c.nodes[:2] {
		node.start(t)
		everyone = append(everyone, node)
	}
	awaitSameWithin(t, afterStorm, everyone...) // whom a node did not reach at first it tries again less and less often
	if g := c.nodes[0].generation(t); strings.HasPrefix(g, "1") {
		t.Errorf("a node that was left behind is in generation %s", g)
	}
}

// elsewhere is in every text of the other site.
const elsewhere = "Zanzibarquagga"

// TestADesktopIsKilledWhileItChangesSites lets a desktop receive another site and leave it again, and kills it all the time.
func TestADesktopIsKilledWhileItChangesSites(t *testing.T) {
	founder := desktopOn("Founder", foundSite(t, "LYO", "Ada Lovelace"))
	founder.start(t)
	c := &cluster{nodes: []*device{founder}}
	moves := c.join(t, "Moves", "Blaise Pascal")
	berlin := desktopOn("Berlin", filepath.Join(t.TempDir(), "data"))
	succeed(t, "join", "--data", berlin.folder, founder.invite(t, "desktop", "--site", "BER"), "--person", "Carl Gauss")
	berlin.start(t)
	var theirs []string
	for i := range 30 {
		theirs = append(theirs, berlin.create(t, map[string]any{"title": fmt.Sprintf("%s %d", elsewhere, i)}).ID)
	}
	await(t, "Berlin's work is agreed", agreeTime, func() bool { return c.settled(berlin) && founder.shows(theirs[29]) })
	if len(diskfiletest.Holding(t, moves.folder, elsewhere)) > 0 {
		t.Fatal("a device holds what belongs to a site that is not its own")
	}

	id := get[api.SyncStatus](t, moves, "/sync").Device.ID
	founder.change(t, id, api.ChangeWish{Op: "add", Field: "sites", Value: "BER"})
	moves.running.kill(t)
	moves.killUntil(t, "it shows the other site", func() bool { return !slices.ContainsFunc(theirs, func(id string) bool { return !moves.shows(id) }) })
	own := moves.create(t, map[string]any{"title": "Its own work"}).ID

	founder.change(t, id, api.ChangeWish{Op: "remove", Field: "sites", Value: "BER", Seen: sitesSeen(t, founder, id)})
	moves.running.kill(t)
	moves.killUntil(t, "it has left the other site", func() bool { return !slices.ContainsFunc(theirs, moves.shows) })
	await(t, "its own work is agreed", agreeTime, func() bool { return c.settled(moves) && founder.shows(own) })
	if code := moves.running.stop(t); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	if found := diskfiletest.Holding(t, moves.folder, elsewhere); len(found) > 0 {
		t.Errorf("what was left is still in %v", found)
	}
	moves.start(t)
	for _, check := range checkup(t, moves) {
		if !check.OK {
			t.Errorf("it is not well: %s", check.Sentence)
		}
	}
	if !moves.shows(own) || !founder.shows(theirs[0]) {
		t.Error("more was removed than the site that was left")
	}
}

func sitesSeen(t *testing.T, d *device, id string) []string {
	t.Helper()
	view := get[api.RecordView](t, d, "/records/"+id)
	return fieldOf(t, &view, "sites").Seen
}
