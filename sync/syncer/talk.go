package syncer

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
	"holdfast/sync/session"
	"holdfast/sync/session/drive"
	"holdfast/sync/standing"
	"holdfast/sync/transport"
)

// talk is one session with one peer.
type talk struct {
	peer     enrol.Identity
	address  string
	outgoing bool
	spaces   []record.Space
	session  *session.Session
	changes  chan struct{}
	cancel   context.CancelFunc
}

// errDoubled says that the same two devices have another session, which is the one that stays.
var errDoubled = errors.New("another session with the device stays")

// talkOver holds a session over a connection until it ends. address is where the peer was dialled, "" when it dialled.
func (s *Syncer) talkOver(ctx context.Context, conn *transport.Conn, address string) error {
	wires := &frames{conn: conn, reader: transport.NewFrameReader(conn, s.codec), writer: transport.NewFrameWriter(conn, s.codec), moved: s.rouse}
	theirs, err := s.showCards(ctx, wires, conn.Peer().Identity)
	if err != nil {
		return errors.Join(cut(err), conn.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := &talk{peer: conn.Peer().Identity, address: address, outgoing: address != "", changes: make(chan struct{}, 1), cancel: cancel}
	t.spaces = s.spacesWith(t.peer, theirs)
	t.session = session.New(s.sessionConfig(t), s.cfg.Store)
	if !s.enter(t, conn.Peer()) {
		return errors.Join(errDoubled, conn.Close())
	}
	defer s.leave(t)
	err = drive.Run(ctx, wires, t.session, t.changes)
	s.noteStanding(t)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (s *Syncer) sessionConfig(t *talk) session.Config {
	self := s.cfg.Credentials.Identity()
	c := session.Config{
		Self: self.Device, Peer: t.peer.Device, Role: session.RoleDesktop, Cluster: self.Cluster.String(), Spaces: t.spaces,
		CommitsFromRaft: s.cfg.Group != nil, Generation: s.cfg.Generation, Generations: s.cfg.Generations, Devices: s.cfg.Devices, Snapshots: session.SnapshotsOf(s.cfg.Store), Blobs: s.cfg.Store.Blobs(),
		Trusted: t.peer.Role == enrol.Node, Claims: s.claims, Log: s.cfg.Log,
	}
	if self.Role == enrol.Node {
		c.Role = session.RoleNode
	}
	if files := s.cfg.Files; files != nil {
		c.Blobs = files
		if t.peer.Role == enrol.Node { // as its certificate says
			c.Holds = func(hash record.Hash) { files.HeldBy(hash, t.peer.Device) }
		}
	}
	return c
}

// spacesWith gives the spaces that both sides may read. A node holds what others bring, so it offers the peer's own ones too, and those that another node holds.
func (s *Syncer) spacesWith(peer enrol.Identity, theirs []record.Space) []record.Space {
	self := s.cfg.Credentials.Identity()
	spaces := self.Spaces()
	if self.Role == enrol.Node {
		spaces = slices.Concat(spaces, peer.Spaces(), s.cfg.Store.Spaces())
		if peer.Role == enrol.Node {
			spaces = append(spaces, theirs...)
		}
	}
	slices.Sort(spaces)
	return slices.DeleteFunc(slices.Compact(spaces), func(space record.Space) bool { return !peer.MayRead(space) })
}

// outgrown reports whether the replica holds spaces by now that a session should carry and does not.
func (s *Syncer) outgrown(t *talk) bool {
	return t.peer.Role == enrol.Node && len(s.spacesWith(t.peer, t.spaces)) > len(t.spaces)
}

// enter makes a session the one with its peer; false when another stays. Of two that the two devices dialled at once, both sides keep the one that the
// lower device dialled; of two that one device dialled, the newer one, since that device has given up the other.
func (s *Syncer) enter(t *talk, who transport.Peer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paused {
		return false
	}
	if other := s.talks[t.peer.Device]; other != nil {
		own := s.cfg.Credentials.Identity().Device
		lower := bytes.Compare(own[:], t.peer.Device[:]) < 0
		if other.outgoing != t.outgoing && t.outgoing != lower {
			return false
		}
		other.cancel()
	}
	s.talks[t.peer.Device] = t
	p := s.meet(who, t.address)
	p.taken, p.covered = 0, false
	s.rouse()
	return true
}

func (s *Syncer) leave(t *talk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.talks[t.peer.Device] == t {
		s.noteTalk(t)
		delete(s.talks, t.peer.Device)
	}
	s.unsaved = true
	s.rouse()
}

// noteTalk keeps what a session has achieved.
func (s *Syncer) noteTalk(t *talk) {
	p := s.peers[t.peer.Device]
	if p == nil {
		return
	}
	status := t.session.Status()
	if status.Taken != p.taken || status.Covered && (!p.covered || status.Live) {
		p.Exchanged = s.cfg.Wall().UTC()
	}
	p.taken, p.covered, p.moved = status.Taken, status.Covered, status.Taken+status.Given
}

// noteStanding remembers where the peer of a session said that it stands, for bundles that are made for it when it cannot be reached.
func (s *Syncer) noteStanding(t *talk) {
	var fronts []record.Frontier
	for _, one := range t.session.Status().Spaces {
		one.Theirs.Space = one.Space
		fronts = append(fronts, one.Theirs)
	}
	if err := standing.Note(context.Background(), s.cfg.Store, t.peer.Device, fronts); err != nil {
		s.cfg.Log.Warn("Where a peer stands could not be remembered.", "peer", t.peer.Device, "error", err)
	}
}

// NoteStandings remembers where the peers of all sessions stand now.
func (s *Syncer) NoteStandings(context.Context) {
	s.mu.Lock()
	talks := slices.Collect(maps.Values(s.talks))
	s.mu.Unlock()
	for _, t := range talks {
		s.noteStanding(t)
	}
}

// Claims are what the sessions of this device share out among them: whoever else takes something in asks them too.
func (s *Syncer) Claims() *session.Claims { return s.claims }

// cut gives a broken connection its code and sentence.
func cut(err error) error {
	if fault.CodeOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "syncer.talk", "The other device ended the connection; perhaps it works offline. It is tried again.")
}

// showCards exchanges cards with a peer and gives the spaces that its card names.
func (s *Syncer) showCards(ctx context.Context, wires *frames, to enrol.Identity) ([]record.Space, error) {
	stop := context.AfterFunc(ctx, func() { _ = wires.Close() })
	defer stop()
	if err := wires.conn.SetDeadline(time.Now().Add(cardTime)); err != nil {
		return nil, err
	}
	mine, err := s.ownCard(to)
	if err != nil {
		return nil, err
	}
	first := s.brief(to.Device, mine)
	if err := wires.writeCard(first); err != nil {
		return nil, err
	}
	theirs, err := wires.readCard()
	if err != nil {
		return nil, err
	}
	others := theirs.Others
	if len(theirs.Digest) > 0 && first.follows(theirs.Held) {
		if err := wires.writeCard(card{Others: mine.Others}); err != nil {
			return nil, err
		}
	}
	if theirs.follows(first.Held) {
		second, err := wires.readCard()
		if err != nil {
			return nil, err
		}
		others = second.Others
	}
	spaces := s.takeCards(to, &theirs, others)
	return spaces, wires.conn.SetDeadline(time.Time{})
}

// frames is a connection as drive needs it.
type frames struct {
	conn   *transport.Conn
	reader *transport.FrameReader
	writer *transport.FrameWriter
	moved  func() // called when something came or went
}

// ReadFrame implements drive.FrameConn.
func (f *frames) ReadFrame() ([]byte, error) {
	frame, err := f.reader.ReadFrame()
	f.moved()
	return frame, err
}

// WriteFrame implements drive.FrameConn.
func (f *frames) WriteFrame(frame []byte) error { return f.writer.WriteFrame(frame) }

func (f *frames) writeCard(c card) error {
	raw, err := record.Encode(c)
	if err != nil {
		return err
	}
	return f.WriteFrame(raw)
}

func (f *frames) readCard() (card, error) {
	raw, err := f.ReadFrame()
	if err != nil {
		return card{}, err
	}
	return decodeCard(raw)
}

// Close implements drive.FrameConn.
func (f *frames) Close() error { return f.conn.Close() }
