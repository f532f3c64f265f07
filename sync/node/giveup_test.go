package node_test

import (
	"context"
	"testing"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
	"holdfast/sync/node"
	"holdfast/sync/node/nodetest"
)

// strict lets nobody give anything up.
type strict struct{ nodetest.Decider }

func (strict) MayGiveUp(record.Reader, *record.Edit, *record.Edit) bool { return false }

func givingUp(about record.ID, edits ...*record.Edit) record.Draft {
	draft := record.Draft{Space: nodetest.Lyon, Action: "give_up"}
	for _, e := range edits {
		draft.Mutations = append(draft.Mutations, record.Mutation{Op: record.OpSettle, Record: about, Seen: []record.EditID{e.ID}})
	}
	return draft
}

// touching gives what a situation asks for out of what is pending.
func (b *bench) touching(id record.ID) (edits []*record.Edit) {
	for _, e := range b.pending {
		for i := range e.Mutations {
			if e.Mutations[i].Record == id {
				edits = append(edits, e)
				break
			}
		}
	}
	return edits
}

func TestAnEditOfARecordThatIsGoneWaitsUntilItIsGivenUp(t *testing.T) {
	gone := nodetest.NewID()
	lost := sealed(t, 1, 1, 1<<16, nodetest.Take(gone, "Ada"))
	later := sealed(t, 1, 2, 2<<16, nodetest.Retitle(gone, "Still gone"))
	behind := sealed(t, 1, 3, 3<<16, nodetest.Ticket(nodetest.NewID(), "Behind them"))
	release := sealed(t, 1, 4, 4<<16, givingUp(gone, lost, later))
	creation := sealed(t, 2, 1, 5<<16, nodetest.Ticket(gone, "Not gone after all"))
	for name, c := range map[string]struct {
		pending []*record.Edit
		decider node.Decider
		results []record.Result
	}{
		"nobody gave it up":              {[]*record.Edit{lost, later, behind}, nodetest.Decider{}, nil},
		"who gave it up may not":         {[]*record.Edit{lost, later, behind, release}, strict{}, nil},
		"it was given up":                {[]*record.Edit{lost, later, behind, release}, nodetest.Decider{}, []record.Result{record.Parked, record.Parked, record.Applied, record.Applied}},
		"the record is about to be made": {[]*record.Edit{lost, later, behind, release, creation}, nodetest.Decider{}, []record.Result{record.Applied}},
	} {
		b := newBench(c.pending...)
		s := b.situation(clock.Stamp(10) << 16)
		s.Touching = b.touching
		p, err := (&node.Planner{Decider: c.decider}).Plan(context.Background(), s)
		must(t, err)
		var results []record.Result
		var last record.Outcome
		for _, raw := range p.Entry.Outcomes {
			last = record.Outcome{}
			must(t, record.Decode(raw, &last))
			results = append(results, last.Result)
		}
		if len(results) != len(c.results) || p.Waiting != len(c.pending)-len(results) {
			t.Fatalf("%s: %v, and %d wait", name, results, p.Waiting)
		}
		for i := range results {
			if results[i] != c.results[i] {
				t.Errorf("%s: edit %d is %s, want %s", name, i+1, results[i], c.results[i])
			}
		}
		if len(results) == 4 && len(last.Settles) != 2 {
			t.Errorf("%s: it settles %v", name, last.Settles)
		}
	}
}

// A creation that turns up while its record's edits are given up lets them apply after all.
func TestARecordThatTurnsUpTakesWhatWasGivenUp(t *testing.T) {
	id := nodetest.NewID()
	lost := sealed(t, 1, 1, 1<<16, nodetest.Retitle(id, "The new title"))
	b := newBench(lost, sealed(t, 1, 2, 2<<16, givingUp(id, lost)), sealed(t, 2, 1, 3<<16, nodetest.Ticket(id, "It is back")))
	for range 2 {
		s := b.situation(clock.Stamp(10) << 16)
		s.Touching = b.touching
		b.apply(plan(t, s))
	}
	if len(b.pending) > 0 || b.states[id] == nil || len(b.states[id].Fields[nodetest.Title].Values) != 2 {
		t.Errorf("%d wait, and the record is %+v", len(b.pending), b.states[id])
	}
}

func TestADesktopOnItsOwnGoesOnBehindWhatIsGivenUp(t *testing.T) {
	device := nodetest.NewSigner("desktop")
	s := nodetest.Store(t, t.TempDir(), device)
	gone, kept := nodetest.NewID(), nodetest.NewID()
	ids := appendAll(t, s, nodetest.Retitle(gone, "Lost with a disk"), nodetest.Ticket(kept, "Behind it"))
	lost, err := s.Edit(ids[0])
	must(t, err)
	alone(t, s, device, t.TempDir())
	appendAll(t, s, givingUp(gone, lost))
	committed(t, s)
	if state, err := s.Committed(kept); err != nil || state == nil {
		t.Fatalf("what waited behind it is %v, %v", state, err)
	}
	if o, found := s.Outcome(ids[0]); !found || o.Result != record.Parked || o.Reason.Code != record.ReasonUnknown {
		t.Errorf("the outcome is %+v", o)
	}
	if parked, _, err := s.Parked(context.Background(), ""); err != nil || len(parked) > 0 {
		t.Errorf("parked are %v, %v", parked, err)
	}
	if edit, err := s.Edit(ids[0]); err != nil || edit == nil || edit.Mutations[0].Value.AsText() != "Lost with a disk" {
		t.Errorf("what was typed is %v, %v", edit, err)
	}
}
