package store

import (
	"context"
	"testing"

	"holdfast/backend/record"
)

// rejoining is a device that wrote in a site, left it, and takes part in it again. An undecided edit elsewhere keeps what it wrote there in its journal.
type rejoining struct {
	device      signer
	node, store *Store
	written     []record.EditID
	left        int // how many of them were when it left last
}

func newRejoining(t *testing.T) *rejoining {
	t.Helper()
	r := &rejoining{device: newSigner("A"), node: newStoreOf(t, newSigner("N"))}
	r.store = newStoreOf(t, r.device)
	elsewhere := draftOf(newID(), true, "Waits elsewhere")
	elsewhere.Space = "site/BER"
	_, err := r.store.Append(t.Context(), elsewhere)
	must(t, err)
	for _, title := range []string{"One", "Two", "Three"} {
		fill(t, r.node, 1)
		ids, err := r.store.Append(t.Context(), draftOf(newID(), true, title))
		must(t, err)
		r.written = append(r.written, ids...)
		sendAll(t, r.store, r.node, r.device)
		commitAll(t, r.node)
		copyCommits(t, r.node, r.store)
	}
	r.leave(t)
	return r
}

func (r *rejoining) leave(t *testing.T) {
	t.Helper()
	r.store.Retire(lyon)
	must(t, r.store.Leave(t.Context(), lyon))
	r.onlyElsewhereWaits(t)
	r.store.Retire()
	r.left = len(r.written)
}

func (r *rejoining) restart(t *testing.T) {
	t.Helper()
	must(t, r.store.Close())
	r.store = openStore(t, configIn(r.store.cfg.Dir, r.device))
	r.onlyElsewhereWaits(t)
}

func (r *rejoining) onlyElsewhereWaits(t *testing.T) {
	t.Helper()
	if here, all := r.store.PendingIn(lyon), r.store.PendingCount(); here != 0 || all != 1 {
		t.Fatalf("%d edits wait there and %d in all", here, all)
	}
}

// some applies the first n commits that are due.
func (r *rejoining) some(t *testing.T, n int) {
	t.Helper()
	at := r.store.Frontier(lyon)
	commits, err := r.node.Commits(lyon, at.Commit+1, 1<<20)
	must(t, err)
	for i, c := range commits[:n] {
		applied, err := r.store.Apply(t.Context(), record.Entry{
			Format: record.FormatVersion, Space: lyon, Generation: c.Generation, EvaluatedAt: at.Commit + uint64(i), Time: c.Time,
			Edits: []record.Sealed{c.Sealed}, Outcomes: [][]byte{c.Outcome},
		}, RaftPosition{})
		must(t, err)
		if !applied {
			t.Fatalf("commit %d was refused", at.Commit+uint64(i)+1)
		}
	}
}

// works checks that the device stands where the node stands, and that what it writes there now is agreed under an id that was never used.
func (r *rejoining) works(t *testing.T) {
	t.Helper()
	r.onlyElsewhereWaits(t)
	id := newID()
	ids, err := r.store.Append(t.Context(), draftOf(id, true, "Back again"))
	must(t, err)
	for i, used := range r.written {
		if used == ids[0] || i < r.left && used.Incarnation == ids[0].Incarnation {
			t.Errorf("%s goes on with an incarnation of before", ids[0])
		}
	}
	r.written = append(r.written, ids...)
	sendAll(t, r.store, r.node, r.device)
	commitAll(t, r.node)
	copyCommits(t, r.node, r.store)
	if titleOf(t, r.node, id) == "" || r.store.Frontier(lyon) != r.node.Frontier(lyon) {
		t.Errorf("%v against %v", r.store.Frontier(lyon), r.node.Frontier(lyon))
	}
	r.onlyElsewhereWaits(t)
	wantNoFindings(t, r.store)
}

// A site's commits come again from the first one, this device's own among them.
func TestASiteThatWasLeftIsFollowedAgain(t *testing.T) {
	for name, between := range map[string]func(*testing.T, *rejoining){
		"at once":                      func(*testing.T, *rejoining) {},
		"after a restart":              func(t *testing.T, r *rejoining) { r.restart(t) },
		"with a restart on the way":    func(t *testing.T, r *rejoining) { r.some(t, 3); r.restart(t) },
		"after it was left on the way": func(t *testing.T, r *rejoining) { r.some(t, 3); r.leave(t); r.restart(t) },
		"after it was left twice": func(t *testing.T, r *rejoining) {
			copyCommits(t, r.node, r.store)
			r.works(t)
			r.leave(t)
			r.restart(t)
		},
		"with a restart of a whole space": func(t *testing.T, r *rejoining) { copyCommits(t, r.node, r.store); r.restart(t) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRejoining(t)
			between(t, r)
			copyCommits(t, r.node, r.store)
			r.works(t)
			r.restart(t)
			r.works(t)
		})
	}
}

// The site's state comes as a whole, in one go or with a restart amid it.
func TestASiteThatWasLeftIsTakenOverAgain(t *testing.T) {
	t.Run("in one go", func(t *testing.T) {
		r := newRejoining(t)
		takeOver(t, r.node, r.store, 1<<10)
		r.works(t)
	})
	t.Run("with a restart on the way", func(t *testing.T) {
		r := newRejoining(t)
		snapshot, err := r.node.SnapshotSpace(context.Background(), lyon, 100)
		must(t, err)
		defer snapshot.Close()
		in, err := r.store.ImportSpace(t.Context(), snapshot.Frontier())
		must(t, err)
		chunk, err := snapshot.Next(nil, 1)
		must(t, err)
		must(t, in.Add(t.Context(), chunk))
		r.restart(t)
		takeOver(t, r.node, r.store, 1<<10)
		r.works(t)
	})
	t.Run("where some of it is here", func(t *testing.T) {
		r := newRejoining(t)
		r.some(t, 1)
		takeOver(t, r.node, r.store, 1<<10)
		r.works(t)
	})
}
