package config

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"holdfast/backend/core/fault"
)

// blobs is one version of the files by path, each named by its object.
type blobs map[string]plumbing.Hash

func plumbingHeader(kind plumbing.ObjectType, size int) []byte {
	return []byte(kind.String() + " " + strconv.Itoa(size) + "\x00")
}

// ReadTree gives all files of a commit.
func (r *Repository) ReadTree(ctx context.Context, commit Hash) (Tree, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return readTree(ctx, r.storage(), commit)
}

func readTree(ctx context.Context, s *filesystem.Storage, commit Hash) (Tree, error) {
	files, err := readBlobs(s, commit)
	if err != nil {
		return nil, err
	}
	tree := make(Tree, len(files))
	for path, hash := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if tree[path], err = readText(s, hash); err != nil {
			return nil, err
		}
	}
	return tree, nil
}

func readText(s *filesystem.Storage, hash plumbing.Hash) (string, error) {
	o, err := s.EncodedObject(plumbing.BlobObject, hash)
	if err != nil {
		return "", damaged(err, "config.readText")
	}
	content, err := contentOf(o)
	return string(content), damaged(err, "config.readText")
}

// readBlobs gives the files of a commit without their content; none for the empty hash.
func readBlobs(s *filesystem.Storage, commit Hash) (blobs, error) {
	const op = "config.readBlobs"
	files := blobs{}
	if commit == "" {
		return files, nil
	}
	c, err := readCommit(s, commit)
	if err != nil {
		return nil, err
	}
	root, err := object.GetTree(s, c.TreeHash)
	if err != nil {
		return nil, damaged(err, op)
	}
	walker := object.NewTreeWalker(root, true, nil)
	defer walker.Close()
	for {
		path, entry, err := walker.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, damaged(err, op)
		}
		if len(files) > filesMax || strings.Count(path, "/") >= folderDepthMax {
			return nil, fault.Newf(fault.Invalid, op, "The version %s has too many files or folders.", commit)
		}
		switch {
		case entry.Mode == filemode.Dir:
		case entry.Mode.IsFile() && entry.Mode != filemode.Symlink:
			files[path] = entry.Hash
		default:
			return nil, fault.Newf(fault.Invalid, op, "The version %s holds %q, which is a link and no file.", commit, path)
		}
	}
}

// writeTree stores the folders of a version and gives its root.
func (r *Repository) writeTree(s *filesystem.Storage, files blobs) (plumbing.Hash, error) {
	type folder struct {
		files   blobs
		folders map[string]blobs
	}
	top := folder{blobs{}, map[string]blobs{}}
	for path, hash := range files {
		name, rest, deeper := strings.Cut(path, "/")
		if !deeper {
			top.files[name] = hash
			continue
		}
		if top.folders[name] == nil {
			top.folders[name] = blobs{}
		}
		top.folders[name][rest] = hash
	}
	entries := make([]object.TreeEntry, 0, len(top.files)+len(top.folders))
	for name, hash := range top.files {
		entries = append(entries, object.TreeEntry{Name: name, Mode: filemode.Regular, Hash: hash})
	}
	for name, inner := range top.folders {
		hash, err := r.writeTree(s, inner)
		if err != nil {
			return plumbing.ZeroHash, err
		}
		entries = append(entries, object.TreeEntry{Name: name, Mode: filemode.Dir, Hash: hash})
	}
	slices.SortFunc(entries, func(a, b object.TreeEntry) int { return strings.Compare(sortName(a), sortName(b)) })
	var content []byte
	for _, e := range entries {
		content = fmt.Appendf(content, "%o %s\x00", uint32(e.Mode), e.Name)
		content = append(content, e.Hash[:]...)
	}
	return r.writeObject(s, plumbing.TreeObject, content)
}

// sortName gives what git orders entries of a folder by: folders as if their names ended with a slash.
func sortName(e object.TreeEntry) string {
	if e.Mode == filemode.Dir {
		return e.Name + "/"
	}
	return e.Name
}
