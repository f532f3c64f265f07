package node_test

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/node"
	"holdfast/sync/node/nodetest"
)

// sealed makes the edit of a device with a sequence and a stamp.
func sealed(t interface{ Fatal(...any) }, device byte, sequence uint64, at clock.Stamp, d record.Draft) *record.Edit {
	h := record.Header{
		Format: record.FormatVersion, Time: at, Space: d.Space, Action: d.Action,
		ID: record.EditID{Incarnation: record.Incarnation{Device: record.DeviceID{device}, Number: 1}, Sequence: sequence},
	}
	s, err := record.Seal(h, record.Payload{Salt: make([]byte, 16), Mutations: d.Mutations})
	if err != nil {
		t.Fatal(err)
	}
	s.Signature = make([]byte, ed25519.SignatureSize)
	e, err := record.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// bench is the least that a plan needs: committed states and tentative edits in memory.
type bench struct {
	states    map[record.ID]*record.State
	sequences map[record.Incarnation]uint64
	pending   []*record.Edit
	frontier  record.Frontier
}

func newBench(pending ...*record.Edit) *bench {
	slices.SortFunc(pending, byTime)
	return &bench{
		states: map[record.ID]*record.State{}, sequences: map[record.Incarnation]uint64{}, pending: pending,
		frontier: record.Frontier{Space: nodetest.Lyon, Generation: 1},
	}
}

func byTime(a, b *record.Edit) int { return cmp.Or(cmp.Compare(a.Time, b.Time), a.ID.Compare(b.ID)) }

func (b *bench) Committed(id record.ID) (*record.State, error) { return b.states[id], nil }

func (b *bench) situation(now clock.Stamp) node.Situation {
	return node.Situation{
		Frontier: b.frontier, Generation: 1, Now: now, Committed: b,
		Sequence: func(of record.Incarnation) uint64 { return b.sequences[of] },
		Pending: func(after store.PendingCursor, most int) []*record.Edit {
			from := 0
			for from < len(b.pending) && cmp.Or(cmp.Compare(b.pending[from].Time, after.Time), b.pending[from].ID.Compare(after.Edit)) <= 0 {
				from++
			}
			return b.pending[from:min(len(b.pending), from+most)]
		},
	}
}

// apply takes a plan as committed.
func (b *bench) apply(p *node.Plan) {
	for id, state := range p.States {
		b.states[id] = state
	}
	for of, sequence := range p.Sequences {
		b.sequences[of] = sequence
	}
	b.frontier = p.Frontier
	b.pending = slices.DeleteFunc(b.pending, func(e *record.Edit) bool { return e.ID.Sequence <= b.sequences[e.ID.Incarnation] })
}

func plan(t interface{ Fatal(...any) }, s node.Situation) *node.Plan {
	p, err := (&node.Planner{Decider: nodetest.Decider{}}).Plan(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Whatever the stamps, everything is decided once, each device's edits in their order, with dense commit numbers.
func TestPlansDecideEverythingOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pending []*record.Edit
		for device := byte(1); device <= 3; device++ {
			for sequence := range uint64(rapid.IntRange(0, 20).Draw(t, "edits")) {
				at := clock.Stamp(rapid.IntRange(1, 30).Draw(t, "time")) << 16
				pending = append(pending, sealed(t, device, sequence+1, at, nodetest.Ticket(nodetest.NewID(), "A ticket")))
			}
		}
		b := newBench(pending...)
		total, most := len(pending), rapid.IntRange(1, 25).Draw(t, "most")
		decided := map[record.Incarnation]uint64{}
		for commit := uint64(0); commit < uint64(total); {
			s := b.situation(clock.Stamp(1000) << 16)
			s.EditsMax = most
			p := plan(t, s)
			if p.Empty() || p.Entry.EvaluatedAt != commit {
				t.Fatalf("at %d of %d: %+v", commit, total, p.Entry)
			}
			for _, raw := range p.Entry.Outcomes {
				var o record.Outcome
				if err := record.Decode(raw, &o); err != nil {
					t.Fatal(err)
				}
				if commit++; o.Commit != commit || o.Edit.Sequence != decided[o.Edit.Incarnation]+1 {
					t.Fatalf("commit %d is %s after %d", o.Commit, o.Edit, decided[o.Edit.Incarnation])
				}
				decided[o.Edit.Incarnation] = o.Edit.Sequence
			}
			b.apply(p)
		}
		if p := plan(t, b.situation(1)); !p.Empty() || p.Waiting != 0 {
			t.Fatalf("something is left: %+v", p)
		}
	})
}

func TestAnEntryIsClosedInTime(t *testing.T) {
	var pending []*record.Edit
	text := string(make([]byte, 10<<10))
	for sequence := range uint64(100) {
		pending = append(pending, sealed(t, 1, sequence+1, clock.Stamp(sequence+1)<<16, nodetest.Ticket(nodetest.NewID(), text)))
	}
	p := plan(t, newBench(pending...).situation(1))
	encoded, err := record.Encode(&p.Entry)
	must(t, err)
	if len(encoded) > limit.EntryBytes*11/10 || len(encoded) < limit.EntryBytes/2 {
		t.Errorf("the entry has %d bytes", len(encoded))
	}
	large := sealed(t, 1, 1, 1<<16, nodetest.Ticket(nodetest.NewID(), string(make([]byte, 600<<10))))
	if p := plan(t, newBench(large, pending[1]).situation(1)); len(p.Entry.Outcomes) != 1 {
		t.Errorf("a large edit went with %d others", len(p.Entry.Outcomes)-1)
	}
}

func TestTheClockOfALeaderNeverRunsBack(t *testing.T) {
	b := newBench(sealed(t, 1, 1, 1<<16, nodetest.Ticket(nodetest.NewID(), "A ticket")))
	b.frontier.Time = clock.Stamp(5000) << 16
	if p := plan(t, b.situation(1)); p.Entry.Time <= b.frontier.Time || p.Frontier.Time != p.Entry.Time {
		t.Errorf("the entry is of %d", p.Entry.Time)
	}
}

func TestADeciderThatFailsHoldsUpOneDevice(t *testing.T) {
	stumble := nodetest.Ticket(nodetest.NewID(), "Stumble")
	stumble.Action = nodetest.Stumble
	b := newBench(
		sealed(t, 1, 1, 1<<16, stumble), sealed(t, 1, 2, 2<<16, nodetest.Ticket(nodetest.NewID(), "Behind it")),
		sealed(t, 2, 1, 3<<16, nodetest.Ticket(nodetest.NewID(), "Another device")))
	p := plan(t, b.situation(1))
	if len(p.Entry.Outcomes) != 1 || p.Waiting != 2 || p.Failed == nil {
		t.Errorf("%d were decided, %d wait, %v", len(p.Entry.Outcomes), p.Waiting, p.Failed)
	}
}

func TestACancelledPlanDecidesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b := newBench(sealed(t, 1, 1, 1<<16, nodetest.Ticket(nodetest.NewID(), "A ticket")))
	if _, err := (&node.Planner{Decider: nodetest.Decider{}}).Plan(ctx, b.situation(1)); err == nil {
		t.Error("it went on")
	}
}

// What waits for a record that the group has refused would wait for ever, and all behind it.
func TestNothingWaitsForARecordThatWasRefused(t *testing.T) {
	refused, awaited := nodetest.NewID(), nodetest.NewID()
	b := newBench(
		sealed(t, 1, 1, 1<<16, nodetest.Retitle(refused, "In vain")), sealed(t, 1, 2, 2<<16, nodetest.Ticket(nodetest.NewID(), "Behind it")),
		sealed(t, 2, 1, 3<<16, nodetest.Retitle(awaited, "Too early")))
	s := b.situation(1)
	s.Refused = func(id record.ID) bool { return id == refused }
	p := plan(t, s)
	if len(p.Entry.Outcomes) != 2 || p.Waiting != 1 {
		t.Fatalf("%d were decided, %d wait", len(p.Entry.Outcomes), p.Waiting)
	}
	var o record.Outcome
	must(t, record.Decode(p.Entry.Outcomes[0], &o))
	if o.Result != record.Parked || o.Reason.Code != record.ReasonUnknown {
		t.Errorf("the edit of it is %s for %+v", o.Result, o.Reason)
	}
}

// plain understands nothing but the plainest of kinds.
type plain struct{ nodetest.Decider }

func (plain) Understands(e *record.Edit) bool { return nodetest.Kinds().Understands(e) }

// What a newer version made waits for the upgrade of this one, with all that its device wrote after it; others go on.
func TestAnEditOfANewerVersionWaits(t *testing.T) {
	newer := nodetest.Ticket(nodetest.NewID(), "A thing that only a newer version knows")
	newer.Mutations[0].Kind = "gizmo"
	b := newBench(
		sealed(t, 1, 1, 1<<16, newer), sealed(t, 1, 2, 2<<16, nodetest.Ticket(nodetest.NewID(), "Behind it")),
		sealed(t, 2, 1, 3<<16, nodetest.Ticket(nodetest.NewID(), "Another device")))
	p, err := (&node.Planner{Decider: plain{}}).Plan(t.Context(), b.situation(1))
	must(t, err)
	if len(p.Entry.Outcomes) != 1 || p.Waiting != 2 || p.Sequences[record.Incarnation{Device: record.DeviceID{2}, Number: 1}] != 1 {
		t.Errorf("%d were decided, %d wait", len(p.Entry.Outcomes), p.Waiting)
	}
}

// enrolling decides on nothing of devices that it does not know.
type enrolling struct {
	nodetest.Decider
	known record.DeviceID
}

func (d enrolling) Ready(committed record.Reader, e *record.Edit) bool {
	return e.ID.Device == d.known && record.Ready(committed, e)
}

// The decider says what an edit waits for, so that what a device wrote is not parked only because its enrolment comes later.
func TestTheDeciderSaysWhatAnEditWaitsFor(t *testing.T) {
	b := newBench(
		sealed(t, 1, 1, 1<<16, nodetest.Ticket(nodetest.NewID(), "Of a device that is not known yet")),
		sealed(t, 2, 1, 2<<16, nodetest.Ticket(nodetest.NewID(), "Of one that is")))
	p, err := (&node.Planner{Decider: enrolling{known: record.DeviceID{2}}}).Plan(t.Context(), b.situation(1))
	must(t, err)
	if len(p.Entry.Outcomes) != 1 || p.Waiting != 1 || p.Sequences[record.Incarnation{Device: record.DeviceID{2}, Number: 1}] != 1 {
		t.Errorf("%d were decided, %d wait", len(p.Entry.Outcomes), p.Waiting)
	}
}
