// Package nearby finds devices of one's own site on the local network, by multicast DNS: for the day on which none of the addresses that are known leads anywhere. What it finds
// is a hint where to knock. It grants no trust: whoever answers there must show a certificate of the cluster.
package nearby

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"holdfast/backend/core/fault"
)

// Config says what to announce and where.
type Config struct {
	// Authority is the certificate of the cluster's authority, DER; Sites are the codes of the device's sites.
	Authority []byte
	Sites     []string
	Port      uint16 // where this device listens
	// Interfaces gives where to speak and to listen; it is asked again now and then, since networks come and go. None: nothing is said.
	Interfaces func() ([]Interface, error)
	// Found is told of an address ("ip:port") at which a device says that it is of one of the sites. It is called from a goroutine of Nearby's, again with each answer.
	Found  func(address string)
	Random io.Reader
	Log    *slog.Logger
}

// Nearby announces this device, answers those who ask, and asks while it is told to look. All methods are safe for concurrent use.
type Nearby struct {
	cfg    Config
	secret []byte
	own    answer
	end    context.CancelFunc
	all    sync.WaitGroup
	wake   chan struct{} // looking was changed

	mu       sync.Mutex
	looking  bool
	answered time.Time
	said     string // the last trouble that was logged
}

const (
	// askFirst is the pause after the first question; each next one is twice as long, up to askMax.
	askFirst = time.Second
	askMax   = time.Minute
	// lookAgain is how often the interfaces are looked at.
	lookAgain = time.Minute
	// failuresMax is how often in a row a socket may fail before it is left alone until the interfaces change.
	failuresMax = 100
	// answerPause is the least time between two answers: one reaches all who asked.
	answerPause = time.Second
)

// New begins to announce and to listen. Close ends it. Where multicast is not allowed it says so once in the log, and tries again now and then.
func New(c Config) (*Nearby, error) {
	const op = "nearby.New"
	if c.Interfaces == nil || c.Found == nil || c.Random == nil || c.Log == nil || c.Port == 0 {
		return nil, fault.New(fault.Invalid, op, "Looking for devices nearby needs interfaces, a port and somebody to tell.")
	}
	random := make([]byte, 2*saltBytes)
	if _, err := io.ReadFull(c.Random, random); err != nil {
		return nil, fault.Wrap(err, fault.Internal, op, "This machine gave no random numbers, so devices nearby cannot be looked for.")
	}
	n := &Nearby{cfg: c, secret: secretOf(c.Authority), wake: make(chan struct{}, 1)}
	n.own = answer{instance: hex.EncodeToString(random[saltBytes:]), salt: random[:saltBytes], port: c.Port}
	n.own.tags = tags(n.secret, n.own.salt, c.Sites)
	ctx, end := context.WithCancel(context.Background())
	n.end = end
	n.all.Go(func() { n.run(ctx) })
	return n, nil
}

// Close ends all that runs and waits for it.
func (n *Nearby) Close() error {
	n.end()
	n.all.Wait()
	return nil
}

// Look begins or ends to ask who is there. Those who come and announce themselves are heard either way.
func (n *Nearby) Look(on bool) {
	n.mu.Lock()
	changed := n.looking != on
	n.looking = on
	n.mu.Unlock()
	if changed {
		select {
		case n.wake <- struct{}{}:
		default:
		}
	}
}

func (n *Nearby) lookingNow() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.looking
}

// run holds a socket for as long as the interfaces stay, and then another one.
func (n *Nearby) run(ctx context.Context) {
	for ctx.Err() == nil {
		interfaces, err := n.cfg.Interfaces()
		if err != nil || len(interfaces) == 0 {
			n.trouble(err)
			n.pause(ctx, lookAgain)
			continue
		}
		s, err := openSocket(interfaces)
		if err != nil {
			n.trouble(err)
			n.pause(ctx, lookAgain)
			continue
		}
		var reading sync.WaitGroup
		reading.Go(func() { n.listen(s) })
		n.speak(ctx, s, interfaces)
		_ = s.conn.Close() // it was for talking; what was not said is said on the next one
		reading.Wait()
	}
}

func (n *Nearby) pause(ctx context.Context, length time.Duration) {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// speak announces this device, and asks for others while it is to look, until the interfaces are others.
func (n *Nearby) speak(ctx context.Context, s *socket, interfaces []Interface) {
	n.tell(s)
	again := time.NewTimer(askFirst) // an announcement may be lost
	defer again.Stop()
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	asking := time.NewTimer(0)
	defer asking.Stop()
	pause := askFirst
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
			n.tell(s)
		case <-n.wake:
			pause = askFirst
			asking.Reset(0)
		case <-asking.C:
			if n.lookingNow() {
				n.ask(s)
				asking.Reset(pause)
				pause = min(2*pause, askMax)
			}
		case <-look.C:
			if now, err := n.cfg.Interfaces(); err != nil || !sameInterfaces(now, interfaces) {
				return
			}
		}
	}
}

func (n *Nearby) tell(s *socket) { n.trouble(s.send(n.own.pack)) }

func (n *Nearby) ask(s *socket) {
	n.trouble(s.send(func(netip.Addr) ([]byte, error) { return question() }))
}

// trouble says once for each reason that nobody is found nearby, and why.
func (n *Nearby) trouble(err error) {
	said := ""
	if err != nil && !errors.Is(err, net.ErrClosed) {
		said = err.Error()
	}
	n.mu.Lock()
	fresh := said != n.said
	n.said = said
	n.mu.Unlock()
	if fresh && said != "" {
		n.cfg.Log.Warn("Devices nearby cannot be looked for: this computer or its network does not let multicast pass. Devices whose address is known are reached as always.", "error", err)
	}
}

// listen hears others until the socket is closed.
func (n *Nearby) listen(s *socket) {
	packet := make([]byte, packetBytesMax+1)
	for failures := 0; failures < failuresMax; {
		length, from, err := s.conn.ReadFromUDPAddrPort(packet)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // some systems fail at a packet that is too long
			failures++
			continue
		}
		failures = 0
		if ip := from.Addr().Unmap(); s.near(ip) {
			n.hear(s, packet[:length], ip)
		}
	}
}

// hear answers a question and passes on where devices of the site are: at the address that the packet came from, whatever it says inside.
func (n *Nearby) hear(s *socket, packet []byte, from netip.Addr) {
	asks, answers := parse(packet)
	if asks && n.mayAnswer() {
		n.tell(s)
	}
	for i := range answers {
		if answers[i].instance != n.own.instance && answers[i].ofSite(n.secret, n.cfg.Sites) {
			n.cfg.Found(net.JoinHostPort(from.String(), strconv.Itoa(int(answers[i].port))))
		}
	}
}

func (n *Nearby) mayAnswer() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	if now.Sub(n.answered) < answerPause {
		return false
	}
	n.answered = now
	return true
}
