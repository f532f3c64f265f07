package node_test

import (
	"syscall"
	"testing"
	"time"
)

// processorTime gives what this process has taken of the processors so far.
func processorTime(b testing.TB) time.Duration {
	b.Helper()
	self, err := syscall.GetCurrentProcess()
	must(b, err)
	var created, exited, kernel, user syscall.Filetime
	must(b, syscall.GetProcessTimes(self, &created, &exited, &kernel, &user))
	spent := func(t syscall.Filetime) time.Duration {
		return time.Duration(int64(t.HighDateTime)<<32|int64(t.LowDateTime)) * 100 // in steps of 100 ns
	}
	return spent(kernel) + spent(user)
}
