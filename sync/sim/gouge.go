package sim

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// gougeRounds is how many tables a node's database gets before one of them is damaged: what stands in the others can be read all the same.
const gougeRounds = 3

// gouge damages a table of a node's database where it holds the log, with later commits in another table. What is taken out of it must end with a whole entry: no later entry of the group would
// ever apply within one.
func (w *world) gouge() error {
	may := slices.DeleteFunc(w.nodes(), func(n *device) bool { return !w.forgetful(n) || n.disk.room > 0 })
	if len(may) == 0 {
		return nil
	}
	n := pick(w, may)
	for range gougeRounds {
		if err := w.decideMuch(n); err != nil {
			return err
		}
		w.hangUp(n)
		if err := n.store.Close(); err != nil {
			return err
		}
		if err := w.open(n); err != nil {
			return err
		}
	}
	return w.losing(n, func() error {
		if err := n.store.Close(); err != nil {
			return err
		}
		what, err := gouged(n)
		if err != nil {
			return err
		}
		w.note("the log of %s is damaged: %s", n.name, what)
		if err := w.start(n); err != nil {
			return err
		}
		if n.store.Health().Rebuilt == "" {
			return fmt.Errorf("%s does not say that its database is damaged", n.name)
		}
		w.tally["gouged"]++
		for _, space := range n.spaces {
			w.tally["gouged log taken up in part"] += btoi(n.store.Frontier(space).Commit > 0)
		}
		return nil
	})
}

// decideMuch lets a node save and decide on entries of several edits.
func (w *world) decideMuch(n *device) error {
	if err := w.catchUp(n); err != nil {
		return err
	}
	for range 12 {
		if err := w.editOn(n); err != nil {
			return err
		}
	}
	if err := w.decide(n); err != nil {
		return err
	}
	return w.catchUp(n)
}

// gouged flips bytes of the oldest table of a device's database, near its start, where the log's rows are.
func gouged(d *device) (string, error) {
	files, err := databaseFiles(d.dir)
	if err != nil {
		return "", err
	}
	for _, path := range files {
		if !strings.HasSuffix(path, ".sst") {
			continue
		}
		end, err := dataEnd(path)
		if err != nil {
			return "", err
		}
		at := d.disk.random.Int64N(1 + end*2/5)
		return fmt.Sprintf("%s is wrong at %d of %d", filepath.Base(path), at, end), flip(path, at)
	}
	return "", fmt.Errorf("%s has no table", d.name)
}
