package node

import (
	"context"
	"errors"

	"github.com/hashicorp/raft"
)

// Purge drops from this node's disk what its log still holds of entries that the store has taken over, because something that they say was removed for good. A member that lacks them takes over
// the whole state instead. The group goes on meanwhile.
func (n *Node) Purge(ctx context.Context) error {
	const op = "node.Purge"
	usual := n.raft.ReloadableConfig()
	short := usual
	short.TrailingLogs = 0
	if err := n.raft.ReloadConfig(short); err != nil {
		return n.explain(err, op)
	}
	err := n.await(ctx, n.raft.Snapshot(), op)
	if reloadErr := n.raft.ReloadConfig(usual); err == nil {
		err = reloadErr
	}
	if err != nil && !errors.Is(err, raft.ErrNothingNewToSnapshot) {
		return err
	}
	return n.log.Rewrite()
}
