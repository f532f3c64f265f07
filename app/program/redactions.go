package program

import (
	"context"
	"encoding/binary"
	"os"

	"holdfast/backend/core/fault"
)

// Under these names the store keeps how many redactions the group's log and the search index have followed.
const (
	purgedLog   = "purged/log"
	purgedIndex = "purged/index"
)

// purge has the copies of records beside the store drop what was removed for good. The store's own copies are the store's business.
func (sh *sharing) purge(ctx context.Context) error {
	s := sh.site
	count := s.store.Redactions()
	if done, err := s.followed(purgedLog); err != nil || done == count {
		return err
	}
	if sh.node != nil {
		if err := sh.node.Purge(ctx); err != nil {
			return err
		}
	}
	// Files of the index that nobody needs any more go in their own time: the next start makes sure of it.
	if err := s.index.Purge(ctx); err != nil {
		return fault.Wrap(err, fault.Unavailable, "program.purge", "The search index could not be written anew. It will be at the next start.")
	}
	return s.follows(ctx, purgedLog, count)
}

// freshIndex removes a search index that may still hold words of what was removed for good.
func (s *site) freshIndex(ctx context.Context, folder string) error {
	count := s.store.Redactions()
	if done, err := s.followed(purgedIndex); err != nil || done == count {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return fault.Wrap(err, fault.ReadOnly, "program.freshIndex", "The search index may hold what was removed for good and could not be removed. Delete "+folder+" yourself; it is made anew at the next start.")
	}
	return s.follows(ctx, purgedIndex, count)
}

func (s *site) followed(name string) (int, error) {
	raw, err := s.store.Meta(name)
	if err != nil || len(raw) != 8 {
		return 0, err
	}
	return int(binary.BigEndian.Uint64(raw)), nil
}

func (s *site) follows(ctx context.Context, name string, count int) error {
	return s.store.SetMeta(ctx, name, binary.BigEndian.AppendUint64(nil, uint64(count)))
}
