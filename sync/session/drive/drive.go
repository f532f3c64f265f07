// Package drive runs a session over a connection: the small loop between the step function and the network.
package drive

import (
	"context"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/sync/session"
)

const (
	// beatEvery is how often a message goes out, so that the peer can tell silence from a dead connection; silenceMax is how long this side
	// waits for one.
	beatEvery  = 5 * time.Second
	silenceMax = 3 * beatEvery
	// farewellMax bounds how long the last messages may take to leave.
	farewellMax = 2 * time.Second
	// backlogBytesMax is how much may wait to be written before no more is read. It lies above what an honest peer can cause, so that two sides
	// that both write never wait for each other.
	backlogBytesMax = 16 << 20
)

// FrameConn carries whole frames in order. ReadFrame and WriteFrame are called from one goroutine each; Close makes both return.
type FrameConn interface {
	ReadFrame() ([]byte, error)
	WriteFrame(frame []byte) error
	Close() error
}

// Run holds the conversation until it ends, and closes conn. A value on changes says that the local replica has changed. It returns nil when the
// peer ended it in good order, ctx's error when ctx ended it (the peer is told), a session's fault, or fault.Unavailable when the connection broke.
// Nothing that it started is left running.
func Run(ctx context.Context, conn FrameConn, s *session.Session, changes <-chan struct{}) error {
	l := &loop{conn: conn, session: s, in: make(chan arrival), out: make(chan []byte), broken: make(chan error, 1), done: make(chan struct{})}
	l.start()
	err := l.send(s.Start())
	if err == nil {
		err = l.run(ctx, changes)
	}
	if err != nil {
		_, _ = s.Refuse(err) // an ended session stays as it is; a cut one ends here, with nobody left to tell
	}
	l.farewell()
	l.stop()
	return err
}

type arrival struct {
	frame []byte
	err   error
}

type loop struct {
	conn    FrameConn
	session *session.Session
	in      chan arrival // read frames; nothing comes after an error
	out     chan []byte  // frames to write
	broken  chan error   // the writer's failure
	done    chan struct{}
	ended   [2]chan struct{}

	backlog      [][]byte
	backlogBytes int
}

func (l *loop) start() {
	l.ended = [2]chan struct{}{make(chan struct{}), make(chan struct{})}
	go l.read()
	go l.write()
}

// stop ends both goroutines and waits for them. The writer's queue is closed by then.
func (l *loop) stop() {
	close(l.done)
	_ = l.conn.Close() // the conversation is over either way
	<-l.ended[0]
	<-l.ended[1]
}

func (l *loop) read() {
	defer close(l.ended[0])
	for {
		frame, err := l.conn.ReadFrame()
		select {
		case l.in <- arrival{frame, err}:
		case <-l.done:
			return
		}
		if err != nil {
			return
		}
	}
}

func (l *loop) write() {
	defer close(l.ended[1])
	for frame := range l.out {
		if err := l.conn.WriteFrame(frame); err != nil {
			l.broken <- err
			return
		}
	}
}

// run steps the session until it is over or the connection breaks.
func (l *loop) run(ctx context.Context, changes <-chan struct{}) error {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	heard := time.Now()
	for !l.session.Over() {
		in, out, next := l.in, chan<- []byte(nil), []byte(nil)
		if l.backlogBytes > backlogBytesMax {
			in = nil
		}
		if len(l.backlog) > 0 {
			out, next = l.out, l.backlog[0]
		}
		var err error
		select {
		case <-ctx.Done():
			_ = l.send(l.session.End()) // what cannot be said any more need not be
			return ctx.Err()
		case err = <-l.broken:
			return cut(err)
		case got := <-in:
			heard = time.Now()
			err = l.take(ctx, got)
		case out <- next:
			l.sent()
		case <-changes:
			err = l.answer(l.session.Poll(ctx))
		case <-beat.C:
			if time.Since(heard) > silenceMax {
				return cut(context.DeadlineExceeded)
			}
			err = l.send(l.session.Beat())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *loop) take(ctx context.Context, got arrival) error {
	if got.err != nil {
		return cut(got.err)
	}
	m, err := session.Decode(got.frame)
	if err != nil {
		return l.answer(l.session.Refuse(err))
	}
	return l.answer(l.session.Step(ctx, m))
}

// answer queues messages, those of a failed step too, and passes the failure on.
func (l *loop) answer(messages []session.Message, failure error) error {
	if err := l.send(messages); err != nil {
		return err
	}
	return failure
}

func (l *loop) send(messages []session.Message) error {
	for _, m := range messages {
		frame, err := session.Encode(m)
		if err != nil {
			return err
		}
		l.backlog = append(l.backlog, frame)
		l.backlogBytes += len(frame)
	}
	return nil
}

func (l *loop) sent() {
	l.backlogBytes -= len(l.backlog[0])
	l.backlog[0] = nil
	l.backlog = l.backlog[1:]
}

// farewell lets what is still to be said leave, the Goodbye above all, for a short time.
func (l *loop) farewell() {
	patience, end := context.WithTimeout(context.Background(), farewellMax)
	defer end()
	for len(l.backlog) > 0 {
		select {
		case l.out <- l.backlog[0]:
			l.sent()
			continue
		case <-l.broken:
		case <-patience.Done():
		}
		break
	}
	close(l.out)
	select {
	case <-l.ended[1]:
	case <-patience.Done():
	}
}

func cut(err error) error {
	return fault.Wrap(err, fault.Unavailable, "drive.Run", "The connection to the other device was cut. Nothing was lost; it is tried again.")
}
