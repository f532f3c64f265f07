package node_test

import (
	"os"
	"path/filepath"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/enrol/enroltest"
	"holdfast/sync/node"
	"holdfast/sync/node/nodetest"
	"holdfast/sync/node/raftlog"
)

// shareCommits brings the commits of one store to another as a session does: without a position in any log.
func shareCommits(t *testing.T, from, to *store.Store) {
	t.Helper()
	for from.Frontier(nodetest.Lyon).Commit > to.Frontier(nodetest.Lyon).Commit {
		at := to.Frontier(nodetest.Lyon)
		commits, err := from.Commits(nodetest.Lyon, at.Commit+1, 1<<20)
		must(t, err)
		entry := record.Entry{Format: record.FormatVersion, Space: nodetest.Lyon, Generation: commits[0].Generation, EvaluatedAt: at.Commit, Time: commits[0].Time}
		for _, c := range commits {
			if c.Time != entry.Time {
				break
			}
			entry.Edits, entry.Outcomes = append(entry.Edits, c.Sealed), append(entry.Outcomes, c.Outcome)
		}
		if applied, err := to.Apply(t.Context(), entry, store.RaftPosition{}); err != nil || !applied {
			t.Fatal(applied, err)
		}
	}
}

// A desktop that recovers a cluster has its state from sessions: it stands in no log from which a new member could have it.
func TestAGroupBegunOnADesktopsStateTakesNewMembers(t *testing.T) {
	lost := newServer(t, enroltest.New(t), "lost", nodetest.Decider{})
	lost.up(true)
	_, drafts := tickets(20)
	appendAll(t, lost.store, drafts...)
	committed(t, lost.store)
	lost.down()

	cluster := enroltest.New(t)
	desktop, added := newServer(t, cluster, "desktop", nodetest.Decider{}), newServer(t, cluster, "added", nodetest.Decider{})
	shareCommits(t, lost.store, desktop.store)
	desktop.up(true)
	leads(t, desktop)
	added.up(false)
	enlist(t, desktop, added)
	_, drafts = tickets(5)
	appendAll(t, desktop.store, drafts...)
	agree(t, 25, desktop, added)
	// And so it does after a restart.
	desktop.down()
	added.down()
	desktop.up(false)
	added.up(false)
	leaderAmong(t, desktop, added)
	_, drafts = tickets(1)
	appendAll(t, leaderAmong(t, desktop, added).store, drafts...)
	agree(t, 26, desktop, added)
}

// A founding that was killed has left its term and nothing else.
func TestAGroupWhoseFoundingWasInterruptedIsFoundedAgain(t *testing.T) {
	lost := newServer(t, enroltest.New(t), "lost", nodetest.Decider{})
	lost.up(true)
	_, drafts := tickets(5)
	appendAll(t, lost.store, drafts...)
	committed(t, lost.store)
	lost.down()
	for name, held := range map[string]*store.Store{"with nothing": nil, "on what a device holds": lost.store} {
		t.Run(name, func(t *testing.T) {
			founder := newServer(t, enroltest.New(t), "founder", nodetest.Decider{})
			commits := uint64(0)
			if held != nil {
				shareCommits(t, held, founder.store)
				commits = held.Frontier(nodetest.Lyon).Commit
			}
			dir := filepath.Join(founder.dir, "raft")
			must(t, os.MkdirAll(dir, 0o700))
			log, err := raftlog.Open(filepath.Join(dir, "log"))
			must(t, err)
			must(t, log.SetUint64([]byte("CurrentTerm"), 1))
			must(t, log.Close())
			founder.up(true)
			leads(t, founder)
			_, drafts := tickets(3)
			appendAll(t, founder.store, drafts...)
			agree(t, commits+3, founder)
		})
	}
}

func TestWhatWasOnItsWayInTheLogIsSalvaged(t *testing.T) {
	servers := group(t, 1, nodetest.Decider{})
	only := servers[0]
	_, drafts := tickets(10)
	appendAll(t, only.store, drafts...)
	committed(t, only.store)
	only.down()
	// A copy of the device's data from before: the log goes further than it does.
	behind := nodetest.Store(t, filepath.Join(t.TempDir(), "store"), nodetest.NewSigner("behind"))
	if applied, err := node.Salvage(t.Context(), filepath.Join(only.dir, "raft"), nil, behind); err != nil || applied == 0 {
		t.Fatal(applied, err)
	}
	if behind.Frontier(nodetest.Lyon) != only.store.Frontier(nodetest.Lyon) || behind.RaftPosition().Index == 0 {
		t.Errorf("%+v against %+v", behind.Frontier(nodetest.Lyon), only.store.Frontier(nodetest.Lyon))
	}
	if applied, err := node.Salvage(t.Context(), filepath.Join(only.dir, "raft"), nil, behind); err != nil || applied != 0 {
		t.Errorf("a second time it gives %d, %v", applied, err)
	}
	if _, err := node.Salvage(t.Context(), t.TempDir(), nil, behind); !fault.Is(err, fault.NotFound) {
		t.Errorf("without a log: %v", err)
	}
}
