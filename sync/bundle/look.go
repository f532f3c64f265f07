package bundle

import (
	"context"
	"errors"
	"io"
	"time"

	"holdfast/sync/session"
)

func timeOf(milliseconds int64) time.Time { return time.UnixMilli(milliseconds).UTC() }

// look counts what a section holds.
func look(ctx context.Context, o *opened, counts *Content) error {
	space := counts.space(o.Space)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		m, err := o.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		count(m, space, counts)
	}
}

func count(m session.Message, space *SpaceContent, counts *Content) {
	switch m := m.(type) {
	case *session.Hello:
		for _, position := range m.Positions {
			if position.Frontier.Space == space.Space {
				space.Generation = position.Frontier.Generation
			}
		}
	case *session.Edits:
		space.Edits += len(m.Run)
	case *session.Commits:
		space.commits(m.From, uint64(len(m.Rows)))
	case *session.SnapshotOffer:
		space.Snapshot, space.To = true, m.Frontier.Commit
	case *session.OutOfReach:
		space.Incomplete = true
	case *session.BlobChunk:
		if !m.Missing && m.Offset+uint64(len(m.Bytes)) == m.Total {
			counts.Files++
		}
	}
}
