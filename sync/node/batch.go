package node

import (
	"github.com/hashicorp/raft"

	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

var _ raft.BatchingFSM = (*machine)(nil)

// ApplyBatch writes entries of the log. Those of one space that follow each other go into one transaction, as far as that stays as small as the largest entry's; what cannot be
// written together is written one by one, so that each has the result that it has on every other replica.
func (m *machine) ApplyBatch(logs []*raft.Log) []any {
	results := make([]any, 0, len(logs))
	for len(logs) > 0 {
		n := runOf(logs)
		written := n > 1 && m.together(logs[:n])
		for _, l := range logs[:n] {
			if written {
				results = append(results, verdict{applied: true})
			} else {
				results = append(results, m.single(l))
			}
		}
		logs = logs[n:]
	}
	return results
}

func (m *machine) single(l *raft.Log) any {
	if l.Type == raft.LogConfiguration {
		m.noteConfiguration(l.Index)
		return nil
	}
	return m.Apply(l)
}

// runOf gives how many entries from the first on may be tried together, at least 1.
func runOf(logs []*raft.Log) int {
	n, size := 0, 0
	for n < len(logs) && logs[n].Type == raft.LogCommand && (n == 0 || size+len(logs[n].Data) <= limit.EntryBytes) {
		size += len(logs[n].Data)
		n++
	}
	return max(n, 1)
}

// together tries to write entries in one step; false, with nothing written, when that does not work.
func (m *machine) together(logs []*raft.Log) bool {
	if m.halt() != nil || logs[0].Index <= m.store.RaftPosition().Index {
		return false
	}
	entries := make([]record.Entry, len(logs))
	for i, l := range logs {
		if m.formats.decode(l.Data, &entries[i]) != nil || entries[i].Space != entries[0].Space {
			return false
		}
	}
	last := logs[len(logs)-1]
	at := store.RaftPosition{Index: last.Index, Term: last.Term}
	v := m.try(entries, at)
	if v.applied {
		m.last = at
	}
	return v.applied
}
