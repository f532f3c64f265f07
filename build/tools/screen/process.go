//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	displayWait = 15 * time.Second
	endWait     = 15 * time.Second
	pollEvery   = 50 * time.Millisecond
)

// display is a virtual screen of its own.
type display struct {
	name string // ":7"
	cmd  *exec.Cmd
}

// startDisplay lets Xvfb choose a free number, which it writes to a pipe when it is ready.
func startDisplay() (*display, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1440x900x24", "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{write}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err = cmd.Start()
	if closeErr := write.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, fmt.Errorf("starting the virtual display (Debian package xvfb): %w", err)
	}
	d := &display{cmd: cmd}
	if err := read.SetReadDeadline(time.Now().Add(displayWait)); err != nil {
		return nil, errors.Join(err, d.stop())
	}
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the virtual display did not come up: %w", err), d.stop())
	}
	d.name = ":" + strings.TrimSpace(number)
	return d, nil
}

func (d *display) stop() error {
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := d.cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil // it was told to end
	}
	return err
}

// program is the desktop under test, with every process that it starts.
type program struct {
	cmd   *exec.Cmd
	mark  string        // stands in the environment of each of its processes
	grace time.Duration // how long it and its processes may take to end
	ended chan struct{}
	err   error // how it ended; valid once ended is closed

	mu  sync.Mutex
	log bytes.Buffer
}

func (p *program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(b)
}

func (p *program) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

func startProgram(p plan, dir, displayName string) (*program, error) {
	run := &program{mark: "HOLDFAST_SCREEN=" + dir, grace: endWait, ended: make(chan struct{})}
	args := make([]string, len(p.args))
	for i, arg := range p.args {
		args[i] = strings.ReplaceAll(arg, "{dir}", dir)
	}
	run.cmd = exec.Command(p.program, args...)
	// Without a message bus GTK would start one, and the accessibility services with it, which all outlive the program.
	run.cmd.Env = append(cleanEnv(os.Environ()), run.mark, "DISPLAY="+displayName, "GDK_BACKEND=x11",
		"DBUS_SESSION_BUS_ADDRESS=disabled:", "NO_AT_BRIDGE=1",
		"GIO_USE_VFS=local", "GSETTINGS_BACKEND=memory", "LIBGL_ALWAYS_SOFTWARE=1",
		"HOME="+dir, "XDG_CONFIG_HOME="+dir+"/config", "XDG_CACHE_HOME="+dir+"/cache", "XDG_DATA_HOME="+dir+"/share")
	run.cmd.Stdout, run.cmd.Stderr = run, run
	run.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	run.cmd.WaitDelay = endWait
	if err := run.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the desktop: %w", err)
	}
	go func() {
		run.err = run.cmd.Wait()
		close(run.ended)
	}()
	return run, nil
}

// cleanEnv leaves out what would tie the program to this session's display, bus or settings.
func cleanEnv(env []string) (clean []string) {
	for _, entry := range env {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "XDG_") || name == "HOME" || name == "WAYLAND_DISPLAY" || name == "DISPLAY" || name == "DBUS_SESSION_BUS_ADDRESS" {
			continue
		}
		clean = append(clean, entry)
	}
	return clean
}

// stop asks the program to end, as a session's end does, and checks that it does so with success and completely. What
// does not end is killed and is an error.
func (p *program) stop() (err error) {
	select {
	case <-p.ended:
		err = fmt.Errorf("the program ended by itself: %v", p.err)
	default:
		err = p.cmd.Process.Signal(syscall.SIGTERM)
	}
	select {
	case <-p.ended:
		if err == nil && p.err != nil {
			err = fmt.Errorf("the program did not end well: %w", p.err)
		}
	case <-time.After(p.grace):
		err = errors.Join(err, errors.New("the program did not end when asked to"))
	}
	left := p.left()
	for end := time.Now().Add(p.grace); len(left) > 0 && time.Now().Before(end); left = p.left() {
		time.Sleep(pollEvery)
	}
	for _, pid := range left {
		err = errors.Join(err, fmt.Errorf("process %d was left running: %s", pid, commandLine(pid)), syscall.Kill(pid, syscall.SIGKILL))
	}
	return err
}

func commandLine(pid int) string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return "(gone)"
	}
	return string(bytes.ReplaceAll(bytes.TrimSuffix(raw, []byte{0}), []byte{0}, []byte{' '}))
}

// left gives the processes that carry the program's mark.
func (p *program) left() (pids []int) {
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return nil
	}
	for _, file := range files {
		env, err := os.ReadFile(file)
		if err != nil {
			continue // it is gone, or another person's
		}
		if bytes.Contains(env, []byte(p.mark+"\x00")) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
