package node

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/hashicorp/raft"

	"holdfast/backend/core/diskfile/diskfiletest"
	"holdfast/backend/core/fault"
	"holdfast/backend/store"
	"holdfast/sync/node/nodetest"
	"holdfast/sync/node/raftlog"
)

type noStream struct{ raft.StreamLayer }

// received is a member that was handed a state at the index 5, whose content goes up to the entry 9, and that stopped before any entry followed.
func received(t *testing.T, logs []*raft.Log, key []byte) (*Node, *machine) {
	t.Helper()
	leader := newMachine(t)
	leader.ApplyBatch(logs[:9])
	m := newMachine(t)
	dir := t.TempDir()
	var err error
	if m.snapshots, err = openSnapshots(t.Context(), dir, key, m.store); err != nil {
		t.Fatal(err)
	}
	sink, err := m.snapshots.Create(raft.SnapshotVersionMax, 5, 1, raft.Configuration{Servers: []raft.Server{{ID: "leader", Address: "leader"}}}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	content, err := leader.store.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if _, err := content.WriteTo(sink); err != nil {
		t.Fatal(err)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	log, err := raftlog.Open(filepath.Join(dir, logName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Node{cfg: Config{Dir: dir, Store: m.store, Key: key, Stream: noStream{}, Log: slog.New(slog.DiscardHandler)}, log: log, entries: log}, m
}

// restore takes the received state over as raft does.
func restore(t *testing.T, m *machine) {
	t.Helper()
	_, content, err := m.snapshots.Open(m.snapshots.newest.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Restore(content); err != nil {
		t.Fatal(err)
	}
}

// A state that another node hands over may be newer than the index that raft has for it. A member that stops before the entries between follow is whole all the same; one whose data
// goes beyond that has lost a part of its log.
func TestAMemberThatStopsAfterItWasHandedANewerStateStartsAgain(t *testing.T) {
	var logs []*raft.Log
	for i, data := range agreedEntries(t, 10) {
		logs = append(logs, &raft.Log{Index: uint64(i + 1), Term: 1, Data: data})
	}
	for name, stop := range map[string]func(*machine){
		"before the content is taken over": func(*machine) {},
		"before that is noted": func(m *machine) {
			_, content, err := m.snapshots.Open(m.snapshots.newest.ID)
			if err == nil {
				err = errors.Join(m.store.Restore(t.Context(), content), content.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		"before an entry follows": func(m *machine) { restore(t, m) },
	} {
		t.Run(name, func(t *testing.T) {
			n, m := received(t, logs, nil)
			stop(m)
			for range 2 {
				again, err := openSnapshots(t.Context(), n.cfg.Dir, n.cfg.Key, n.cfg.Store)
				if err != nil {
					t.Fatal(err)
				}
				if err := n.check(t.Context(), again); err != nil {
					t.Fatal(err)
				}
				if again.held || m.store.RaftPosition().Index != 9 {
					t.Errorf("held %v, at %+v", again.held, m.store.RaftPosition())
				}
			}
			m.last = store.RaftPosition{Index: 9, Term: 1}
			m.ApplyBatch(logs[9:])
			again, err := openSnapshots(t.Context(), n.cfg.Dir, n.cfg.Key, n.cfg.Store)
			if err != nil {
				t.Fatal(err)
			}
			if err := n.check(t.Context(), again); !fault.Is(err, fault.Corrupt) {
				t.Errorf("the log lacks an entry that the data has: %v", err)
			}
		})
	}
}

// A state says nothing on the disk of a node whose data is encrypted, neither where it is received nor where it is handed on, and opens with that node's key only.
func TestAStateThatTravelsIsSealedOnTheDisk(t *testing.T) {
	const title = "One of many"
	var logs []*raft.Log
	for i, data := range agreedEntries(t, 9) {
		logs = append(logs, &raft.Log{Index: uint64(i + 1), Term: 1, Data: data})
	}
	key := bytes.Repeat([]byte{7}, 32)
	for name, c := range map[string]struct{ received, now []byte }{
		"in the clear":                       {nil, nil},
		"sealed":                             {key, key},
		"in the clear, by an older program":  {nil, key},
		"sealed, and the key is another one": {key, bytes.Repeat([]byte{8}, 32)},
	} {
		t.Run(name, func(t *testing.T) {
			n, m := received(t, logs, c.received)
			if found := diskfiletest.Holding(t, n.cfg.Dir, title); len(found) > 0 == (c.received != nil) {
				t.Errorf("what was received is in the clear in %v", found)
			}
			n.cfg.Key = c.now
			again, err := openSnapshots(t.Context(), n.cfg.Dir, c.now, m.store)
			if err != nil {
				t.Fatal(err)
			}
			if err := n.check(t.Context(), again); (err != nil) != (c.received != nil && !bytes.Equal(c.received, c.now)) {
				t.Fatal(err)
			} else if err != nil {
				if !fault.Is(err, fault.Corrupt) {
					t.Error(err)
				}
				return
			}
			if found := diskfiletest.Holding(t, n.cfg.Dir, title); len(found) > 0 {
				t.Errorf("what was taken over is still in %v", found)
			}
			meta, handed, err := again.Open(again.newest.ID)
			if err != nil {
				t.Fatal(err)
			}
			if found := diskfiletest.Holding(t, n.cfg.Dir, title); len(found) > 0 == (c.now != nil) {
				t.Errorf("what is handed on is in the clear in %v", found)
			}
			other := newMachine(t)
			if err := other.store.Restore(t.Context(), io.LimitReader(handed, meta.Size)); err != nil {
				t.Fatal(err)
			}
			if err := handed.Close(); err != nil {
				t.Fatal(err)
			}
			if other.store.Frontier(nodetest.Lyon) != m.store.Frontier(nodetest.Lyon) {
				t.Errorf("%+v came of %+v", other.store.Frontier(nodetest.Lyon), m.store.Frontier(nodetest.Lyon))
			}
		})
	}
}
