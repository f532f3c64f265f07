package drive_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/session"
	"holdfast/sync/session/drive"
	"holdfast/sync/session/memory"
)

// wire is one end of a connection in memory that holds a few frames, as a socket does.
type wire struct {
	in, out chan []byte
	closed  chan struct{}
	peer    *wire
	once    sync.Once
}

func wires() (*wire, *wire) {
	there, back := make(chan []byte, 4), make(chan []byte, 4)
	a := &wire{in: back, out: there, closed: make(chan struct{})}
	b := &wire{in: there, out: back, closed: make(chan struct{}), peer: a}
	a.peer = b
	return a, b
}

func (w *wire) ReadFrame() ([]byte, error) {
	select {
	case frame := <-w.in:
		return frame, nil
	case <-w.closed:
		return nil, net()
	case <-w.peer.closed:
		select {
		case frame := <-w.in:
			return frame, nil
		default:
			return nil, io.EOF
		}
	}
}

func (w *wire) WriteFrame(frame []byte) error {
	select {
	case w.out <- frame:
		return nil
	case <-w.closed:
		return net()
	case <-w.peer.closed:
		return net()
	}
}

func (w *wire) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

func net() error { return errors.New("the connection is closed") }

type party struct {
	replica *memory.Replica
	roster  *memory.Roster
	changes chan struct{}
	session *session.Session
	ended   chan error
}

func newParty(name string) *party {
	r := memory.New(memory.Key(name), 1)
	return &party{replica: r, roster: memory.NewRoster(r.PublicKey()), changes: make(chan struct{}, 1), ended: make(chan error, 1)}
}

func (p *party) run(ctx context.Context, conn drive.FrameConn, node bool) {
	p.session = session.New(session.Config{Self: p.replica.ID(), Cluster: "acme", Spaces: []record.Space{record.Organisation},
		CommitsFromRaft: node, Devices: p.roster}, p.replica)
	go func() { p.ended <- drive.Run(ctx, conn, p.session, p.changes) }()
}

func (p *party) save(t *testing.T, note string) {
	t.Helper()
	if err := p.replica.Append(record.Organisation, note); err != nil {
		t.Fatal(err)
	}
	p.changes <- struct{}{}
}

func TestWhatOneSavesTheOtherHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		a, n := newParty("A"), newParty("N")
		left, right := wires()
		a.run(ctx, left, false)
		n.run(t.Context(), right, true)
		a.save(t, "one")
		synctest.Wait()
		if got := n.replica.Tails(record.Organisation); len(got) != 1 || got[0].Held != 1 {
			t.Fatalf("the node holds %v", got)
		}
		if _, err := n.replica.Decide(record.Organisation, 1); err != nil {
			t.Fatal(err)
		}
		n.changes <- struct{}{}
		synctest.Wait()
		if !a.session.Status().Covered || a.replica.Frontier(record.Organisation).Commit != 1 {
			t.Fatalf("A knows %+v", a.session.Status())
		}
		cancel()
		if err := <-a.ended; !errors.Is(err, context.Canceled) {
			t.Fatalf("A ended with %v", err)
		}
		if err := <-n.ended; err != nil {
			t.Fatalf("the node was told goodbye, and ended with %v", err)
		}
	})
}

// Far more is under way both ways than the connection holds: neither side may wait for the other to read.
func TestBothSidesWriteAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newParty("A"), newParty("B")
		notes := make([]string, 20)
		for i := range notes {
			notes[i] = string(make([]byte, 40<<10))
		}
		for range 10 {
			for _, p := range []*party{a, b} {
				if err := p.replica.Append(record.Organisation, notes...); err != nil {
					t.Fatal(err)
				}
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		left, right := wires()
		a.run(ctx, left, false)
		b.run(ctx, right, false)
		synctest.Wait()
		if !a.session.Status().Covered || !b.session.Status().Covered {
			t.Fatalf("not everything arrived: %+v, %+v", a.session.Status(), b.session.Status())
		}
		cancel()
		<-a.ended
		<-b.ended
	})
}

func TestASilentConnectionIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newParty("A")
		left, right := wires()
		defer right.Close()
		go func() { // a peer that reads and never says a word
			for {
				if _, err := right.ReadFrame(); err != nil {
					return
				}
			}
		}()
		began := time.Now()
		a.run(t.Context(), left, false)
		err := <-a.ended
		if !fault.Is(err, fault.Unavailable) {
			t.Fatalf("ended with %v", err)
		}
		if waited := time.Since(began); waited > time.Minute {
			t.Fatalf("waited %v", waited)
		}
		if a.session.Status().Err == nil {
			t.Fatal("the status does not say why")
		}
	})
}

func TestAQuietConnectionStaysOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		a, b := newParty("A"), newParty("B")
		left, right := wires()
		a.run(ctx, left, false)
		b.run(ctx, right, false)
		time.Sleep(time.Hour) // of the bubble's own time
		if !a.session.Status().Live || !b.session.Status().Live {
			t.Fatal("the session ended")
		}
		cancel()
		<-a.ended
		<-b.ended
	})
}

func TestNonsenseEndsTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newParty("A")
		left, right := wires()
		defer right.Close()
		a.run(t.Context(), left, false)
		if _, err := right.ReadFrame(); err != nil {
			t.Fatal(err)
		}
		if err := right.WriteFrame([]byte{99, 1, 2, 3}); err != nil {
			t.Fatal(err)
		}
		frame, err := right.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		m, err := session.Decode(frame)
		if err != nil {
			t.Fatal(err)
		}
		if bye, ok := m.(*session.Goodbye); !ok || bye.Code != string(session.CodeViolation) {
			t.Fatalf("the answer was %+v", m)
		}
		if err := <-a.ended; !fault.Is(err, session.CodeViolation) {
			t.Fatalf("ended with %v", err)
		}
	})
}
