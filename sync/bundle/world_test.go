package bundle_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/bundle"
	"holdfast/sync/enrol"
	"holdfast/sync/enrol/enroltest"
	"holdfast/sync/generation"
	"holdfast/sync/session"
)

// world is a cluster whose devices have real stores and never meet.
type world struct {
	t       testing.TB
	cluster *enroltest.Cluster
	devices []*device
	revoked map[record.DeviceID]bool
}

type device struct {
	world       *world
	credentials *enrol.Credentials
	store       *store.Store
	inbox       *bundle.Inbox
	known       map[record.DeviceID]session.Device
	raft        bool
	book        *generation.Book
	generation  uint64 // of the group that it is a member of
	now         time.Time
}

func newWorld(t testing.TB) *world {
	return &world{t: t, cluster: enroltest.New(t), revoked: map[record.DeviceID]bool{}}
}

// add makes a device whose key all others know.
func (w *world) add(name string, role enrol.Role, sites ...string) *device {
	w.t.Helper()
	identity := enrol.Identity{Role: role, Name: name, Sites: sites}
	if role == enrol.Desktop {
		identity.Person = uuid.Must(uuid.NewV7())
	}
	d := &device{world: w, raft: role == enrol.Node, known: map[record.DeviceID]session.Device{}, now: time.Now()}
	d.credentials = w.cluster.Member(w.t, identity, func(id record.DeviceID) enrol.Standing {
		if w.revoked[id] {
			return enrol.ShutOut
		}
		return enrol.Welcome
	})
	d.open()
	w.devices = append(w.devices, d)
	for _, one := range w.devices {
		for _, other := range w.devices {
			one.meet(other)
		}
	}
	return d
}

func (d *device) open() {
	t := d.world.t
	t.Helper()
	var err error
	if d.store, err = store.Open(context.Background(), store.Config{Dir: t.TempDir(), Device: d.credentials.Device()}); err != nil {
		t.Fatal(err)
	}
	if d.inbox, err = bundle.OpenInbox(filepath.Join(t.TempDir(), "inbox")); err != nil {
		t.Fatal(err)
	}
	if d.book, err = generation.OpenBook(d.store, d.credentials.Identity().Cluster.String(), d.credentials.VerifyStatement, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.store.Close(); err != nil {
			t.Error(err)
		}
	})
}

func (d *device) id() record.DeviceID { return d.credentials.Device().ID() }

func (d *device) meet(other *device) {
	d.known[other.id()] = session.Device{Key: other.credentials.Device().PublicKey(), Certificate: other.credentials.Membership().Certificate}
}

// KeyOf, Introduce and Admit are session.Devices'.
func (d *device) KeyOf(id record.DeviceID) ed25519.PublicKey { return d.known[id].Key }

func (d *device) Introduce(id record.DeviceID) (session.Device, bool) {
	known, is := d.known[id]
	return known, is
}

func (d *device) Admit(_ context.Context, other session.Device) error {
	identity, err := d.credentials.Verify(other.Certificate)
	if err == nil {
		d.known[identity.Device] = other
	}
	return err
}

func (d *device) mayRead(id record.DeviceID, space record.Space) bool {
	identity, err := d.credentials.Verify(d.known[id].Certificate)
	return err == nil && !d.world.revoked[id] && identity.MayRead(space)
}

func (d *device) config() bundle.Config {
	return bundle.Config{
		Credentials: d.credentials, Store: d.store, Devices: d, MayRead: d.mayRead, CommitsFromRaft: d.raft, Generation: d.generation, Generations: d.book,
		Readers: func(space record.Space) []ed25519.PublicKey {
			var keys []ed25519.PublicKey
			for id, known := range d.known {
				if d.mayRead(id, space) {
					keys = append(keys, known.Key)
				}
			}
			return keys
		},
		Snapshots: session.SnapshotsOf(d.store), Blobs: d.store.Blobs(), Wall: func() time.Time { return d.now }, Random: rand.Reader,
		Log: slog.New(slog.DiscardHandler),
	}
}

// export gives the files of a bundle in their order.
func (d *device) export(wish bundle.Wish) ([]string, bundle.Written) {
	t := d.world.t
	t.Helper()
	folder := t.TempDir()
	written, err := bundle.Export(context.Background(), d.config(), folder, wish)
	if err != nil {
		t.Fatal(err)
	}
	return partsIn(t, folder), written
}

func partsIn(t testing.TB, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	return files
}

// take hands a copy of each file in and gives the faults.
func (d *device) take(files ...string) (id bundle.ID, faults []error) {
	t := d.world.t
	t.Helper()
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		part, err := d.takeBytes(raw)
		if err == nil {
			id = part.Bundle
		}
		faults = append(faults, err)
	}
	return id, faults
}

func (d *device) takeBytes(raw []byte) (bundle.Part, error) {
	t := d.world.t
	t.Helper()
	copied := filepath.Join(t.TempDir(), "arriving")
	if err := os.WriteFile(copied, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	part, _, err := d.inbox.Take(context.Background(), copied, d.credentials.Identity().Cluster.String())
	return part, err
}

// read takes all files in and reads them; nothing may fail.
func (d *device) read(files ...string) bundle.Reading {
	t := d.world.t
	t.Helper()
	id, faults := d.take(files...)
	for _, err := range faults {
		if err != nil {
			t.Fatal(err)
		}
	}
	reading, err := bundle.Read(context.Background(), d.config(), d.inbox, id, nil)
	if err != nil {
		t.Fatal(err)
	}
	return reading
}

func (d *device) write(space record.Space, title string, blobs ...record.Hash) {
	t := d.world.t
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	draft := record.Draft{Space: space, Author: record.ID{1}, Action: "note", Blobs: blobs, Mutations: []record.Mutation{
		{Op: record.OpCreate, Record: id, Kind: "note"}, {Op: record.OpSet, Record: id, Field: "title", Value: record.Text(title)},
	}}
	if _, err := d.store.Append(context.Background(), draft); err != nil {
		t.Fatal(err)
	}
}

// decide agrees on what waits in a space, as a leader would.
func (d *device) decide(space record.Space) {
	t := d.world.t
	t.Helper()
	for {
		front := d.store.Frontier(space)
		entry := record.Entry{Format: record.FormatVersion, Space: space, EvaluatedAt: front.Commit, Generation: front.Generation, Time: front.Time + 1}
		for i, e := range d.store.Pending(space)[:min(500, len(d.store.Pending(space)))] {
			o, err := record.Encode(&record.Outcome{Edit: e.ID, Hash: e.Sealed.Hash(), Commit: front.Commit + uint64(i) + 1, Result: record.Applied})
			if err != nil {
				t.Fatal(err)
			}
			entry.Edits, entry.Outcomes = append(entry.Edits, e.Sealed), append(entry.Outcomes, o)
		}
		if len(entry.Edits) == 0 {
			return
		}
		if applied, err := d.store.Apply(context.Background(), entry, store.RaftPosition{}); err != nil || !applied {
			t.Fatal(applied, err)
		}
	}
}

// stands writes a space's whole state down: where it stands, and what waits.
func (d *device) stands(space record.Space) string {
	front := d.store.Frontier(space)
	text := fmt.Sprintf("%d@%d %s %s", front.Generation, front.Commit, front.Chain, front.Digest)
	for _, tail := range d.store.Tails(space) {
		text += fmt.Sprintf(" %v:%d-%d", tail.Incarnation, tail.Committed, tail.Held)
	}
	return text
}

func same(t *testing.T, space record.Space, a, b *device) {
	t.Helper()
	if x, y := a.stands(space), b.stands(space); x != y {
		t.Errorf("%s:\n%s\n%s", space, x, y)
	}
}
