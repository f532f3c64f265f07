package node

import (
	"log/slog"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

func sent(w *lane, of record.Incarnation, edits ...uint64) *flight {
	f := &flight{lane: w, done: true, plan: &Plan{Sequences: map[record.Incarnation]uint64{of: edits[len(edits)-1]}}}
	f.plan.Entry.Edits = make([]record.Sealed, len(edits))
	f.plan.Entry.Outcomes = make([][]byte, len(edits))
	w.flights = append(w.flights, f)
	return f
}

// An entry that breaks a rule is narrowed down to one edit; that becomes poison; should even that be refused, its device alone is left out.
func TestAnEntryThatEveryReplicaRefuses(t *testing.T) {
	w := &lane{node: &Node{cfg: Config{Log: slog.New(slog.DiscardHandler)}}}
	of := record.Incarnation{Number: 1}
	refused := verdict{err: fault.New(fault.Invalid, "test", "It does not fit.")}
	land := func(v verdict, edits ...uint64) {
		f := sent(w, of, edits...)
		f.result = v
		w.note(f)
		if len(w.flights) != 0 || w.broken {
			t.Fatalf("the lane is not free: %+v", w)
		}
	}
	land(refused, 1, 2, 3)
	if w.careful != 3 {
		t.Fatalf("%d edits go alone", w.careful)
	}
	land(verdict{applied: true}, 1)
	if w.careful != 2 {
		t.Fatalf("%d edits go alone", w.careful)
	}
	land(refused, 2)
	if w.condemned[record.EditID{Incarnation: of, Sequence: 2}] == "" || len(w.condemned) != 1 {
		t.Fatalf("condemned are %v", w.condemned)
	}
	land(refused, 2)
	if !w.blocked[of] {
		t.Fatal("the device is not left out")
	}
}

// Until an earlier entry has landed, its states hide the later one's: they leave the lane in order.
func TestFlightsLandInOrder(t *testing.T) {
	w := &lane{node: &Node{cfg: Config{Log: slog.New(slog.DiscardHandler)}}}
	of := record.Incarnation{Number: 1}
	first, second := sent(w, of, 1), sent(w, of, 2)
	first.done = false
	second.result = verdict{applied: true}
	w.note(second)
	if len(w.flights) != 2 {
		t.Fatal("the later one left first")
	}
	first.done, first.result = true, verdict{applied: true}
	w.note(first)
	if len(w.flights) != 0 || w.broken {
		t.Fatal("they did not leave")
	}
	first, second = sent(w, of, 3), sent(w, of, 4)
	second.done = false
	w.note(first)
	if !w.broken {
		t.Fatal("something is planned on an entry that was refused")
	}
}
