//go:build unix

package store

import "golang.org/x/sys/unix"

func freeBytes(name string) (uint64, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(name, &stat); err != nil {
		return 0, err
	}
	return uint64(stat.Bavail) * uint64(stat.Bsize), nil
}
