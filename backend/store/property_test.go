package store

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// world is two desktops and a node that decides; what each saved must come out once, whatever happens in between.
type world struct {
	t       *testing.T
	devices []signer
	dirs    []string
	stores  []*Store // the last one is the node
	records []record.ID
	saved   map[string]bool // by title
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, saved: map[string]bool{}}
	for i := range 3 {
		device := newSigner(fmt.Sprint("device ", i))
		dir := t.TempDir()
		s, err := Open(context.Background(), configIn(dir, device))
		must(t, err)
		w.devices, w.dirs, w.stores = append(w.devices, device), append(w.dirs, dir), append(w.stores, s)
	}
	return w
}

func (w *world) node() *Store { return w.stores[len(w.stores)-1] }

// save appends an edit or three to a store, on a new record or one that it knows.
func (w *world) save(r *rapid.T) {
	s := w.stores[rapid.IntRange(0, len(w.stores)-1).Draw(r, "store")]
	var drafts []record.Draft
	for range rapid.IntRange(1, 3).Draw(r, "edits") {
		title := fmt.Sprint("title ", len(w.saved))
		w.saved[title] = true
		if len(w.records) == 0 || rapid.Bool().Draw(r, "new") {
			id := newID()
			w.records = append(w.records, id)
			drafts = append(drafts, draftOf(id, true, title))
			continue
		}
		drafts = append(drafts, draftOf(rapid.SampledFrom(w.records).Draw(r, "record"), false, title))
	}
	_, err := s.Append(context.Background(), drafts...)
	must(w.t, err)
}

func (w *world) send(r *rapid.T) {
	from, to := rapid.IntRange(0, 2).Draw(r, "from"), rapid.IntRange(0, 2).Draw(r, "to")
	if from != to {
		sendAll(w.t, w.stores[from], w.stores[to], w.devices...)
	}
}

// decideSome commits some of what the node holds.
func (w *world) decideSome(r *rapid.T) {
	pending := ready(w.t, w.node(), w.node().Pending(lyon))
	n := rapid.IntRange(0, min(len(pending), limit.EntryEdits)).Draw(r, "decided")
	if n == 0 {
		return
	}
	applied, err := w.node().Apply(context.Background(), decide(w.t, w.node(), pending[:n]), RaftPosition{})
	must(w.t, err)
	if !applied {
		w.t.Fatal("the node's own entry was refused")
	}
}

func (w *world) learn(r *rapid.T) {
	copyCommits(w.t, w.node(), w.stores[rapid.IntRange(0, 1).Draw(r, "desktop")])
}

// reopen closes a store and opens it again: cleanly, as after a crash, or with the database lost and only the journal left.
func (w *world) reopen(r *rapid.T) {
	i := rapid.IntRange(0, 2).Draw(r, "reopened")
	before := views(w.t, w.stores[i])
	must(w.t, w.stores[i].Close())
	if rapid.Bool().Draw(r, "unclean") {
		must(w.t, os.Remove(filepath.Join(w.dirs[i], cleanName)))
	}
	s, err := Open(context.Background(), configIn(w.dirs[i], w.devices[i]))
	must(w.t, err)
	w.stores[i] = s
	if after := views(w.t, s); !equalViews(before, after) {
		w.t.Error("after reopening the records look different")
	}
}

// replaceAll has a desktop take the node's state whole.
func (w *world) replaceAll(r *rapid.T) {
	i := rapid.IntRange(0, 1).Draw(r, "replaced")
	if w.node().Frontier(lyon).Commit >= w.stores[i].Frontier(lyon).Commit {
		restoreFrom(w.t, w.node(), w.stores[i])
	}
}

// check compares what each store shows with a view built anew from its parts.
func (w *world) check() {
	for _, s := range w.stores {
		for _, id := range w.records {
			committed, err := s.Committed(id)
			must(w.t, err)
			view, err := s.View(id)
			must(w.t, err)
			rebuilt := fold(id, committed, s.PendingOf(id))
			if !bytes.Equal(encoded(view), encoded(rebuilt)) {
				w.t.Errorf("the view of %s is not the one built anew", id)
			}
		}
	}
}

func encoded(s *record.State) []byte {
	if s == nil {
		return nil
	}
	return record.EncodeState(s)
}

func views(t testing.TB, s *Store) map[record.ID][]byte {
	t.Helper()
	all := map[record.ID][]byte{}
	must(t, s.EachView(context.Background(), func(state *record.State) error {
		all[state.ID] = encoded(state)
		return nil
	}))
	return all
}

func equalViews(a, b map[record.ID][]byte) bool {
	for id, raw := range a {
		if !bytes.Equal(raw, b[id]) {
			return false
		}
	}
	return len(a) == len(b)
}

// heal lets everything reach everybody.
func (w *world) heal() {
	for range 3 {
		for _, s := range w.stores[:2] {
			sendAll(w.t, s, w.node(), w.devices...)
		}
		commitAll(w.t, w.node())
		for _, s := range w.stores[:2] {
			copyCommits(w.t, w.node(), s)
		}
	}
}

func (w *world) checkHealed() {
	titles := map[string]int{}
	commits, err := w.node().Commits(lyon, 1, 1<<30)
	must(w.t, err)
	for _, c := range commits {
		e, err := record.Open(c.Sealed)
		must(w.t, err)
		titles[e.Mutations[len(e.Mutations)-1].Value.AsText()]++
	}
	for title := range w.saved {
		if titles[title] != 1 {
			w.t.Errorf("%q was committed %d times", title, titles[title])
		}
	}
	want := w.node().Frontier(lyon)
	for i, s := range w.stores {
		if s.Frontier(lyon) != want || s.PendingCount() != 0 {
			w.t.Errorf("store %d stands at %v with %d pending, the node at %v", i, s.Frontier(lyon), s.PendingCount(), want)
		}
		wantNoFindings(w.t, s)
	}
}

func TestWhateverHappensEverySaveComesOutOnce(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		defer func() {
			for _, s := range w.stores {
				must(t, s.Close())
			}
		}()
		r.Repeat(map[string]func(*rapid.T){
			"save": w.save, "send": w.send, "decide": w.decideSome, "learn": w.learn, "reopen": w.reopen, "replace": w.replaceAll,
			"": func(*rapid.T) { w.check() },
		})
		w.heal()
		w.checkHealed()
	})
}
