package scenario

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"holdfast/app/api"
)

// The thousand edits: half of them make a ticket, half write a note on one of a few tickets.
const (
	leaderEdits   = 1000
	leaderKillAt  = 400
	leaderWriters = 5 // on each desktop
	notedTickets  = 10
)

func (c *cluster) testLeaderKilled(t *testing.T) {
	before := c.a.total(t)
	noted := make([]string, notedTickets)
	for i := range noted {
		noted[i] = c.a.create(t, map[string]any{"title": fmt.Sprintf("Collects notes %d", i)}).ID
	}
	awaitSame(t, c.everyone()...)
	leader, others := c.leader(t)
	var answered atomic.Int64
	var writers sync.WaitGroup
	for n := range 2 * leaderWriters {
		d := []*device{c.a, c.b}[n%2]
		writers.Go(func() { writeMany(t, d, n, noted, &answered) })
	}
	await(t, "many edits are saved", agreeTime, func() bool { return answered.Load() >= leaderKillAt })
	leader.running.kill(t)
	t.Logf("%s led and was killed after %d edits", leader.name, answered.Load())
	writers.Wait()
	if n := answered.Load(); n != leaderEdits {
		t.Fatalf("%d of %d edits were saved", n, leaderEdits)
	}
	awaitSame(t, append(slices.Clone(others), c.a, c.b)...)
	leader.start(t)
	awaitSame(t, c.everyone()...)
	if total := c.b.total(t); total != before+notedTickets+leaderEdits/2 {
		t.Errorf("there are %d tickets, want %d", total, before+notedTickets+leaderEdits/2)
	}
	denseNumbers(t, leader, siteCode)
	for i, id := range noted {
		checkNotes(t, leader, i, id)
	}
}

// writeMany makes this writer's share of the edits.
func writeMany(t *testing.T, d *device, writer int, noted []string, answered *atomic.Int64) {
	for i := range leaderEdits / (2 * leaderWriters) {
		number := i*2*leaderWriters + writer
		path, in := "/records/incident", d.ticketOf(map[string]any{"title": fmt.Sprintf("Made under way %d", number)})
		if i%2 == 1 {
			path, in = "/tickets/"+noted[number%notedTickets]+"/note", map[string]any{"text": fmt.Sprintf("Note %d", number)}
		}
		if err := d.try(http.MethodPost, path, in, nil); err != nil {
			t.Errorf("%s did not save edit %d: %v", d.name, number, err)
			return
		}
		answered.Add(1)
	}
}

// checkNotes looks for each note that was written on the ticket, once, and for one decision on each of its edits.
func checkNotes(t *testing.T, d *device, ticket int, id string) {
	t.Helper()
	view := d.ticket(t, id)
	said := saidOn(&view, "note")
	want := 0
	for i := range leaderEdits / (2 * leaderWriters) {
		for writer := range 2 * leaderWriters {
			number := i*2*leaderWriters + writer
			if i%2 == 0 || number%notedTickets != ticket {
				continue
			}
			want++
			if n := count(said, fmt.Sprintf("Note %d", number)); n != 1 {
				t.Errorf("note %d stands %d times on its ticket", number, n)
			}
		}
	}
	if len(said) != want {
		t.Errorf("ticket %d has %d notes, want %d", ticket, len(said), want)
	}
	commits := map[string]string{}
	for _, change := range get[api.History](t, d, "/records/"+id+"/history").Changes {
		if change.Commit == nil {
			t.Errorf("edit %s of ticket %d has no outcome", change.Edit, ticket)
			continue
		}
		if earlier, ok := commits[change.Edit]; ok && earlier != *change.Commit {
			t.Errorf("edit %s of ticket %d has two outcomes, %s and %s", change.Edit, ticket, earlier, *change.Commit)
		}
		commits[change.Edit] = *change.Commit
	}
}
