package node

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/hashicorp/raft"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/backend/store/sealedfile"
)

// snapshots is a raft.SnapshotStore for a state machine that is durable itself. A snapshot of one's own is a small file that says up to where the database
// goes, so it costs nothing to take one often. When a member needs the content, the database is streamed as it is by then, which may be
// newer: the member passes over the entries that it gets a second time. A snapshot received from another node is a file until it is restored.
type snapshots struct {
	contents contents
	store    *store.Store
	life     context.Context

	mu     sync.Mutex
	newest *raft.SnapshotMeta // nil: none
	held   bool               // its content is in a file
	ahead  uint64             // up to which index the database may go beyond the log, because content that was received was newer than its index
}

const (
	markName   = "snapshot"
	fileMode   = 0o600
	folderMode = 0o700
)

// markFile is what is stored of a snapshot.
type markFile struct {
	Format             uint64 `cbor:"1,keyasint"`
	ID                 string `cbor:"2,keyasint"`
	Index              uint64 `cbor:"3,keyasint"`
	Term               uint64 `cbor:"4,keyasint"`
	Configuration      []byte `cbor:"5,keyasint"`
	ConfigurationIndex uint64 `cbor:"6,keyasint"`
	Held               bool   `cbor:"7,keyasint,omitempty"`
	Ahead              uint64 `cbor:"8,keyasint,omitempty"`
}

const markFormat = 1

// openSnapshots reads what is in dir, and clears away what a crash left half done. With a key, states are sealed on the disk.
func openSnapshots(life context.Context, dir string, key []byte, s *store.Store) (*snapshots, error) {
	contents, err := contentsIn(dir, key)
	if err != nil {
		return nil, err
	}
	n := &snapshots{contents: contents, store: s, life: life}
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return nil, folderFault(err, dir)
	}
	raw, err := os.ReadFile(filepath.Join(dir, markName))
	if errors.Is(err, fs.ErrNotExist) {
		return n, n.sweep()
	}
	if err != nil {
		return nil, folderFault(err, dir)
	}
	var f markFile
	if err := record.Decode(raw, &f); err != nil {
		return nil, fault.Wrap(err, fault.Corrupt, "node.New", "The node's snapshot mark in "+dir+" is damaged. Remove the node from the cluster and add it again.")
	}
	if f.Format > markFormat {
		return nil, fault.New(fault.NewerFormat, "node.New", "This node was last run by a newer Holdfast. Start the newer version; nothing was changed.")
	}
	n.newest = &raft.SnapshotMeta{
		Version: raft.SnapshotVersionMax, ID: f.ID, Index: f.Index, Term: f.Term,
		Configuration: raft.DecodeConfiguration(f.Configuration), ConfigurationIndex: f.ConfigurationIndex,
	}
	n.held, n.ahead = f.Held, f.Ahead
	return n, n.sweep()
}

func folderFault(err error, dir string) error {
	return fault.Wrap(err, diskfile.Code(err), "node", "The node's folder "+dir+" could not be used. Check that this user may write there and that there is room.")
}

// sweep removes every state but the newest snapshot's.
func (n *snapshots) sweep() error {
	wanted := ""
	if n.held {
		wanted = n.newest.ID
	}
	return folderFault(n.contents.sweep(wanted), n.contents.dir)
}

// settle notes that the database holds the newest snapshot's content by now, and how far that goes.
func (n *snapshots) settle() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.held {
		return
	}
	n.ahead = max(n.ahead, n.store.RaftPosition().Index)
	if err := n.write(n.newest, false); err != nil {
		return // the file stays until the next start or snapshot
	}
	n.held = false
	_ = n.sweep() // what is left over goes at the next start
}

// List implements raft.SnapshotStore.
func (n *snapshots) List() ([]*raft.SnapshotMeta, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.newest == nil {
		return nil, nil
	}
	meta := *n.newest
	return []*raft.SnapshotMeta{&meta}, nil
}

// Create implements raft.SnapshotStore.
func (n *snapshots) Create(version raft.SnapshotVersion, index, term uint64, configuration raft.Configuration, configurationIndex uint64, _ raft.Transport) (raft.SnapshotSink, error) {
	id := fmt.Sprintf("%d-%d", term, index)
	part, err := n.contents.create(id)
	if err != nil {
		return nil, folderFault(err, n.contents.dir)
	}
	return &sink{snapshots: n, part: part, out: bufio.NewWriterSize(part, sealedfile.PieceBytes), meta: &raft.SnapshotMeta{
		Version: version, ID: id, Index: index, Term: term, Configuration: configuration, ConfigurationIndex: configurationIndex,
	}}, nil
}

// put makes a snapshot the newest.
func (n *snapshots) put(meta *raft.SnapshotMeta, held bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.write(meta, held); err != nil {
		return err
	}
	n.newest, n.held = meta, held
	return n.sweep()
}

func (n *snapshots) write(meta *raft.SnapshotMeta, held bool) error {
	raw, err := record.Encode(markFile{
		Format: markFormat, ID: meta.ID, Index: meta.Index, Term: meta.Term, Held: held, Ahead: n.ahead,
		Configuration: raft.EncodeConfiguration(meta.Configuration), ConfigurationIndex: meta.ConfigurationIndex,
	})
	if err != nil {
		return err
	}
	return diskfile.Replace(filepath.Join(n.contents.dir, markName), raw, fileMode)
}

// sink takes one snapshot in.
type sink struct {
	snapshots *snapshots
	part      content
	out       *bufio.Writer // to part
	meta      *raft.SnapshotMeta
}

// ID implements raft.SnapshotSink.
func (k *sink) ID() string { return k.meta.ID }

// Write implements raft.SnapshotSink.
func (k *sink) Write(p []byte) (int, error) {
	written, err := k.out.Write(p)
	k.meta.Size += int64(written)
	return written, folderFault(err, k.snapshots.contents.dir)
}

// Close implements raft.SnapshotSink: the snapshot is durable and the newest when it returns.
func (k *sink) Close() error {
	if k.meta.Size == 0 {
		return errors.Join(k.Cancel(), k.snapshots.put(k.meta, false))
	}
	in := k.snapshots.contents
	err := errors.Join(k.out.Flush(), k.part.Sync(), k.part.Close())
	if err == nil {
		err = in.keep(k.part.Name(), k.meta.ID)
	}
	if err == nil {
		err = diskfile.SyncFolder(in.dir)
	}
	if err != nil {
		return folderFault(err, in.dir)
	}
	return k.snapshots.put(k.meta, true)
}

// Cancel implements raft.SnapshotSink.
func (k *sink) Cancel() error {
	return folderFault(errors.Join(k.part.Close(), os.Remove(k.part.Name())), k.snapshots.contents.dir)
}

// Open implements raft.SnapshotStore.
func (n *snapshots) Open(id string) (*raft.SnapshotMeta, io.ReadCloser, error) {
	n.mu.Lock()
	newest, held := n.newest, n.held
	n.mu.Unlock()
	if newest == nil || newest.ID != id {
		return nil, nil, fault.New(fault.NotFound, "node.snapshots", "The snapshot was replaced by a newer one.")
	}
	meta := *newest
	file, err := n.hold(&meta, held)
	if err != nil {
		return nil, nil, err
	}
	if meta.Size, err = file.Size(); err != nil {
		return nil, nil, errors.Join(folderFault(err, n.contents.dir), file.Close())
	}
	return &meta, file, nil
}

// hold opens the file with a snapshot's content, which is made for the moment where there is none.
func (n *snapshots) hold(meta *raft.SnapshotMeta, held bool) (content, error) {
	if !held {
		return n.spool(meta.Index)
	}
	file, err := n.contents.open(meta.ID)
	if err != nil {
		return nil, folderFault(err, n.contents.dir)
	}
	return file, nil
}

// spool writes the database's content to a file, because raft has to know its size before it sends it.
func (n *snapshots) spool(from uint64) (content, error) {
	snapshot, err := n.store.Snapshot(n.life)
	if err != nil {
		return nil, err
	}
	defer snapshot.Close()
	if snapshot.Position().Index < from {
		return nil, fault.New(fault.Corrupt, "node.snapshots", "This node's data is older than its log. Remove the node from the cluster and add it again.")
	}
	file, err := n.contents.create("stream")
	if err != nil {
		return nil, folderFault(err, n.contents.dir)
	}
	_, err = snapshot.WriteTo(file)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, spooled{file}.Close())
	}
	return spooled{file}, nil
}

// spooled is a file that goes when it is closed.
type spooled struct{ content }

// Close closes and removes the file.
func (f spooled) Close() error { return errors.Join(f.content.Close(), os.Remove(f.Name())) }
