package session_test

import (
	"fmt"
	"strings"

	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/session"
)

// describe gives a message as one readable line.
func (n *network) describe(m session.Message) string {
	switch m := m.(type) {
	case *session.Hello:
		return "Hello " + n.positions(m.Positions)
	case *session.Progress:
		return strings.TrimSpace(fmt.Sprintf("Progress taken %d %s", m.Taken, n.positions(m.Positions)))
	case *session.Commits:
		return n.commits(m)
	case *session.WantCommits:
		return fmt.Sprintf("WantCommits %s from %d", m.Space, m.From)
	case *session.Edits:
		return fmt.Sprintf("Edits %s %s %d..%d", m.Space, n.incarnation(m.Incarnation), m.From, m.From+uint64(len(m.Run))-1)
	case *session.WantEdits:
		return fmt.Sprintf("WantEdits %s %s from %d", m.Space, n.incarnation(m.Incarnation), m.From)
	case *session.Introductions:
		var names []string
		for _, d := range m.Devices {
			names = append(names, n.names[record.DeviceOf(d.Key)])
		}
		return "Introductions " + strings.Join(names, " ")
	case *session.WantDevices:
		var names []string
		for _, id := range m.IDs {
			names = append(names, n.names[id])
		}
		return "WantDevices " + strings.Join(names, " ")
	case *session.SnapshotOffer:
		return fmt.Sprintf("SnapshotOffer %s@%d", m.Frontier.Space, m.Frontier.Commit)
	case *session.SnapshotWant:
		return fmt.Sprintf("SnapshotWant %s after %q", m.Space, m.After)
	case *session.Snapshot:
		return fmt.Sprintf("Snapshot %s %d rows, done %v", m.Space, len(m.Chunk.Rows), m.Chunk.Done)
	case *session.BlobWant:
		return fmt.Sprintf("BlobWant %s from %d", m.Hash.String()[:8], m.Offset)
	case *session.BlobHave:
		return "BlobHave " + m.Hash.String()[:8]
	case *session.BlobChunk:
		if m.Missing {
			return "BlobChunk " + m.Hash.String()[:8] + " missing"
		}
		return fmt.Sprintf("BlobChunk %s %d+%d of %d", m.Hash.String()[:8], m.Offset, len(m.Bytes), m.Total)
	case *session.Goodbye:
		return "Goodbye " + m.Code
	}
	return fmt.Sprintf("%T", m)
}

// positions gives "org@3 A/1:5": commit numbers, then how far incarnations are held.
func (n *network) positions(positions []session.Position) string {
	var parts []string
	for _, p := range positions {
		parts = append(parts, fmt.Sprintf("%s@%d", p.Frontier.Space, p.Frontier.Commit))
		for _, tail := range p.Tails {
			parts = append(parts, fmt.Sprintf("%s:%d", n.incarnation(tail.Incarnation), tail.Held))
		}
	}
	return strings.Join(parts, " ")
}

// commits gives each commit as "3=A/1:5", with a star where the edit travels along.
func (n *network) commits(m *session.Commits) string {
	var rows []string
	for i, row := range m.Rows {
		var outcome record.Outcome
		if err := record.Decode(row.Outcome, &outcome); err != nil {
			panic(err)
		}
		text := fmt.Sprintf("%d=%s:%d", m.From+uint64(i), n.incarnation(outcome.Edit.Incarnation), outcome.Edit.Sequence)
		if row.Sealed != nil {
			text += "*"
		}
		rows = append(rows, text)
	}
	if len(rows) > 8 {
		rows = append(append(rows[:3:3], "…"), rows[len(rows)-1])
	}
	return fmt.Sprintf("Commits %s %s", m.Space, strings.Join(rows, " "))
}

func (n *network) incarnation(of record.Incarnation) string {
	return fmt.Sprintf("%s/%d", n.names[of.Device], of.Number)
}

func (n *network) tails(tails []store.Tail) string {
	var parts []string
	for _, t := range tails {
		parts = append(parts, fmt.Sprintf("%s:%d..%d", n.incarnation(t.Incarnation), t.Committed+1, t.Held))
	}
	return strings.Join(parts, " ")
}

// difference gives the first lines in which two texts part.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	at := 0
	for at < len(w) && at < len(g) && w[at] == g[at] {
		at++
	}
	part := func(lines []string) string {
		return strings.Join(lines[min(at, len(lines)):min(at+8, len(lines))], "\n")
	}
	return fmt.Sprintf("line %d: wanted\n%s\ngot\n%s", at+1, part(w), part(g))
}
