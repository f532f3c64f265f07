package config

import (
	"embed"
	"io/fs"
	"strings"

	"holdfast/backend/record/textmerge"
)

// starterFiles are what a new site begins with.
//
//go:embed starter
var starterFiles embed.FS

// Starter gives the configuration that a new site begins with.
func Starter() (Tree, error) {
	tree := Tree{}
	err := fs.WalkDir(starterFiles, "starter", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := starterFiles.ReadFile(path)
		tree[strings.TrimPrefix(path, "starter/")] = textmerge.Normalise(string(content))
		return err
	})
	return tree, err
}
