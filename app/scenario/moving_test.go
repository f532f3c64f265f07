package scenario

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"holdfast/app/api"
	"holdfast/backend/core/diskfile/diskfiletest"
)

// berlinsOwn is a word that is said at the new site only.
const berlinsOwn = "Quaggaquarium"

// TestATicketIsMovedToAnotherSite moves a ticket of Lyon to Berlin while Berlin's desktop is away, a colleague in Lyon types without a network, and the node that
// leads is killed.
func TestATicketIsMovedToAnotherSite(t *testing.T) {
	c := startCluster(t)
	berlin := desktopOn("C", filepath.Join(t.TempDir(), "data"))
	succeed(t, "join", "--data", berlin.folder, c.nodes[0].invite(t, "desktop", "--site", "BER"), "--person", "Cem Yildiz", "--device", "Desktop C")
	c.a.call(t, http.MethodPost, "/records/site", map[string]any{"fields": map[string]any{"title": "Berlin", "code": "BER"}}, nil)
	a := uuid.MustParse(get[api.SyncStatus](t, c.a, "/sync").Device.ID).String()
	c.a.call(t, http.MethodPost, "/records/"+a+"/changes", map[string]any{"changes": []api.ChangeWish{{Op: "add", Field: "sites", Value: "BER"}}}, nil)
	await(t, "A may move tickets to Berlin", agreeTime, func() bool {
		return slices.ContainsFunc(get[api.Places](t, c.a, "/places").Places, func(p api.Place) bool { return p.Code == "BER" && p.Name == "Berlin" })
	})
	id := c.a.create(t, map[string]any{"title": "Heating drops out", "description": fiveLines, "tags": []string{"heat"}}).ID
	c.a.say(t, id, "reply", "Somebody comes today")
	await(t, "B has the ticket with its reply", agreeTime, func() bool {
		var view api.TicketView
		return c.b.try(http.MethodGet, "/tickets/"+id, nil, &view) == nil && view.Number != nil && len(view.Conversation) == 1
	})
	if said := c.b.refused(t, "forbidden", http.MethodPost, "/tickets/"+id+"/move", map[string]any{"site": "BER"}); !strings.Contains(said, "BER") {
		t.Errorf("B is refused with %q", said)
	}
	before := c.b.ticket(t, id)
	c.b.pause(t)
	c.b.say(t, id, "note", "Typed in the cellar")
	c.b.set(t, id, "title", "Heating is dead")

	leader, _ := c.leader(t)
	c.a.call(t, http.MethodPost, "/tickets/"+id+"/move", map[string]any{"site": "BER"}, nil)
	leader.running.kill(t)
	there := c.awaitMoved(t, id)
	leader.start(t)
	c.b.resume(t)
	berlin.start(t)
	await(t, "B's note has followed the ticket to Berlin", agreeTime, func() bool {
		var view api.TicketView
		return berlin.try(http.MethodGet, "/tickets/"+there, nil, &view) == nil && slices.Contains(saidOn(&view, "note"), "Typed in the cellar")
	})
	checkArrived(t, berlin, there, &before)
	c.checkStayed(t, id, there)

	berlin.say(t, there, "note", berlinsOwn)
	awaitSame(t, append(slices.Clone(c.nodes), c.a)...)
	await(t, "A has what Berlin said", agreeTime, func() bool {
		view := c.a.ticket(t, there)
		return slices.Contains(saidOn(&view, "note"), berlinsOwn)
	})
	c.b.say(t, id, "note", "Anything new?") // it waits for nobody: B hears of all that it ever will
	await(t, "Berlin hears of it", agreeTime, func() bool {
		view := berlin.ticket(t, there)
		return slices.Contains(saidOn(&view, "note"), "Anything new?")
	})
	if c.b.shows(there) || len(get[api.SearchResult](t, c.b, "/search?q="+berlinsOwn).Hits) > 0 {
		t.Error("B sees what belongs to Berlin")
	}
	c.b.running.kill(t)
	if found := diskfiletest.Holding(t, c.b.folder, berlinsOwn); len(found) > 0 {
		t.Errorf("B's disk holds what belongs to Berlin: %v", found)
	}
}

// awaitMoved waits until A sees the ticket at its new site, and gives its id there.
func (c *cluster) awaitMoved(t *testing.T, id string) string {
	t.Helper()
	there := ""
	await(t, "the ticket is in Berlin", agreeTime, func() bool {
		moved := c.a.ticket(t, id).MovedTo
		if moved == nil || moved.Number == "" || moved.Ticket == nil {
			return false
		}
		there = moved.Ticket.ID
		return true
	})
	return there
}

// checkArrived holds that Berlin has the ticket whole, once, and finds it by its old number.
func checkArrived(t *testing.T, berlin *device, there string, before *api.TicketView) {
	t.Helper()
	view := berlin.ticket(t, there)
	for _, field := range []string{"title", "description", "status", "priority", "channel", "caller"} {
		was, is := fieldOf(t, &before.RecordView, field), fieldOf(t, &view.RecordView, field)
		if was.Value != is.Value {
			t.Errorf("in Berlin %s is %v, it was %v", field, is.Value, was.Value)
		}
	}
	if replies := saidOn(&view, "reply"); !slices.Equal(replies, []string{"Somebody comes today"}) || view.Conversation[0].By.ID != before.Conversation[0].By.ID || !view.Conversation[0].At.Equal(before.Conversation[0].At) {
		t.Errorf("in Berlin the replies are %+v", view.Conversation)
	}
	if view.Number == nil || *view.Number != "INC-BER-00001" || berlin.total(t) != 1 || !view.CreatedAt.Equal(before.CreatedAt) || view.MovedFrom == nil || view.MovedFrom.Code != siteCode {
		t.Errorf("Berlin shows %d tickets, of which this is %+v", berlin.total(t), view.RecordView)
	}
	for _, number := range []string{*before.Number, before.Provisional} {
		if hits := get[api.SearchResult](t, berlin, "/search?q="+number).Hits; !slices.ContainsFunc(hits, func(h api.SearchHit) bool { return h.ID == there }) {
			t.Errorf("Berlin does not find it by %s", number)
		}
	}
}

// checkStayed holds that Lyon has a pointer, and that what B typed into the title waits for B.
func (c *cluster) checkStayed(t *testing.T, id, there string) {
	t.Helper()
	await(t, "B's change of the title is up for review", agreeTime, func() bool {
		view := c.b.ticket(t, id)
		return len(view.Parked) == 1 && view.Parked[0].Reason.Code == "moved" && view.Parked[0].Mine
	})
	view := c.b.ticket(t, id)
	if view.MovedTo == nil || view.MovedTo.Number != "INC-BER-00001" || view.MovedTo.Ticket != nil || len(view.Next) > 0 || view.Status.Phase != "moved" {
		t.Errorf("B shows %+v, next %v, %s", view.MovedTo, view.Next, view.Status.Phase)
	}
	if open := get[api.Page](t, c.b, "/tickets?view=open&limit=1").Total; open != 0 {
		t.Errorf("%d tickets are open in Lyon", open)
	}
	c.b.refused(t, "moved", http.MethodPost, "/records/"+id+"/changes", map[string]any{"changes": []api.ChangeWish{{Op: "set", Field: "location", Value: "x"}}})
	if title := c.a.ticket(t, there).Title; title != "Heating drops out" {
		t.Errorf("in Berlin it is called %q", title)
	}
}
