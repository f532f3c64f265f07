package config

import (
	"context"
	"os"
	"path/filepath"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
)

// Export writes the files of a commit into a folder, which must be empty or not exist yet.
func (r *Repository) Export(ctx context.Context, commit Hash, dir string) error {
	const op = "config.Export"
	tree, err := r.ReadTree(ctx, commit)
	if err != nil {
		return err
	}
	if err := checkPaths(sortedKeys(tree)); err != nil {
		return err
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fault.Newf(fault.Invalid, op, "The folder %s is not empty. Choose an empty one, so that nothing is overwritten.", dir)
	}
	for _, path := range sortedKeys(tree) {
		if err := ctx.Err(); err != nil {
			return err
		}
		file := filepath.Join(dir, filepath.FromSlash(path))
		err := os.MkdirAll(filepath.Dir(file), 0o755)
		if err == nil {
			err = os.WriteFile(file, []byte(tree[path]), 0o644)
		}
		if err != nil {
			return fault.Wrap(err, diskfile.Code(err), op, "The file "+file+" could not be written. Check the disk and the rights on the folder.")
		}
	}
	return nil
}
