package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/raft"

	"holdfast/backend/core/fault"
	"holdfast/backend/store"
	"holdfast/sync/node/raftlog"
)

const (
	logName = "log"
	// A snapshot costs one sync of the database, so the log is kept short: bbolt's file never shrinks while it is open.
	snapshotEntries  = 512
	snapshotInterval = 10 * time.Second
	// trailingEntries is how far a member may be behind without a transfer of the whole state; a member that takes one over must still find what came meanwhile.
	trailingEntries         = 2048
	trailingEntriesEmbedded = 64
	// cachedEntries is how many entries are kept in memory for followers.
	cachedEntries = 128
	// transferTime bounds one step of a transfer between nodes; a snapshot gets it anew for every 256 KiB.
	transferTime = 10 * time.Second
	poolSize     = 3
	appendMax    = 256 // entries in one message to a follower
)

const (
	keyTerm         = "CurrentTerm" // raft's own key
	embeddedAddress = raft.ServerAddress("embedded")
)

// start opens the log and brings raft up on it.
func (n *Node) start(ctx context.Context) error {
	if err := os.MkdirAll(n.cfg.Dir, folderMode); err != nil {
		return folderFault(err, n.cfg.Dir)
	}
	err := n.open(ctx)
	if !errors.Is(err, errBegin) {
		return err
	}
	if err := n.setAside(); err != nil {
		return err
	}
	return n.open(ctx)
}

// errBegin says that an embedded group cannot go on from its log, which nobody else needs, and begins a new one where the store stands.
var errBegin = errors.New("the log does not fit the store")

func (n *Node) open(ctx context.Context) (err error) {
	if n.log, err = raftlog.Open(filepath.Join(n.cfg.Dir, logName)); err != nil {
		if n.Embedded() && fault.Is(err, fault.Corrupt) {
			return errBegin
		}
		return err
	}
	n.entries, err = logOf(n.log, n.cfg.Key)
	if err == nil {
		err = n.openOn(ctx)
	}
	if err != nil {
		if n.wire != nil {
			err = errors.Join(err, n.wire.Close())
		}
		return errors.Join(err, n.log.Close())
	}
	return nil
}

func (n *Node) openOn(ctx context.Context) error {
	snapshots, err := openSnapshots(n.life, n.cfg.Dir, n.cfg.Key, n.cfg.Store)
	if err != nil {
		return err
	}
	if err := n.forgetHalfFounded(snapshots); err != nil {
		return err
	}
	if err := n.check(ctx, snapshots); err != nil {
		return err
	}
	n.wire, err = n.newWire()
	if err != nil {
		return err
	}
	n.local = n.wire.LocalAddr()
	n.machine = &machine{store: n.cfg.Store, log: n.cfg.Log, snapshots: snapshots, formats: n.cfg.Formats, life: n.life, last: n.cfg.Store.RaftPosition()}
	if err := n.found(snapshots); err != nil {
		return err
	}
	if n.raft, err = n.newRaft(snapshots); err != nil {
		return err
	}
	return n.kick()
}

// forgetHalfFounded takes back what a founding that was interrupted has written: a term, and nothing to which it belongs. Nobody can have been given a vote in it.
func (n *Node) forgetHalfFounded(snapshots *snapshots) error {
	if !n.Embedded() && !n.cfg.Bootstrap {
		return nil
	}
	last, err := n.log.LastIndex()
	if err != nil || last > 0 || snapshots.newest != nil {
		return err
	}
	return n.log.SetUint64([]byte(keyTerm), 0)
}

// check compares what the log and the store have seen. raft itself would trust the log blindly.
func (n *Node) check(ctx context.Context, snapshots *snapshots) error {
	position := n.cfg.Store.RaftPosition().Index
	last, err := n.log.LastIndex()
	if err != nil {
		return err
	}
	known, err := raft.HasExistingState(n.entries, n.log, snapshots)
	if err != nil {
		return err
	}
	if newest := snapshots.newest; newest != nil {
		last = max(last, newest.Index)
		if position < newest.Index && snapshots.held {
			return n.takeOver(ctx, snapshots)
		}
		if position < newest.Index {
			return n.unfit("This node's data is older than its log, as after a disk failure.")
		}
		snapshots.settle() // a crash came after the content was taken over and before that was noted
	}
	switch {
	case known && last < position && position > snapshots.ahead:
		return n.unfit("This node's log is older than its data, as after restoring a part of its folder.")
	case !known && position > 0 && !n.cfg.Bootstrap && !n.Embedded():
		return fault.New(fault.Conflict, "node.New", "This data folder belonged to another group of nodes. Let the node join with an empty folder.")
	}
	return nil
}

// unfit is the fault of a node that must not vote any more; an embedded group has nobody to mislead.
func (n *Node) unfit(what string) error {
	if n.Embedded() {
		n.cfg.Log.Warn("The embedded group begins a new log.", "reason", what)
		return errBegin
	}
	return fault.New(fault.Corrupt, "node.New", what+" Remove the node from the cluster and add it again with an empty folder; the other nodes hold everything that was agreed.")
}

// takeOver finishes what a crash interrupted: a snapshot was received and not restored yet.
func (n *Node) takeOver(ctx context.Context, snapshots *snapshots) error {
	_, content, err := snapshots.Open(snapshots.newest.ID)
	if err != nil {
		return err
	}
	defer content.Close()
	if err := n.cfg.Store.Restore(ctx, content); err != nil {
		return err
	}
	if err := n.cfg.Store.Sync(); err != nil {
		return err
	}
	snapshots.settle()
	return nil
}

// setAside moves the log and the mark of an embedded group out of the way.
func (n *Node) setAside() error {
	mark := ".before-" + n.cfg.Wall().UTC().Format("20060102T150405")
	for _, name := range []string{logName, markName} {
		path := filepath.Join(n.cfg.Dir, name)
		if err := os.Rename(path, path+mark); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return folderFault(err, n.cfg.Dir)
		}
	}
	return nil
}

func (n *Node) newWire() (wire, error) {
	if n.Embedded() {
		_, inMemory := raft.NewInmemTransport(embeddedAddress)
		return inMemory, nil
	}
	return raft.NewNetworkTransportWithConfig(&raft.NetworkTransportConfig{
		Stream: n.cfg.Stream, MaxPool: poolSize, Timeout: transferTime, Logger: newQuiet(n.cfg.Log, n.cfg.Wall), MsgpackUseNewTimeFormat: true,
	}), nil
}

func (n *Node) config() *raft.Config {
	c := raft.DefaultConfig()
	c.LocalID = raft.ServerID(n.cfg.Device.String())
	c.Logger = newQuiet(n.cfg.Log, n.cfg.Wall)
	c.HeartbeatTimeout, c.ElectionTimeout, c.LeaderLeaseTimeout = n.cfg.Timing.Heartbeat, n.cfg.Timing.Heartbeat, n.cfg.Timing.Lease
	c.SnapshotThreshold, c.SnapshotInterval, c.TrailingLogs = snapshotEntries, snapshotInterval, trailingEntries
	c.MaxAppendEntries = appendMax
	c.NoSnapshotRestoreOnStart = true // check has compared the two
	c.NoLegacyTelemetry = true
	if n.Embedded() {
		c.HeartbeatTimeout, c.ElectionTimeout, c.LeaderLeaseTimeout = 5*time.Second, 5*time.Second, 5*time.Second
		c.TrailingLogs = trailingEntriesEmbedded
	}
	if n.cfg.Trailing > 0 {
		c.TrailingLogs = n.cfg.Trailing
	}
	return c
}

// found makes the first state of a group of one, where there is none and one is wanted. A store that has been in a group before goes on counting where it stands.
func (n *Node) found(snapshots *snapshots) error {
	known, err := raft.HasExistingState(n.entries, n.log, snapshots)
	if err != nil || known || !n.Embedded() && !n.cfg.Bootstrap {
		return err
	}
	self := raft.Configuration{Servers: []raft.Server{{ID: raft.ServerID(n.cfg.Device.String()), Address: n.local}}}
	at, err := n.begins()
	if err != nil {
		return err
	}
	n.machine.last = at
	if at.Index == 0 {
		return raft.BootstrapCluster(n.config(), n.entries, n.log, snapshots, n.wire, self)
	}
	if err := n.log.SetUint64([]byte(keyTerm), max(at.Term, 1)); err != nil {
		return err
	}
	return snapshots.put(&raft.SnapshotMeta{
		Version: raft.SnapshotVersionMax, ID: fmt.Sprintf("%d-%d", at.Term, at.Index), Index: at.Index, Term: at.Term,
		Configuration: self, ConfigurationIndex: at.Index,
	}, false)
}

// begins gives where a new group's log goes on. State that came by sessions, as a desktop's, is what the log begins behind: members that are added must take it over whole.
func (n *Node) begins() (store.RaftPosition, error) {
	at := n.cfg.Store.RaftPosition()
	if at.Index > 0 || len(n.cfg.Store.Frontiers()) == 0 {
		return at, nil
	}
	at = store.RaftPosition{Index: 1, Term: 1}
	return at, n.cfg.Store.NotePosition(n.life, at)
}

func (n *Node) newRaft(snapshots *snapshots) (r *raft.Raft, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.Newf(fault.Corrupt, "node.New", "The node's log cannot be used: %v. Remove the node from the cluster and add it again.", p)
		}
	}()
	cache, err := raft.NewLogCache(cachedEntries, n.entries)
	if err != nil {
		return nil, err
	}
	return raft.NewRaft(n.config(), n.machine, cache, n.log, snapshots, n.wire)
}

// kick makes an embedded group elect itself at once: its times are long, so that it costs nothing while nobody works.
func (n *Node) kick() error {
	own, embedded := n.wire.(*raft.InmemTransport)
	if !embedded {
		return nil
	}
	_, hand := raft.NewInmemTransport("hand")
	hand.Connect(embeddedAddress, own)
	defer hand.DisconnectAll()
	request := &raft.TimeoutNowRequest{RPCHeader: raft.RPCHeader{ProtocolVersion: raft.ProtocolVersionMax, ID: []byte(n.cfg.Device.String())}}
	err := hand.TimeoutNow(raft.ServerID(n.cfg.Device.String()), embeddedAddress, request, &raft.TimeoutNowResponse{})
	if err != nil {
		n.cfg.Log.Debug("The embedded group elects itself later.", "error", err)
	}
	return nil
}
