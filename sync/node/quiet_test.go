package node

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// A member that is away for days must not fill the log: its trouble is told once in a while, that of another member beside it.
func TestTheSameTroubleIsToldOnceInAWhile(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	q := newQuiet(slog.New(slog.NewTextHandler(&log, nil)), func() time.Time { return now })
	for term := range 3600 {
		for _, target := range []string{"N2", "N3"} {
			q.Error("failed to make requestVote RPC", "target", target, "error", errors.New("it is away"), "term", term)
		}
		now = now.Add(time.Second)
	}
	for _, target := range []string{"N2", "N3"} {
		if got := strings.Count(log.String(), "target="+target); got != 6 {
			t.Errorf("in an hour, that %s is away was told %d times", target, got)
		}
	}
}
