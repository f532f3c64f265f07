package scenario

import (
	"math/rand/v2"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// loopback is a storm's ground where all devices run on this host, each behind a wire.
type loopback struct{ wires map[*sheltered]*wire }

func (l *loopback) shelter(t *testing.T, name string, node bool) *sheltered {
	t.Helper()
	listens := freeAddress(t)
	d := &sheltered{device: &device{name: name, folder: filepath.Join(t.TempDir(), "data")}}
	l.wires[d] = newWire(t, listens)
	d.args = []string{"serve", "--listen", "127.0.0.1:0", "--peers", listens}
	if node {
		d.args = []string{"node", "--listen", listens}
	}
	d.args = append(d.args, "--advertise", l.wires[d].address())
	return d
}

func (l *loopback) faults(_ *testing.T, d *sheltered, random *rand.Rand) []fault {
	w, delay := l.wires[d], time.Duration(20+random.IntN(180))*time.Millisecond
	return []fault{{"cut off", w.cut, w.heal}, {"slow", func() { w.slow(delay) }, w.heal}}
}

func (l *loopback) wide(*testing.T) []fault { return nil }

// wire is the network in front of a device: others reach it at the wire's address only, and the wire can be cut and slowed.
type wire struct {
	listener net.Listener
	target   string // where the device listens
	running  sync.WaitGroup

	mu    sync.Mutex
	down  bool
	delay time.Duration // added to every piece that passes
	conns map[net.Conn]bool
}

// newWire lays a wire to an address; it is gone when the test ends.
func newWire(t *testing.T, target string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener, target: target, conns: map[net.Conn]bool{}}
	w.running.Go(w.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		w.cut()
		w.running.Wait()
	})
	return w
}

func (w *wire) address() string { return w.listener.Addr().String() }

// cut breaks every connection in the middle of what it carries, and lets none through until heal.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = true
	for conn := range w.conns {
		_ = conn.Close()
	}
}

func (w *wire) heal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down, w.delay = false, 0
}

func (w *wire) slow(delay time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.delay = delay
}

func (w *wire) accept() {
	for {
		from, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.running.Go(func() { w.carry(from) })
	}
}

// carry passes one connection on until either side or the wire ends it.
func (w *wire) carry(from net.Conn) {
	defer from.Close()
	if !w.keep(from) {
		return
	}
	defer w.forget(from)
	to, err := net.DialTimeout("tcp4", w.target, time.Second)
	if err != nil {
		return
	}
	defer to.Close()
	if !w.keep(to) {
		return
	}
	defer w.forget(to)
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
		both.Go(func() {
			w.pass(way[0], way[1])
			_ = from.Close()
			_ = to.Close()
		})
	}
	both.Wait()
}

func (w *wire) keep(conn net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.down {
		w.conns[conn] = true
	}
	return !w.down
}

func (w *wire) forget(conn net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, conn)
}

func (w *wire) pass(from, to net.Conn) {
	piece := make([]byte, 16<<10)
	for {
		n, err := from.Read(piece)
		if err != nil {
			return
		}
		w.mu.Lock()
		delay := w.delay
		w.mu.Unlock()
		if delay > 0 {
			time.Sleep(delay) // the fault itself: this is how long the piece is under way
		}
		if _, err := to.Write(piece[:n]); err != nil {
			return
		}
	}
}
