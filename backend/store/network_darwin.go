package store

import "golang.org/x/sys/unix"

// onNetwork reports whether a folder lies on a file system that other computers serve.
func onNetwork(dir string) bool {
	var stat unix.Statfs_t
	return unix.Statfs(dir, &stat) == nil && stat.Flags&unix.MNT_LOCAL == 0
}
