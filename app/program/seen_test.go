package program

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"holdfast/app/api"
	"holdfast/backend/record"
)

// A creation went with a disk; what its record's readers wrote afterwards says why it waits, and lets go of what waits behind it.
func TestAChangeOfARecordThatIsGoneSaysSoAndIsGivenUp(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	until(t, p, func() bool { return p.site.store.PendingCount() == 0 })
	gone, kept := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	lyon := record.SiteSpace("LYO")
	ids, err := p.site.store.Append(t.Context(),
		record.Draft{Space: lyon, Author: p.site.actor().Person, Action: "edit", Mutations: []record.Mutation{{Op: record.OpText, Record: gone, Field: "description", Value: record.Text("Typed for nothing?")}}},
		record.Draft{Space: lyon, Author: p.site.actor().Person, Action: "import", Mutations: []record.Mutation{
			{Op: record.OpCreate, Record: kept, Kind: "incident"}, {Op: record.OpSet, Record: kept, Field: "title", Value: record.Text("Behind it")},
			{Op: record.OpTransition, Record: kept, Field: "status", Value: record.Text("new")},
		}})
	if err != nil {
		t.Fatal(err)
	}
	waiting := asked[api.Waiting](t, p, http.MethodGet, "/sync/waiting", nil)
	if len(waiting.Edits) != 2 {
		t.Fatalf("waiting are %+v", waiting)
	}
	first, second := waiting.Edits[0], waiting.Edits[1]
	if len(first.Lacks) != 1 || first.Lacks[0] != gone.String() || first.Behind != "" || len(first.Texts) != 1 || first.Texts[0].Text != "Typed for nothing?" {
		t.Errorf("the first says %+v", first)
	}
	if second.Behind != first.Edit || len(second.Lacks) != 0 {
		t.Errorf("the second says %+v", second)
	}
	giveUp := func(edit string) map[string]any { return map[string]any{"edits": []string{edit}} }
	if answer := ask(t, p, http.MethodPost, "/sync/give-up", giveUp(second.Edit)); answer.Code != http.StatusConflict {
		t.Errorf("what waits for nothing that is gone is given up: %s", answer.Body)
	}
	asked[api.Waiting](t, p, http.MethodPost, "/sync/give-up", giveUp(first.Edit))
	until(t, p, func() bool { return p.site.store.PendingCount() == 0 })
	if state, err := p.site.store.Committed(kept); err != nil || state == nil {
		t.Errorf("what waited behind it is %v, %v", state, err)
	}
	if o, found := p.site.store.Outcome(ids[0]); !found || o.Result != record.Parked {
		t.Errorf("the outcome is %+v", o)
	}
	if review := asked[api.Review](t, p, http.MethodGet, "/conflicts", nil); review.Total != 0 {
		t.Errorf("it is still to be looked at: %+v", review)
	}
}

func TestACareTellsWhatMakesAClusterRecoverable(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	care := asked[api.Care](t, p, http.MethodGet, "/sync/care", nil)
	if care.RecoveryKey != nil || care.Backup != nil || !care.MakesKeys || !care.MayManage || !care.Node || len(care.Recoveries) > 0 || care.BackupFile == "" {
		t.Errorf("a new site's care is %+v", care)
	}
	if key := asked[api.RecoveryKey](t, p, http.MethodPost, "/sync/recovery-key", nil); key.Key == "" {
		t.Error("the key is empty")
	}
	file := filepath.Join(t.TempDir(), "first.age")
	asked[api.Backup](t, p, http.MethodPost, "/sync/backup", map[string]string{"file": file})
	care = asked[api.Care](t, p, http.MethodGet, "/sync/care", nil)
	if care.RecoveryKey == nil || care.Backup == nil || care.Backup.File != file || filepath.Dir(care.BackupFile) != filepath.Dir(file) {
		t.Errorf("a site's care with a key and a backup is %+v", care)
	}
	for _, check := range asked[api.Status](t, p, http.MethodGet, "/status", nil).Checks {
		if !check.OK {
			t.Errorf("%s: %s", check.Name, check.Sentence)
		}
	}
}

func TestADesktopTellsOfTheNodesThatItSees(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	other := joined(t, p, t.TempDir())
	defer shutAt(t, other)
	come(t, func() bool {
		members := asked[api.Members](t, other, http.MethodGet, "/sync/members", nil)
		return members.Seen && len(members.Members) == 1 && members.Members[0].Healthy && members.Members[0].Name != ""
	})
	if members := asked[api.Members](t, p, http.MethodGet, "/sync/members", nil); members.Seen {
		t.Errorf("who agrees tells %+v", members)
	}
}
