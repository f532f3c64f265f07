// Package diskfile writes small files so that a crash at any instant leaves the old content or the new, never a torn one.
package diskfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"holdfast/backend/core/fault"
)

// Replace makes data the content of path, atomically and durably: a temporary file beside it is written, synced and
// renamed over it, then the folder is synced. The folder must exist.
func Replace(path string, data []byte, mode fs.FileMode) error {
	temporary, err := writeBeside(path, data, mode)
	if err != nil {
		return explain(err, "diskfile.Replace", path)
	}
	if err := os.Rename(temporary, path); err != nil {
		os.Remove(temporary)
		return explain(err, "diskfile.Replace", path)
	}
	return explain(SyncFolder(filepath.Dir(path)), "diskfile.Replace", path)
}

// Create is Replace for a path at which nothing may stand yet: when something does, also when another process was faster by an instant,
// it stays untouched and errors.Is(err, fs.ErrExist) holds.
func Create(path string, data []byte, mode fs.FileMode) error {
	temporary, err := writeBeside(path, data, mode)
	if err != nil {
		return explain(err, "diskfile.Create", path)
	}
	defer os.Remove(temporary)
	if err := linkNew(temporary, path); err != nil {
		return explain(err, "diskfile.Create", path)
	}
	return explain(SyncFolder(filepath.Dir(path)), "diskfile.Create", path)
}

// SyncFolder makes names created in or renamed into a folder durable. Windows keeps them with the file and offers no such call.
func SyncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Code sorts an error of the file system: fault.DiskFull, fault.ReadOnly, fault.NotFound, or fault.Unavailable for what may pass.
func Code(err error) fault.Code {
	const windowsHandleDiskFull, windowsDiskFull = syscall.Errno(39), syscall.Errno(112)
	var number syscall.Errno
	onWindows := runtime.GOOS == "windows" && errors.As(err, &number)
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.DiskFull
	case onWindows && (number == windowsDiskFull || number == windowsHandleDiskFull):
		return fault.DiskFull
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fault.ReadOnly
	case errors.Is(err, fs.ErrNotExist):
		return fault.NotFound
	default:
		return fault.Unavailable
	}
}

func explain(err error, op, path string) error {
	if err == nil {
		return nil
	}
	code := Code(err)
	sentence := "The file " + path + " could not be written. Check the disk, then try again."
	switch code {
	case fault.DiskFull:
		sentence = "The disk that holds " + path + " is full. Free some space, then try again; nothing was lost."
	case fault.ReadOnly:
		sentence = "Holdfast may not write " + path + ". Give this user the right to write there, or choose another folder."
	}
	return fault.Wrap(err, code, op, sentence)
}

func writeBeside(path string, data []byte, mode fs.FileMode) (temporary string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// linkNew gives temporary its final name without ever replacing a file. Where the file system knows no hard links (FAT), the check
// and the rename are two steps.
func linkNew(temporary, path string) error {
	err := os.Link(temporary, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, statErr := os.Lstat(path); statErr == nil {
		return fs.ErrExist
	}
	return os.Rename(temporary, path)
}
