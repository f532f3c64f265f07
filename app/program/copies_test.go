package program

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/app/api"
	"holdfast/backend/record"
)

// A desktop's disk is copied and both copies are worked on. Administrators are told on their own devices, until one of them says that only one copy is left; nothing is lost.
func TestAdministratorsAreToldOfACopiedDevice(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	first := filepath.Join(t.TempDir(), "first")
	a := joined(t, p, first)
	reportOnly(t, a) // both copies go on behind it
	come(t, func() bool { return a.site.store.PendingCount() == 0 })
	id := a.device.ID().String()
	shutAt(t, a)
	// A copied disk keeps the folder's number, by which a copied folder would be known: so the two copies take turns in one folder.
	aside := t.TempDir()
	if err := os.CopyFS(aside, os.DirFS(filepath.Join(first, "store"))); err != nil {
		t.Fatal(err)
	}
	told := func(who *Program, name string) api.Check { return checkNamed(t, who, name) }
	if said := told(p, "device_copied"); said.Sentence != "" {
		t.Fatalf("before anything is copied it says %+v", said)
	}
	// Each copy works on its own, and meets the others afterwards.
	var made []record.ID
	for range 2 {
		one := openAt(t, first)
		if err := one.site.sharing.Pause(); err != nil {
			t.Fatal(err)
		}
		made = append(made, reportOnly(t, one))
		shutAt(t, one)
		swap(t, filepath.Join(first, "store"), aside)
	}
	meet := func() *Program {
		one := openAt(t, first)
		if err := one.site.sharing.Resume(); err != nil {
			t.Fatal(err)
		}
		return one
	}
	agreed := func(ticket record.ID) func() bool {
		return func() bool {
			state, err := p.site.store.Committed(ticket)
			return err == nil && state != nil
		}
	}
	one := meet()
	come(t, agreed(made[0]))
	shutAt(t, one)
	swap(t, filepath.Join(first, "store"), aside)
	b := meet() // it hears of the other copy's work, and does its own once more under another name
	defer shutAt(t, b)
	come(t, agreed(made[1]))
	come(t, func() bool { return told(p, "device_copied").Sentence != "" && told(b, "copied").Sentence != "" })
	if said := told(p, "device_copied"); said.OK || !strings.Contains(said.Sentence, "Two copies of the device") || said.About == "" {
		t.Errorf("the administrator is told %+v", said)
	}
	settled := map[string]any{"action": "settle_copy", "changes": []api.ChangeWish{{Op: "set", Field: "copied", Value: false}}}
	if answer := ask(t, b, http.MethodPost, "/records/"+id+"/changes", settled); answer.Code != http.StatusForbidden {
		t.Errorf("who may shut nobody out settles it: %d %s", answer.Code, answer.Body)
	}
	for _, device := range asked[api.Devices](t, p, http.MethodGet, "/sync/devices", nil).Devices {
		if device.Copied != (device.ID == id) {
			t.Errorf("the device %s is copied: %v", device.Name, device.Copied)
		}
	}
	asked[api.RecordView](t, p, http.MethodPost, "/records/"+id+"/changes", settled)
	come(t, func() bool { return told(p, "device_copied").Sentence == "" && told(b, "copied").Sentence == "" })
}

// swap exchanges what two folders hold.
func swap(t *testing.T, a, b string) {
	t.Helper()
	between := t.TempDir()
	for _, way := range [][2]string{{a, between}, {b, a}, {between, b}} {
		all, err := os.ReadDir(way[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			if err := os.Rename(filepath.Join(way[0], one.Name()), filepath.Join(way[1], one.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// checkNamed gives what the Sync screen says under a name; the zero Check when it says nothing.
func checkNamed(t *testing.T, p *Program, name string) (check api.Check) {
	t.Helper()
	checks := asked[api.Care](t, p, http.MethodGet, "/sync/care", nil).Checks
	if i := slices.IndexFunc(checks, func(c api.Check) bool { return c.Name == name }); i >= 0 {
		check = checks[i]
	}
	return check
}
