package browser

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// hostWithPatience serves with little patience and counts the requests that get in.
func hostWithPatience(t *testing.T) (host *Host, served func() int) {
	t.Helper()
	count := 0
	host, err := Serve(HostConfig{Address: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler), Patience: 200 * time.Millisecond, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count++
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
	})})
	if err != nil {
		t.Fatal(err)
	}
	return host, func() int {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
		return count
	}
}

// ended waits until the host has ended a connection, and gives what it said before.
func ended(t *testing.T, conn net.Conn) string {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	said, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection was left open")
	}
	return string(said)
}

// Another user of this computer, without the token, cannot hold connections by sending slowly, nor make the program keep much by sending much.
func TestWhoeverHasNoTokenIsCutOff(t *testing.T) {
	host, served := hostWithPatience(t)
	address := host.listener.Addr().String()
	for name, c := range map[string]struct{ sent, want string }{
		"silent":               {"", ""},
		"half a head":          {"GET / HTTP/1.1\r\nHost: ", ""},
		"a body that is slow":  {"POST /api/v1/records/incident HTTP/1.1\r\nHost: " + address + "\r\nContent-Length: 100000\r\n\r\nx", "401"},
		"a body without end":   {"POST /api/v1/records/incident HTTP/1.1\r\nHost: " + address + "\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nxx", "401"},
		"another name":         {"POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 100000\r\n\r\nx", "403"},
		"an endless head":      {"GET / HTTP/1.1\r\nHost: " + address + "\r\nX-Long: " + strings.Repeat("x", headBytesMax+8<<10), "431"},
		"a wrong token":        {"GET /api/v1/status HTTP/1.1\r\nHost: " + address + "\r\nAuthorization: Bearer wrong\r\n\r\n", "401"},
		"a length that is odd": {"POST / HTTP/1.1\r\nHost: " + address + "\r\nContent-Length: 99999999999999999999\r\n\r\n", "400"},
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		go io.WriteString(conn, c.sent) // it may be cut off before all of it is sent
		if said := ended(t, conn); c.want == "" && strings.Contains(said, " 200 ") || !strings.Contains(said, c.want) {
			t.Errorf("%s: %.80q, want %q", name, said, c.want)
		}
	}
	if n := served(); n != 0 {
		t.Errorf("%d of them got in", n)
	}
}

// Who has the token may be slow: a picture that is attached over a weak link is no attack.
func TestTheTokensHolderMayBeSlow(t *testing.T) {
	host, served := hostWithPatience(t)
	conn, err := net.Dial("tcp", host.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Length: 8\r\n\r\n", host.listener.Addr(), host.Token())
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for range 8 {
		<-tick.C
		if _, err := io.WriteString(conn, "x"); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", answer, err)
	}
	answer.Body.Close()
	if n := served(); n != 1 {
		t.Errorf("it was served %d times", n)
	}
}
