package config

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"holdfast/backend/core/fault"
	"holdfast/backend/record/textmerge"
)

// FileConflict is one file that a person has to settle.
type FileConflict struct {
	Path string
	What string // why, in one sentence
	// Base, Ours and Theirs are the three contents; Missing lists which of them ("base", "ours", "theirs") do not exist.
	Base, Ours, Theirs string
	Missing            []string
	// Merged is ours with every change of theirs that does not conflict; Regions are the places that do.
	Merged  string
	Regions []textmerge.Region
}

// Merged is what came of a merge: a commit, or conflicts and no commit.
type Merged struct {
	Commit    Hash
	Conflicts []FileConflict
}

// Merge brings two versions together, tree by tree and then line by line, and commits the result with both as parents. Where one already
// contains the other, that one is the answer. An empty base means the last common ancestor. No branch moves.
func (r *Repository) Merge(ctx context.Context, base, ours, theirs Hash, entry Entry) (Merged, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.storage()
	common, err := commonBase(s, ours, theirs)
	if err != nil {
		return Merged{}, err
	}
	switch common {
	case theirs:
		return Merged{Commit: ours}, nil
	case ours:
		return Merged{Commit: theirs}, nil
	}
	if base == "" {
		base = common
	}
	return r.mergeInto(ctx, s, base, ours, theirs, []Hash{ours, theirs}, entry)
}

// MergeKeeping is Merge, except that conflicts do not keep it from a commit: where both sides changed the same lines, or one removed what the other changed, ours stays. The
// conflicts say where that is, for a person to look through.
func (r *Repository) MergeKeeping(ctx context.Context, ours, theirs Hash, entry Entry) (Merged, error) {
	merged, err := r.Merge(ctx, "", ours, theirs, entry)
	if err != nil || merged.Commit != "" {
		return merged, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.storage()
	common, err := commonBase(s, ours, theirs)
	if err != nil {
		return Merged{}, err
	}
	trees, err := readThree(ctx, s, common, ours, theirs)
	if err != nil {
		return Merged{}, err
	}
	kept, _ := mergeTrees(trees[0], trees[1], trees[2])
	for _, conflict := range merged.Conflicts {
		if _, there := trees[1][conflict.Path]; there {
			kept[conflict.Path] = conflict.Merged
		}
	}
	before, err := readBlobs(s, ours)
	if err != nil {
		return Merged{}, err
	}
	after, err := r.apply(ctx, s, before, changesTo(trees[1], kept))
	if err != nil {
		return Merged{}, err
	}
	merged.Commit, err = r.writeCommit(s, []Hash{ours, theirs}, after, entry)
	return merged, err
}

// Revert takes back what one commit changed, against its first parent, on top of head, and commits that. No branch moves. Later changes
// of the same lines make conflicts.
func (r *Repository) Revert(ctx context.Context, head, commit Hash, entry Entry) (Merged, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.storage()
	c, err := readCommit(s, commit)
	if err != nil {
		return Merged{}, err
	}
	if c.NumParents() == 0 {
		return Merged{}, fault.New(fault.Invalid, "config.Revert", "The first version cannot be taken back: nothing came before it.")
	}
	return r.mergeInto(ctx, s, commit, head, Hash(c.ParentHashes[0].String()), []Hash{head}, entry)
}

func (r *Repository) mergeInto(ctx context.Context, s *filesystem.Storage, base, ours, theirs Hash, parents []Hash, entry Entry) (Merged, error) {
	trees, err := readThree(ctx, s, base, ours, theirs)
	if err != nil {
		return Merged{}, err
	}
	merged, conflicts := mergeTrees(trees[0], trees[1], trees[2])
	if len(conflicts) > 0 {
		return Merged{Conflicts: conflicts}, nil
	}
	before, err := readBlobs(s, ours)
	if err != nil {
		return Merged{}, err
	}
	after, err := r.apply(ctx, s, before, changesTo(trees[1], merged))
	if err != nil {
		return Merged{}, err
	}
	if len(parents) == 1 && maps.Equal(before, after) {
		return Merged{Commit: ours}, nil
	}
	commit, err := r.writeCommit(s, parents, after, entry)
	return Merged{Commit: commit}, err
}

// readThree reads the trees of the last common ancestor, which may be none, and of both sides.
func readThree(ctx context.Context, s *filesystem.Storage, base, ours, theirs Hash) (trees [3]Tree, err error) {
	for i, commit := range []Hash{base, ours, theirs} {
		if commit == "" {
			trees[i] = Tree{}
		} else if trees[i], err = readTree(ctx, s, commit); err != nil {
			return trees, err
		}
	}
	return trees, nil
}

// changesTo gives the changes that lead from one version to another.
func changesTo(from, to Tree) []Change {
	var changes []Change
	for _, path := range sortedKeys(from) {
		if _, kept := to[path]; !kept {
			changes = append(changes, Change{Path: path, Remove: true})
		}
	}
	for _, path := range sortedKeys(to) {
		if old, existed := from[path]; !existed || old != to[path] {
			changes = append(changes, Change{Path: path, Content: to[path]})
		}
	}
	return changes
}

// commonBase gives the last common ancestor, or "" when the histories never met. Of several, as after crossing merges, it takes
// the newest, then the smallest hash, so that every device takes the same.
func commonBase(s *filesystem.Storage, ours, theirs Hash) (Hash, error) {
	a, err := readCommit(s, ours)
	if err != nil {
		return "", err
	}
	b, err := readCommit(s, theirs)
	if err != nil {
		return "", err
	}
	bases, err := a.MergeBase(b)
	if err != nil || len(bases) == 0 {
		return "", damaged(err, "config.Merge")
	}
	best := slices.MinFunc(bases, func(x, y *object.Commit) int {
		if c := y.Committer.When.Compare(x.Committer.When); c != 0 {
			return c
		}
		return strings.Compare(x.Hash.String(), y.Hash.String())
	})
	return Hash(best.Hash.String()), nil
}

// mergeTrees merges file by file. The conflicts name files in the order of their paths.
func mergeTrees(base, ours, theirs Tree) (Tree, []FileConflict) {
	merged := Tree{}
	var conflicts []FileConflict
	all := slices.Concat(sortedKeys(base), sortedKeys(ours), sortedKeys(theirs))
	slices.Sort(all)
	for _, path := range slices.Compact(all) {
		content, keep, conflict := mergeFile(path, base, ours, theirs)
		if conflict != nil {
			conflicts = append(conflicts, *conflict)
		} else if keep {
			merged[path] = content
		}
	}
	if one, other, found := collision(sortedKeys(merged)); found && len(conflicts) == 0 {
		conflicts = append(conflicts, FileConflict{
			Path: strings.TrimSuffix(one, "/"), What: "It cannot be kept beside " + other + " on every computer. Rename one of them.",
			Base: base[one], Ours: ours[one], Theirs: theirs[one], Missing: missing(one, base, ours, theirs), Merged: merged[one],
		})
	}
	return merged, conflicts
}

// mergeFile merges one file; keep says whether it exists afterwards.
func mergeFile(path string, base, ours, theirs Tree) (content string, keep bool, conflict *FileConflict) {
	b, inBase := base[path]
	o, inOurs := ours[path]
	t, inTheirs := theirs[path]
	switch {
	case inOurs == inTheirs && o == t, inTheirs == inBase && t == b:
		return o, inOurs, nil
	case inOurs == inBase && o == b:
		return t, inTheirs, nil
	}
	conflict = &FileConflict{Path: path, Base: b, Ours: o, Theirs: t, Missing: missing(path, base, ours, theirs), Merged: o}
	if !inOurs {
		conflict.What, conflict.Merged = "It was removed here and changed there.", t
		return "", false, conflict
	}
	if !inTheirs {
		conflict.What = "It was changed here and removed there."
		return "", false, conflict
	}
	result := textmerge.Merge(b, o, t)
	if result.Clean {
		return result.Text, true, nil
	}
	conflict.What, conflict.Merged, conflict.Regions = "Both changed the same lines.", result.Text, result.Regions
	return "", false, conflict
}

func missing(path string, base, ours, theirs Tree) []string {
	var names []string
	for i, tree := range []Tree{base, ours, theirs} {
		if _, there := tree[path]; !there {
			names = append(names, []string{"base", "ours", "theirs"}[i])
		}
	}
	return names
}
