package scenario

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/app/api"
)

// TestYesterdaysBackupIsRestored follows the runbooks: a backup of a running node, the loss of every device but one desktop that is ahead of it, and the way back.
func TestYesterdaysBackupIsRestored(t *testing.T) {
	c := startCluster(t)
	key := c.recoveryKey(t)
	kept := c.a.create(t, map[string]any{"title": "In the backup, says nobody in plain text"}).ID
	awaitSame(t, c.everyone()...)
	file := filepath.Join(t.TempDir(), "monday.age")
	(&runbook{page: "backup.md", vars: map[string]string{"NODE": c.nodes[1].folder, "FILE": file}}).follow(t)
	if raw := readFile(t, file); bytes.Contains(raw, []byte("says nobody")) || !bytes.HasPrefix(raw, []byte("age-encryption.org/")) {
		t.Error("the backup is not encrypted")
	}
	if status := get[api.Status](t, c.nodes[1], "/status"); status.Backup == nil || status.Backup.File != file {
		t.Errorf("the node says of its last backup: %+v", status.Backup)
	}
	if end := holdfast(t, "backup", "--data", c.nodes[1].folder, file); end.code == 0 {
		t.Error("a backup was overwritten")
	}
	// After the backup: agreed, and then every node is lost. A saw it, and comes back later.
	after := c.a.create(t, map[string]any{"title": "After the backup"}).ID
	awaitSame(t, c.everyone()...)
	for _, d := range c.everyone() {
		d.running.kill(t)
	}
	bent := filepath.Join(t.TempDir(), "bent.age")
	raw := readFile(t, file)
	raw[len(raw)/2] ^= 1
	writeFile(t, bent, raw)
	fresh := filepath.Join(t.TempDir(), "new")
	if end := holdfast(t, "restore", "--data", fresh, bent, "--recovery-key", key); end.code == 0 || !strings.Contains(end.stderr, "damaged") {
		t.Errorf("a damaged backup ends with %d: %s", end.code, end.stderr)
	}
	if _, err := os.Stat(fresh); err == nil {
		t.Error("a backup that was refused left something behind")
	}
	book := &runbook{page: "restore.md", vars: spare(t, map[string]string{
		"NEW": fresh, "FILE": file, "KEY": key, "ADDRESS": c.nodes[0].args[2], "NEXTFILE": filepath.Join(t.TempDir(), "tuesday.age"),
	})}
	book.follow(t)
	node := book.devices["NEW"]
	awaitVotes(t, node, 3)
	if !node.shows(kept) || node.shows(after) {
		t.Fatal("the restored node does not hold what the backup held")
	}
	// A finds the new node at the address of a lost one, and hands over what the backup lacks.
	c.a.start(t)
	everyone := []*device{node, book.devices["NODE2"], book.devices["NODE3"], c.a}
	await(t, "what A held is agreed again", agreeTime, func() bool { return node.shows(after) && node.ticket(t, after).Number != nil })
	awaitSame(t, everyone...)
	for _, d := range everyone {
		if !d.shows(kept) || !d.shows(after) {
			t.Errorf("%s lost a ticket", d.name)
		}
	}
	denseNumbers(t, c.a, siteCode)
}

// TestALostNodeIsReplaced follows the runbook: the leader's machine burns.
func TestALostNodeIsReplaced(t *testing.T) {
	c := startCluster(t)
	id := c.a.create(t, map[string]any{"title": "Before the loss"}).ID
	awaitSame(t, c.everyone()...)
	lost, others := c.leader(t)
	lostID := get[api.SyncStatus](t, lost, "/sync").Device.ID
	lost.running.kill(t)
	c.nodes = others
	leads := others[0]
	await(t, "another node leads", agreeTime, func() bool {
		for _, node := range others {
			for _, member := range get[api.Members](t, node, "/sync/members").Members {
				if member.Leader && member.ID == get[api.SyncStatus](t, node, "/sync").Device.ID {
					leads = node
					return true
				}
			}
		}
		return false
	})
	book := &runbook{page: "lost-node.md", vars: map[string]string{
		"NODE": leads.folder, "LOST": lostID, "NODE2": filepath.Join(t.TempDir(), "data"), "ADDRESS2": freeAddress(t),
	}}
	book.follow(t)
	awaitVotes(t, leads, 3)
	everyone := append(slices.Clone(others), book.devices["NODE2"], c.a, c.b)
	during := c.b.create(t, map[string]any{"title": "After the loss"}).ID
	awaitSame(t, everyone...)
	for _, d := range everyone {
		if !d.shows(id) || !d.shows(during) {
			t.Errorf("%s lost a ticket", d.name)
		}
	}
}
