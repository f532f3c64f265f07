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
	"holdfast/sync/session"
	"holdfast/sync/session/memory"
)

// device is a desktop or a node: a real store with its identity and its clock.
type device struct {
	name    string
	node    bool
	spaces  []record.Space
	key     ed25519.PrivateKey
	dir     string
	lives   int // how often the store was opened in a new folder
	store   *store.Store
	skew    time.Duration // of its wall clock
	random  *source
	roster  *memory.Roster
	claims  *session.Claims
	person  record.ID
	reached map[record.Space]uint64 // the highest commit number it stood at
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
	d := &device{name: name, node: node, spaces: spaces, key: memory.Key(fmt.Sprint(name, w.seed)), claims: session.NewClaims(), reached: map[record.Space]uint64{}}
	d.dir = filepath.Join(w.dir, name)
	d.random = newSource(w.rand.Uint64())
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
	w.devices = append(w.devices, d)
	return w.open(d)
}

// open opens the device's store. Its wall clock is the world's, wrong by skew.
func (w *world) open(d *device) error {
	var err error
	d.store, err = store.Open(w.ctx, store.Config{
		Dir: d.dir, Device: d, Kinds: kinds, Random: d.random, ByHand: true,
		Wall: func() time.Time { return w.now.Add(d.skew) },
	})
	if err != nil {
		return err
	}
	if h := d.store.Health(); h.Rebuilt != "" || len(h.Damage) > 0 {
		return fmt.Errorf("%s found its disk damaged, which nobody did: %s %v", d.name, h.Rebuilt, h.Damage)
	}
	return w.watch(d)
}

// restart stops a device in good order and starts it again.
func (w *world) restart() error {
	d := pick(w, w.devices)
	w.note("%s restarts", d.name)
	w.hangUp(d)
	if err := d.store.Close(); err != nil {
		return err
	}
	return w.open(d)
}

// crash makes a device go on with what its disk holds at this instant, as after a power cut of the program: nothing was closed.
func (w *world) crash() error {
	d := pick(w, w.devices)
	w.note("%s crashes", d.name)
	w.hangUp(d)
	d.lives++
	fresh := filepath.Join(w.dir, fmt.Sprintf("%s.%d", d.name, d.lives))
	if err := copyFolder(d.dir, fresh); err != nil {
		return err
	}
	if err := d.store.Close(); err != nil {
		return err
	}
	d.dir = fresh
	return w.open(d)
}

// misset sets a device's clock wrong, sometimes absurdly.
func (w *world) misset() error {
	d := pick(w, w.devices)
	d.skew = pick(w, []time.Duration{0, -2 * time.Hour, 3 * time.Minute, 70 * 365 * 24 * time.Hour, -50 * 365 * 24 * time.Hour})
	w.note("%s's clock is wrong by %v", d.name, d.skew)
	return nil
}
