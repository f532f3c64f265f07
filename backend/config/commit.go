package config

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"holdfast/backend/core/fault"
	"holdfast/backend/record/textmerge"
)

// Entry says who made a version, when and why.
type Entry struct {
	Author  string
	Email   string // may be empty
	At      time.Time
	Message string
}

// Change is a new content of one file, or its removal.
type Change struct {
	Path    string
	Content string // brought into LF and NFC
	Remove  bool
}

// Commit stores the first parent's files with the changes as a new version and gives it; no branch moves. No parent makes a first version;
// two record a merge. The same parents, changes and entry give the same hash on every device, for nothing but seconds of At in UTC goes in. With one parent
// and nothing that differs from it, that parent itself is the answer. Paths that not every system can keep are Invalid.
func (r *Repository) Commit(ctx context.Context, parents []Hash, changes []Change, entry Entry) (Hash, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.storage()
	first := Hash("")
	if len(parents) > 0 {
		first = parents[0]
	}
	before, err := readBlobs(s, first)
	if err != nil {
		return "", err
	}
	after, err := r.apply(ctx, s, before, changes)
	if err != nil {
		return "", err
	}
	if len(parents) == 1 && maps.Equal(before, after) {
		return first, nil
	}
	return r.writeCommit(s, parents, after, entry)
}

// apply stores changed files and gives the version that they make of before.
func (r *Repository) apply(ctx context.Context, s *filesystem.Storage, before blobs, changes []Change) (blobs, error) {
	const op = "config.Commit"
	after := maps.Clone(before)
	for _, c := range changes {
		if c.Remove {
			delete(after, c.Path)
			continue
		}
		if !utf8.ValidString(c.Content) || strings.ContainsRune(c.Content, 0) {
			return nil, fault.Newf(fault.Invalid, op, "The file %q is not text.", c.Path)
		}
		if len(c.Content) > fileBytesMax {
			return nil, fault.Newf(fault.Invalid, op, "The file %q is larger than %d KiB.", c.Path, fileBytesMax>>10)
		}
		after[c.Path] = plumbing.ZeroHash
	}
	if err := checkPaths(sortedKeys(after)); err != nil {
		return nil, err
	}
	for _, c := range changes {
		if c.Remove {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hash, err := r.writeObject(s, plumbing.BlobObject, []byte(textmerge.Normalise(c.Content)))
		if err != nil {
			return nil, err
		}
		after[c.Path] = hash
	}
	return after, nil
}

// writeCommit stores the folders and the commit.
func (r *Repository) writeCommit(s *filesystem.Storage, parents []Hash, files blobs, entry Entry) (Hash, error) {
	root, err := r.writeTree(s, files)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", root)
	for i, parent := range parents {
		if slices.Contains(parents[:i], parent) {
			continue
		}
		if _, err := readCommit(s, parent); err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "parent %s\n", parent)
	}
	who := fmt.Sprintf("%s <%s> %d +0000", personal(entry.Author, "Holdfast"), personal(entry.Email, ""), max(entry.At.Unix(), 0))
	fmt.Fprintf(&b, "author %s\ncommitter %s\n\n%s\n", who, who, message(entry.Message))
	hash, err := r.writeObject(s, plumbing.CommitObject, []byte(b.String()))
	return Hash(hash.String()), err
}

// personal gives a name or address that git can keep on one line.
func personal(text, otherwise string) string {
	kept := strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || strings.ContainsRune("<>", c) {
			return -1
		}
		return c
	}, textmerge.Normalise(strings.ToValidUTF8(text, "")))
	if kept = strings.Trim(kept, " .,:;\"'\\"); kept == "" {
		return otherwise
	}
	return kept
}

func message(text string) string {
	text = strings.TrimSpace(textmerge.Normalise(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")))
	if text == "" {
		return "Change the configuration"
	}
	return text
}
