package desk_test

import (
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// parkedStep resolves a ticket that is not in progress.
func (b *bench) parkedStep(id record.ID) *record.Edit {
	b.t.Helper()
	e := b.seal(record.Draft{Space: b.committed[id].Space, Author: ana, Action: "transition", Mutations: []record.Mutation{
		{Op: record.OpTransition, Record: id, Field: "status", From: "in_progress", Value: record.Text("resolved"), With: []record.Pair{
			{Field: "service", Value: record.Ref(id)}, {Field: "resolution_code", Value: record.Text("fixed")}, {Field: "resolution_text", Value: record.Text("Renewed")},
		}},
		{Op: record.OpAppend, Record: id, Field: "notes", Item: id, Value: record.Named(map[string]record.Value{"text": record.Text("Stands already")})},
	}})
	return e
}

func TestAParkedStepIsTriedAgainFromWhereTheRecordIsNow(t *testing.T) {
	b := newBench(t)
	id := b.incident().ID
	late := b.parkedStep(id)
	if _, err := b.Retry(t.Context(), admin, late); !fault.Is(err, "transition_refused") {
		t.Errorf("a step that is refused again gives %v", err)
	}
	b.step(id, "new", "assigned", record.Pair{Field: "team", Value: record.Ref(ben)}, record.Pair{Field: "assignee", Value: record.Ref(ben)})
	b.step(id, "assigned", "in_progress")
	if _, err := b.Retry(t.Context(), admin, late); err != nil {
		t.Fatal(err)
	}
	b.expect(record.Applied, "")
	if o := b.last(); len(o.Settles) != 1 || o.Settles[0] != late.ID || len(b.committed[id].Fields["notes"].Items) != 0 {
		t.Errorf("the outcome is %+v", o)
	}
	if got := b.committed[id].Shown("status").AsText(); got != "resolved" {
		t.Errorf("the status is %s", got)
	}
}

func TestAParkedClaimIsTriedAgainOnlyWhenItIsFree(t *testing.T) {
	b := newBench(t)
	id := b.incident().ID
	claim := b.seal(record.Draft{Space: b.committed[id].Space, Author: ana, Action: "take", Mutations: []record.Mutation{{Op: record.OpClaim, Record: id, Field: "assignee", Value: record.Ref(ana)}}})
	b.force("b", ben, id, "take", record.Mutation{Op: record.OpClaim, Field: "assignee", Value: record.Ref(ben)})
	if _, err := b.Retry(t.Context(), admin, claim); !fault.Is(err, record.ReasonClaimed) {
		t.Errorf("%v, want claimed", err)
	}
	state := b.committed[id]
	b.force("b", ben, id, "edit", record.Mutation{Op: record.OpSet, Field: "assignee", Seen: state.SeenIn("assignee")})
	if _, err := b.Retry(t.Context(), admin, claim); err != nil {
		t.Fatal(err)
	}
	if got := b.committed[id].Shown("assignee").AsRef(); got != ana {
		t.Errorf("it is %s's", got)
	}
}
