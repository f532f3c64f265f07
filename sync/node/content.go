package node

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"holdfast/backend/store/sealedfile"
)

// Suffixes of the files that hold a whole state: one that was received, in the clear and sealed, and what is written or read at the moment, however it is kept.
const (
	plainSuffix  = ".content"
	sealedSuffix = ".sealed"
	partSuffix   = ".part"
)

// content is an open file with a whole state.
type content interface {
	io.Reader
	io.Writer // before anything is read
	io.Seeker
	io.Closer
	Sync() error
	Size() (int64, error)
	Name() string
}

// contents keeps such files in a folder: sealed where the node's log is.
type contents struct {
	dir string
	box *sealedfile.Box // nil: in the clear
}

func contentsIn(dir string, key []byte) (contents, error) {
	if key == nil {
		return contents{dir: dir}, nil
	}
	own, err := hkdf.Key(sha256.New, key, nil, "holdfast raft state 1", sha256.Size)
	return contents{dir: dir, box: sealedfile.New(own, rand.Reader)}, err
}

// create makes an empty part.
func (c contents) create(prefix string) (content, error) {
	part, err := os.CreateTemp(c.dir, prefix+"-*"+partSuffix)
	if err != nil {
		return nil, err
	}
	if c.box == nil {
		return plain{part}, nil
	}
	sealing, err := c.box.Extend(part.Name())
	if err = errors.Join(err, part.Close()); err != nil {
		return nil, err
	}
	return sealed{sealing, part.Name()}, nil
}

// keep gives a part the name of what was received under an id. The folder is to be synced.
func (c contents) keep(part, id string) error {
	suffix := plainSuffix
	if c.box != nil {
		suffix = sealedSuffix
	}
	return os.Rename(part, filepath.Join(c.dir, id+suffix))
}

// open opens what was received under an id. It is in the clear where an older program took it in.
func (c contents) open(id string) (content, error) {
	if c.box != nil {
		path := filepath.Join(c.dir, id+sealedSuffix)
		_, err := os.Stat(path)
		if err == nil {
			file, err := c.box.Open(path)
			return sealed{file, path}, err
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	file, err := os.Open(filepath.Join(c.dir, id+plainSuffix))
	return plain{file}, err
}

// sweep removes all of these files but what was received under the id wanted.
func (c contents) sweep(wanted string) error {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		id, suffix, _ := strings.Cut(entry.Name(), ".")
		switch "." + suffix {
		case plainSuffix, sealedSuffix:
			if id == wanted {
				continue
			}
		case partSuffix:
		default:
			continue
		}
		if err := os.Remove(filepath.Join(c.dir, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

type plain struct{ *os.File }

// Size gives how many bytes the file holds.
func (p plain) Size() (int64, error) {
	info, err := p.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

type sealed struct {
	*sealedfile.File
	name string
}

// Write implements io.Writer.
func (s sealed) Write(p []byte) (int, error) {
	if err := s.Append(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Size gives how many bytes of content the file holds.
func (s sealed) Size() (int64, error) { return s.File.Size(), nil }

// Name gives the file's path.
func (s sealed) Name() string { return s.name }
