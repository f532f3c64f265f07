package node

import (
	"context"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/node/nodetest"
)

// agreedEntries gives the log's data of entries that follow each other, each with one new ticket.
func agreedEntries(t *testing.T, n int) (data [][]byte) {
	t.Helper()
	s := nodetest.Store(t, t.TempDir(), nodetest.NewSigner("leader"))
	planner := Planner{Decider: nodetest.Decider{}}
	for i := range n {
		if _, err := s.Append(context.Background(), nodetest.Ticket(nodetest.NewID(), "One of many")); err != nil {
			t.Fatal(err)
		}
		f := s.Frontier(nodetest.Lyon)
		f.Space = nodetest.Lyon
		plan, err := planner.Plan(context.Background(), Situation{
			Frontier: f, Generation: 1, Now: clock.At(time.Unix(int64(i+1), 0)), Committed: s,
			Sequence: func(of record.Incarnation) uint64 { return s.CommittedSequence(nodetest.Lyon, of) },
			Pending: func(after store.PendingCursor, most int) []*record.Edit {
				return s.PendingAfter(nodetest.Lyon, after, most)
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if applied, err := s.Apply(context.Background(), plan.Entry, store.RaftPosition{}); err != nil || !applied {
			t.Fatal(applied, err)
		}
		raw, err := record.Encode(&plan.Entry)
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, raw)
	}
	return data
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	return &machine{store: nodetest.Store(t, t.TempDir(), nodetest.NewSigner("member")), log: slog.New(slog.DiscardHandler), life: t.Context()}
}

// However raft cuts its log into batches, each entry has the result that it has alone, and all come to the same.
func TestABatchIsWhatItsEntriesAreOneByOne(t *testing.T) {
	e := agreedEntries(t, 6)
	logs := []*raft.Log{
		{Data: e[0]}, {Data: e[1]}, {Type: raft.LogConfiguration}, {Data: e[2]}, {Data: e[1]}, {Data: []byte("damaged")}, {Data: e[3]}, {Data: e[4]}, {Data: e[5]},
	}
	for i, l := range logs {
		l.Index, l.Term = uint64(2*i+1), 3 // there are entries that the machine never sees
	}
	alone := newMachine(t)
	var want []any
	for _, l := range logs {
		want = append(want, alone.single(l))
	}
	if got := alone.store.Frontier(nodetest.Lyon).Commit; got != 6 {
		t.Fatalf("%d commits one by one", got)
	}
	for _, cut := range []int{1, 2, 3, 4, 9} {
		m := newMachine(t)
		var got []any
		for rest := logs; len(rest) > 0; rest = rest[min(cut, len(rest)):] {
			got = append(got, m.ApplyBatch(rest[:min(cut, len(rest))])...)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("batches of %d gave\n%+v\nwant\n%+v", cut, got, want)
		}
		if m.store.Frontier(nodetest.Lyon) != alone.store.Frontier(nodetest.Lyon) || m.store.RaftPosition() != alone.store.RaftPosition() || m.last != alone.last {
			t.Errorf("batches of %d came to %+v at %+v, %+v", cut, m.store.Frontier(nodetest.Lyon), m.store.RaftPosition(), m.last)
		}
		again := m.ApplyBatch(logs[6:]) // the log is replayed
		if !reflect.DeepEqual(again, want[6:]) || m.store.Frontier(nodetest.Lyon) != alone.store.Frontier(nodetest.Lyon) {
			t.Errorf("the log's end again gave %+v", again)
		}
	}
}

func TestABatchInWhichNothingGoesWrongIsOneStepOfTheStore(t *testing.T) {
	var logs []*raft.Log
	for i, data := range agreedEntries(t, 5) {
		logs = append(logs, &raft.Log{Index: uint64(i + 1), Term: 1, Data: data})
	}
	m := newMachine(t)
	changes := m.store.Subscribe(0)
	defer changes.Close()
	m.ApplyBatch(logs)
	if set := <-changes.C(); len(set.Records) < 5 || m.store.Frontier(nodetest.Lyon).Commit != 5 || set.Revision != 1 {
		t.Errorf("the first step was %+v", set)
	}
}
