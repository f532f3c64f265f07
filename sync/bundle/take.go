package bundle

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"slices"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/enrol"
	"holdfast/sync/session"
	"holdfast/sync/standing"
)

// Taken says what came of one space.
type Taken struct {
	Space        record.Space
	NewEdits     int // changes that were not here
	KnownEdits   int
	Aside        int // changes whose id names other content here: set aside for a person
	LeftEdits    int // changes that could not be taken
	NewCommits   int // agreed changes that were not here
	KnownCommits int
	LeftCommits  int
	Snapshot     bool // the agreed state was taken as a whole
	// Why what was left could not be taken: a code and a sentence for each reason.
	Why []*fault.Fault
}

func (t *Taken) because(why *fault.Fault) {
	if !slices.ContainsFunc(t.Why, func(f *fault.Fault) bool { return f.Code == why.Code }) {
		t.Why = append(t.Why, why)
	}
}

func (r *Reading) taken(space record.Space) *Taken {
	for i := range r.Taken {
		if r.Taken[i].Space == space {
			return &r.Taken[i]
		}
	}
	r.Taken = append(r.Taken, Taken{Space: space})
	return &r.Taken[len(r.Taken)-1]
}

// tally is the replica, counting what a session writes to it.
type tally struct {
	session.Replica
	accepted, known, aside, applied int
}

// Receive counts what became of a run.
func (t *tally) Receive(ctx context.Context, keys func(record.DeviceID) ed25519.PublicKey, space record.Space, run []record.Sealed) (store.Received, error) {
	received, err := t.Replica.Receive(ctx, keys, space, run)
	if err == nil {
		t.accepted += received.Accepted
		t.known += received.Known
		t.aside += len(received.Quarantined)
	}
	return received, err
}

// ApplyRun counts what was applied.
func (t *tally) ApplyRun(ctx context.Context, entries []record.Entry, at store.RaftPosition) (bool, error) {
	applied, err := t.Replica.ApplyRun(ctx, entries, at)
	if applied && err == nil {
		for i := range entries {
			t.applied += len(entries[i].Outcomes)
		}
	}
	return applied, err
}

// taker holds the reader's side of the conversation that a section has recorded.
type taker struct {
	cfg     *Config
	reading *Reading
	out     *Taken
	space   record.Space
	theirs  record.Frontier // where the writer stood
	session *session.Session
	tally   *tally
	files   *offered

	trusted   bool // the writer is a node: its agreed state may take the place of this device's
	noCommits bool // agreed changes are not taken from this bundle
	quietly   bool // … and that is as it should be
	// loose are the edits of agreed changes that are taken as edits, until the end of their batch is there; nil: agreed changes are what they are.
	loose    map[record.Incarnation][]record.Sealed
	snapshot bool // the session has taken an offer up
	after    []byte
	file     record.Hash // the file that is coming
	from     int64       // where this device goes on with it; below zero: it is not wanted
}

// take takes a section in.
func take(ctx context.Context, cfg *Config, o *opened, author Author, reading *Reading) error {
	first, err := o.next()
	if err != nil {
		return broken(err)
	}
	hello, is := first.(*session.Hello)
	if !is {
		return broken(errors.New("a section does not begin with a greeting"))
	}
	if !cfg.Credentials.Identity().MayRead(o.Space) {
		return nil // whoever wrote it took this device for another: what is not for it does not reach its disk
	}
	if err := cfg.learn(ctx, hello.Generations); err != nil {
		return err
	}
	t := &taker{cfg: cfg, reading: reading, space: o.Space, tally: &tally{Replica: cfg.Store}, from: -1}
	reading.space(o.Space)
	t.out = reading.taken(o.Space)
	count(hello, reading.space(o.Space), &reading.Content)
	t.greet(hello, author)
	defer func() {
		t.session.End()
		t.out.NewEdits += t.tally.accepted
		t.out.KnownEdits += t.tally.known
		t.out.Aside += t.tally.aside
		t.out.NewCommits += t.tally.applied
	}()
	if err := t.listen(ctx, hello, o); err != nil {
		return err
	}
	if author.Trust == Trusted && author.Device != cfg.self() {
		return standing.Note(ctx, cfg.Store, author.Device, []record.Frontier{t.theirs})
	}
	return nil
}

// greet makes the session and decides what of the section can be taken. The greeting that the session is given says no more than that.
func (t *taker) greet(hello *session.Hello, author Author) {
	t.theirs.Space = t.space
	for _, position := range hello.Positions {
		if position.Frontier.Space == t.space {
			t.theirs = position.Frontier
		}
	}
	t.trusted = author.Role == enrol.Node && author.Trust == Trusted
	mine := t.cfg.Store.Frontier(t.space)
	switch {
	case t.cfg.CommitsFromRaft:
		t.noCommits, t.quietly = true, true
		if t.cfg.left(t.theirs) {
			t.quietly = false
			t.judgeGenerations(mine)
		}
	case author.Trust == Revoked:
		t.refuseCommits("author_revoked", "The device that wrote the bundle was shut out. The changes in it are signed by their authors and were taken; agreed changes are taken from other devices only.")
	case author.Trust == Expired:
		t.refuseCommits("author_expired", "The certificate of the device that wrote the bundle had run out. The changes in it are signed by their authors and were taken; agreed changes are taken from other devices only.")
	default:
		t.judgeGenerations(mine)
	}
	position := session.Position{Frontier: t.theirs}
	if t.noCommits {
		position.Frontier = record.Frontier{Space: t.space}
	}
	hello.Positions, hello.Device = []session.Position{position}, author.Device
	if author.Device == t.cfg.self() {
		hello.Device = record.DeviceID{} // a device may read what it wrote itself
	}
	cfg := session.Config{
		Self: t.cfg.self(), Role: session.RoleDesktop, Cluster: t.cfg.cluster(), Spaces: []record.Space{t.space},
		CommitsFromRaft: t.cfg.CommitsFromRaft, Generation: t.cfg.Generation, Generations: t.cfg.Generations, Devices: t.cfg.Devices, Snapshots: t.cfg.Snapshots, Claims: t.cfg.Claims,
		Trusted: t.trusted, TakesOnly: true, Log: t.cfg.Log,
	}
	if t.cfg.Blobs != nil {
		t.files = &offered{Blobs: t.cfg.Blobs}
		cfg.Blobs = t.files
	}
	t.session = session.New(cfg, t.tally)
	t.session.Start()
}

func (t *taker) refuseCommits(code fault.Code, sentence string) {
	t.noCommits = true
	t.out.because(fault.New(code, "bundle.Read", sentence))
}

// listen gives the session the greeting and every message that it can use.
func (t *taker) listen(ctx context.Context, hello *session.Hello, o *opened) error {
	err := t.step(ctx, hello)
	for err == nil {
		var m session.Message
		if m, err = o.next(); errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			count(m, t.reading.space(t.space), &t.reading.Content)
			err = t.hear(ctx, m)
		}
	}
	switch fault.CodeOf(err) {
	case session.CodeHistoryDiffers, session.CodeGenerationBehind:
		// It concerns this space only, and nothing of it was written.
		t.out.because(fault.New(fault.CodeOf(err), "bundle.Read", fault.SentenceOf(err)))
		return nil
	case session.CodeProtocol:
		return fault.Wrap(err, fault.NewerFormat, "bundle.Read", "This bundle was written by a Holdfast that is too far from this one. Update the older of the two.")
	case session.CodeViolation:
		return broken(err)
	}
	return err
}

// hear takes one message.
func (t *taker) hear(ctx context.Context, m session.Message) error {
	switch m := m.(type) {
	case *session.Introductions:
		return t.step(ctx, m)
	case *session.Edits:
		return t.edits(ctx, m)
	case *session.Commits:
		return t.commits(ctx, m)
	case *session.OutOfReach:
		t.out.because(fault.New(TooBehind, "bundle.Read", tooBehind))
		return nil
	case *session.SnapshotOffer:
		return t.offer(ctx, m)
	case *session.Snapshot:
		return t.chunk(ctx, m)
	case *session.BlobChunk:
		return t.fileChunk(ctx, m)
	}
	return broken(errors.New("a message stands in a file that belongs into a conversation"))
}

const tooBehind = "Some of the bundle builds on agreed changes that this device lacks. Make a bundle with all agreed changes on the other device, or let the two meet."

func (t *taker) edits(ctx context.Context, m *session.Edits) error {
	before := t.tally.accepted + t.tally.known + t.tally.aside
	err := t.step(ctx, m)
	t.out.LeftEdits += len(m.Run) - (t.tally.accepted + t.tally.known + t.tally.aside - before)
	return err
}

func (t *taker) commits(ctx context.Context, m *session.Commits) error {
	front, rows := t.cfg.Store.Frontier(t.space), uint64(len(m.Rows))
	switch {
	case t.noCommits && t.quietly:
		return nil
	case t.noCommits:
		t.out.LeftCommits += len(m.Rows)
		if t.loose != nil {
			return t.salvage(ctx, m)
		}
		return nil
	case t.cfg.left(front):
		t.strand(len(m.Rows))
		return nil
	case m.From > front.Commit+1:
		t.out.LeftCommits += len(m.Rows)
		t.out.because(fault.New(TooBehind, "bundle.Read", tooBehind))
		return nil
	}
	known := 0
	if front.Commit >= m.From {
		known = int(min(front.Commit-m.From+1, rows))
	}
	before := t.tally.applied
	err := t.step(ctx, m)
	t.out.KnownCommits += known
	t.out.LeftCommits += max(0, len(m.Rows)-known-(t.tally.applied-before))
	return err
}

func (t *taker) offer(ctx context.Context, m *session.SnapshotOffer) error {
	front := t.cfg.Store.Frontier(t.space)
	if t.noCommits || t.cfg.Snapshots == nil || front.Commit >= m.Frontier.Commit && !t.cfg.left(front) {
		return nil
	}
	if front.Commit > 0 && !t.trusted {
		t.out.because(fault.New(TooBehind, "bundle.Read", tooBehind))
		return nil
	}
	if err := t.step(ctx, m); err != nil {
		return err
	}
	if !t.snapshot {
		return fault.New(fault.Unavailable, "bundle.Read", "This device is just taking the agreed state from another device. Read the bundle again in a moment.")
	}
	return nil
}

// chunk takes a piece of a snapshot, without what an earlier reading has taken of it.
func (t *taker) chunk(ctx context.Context, m *session.Snapshot) error {
	if !t.snapshot {
		return nil
	}
	for len(m.Chunk.Rows) > 0 && bytes.Compare(m.Chunk.Rows[0].Key, t.after) <= 0 {
		m.Chunk.Rows = m.Chunk.Rows[1:]
	}
	if len(m.Chunk.Rows) == 0 && !m.Chunk.Done {
		return nil
	}
	if err := t.step(ctx, m); err != nil {
		return err
	}
	t.after = m.Chunk.Last
	if m.Chunk.Done {
		t.snapshot, t.out.Snapshot = false, true
	}
	return nil
}

// step gives the session a message and looks at what it would have answered.
func (t *taker) step(ctx context.Context, m session.Message) error {
	said, err := t.session.Step(ctx, m)
	t.observe(said)
	return err
}

func (t *taker) observe(said []session.Message) {
	for _, m := range said {
		switch m := m.(type) {
		case *session.WantEdits, *session.WantCommits:
			t.out.because(fault.New(TooBehind, "bundle.Read", tooBehind))
		case *session.WantDevices:
			t.out.because(fault.New("author_unknown", "bundle.Read", "Some changes are by devices that this device does not know yet. They are taken once it does."))
		case *session.SnapshotWant:
			t.snapshot, t.after = true, m.After
		case *session.BlobWant:
			if m.Hash == t.file {
				t.from = int64(m.Offset)
			}
		}
	}
}
