package sim

import (
	"fmt"

	"holdfast/sync/session"
)

// describe gives a message in a few words.
func describe(m session.Message) string {
	switch m := m.(type) {
	case *session.Hello:
		return fmt.Sprintf("Hello with %d spaces", len(m.Positions))
	case *session.Commits:
		return fmt.Sprintf("Commits %s %d..%d", m.Space, m.From, m.From+uint64(len(m.Rows))-1)
	case *session.Edits:
		return fmt.Sprintf("Edits %s %s.%x %d..%d", m.Space, m.Incarnation.Device.String()[:6], m.Incarnation.Number, m.From, m.From+uint64(len(m.Run))-1)
	case *session.WantEdits:
		return fmt.Sprintf("WantEdits %s %s.%x from %d", m.Space, m.Incarnation.Device.String()[:6], m.Incarnation.Number, m.From)
	case *session.WantCommits:
		return fmt.Sprintf("WantCommits %s from %d", m.Space, m.From)
	case *session.Progress:
		return fmt.Sprintf("Progress taken %d", m.Taken)
	case *session.SnapshotOffer:
		return fmt.Sprintf("SnapshotOffer %s at %d", m.Frontier.Space, m.Frontier.Commit)
	case *session.Goodbye:
		return "Goodbye " + m.Code
	}
	return fmt.Sprintf("%T", m)
}
