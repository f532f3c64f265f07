package desk_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/policy"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
	"holdfast/backend/workflow"
)

func TestANewTicketNeedsWhatTheConfigurationAsksFor(t *testing.T) {
	b := newBench(t)
	before := len(b.outcomes)
	_, err := b.Create(t.Context(), admin, desk.Creation{Kind: "incident", Fields: map[string]record.Value{"description": record.Text("No tone on any phone")}})
	if !fault.Is(err, workflow.FieldMissing) {
		t.Fatalf("got %v, want %s", err, workflow.FieldMissing)
	}
	for _, field := range []string{"title", "caller", "channel"} {
		if !strings.Contains(fault.SentenceOf(err), field) {
			t.Errorf("the sentence does not name the missing %s: %s", field, fault.SentenceOf(err))
		}
	}
	if len(b.outcomes) != before {
		t.Error("an incomplete ticket was written all the same")
	}
}

// newTicket makes a ticket past the desk's own checks.
func (b *bench) newTicket(device string, author record.ID, action string, fields map[string]record.Value) record.ID {
	b.t.Helper()
	before := b.device
	b.device = device
	defer func() { b.device = before }()
	id, err := uuid.NewV7()
	if err != nil {
		b.t.Fatal(err)
	}
	mutations := []record.Mutation{{Op: record.OpCreate, Record: id, Kind: "incident"}}
	for _, name := range []string{"title", "status", "impact", "urgency", "priority", "priority_reason", "channel", "caller"} {
		op := map[bool]record.Op{true: record.OpTransition, false: record.OpSet}[name == "status"]
		if value, ok := fields[name]; ok {
			mutations = append(mutations, record.Mutation{Op: op, Record: id, Field: name, Value: value})
		}
	}
	if _, err := b.Append(b.t.Context(), record.Draft{Space: record.SiteSpace("LYO"), Author: author, Action: action, Mutations: mutations}); err != nil {
		b.t.Fatal(err)
	}
	return id
}

// whole gives the fields of a ticket that lacks nothing, changed by more; an empty value takes a field away.
func whole(more map[string]record.Value) map[string]record.Value {
	fields := map[string]record.Value{
		"title": record.Text("VPN drops"), "status": record.Text("new"), "channel": record.Text("phone"), "caller": record.Ref(ana),
	}
	for name, value := range more {
		fields[name] = value
		if len(value) == 0 {
			delete(fields, name)
		}
	}
	return fields
}

func TestTheLeaderParksATicketThatLacksSomething(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct {
		lacks, code string
	}{{"title", "field_missing"}, {"caller", "field_missing"}, {"channel", "field_missing"}, {"status", "not_initial"}} {
		id := b.newTicket("b", ben, "create", whole(map[string]record.Value{c.lacks: nil}))
		b.expect(record.Parked, c.code)
		if b.committed[id] != nil {
			t.Errorf("a ticket without %s was made", c.lacks)
		}
		if sentence := b.last().Reason.Sentence; c.code == "field_missing" && !strings.Contains(sentence, c.lacks) {
			t.Errorf("the reason does not name the missing %s: %s", c.lacks, sentence)
		}
	}
	b.newTicket("b", ben, "create", whole(nil))
	b.expect(record.Applied, "")
}

func TestAnImportedTicketMayLackWhatItsSourceLacked(t *testing.T) {
	b := newBench(t)
	id := b.newTicket("b", ben, desk.ActionImport, whole(map[string]record.Value{"caller": nil, "channel": nil}))
	b.expect(record.Applied, "")
	if got := b.committed[id].Shown("title").AsText(); got != "VPN drops" {
		t.Errorf("the title is %q", got)
	}
}

func (b *bench) priorityOf(id record.ID) string { return b.committed[id].Shown("priority").AsText() }

func TestAPriorityWithoutReasonIsRefused(t *testing.T) {
	b := newBench(t)
	id := b.incident().ID
	set := func(more ...record.Mutation) desk.Intent {
		return desk.Intent{Record: id, Mutations: append(more, record.Mutation{Op: record.OpSet, Field: "priority", Value: record.Text("5")})}
	}
	for _, more := range [][]record.Mutation{
		nil,
		{{Op: record.OpSet, Field: "impact", Value: record.Text("2")}},
	} {
		if _, err := b.Change(t.Context(), admin, set(more...)); !fault.Is(err, desk.ReasonMissing) {
			t.Errorf("the desk says %v, want %s", err, desk.ReasonMissing)
		}
	}
	fields := whole(map[string]record.Value{"priority": record.Text("1"), "status": nil})
	if _, err := b.Create(t.Context(), admin, desk.Creation{Kind: "incident", Fields: fields}); !fault.Is(err, desk.ReasonMissing) {
		t.Errorf("a new ticket with a priority of its own: %v, want %s", err, desk.ReasonMissing)
	}
	b.force("b", ben, id, "edit", record.Mutation{Op: record.OpSet, Field: "priority", Value: record.Text("5")})
	b.expect(record.Parked, "reason_missing")
	b.force("b", ben, id, "edit", record.Mutation{
		Op: record.OpSet, Field: "title", Value: record.Text("VPN"), With: []record.Pair{{Field: "priority", Value: record.Text("5")}},
	})
	b.expect(record.Parked, "reason_missing")
	b.newTicket("b", ben, "create", whole(map[string]record.Value{"priority": record.Text("1")}))
	b.expect(record.Parked, "reason_missing")
	if got := b.priorityOf(id); got != "1" {
		t.Errorf("the priority is %q, want that of impact and urgency", got)
	}
}

func TestAPrioritySmuggledInBesideImpactIsDerivedAnew(t *testing.T) {
	b := newBench(t)
	id := b.incident().ID
	smuggled := record.Mutation{Op: record.OpSet, Field: "priority", Value: record.Text("5"), Seen: b.committed[id].SeenIn("priority")}
	b.force("b", ben, id, "edit", smuggled, record.Mutation{Op: record.OpSet, Field: "impact", Value: record.Text("1"), Seen: b.committed[id].SeenIn("impact")})
	b.expect(record.Applied, "")
	if got := b.priorityOf(id); got != "1" {
		t.Errorf("the priority is %q, want that of impact and urgency", got)
	}
	smuggled.Seen = b.committed[id].SeenIn("priority")
	b.force("b", ben, id, "edit", smuggled, record.Mutation{Op: record.OpSet, Field: "impact", Value: record.Text("none"), Seen: b.committed[id].SeenIn("impact")})
	if got := b.priorityOf(id); got != "1" {
		t.Errorf("the priority is %q though no impact stands for it, want the one before", got)
	}
}

func TestAnOverrideNeedsItsPermissionAndHoldsUntilItIsGivenUp(t *testing.T) {
	b := newBench(t)
	id := b.incident().ID
	set := func(field, value string) record.Mutation {
		return record.Mutation{Op: record.OpSet, Field: field, Value: record.Text(value), Seen: b.committed[id].SeenIn(field)}
	}
	change := func(mutations ...record.Mutation) {
		t.Helper()
		if _, err := b.Change(t.Context(), admin, desk.Intent{Record: id, Action: "override", Mutations: mutations}); err != nil {
			t.Fatal(err)
		}
		b.expect(record.Applied, "")
	}
	change(set("priority", "4"), set("priority_reason", "The caller is on leave until Monday"))
	if got := b.priorityOf(id); got != "4" {
		t.Fatalf("the priority is %q, want the one that was chosen", got)
	}
	change(set("urgency", "3"))
	if got := b.priorityOf(id); got != "4" {
		t.Errorf("the priority is %q after a change of the urgency, want the chosen one", got)
	}
	change(set("priority", "5"), set("priority_reason", " "))
	if got := b.priorityOf(id); got != "3" {
		t.Errorf("the priority is %q once the choice is given up, want that of impact and urgency", got)
	}
	if _, err := b.Change(t.Context(), admin, desk.Intent{Record: ben, Mutations: []record.Mutation{
		{Op: record.OpAdd, Field: "roles", Value: record.Text("requester")}, {Op: record.OpRemove, Field: "roles", Value: record.Text("technician")},
	}}); err != nil {
		t.Fatal(err)
	}
	b.newTicket("b", ben, "create", whole(map[string]record.Value{"priority": record.Text("1"), "priority_reason": record.Text("Mine first")}))
	b.expect(record.Parked, "forbidden")
	b.newTicket("b", ben, "create", whole(nil))
	b.expect(record.Applied, "")
}

func TestWhatIsSetAlongNeedsItsOwnPermission(t *testing.T) {
	b := newBench(t)
	id := b.incident().ID
	along := record.Mutation{
		Op: record.OpSet, Field: "title", Value: record.Text("x"), With: []record.Pair{{Field: ticket.FieldPriorityReason, Value: record.Text("x")}},
	}
	b.force("b", ben, id, "edit", along)
	b.expect(record.Conflict, "")
	var err error
	b.rules.Policy, err = policy.New([]policy.Role{{Key: "technician", May: []string{policy.TicketEdit, policy.ConfigPublish}}})
	if err != nil {
		t.Fatal(err)
	}
	b.force("b", ben, id, "edit", along)
	b.expect(record.Parked, "forbidden")
	along.With = nil
	b.force("b", ben, id, "edit", along)
	b.expect(record.Conflict, "")
}
