//go:build unix

package node_test

import (
	"syscall"
	"testing"
	"time"
)

// processorTime gives what this process has taken of the processors so far.
func processorTime(b testing.TB) time.Duration {
	b.Helper()
	var used syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
