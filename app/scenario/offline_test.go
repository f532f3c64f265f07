package scenario

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/app/api"
)

// offlineTickets is how many tickets both desktops change while they are offline, offlineNew how many each makes.
const (
	offlineTickets = 10
	offlineNew     = 5
)

const fiveLines = "The printer on floor 2\nprints blank pages\nsince this morning\nwith every driver\nfrom every computer"

// testOffline lets both desktops change the same tickets without seeing each other and come back one after the other. What registers show
// afterwards follows from the script alone, so it is the same whoever comes back first.
func (c *cluster) testOffline(t *testing.T, first, second *device) {
	before := c.a.total(t)
	tickets := c.offlineBase(t)
	c.a.pause(t)
	c.b.pause(t)
	for i, id := range tickets {
		c.editApart(t, i, id)
	}
	for i := range offlineNew {
		for _, d := range []*device{c.a, c.b} {
			d.create(t, map[string]any{"title": fmt.Sprintf("Made offline on %s, %d", d.name, i)})
		}
	}
	first.resume(t)
	await(t, first.name+"'s work is agreed", agreeTime, func() bool { return c.settled(first) })
	second.resume(t)
	awaitSame(t, c.everyone()...)
	if total := c.a.total(t); total != before+offlineTickets+2*offlineNew {
		t.Errorf("there are %d tickets, want %d", total, before+offlineTickets+2*offlineNew)
	}
	denseNumbers(t, c.a, siteCode)
	for _, d := range []*device{c.nodes[0], c.a, c.b} {
		review := get[api.Review](t, d, "/conflicts")
		for i, id := range tickets {
			c.checkMerged(t, d, i, id)
			c.checkReview(t, d, &review, i, id)
			c.checkParked(t, d, &review, id, second)
		}
	}
}

// offlineBase makes the tickets that both change, in progress and known to everyone.
func (c *cluster) offlineBase(t *testing.T) []string {
	t.Helper()
	var ids []string
	for i := range offlineTickets {
		id := c.a.create(t, map[string]any{
			"title": fmt.Sprintf("Blank pages %d", i), "description": fiveLines, "tags": []string{"common"}, "urgency": "3", "impact": "3",
			"service": c.service(t),
		}).ID
		c.a.transition(t, id, "in_progress", nil)
		ids = append(ids, id)
	}
	awaitSame(t, c.everyone()...)
	return ids
}

// service gives a service that tickets can be about, and makes it at first.
func (c *cluster) service(t *testing.T) string {
	t.Helper()
	if rows := c.a.list(t, "/services"); len(rows) > 0 {
		return rows[0].ID
	}
	var view api.RecordView
	c.a.call(t, "POST", "/records/service", map[string]any{"fields": map[string]any{"title": "Printing"}}, &view)
	return view.ID
}

// order gives the desktops in the order in which they set the registers of ticket i: the second is the later.
func (c *cluster) order(i int) [2]*device {
	if i%2 == 0 {
		return [2]*device{c.a, c.b}
	}
	return [2]*device{c.b, c.a}
}

// editApart is what both do to ticket i.
func (c *cluster) editApart(t *testing.T, i int, id string) {
	t.Helper()
	for n, d := range c.order(i) {
		d.set(t, id, "title", titleBy(d, i))
		d.set(t, id, "assignee", get[api.Me](t, d, "/me").Person.ID)
		d.set(t, id, "urgency", urgencyBy(n))
		d.say(t, id, "reply", "Reply by "+d.name)
		d.say(t, id, "note", "Note by "+d.name)
		nextMillisecond(t)
	}
	c.a.tag(t, id, "add", "from-a")
	c.b.tag(t, id, "add", "from-b")
	c.a.tag(t, id, "remove", "common")
	if added(i) {
		c.b.tag(t, id, "add", "common")
	}
	if overlapping(i) {
		c.a.rewrite(t, id, "description", replacing("since this morning", "since Monday, says A"))
		nextMillisecond(t)
		c.b.rewrite(t, id, "description", replacing("since this morning", "since Tuesday, says B"))
	} else {
		c.a.rewrite(t, id, "description", replacing("floor 2", "floor 3"))
		c.b.rewrite(t, id, "description", replacing("every computer", "computer PC-7"))
	}
	// Neither step is allowed after the other one.
	c.a.transition(t, id, "resolved", map[string]any{"resolution_text": "A changed the fuser"})
	c.b.transition(t, id, "cancelled", map[string]any{"cancel_reason": "The caller gave up, says B"})
}

func added(i int) bool                { return i%3 == 0 }
func overlapping(i int) bool          { return i >= offlineTickets/2 }
func titleBy(d *device, i int) string { return fmt.Sprintf("Blank pages %d, says %s", i, d.name) }

// urgencyBy gives the urgency that the earlier (0) or the later (1) of two sets.
func urgencyBy(n int) string { return []string{"2", "1"}[n] }

func replacing(old, by string) func(string) string {
	return func(text string) string { return strings.Replace(text, old, by, 1) }
}

// nextMillisecond waits until clocks show another time, so that what follows is later than what was before.
func nextMillisecond(t *testing.T) {
	t.Helper()
	now := time.Now().UnixMilli()
	await(t, "the clock goes on", time.Second, func() bool { return time.Now().UnixMilli() > now })
}

// checkMerged holds what a device shows of ticket i against what the script must lead to.
func (c *cluster) checkMerged(t *testing.T, d *device, i int, id string) {
	t.Helper()
	view := d.ticket(t, id)
	earlier, later := c.order(i)[0], c.order(i)[1]
	for field, values := range map[string][2]any{
		"title":    {titleBy(earlier, i), titleBy(later, i)},
		"assignee": {get[api.Me](t, earlier, "/me").Person.ID, get[api.Me](t, later, "/me").Person.ID},
		"urgency":  {urgencyBy(0), urgencyBy(1)},
	} {
		shown := fieldOf(t, &view.RecordView, field)
		if shown.Value != values[1] {
			t.Errorf("%s: %s of ticket %d is %v; the later value is %v", d.name, field, i, shown.Value, values[1])
		}
		if len(shown.Conflicts) != 1 || shown.Conflicts[0].Value != values[0] || shown.Conflicts[0].By == nil || shown.Conflicts[0].At.IsZero() {
			t.Errorf("%s: %s of ticket %d should keep %v as its one conflict, but has %+v", d.name, field, i, values[0], shown.Conflicts)
		}
	}
	for kind, want := range map[string][]string{"reply": {"Reply by A", "Reply by B"}, "note": {"Note by A", "Note by B"}} {
		said := saidOn(&view, kind)
		for _, text := range want {
			if n := count(said, text); n != 1 {
				t.Errorf("%s: %q stands %d times in ticket %d", d.name, text, n, i)
			}
		}
	}
	want := []string{"from-a", "from-b"}
	if added(i) {
		want = []string{"common", "from-a", "from-b"}
	}
	if tags := tagsOf(t, &view); !slices.Equal(tags, want) {
		t.Errorf("%s: ticket %d has the tags %q, want %q", d.name, i, tags, want)
	}
	c.checkDescription(t, d, i, &view)
}

func (c *cluster) checkDescription(t *testing.T, d *device, i int, view *api.TicketView) {
	t.Helper()
	shown := fieldOf(t, &view.RecordView, "description")
	text, _ := shown.Value.(string)
	if strings.Contains(text, "<<<") || strings.Contains(text, ">>>") {
		t.Errorf("%s: the description of ticket %d carries conflict markers: %q", d.name, i, text)
	}
	if !overlapping(i) {
		want := replacing("every computer", "computer PC-7")(replacing("floor 2", "floor 3")(fiveLines))
		if text != want || len(shown.Conflicts) != 0 {
			t.Errorf("%s: the description of ticket %d is %q with %d conflicts, want %q", d.name, i, text, len(shown.Conflicts), want)
		}
		return
	}
	all := text
	for _, other := range shown.Conflicts {
		all += "\n" + fmt.Sprint(other.Value)
	}
	if len(shown.Conflicts) != 1 || !strings.Contains(all, "since Monday, says A") || !strings.Contains(all, "since Tuesday, says B") {
		t.Errorf("%s: the description of ticket %d should keep both versions, but has %q and %+v", d.name, i, text, shown.Conflicts)
	}
}

// checkReview looks for every loser in the list of conflicts.
func (c *cluster) checkReview(t *testing.T, d *device, review *api.Review, i int, id string) {
	t.Helper()
	var fields []string
	for _, conflict := range review.Conflicts {
		if conflict.Record.ID != id {
			continue
		}
		fields = append(fields, conflict.Field)
		if len(conflict.Others) != 1 || len(conflict.Seen) < 2 {
			t.Errorf("%s: the conflict in %s of ticket %d lists %d others and %d seen", d.name, conflict.Field, i, len(conflict.Others), len(conflict.Seen))
		}
	}
	slices.Sort(fields)
	want := []string{"assignee", "title", "urgency"}
	if overlapping(i) {
		want = []string{"assignee", "description", "title", "urgency"}
	}
	if !slices.Equal(fields, want) {
		t.Errorf("%s: ticket %d has conflicts listed in %q, want %q", d.name, i, fields, want)
	}
}

// checkParked looks for the step that no longer fitted: it is the one of whoever came back second.
func (c *cluster) checkParked(t *testing.T, d *device, review *api.Review, id string, second *device) {
	t.Helper()
	status, typed := "resolved", "The caller gave up, says B"
	if second == c.a {
		status, typed = "cancelled", "A changed the fuser"
	}
	view := d.ticket(t, id)
	if view.Status.Key != status {
		t.Errorf("%s: the ticket is %s, want %s", d.name, view.Status.Key, status)
	}
	if notes := saidOn(&view, "note"); !slices.ContainsFunc(notes, func(note string) bool { return strings.Contains(note, typed) }) {
		t.Errorf("%s: what was typed with the parked step is no note: %q", d.name, notes)
	}
	i := slices.IndexFunc(review.Parked, func(p api.Parked) bool { return p.Record.ID == id })
	if i < 0 {
		t.Errorf("%s: the step that no longer fits is not listed as parked", d.name)
		return
	}
	parked := review.Parked[i]
	if parked.Reason.Sentence == "" || parked.By == nil ||
		!slices.ContainsFunc(parked.Texts, func(text api.TypedText) bool { return text.Text == typed }) {
		t.Errorf("%s: the parked step lacks its reason, author or text: %+v", d.name, parked)
	}
}

func count(texts []string, wanted string) int {
	n := 0
	for _, text := range texts {
		if text == wanted {
			n++
		}
	}
	return n
}
