package nearby

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// loopback is the interface that every computer has; Interfaces leaves it out. What is sent there may come from any address of the computer.
func loopback() ([]Interface, error) {
	all, err := net.Interfaces()
	var found []Interface
	var own []netip.Prefix
	for _, one := range all {
		prefixes := prefixesOf(one)
		own = append(own, prefixes...)
		if one.Flags&net.FlagLoopback != 0 && len(prefixes) > 0 {
			found = append(found, Interface{one, prefixes})
		}
	}
	if len(found) == 0 {
		return nil, errors.Join(err, errors.New("this computer has no loopback"))
	}
	found[0].Prefixes = append(found[0].Prefixes, own...)
	return found[:1], nil
}

// someone is a device that announces itself on loopback and tells whom it found.
type someone struct {
	*Nearby
	found chan string
}

func announce(t *testing.T, authority string, port uint16, sites ...string) *someone {
	t.Helper()
	s := &someone{found: make(chan string, 64)}
	var err error
	s.Nearby, err = New(Config{
		Authority: []byte(authority), Sites: sites, Port: port, Interfaces: loopback, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
		Found: func(address string) {
			select {
			case s.found <- address:
			default:
			}
		},
	})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func (s *someone) mustFind(t *testing.T, port string) {
	t.Helper()
	select {
	case got := <-s.found:
		if _, found, err := net.SplitHostPort(got); found != port || err != nil {
			t.Fatalf("it found %s, not one at port %s", got, port)
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("it waited in vain for one at port %s", port)
	}
}

// TestDevicesOfASiteFindEachOther uses real multicast on loopback: who asks finds the devices of its own sites, and no others.
func TestDevicesOfASiteFindEachOther(t *testing.T) {
	acme, another := rand.Text(), rand.Text() // other runs of this test may be heard too
	a := announce(t, acme, 4711, "LYO")
	other, elsewhere := announce(t, another, 4712, "LYO"), announce(t, acme, 4713, "BER")
	b := announce(t, acme, 4714, "PAR", "LYO")
	b.Look(true)
	b.mustFind(t, "4711")
	a.Look(true)
	a.mustFind(t, "4714")
	// Each hears all of them, and finds only the one that is of its own cluster and site.
	other.Look(true)
	announce(t, another, 4715, "LYO")
	other.mustFind(t, "4715")
	elsewhere.Look(true)
	announce(t, acme, 4716, "BER")
	elsewhere.mustFind(t, "4716")
}

func packed(t testing.TB, a answer) []byte {
	t.Helper()
	raw, err := a.pack(netip.MustParseAddr("192.0.2.7"))
	must(t, err)
	return raw
}

func anAnswer(secret []byte, salt uint64, port uint16, sites ...string) answer {
	a := answer{instance: fmt.Sprintf("device%d", salt), salt: binary.BigEndian.AppendUint64(nil, salt), port: port}
	a.tags = tags(secret, a.salt, sites)
	return a
}

// TestNothingIsAnnouncedButTagAndPort looks at the bytes on the wire.
func TestNothingIsAnnouncedButTagAndPort(t *testing.T) {
	secret := secretOf([]byte("acme"))
	one, two := anAnswer(secret, 1, 4711, "LYO-SECRET"), anAnswer(secret, 2, 4711, "LYO-SECRET")
	raw := packed(t, one)
	for _, word := range []string{"LYO", "acme", "SECRET"} {
		if bytes.Contains(raw, []byte(word)) {
			t.Errorf("it says %s", word)
		}
	}
	if bytes.Equal(one.tags[0], two.tags[0]) {
		t.Error("two runs of one site can be told to be so")
	}
	var m dnsmessage.Message
	must(t, m.Unpack(raw))
	for _, r := range append(m.Answers, m.Additionals...) {
		switch body := r.Body.(type) {
		case *dnsmessage.PTRResource, *dnsmessage.SRVResource, *dnsmessage.AResource:
		case *dnsmessage.TXTResource:
			if len(body.TXT) != 3 {
				t.Errorf("it says %q", body.TXT)
			}
		default:
			t.Errorf("it says %v", body)
		}
	}
	if !one.ofSite(secret, []string{"BER", "LYO-SECRET"}) || one.ofSite(secret, []string{"BER"}) || one.ofSite(secretOf([]byte("other")), []string{"LYO-SECRET"}) {
		t.Error("the tag does not tell the site")
	}
}

func TestParse(t *testing.T) {
	asked, err := question()
	must(t, err)
	if asks, answers := parse(asked); !asks || len(answers) != 0 {
		t.Errorf("a question is read as %v, %v", asks, answers)
	}
	want := anAnswer(secretOf([]byte("acme")), 7, 4711, "LYO", "BER")
	asks, answers := parse(packed(t, want))
	if asks || len(answers) != 1 || fmt.Sprint(answers[0]) != fmt.Sprint(want) {
		t.Errorf("an answer is read as %v, %v", asks, answers)
	}
	for name, raw := range map[string][]byte{
		"nothing": nil, "noise": []byte(strings.Repeat("noise", 40)), "a cut answer": packed(t, want)[:60], "too long": make([]byte, packetBytesMax+1),
		"no port": packed(t, answer{instance: "x", salt: want.salt, tags: want.tags}), "no tag": packed(t, answer{instance: "x", salt: want.salt, port: 1}),
		"a short salt": packed(t, answer{instance: "x", salt: want.salt[1:], tags: want.tags, port: 1}),
	} {
		if asks, answers := parse(raw); asks || len(answers) > 0 {
			t.Errorf("%s is read as %v, %v", name, asks, answers)
		}
	}
}

// TestAMessageOfManyAnswers says thousands of things in one message: what is kept of it is bounded.
func TestAMessageOfManyAnswers(t *testing.T) {
	m := dnsmessage.Message{Header: dnsmessage.Header{Response: true}}
	secret := secretOf([]byte("acme"))
	for n := range 40 {
		var one dnsmessage.Message
		must(t, one.Unpack(packed(t, anAnswer(secret, uint64(n), 4711, "LYO"))))
		m.Additionals = append(m.Additionals, one.Additionals[:2]...)
	}
	raw, err := m.Pack()
	must(t, err)
	if _, answers := parse(raw); len(answers) > answersMax {
		t.Errorf("%d answers of one message are kept", len(answers))
	}
}

// TestWhereMulticastIsRefused says so once, and ends when it is asked to.
func TestWhereMulticastIsRefused(t *testing.T) {
	var said lines
	gone := Interface{net.Interface{Index: 1 << 20, Name: "gone"}, []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24")}}
	asked := make(chan struct{}, 64)
	n, err := New(Config{
		Authority: []byte("acme"), Sites: []string{"LYO"}, Port: 4711, Random: rand.Reader, Found: func(string) {}, Log: slog.New(slog.NewTextHandler(&said, nil)),
		Interfaces: func() ([]Interface, error) {
			asked <- struct{}{}
			return []Interface{gone}, nil
		},
	})
	must(t, err)
	<-asked
	n.Look(true)
	must(t, n.Close())
	if got := said.String(); strings.Count(got, "multicast") != 1 {
		t.Errorf("it said %q", got)
	}
}

type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func FuzzParse(f *testing.F) {
	asked, err := question()
	must(f, err)
	f.Add(asked)
	f.Add(packed(f, anAnswer(secretOf([]byte("acme")), 7, 4711, "LYO", "BER")))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, answers := parse(raw)
		if len(answers) > answersMax {
			t.Fatalf("%d answers", len(answers))
		}
		for i := range answers {
			if a := answers[i]; a.port == 0 || len(a.salt) != saltBytes || len(a.tags) == 0 {
				t.Fatalf("%+v is kept", a)
			}
		}
	})
}
