package node

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"holdfast/backend/core/clock"
)

// quiet passes raft's log on to slog, one level lower: what raft calls information is detail here, and most of its errors are a peer that is away.
type quiet struct {
	to   *slog.Logger
	name string
	with []any
	said *said
}

// saidPause is how long the same trouble with the same member is told once only: raft knocks every second at a member that is away, for as long as it is.
const saidPause = 10 * time.Minute

// saidMax bounds the troubles that are remembered.
const saidMax = 256

// said remembers what was told lately.
type said struct {
	wall clock.Wall
	mu   sync.Mutex
	last map[string]time.Time
}

func newQuiet(to *slog.Logger, wall clock.Wall) quiet {
	return quiet{to: to, said: &said{wall: wall, last: map[string]time.Time{}}}
}

// lately reports whether a trouble was told within the pause; where it was not, it counts as told now.
func (s *said) lately(message string, args []any) bool {
	what := message
	for i := 0; i+1 < len(args); i += 2 {
		if name := args[i]; name == "target" || name == "peer" || name == "server-id" || name == "remote-addr" {
			what += fmt.Sprint("\x00", args[i+1])
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.wall()
	if last, known := s.last[what]; known && now.Sub(last).Abs() < saidPause {
		return true
	}
	if len(s.last) >= saidMax {
		clear(s.last)
	}
	s.last[what] = now
	return false
}

var _ hclog.Logger = quiet{}

func (q quiet) level(level hclog.Level) slog.Level {
	switch level {
	case hclog.Error:
		return slog.LevelWarn
	case hclog.Warn:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// Log implements hclog.Logger.
func (q quiet) Log(level hclog.Level, message string, args ...any) {
	to := q.level(level)
	if to >= slog.LevelWarn && q.said.lately(message, args) {
		to = slog.LevelDebug
	}
	if level >= hclog.Info && q.to.Enabled(context.Background(), to) {
		args = append(q.with[:len(q.with):len(q.with)], args...)
		for i, arg := range args {
			if f, deferred := arg.(hclog.Format); deferred && len(f) > 0 {
				args[i] = fmt.Sprintf(fmt.Sprint(f[0]), f[1:]...)
			}
		}
		q.to.Log(context.Background(), to, "raft: "+message, args...)
	}
}

// Trace implements hclog.Logger.
func (q quiet) Trace(string, ...any) {}

// Debug implements hclog.Logger.
func (q quiet) Debug(string, ...any) {}

// Info implements hclog.Logger.
func (q quiet) Info(message string, args ...any) { q.Log(hclog.Info, message, args...) }

// Warn implements hclog.Logger.
func (q quiet) Warn(message string, args ...any) { q.Log(hclog.Warn, message, args...) }

// Error implements hclog.Logger.
func (q quiet) Error(message string, args ...any) { q.Log(hclog.Error, message, args...) }

// IsTrace implements hclog.Logger.
func (q quiet) IsTrace() bool { return false }

// IsDebug implements hclog.Logger.
func (q quiet) IsDebug() bool { return false }

// IsInfo implements hclog.Logger.
func (q quiet) IsInfo() bool { return q.to.Enabled(context.Background(), q.level(hclog.Info)) }

// IsWarn implements hclog.Logger.
func (q quiet) IsWarn() bool { return q.to.Enabled(context.Background(), q.level(hclog.Warn)) }

// IsError implements hclog.Logger.
func (q quiet) IsError() bool { return q.to.Enabled(context.Background(), q.level(hclog.Error)) }

// ImpliedArgs implements hclog.Logger.
func (q quiet) ImpliedArgs() []any { return q.with }

// With implements hclog.Logger.
func (q quiet) With(args ...any) hclog.Logger {
	q.with = append(q.with[:len(q.with):len(q.with)], args...)
	return q
}

// Name implements hclog.Logger.
func (q quiet) Name() string { return q.name }

// Named implements hclog.Logger.
func (q quiet) Named(name string) hclog.Logger { return q.ResetNamed(q.name + "." + name) }

// ResetNamed implements hclog.Logger.
func (q quiet) ResetNamed(name string) hclog.Logger {
	q.name = name
	return q
}

// SetLevel implements hclog.Logger; slog's handler decides.
func (q quiet) SetLevel(hclog.Level) {}

// GetLevel implements hclog.Logger.
func (q quiet) GetLevel() hclog.Level { return hclog.Info }

// StandardLogger implements hclog.Logger.
func (q quiet) StandardLogger(*hclog.StandardLoggerOptions) *log.Logger {
	return slog.NewLogLogger(q.to.Handler(), slog.LevelDebug)
}

// StandardWriter implements hclog.Logger.
func (q quiet) StandardWriter(o *hclog.StandardLoggerOptions) io.Writer {
	return q.StandardLogger(o).Writer()
}
