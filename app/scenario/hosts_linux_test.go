package scenario

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// host is a computer with a network of its own: a namespace of this one. It has no name anywhere, and lasts as long as the process that holds it, which ends with
// the test program whatever becomes of that: so nothing is ever left to be removed.
type host struct {
	pid   int
	enter []string // the command that runs another one there
}

// hold is what the holder of a namespace runs: it ends with its standard input.
var hold = []string{"sh", "-c", "echo up; exec cat"}

// newYard makes the host on which all cables end. It gives nil, and says why, where this computer lets nobody have a network of their own.
func newYard(t *testing.T) *host {
	t.Helper()
	for _, tool := range []string{"ip", "tc", "unshare", "nsenter", "setpriv"} {
		if _, err := exec.LookPath(tool); err != nil {
			notChecked(t, "hosts of their own: there is no command "+tool)
			return nil
		}
	}
	var may []string
	if os.Geteuid() != 0 {
		may = []string{"--user", "--map-root-user"}
	}
	h, err := holdNamespace(t, slices.Concat([]string{"unshare"}, may, []string{"--net", "--"}))
	if err == nil {
		err = h.try("link add probe type bridge", "link add probe1 type veth peer name probe2", "link del probe", "link del probe1")
	}
	if err != nil {
		notChecked(t, "hosts of their own: this computer does not allow networks of one's own: "+err.Error())
		return nil
	}
	return h
}

// newHost makes one more host; no cable goes there yet.
func (h *host) newHost(t *testing.T) *host {
	t.Helper()
	within := []string{"unshare", "--net", "--"}
	if os.Geteuid() != 0 {
		within = append([]string{"nsenter", "--target", strconv.Itoa(h.pid), "--user", "--preserve-credentials", "--"}, within...)
	}
	made, err := holdNamespace(t, within)
	if err != nil {
		t.Fatal(err)
	}
	made.ip(t, "link set lo up")
	return made
}

func holdNamespace(t *testing.T, within []string) (*host, error) {
	t.Helper()
	words := slices.Concat(within, hold)
	holder := exec.Command(words[0], words[1:]...)
	holder.SysProcAttr = ownGroup()
	var said bytes.Buffer
	holder.Stderr = &said
	in, err := holder.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := holder.Start(); err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		if err := errors.Join(in.Close(), killGroup(holder.Process)); err != nil {
			t.Error(err)
		}
		// It was killed, so it says so.
		_ = holder.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "up\n" {
		return nil, fmt.Errorf("%q: %w %s", words, err, strings.TrimSpace(said.String()))
	}
	h := &host{pid: holder.Process.Pid, enter: []string{"nsenter", "--target", strconv.Itoa(holder.Process.Pid), "--net", "--"}}
	if os.Geteuid() != 0 {
		// Entering takes away what ends a process with the test program, so it is asked for again.
		h.enter = slices.Concat(h.enter[:3], []string{"--user", "--preserve-credentials", "--net", "--", "setpriv", "--pdeathsig", "KILL", "--"})
	}
	return h, nil
}

// run runs a command on the host.
func (h *host) run(in string, words ...string) error {
	all := slices.Concat(h.enter, words)
	c := exec.Command(all[0], all[1:]...)
	c.Stdin = strings.NewReader(in)
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%q %s: %w: %s", words, in, err, bytes.TrimSpace(said))
	}
	return nil
}

// try gives lines to ip, in their order.
func (h *host) try(lines ...string) error {
	return h.run(strings.Join(lines, "\n")+"\n", "ip", "-batch", "-")
}

func (h *host) ip(t *testing.T, lines ...string) {
	t.Helper()
	if err := h.try(lines...); err != nil {
		t.Error(err)
	}
}

// plug lays a cable from the host's interface to the other one's.
func (h *host) plug(t *testing.T, own string, other *host, theirs string) {
	t.Helper()
	h.ip(t,
		fmt.Sprintf("link add %s type veth peer name %s netns %d", own, theirs, other.pid),
		fmt.Sprintf("link set %s up", own))
	other.ip(t, fmt.Sprintf("link set %s up", theirs))
}

// forward lets the host pass on what is not for itself.
func (h *host) forward(t *testing.T) {
	t.Helper()
	if err := h.run("1", "sh", "-c", "cat > /proc/sys/net/ipv4/ip_forward"); err != nil {
		t.Error(err)
	}
}

// loseBelow is classic BPF: drop (2) where a random number is below the bound, else pass on (-1).
const loseBelow = "4,32 0 0 4294963256,53 0 1 %d,6 0 0 4294967295,6 0 0 2"

// lose drops so many of 100 packets, fewer than all, at an interface, in both directions, by chance.
func (h *host) lose(link string, of100 uint64) error {
	code := fmt.Sprintf(loseBelow, of100*(1<<32)/100)
	err := h.tc("qdisc", "replace", "dev", link, "clsact")
	for _, way := range []string{"ingress", "egress"} {
		err = errors.Join(err, h.tc("filter", "replace", "dev", link, way, "pref", "1", "bpf", "direct-action", "bytecode", code))
	}
	return err
}

func (h *host) keepAll(link string) error { return h.tc("qdisc", "del", "dev", link, "clsact") }

// Ways to make an interface slow in sending: a delay where the system can, else little at a time.
const (
	delayed = "netem delay %dms %dms"
	narrow  = "tbf rate %dkbit burst 16kb latency 500ms"
)

// slow makes an interface slow, as a line with so many milliseconds is.
func (h *host) slow(link string, milliseconds int) error {
	root := []string{"qdisc", "replace", "dev", link, "root"}
	if h.tc(append(root, strings.Fields(fmt.Sprintf(delayed, milliseconds, milliseconds/4))...)...) == nil {
		return nil
	}
	return h.tc(append(root, strings.Fields(fmt.Sprintf(narrow, 20_000/milliseconds))...)...)
}

func (h *host) fast(link string) error { return h.tc("qdisc", "del", "dev", link, "root") }

func (h *host) tc(words ...string) error { return h.run("", append([]string{"tc"}, words...)...) }
