package program

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/uuid"

	"holdfast/app/api"
	"holdfast/backend/record"
)

// What a newer program wrote is kept, and people are told that they need it: on the record, on what waits, and on the Sync screen.
func TestPeopleAreToldWhatNeedsANewerVersion(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	id, lyon := uuid.Must(uuid.NewV7()), record.SiteSpace("LYO")
	write := func(action string, mutations ...record.Mutation) {
		t.Helper()
		if _, err := p.site.store.Append(t.Context(), record.Draft{Space: lyon, Author: p.site.actor().Person, Action: action, Mutations: mutations}); err != nil {
			t.Fatal(err)
		}
	}
	write("import", record.Mutation{Op: record.OpCreate, Record: id, Kind: "incident"}, record.Mutation{Op: record.OpSet, Record: id, Field: "title", Value: record.Text("VPN drops")},
		record.Mutation{Op: record.OpTransition, Record: id, Field: "status", Value: record.Text("new")})
	until(t, p, func() bool { return p.site.store.PendingCount() == 0 })
	shown := func() api.TicketView {
		return asked[api.TicketView](t, p, http.MethodGet, "/tickets/"+id.String(), nil)
	}
	waits := func() (found api.Check) {
		checks := asked[api.Care](t, p, http.MethodGet, "/sync/care", nil).Checks
		if i := slices.IndexFunc(checks, func(c api.Check) bool { return c.Name == "needs_newer" }); i >= 0 {
			found = checks[i]
		}
		return found
	}
	if shown().Newer || waits().Sentence != "" {
		t.Fatal("a newer version is needed before one has written anything")
	}
	write("edit", record.Mutation{Op: record.OpSet, Record: id, Field: "hull", Value: record.Text("oak")})
	until(t, p, func() bool { return p.site.store.PendingCount() == 0 })
	if !shown().Newer || waits().Sentence != "" {
		t.Error("a field that is not known here is shown as if nothing were there, or as a change that waits")
	}
	write("edit", record.Mutation{Op: record.OpCreate, Record: uuid.Must(uuid.NewV7()), Kind: "hovercraft"})
	waiting := asked[api.Waiting](t, p, http.MethodGet, "/sync/waiting", nil)
	if len(waiting.Edits) != 1 || !waiting.Edits[0].Newer {
		t.Errorf("a kind of a newer version waits as %+v", waiting)
	}
	if check := waits(); check.OK || check.Count != 1 || check.Sentence == "" {
		t.Errorf("the Sync screen says %+v", check)
	}
}
