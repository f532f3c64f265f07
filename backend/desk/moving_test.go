package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"holdfast/backend/attachment"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

var lyon, berlin = record.SiteSpace("LYO"), record.SiteSpace("BER")

// twoSites is a bench whose device "b" is for Lyon alone, and whose device "c", Cem's, is for Lyon and Berlin.
func twoSites(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	if _, err := b.Create(t.Context(), admin, desk.Creation{Kind: people.Site, Fields: map[string]record.Value{
		"title": record.Text("Berlin"), "code": record.Text("BER"),
	}}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Admit(t.Context(), desk.DeviceFacts{Key: b.key("c"), Name: "third laptop", Role: people.RoleDesktop, Site: "LYO", Person: cem}, "Cem", false); err != nil {
		t.Fatal(err)
	}
	b.force("a", ana, people.DeviceRecord(b.deviceID("c")), "edit", record.Mutation{Op: record.OpAdd, Field: people.FieldSites, Value: record.Text("BER")})
	b.expect(record.Applied, "")
	return b
}

var cem = uuid.MustParse("01890000-0000-7000-8000-00000000000c")

// as writes as another device while do runs.
func (b *bench) as(device string, do func()) {
	before := b.device
	b.device = device
	defer func() { b.device = before }()
	do()
}

// onward lets the leader do what a move asks for until nothing is left, each step twice, as two leaders would.
func (b *bench) onward(id record.ID) {
	b.t.Helper()
	for range 20 {
		drafts, err := b.Onward(b, id)
		if err != nil {
			b.t.Fatal(err)
		}
		if len(drafts) == 0 {
			return
		}
		for _, draft := range append(drafts, drafts...) {
			b.as("a", func() {
				if _, err := b.Append(b.t.Context(), draft); err != nil {
					b.t.Fatal(err)
				}
			})
			b.expect(record.Applied, "")
		}
	}
	b.t.Fatal("the move never ends")
}

func (b *bench) move(device string, who, id record.ID) {
	b.t.Helper()
	b.force(device, who, id, desk.ActionMove, record.Mutation{Op: record.OpSet, Field: ticket.FieldMovedTo, Value: ticket.Toward("BER")})
}

func say(field, text string, item record.ID) record.Mutation {
	return record.Mutation{Op: record.OpAppend, Field: field, Item: item, Value: record.Named(map[string]record.Value{ticket.ItemText: record.Text(text)})}
}

// landed gives the ticket at its new site.
func (b *bench) landed(old record.ID) *record.State {
	b.t.Helper()
	_, here, err := ticket.Landing(b, b.committed[old])
	if err != nil || here == nil {
		b.t.Fatalf("it has not arrived: %v", err)
	}
	return here
}

func TestAMovedTicketArrivesWhole(t *testing.T) {
	b := twoSites(t)
	id := b.incident().ID
	file := attachment.File{Blob: record.Hash{7}, Name: "trace.txt", Size: 3, Media: "text/plain"}
	item, fileID := uuid.New(), uuid.New()
	b.force("b", ben, id, "edit", record.Mutation{Op: record.OpText, Field: "description", Value: record.Text("It drops")},
		record.Mutation{Op: record.OpAdd, Field: "tags", Value: record.Text("vpn")}, say("replies", "On my way", item),
		record.Mutation{Op: record.OpAppend, Field: attachment.Field, Item: fileID, Value: file.Value()})
	b.force("b", ben, id, "edit", record.Mutation{Op: record.OpSet, Field: "location", Value: record.Text("Cellar")})
	b.force("a", ana, id, "edit", record.Mutation{Op: record.OpSet, Field: "location", Value: record.Text("Attic")}) // saw nothing of the cellar
	b.expect(record.Conflict, "")
	before := b.committed[id]
	b.move("c", cem, id)
	b.expect(record.Applied, "")
	b.onward(id)

	here := b.landed(id)
	if here.Space != berlin || here.Kind != before.Kind || here.Created.When() != before.Created.When() || here.Created.Author != before.Created.Author {
		t.Errorf("it arrived as %+v", here)
	}
	for _, field := range []string{"title", "description", "impact", "urgency", "priority", "status", "caller", "channel", "location"} {
		if got, want := here.Shown(field), before.Shown(field); !got.Equal(want) {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if reply := here.Fields["replies"].Items; len(reply) != 1 || reply[0].ID != item || reply[0].Author != ben || reply[0].When() != before.Fields["replies"].Items[0].When() {
		t.Errorf("the reply arrived as %+v", reply)
	}
	if got, ok := attachment.Find(here, fileID); !ok || got.Blob != file.Blob {
		t.Errorf("the file arrived as %+v", got)
	}
	if notes := here.Fields["notes"].Items; len(notes) != 1 || !strings.Contains(notes[0].Value.AsNamed()[ticket.ItemText].AsText(), "Cellar") {
		t.Errorf("the value that lost is told of as %v", notes)
	}
	number := here.Shown("number").AsText()
	old := b.committed[id]
	if !strings.HasPrefix(number, "INC-BER-") || old.Shown(ticket.FieldMovedAs).AsText() != number {
		t.Errorf("it is %q there and called %q here", number, old.Shown(ticket.FieldMovedAs).AsText())
	}
	var former []string
	for _, element := range here.Fields[record.FieldFormerNumbers].Elements {
		former = append(former, element.Value.AsText())
	}
	if !slices.Contains(former, old.Shown("number").AsText()) || !slices.Contains(former, desk.Provisional(desk.Kinds(), old)) {
		t.Errorf("its former numbers are %v", former)
	}
	if document := b.Document(old); strings.Contains(document.Text, "drops") || !slices.Contains(document.Names, number) {
		t.Errorf("what stays behind is found by %v and %q", document.Names, document.Text)
	}
	if b.PhaseOf(old) != desk.PhaseMoved || b.PhaseOf(here) != "open" {
		t.Errorf("the phases are %s and %s", b.PhaseOf(old), b.PhaseOf(here))
	}
}

func TestOnlyWhoWorksAtBothSitesMovesATicket(t *testing.T) {
	b := twoSites(t)
	id := b.incident().ID
	b.move("b", ben, id)
	b.expect(record.Parked, "not_your_site")
	b.as("b", func() {
		b.force("b", ben, id, "edit", record.Mutation{Op: record.OpSet, Field: ticket.FieldMovedAs, Value: record.Text("INC-BER-00001")})
		b.expect(record.Parked, "not_a_move")
	})
	b.force("c", cem, id, "edit", record.Mutation{Op: record.OpSet, Field: ticket.FieldMovedTo, Value: ticket.Toward("BER")})
	b.expect(record.Parked, "not_a_move")
	b.force("c", cem, id, desk.ActionMove, record.Mutation{Op: record.OpSet, Field: ticket.FieldMovedTo, Value: ticket.Toward("LYO")})
	b.expect(record.Parked, "not_a_site")
	b.force("a", ana, id, desk.ActionMove, record.Mutation{Op: record.OpSet, Field: ticket.FieldMovedTo, Value: ticket.Toward("OSL")})
	b.expect(record.Parked, "not_your_site")
	b.force("a", ana, people.DeviceRecord(b.deviceID("c")), "edit", record.Mutation{Op: record.OpSet, Field: ticket.FieldMovedTo, Value: ticket.Toward("BER")})
	b.expect(record.Parked, "not_a_move")
	fields := whole(nil)
	made := b.newTicket("c", cem, desk.ActionImport, fields)
	b.expect(record.Applied, "")
	b.force("c", cem, made, desk.ActionImport, record.Mutation{Op: record.OpSet, Field: ticket.FieldMovedTo, Value: ticket.Toward("BER")})
	b.expect(record.Parked, "not_a_move")
	b.move("a", ana, id) // the founding device is a node, and Berlin is known
	b.expect(record.Applied, "")
	b.move("c", cem, id)
	b.expect(record.Parked, "moved")
}

func TestWhatWasTypedMeanwhileFollowsOrWaitsForReview(t *testing.T) {
	b := twoSites(t)
	id := b.incident().ID
	b.move("c", cem, id)
	b.onward(id)
	said, along := uuid.New(), uuid.New()
	b.force("b", ben, id, "note", say("notes", "Typed in the train", said))
	b.expect(record.Applied, "")
	b.force("b", ben, id, "edit", say("replies", "And this", along), record.Mutation{Op: record.OpSet, Field: "title", Value: record.Text("VPN is gone")})
	b.expect(record.Parked, "moved")
	reason := b.last().Reason
	if !strings.Contains(reason.Sentence, "BER") || reason.Args["number"] != b.landed(id).Shown("number").AsText() {
		t.Errorf("the reason is %+v", reason)
	}
	b.step(id, "new", "in_progress")
	b.expect(record.Parked, "moved")
	b.onward(id)
	here := b.landed(id)
	if got := here.Fields["notes"].Items; len(got) != 1 || got[0].ID != said || got[0].Author != ben {
		t.Errorf("the notes there are %+v", got)
	}
	if got := here.Fields["replies"].Items; len(got) != 1 || got[0].ID != along {
		t.Errorf("the replies there are %+v", got)
	}
	if got := here.Shown("title").AsText(); got != "VPN drops" {
		t.Errorf("the title there is %q", got)
	}
	_, err := b.Change(t.Context(), admin, desk.Intent{Record: id, Mutations: []record.Mutation{{Op: record.OpSet, Field: "title", Value: record.Text("x")}}})
	if !fault.Is(err, desk.ReasonMoved) {
		t.Errorf("the desk lets it be changed where it was: %v", err)
	}
}

func TestALongConversationComesInParts(t *testing.T) {
	b := twoSites(t)
	id := b.incident().ID
	const entries = 1200
	for i := 0; i < entries; i += 300 {
		var mutations []record.Mutation
		for k := range 300 {
			mutations = append(mutations, say("notes", fmt.Sprint(i+k), uuid.New()))
		}
		b.force("b", ben, id, "note", mutations...)
	}
	b.move("c", cem, id)
	b.onward(id)
	if got := len(b.landed(id).Fields["notes"].Items); got != entries {
		t.Errorf("%d notes arrived, want %d", got, entries)
	}
}

func TestATicketComesBack(t *testing.T) {
	b := twoSites(t)
	id := b.incident().ID
	b.move("c", cem, id)
	b.onward(id)
	there := b.landed(id).ID
	b.force("c", cem, there, desk.ActionMove, record.Mutation{Op: record.OpSet, Field: ticket.FieldMovedTo, Value: ticket.Toward("LYO")})
	b.expect(record.Applied, "")
	item := uuid.New()
	b.force("b", ben, id, "note", say("notes", "Late", item)) // two moves behind
	b.onward(id)
	b.onward(there)
	back := b.landed(there)
	if back.Space != lyon || back.ID == id || len(back.Fields["notes"].Items) != 1 {
		t.Errorf("it came back as %+v", back)
	}
	if former := back.Fields[record.FieldFormerNumbers].Elements; len(former) != 4 {
		t.Errorf("it has %d former numbers, want both numbers and both provisional ones", len(former))
	}
}

func TestATakenPlaceDoesNotKeepATicketFromArriving(t *testing.T) {
	b := twoSites(t)
	id := b.incident().ID
	b.move("c", cem, id)
	place, _, err := ticket.Landing(b, b.committed[id])
	if err != nil {
		t.Fatal(err)
	}
	b.as("c", func() {
		if _, err := b.Create(t.Context(), desk.Actor{Person: cem, Site: "BER"}, desk.Creation{ID: place, Kind: "incident", Fields: whole(map[string]record.Value{"status": nil})}); err != nil {
			t.Fatal(err)
		}
	})
	b.expect(record.Applied, "")
	b.onward(id)
	if here := b.landed(id); here.ID == place || here.Shown("title").AsText() != "VPN drops" {
		t.Errorf("it arrived as %+v", here)
	}
}

// TestMovesHappenOnceInEveryOrder lets three devices, of which one is late, and leaders, of which some are behind, work on one ticket in any order. However it goes: it
// arrives once, with everything that was said, and nothing that was typed is neither there nor up for review.
func TestMovesHappenOnceInEveryOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b := twoSites(t)
		id := b.incident().ID
		var stale []record.Draft // of leaders that were cut off after they had proposed them
		spoken := 0
		steps := map[string]func(*rapid.T){
			"say": func(*rapid.T) {
				b.force("b", ben, id, "note", say("notes", "x", uuid.New()))
				spoken++
			},
			"change": func(r *rapid.T) {
				title := record.Text(rapid.StringMatching(`[a-z]{1,8}`).Draw(r, "title"))
				b.force("b", ben, id, "edit", say("replies", "y", uuid.New()), record.Mutation{Op: record.OpSet, Field: "title", Value: title, Seen: b.committed[id].SeenIn("title")})
				spoken++
				if b.last().Result != record.Parked && ticket.MovedTo(b.committed[id]) != "" {
					r.Fatal("a change of a ticket that was moved was applied")
				}
			},
			"move": func(*rapid.T) { b.move("c", cem, id) },
			"lead": func(r *rapid.T) {
				drafts, err := b.Onward(b, id)
				if err != nil {
					r.Fatal(err)
				}
				stale = append(stale, drafts...)
			},
			"commit": func(r *rapid.T) {
				if len(stale) == 0 {
					r.Skip()
				}
				at := rapid.IntRange(0, len(stale)-1).Draw(r, "which")
				b.as("a", func() {
					if _, err := b.Append(t.Context(), stale[at]); err != nil {
						r.Fatal(err)
					}
				})
				if b.last().Result != record.Applied {
					r.Fatalf("%s came to %s %+v", stale[at].Action, b.last().Result, b.last().Reason)
				}
				if rapid.Bool().Draw(r, "gone") {
					stale = slices.Delete(stale, at, at+1)
				}
			},
		}
		r.Repeat(steps)
		b.move("c", cem, id)
		b.onward(id)
		b.again(r, stale)
		b.once(r, id, spoken)
	})
}

// again lets leaders come back with what they had proposed: it has to come to nothing.
func (b *bench) again(r *rapid.T, stale []record.Draft) {
	for _, draft := range stale {
		b.as("a", func() {
			if _, err := b.Append(b.t.Context(), draft); err != nil {
				r.Fatal(err)
			}
		})
		if b.last().Result != record.Applied || len(b.last().Writes) > 0 {
			r.Fatalf("%s was done again", draft.Action)
		}
	}
}

// once holds that one ticket arrived, with everything that was said.
func (b *bench) once(r *rapid.T, id record.ID, spoken int) {
	arrived := 0
	for _, state := range b.committed {
		if state.Space == berlin && state.Kind == "incident" {
			arrived++
		}
	}
	here := b.landed(id)
	if got := len(here.Fields["notes"].Items) + len(here.Fields["replies"].Items); arrived != 1 || got != spoken {
		r.Fatalf("%d tickets arrived with %d of %d entries", arrived, got, spoken)
	}
}
