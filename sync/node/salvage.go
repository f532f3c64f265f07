package node

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hashicorp/raft"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/node/raftlog"
)

// Salvage applies what the log of a node that has stopped for good holds beyond its store: entries that were on their way when the group was lost. Perhaps they were agreed and others saw
// them, perhaps not; they hold people's work either way. It gives how many were applied. A log that is absent or damaged has nothing more to give: the fault says which, and what was
// applied before stays.
func Salvage(ctx context.Context, dir string, key []byte, s *store.Store) (applied int, err error) {
	path := filepath.Join(dir, logName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return 0, fault.New(fault.NotFound, "node.Salvage", "This device has no log of agreed changes.")
	}
	log, err := raftlog.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	entries, err := logOf(log, key)
	if err != nil {
		return 0, err
	}
	last, err := entries.LastIndex()
	if err != nil {
		return 0, err
	}
	first, err := entries.FirstIndex()
	if err != nil {
		return 0, err
	}
	for index := max(first, s.RaftPosition().Index+1); index <= last && ctx.Err() == nil; index++ {
		done, err := salvageOne(ctx, entries, index, s)
		if err != nil {
			return applied, err
		}
		if done {
			applied++
		}
	}
	return applied, ctx.Err()
}

func salvageOne(ctx context.Context, entries raft.LogStore, index uint64, s *store.Store) (bool, error) {
	var log raft.Log
	if err := entries.GetLog(index, &log); err != nil {
		return false, err
	}
	if log.Type != raft.LogCommand {
		return false, nil
	}
	var entry record.Entry
	if err := formats(nil).decode(log.Data, &entry); fault.Is(err, fault.NewerFormat) {
		return false, err
	} else if err != nil {
		return false, nil // passed over by everybody
	}
	applied, err := s.Apply(ctx, entry, store.RaftPosition{Index: log.Index, Term: log.Term})
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) {
		return false, nil // as above
	}
	return applied, err
}
