package config

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"holdfast/backend/record/textmerge"
)

// Version is one commit in the history.
type Version struct {
	Hash    Hash
	Parents []Hash
	Author  string
	Email   string
	At      time.Time // in UTC, to the second
	Message string
}

// Version gives one commit.
func (r *Repository) Version(commit Hash) (Version, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := readCommit(r.storage(), commit)
	if err != nil {
		return Version{}, err
	}
	return versionOf(c), nil
}

func versionOf(c *object.Commit) Version {
	v := Version{Hash: Hash(c.Hash.String()), Author: c.Author.Name, Email: c.Author.Email, At: c.Author.When.UTC(), Message: strings.TrimRight(c.Message, "\n")}
	for _, parent := range c.ParentHashes {
		v.Parents = append(v.Parents, Hash(parent.String()))
	}
	return v
}

// Log gives the newest limit commits that lead to from, newest first. A path keeps to commits that changed that file.
func (r *Repository) Log(ctx context.Context, from Hash, path string, limit int) ([]Version, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	start, err := readCommit(r.storage(), from)
	if err != nil {
		return nil, err
	}
	iter := object.NewCommitIterCTime(start, nil, nil)
	defer iter.Close()
	var versions []Version
	for len(versions) < limit {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c, err := iter.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, damaged(err, "config.Log")
		}
		changed, err := touches(c, path)
		if err != nil {
			return nil, err
		}
		if changed {
			versions = append(versions, versionOf(c))
		}
	}
	return versions, nil
}

// touches reports whether a commit has another content of the file than each of its parents.
func touches(c *object.Commit, path string) (bool, error) {
	if path == "" {
		return true, nil
	}
	now, err := blobAt(c, path)
	if err != nil {
		return false, err
	}
	if c.NumParents() == 0 {
		return !now.IsZero(), nil
	}
	for i := range c.NumParents() {
		parent, err := c.Parent(i)
		if err != nil {
			return false, damaged(err, "config.Log")
		}
		before, err := blobAt(parent, path)
		if err != nil || before == now {
			return false, err
		}
	}
	return true, nil
}

func blobAt(c *object.Commit, path string) (plumbing.Hash, error) {
	tree, err := c.Tree()
	if err != nil {
		return plumbing.ZeroHash, damaged(err, "config.Log")
	}
	entry, err := tree.FindEntry(path)
	if err != nil {
		return plumbing.ZeroHash, nil
	}
	return entry.Hash, nil
}

// IsAncestor reports whether following parents from commit leads to ancestor; every commit is its own ancestor.
func (r *Repository) IsAncestor(ancestor, commit Hash) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.storage()
	a, err := readCommit(s, ancestor)
	if err != nil {
		return false, err
	}
	c, err := readCommit(s, commit)
	if err != nil {
		return false, err
	}
	is, err := a.IsAncestor(c)
	return is, damaged(err, "config.IsAncestor")
}

// FileDiff is what differs in one file.
type FileDiff struct {
	Path   string
	Change FileChange
	Lines  []textmerge.Line
}

// FileChange says what became of a file.
type FileChange string

// The kinds of change of a file.
const (
	FileAdded   FileChange = "added"
	FileRemoved FileChange = "removed"
	FileChanged FileChange = "changed"
)

// Diff gives what differs between two commits, by path; an empty hash stands for no files at all.
func (r *Repository) Diff(ctx context.Context, from, to Hash) ([]FileDiff, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.storage()
	before, err := readBlobs(s, from)
	if err != nil {
		return nil, err
	}
	after, err := readBlobs(s, to)
	if err != nil {
		return nil, err
	}
	paths := slices.Compact(slices.Sorted(slices.Values(append(sortedKeys(before), sortedKeys(after)...))))
	var diffs []FileDiff
	for _, path := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		was, existed := before[path]
		is, exists := after[path]
		if was == is && existed == exists {
			continue
		}
		d := FileDiff{Path: path, Change: FileChanged}
		var old, new string
		if !existed {
			d.Change = FileAdded
		} else if old, err = readText(s, was); err != nil {
			return nil, err
		}
		if !exists {
			d.Change = FileRemoved
		} else if new, err = readText(s, is); err != nil {
			return nil, err
		}
		d.Lines = textmerge.Diff(old, new)
		diffs = append(diffs, d)
	}
	return diffs, nil
}
