package scenario

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"

	"holdfast/app/api"
)

const (
	crashRounds      = 50
	crashRoundsShort = 12
	crashWriters     = 3
	crashSeed        = 20260310 // decides after how many saves each round ends
)

// acknowledged is what the program said it had saved.
type acknowledged struct {
	mu      sync.Mutex
	tickets []string
	notes   map[string][]string // by ticket
	total   int
}

func (a *acknowledged) ticket(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tickets = append(a.tickets, id)
	a.total++
}

func (a *acknowledged) note(id, text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.notes[id] = append(a.notes[id], text)
	a.total++
}

func (a *acknowledged) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.total
}

func TestKilledWhileSaving(t *testing.T) {
	d := desktopOn("desktop", foundSite(t, "LYO", "Ada Lovelace"))
	saved := &acknowledged{notes: map[string][]string{}}
	random := rand.New(rand.NewPCG(crashSeed, 0))
	rounds := crashRounds
	if testing.Short() {
		rounds = crashRoundsShort
	}
	for range rounds {
		d.start(t)
		saved.allThere(t, d)
		until := saved.count() + 1 + random.IntN(40)
		var writers sync.WaitGroup
		for range crashWriters {
			writers.Go(func() { saveUntilKilled(t, d, saved) })
		}
		await(t, "some more is saved", agreeTime, func() bool { return saved.count() >= until })
		d.running.kill(t)
		writers.Wait()
	}
	t.Logf("%d edits were acknowledged in %d rounds", saved.count(), rounds)
	d.start(t)
	saved.allThere(t, d)
	saved.notesThere(t, d)
	await(t, "everything is agreed", agreeTime, func() bool {
		_, waiting, err := d.standings()
		return err == nil && waiting == 0
	})
	denseNumbers(t, d, "LYO")
	for _, check := range checkup(t, d) {
		if !check.OK {
			t.Errorf("the doctor finds %s: %s", check.Name, check.Sentence)
		}
	}
}

// saveUntilKilled makes tickets and writes a note on each until the program no longer answers.
func saveUntilKilled(t *testing.T, d *device, saved *acknowledged) {
	for {
		id := newID(t)
		in := d.ticketOf(map[string]any{"title": "Saved just before the power cut " + id})
		in["id"] = id
		if !answered(t, d.try(http.MethodPost, "/records/incident", in, nil)) {
			return
		}
		saved.ticket(id)
		text := fmt.Sprintf("The ticket %s is mine", id)
		if !answered(t, d.try(http.MethodPost, "/tickets/"+id+"/note", map[string]any{"text": text}, nil)) {
			return
		}
		saved.note(id, text)
	}
}

// answered reports whether a call came back; an answer that says no is a failure of the test.
func answered(t *testing.T, err error) bool {
	if said, is := err.(*problem); is {
		t.Errorf("a save was refused: %v", said)
	}
	return err == nil
}

// allThere looks for every acknowledged ticket.
func (a *acknowledged) allThere(t *testing.T, d *device) {
	t.Helper()
	var shown []string
	for _, row := range d.list(t, "/tickets?view=all") {
		shown = append(shown, row.ID)
	}
	slices.Sort(shown)
	missing := 0
	for _, id := range a.tickets {
		if _, found := slices.BinarySearch(shown, id); !found {
			missing++
		}
	}
	if missing > 0 {
		t.Fatalf("%d of %d acknowledged tickets are missing", missing, len(a.tickets))
	}
}

// notesThere looks for every acknowledged note, once.
func (a *acknowledged) notesThere(t *testing.T, d *device) {
	t.Helper()
	for id, notes := range a.notes {
		view := d.ticket(t, id)
		if said := saidOn(&view, "note"); !slices.Equal(said, notes) {
			t.Errorf("ticket %s has the notes %q, acknowledged were %q", id, said, notes)
		}
	}
}

func checkup(t *testing.T, d *device) []api.Check {
	t.Helper()
	var found api.Checkup
	d.call(t, http.MethodPost, "/doctor", nil, &found)
	return found.Checks
}

// TestTwoDesktopsWithoutNodes lets a second desktop join the one that a site began on, which agrees to changes by itself.
func TestTwoDesktopsWithoutNodes(t *testing.T) {
	a := desktopOn("A", foundSite(t, "LYO", "Ada Lovelace", "--starter", "--sample"))
	a.start(t)
	c := &cluster{nodes: []*device{a}}
	b := c.join(t, "B", "Blaise Pascal")
	awaitSame(t, a, b)
	for _, d := range []*device{a, b} {
		d.create(t, map[string]any{"title": "Made on " + d.name})
	}
	awaitSame(t, a, b)
	denseNumbers(t, b, "LYO")
	a.running.kill(t)
	alone := b.create(t, map[string]any{"title": "Made while the other one is off"})
	if alone.Number != nil {
		t.Errorf("a desktop that decides nothing gave out %s", *alone.Number)
	}
	a.start(t)
	awaitSame(t, a, b)
	denseNumbers(t, a, "LYO")
	if !a.shows(alone.ID) {
		t.Error("what was made meanwhile is missing")
	}
}
