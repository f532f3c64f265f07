package node_test

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/enrol/enroltest"
	"holdfast/sync/node/nodetest"
	"holdfast/sync/node/raftlog"
	"holdfast/sync/transport"
)

// BenchmarkCommit measures edits from the save to the outcome, through three nodes whose stores and logs are on disk, and as many entries of the size of one edit's
// through three bare members on the same log store. A writer saves so many edits in one step and waits for the last one's outcome before it goes on; all run on this one machine.
func BenchmarkCommit(b *testing.B) {
	for name, load := range map[string]struct{ writers, step, edits int }{
		"three/1writer": {1, 1, 500}, "three/64writers": {64, 1, 20_000}, "three/64importers": {64, 16, 64_000},
	} {
		b.Run(name, func(b *testing.B) {
			servers := group(b, 3, nodetest.Decider{})
			leader := leaderAmong(b, servers...)
			bare := bareGroup(b)
			tracker := newTracker(leader.store)
			defer tracker.close()
			appendAll(b, leader.store, nodetest.Ticket(nodetest.NewID(), "The first of all"))
			committed(b, leader.store)
			var own, raw, spent time.Duration
			b.ResetTimer()
			for range b.N {
				for range rounds { // in turns, so that both meet the same weather
					before := processorTime(b)
					own += share(load.edits/load.step/rounds, load.writers, func() {
						ids, err := leader.store.Append(context.Background(), ticketsOf(load.step)...)
						if err != nil {
							b.Error(err)
							return
						}
						tracker.wait(ids[len(ids)-1])
					})
					spent += processorTime(b) - before
					raw += share(load.edits/load.step/rounds, load.writers, func() {
						if err := bare.Apply(make([]byte, entryBytes), 10*time.Second).Error(); err != nil {
							b.Error(err)
						}
					})
				}
			}
			b.ReportMetric(float64(load.edits*b.N)/own.Seconds(), "edits/s")
			b.ReportMetric(float64(spent.Microseconds())/float64(load.edits*b.N), "cpu-µs/edit")
			b.ReportMetric(float64(load.edits/load.step*b.N)/raw.Seconds(), "raft-entries/s")
			b.ReportMetric(float64(own)/float64(raw)/float64(load.step), "x-raft")
			b.ReportMetric(float64(leader.store.Frontier(nodetest.Lyon).Commit)/float64(leader.store.RaftPosition().Index), "edits/entry")
		})
	}
}

func ticketsOf(n int) []record.Draft {
	drafts := make([]record.Draft, n)
	for i := range drafts {
		drafts[i] = nodetest.Ticket(nodetest.NewID(), "A printer is on fire on the second floor")
	}
	return drafts
}

const (
	rounds     = 10
	entryBytes = 700 // about what an entry with one edit has
)

// patience is how long nobody loses the lead while the machine is busy with other things.
const patience = 3 * time.Second

// share calls do n times from so many goroutines and gives how long that took.
func share(n, writers int, do func()) time.Duration {
	begun := time.Now()
	var all sync.WaitGroup
	work := make(chan struct{}, n)
	for range n {
		work <- struct{}{}
	}
	close(work)
	for range writers {
		all.Go(func() {
			for range work {
				do()
			}
		})
	}
	all.Wait()
	return time.Since(begun)
}

// tracker wakes writers whose edits have an outcome.
type tracker struct {
	store   *store.Store
	changes *store.Subscription
	done    sync.WaitGroup
	mu      sync.Mutex
	waiting map[record.EditID]chan struct{}
	reached map[record.Incarnation]uint64
}

func newTracker(s *store.Store) *tracker {
	k := &tracker{store: s, changes: s.Subscribe(1), waiting: map[record.EditID]chan struct{}{}, reached: map[record.Incarnation]uint64{}}
	k.done.Go(func() {
		for range k.changes.C() {
			k.mu.Lock()
			for of := range k.reached {
				k.reached[of] = s.CommittedSequence(nodetest.Lyon, of)
			}
			for id, c := range k.waiting {
				if id.Sequence <= k.reached[id.Incarnation] {
					close(c)
					delete(k.waiting, id)
				}
			}
			k.mu.Unlock()
		}
	})
	return k
}

func (k *tracker) wait(id record.EditID) {
	k.mu.Lock()
	if _, known := k.reached[id.Incarnation]; !known {
		k.reached[id.Incarnation] = k.store.CommittedSequence(nodetest.Lyon, id.Incarnation)
	}
	if id.Sequence <= k.reached[id.Incarnation] {
		k.mu.Unlock()
		return
	}
	c := make(chan struct{})
	k.waiting[id] = c
	k.mu.Unlock()
	<-c
}

func (k *tracker) close() {
	k.changes.Close()
	k.done.Wait()
}

// deaf is a state machine that does nothing.
type deaf struct{}

func (deaf) Apply(*raft.Log) any                 { return nil }
func (deaf) Snapshot() (raft.FSMSnapshot, error) { return nil, io.ErrUnexpectedEOF }
func (deaf) Restore(from io.ReadCloser) error    { return from.Close() }

// bareGroup gives the leader of three members over the same transport.
func bareGroup(b *testing.B) *raft.Raft {
	b.Helper()
	cluster := enroltest.New(b)
	var members []*raft.Raft
	var configuration raft.Configuration
	for i := range 3 {
		credentials := cluster.Node(b, fmt.Sprint("bare ", i), "LYO")
		listener, err := transport.Listen(context.Background(), transport.Config{
			Addresses: []string{"127.0.0.1:0"}, Protocols: []string{transport.Raft}, Credentials: credentials, Wall: time.Now, Log: silent(),
		})
		must(b, err)
		layer := transport.NewRaftLayer(listener.Protocol(transport.Raft), &transport.Dialer{Credentials: credentials, Wall: time.Now}, transport.Raft, listener.Addresses()[0], nil)
		wire := raft.NewNetworkTransport(layer, 3, 10*time.Second, io.Discard)
		log, err := raftlog.Open(filepath.Join(b.TempDir(), "log"))
		must(b, err)
		config := raft.DefaultConfig()
		config.LocalID, config.LogOutput = transport.RaftID(credentials.Device().ID()), io.Discard
		config.HeartbeatTimeout, config.ElectionTimeout, config.LeaderLeaseTimeout = patience, patience, patience/2 // as long as the group's
		r, err := raft.NewRaft(config, deaf{}, log, log, raft.NewInmemSnapshotStore(), wire)
		must(b, err)
		b.Cleanup(func() {
			if err := r.Shutdown().Error(); err != nil {
				b.Error(err)
			}
			wire.Close()
			log.Close()
			listener.Close()
		})
		members = append(members, r)
		configuration.Servers = append(configuration.Servers, raft.Server{ID: config.LocalID, Address: wire.LocalAddr()})
	}
	must(b, members[0].BootstrapCluster(configuration).Error())
	for {
		for _, r := range members {
			if r.State() == raft.Leader {
				return r
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
}
