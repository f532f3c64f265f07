package config

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
)

// writeObject stores an object durably, unless it is here and whole. go-git does not sync what it writes, so this does not go through it.
func (r *Repository) writeObject(s *filesystem.Storage, kind plumbing.ObjectType, content []byte) (plumbing.Hash, error) {
	const op = "config.writeObject"
	hash := plumbing.ComputeHash(kind, content)
	file := filepath.Join(r.dir, "objects", hash.String()[:2], hash.String()[2:])
	if s.HasEncodedObject(hash) == nil {
		if whole(s, hash) {
			return hash, nil
		}
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return hash, fault.Wrap(err, diskfile.Code(err), op, "A damaged part of the configuration could not be replaced.")
		}
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return hash, fault.Wrap(err, diskfile.Code(err), op, "The configuration could not be written. Check the disk and the rights on it.")
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, err := z.Write(plumbingHeader(kind, len(content)))
	_, contentErr := z.Write(content)
	if err := errors.Join(err, contentErr, z.Close()); err != nil {
		return hash, fault.Wrap(err, fault.Internal, op, "The configuration could not be compressed.")
	}
	return hash, diskfile.Replace(file, packed.Bytes(), 0o444)
}

// whole reports whether an object that is here has the content that its name promises.
func whole(s *filesystem.Storage, hash plumbing.Hash) bool {
	o, err := s.EncodedObject(plumbing.AnyObject, hash)
	if err != nil {
		return false
	}
	content, err := contentOf(o)
	return err == nil && plumbing.ComputeHash(o.Type(), content) == hash
}

// contentOf reads an object, up to the most that one may have.
func contentOf(o plumbing.EncodedObject) ([]byte, error) {
	reader, err := o.Reader()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(reader, objectBytesMax+1))
	if err = errors.Join(err, reader.Close()); err != nil {
		return nil, err
	}
	if len(content) > objectBytesMax {
		return nil, errors.New("the object is too large")
	}
	return content, nil
}

// readCommit gives a commit, or a NotFound fault when it is not here and a Corrupt one when it is damaged.
func readCommit(s *filesystem.Storage, hash Hash) (*object.Commit, error) {
	const op = "config.readCommit"
	if _, err := ParseHash(string(hash)); err != nil {
		return nil, err
	}
	commit, err := object.GetCommit(s, hash.object())
	switch {
	case errors.Is(err, plumbing.ErrObjectNotFound):
		return nil, fault.Newf(fault.NotFound, op, "The version %s of the configuration is not on this device.", hash)
	case err != nil:
		return nil, damaged(err, op)
	}
	return commit, nil
}

func damaged(err error, op string) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(err, fault.Corrupt, op, "The configuration's folder is damaged. Holdfast brings the missing parts from another device or from the publication itself.")
}
