//go:build linux && amd64

package search_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// childFolder names the environment variable that makes this test binary the program that is stopped; its value is where the index lies.
const childFolder = "HOLDFAST_SEARCH_TEST_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		if err := fillIndex(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// Scenario 16: the program is killed before any write of the search index, also while the index is made and made anew. After the next start it finds what the records say.
func TestAStopAtAnyWriteLeavesASearchThatAgrees(t *testing.T) {
	damaged := func(dir string) {
		if err := fillIndex(dir); err != nil {
			t.Fatal(err)
		}
		damage(t, dir)
	}
	for name, prepare := range map[string]func(dir string){"made": func(string) {}, "made anew": damaged} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "search")
			prepare(dir)
			stops := 0
			child(t, dir, func() {
				stops++
				marked(t, dir, fmt.Sprintf("stopped before write %d", stops))
			})
			if stops < 100 || !marked(t, dir, "at its end") {
				t.Errorf("it was stopped at %d writes, and not all is noted in the end", stops)
			}
			t.Logf("stopped at %d writes", stops)
		})
	}
}

// tracer runs a program that stops before each system call by which it would change a folder. Such calls are made one at a time, so that the folder is at each stop what a program that
// is killed there leaves.
type tracer struct {
	t      *testing.T
	dir    string
	pid    int
	at     func()
	inside map[int]bool // threads within a system call
	known  map[int]bool
	busy   int   // the thread that changes the folder just now; 0: none
	held   []int // threads that are about to
}

const (
	waitAll      = 0x40000000 // __WALL
	exitKill     = 0x00100000 // PTRACE_O_EXITKILL: the program does not outlive the test
	sysgood      = syscall.PTRACE_O_TRACESYSGOOD
	atSystemCall = syscall.SIGTRAP | 0x80
)

// child fills an index in a process of its own; at is called before each write.
func child(t *testing.T, dir string, at func()) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := os.StartProcess(self, []string{self}, &os.ProcAttr{
		Env: append(os.Environ(), childFolder+"="+dir, "GODEBUG=asyncpreemptoff=1"), Files: []*os.File{nil, os.Stderr, os.Stderr}, Sys: &syscall.SysProcAttr{Ptrace: true},
	})
	if err != nil {
		t.Fatal("the program cannot be started so that it can be stopped:", err)
	}
	x := &tracer{t: t, dir: dir, pid: p.Pid, at: at, inside: map[int]bool{}, known: map[int]bool{p.Pid: true}}
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(x.pid, &status, waitAll, nil); err != nil {
		t.Fatal(err)
	}
	if err := syscall.PtraceSetOptions(x.pid, syscall.PTRACE_O_TRACECLONE|sysgood|exitKill); err != nil {
		t.Fatal(err)
	}
	x.resume(x.pid, 0)
	for {
		tid, err := syscall.Wait4(-1, &status, waitAll, nil)
		if err != nil {
			t.Fatal(err)
		}
		if status.Stopped() {
			x.stopped(tid, status)
			continue
		}
		if tid == x.pid {
			break
		}
	}
	if !status.Exited() || status.ExitStatus() != 0 {
		t.Fatalf("the program ended with %v", status)
	}
}

func (x *tracer) resume(tid int, signal syscall.Signal) {
	if err := syscall.PtraceSyscall(tid, int(signal)); err != nil && !errors.Is(err, syscall.ESRCH) {
		x.t.Fatal(err)
	}
}

func (x *tracer) stopped(tid int, status syscall.WaitStatus) {
	signal, known := status.StopSignal(), x.known[tid]
	x.known[tid] = true
	switch {
	case signal == atSystemCall:
		x.call(tid)
	case signal == syscall.SIGTRAP, signal == syscall.SIGSTOP && !known: // a thread begins
		x.resume(tid, 0)
	default:
		x.resume(tid, signal)
	}
}

// call is at the beginning or the end of a system call.
func (x *tracer) call(tid int) {
	if x.inside[tid] = !x.inside[tid]; x.inside[tid] && x.writes(tid) {
		x.held = append(x.held, tid)
	} else {
		if tid == x.busy {
			x.busy = 0
		}
		x.resume(tid, 0)
	}
	if x.busy == 0 && len(x.held) > 0 {
		x.busy, x.held = x.held[0], x.held[1:]
		x.at()
		x.resume(x.busy, 0)
	}
}

// writes reports whether a thread is about to change the folder.
func (x *tracer) writes(tid int) bool {
	var regs syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(tid, &regs); err != nil {
		x.t.Fatal(err)
	}
	switch regs.Orig_rax {
	case syscall.SYS_WRITE, syscall.SYS_PWRITE64, syscall.SYS_WRITEV, syscall.SYS_FTRUNCATE, syscall.SYS_FALLOCATE:
		name, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", x.pid, regs.Rdi))
		return err == nil && strings.HasPrefix(name, x.dir)
	case syscall.SYS_OPENAT:
		return regs.Rdx&(syscall.O_CREAT|syscall.O_TRUNC) != 0
	case syscall.SYS_RENAME, syscall.SYS_RENAMEAT, 316, syscall.SYS_UNLINK, syscall.SYS_UNLINKAT, syscall.SYS_RMDIR, syscall.SYS_MKDIR, syscall.SYS_MKDIRAT: // 316: renameat2
		return true
	}
	return false
}
