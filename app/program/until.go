package program

import (
	"context"

	"holdfast/backend/core/fault"
)

// until waits for something that only changes of the store bring about. It gives so's error, ctx's, or fault.Unavailable when the store closes.
func (s *site) until(ctx context.Context, so func() (bool, error)) error {
	changes := s.store.Subscribe(1)
	defer changes.Close()
	for {
		if done, err := so(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case _, open := <-changes.C():
			if !open {
				return fault.New(fault.Unavailable, "program.until", "Holdfast is closing. What was saved is kept; try again after the next start.")
			}
		}
	}
}

// withChanges does something now and after each change of the store, until life ends. failed says in the log what a fault leaves undone.
func (sh *sharing) withChanges(life context.Context, failed string, do func(context.Context) error) {
	changes := sh.site.store.Subscribe(1)
	defer changes.Close()
	for {
		if err := do(life); err != nil && life.Err() == nil {
			sh.site.program.config.Log.Error(failed, "error", err)
		}
		select {
		case <-life.Done():
			return
		case _, open := <-changes.C():
			if !open {
				return
			}
		}
	}
}
