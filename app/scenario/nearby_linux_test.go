package scenario

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"holdfast/app/api"
)

// lanScript makes a network of its own with a switch, and so many places on it; it says the process that holds each place.
const lanScript = `set -e
ip link add lan type bridge
ip link set lan up
for n in $(seq "$1"); do
	unshare -n sleep infinity &
	until [ "$(readlink /proc/$!/ns/net)" != "$(readlink /proc/$$/ns/net)" ] && [ "$(cat /proc/$!/comm)" = sleep ]; do :; done
	ip link add "port$n" type veth peer name eth0 netns $!
	ip link set "port$n" master lan up
	echo $!
done
wait`

// lan is a local network that only the programs of this test see.
type lan struct {
	enter  []string // how nsenter gets in beside the network
	places []string // the process that holds each
}

// layLAN makes a local network with places. It gives nil where this computer allows nobody to make networks: without them nothing can move.
func layLAN(t *testing.T, places int) *lan {
	t.Helper()
	holder := exec.Command("sh", "-c", lanScript, "sh", fmt.Sprint(places))
	holder.SysProcAttr = ownGroup()
	holder.SysProcAttr.Unshareflags = syscall.CLONE_NEWNET
	l := &lan{}
	if os.Geteuid() != 0 {
		holder.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		holder.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		l.enter = []string{"-U", "--preserve-credentials"}
	}
	var trouble tail
	holder.Stderr = &trouble
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Logf("no network of one's own here: %v", err)
		return nil
	}
	t.Cleanup(func() {
		if err := killGroup(holder.Process); err != nil {
			t.Error(err)
		}
		// It was killed, so it says so.
		_ = holder.Wait()
	})
	lines := bufio.NewScanner(out)
	for range places {
		if !lines.Scan() {
			t.Logf("no network of one's own here: %s", &trouble)
			return nil
		}
		l.places = append(l.places, lines.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // it ends with the holder
	return l
}

// at has everything that the test starts from now on run at a place.
func (l *lan) at(t *testing.T, place int, binary string) {
	t.Helper()
	script := filepath.Join(t.TempDir(), "holdfast-there")
	line := fmt.Sprintf("#!/bin/sh\nexec nsenter -t %s -n %s -- '%s' \"$@\"\n", l.places[place], strings.Join(l.enter, " "), binary)
	if err := os.WriteFile(script, []byte(line), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv(binaryVariable, script)
}

// move gives a place another address, and no other.
func (l *lan) move(t *testing.T, place int, address string) {
	t.Helper()
	for _, line := range []string{"link set lo up", "addr flush dev eth0", "addr add " + address + "/24 dev eth0", "link set eth0 up"} {
		args := append([]string{"-t", l.places[place], "-n"}, l.enter...)
		args = append(append(args, "--", "ip"), strings.Fields(line)...)
		if out, err := exec.Command("nsenter", args...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v: %s", line, err, out)
		}
	}
}

// TestDesktopsThatMovedFindEachOther takes a node and two desktops of which none is where the others knew it to be: the desktops find each other on their network and share what waits,
// and when the node is back, at yet another address, they find it, and it is agreed.
func TestDesktopsThatMovedFindEachOther(t *testing.T) {
	network := layLAN(t, 3)
	if network == nil {
		return
	}
	binary := os.Getenv(binaryVariable)
	node := &device{name: "node", folder: filepath.Join(t.TempDir(), "data"), args: []string{"node", "--bootstrap", "--cluster", "Works", "--site", siteCode}}
	a, b := networkDesktop(t, "A"), networkDesktop(t, "B")
	for place := range 3 {
		network.move(t, place, fmt.Sprintf("10.77.0.%d", 1+place))
	}
	network.at(t, 0, binary)
	node.launch(t)
	for place, d := range []*device{a, b} {
		network.at(t, 0, binary)
		invite := node.invite(t, "desktop")
		network.at(t, 1+place, binary)
		succeed(t, "join", "--data", d.folder, invite, "--person", "Person "+d.name, "--device", "Desktop "+d.name)
		d.launch(t)
	}
	a.report(t, "Before the outage")
	b.awaitReport(t, "Before the outage")
	node.running.kill(t)
	for place, d := range []*device{a, b} {
		d.running.stop(t)
		network.move(t, 1+place, fmt.Sprintf("10.77.0.%d", 12+place))
	}
	for place, d := range []*device{a, b} {
		network.at(t, 1+place, binary)
		d.launch(t)
	}
	a.report(t, "Nobody is where they were")
	b.awaitReport(t, "Nobody is where they were")
	network.move(t, 0, "10.77.0.11")
	network.at(t, 0, binary)
	node.launch(t)
	for _, d := range []*device{a, b} {
		await(t, d.name+" has found the node", agreeTime, func() bool { return printed[api.Status](t, "status", "--data", d.folder).State == "up_to_date" })
	}
}

func networkDesktop(t *testing.T, name string) *device {
	t.Helper()
	return &device{name: name, folder: filepath.Join(t.TempDir(), "data"), args: []string{"serve"}}
}

// launch starts a device whose interface this test cannot reach: it is at another place of the network. Its commands can be.
func (d *device) launch(t *testing.T) {
	t.Helper()
	file := readyFile(t)
	d.running = launch(t, append(append([]string{}, d.args...), "--data", d.folder, "--ready", file)...)
	d.ready = d.running.awaitReady(t, file)
}

// report imports a ticket into a device that runs.
func (d *device) report(t *testing.T, title string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tickets.csv")
	writeFile(t, file, []byte("title,channel,impact,urgency\n"+title+",Phone,High,High\n"))
	succeed(t, "import", "--data", d.folder, "--as", "csv", file)
}

// awaitReport waits until a device that runs has a ticket.
func (d *device) awaitReport(t *testing.T, title string) {
	t.Helper()
	await(t, d.name+" has the ticket "+title, agreeTime, func() bool { return strings.Contains(succeed(t, "export", "--data", d.folder, "-"), title) })
}
