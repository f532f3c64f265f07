// Package frontend carries the built user interface inside the program.
package frontend

import (
	"embed"
	"io/fs"
)

// The pattern matches the build output when it is there and the committed folder always, so that the program compiles
// on a clean clone, and no build output needs to be under version control.
//
//go:embed all:dist*
var files embed.FS

const (
	built   = "dist"
	missing = "dist-missing"
)

// Assets gives the files of the user interface with index.html at their root. Without a frontend build that is one page
// which says how to build it.
func Assets() fs.FS {
	folder := missing
	if Built() {
		folder = built
	}
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic(err) // only an invalid path, and both are constants
	}
	return sub
}

// Built reports whether the program carries a built user interface.
func Built() bool {
	_, err := fs.Stat(files, built+"/index.html")
	return err == nil
}
