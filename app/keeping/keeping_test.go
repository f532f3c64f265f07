package keeping

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"log/slog"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"holdfast/app/api"
	"holdfast/app/prefs"
	"holdfast/backend/attachment"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/backend/ticket"
)

type signer struct{ key ed25519.PrivateKey }

func (s signer) ID() record.DeviceID          { return record.DeviceOf(s.PublicKey()) }
func (s signer) Sign(message []byte) []byte   { return ed25519.Sign(s.key, message) }
func (s signer) PublicKey() ed25519.PublicKey { return s.key.Public().(ed25519.PublicKey) }

// bench is one device with its store, at a time that a test sets.
type bench struct {
	*testing.T
	files   *Files
	store   *store.Store
	ahead   atomic.Int64 // of the true time
	revoked atomic.Bool
	looked  atomic.Int64
}

func (b *bench) now() time.Time                 { return time.Now().Add(time.Duration(b.ahead.Load())) }
func (b *bench) Look()                          { b.looked.Add(1) }
func (b *bench) Fetching(record.Hash) bool      { return false }
func (b *bench) isRevoked(record.DeviceID) bool { return b.revoked.Load() }
func (b *bench) days(n int)                     { b.ahead.Store(int64(time.Duration(n) * 24 * time.Hour)) }
func (b *bench) check(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func newBench(t *testing.T, node bool) *bench {
	t.Helper()
	b := &bench{T: t}
	var err error
	b.store, err = store.Open(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "store"), Device: signer{ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))}, Wall: b.now})
	b.check(err)
	own, err := prefs.Open(filepath.Join(t.TempDir(), "settings.json"))
	b.check(err)
	b.files = New(Config{Store: b.store, Blobs: b.store.Blobs(), Prefs: own, KeepsAll: node, Revoked: b.isRevoked, Wall: b.now, Log: slog.New(slog.DiscardHandler)})
	b.files.Share(b)
	t.Cleanup(func() {
		if err := b.files.Close(); err != nil {
			t.Error(err)
		}
		if err := b.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// attach makes a ticket with a file that is not here.
func (b *bench) attach(content []byte) record.Hash {
	b.Helper()
	hash := record.Hash(sha256.Sum256(content))
	b.attachSaid(hash, int64(len(content)))
	return hash
}

func (b *bench) attachSaid(hash record.Hash, size int64) {
	b.Helper()
	id := uuid.Must(uuid.NewV7())
	f := attachment.File{ID: uuid.Must(uuid.NewV7()), Blob: hash, Name: "a.bin", Size: size, Media: attachment.Anything}
	_, err := b.store.Append(b.Context(), record.Draft{Space: record.SiteSpace("LYO"), Action: "attach", Blobs: []record.Hash{hash}, Mutations: []record.Mutation{
		{Op: record.OpCreate, Record: id, Kind: ticket.Incident},
		{Op: record.OpAppend, Record: id, Field: attachment.Field, Item: f.ID, Value: f.Value()},
	}})
	b.check(err)
}

func (b *bench) wants(want ...record.Hash) {
	b.Helper()
	if got := b.files.Wanted(100); !slices.Equal(got, want) {
		b.Errorf("wanted are %v, want %v", got, want)
	}
}

func TestEachPolicyWantsItsFiles(t *testing.T) {
	b := newBench(t, false)
	old := b.attach([]byte("old"))
	b.days(40)
	large := b.attach(bytes.Repeat([]byte("x"), 2<<20))
	b.ahead.Add(int64(time.Hour))
	small := b.attach([]byte("small"))
	b.wants(small, large, old)
	b.check(b.files.SetPolicy(prefs.Files{Keep: prefs.KeepRecent, Days: 30, Megabytes: 1}))
	b.wants(small)
	b.days(80)
	b.wants()
	if standing := b.files.Standing(old); standing.State != api.FileElsewhere {
		t.Errorf("an old file is %+v", standing)
	}
	b.check(b.files.SetPolicy(prefs.Files{Keep: prefs.KeepDemand, Days: 1, Megabytes: 1}))
	b.wants()
	b.check(b.files.Fetch(old))
	b.wants(old)
	if b.looked.Load() != 3 || b.files.Standing(old).State != api.FileWaiting {
		t.Errorf("sessions were told %d times; the file is %+v", b.looked.Load(), b.files.Standing(old))
	}
	b.check(b.files.SetPolicy(prefs.Files{Keep: "of a newer version"}))
	b.wants(old, small, large)
}

func TestANodeKeepsAll(t *testing.T) {
	b := newBench(t, true)
	hash := b.attach([]byte("content"))
	if err := b.files.SetPolicy(prefs.Files{Keep: prefs.KeepDemand}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a node lets go: %v", err)
	}
	b.wants(hash)
	_, _, err := b.store.Blobs().Put(t.Context(), bytes.NewReader([]byte("content")))
	b.check(err)
	b.files.HeldBy(hash, record.DeviceID{2})
	b.days(400)
	if dropped, err := b.files.Tidy(t.Context()); err != nil || dropped != 0 {
		t.Errorf("a node dropped %d, %v", dropped, err)
	}
}

// A file goes only when a node that counts is known to keep it, and a week after it came.
func TestAnOwnFileStaysUntilANodeKeepsIt(t *testing.T) {
	b := newBench(t, false)
	hash := b.attach([]byte("content"))
	_, _, err := b.store.Blobs().Put(t.Context(), bytes.NewReader([]byte("content")))
	b.check(err)
	b.check(b.files.Blobs.NoteHeld(record.Hash{1}, record.DeviceID{2}))
	tidy := func(want int, when string) {
		t.Helper()
		if dropped, err := b.files.Tidy(t.Context()); err != nil || dropped != want {
			t.Fatalf("%s %d were dropped, %v", when, dropped, err)
		}
	}
	b.days(30)
	tidy(0, "with every file kept")
	b.check(b.files.cfg.Prefs.Update(func(s *prefs.Settings) { s.Files.Keep = prefs.KeepDemand }))
	tidy(0, "while nobody else keeps it")
	b.files.HeldBy(hash, record.DeviceID{2})
	b.revoked.Store(true)
	tidy(0, "while its keeper is shut out")
	b.revoked.Store(false)
	b.days(1)
	tidy(0, "a day after it came")
	b.days(30)
	tidy(1, "later")
	if b.files.Standing(hash).State != api.FileElsewhere {
		t.Errorf("it is %+v", b.files.Standing(hash))
	}
	b.wants()
}

func TestAPeerCannotSendMoreThanWasAttached(t *testing.T) {
	b := newBench(t, false)
	hash := b.attach([]byte("content"))
	b.wants(hash)
	if _, err := b.files.WriteChunk(t.Context(), hash, 0, 1<<30, make([]byte, 1000)); !fault.Is(err, fault.Invalid) || b.files.Partial(hash) != 0 {
		t.Errorf("a gigabyte was taken for seven bytes: %v, %d bytes", err, b.files.Partial(hash))
	}
	if done, err := b.files.WriteChunk(t.Context(), hash, 0, 7, []byte("content")); !done || err != nil {
		t.Errorf("the true one: %v, %v", done, err)
	}
	if figures, err := b.files.Figures(); err != nil || figures != (api.FileFigures{Files: 1, Here: 1, Bytes: 7}) {
		t.Errorf("the figures are %+v, %v", figures, err)
	}
}
