package scenario

import (
	"errors"
	"os"
	"syscall"
)

// ownGroup puts a process into a group of its own, which dies with the test program whatever becomes of that.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// standStill stops a process where it is, or lets it go on.
func standStill(process *os.Process, still bool) error {
	if still {
		return process.Signal(syscall.SIGSTOP)
	}
	return process.Signal(syscall.SIGCONT)
}

// killGroup kills a process and all that it started, at once.
func killGroup(process *os.Process) error {
	if err := syscall.Kill(-process.Pid, syscall.SIGKILL); !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}
