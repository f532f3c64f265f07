package sim

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// copiesMax bounds how often a folder is copied again because the database's background work changed it meanwhile.
const copiesMax = 50

// copyFolder copies a folder as it stands at one instant, with the holes of its files. The database writes a table after it was opened, in its own time: a copy
// across that is no crash that could happen, and two copies in a row that are the same byte for byte are none across it.
func copyFolder(from, to string) error {
	var before [sha256.Size]byte
	for range copiesMax {
		sum := sha256.New()
		if err := errors.Join(os.RemoveAll(to), copyOnce(from, to, sum)); err != nil {
			return err
		}
		after := [sha256.Size]byte(sum.Sum(nil))
		if after == before {
			return nil
		}
		before = after
	}
	return errors.New("the folder does not hold still")
}

func copyOnce(from, to string, sum io.Writer) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed by the database's background work
		}
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, inside)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		if _, err := io.WriteString(sum, inside+"\n"); err != nil {
			return err
		}
		return copyFile(path, target, sum)
	})
}

func copyFile(from, to string, sum io.Writer) (err error) {
	in, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	for at := int64(0); ; {
		at = nextData(in, at, info.Size())
		if at == info.Size() {
			return out.Truncate(at)
		}
		if at, err = copyBlock(in, out, at, sum); err != nil {
			return err
		}
	}
}

// blockBytes is how much is copied at once, where there is anything but zeros.
const blockBytes = 64 << 10

func copyBlock(in, out *os.File, at int64, sum io.Writer) (next int64, err error) {
	block, zeros := make([]byte, blockBytes), make([]byte, blockBytes)
	n, err := in.ReadAt(block, at)
	if err != nil && !errors.Is(err, io.EOF) || n == 0 {
		return at, errors.Join(err, errors.New("a file became shorter while it was copied"))
	}
	if bytes.Equal(block[:n], zeros[:n]) {
		return at + int64(n), nil
	}
	if _, err := sum.Write(block[:n]); err != nil {
		return at, err
	}
	_, err = out.WriteAt(block[:n], at)
	return at + int64(n), err
}

// seekData is what finds the next byte that is no hole, on systems that know holes.
const seekData = 3

// nextData gives where reading goes on: behind the hole at an offset, or there.
func nextData(f *os.File, at, size int64) int64 {
	next, err := f.Seek(at, seekData)
	switch {
	case at >= size:
		return size
	case errors.Is(err, syscall.ENXIO): // nothing but a hole behind it
		return size
	case err != nil || next < at:
		return at
	}
	return min(next, size)
}
