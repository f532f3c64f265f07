package store

import (
	"context"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// WholeSnapshot is Snapshot with every edit that was saved before it, this device's own waiting ones included, which the database otherwise holds later than the journal does.
func (s *Store) WholeSnapshot(ctx context.Context) (*Snapshot, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.mend(); err != nil {
		return nil, err
	}
	if err := s.payOwed(); err != nil {
		return nil, err
	}
	if len(s.owed.rows) > 0 {
		return nil, fault.New(fault.DiskFull, "store.WholeSnapshot", "The disk that holds the data folder is full. Free some space, then try again; nothing that was saved is lost.")
	}
	return s.Snapshot(ctx)
}

// Frontiers gives the frontiers of all spaces in the snapshot, ordered by name.
func (n *Snapshot) Frontiers() ([]record.Frontier, error) {
	var all []record.Frontier
	err := scan(n.reader.txn, []byte{famFrontier}, func(_, value []byte) error {
		var f record.Frontier
		err := record.Decode(value, &f)
		all = append(all, f)
		return err
	})
	return all, n.reader.db.readFault(err, "store.Snapshot")
}
