//go:build !linux

package scenario

import (
	"errors"
	"os"
	"syscall"
)

func ownGroup() *syscall.SysProcAttr { return nil }

// standStill cannot be had here.
func standStill(*os.Process, bool) error { return errors.ErrUnsupported }

// killGroup kills a process at once.
func killGroup(process *os.Process) error {
	if err := process.Kill(); !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}
