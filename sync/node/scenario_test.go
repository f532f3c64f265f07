package node_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"path/filepath"
	"testing"
	"time"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/node"
	"holdfast/sync/node/nodetest"
)

// others gives the servers but one.
func others(servers []*server, but *server) (rest []*server) {
	for _, s := range servers {
		if s != but {
			rest = append(rest, s)
		}
	}
	return rest
}

// resend hands a store's edits to another as a client does that heard no answer: from the first one on, whatever the other says that it holds.
func resend(t *testing.T, from *store.Store, signer store.Signer, incarnation record.Incarnation, to *store.Store) store.Received {
	t.Helper()
	run, err := from.EditsFrom(nodetest.Lyon, incarnation, 1, 1<<20)
	must(t, err)
	got, err := to.Receive(context.Background(), keyOf(signer), nodetest.Lyon, run)
	must(t, err)
	return got
}

// Scenario 10: the leader commits and is gone before the client hears of it. Twenty retries at the others make one ticket with one number.
func TestACommitWhoseAnswerWasLostIsMadeOnce(t *testing.T) {
	servers := group(t, 3, nodetest.Decider{})
	device := nodetest.NewSigner("desktop")
	desktop := nodetest.Store(t, t.TempDir(), device)
	made, drafts := tickets(1)
	ids := appendAll(t, desktop, drafts...)
	leader := leaderAmong(t, servers...)
	left := others(servers, leader)
	give(t, desktop, device, leader.store)
	until(t, left[0].store, "a follower holds the commit", func() bool { return left[0].store.Frontier(nodetest.Lyon).Commit == 1 })
	leader.down()
	if _, known := desktop.Outcome(ids[0]); known {
		t.Fatal("the desktop heard of the commit")
	}
	for range 20 {
		for _, s := range left {
			resend(t, desktop, device, ids[0].Incarnation, s.store)
		}
	}
	leaderAmong(t, left...)
	// The next ticket shows that the retries are dealt with, and which number is free.
	next, more := tickets(1)
	ids = append(ids, appendAll(t, desktop, more...)...)
	for _, s := range left {
		resend(t, desktop, device, ids[0].Incarnation, s.store)
	}
	agree(t, 2, left...)
	leader.up(false)
	agree(t, 2, servers...)
	for _, s := range servers {
		checkOutcomes(t, s.store, ids, append(made, next...))
		if at := s.store.Frontier(nodetest.Lyon).Commit; at != 2 || s.store.PendingCount() != 0 {
			t.Errorf("%d commits and %d waiting, want 2 and none", at, s.store.PendingCount())
		}
	}
}

// Scenario 21: a leader that reaches nobody has entries in its log that were never agreed. The cluster is recovered on it; what the log held commits once, and clients that
// send it again are told that it is known.
func TestTheUncommittedTailOfARecoveredNodeCommitsOnce(t *testing.T) {
	servers := group(t, 3, nodetest.Decider{})
	leader := leaderAmong(t, servers...)
	made, drafts := tickets(1)
	ids := appendAll(t, leader.store, drafts...)
	agree(t, 1, servers...)
	for _, s := range others(servers, leader) {
		s.down()
	}
	device := nodetest.NewSigner("desktop")
	desktop := nodetest.Store(t, t.TempDir(), device)
	tail, drafts := tickets(20)
	first := appendAll(t, desktop, drafts...)
	ids, made = append(ids, first...), append(made, tail...)
	changes, done := leader.node.LeadershipChanges()
	defer done()
	give(t, desktop, device, leader.store)
	for leader.node.Leader().Self {
		<-changes
	}
	leader.down()
	if at := leader.store.Frontier(nodetest.Lyon).Commit; at != 1 {
		t.Fatalf("%d were committed without a majority", at-1)
	}
	salvaged, err := node.Salvage(t.Context(), filepath.Join(leader.dir, "raft"), nil, leader.store)
	if err != nil || salvaged == 0 {
		t.Fatalf("%d entries came out of the log: %v", salvaged, err)
	}
	leader.dir = t.TempDir() // the lost group's log is put aside
	leader.up(true)
	leads(t, leader)
	for range 3 {
		if got := resend(t, desktop, device, first[0].Incarnation, leader.store); got.Known != 20 || got.Accepted != 0 || len(got.Quarantined) != 0 {
			t.Errorf("what a client sends again is taken as %+v", got)
		}
	}
	agree(t, 21, leader)
	more, drafts := tickets(1)
	ids = append(ids, appendAll(t, desktop, drafts...)...)
	give(t, desktop, device, leader.store)
	agree(t, 22, leader)
	checkOutcomes(t, leader.store, ids, append(made, more...))
	if at := leader.store.Frontier(nodetest.Lyon).Commit; at != 22 || leader.store.PendingCount() != 0 {
		t.Errorf("%d commits and %d waiting, want 22 and none", at, leader.store.PendingCount())
	}
}

// hostile is a device that signs whatever it likes, with a chain that fits.
type hostile struct {
	nodetest.Signer
	at       record.EditID // of its next edit
	previous record.Hash
}

func newHostile(name string) *hostile {
	h := &hostile{Signer: nodetest.NewSigner(name)}
	h.afresh()
	return h
}

// afresh begins another incarnation, as a device must whose own one nobody takes any more.
func (h *hostile) afresh() {
	h.at = record.EditID{Incarnation: record.Incarnation{Device: h.ID(), Number: h.at.Number + 7}, Sequence: 1}
	h.previous = record.Hash{}
}

// write signs an edit with a payload, however it is made; bend changes its header's bytes.
func (h *hostile) write(t *testing.T, action string, payload []byte, bend func([]byte) []byte) record.Sealed {
	t.Helper()
	header, err := record.Encode(&record.Header{
		Format: record.FormatVersion, ID: h.at, Previous: h.previous, Time: clock.At(time.Now()), Space: nodetest.Lyon, Action: action, Payload: sha256.Sum256(payload),
	})
	must(t, err)
	if bend != nil {
		header = bend(header)
	}
	s := record.Sealed{Header: header, Payload: payload}
	hash := s.Hash()
	s.Signature = h.Sign(hash[:])
	h.at.Sequence++
	h.previous = hash
	return s
}

// steps encodes mutations without any of the checks that sealing makes.
func steps(t *testing.T, mutations ...record.Mutation) []byte {
	t.Helper()
	raw, err := record.Encode(&record.Payload{Salt: make([]byte, 16), Mutations: mutations})
	must(t, err)
	return raw
}

func creation(t *testing.T, kind, title string) []byte {
	t.Helper()
	id := nodetest.NewID()
	return steps(t, record.Mutation{Op: record.OpCreate, Record: id, Kind: kind}, record.Mutation{Op: record.OpSet, Record: id, Field: nodetest.Title, Value: record.Text(title)})
}

// poison is one edit that nobody must fall over.
type poison struct {
	name   string
	action string
	bytes  []byte
	bend   func(header []byte) []byte
	want   record.Result // "": it does not even open, so no node takes it
}

func poisons(t *testing.T) []poison {
	t.Helper()
	notText := bytes.Replace(creation(t, nodetest.Kind, "@@@@"), []byte("@@@@"), []byte{0xff, 0xfe, 0xff, 0xfe}, 1)
	negative := func(header []byte) []byte {
		return bytes.Replace(header, []byte{0x02, 0x07, 0x03, 0x01}, []byte{0x02, 0x07, 0x03, 0x20}, 1) // the device's number 7, sequence -1
	}
	return []poison{
		{"not CBOR", "x", []byte{0xff, 0xff}, nil, record.Poison},
		{"invalid UTF-8", "x", notText, nil, record.Poison},
		{"nested 10^6 deep", "x", append(bytes.Repeat([]byte{0x81}, 1_000_000), 0x00), nil, record.Poison},
		{"a panic", nodetest.Explode, creation(t, nodetest.Kind, "Boom"), nil, record.Poison},
		{"an unknown kind", "x", creation(t, "hovercraft", "Full of eels"), nil, record.Parked},
		{"a field of 50 MB", "x", creation(t, nodetest.Kind, string(make([]byte, 50<<20))), nil, ""},
		{"a negative sequence", "x", creation(t, nodetest.Kind, "Before the first"), negative, ""},
	}
}

// Scenario 22: each form of poison comes to the same on all nodes, and what its device writes next commits.
func TestPoisonComesToTheSameOnAllNodes(t *testing.T) {
	servers := group(t, 3, nodetest.Decider{})
	commits := uint64(0)
	for _, p := range poisons(t) {
		t.Run(p.name, func(t *testing.T) {
			device := newHostile(p.name)
			id := device.at
			bad := device.write(t, p.action, p.bytes, p.bend)
			for _, s := range servers {
				_, err := s.store.Receive(t.Context(), keyOf(device), nodetest.Lyon, []record.Sealed{bad})
				if refused := fault.Is(err, fault.Invalid); refused != (p.want == "") || err != nil && !refused {
					t.Errorf("a node says %v", err)
				}
			}
			if p.want == "" {
				device.afresh()
			} else {
				commits++
			}
			next := device.at
			good := device.write(t, "create", creation(t, nodetest.Kind, "Afterwards"), nil)
			for _, s := range servers {
				_, err := s.store.Receive(t.Context(), keyOf(device), nodetest.Lyon, []record.Sealed{good})
				must(t, err)
			}
			commits++
			agree(t, commits, servers...)
			sameOutcome(t, servers, next, record.Applied)
			if p.want != "" {
				sameOutcome(t, servers, id, p.want)
			}
		})
	}
	for _, s := range servers {
		if at := s.store.Frontier(nodetest.Lyon).Commit; at != commits || s.store.PendingCount() != 0 {
			t.Errorf("%d commits and %d waiting, want %d and none", at, s.store.PendingCount(), commits)
		}
	}
}

// sameOutcome holds what came of an edit to a result, byte for byte the same everywhere.
func sameOutcome(t *testing.T, servers []*server, id record.EditID, want record.Result) {
	t.Helper()
	var first []byte
	for _, s := range servers {
		o, found := s.store.Outcome(id)
		if !found || o.Result != want {
			t.Errorf("it came to %+v, want %s", o, want)
			continue
		}
		raw, err := record.Encode(o)
		must(t, err)
		if first == nil {
			first = raw
		}
		if !bytes.Equal(raw, first) {
			t.Error("the outcome has other bytes on another node")
		}
	}
}
