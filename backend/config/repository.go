package config

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
)

// Branches that every repository has a use for.
const (
	Main  = "main"  // what is published: a projection of the replicated branch table
	Draft = "draft" // what people at this desktop are preparing
)

// Hash names a commit: 40 hexadecimal digits. The empty Hash names none.
type Hash string

// ParseHash reads a commit's name.
func ParseHash(text string) (Hash, error) {
	if !plumbing.IsHash(text) || len(text) != 40 {
		return "", fault.Newf(fault.Invalid, "config.ParseHash", "%q is not the name of a version.", text)
	}
	return Hash(text), nil
}

func (h Hash) object() plumbing.Hash { return plumbing.NewHash(string(h)) }

// Repository is a bare git repository in a folder of its own. Native git can read it. It is safe for concurrent use; only one
// Repository may write to a folder.
type Repository struct {
	dir string
	log *slog.Logger
	mu  sync.Mutex // go-git's object access is not safe for concurrent use
}

var errDamagedHead = errors.New("not the name of a commit")

// branchName is deliberately narrower than what git allows: names become files, also on Windows.
var branchName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,40}$`)

// Open opens the repository in dir, making an empty one where there is none.
func Open(ctx context.Context, dir string, log *slog.Logger) (*Repository, error) {
	const op = "config.Open"
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, folder := range []string{"objects", filepath.Join("refs", "heads")} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			return nil, fault.Wrap(err, diskfile.Code(err), op, "The folder "+dir+" for the configuration could not be made. Check the disk and the rights on it.")
		}
	}
	for name, content := range map[string]string{
		"HEAD":   "ref: refs/heads/" + Main + "\n",
		"config": "[core]\n\trepositoryformatversion = 0\n\tfilemode = false\n\tbare = true\n",
	} {
		if err := diskfile.Create(filepath.Join(dir, name), []byte(content), 0o644); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	return &Repository{dir: dir, log: log}, nil
}

// Init commits the tree as the first version and points Main at it, unless Main exists already; it gives Main's commit. The same tree and
// entry give the same commit everywhere.
func (r *Repository) Init(ctx context.Context, tree Tree, entry Entry) (Hash, error) {
	head, err := r.Head(Main)
	if err == nil || !fault.Is(err, fault.NotFound) {
		return head, err
	}
	changes := make([]Change, 0, len(tree))
	for _, path := range sortedKeys(tree) {
		changes = append(changes, Change{Path: path, Content: tree[path]})
	}
	first, err := r.Commit(ctx, nil, changes, entry)
	if err != nil {
		return "", err
	}
	return first, r.SetHead(Main, first)
}

// storage opens go-git's view of the folder. Each operation takes a new one, so that nothing stale is cached.
func (r *Repository) storage() *filesystem.Storage {
	return filesystem.NewStorage(osfs.New(r.dir, osfs.WithBoundOS()), cache.NewObjectLRU(4*cache.MiByte))
}

// Head gives the commit of a branch, or a NotFound fault. A damaged reference is a Corrupt fault; SetHead repairs it.
func (r *Repository) Head(branch string) (Hash, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.head(branch)
}

func (r *Repository) head(branch string) (Hash, error) {
	const op = "config.Head"
	if !branchName.MatchString(branch) {
		return "", badBranch(op, branch)
	}
	content, err := os.ReadFile(filepath.Join(r.dir, "refs", "heads", branch))
	if errors.Is(err, fs.ErrNotExist) {
		return r.packedHead(branch)
	}
	hash, parseErr := ParseHash(strings.TrimSpace(string(content)))
	if err := errors.Join(err, parseErr); err != nil || hash.object().IsZero() {
		return "", fault.Wrap(errors.Join(err, errDamagedHead), fault.Corrupt, op,
			"The file that names the version of the branch "+branch+" is damaged. Holdfast writes it anew from the published version.")
	}
	return hash, nil
}

// packedHead looks for a branch that native git has put into its list of packed references.
func (r *Repository) packedHead(branch string) (Hash, error) {
	const op = "config.Head"
	ref, err := r.storage().Reference(plumbing.NewBranchReferenceName(branch))
	if errors.Is(err, plumbing.ErrReferenceNotFound) {
		return "", fault.Newf(fault.NotFound, op, "There is no branch %q.", branch)
	}
	if err != nil {
		return "", damaged(err, op)
	}
	return Hash(ref.Hash().String()), nil
}

// SetHead points a branch at a commit, whatever it pointed at before: atomically and durably. The commit must be here.
func (r *Repository) SetHead(branch string, commit Hash) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.setHead(branch, commit)
}

// MoveHead is SetHead for a branch that must still be at from, or not exist when from is empty; else it gives a Conflict fault.
func (r *Repository) MoveHead(branch string, from, to Hash) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, err := r.head(branch)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if now != from {
		return fault.Newf(fault.Conflict, "config.MoveHead", "The branch %s has changed meanwhile. Look at the new version, then try again.", branch)
	}
	return r.setHead(branch, to)
}

func (r *Repository) setHead(branch string, commit Hash) error {
	const op = "config.SetHead"
	if !branchName.MatchString(branch) {
		return badBranch(op, branch)
	}
	if _, err := readCommit(r.storage(), commit); err != nil {
		return err
	}
	folder := filepath.Join(r.dir, "refs", "heads")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fault.Wrap(err, diskfile.Code(err), op, "The folder of the configuration's branches could not be made.")
	}
	return diskfile.Replace(filepath.Join(folder, branch), []byte(string(commit)+"\n"), 0o644)
}

func badBranch(op, branch string) error {
	return fault.Newf(fault.Invalid, op, "%q cannot be the name of a branch.", branch)
}
