package node_test

import (
	"context"
	"testing"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/node/nodetest"
)

// meddler commits another edit behind the leader's back while the leader decides, once.
type meddler struct {
	nodetest.Decider
	store *store.Store
	entry record.Entry
	done  bool
}

func (m *meddler) Decide(ctx context.Context, committed record.Reader, e *record.Edit, received clock.Stamp) (*record.Outcome, map[record.ID]*record.State, error) {
	o, states, err := m.Decider.Decide(ctx, committed, e, received)
	if !m.done {
		m.done = true
		if applied, err := m.store.Apply(ctx, m.entry, store.RaftPosition{}); err != nil || !applied {
			return nil, nil, err
		}
	}
	return o, states, err
}

// What was decided on a state that has moved on is refused and decided again.
func TestDecisionsOnAnOldStateAreRefused(t *testing.T) {
	device, other := nodetest.NewSigner("desktop"), nodetest.NewSigner("other")
	s, away := nodetest.Store(t, t.TempDir(), device), nodetest.Store(t, t.TempDir(), other)
	elsewhere := appendAll(t, away, nodetest.Ticket(nodetest.NewID(), "Decided elsewhere"))
	edit, err := away.Edit(elsewhere[0])
	must(t, err)
	o, _, err := nodetest.Decider{}.Decide(context.Background(), s, edit, edit.Time)
	must(t, err)
	o.Commit = 1
	encoded, err := record.Encode(o)
	must(t, err)
	cfg := configOf(s, device, t.TempDir())
	cfg.Decider = &meddler{store: s, entry: record.Entry{
		Format: record.FormatVersion, Space: nodetest.Lyon, Generation: 1, Time: edit.Time, Edits: []record.Sealed{edit.Sealed}, Outcomes: [][]byte{encoded},
	}}
	ticket := nodetest.NewID()
	ids := appendAll(t, s, nodetest.Ticket(ticket, "Decided here"))
	start(t, cfg)
	committed(t, s)
	if o, found := s.Outcome(ids[0]); !found || o.Commit != 2 || o.Result != record.Applied {
		t.Errorf("the outcome is %+v", o)
	}
	state, err := s.Committed(ticket)
	must(t, err)
	if number := state.Shown(nodetest.Number).AsText(); number != "TCK-LYO-00002" {
		t.Errorf("the number is %s", number)
	}
}
