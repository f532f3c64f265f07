package store

import (
	"fmt"
	"os"
	"path/filepath"

	"holdfast/backend/core/fault"
)

// lockFolder makes sure that one program at a time works on the folder. Closing the file releases it.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, folderFault(err, "store.Open", dir)
	}
	held, err := lockFile(f)
	if err == nil {
		return f, nil
	}
	f.Close()
	if held {
		return nil, fault.Newf(fault.InUse, "store.Open", "Holdfast is already running on this folder (%s). Use the window that is open, or close it first.", dir)
	}
	return nil, fault.Wrap(err, fault.Unavailable, "store.Open",
		fmt.Sprintf("The folder %s cannot be locked. It may be on a network drive; choose a folder on this computer's own disk.", dir))
}
