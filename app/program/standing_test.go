package program

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/core/diskfile/diskfiletest"
	"holdfast/backend/desk"
	"holdfast/backend/exchange"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/backend/search"
)

const (
	berlin = record.Space("site/BER")
	marker = "Zanzibarquagga"
)

// writeThere saves a ticket in Berlin's space with a file, and gives both.
func writeThere(t *testing.T, p *Program) (record.ID, record.Hash) {
	t.Helper()
	s := p.entered()
	file, _, err := s.store.Blobs().Put(t.Context(), strings.NewReader("A file about "+marker))
	if err != nil {
		t.Fatal(err)
	}
	id := uuid.Must(uuid.NewV7())
	_, err = s.store.Append(t.Context(), record.Draft{Space: berlin, Author: s.actor().Person, Action: exchange.Action, Blobs: []record.Hash{file}, Mutations: []record.Mutation{
		{Op: record.OpCreate, Record: id, Kind: "incident"},
		{Op: record.OpSet, Record: id, Field: "title", Value: record.Text("Printer " + marker + " jams")},
		{Op: record.OpTransition, Record: id, Field: "status", Value: record.Text("new")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return id, file
}

// sitesAre makes the sites of other's device those given beside its own.
func sitesAre(t *testing.T, p, other *Program, op record.Op, code string) {
	t.Helper()
	device := people.DeviceRecord(other.device.ID())
	m := record.Mutation{Op: op, Field: people.FieldSites, Value: record.Text(code)}
	if _, err := p.site.desk.Change(t.Context(), p.site.actor(), desk.Intent{Record: device, Mutations: []record.Mutation{m}}); err != nil {
		t.Fatal(err)
	}
}

func seen(p *Program, id record.ID) bool {
	state, err := p.entered().store.View(id)
	return err == nil && state != nil
}

// come waits until something is so that no event tells of by itself: a file that arrives, a site that is entered anew.
func come(t *testing.T, so func() bool) {
	t.Helper()
	patience := time.After(time.Minute)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !so() {
		select {
		case <-look.C:
		case <-patience:
			t.Fatal("it never came to be so")
		}
	}
}

func finds(t *testing.T, p *Program, text string) bool {
	t.Helper()
	hits, err := p.entered().index.Search(t.Context(), search.Request{Text: text, Limit: 5})
	return err == nil && len(hits) > 0
}

// TestADeviceReceivesOnlyItsSites is scenario 26, with a site that is joined and left while the program runs.
func TestADeviceReceivesOnlyItsSites(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	folder := t.TempDir()
	other := joined(t, p, folder)
	defer func() { shutAt(t, other) }()
	ticket, file := writeThere(t, p)
	agreed := func(at *Program, id record.ID) func() bool {
		return func() bool {
			state, err := at.entered().store.Committed(id)
			return err == nil && state != nil
		}
	}
	come(t, agreed(p, ticket))
	sitesAre(t, p, other, record.OpAdd, "HAM") // a change that other hears of: what came before it had its time too
	come(t, func() bool { return len(other.entered().trust.Identity().Sites) == 2 })
	if seen(other, ticket) || len(diskfiletest.Holding(t, folder, marker)) > 0 {
		t.Fatal("a device holds what belongs to a site that is not its own")
	}

	sitesAre(t, p, other, record.OpAdd, "BER")
	come(t, func() bool {
		return agreed(other, ticket)() && finds(t, other, marker) && other.entered().store.Blobs().Has(file)
	})

	if err := other.Services().Sync.Pause(); err != nil {
		t.Fatal(err)
	}
	own, _ := writeThere(t, other)
	sitesAre(t, p, other, record.OpRemove, "BER")
	if err := other.Services().Sync.Resume(); err != nil {
		t.Fatal(err)
	}
	come(t, agreed(p, own)) // handed over before it was left
	come(t, func() bool { return len(other.entered().trust.Identity().Sites) == 2 && !seen(other, own) })
	if seen(other, ticket) || finds(t, other, marker) || other.entered().store.Blobs().Has(file) {
		t.Error("a site that was left is still seen")
	}
	if _, listed := other.entered().tables.Row(own); listed {
		t.Error("a ticket of a site that was left is still listed")
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if found := diskfiletest.Holding(t, folder, marker); len(found) > 0 {
		t.Errorf("what was left is still in %v", found)
	}
	other = openAt(t, folder)
	if seen(other, ticket) || other.entered().store.PendingCount() > 0 {
		t.Error("after a restart something is back")
	}
}

// TestADeviceIsForASiteAgain lets a device write in a site, leave it and come back: it sees again what it wrote there, and goes on writing.
func TestADeviceIsForASiteAgain(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	folder := t.TempDir()
	other := joined(t, p, folder)
	defer func() { shutAt(t, other) }()
	sitesAre(t, p, other, record.OpAdd, "BER")
	come(t, func() bool { return len(other.entered().trust.Identity().Sites) == 2 })
	var written []record.ID
	agreed := func() bool {
		at, store := p.entered().store, other.entered().store
		return len(written) > 0 && store.PendingIn(berlin) == 0 && store.Frontier(berlin) == at.Frontier(berlin) && seen(other, written[len(written)-1]) && seen(p, written[len(written)-1])
	}
	for range 3 {
		ticket, _ := writeThere(t, other)
		written = append(written, ticket)
		come(t, agreed)

		sitesAre(t, p, other, record.OpRemove, "BER")
		come(t, func() bool { return len(other.entered().trust.Identity().Sites) == 1 && !seen(other, ticket) })
		sitesAre(t, p, other, record.OpAdd, "BER")
		come(t, agreed)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	other = openAt(t, folder)
	for _, ticket := range written {
		if !seen(other, ticket) {
			t.Error("a ticket of the site is missing after a restart")
		}
	}
	if waits := other.entered().store.PendingIn(berlin); waits > 0 {
		t.Errorf("%d changes wait after a restart", waits)
	}
}
