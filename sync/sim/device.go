package sim

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"time"

	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/generation"
	"holdfast/sync/session"
	"holdfast/sync/session/memory"
)

// device is a desktop or a node: a real store with its identity and its clock.
type device struct {
	name    string
	node    bool             // by its certificate
	member  *group           // that it was made a member of, or nil
	group   *group           // the same, unless it has heard that another has taken its place
	gone    bool             // for good
	newer   bool             // it runs the newer version of the program
	scarred bool             // its journal was damaged
	book    *generation.Book // what it knows of recoveries; nil: not looked at since its store was opened
	knows   uint64           // the newest generation that it has acted on
	spaces  []record.Space
	key     ed25519.PrivateKey
	dir     string
	disk    *disk
	fresh   int64 // how much of the database's newest changes was there when it was opened
	lives   int   // how often the store was opened in a new folder
	store   *store.Store
	skew    time.Duration // of its wall clock
	random  *source
	roster  *memory.Roster
	claims  *session.Claims
	person  record.ID
	reached map[record.Space]record.Frontier // where it stood last
}

// ID is store.Signer's.
func (d *device) ID() record.DeviceID { return record.DeviceOf(d.PublicKey()) }

// Sign is store.Signer's.
func (d *device) Sign(message []byte) []byte { return ed25519.Sign(d.key, message) }

// PublicKey is store.Signer's.
func (d *device) PublicKey() ed25519.PublicKey { return d.key.Public().(ed25519.PublicKey) }

// source is seeded randomness that several goroutines of a store may read.
type source struct {
	mu   sync.Mutex
	from *rand.ChaCha8
}

// Read is io.Reader's.
func (s *source) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.from.Read(p)
}

func newSource(seed uint64) *source {
	var long [32]byte
	binary.LittleEndian.PutUint64(long[:], seed)
	return &source{from: rand.NewChaCha8(long)}
}

var _ io.Reader = (*source)(nil)

func (w *world) add(name string, node bool, spaces []record.Space) error {
	d := &device{name: name, node: node, spaces: spaces, key: memory.Key(fmt.Sprint(name, w.seed)), claims: session.NewClaims(), reached: map[record.Space]record.Frontier{}}
	if node && !w.recovery.begun() {
		d.member = w.current()
	}
	d.dir = filepath.Join(w.dir, name)
	d.random, d.disk = newSource(w.rand.Uint64()), newDisk(w.rand.Uint64())
	d.person = record.ID(d.ID())
	d.roster = memory.NewRoster(d.PublicKey())
	for _, other := range w.devices {
		if w.chance(50) { // the others are introduced when their edits come
			continue
		}
		d.roster = memory.NewRoster(d.PublicKey(), other.PublicKey())
	}
	if w.chance(50) {
		d.skew = time.Duration(w.rand.IntN(8*3600)-4*3600) * time.Second
	}
	w.devices, w.keys = append(w.devices, d), append(w.keys, d.PublicKey())
	return w.open(d)
}

// acquaint makes a device know the keys of all devices that there ever were.
func (w *world) acquaint(d *device) {
	d.roster = memory.NewRoster(w.keys...)
}

// start opens the device's store. Its wall clock is the world's, wrong by skew.
func (w *world) start(d *device) error {
	opened, err := store.Open(w.ctx, store.Config{
		Dir: d.dir, Device: d, Kinds: d.kinds(), Random: d.random, ByHand: true, Files: d.disk,
		Wall: func() time.Time { return w.now.Add(d.skew) },
	})
	if err != nil {
		return err
	}
	d.store, d.book, d.knows = opened, nil, 0
	if err := w.follow(d); err != nil {
		return err
	}
	newest, err := awaitTidy(w.ctx, d.dir)
	if err != nil {
		return err
	}
	d.fresh, err = dataEnd(newest)
	return err
}

// open starts a device whose disk is sound.
func (w *world) open(d *device) error {
	if err := w.start(d); err != nil {
		return err
	}
	if h := d.store.Health(); h.Rebuilt != "" || len(h.Damage) > 0 && !d.scarred {
		return fmt.Errorf("%s found its disk damaged, which nobody did: %s %v", d.name, h.Rebuilt, h.Damage)
	}
	return w.watch(d)
}
