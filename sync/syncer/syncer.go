// Package syncer decides whom this device shares with, and when: it dials, listens, backs off, and says for people how things stand.
package syncer

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"runtime"
	"sync"
	"time"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/enrol"
	"holdfast/sync/node"
	"holdfast/sync/session"
	"holdfast/sync/transport"
)

// Group is what a node's syncer asks of the group that the node is a member of; *node.Node is one.
type Group interface {
	Leader() node.Leadership
	LeadershipChanges() (<-chan struct{}, func())
}

// Config says what a syncer needs.
type Config struct {
	Store       *store.Store
	Credentials *enrol.Credentials
	Dialer      *transport.Dialer
	// Listener hands in the sessions that others dial; it is closed with the syncer. Nil: this device cannot be reached.
	Listener net.Listener
	// Addresses gives where others reach this device ("host:port"); nil: nowhere.
	Addresses func() []string
	// Devices knows the authors of edits.
	Devices session.Devices
	// Group is set on a node, which has its commits from there; nil on a desktop.
	Group Group
	// Generation is that group's; Generations knows the cluster's recoveries (nil: none).
	Generation  uint64
	Generations session.Generations
	// LeftBehind gives the nodes that recoveries of the cluster have left behind; nil: there are none.
	LeftBehind func() map[record.DeviceID]bool
	Paused     bool // start paused
	// Files keeps the attached files and says which are wanted; nil: the store's own, all of them.
	Files Files
	Wall  clock.Wall
	// Random gives numbers in [0, 1) that spread retries; nil: math/rand.
	Random func() float64
	Log    *slog.Logger // nil: nothing is logged
}

// Files are the attached files as sessions see them.
type Files interface {
	session.Blobs
	// HeldBy is told that a device which keeps everything holds a file.
	HeldBy(hash record.Hash, keeper record.DeviceID)
}

func (c *Config) fill() error {
	if c.Store == nil || c.Credentials == nil || c.Dialer == nil || c.Devices == nil {
		return fault.New(fault.Invalid, "syncer.New", "Sharing needs a store, this device's certificate, a dialer and the cluster's devices.")
	}
	if c.Addresses == nil {
		c.Addresses = func() []string { return nil }
	}
	if c.Wall == nil {
		c.Wall = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// Syncer keeps this device in touch with others. All methods are safe for concurrent use.
type Syncer struct {
	cfg     Config
	codec   *transport.Codec
	claims  *session.Claims
	life    context.Context
	end     context.CancelFunc
	running sync.WaitGroup
	wake    chan struct{} // something happened that the supervisor may have to look at
	hurry   chan struct{} // somebody waits for it to look

	mu        sync.Mutex
	peers     map[record.DeviceID]*peer
	links     map[record.DeviceID]*link
	talks     map[record.DeviceID]*talk
	sights    map[string]*sight // by address
	paused    bool
	pausedAt  time.Time
	aloneAt   time.Time // since when nobody is connected; on a node, since when nobody leads; zero: somebody is
	unsaved   bool      // peers changed since they were stored
	status    Status
	listeners map[chan struct{}]struct{}
}

// New starts sharing. The peers of earlier runs and those of the invite are dialled at once. ctx bounds the start only.
func New(ctx context.Context, cfg Config) (*Syncer, error) {
	if err := cfg.fill(); err != nil {
		return nil, err
	}
	codec, err := transport.NewCodec(runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, err
	}
	s := &Syncer{
		cfg: cfg, codec: codec, claims: session.NewClaims(), wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1), peers: map[record.DeviceID]*peer{},
		links: map[record.DeviceID]*link{}, talks: map[record.DeviceID]*talk{}, sights: map[string]*sight{}, listeners: map[chan struct{}]struct{}{},
		paused: cfg.Paused, pausedAt: cfg.Wall(), aloneAt: cfg.Wall(),
	}
	s.life, s.end = context.WithCancel(context.Background())
	s.load()
	s.refresh()
	changes := cfg.Store.Subscribe(1)
	s.running.Go(func() {
		defer changes.Close()
		s.supervise(changes)
	})
	if cfg.Listener != nil {
		s.running.Go(s.accept)
	}
	return s, ctx.Err()
}

// Close ends all sessions in good order and waits for everything that the syncer runs. The store stays open.
func (s *Syncer) Close() error {
	s.end()
	var err error
	if s.cfg.Listener != nil {
		err = s.cfg.Listener.Close()
	}
	s.running.Wait()
	if saveErr := s.save(context.Background()); err == nil && !errors.Is(saveErr, context.Canceled) {
		err = saveErr
	}
	return err
}

// Pause closes all sessions and refuses new ones until Resume: "Work offline". It is not remembered beyond this run.
func (s *Syncer) Pause() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paused {
		return
	}
	s.paused, s.pausedAt = true, s.cfg.Wall()
	for _, t := range s.talks {
		t.cancel()
	}
	s.rouse()
}

// Resume shares again, at once.
func (s *Syncer) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paused {
		s.paused, s.aloneAt = false, s.cfg.Wall()
	}
	s.retry()
}

// Renew ends all sessions, so that they begin anew with what this device has learned of the cluster.
func (s *Syncer) Renew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.talks {
		t.cancel()
	}
	s.retry()
}

// Retry dials at once whoever would be dialled later, as after the network changed.
func (s *Syncer) Retry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retry()
}

// Look lets every session look again which files are wanted.
func (s *Syncer) Look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.talks {
		signal(t.changes)
	}
}

// Fetching reports whether a file is on its way from a peer.
func (s *Syncer) Fetching(hash record.Hash) bool { return s.claims.Fetching(hash) }

func (s *Syncer) retry() {
	s.lookAnew()
	for _, p := range s.peers {
		p.passes = 0
	}
	for _, l := range s.links {
		signal(l.now)
	}
	signal(s.hurry)
}

// rouse wakes the supervisor.
func (s *Syncer) rouse() { signal(s.wake) }

// signal leaves a value in c unless there is one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

const (
	// lookAgain is how often the status is looked at while something is going on.
	lookAgain = 500 * time.Millisecond
	// grace is how long nobody may be connected before people are told: starts and changes of a peer take a moment.
	grace = 2 * time.Second
	// settleTime lets a session finish the step that woke the supervisor.
	settleTime = 20 * time.Millisecond
)

// supervise is the one goroutine that decides whom to dial.
func (s *Syncer) supervise(changes *store.Subscription) {
	var leadership <-chan struct{}
	if s.cfg.Group != nil {
		changed, done := s.cfg.Group.LeadershipChanges()
		defer done()
		leadership = changed
	}
	for {
		again := s.refresh()
		var timer <-chan time.Time
		if again > 0 {
			timer = time.After(again)
		}
		select {
		case <-s.life.Done():
			return
		case set, open := <-changes.C():
			if !open {
				return
			}
			s.spread(set)
		case <-leadership:
		case <-timer:
		case <-s.hurry:
		case <-s.wake:
			select {
			case <-s.life.Done():
				return
			case <-time.After(settleTime):
			}
		}
	}
}

// spread tells every session that the replica has changed, and ends those that the change concerns.
func (s *Syncer) spread(set store.ChangeSet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.talks {
		signal(t.changes)
		if s.outgrown(t) {
			t.cancel()
		}
	}
	if !set.Everything && len(set.Moved) == 0 {
		return
	}
	for device, t := range s.talks {
		if s.cfg.Credentials.Revoked(device) {
			t.cancel()
		}
	}
}

// refresh brings links and status up to date, and says when to look again; zero: when something happens.
func (s *Syncer) refresh() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.relink()
	s.announce(s.currentStatus())
	if s.unsaved && len(s.talks) > 0 {
		s.unsaved = false
		s.running.Go(func() {
			if err := s.save(s.life); err != nil && s.life.Err() == nil {
				s.cfg.Log.Warn("The list of peers could not be stored.", "error", err)
			}
		})
	}
	soonest := s.knock()
	if s.status.State == Paused || s.status.State == UpToDate && s.aloneAt.IsZero() || s.status.State == CutOff {
		return soonest
	}
	return lookAgain
}

// relink starts a link to everybody who is to be dialled and ends those to all others.
func (s *Syncer) relink() {
	wanted := map[record.DeviceID]bool{}
	if !s.paused && s.life.Err() == nil {
		for _, device := range s.targets() {
			wanted[device] = true
		}
	}
	for device, l := range s.links {
		if !wanted[device] {
			l.cancel()
			delete(s.links, device)
		}
	}
	for device := range wanted {
		if s.links[device] != nil {
			continue
		}
		s.link(device, nil)
	}
}

// link begins to keep this device connected to a peer, over a connection that is there already (nil: none). The caller holds mu.
func (s *Syncer) link(device record.DeviceID, conn *transport.Conn) {
	ctx, cancel := context.WithCancel(s.life)
	l := &link{device: device, now: make(chan struct{}, 1), cancel: cancel, first: conn}
	s.links[device] = l
	s.running.Go(func() { s.keep(ctx, l) })
}
