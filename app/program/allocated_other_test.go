//go:build !unix

package program

import "io/fs"

func allocated(info fs.FileInfo) int64 { return info.Size() }
