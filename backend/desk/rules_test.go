package desk_test

import (
	"strings"
	"testing"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

func TestNumbersAndPriorityAreAgreed(t *testing.T) {
	b := newBench(t)
	for _, want := range []string{"INC-LYO-00001", "INC-LYO-00002"} {
		state := b.incident()
		if got := state.Shown("number").AsText(); got != want {
			t.Errorf("number %q, want %q", got, want)
		}
		if got := state.Shown("priority").AsText(); got != "1" {
			t.Errorf("priority %q for highest impact and urgency, want 1", got)
		}
		if got := state.Shown("status").AsText(); got != "new" {
			t.Errorf("status %q, want new", got)
		}
	}
}

func TestPriorityFollowsImpactAndUrgency(t *testing.T) {
	b := newBench(t)
	state := b.incident()
	field := state.Fields["urgency"]
	state, err := b.Change(t.Context(), admin, desk.Intent{Record: state.ID, Mutations: []record.Mutation{
		{Op: record.OpSet, Field: "urgency", Value: record.Text("3"), Seen: field.Seen()},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got := state.Shown("priority").AsText(); got == "1" || got == "" {
		t.Errorf("priority stays %q though urgency fell", got)
	}
}

func (b *bench) step(id record.ID, from, to string, with ...record.Pair) *record.State {
	b.t.Helper()
	b.force("a", ana, id, to, record.Mutation{Op: record.OpTransition, Field: "status", From: from, Value: record.Text(to), With: with})
	return b.committed[id]
}

func TestStepsNeedWhatTheLifeCycleSays(t *testing.T) {
	b := newBench(t)
	id := b.incident().ID
	b.step(id, "new", "resolved")
	b.expect(record.Parked, "transition_refused")
	b.step(id, "new", "assigned")
	b.expect(record.Parked, "field_missing")
	if sentence := b.last().Reason.Sentence; !strings.Contains(sentence, "team") {
		t.Errorf("the reason does not name the missing field: %s", sentence)
	}
	b.step(id, "new", "in_progress", record.Pair{Field: "team", Value: record.Ref(ben)}, record.Pair{Field: "assignee", Value: record.Ref(ben)})
	if b.last().Result == record.Parked {
		b.step(id, "new", "assigned", record.Pair{Field: "team", Value: record.Ref(ben)}, record.Pair{Field: "assignee", Value: record.Ref(ben)})
	}
	b.expect(record.Applied, "")
}

func TestTypedTextOfARefusedStepIsKept(t *testing.T) {
	b := newBench(t)
	id := b.incident().ID
	b.step(id, "in_progress", "resolved", record.Pair{Field: "resolution_text", Value: record.Text("Replaced the cable")}, record.Pair{Field: "resolution_code", Value: record.Text("fixed")})
	if b.last().Result != record.Parked {
		t.Fatalf("the outcome is %s, want parked", b.last().Result)
	}
	kept := false
	for _, item := range b.committed[id].Fields[ticket.FieldNotes].Items {
		kept = kept || strings.Contains(item.Value.AsNamed()[ticket.ItemText].AsText(), "Replaced the cable")
	}
	if !kept {
		t.Error("what was typed is not on the ticket")
	}
}

func TestReopeningCountsAndClearsTheResolution(t *testing.T) {
	b := newBench(t)
	id := b.incident().ID
	service, err := b.Create(t.Context(), admin, desk.Creation{Kind: "service", Fields: map[string]record.Value{"title": record.Text("VPN")}})
	if err != nil {
		t.Fatal(err)
	}
	who := []record.Pair{{Field: "team", Value: record.Ref(ben)}, {Field: "assignee", Value: record.Ref(ben)}}
	b.step(id, "new", "assigned", who...)
	b.step(id, "assigned", "in_progress")
	state := b.step(id, "in_progress", "resolved", record.Pair{Field: "service", Value: record.Ref(service.ID)},
		record.Pair{Field: "resolution_code", Value: record.Text("fixed")}, record.Pair{Field: "resolution_text", Value: record.Text("Renewed")})
	b.expect(record.Applied, "")
	if len(state.Shown("resolved_at")) == 0 {
		t.Error("nobody noted when it was resolved")
	}
	state = b.step(id, "resolved", "in_progress")
	b.expect(record.Applied, "")
	if got := state.Fields["reopen_count"].Sum; got != 1 {
		t.Errorf("reopened %d times, want 1", got)
	}
	if len(state.Shown("resolved_at")) != 0 {
		t.Error("a reopened ticket still says when it was resolved")
	}
}

func TestWhatAModifiedClientTriesIsParked(t *testing.T) {
	b := newBench(t)
	id := b.incident().ID
	claim := record.Mutation{Op: record.OpClaim, Field: desk.FieldMain, Value: record.Text("deadbeef")}
	title := record.Mutation{Op: record.OpSet, Field: "title", Value: record.Text("Mine")}
	for _, c := range []struct {
		name, device string
		author       record.ID
		record       record.ID
		mutation     record.Mutation
		code         string
	}{
		{"a technician publishes configuration", "b", ben, desk.RepositoryID, claim, "forbidden"},
		{"a technician makes himself administrator", "b", ben, ben, record.Mutation{Op: record.OpAdd, Field: people.FieldRoles, Value: record.Text("administrator")}, "forbidden"},
		{"in somebody else's name", "b", ana, id, title, "not_author"},
		{"in the system's name", "b", record.ID{}, id, title, "not_system"},
		{"from a device that nobody enrolled", "x", ben, id, title, "unknown_device"},
	} {
		b.force(c.device, c.author, c.record, "edit", c.mutation)
		if b.last().Result != record.Parked || b.last().Reason.Code != c.code {
			t.Errorf("%s: %s %v, want parked %s", c.name, b.last().Result, b.last().Reason, c.code)
		}
	}
	if got := b.committed[id].Shown("title").AsText(); got != "VPN drops" {
		t.Errorf("the title is %q now", got)
	}
}

func TestClustersAreFoundedOnce(t *testing.T) {
	b := newBench(t)
	b.force("x", record.ID{}, record.ID{}, desk.ActionFound, record.Mutation{Op: record.OpCreate, Kind: people.Device})
	b.expect(record.Parked, "unknown_device")
}

func TestDevicesThatAreShutOutDecideNothing(t *testing.T) {
	b := newBench(t)
	id := b.incident().ID
	if err := b.Revoke(t.Context(), admin, b.deviceID("b"), desk.Revocation{Why: "Ben went to a competitor", As: people.Left}); err != nil {
		t.Fatal(err)
	}
	b.force("b", ben, id, "edit", record.Mutation{Op: record.OpSet, Field: "title", Value: record.Text("Still here")})
	b.expect(record.Parked, desk.DeviceRevoked)
	if err := b.Revoke(t.Context(), admin, b.deviceID("b"), desk.Revocation{Why: "It was stolen", As: people.Compromised}); err != nil {
		t.Fatal(err)
	}
	b.force("b", ben, id, "edit", record.Mutation{Op: record.OpSet, Field: "title", Value: record.Text("It is me, Ben")})
	b.expect(record.Parked, desk.DeviceCompromised)
}

func TestShuttingOutNeedsAReason(t *testing.T) {
	b := newBench(t)
	for _, r := range []desk.Revocation{{As: people.Left}, {Why: " ", As: people.Left}, {Why: "Stolen"}, {Why: "Stolen", As: "lost"}} {
		if err := b.Revoke(t.Context(), admin, b.deviceID("b"), r); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

func TestTheDeskRefusesAtOnceWhatTheLeaderWould(t *testing.T) {
	b := newBench(t)
	b.device = "b"
	before := len(b.outcomes)
	if _, err := b.Publish(t.Context(), tech, "", "deadbeef", []byte("pack")); !fault.Is(err, fault.Forbidden) {
		t.Errorf("got %v, want %s", err, fault.Forbidden)
	}
	if len(b.outcomes) != before {
		t.Error("a refused intent became an edit")
	}
}

func TestIntentsThatCouldNeverApplyAreRefused(t *testing.T) {
	b := newBench(t)
	state := b.incident()
	for name, m := range map[string]record.Mutation{
		"unknown field":        {Op: record.OpSet, Field: "shoe size", Value: record.Text("43")},
		"derived field":        {Op: record.OpSet, Field: "number", Value: record.Text("INC-LYO-99999")},
		"wrong operation":      {Op: record.OpSet, Field: "tags", Value: record.Text("vip")},
		"empty title":          {Op: record.OpSet, Field: "title"},
		"text for a reference": {Op: record.OpSet, Field: "assignee", Value: record.Text("Ben")},
		"claim of a title":     {Op: record.OpClaim, Field: "title", Value: record.Text("Mine")},
	} {
		_, err := b.Change(t.Context(), admin, desk.Intent{Record: state.ID, Mutations: []record.Mutation{m}})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want %s", name, err, fault.Invalid)
		}
	}
}

func TestCreatingTwiceMakesOne(t *testing.T) {
	b := newBench(t)
	creation := desk.Creation{ID: ben, Kind: "incident", Fields: map[string]record.Value{
		"title": record.Text("Once"), "caller": record.Ref(ana), "channel": record.Text("phone"),
	}}
	creation.ID[15]++
	for range 2 {
		if _, err := b.Create(t.Context(), admin, creation); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.committed[creation.ID].Shown("number").AsText(); got != "INC-LYO-00001" {
		t.Errorf("number %q, want the first", got)
	}
}

func TestStarterPackApplies(t *testing.T) {
	b := newBench(t)
	before := len(b.outcomes)
	edits, err := b.AddStarterPack(t.Context(), admin, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, outcome := range b.outcomes[before:] {
		if outcome.Result != record.Applied {
			t.Errorf("%s: %v", outcome.Result, outcome.Reason)
		}
	}
	if len(edits) < 20 {
		t.Errorf("only %d records", len(edits))
	}
}

func TestARejectedRequestSaysWhyAndMayBeSubmittedAgain(t *testing.T) {
	b := newBench(t)
	service, err := b.Create(t.Context(), admin, desk.Creation{Kind: "service", Fields: map[string]record.Value{"title": record.Text("VPN")}})
	if err != nil {
		t.Fatal(err)
	}
	request, err := b.Create(t.Context(), admin, desk.Creation{Kind: "request", Fields: map[string]record.Value{
		"title": record.Text("A second screen"), "caller": record.Ref(ana), "channel": record.Text("phone"), "service": record.Ref(service.ID),
	}})
	if err != nil {
		t.Fatal(err)
	}
	id := request.ID
	for round := range 2 {
		b.step(id, "new", "awaiting_approval")
		b.step(id, "awaiting_approval", "rejected", record.Pair{Field: "cancel_reason", Value: record.Text("No budget")})
		b.expect(record.Parked, "field_missing")
		if sentence := b.last().Reason.Sentence; !strings.Contains(sentence, "reason for rejecting") {
			t.Errorf("round %d: the reason does not name what is missing: %s", round, sentence)
		}
		state := b.step(id, "awaiting_approval", "rejected", record.Pair{Field: "reject_reason", Value: record.Text("No budget")})
		if got := state.Shown("reject_reason").AsText(); got != "No budget" {
			t.Errorf("round %d: rejected because of %q", round, got)
		}
		state = b.step(id, "rejected", "new")
		if got := state.Shown("status").AsText(); got != "new" || len(state.Shown("reject_reason")) > 0 {
			t.Errorf("round %d: submitted again it is %s and still rejected because of %q", round, got, state.Shown("reject_reason").AsText())
		}
	}
}

func TestEveryHoldNeedsItsOwnReason(t *testing.T) {
	b := newBench(t)
	id := b.incident().ID
	b.step(id, "new", "on_hold", record.Pair{Field: "hold_reason", Value: record.Text("Waits for a spare part")})
	b.step(id, "on_hold", "in_progress")
	b.step(id, "in_progress", "on_hold")
	b.expect(record.Parked, "field_missing")
}

func TestTheSystemClosesNothingThatIsNotDue(t *testing.T) {
	b := newBench(t)
	id := b.incident().ID
	service := record.Pair{Field: "service", Value: record.Ref(ana)}
	solved := []record.Pair{service, {Field: "resolution_code", Value: record.Text("solved")}, {Field: "resolution_text", Value: record.Text("Renewed")}}
	b.step(id, "new", "in_progress")
	b.step(id, "in_progress", "resolved", solved...)
	closing := record.Mutation{Op: record.OpTransition, Field: "status", From: "resolved", Value: record.Text("closed")}
	b.force("a", record.ID{}, id, desk.ActionAutoClose, closing)
	b.passedOver(id, "resolved")

	draft, due := b.AutoClose(b.committed[id], b.now.Add(10*24*time.Hour))
	if !due {
		t.Fatal("ten days after its resolution it is not due")
	}
	b.step(id, "resolved", "in_progress")
	b.now = b.now.Add(11 * 24 * time.Hour)
	if _, err := b.Append(t.Context(), draft); err != nil {
		t.Fatal(err)
	}
	b.passedOver(id, "in_progress")
	b.step(id, "in_progress", "resolved", solved...)
	b.now = b.now.Add(9 * 24 * time.Hour)
	if _, err := b.Append(t.Context(), draft); err != nil {
		t.Fatal(err)
	}
	b.passedOver(id, "resolved")
}

// passedOver holds that the newest edit came to nothing, and that nobody has to look at it.
func (b *bench) passedOver(id record.ID, status string) {
	b.t.Helper()
	b.expect(record.Applied, "")
	if len(b.last().Writes) > 0 || b.committed[id].Shown("status").AsText() != status {
		b.t.Errorf("it was not passed over: %d writes, and it is %s", len(b.last().Writes), b.committed[id].Shown("status").AsText())
	}
}
