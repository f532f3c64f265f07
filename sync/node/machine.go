package node

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/hashicorp/raft"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// machine is the replica's store as raft's state machine. raft calls ApplyBatch, Snapshot, Restore and StoreConfiguration from one goroutine.
type machine struct {
	store     *store.Store
	log       *slog.Logger
	snapshots *snapshots
	formats   formats
	// life ends when the node closes: nothing waits for a disk beyond it.
	life context.Context

	last store.RaftPosition // of the newest entry that was handled, applied or not

	mu     sync.Mutex
	halted error // why entries are no longer applied, or nil
}

var (
	_ raft.FSM                = (*machine)(nil)
	_ raft.ConfigurationStore = (*machine)(nil)
)

// verdict is what applying an entry came to on this replica.
type verdict struct {
	applied bool
	err     error // the entry breaks a rule: it is passed over, everywhere
	halted  bool  // this replica applies nothing any more; what the others do is not known here
}

// retryApply is how long a full or failing disk is left alone before it is tried again.
const retryApply = time.Second

// Apply writes one entry. While the disk takes nothing it waits; passing over an entry that others apply would part the replicas.
func (m *machine) Apply(l *raft.Log) any {
	at := store.RaftPosition{Index: l.Index, Term: l.Term}
	if m.halt() != nil {
		return verdict{halted: true}
	}
	if l.Index <= m.store.RaftPosition().Index {
		m.last = at
		return verdict{applied: true}
	}
	var entry record.Entry
	err := m.formats.decode(l.Data, &entry)
	if fault.Is(err, fault.NewerFormat) {
		m.log.Error("An agreed entry cannot be read; nothing after it is.", "index", at.Index, "error", err)
		m.stop(err)
		return verdict{halted: true}
	}
	if err != nil {
		m.last = at
		return verdict{err: err}
	}
	return m.insist(entry, at)
}

// insist writes an entry, however long the disk refuses it.
func (m *machine) insist(entry record.Entry, at store.RaftPosition) verdict {
	for {
		v := m.try([]record.Entry{entry}, at)
		if v.err == nil || fault.Is(v.err, fault.Invalid) || fault.Is(v.err, fault.NotFound) {
			m.last = at
			return v
		}
		if m.life.Err() != nil {
			m.stop(v.err)
			return verdict{halted: true}
		}
		m.log.Error("An agreed entry cannot be written; nothing after it is.", "index", at.Index, "error", v.err)
		if fault.Is(v.err, fault.NewerFormat) || !m.wait() {
			m.stop(v.err)
			return verdict{halted: true}
		}
	}
}

func (m *machine) try(entries []record.Entry, at store.RaftPosition) (v verdict) {
	defer func() {
		if r := recover(); r != nil {
			v = verdict{err: fault.Newf(fault.Invalid, "node.Apply", "An agreed entry could not be written: %v.", r)}
		}
	}()
	applied, err := m.store.ApplyRun(m.life, entries, at)
	return verdict{applied: applied, err: err}
}

func (m *machine) wait() bool {
	select {
	case <-m.life.Done():
		return false
	case <-time.After(retryApply):
		return true
	}
}

func (m *machine) halt() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.halted
}

func (m *machine) stop(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.halted = err
}

// StoreConfiguration takes note of the position; the group's members are raft's own business.
func (m *machine) StoreConfiguration(index uint64, _ raft.Configuration) { m.noteConfiguration(index) }

func (m *machine) noteConfiguration(index uint64) {
	if index > m.last.Index {
		m.last.Index = index
	}
}

// Snapshot is quick: the database itself is the snapshot, once it is durable.
func (m *machine) Snapshot() (raft.FSMSnapshot, error) {
	if err := m.halt(); err != nil {
		return nil, err
	}
	return &mark{m, m.last}, nil
}

// mark says that the database holds everything up to a position.
type mark struct {
	machine *machine
	at      store.RaftPosition
}

// Persist writes nothing: see snapshots.
func (k *mark) Persist(raft.SnapshotSink) error {
	if err := k.machine.store.NotePosition(k.machine.life, k.at); err != nil {
		return err
	}
	return k.machine.store.Sync()
}

// Release has nothing to release.
func (k *mark) Release() {}

// Restore takes over another node's state. The stream may be newer than raft's index for it: what raft sends again is passed over.
func (m *machine) Restore(from io.ReadCloser) (err error) {
	defer from.Close()
	defer func() {
		if r := recover(); r != nil {
			err = fault.Newf(fault.Internal, "node.Restore", "Taking over another node's state failed: %v.", r)
		}
	}()
	if err := m.store.Restore(m.life, from); err != nil {
		return fmt.Errorf("restoring: %w", err)
	}
	if err := m.store.Sync(); err != nil {
		return err
	}
	m.last = m.store.RaftPosition()
	m.stop(nil)
	m.snapshots.settle()
	return nil
}
