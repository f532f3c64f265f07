package store

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// quietLogger passes Badger's warnings on and drops its chatter. Its messages are cut: one of them quotes whole values.
type quietLogger struct{ log *slog.Logger }

const badgerMessageBytesMax = 400

func (q quietLogger) say(level slog.Level, format string, args ...any) {
	text := strings.TrimSpace(fmt.Sprintf(format, args...))
	if len(text) > badgerMessageBytesMax {
		text = text[:badgerMessageBytesMax] + "…"
	}
	q.log.Log(context.Background(), level, "database: "+text)
}

// Errorf logs as a warning: the store decides what is an error.
func (q quietLogger) Errorf(format string, args ...any) { q.say(slog.LevelWarn, format, args...) }

// Warningf logs a warning.
func (q quietLogger) Warningf(format string, args ...any) { q.say(slog.LevelWarn, format, args...) }

// Infof drops the message.
func (q quietLogger) Infof(string, ...any) {}

// Debugf drops the message.
func (q quietLogger) Debugf(string, ...any) {}
