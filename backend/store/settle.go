package store

import (
	"context"

	"holdfast/backend/core/fault"
)

// Settle returns when the store has done what its changes so far have left it to do by itself: lost edits are offered again, the journal is trimmed, answered saves are copied.
func (s *Store) Settle(ctx context.Context) error {
	done := make(chan struct{})
	select {
	case s.settling <- done:
	case <-s.stop:
		return errClosed
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Unavailable, "store.Settle", "Waiting was cancelled; the work goes on.")
	}
	<-done
	return nil
}

// chores does all that is asked of the appender; offering edits again may ask for more.
func (s *Store) chores() {
	for {
		select {
		case <-s.lost:
			s.reissueLost()
			continue
		default:
		}
		select {
		case <-s.tidy:
			s.trimJournal()
		default:
			return
		}
	}
}
