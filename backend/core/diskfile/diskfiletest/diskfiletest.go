// Package diskfiletest lets tests look at what lies on the disk.
package diskfiletest

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Holding gives the paths of the files below a folder in which an ASCII text stands, in whatever case. Files that go while it looks count as gone. Anything else that cannot be read fails the test.
func Holding(t testing.TB, folder, text string) (found []string) {
	t.Helper()
	wanted := bytes.ToLower([]byte(text))
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			var raw []byte
			raw, err = os.ReadFile(path)
			if bytes.Contains(bytes.ToLower(raw), wanted) {
				found = append(found, path)
			}
		}
		if errors.Is(err, fs.ErrNotExist) && path != folder {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
