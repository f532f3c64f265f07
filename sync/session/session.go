// Package session reconciles two replicas: a step function from a message to writes on the local replica and messages to the peer, without
// I/O, goroutines, clocks or randomness of its own. The same steps run over TLS, in memory, in a simulation and into a file.
//
// The two sides greet each other, bring each other's commits up to date, then exchange tentative edits (third parties' too), and stay open:
// Poll pushes what is new. A cut loses nothing: the next session starts from what each side durably holds.
package session

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Role says what a device is in its cluster.
type Role string

// The roles.
const (
	RoleDesktop Role = "desktop"
	RoleNode    Role = "node"
)

// The versions of the conversation that this program speaks.
const (
	ProtocolFrom = 1
	ProtocolTo   = 1
)

const (
	// batchBytes is how much one data message carries; a single signed batch or edit may exceed it.
	batchBytes = 256 << 10
	// windowBytes is how much may be under way unacknowledged; the message that reaches it may exceed it.
	windowBytes = 2 << 20
)

// Config is what a session needs to know. Nothing in it changes while the session lasts.
type Config struct {
	Self    record.DeviceID
	Peer    record.DeviceID // the device that the connection's certificate proves; zero: any
	Role    Role            // of Self
	Cluster string          // at most ClusterBytesMax; both sides must name the same
	Spaces  []record.Space  // the spaces that this replica holds and the peer may read
	// CommitsFromRaft says that the replica has its commits from the Raft group: it serves commits and ignores those offered to it.
	CommitsFromRaft bool
	Generation      uint64 // of that group: 0 while the cluster was never recovered
	Devices         Devices
	Snapshots       Snapshots // nil: whole spaces are neither given nor taken
	// Trusted says that the peer's snapshots may replace what is committed here, where the log between the two is no longer kept: the peer is a node.
	Trusted       bool
	SnapshotAbove uint64 // how many commits a peer without any may lack before it is offered a snapshot; zero: 512
	Blobs         Blobs  // nil: files are neither given nor taken
	// Holds is told of each file that the peer says it holds by now, and of each that it has given; nil: nobody asks.
	Holds  func(record.Hash)
	Claims *Claims // shared by all sessions of the replica; nil: it has this one only
	// TakesOnly says that the peer is a file: this side takes what comes and gives nothing.
	TakesOnly bool
	Log       *slog.Logger
	// Generations knows the cluster's recoveries; nil: none are known.
	Generations Generations
}

type stage uint8

const (
	stageNew   stage = iota // nothing said
	stageHello              // greeted, waiting for the peer's Hello
	stageLive               // both have greeted
	stageOver               // ended; every further message is refused
)

// accepts is the table of the kinds that may arrive in each stage.
var accepts = map[stage][]Kind{
	stageHello: {KindHello, KindGoodbye},
	stageLive: {KindProgress, KindCommits, KindWantCommits, KindOutOfReach, KindEdits, KindWantEdits, KindDevices, KindWantDevices,
		KindSnapshotOffer, KindSnapshotWant, KindSnapshot, KindBlobWant, KindBlobChunk, KindBlobHave, KindGoodbye},
}

// Session is one conversation with one peer. Start, Step, Poll and End are for one goroutine; Status is for any.
type Session struct {
	cfg     Config
	replica Replica
	stage   stage
	peer    Hello // without positions
	shared  map[record.Space]*sharing
	order   []record.Space // of shared, sorted

	taken, told uint64 // data messages taken in, and acknowledged
	flight      []int  // bytes of each data message under way, oldest first
	flightBytes int    // their sum
	sent        uint64 // data messages sent
	introduced  map[record.DeviceID]bool
	asked       map[record.DeviceID]bool
	fetching    map[record.Hash]*fetch // blobs that the peer was asked for, and has not sent whole
	lacking     map[record.Hash]bool   // blobs that the peer said it does not hold
	serving     []BlobWant             // blobs that the peer asked for, oldest first
	owed        map[record.Hash]bool   // blobs that the peer asked for in vain
	parted      bool                   // the peer has said Goodbye
	controls    []Message              // to be sent before any data

	mu     sync.Mutex
	status Status
}

// New makes a session over a replica.
func New(cfg Config, replica Replica) *Session {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.SnapshotAbove == 0 {
		cfg.SnapshotAbove = snapshotAbove
	}
	if cfg.Generations == nil {
		cfg.Generations = noRecoveries{}
	}
	if cfg.Claims == nil {
		cfg.Claims = NewClaims()
	}
	cfg.Spaces = slices.Compact(slices.Sorted(slices.Values(cfg.Spaces)))
	return &Session{
		cfg:        cfg,
		replica:    replica,
		shared:     map[record.Space]*sharing{},
		introduced: map[record.DeviceID]bool{},
		asked:      map[record.DeviceID]bool{},
		fetching:   map[record.Hash]*fetch{},
		lacking:    map[record.Hash]bool{},
		owed:       map[record.Hash]bool{},
		status:     Status{Peer: cfg.Peer},
	}
}

// Start gives the greeting. It is called once, before Step.
func (s *Session) Start() []Message {
	s.stage = stageHello
	hello := &Hello{
		Protocol: Range{ProtocolFrom, ProtocolTo}, Format: Range{1, record.FormatVersion},
		Device: s.cfg.Self, Cluster: s.cfg.Cluster, Role: s.cfg.Role, OwnCommits: s.cfg.CommitsFromRaft,
		Replaces: s.cfg.Trusted && s.cfg.Snapshots != nil && !s.cfg.CommitsFromRaft, Generations: s.cfg.Generations.Statements(),
	}
	tails := 0
	for _, space := range s.cfg.Spaces {
		sh := newSharing(space)
		s.shared[space] = sh
		position := Position{Frontier: s.replica.Frontier(space)}
		position.Frontier.Space = space
		sh.toldCommit = position.Frontier.Commit
		for _, tail := range s.replica.Tails(space) {
			if tails == TailsMax {
				break // the peer sends what it holds of the others once more, and is told then
			}
			tails++
			sh.told[tail.Incarnation] = tail.Held
			position.Tails = append(position.Tails, HeldTail{tail.Incarnation, tail.Held})
		}
		hello.Positions = append(hello.Positions, position)
	}
	return []Message{hello}
}

// Step takes one message of the peer and gives the messages to send, in order. When it fails the session is over; the messages then end with
// the Goodbye that tells the peer why. A Goodbye with CodeDone from the peer ends the session without an error.
func (s *Session) Step(ctx context.Context, m Message) ([]Message, error) {
	if !slices.Contains(accepts[s.stage], m.Kind()) {
		return s.fail(violation("session.Step", "a message came out of turn"))
	}
	if err := s.take(ctx, m); err != nil {
		return s.fail(err)
	}
	return s.pump(ctx)
}

// Refuse ends the session because the peer sent what could not be decoded.
func (s *Session) Refuse(err error) ([]Message, error) { return s.fail(err) }

// Poll gives the messages that tell the peer what is new in the local replica. The caller calls it whenever the replica has changed.
func (s *Session) Poll(ctx context.Context) ([]Message, error) {
	return s.pump(ctx)
}

// End gives the farewell of a session that is closed in good order.
func (s *Session) End() []Message {
	if s.stage == stageOver {
		return nil
	}
	s.over(nil)
	return []Message{&Goodbye{Code: string(CodeDone), Sentence: sentences[CodeDone]}}
}

// Beat gives a message that changes nothing: it tells a silent connection from a dead one. Nil while the session is not live.
func (s *Session) Beat() []Message {
	if s.stage != stageLive {
		return nil
	}
	s.told = s.taken
	return []Message{&Progress{Taken: s.taken}}
}

// Over reports whether the session has ended.
func (s *Session) Over() bool { return s.stage == stageOver }

func (s *Session) take(ctx context.Context, m Message) error {
	switch m := m.(type) {
	case *Hello:
		return s.takeHello(ctx, m)
	case *Progress:
		return s.takeProgress(m)
	case *Commits:
		return s.takeCommits(ctx, m)
	case *WantCommits:
		return s.takeWantCommits(m)
	case *OutOfReach:
		return s.takeOutOfReach(m)
	case *Edits:
		return s.takeEdits(ctx, m)
	case *WantEdits:
		return s.takeWantEdits(m)
	case *Introductions:
		return s.takeDevices(ctx, m)
	case *WantDevices:
		return s.takeWantDevices(m)
	case *Goodbye:
		return s.takeGoodbye(m)
	}
	return s.takeTransfer(ctx, m)
}

// takeTransfer takes the messages that move whole spaces and files.
func (s *Session) takeTransfer(ctx context.Context, m Message) error {
	switch m := m.(type) {
	case *SnapshotOffer:
		return s.takeSnapshotOffer(m)
	case *SnapshotWant:
		return s.takeSnapshotWant(m)
	case *Snapshot:
		return s.takeSnapshot(ctx, m)
	case *BlobWant:
		return s.takeBlobWant(m)
	case *BlobChunk:
		return s.takeBlobChunk(ctx, m)
	case *BlobHave:
		delete(s.lacking, m.Hash)
		s.holds(m.Hash)
		return nil
	}
	return violation("session.Step", "a message came that nobody understands")
}

// fail ends the session and tells the peer why, unless the peer itself ended it.
func (s *Session) fail(err error) ([]Message, error) {
	if s.stage == stageOver {
		return nil, err
	}
	s.over(err)
	code := fault.CodeOf(err)
	if s.parted {
		return nil, err
	}
	if _, ours := sentences[code]; !ours {
		code = CodeFailure // what went wrong inside this device is no business of the peer's
	}
	return []Message{&Goodbye{Code: string(code), Sentence: sentences[code]}}, err
}

// over ends the session; err is nil when it ends in good order.
func (s *Session) over(err error) {
	s.stage = stageOver
	s.releaseBlobs()
	for _, sh := range s.shared {
		s.dropSnapshot(sh)
	}
	s.noteOver(err)
}

func (s *Session) takeGoodbye(m *Goodbye) error {
	s.parted = true
	code := fault.Code(m.Code)
	if code == CodeDone {
		s.over(nil)
		return nil
	}
	if sentence, known := sentences[code]; known {
		return fault.New(code, "session.Goodbye", sentence)
	}
	return fault.New(CodeFailure, "session.Goodbye", sentences[CodeFailure])
}

// space gives the sharing of a space that both sides read, or the fault of naming another.
func (s *Session) space(name record.Space) (*sharing, error) {
	if sh := s.shared[name]; sh != nil {
		return sh, nil
	}
	return nil, violation("session.Step", "data came for a space that is not shared")
}
