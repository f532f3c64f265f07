package desk_test

import (
	"testing"

	"github.com/google/uuid"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

func TestWhoMayGiveUpAWaitingChange(t *testing.T) {
	b := newBench(t)
	b.incident()
	gone := uuid.Must(uuid.NewV7())
	edit := func(device string, author record.ID, mutation record.Mutation) *record.Edit {
		mutation.Record = gone
		e := b.seal(record.Draft{Space: record.SiteSpace("LYO"), Author: author, Action: "give_up", Mutations: []record.Mutation{mutation}})
		e.ID.Device = b.deviceID(device)
		return e
	}
	title := record.Mutation{Op: record.OpSet, Field: "title", Value: record.Text("Lost")}
	settle := record.Mutation{Op: record.OpSettle}
	for _, c := range []struct {
		name    string
		by      *record.Edit
		waiting *record.Edit
		want    bool
	}{
		{"its author", edit("b", ben, settle), edit("b", ben, title), true},
		{"a technician, of somebody else's", edit("b", ben, settle), edit("a", ana, title), false},
		{"an administrator, of somebody else's", edit("a", ana, settle), edit("b", ben, title), true},
		{"a device that nobody enrolled", edit("x", ben, settle), edit("b", ben, title), false},
		{"in somebody else's name", edit("b", ana, settle), edit("b", ben, title), false},
	} {
		if got := b.Decider().MayGiveUp(b, c.by, c.waiting); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestOnlyWhatWaitsForARecordThatIsGoneIsGivenUp(t *testing.T) {
	b := newBench(t)
	state := b.incident()
	e := b.seal(record.Draft{Space: state.Space, Author: ana, Action: "edit", Mutations: []record.Mutation{{Op: record.OpSet, Record: state.ID, Field: "title", Value: record.Text("Here")}}})
	if err := b.GiveUp(t.Context(), admin, []*record.Edit{e}); !fault.Is(err, fault.Conflict) {
		t.Errorf("%v, want a conflict", err)
	}
	e.Mutations[0].Record = uuid.Must(uuid.NewV7())
	if err := b.GiveUp(t.Context(), admin, []*record.Edit{e}); err != nil {
		t.Fatal(err)
	}
	if o := b.last(); o.Result != record.Applied || len(o.Settles) != 1 || o.Settles[0] != e.ID {
		t.Errorf("the outcome is %+v", o)
	}
}
