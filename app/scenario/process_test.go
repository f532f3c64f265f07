package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Deadlines are for the slowest machine that the tests should pass on; what is awaited comes long before.
const (
	startTime   = 30 * time.Second
	commandTime = time.Minute
	agreeTime   = 40 * time.Second
	pollTime    = 5 * time.Millisecond
)

// await asks again and again until ready says yes, and gives how long that took. It fails the test after the deadline.
func await(t *testing.T, what string, deadline time.Duration, ready func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	ticker := time.NewTicker(pollTime)
	defer ticker.Stop()
	for !ready() {
		if time.Since(began) > deadline {
			t.Fatalf("waited %v in vain: %s", deadline, what)
		}
		<-ticker.C
	}
	return time.Since(began)
}

// dumpBytes is how much is shown of what a command that hangs says about itself.
const dumpBytes = 30 << 10

// finished is what a command that has ended left behind.
type finished struct {
	stdout, stderr string
	code           int
}

// holdfast runs a command to its end.
func holdfast(t *testing.T, args ...string) finished {
	t.Helper()
	return holdfastWithin(t, nil, args...)
}

// holdfastWithin runs a command by way of another one, which puts it somewhere.
func holdfastWithin(t *testing.T, within []string, args ...string) finished {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandTime)
	defer cancel()
	words := slices.Concat(within, []string{os.Getenv(binaryVariable)}, args)
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	c.SysProcAttr = ownGroup()
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGQUIT) } // it says where it hangs
	c.WaitDelay = startTime
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("holdfast %q: %v", args, err)
	}
	if ctx.Err() != nil {
		t.Fatalf("holdfast %q did not end: %.*s", args, dumpBytes, stderr.String())
	}
	return finished{stdout: stdout.String(), stderr: stderr.String(), code: c.ProcessState.ExitCode()}
}

// succeed runs a command that has to work and gives what it printed.
func succeed(t *testing.T, args ...string) string {
	t.Helper()
	end := holdfast(t, args...)
	if end.code != 0 {
		t.Fatalf("holdfast %q ended with %d: %s", args, end.code, end.stderr)
	}
	return end.stdout
}

// printed runs a command that has to work and reads its JSON.
func printed[T any](t *testing.T, args ...string) T {
	t.Helper()
	var value T
	out := succeed(t, append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), &value); err != nil {
		t.Fatalf("holdfast %q printed no JSON (%v): %.300s", args, err, out)
	}
	return value
}

// process is a Holdfast that runs until it is told to stop.
type process struct {
	command *exec.Cmd
	stderr  *tail
	done    chan struct{} // closed once it has ended
}

// launch starts a process that is killed when the test ends.
func launch(t *testing.T, args ...string) *process {
	t.Helper()
	return launchWithin(t, nil, args...)
}

func launchWithin(t *testing.T, within []string, args ...string) *process {
	t.Helper()
	words := slices.Concat(within, []string{os.Getenv(binaryVariable)}, args)
	p := &process{command: exec.Command(words[0], words[1:]...), stderr: &tail{}, done: make(chan struct{})}
	p.command.SysProcAttr = ownGroup()
	p.command.Stderr = p.stderr
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		// How it ended is asked of the process state.
		_ = p.command.Wait()
	}()
	t.Cleanup(func() {
		p.kill(t)
		if t.Failed() {
			t.Logf("holdfast %q said:\n%s", args, p.stderr)
		}
	})
	return p
}

// kill ends the process without any warning, as a power cut does.
func (p *process) kill(t *testing.T) {
	t.Helper()
	select {
	case <-p.done:
		return
	default:
	}
	if err := killGroup(p.command.Process); err != nil {
		t.Errorf("a process cannot be killed: %v", err)
		return
	}
	<-p.done
}

// stop asks the process to end, as Ctrl+C does, and gives its exit code.
func (p *process) stop(t *testing.T) int {
	t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.awaitEnd(t)
	return p.command.ProcessState.ExitCode()
}

func (p *process) awaitEnd(t *testing.T) {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(startTime):
		t.Fatalf("the process does not end: %s", p.stderr)
	}
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// readiness is what the file of --ready says.
type readiness struct {
	URL     string `json:"url"`
	Token   string `json:"token"`
	PID     int    `json:"pid"`
	Address string `json:"address"`
}

// awaitReady waits for the file of --ready.
func (p *process) awaitReady(t *testing.T, file string) readiness {
	t.Helper()
	var ready readiness
	await(t, "the program is ready", startTime, func() bool {
		raw, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(raw, &ready)
		}
		if err != nil && p.ended() {
			t.Fatalf("the program ended with %d instead of getting ready: %s", p.command.ProcessState.ExitCode(), p.stderr)
		}
		return err == nil
	})
	return ready
}

// readyFile gives a name for --ready that nothing lies at.
func readyFile(t *testing.T) string { return filepath.Join(t.TempDir(), "ready.json") }

// tail keeps the last part of what a process says.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailBytes = 2 << 10

func (l *tail) Write(part []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, part...)
	l.text = l.text[max(0, len(l.text)-tailBytes):]
	return len(part), nil
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
