// Package backup writes everything that a replica holds into one encrypted file, proves the file by restoring it, and restores it. It is one instant of the store:
// committed state, log, tentative edits and attached files, with the cluster's recoveries.
package backup

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// Head says what a backup is of.
type Head struct {
	Format      uint64            `cbor:"1,keyasint"`
	Cluster     string            `cbor:"2,keyasint"`
	ClusterName string            `cbor:"3,keyasint"`
	Authority   []byte            `cbor:"4,keyasint"` // the authority's certificate, DER
	Site        string            `cbor:"5,keyasint"` // code of the device's site
	Person      record.ID         `cbor:"6,keyasint"` // who works on the device; zero: nobody
	Made        int64             `cbor:"7,keyasint"` // Unix time
	Statements  [][]byte          `cbor:"8,keyasint"` // signed, of the cluster's recoveries
	Frontiers   []record.Frontier `cbor:"9,keyasint"`
	Pending     uint64            `cbor:"10,keyasint"`
}

const format = 1

// A backup's plain content is a run of pieces: one byte of kind, the length of the body in four bytes (big-endian), the body.
const (
	pieceHead     = 'H' // Head, the first
	pieceSnapshot = 'S' // part of the store's snapshot stream
	pieceBlob     = 'B' // a file begins; the body is its hash
	pieceContent  = 'C' // part of that file
	pieceEnd      = 'E' // the last; what follows was not written by Holdfast
	pieceBytesMax = 4 << 20
	chunkBytes    = 256 << 10
)

// Making is what a backup is made of.
type Making struct {
	Store     *store.Store
	Head      Head              // Format, Frontiers and Pending are filled in
	Recipient ed25519.PublicKey // of the recovery key
	File      string            // must not exist
	Scratch   string            // a folder for the trial restore; it is removed again
}

// Made says what a backup holds.
type Made struct {
	Head  Head
	Bytes int64
	Blobs int
}

// Make writes a backup and restores it once, into Scratch, to prove it: the file stands under its name only when every space had the digest that it has here. Faults: fault.Conflict
// (the file exists), fault.DiskFull, fault.ReadOnly, fault.Corrupt (it could not be restored; the store is damaged, or the disk).
func Make(ctx context.Context, m Making) (Made, error) {
	const op = "backup.Make"
	if _, err := os.Stat(m.File); !errors.Is(err, fs.ErrNotExist) {
		return Made{}, fault.New(fault.Conflict, op, "The file "+m.File+" exists already. Name a new one; backups are never overwritten.")
	}
	trial, err := age.GenerateX25519Identity() // proves the file, and is forgotten with this call
	if err != nil {
		return Made{}, err
	}
	part := m.File + ".part"
	made, err := m.write(ctx, part, trial.Recipient())
	if err == nil {
		err = prove(ctx, part, trial, m.Scratch, &made)
	}
	if err == nil {
		err = os.Rename(part, m.File)
	}
	if err == nil {
		return made, diskfile.SyncFolder(filepath.Dir(m.File))
	}
	// The remains are of no use to anybody; what went wrong first matters more.
	_ = os.Remove(part)
	return Made{}, fileFault(err, op, m.File)
}

func fileFault(err error, op, file string) error {
	var known *fault.Fault
	if err == nil || errors.As(err, &known) {
		return err
	}
	return fault.Wrap(err, diskfile.Code(err), op, "The backup "+file+" could not be written or read. Check the disk and the permissions there; nothing else was changed.")
}

func (m *Making) write(ctx context.Context, part string, trial age.Recipient) (made Made, err error) {
	public, err := ssh.NewPublicKey(m.Recipient)
	if err != nil {
		return made, err
	}
	recipient, err := agessh.NewEd25519Recipient(public)
	if err != nil {
		return made, err
	}
	file, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	buffered := bufio.NewWriterSize(file, chunkBytes)
	sealed, err := age.Encrypt(buffered, recipient, trial)
	if err != nil {
		return made, err
	}
	if err := m.content(ctx, &pieces{w: sealed}, &made); err != nil {
		return made, err
	}
	if err := errors.Join(sealed.Close(), buffered.Flush(), file.Sync()); err != nil {
		return made, err
	}
	info, err := file.Stat()
	if err == nil {
		made.Bytes = info.Size()
	}
	return made, err
}

func (m *Making) content(ctx context.Context, out *pieces, made *Made) error {
	snapshot, err := m.Store.WholeSnapshot(ctx)
	if err != nil {
		return err
	}
	defer snapshot.Close()
	made.Head = m.Head
	made.Head.Format = format
	if made.Head.Frontiers, err = snapshot.Frontiers(); err != nil {
		return err
	}
	raw, err := record.Encode(made.Head)
	if err != nil {
		return err
	}
	if err := out.piece(pieceHead, raw); err != nil {
		return err
	}
	if _, err := snapshot.WriteTo(&stream{out, pieceSnapshot}); err != nil {
		return err
	}
	err = m.Store.Blobs().Each(ctx, func(hash record.Hash) error {
		made.Blobs++
		return m.blob(hash, out)
	})
	if err != nil {
		return err
	}
	return out.piece(pieceEnd, nil)
}

func (m *Making) blob(hash record.Hash, out *pieces) error {
	file, err := m.Store.Blobs().Open(hash)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := out.piece(pieceBlob, hash[:]); err != nil {
		return err
	}
	_, err = io.CopyBuffer(&stream{out, pieceContent}, onlyReader{file}, make([]byte, chunkBytes))
	return err
}

// onlyReader hides what else a file can do, so that copying goes chunk by chunk.
type onlyReader struct{ io.Reader }

// pieces writes pieces.
type pieces struct{ w io.Writer }

func (p *pieces) piece(kind byte, body []byte) error {
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)))
	if _, err := p.w.Write(head); err != nil {
		return err
	}
	_, err := p.w.Write(body)
	return err
}

// stream writes everything as pieces of one kind.
type stream struct {
	to   *pieces
	kind byte
}

func (s *stream) Write(part []byte) (int, error) {
	for chunk := range slices.Chunk(part, chunkBytes) {
		if err := s.to.piece(s.kind, chunk); err != nil {
			return 0, err
		}
	}
	return len(part), nil
}

// damaged is the fault of a file that is no whole backup.
func damaged(err error) error {
	return &fault.Fault{Code: fault.Corrupt, Op: "backup.Restore", Err: err, Sentence: "The backup is damaged, incomplete, or not a backup of Holdfast. Use another one; nothing was changed."}
}

func wrongFrontier(got, want record.Frontier) error {
	return damaged(fmt.Errorf("%s stands at %d %s, want %d %s", want.Space, got.Commit, got.Digest, want.Commit, want.Digest))
}
