// Package sealedfile keeps files encrypted on the disk, so that they can be appended to and read at any place.
//
// A file is a head and pieces of PieceBytes, the last one shorter. Each file has a key of its own, derived from the box's key and the salt in its head. Each piece is sealed with
// XChaCha20-Poly1305 under a random nonce and bound to its place, so a piece that is written anew, once it has grown, never uses a nonce twice, and none can stand elsewhere.
//
//	head   magic, salt, label: nonce, LabelBytes sealed, tag; zeros until the file is finished
//	piece  nonce, content sealed, tag
package sealedfile

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"os"

	"golang.org/x/crypto/chacha20poly1305"
)

// PieceBytes is how much of a file's content is sealed at once.
const PieceBytes = 64 << 10

// LabelBytes is the length of what a finished file says of itself.
const LabelBytes = 40

const (
	magic      = "HFS1"
	saltBytes  = 32
	extraBytes = chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead
	labelAt    = len(magic) + saltBytes
	headBytes  = int64(labelAt + LabelBytes + extraBytes)
	fullBytes  = PieceBytes + extraBytes
	fileMode   = 0o600
)

// ErrDamaged is what reading gives where the bytes on the disk are not those that were written with this key.
var ErrDamaged = errors.New("the sealed file is damaged, or sealed with another key")

// ErrUnfinished is what Label gives for a file that was not finished.
var ErrUnfinished = errors.New("the sealed file is not finished")

// Box opens and makes the files of one key.
type Box struct {
	key    []byte
	random io.Reader
}

// New gives the box of a key of 32 bytes that is used for nothing else. random must be a source of secrets.
func New(key []byte, random io.Reader) *Box { return &Box{key: key, random: random} }

// Size gives how many bytes of content a sealed file of length bytes holds at most.
func Size(length int64) int64 {
	if length <= headBytes {
		return 0
	}
	full, rest := (length-headBytes)/fullBytes, (length-headBytes)%fullBytes
	return full*PieceBytes + max(0, rest-extraBytes)
}

// File is one open file; it is for one goroutine at a time. It reads from its start on, like every file.
type File struct {
	disk   *os.File
	seal   cipher.AEAD
	random io.Reader
	size   int64
	at     int64  // where Read goes on
	piece  []byte // the content of the piece number that was read last
	number int64
}

// Open opens a file for reading. An empty one has no content.
func (b *Box) Open(path string) (*File, error) { return b.open(path, os.O_RDONLY) }

// Extend opens a file for reading and appending; one that is not there is made.
func (b *Box) Extend(path string) (*File, error) { return b.open(path, os.O_RDWR|os.O_CREATE) }

func (b *Box) open(path string, flags int) (*File, error) {
	disk, err := os.OpenFile(path, flags, fileMode)
	if err != nil {
		return nil, err
	}
	f := &File{disk: disk, random: b.random, number: -1}
	if err := f.begin(b.key, flags&os.O_RDWR != 0); err != nil {
		return nil, errors.Join(err, disk.Close())
	}
	return f, nil
}

// begin reads the head. A file without a whole one has no content yet: whoever may write begins it anew.
func (f *File) begin(key []byte, writing bool) error {
	info, err := f.disk.Stat()
	if err != nil {
		return err
	}
	head := make([]byte, headBytes)
	switch {
	case info.Size() >= headBytes:
		if _, err := f.disk.ReadAt(head, 0); err != nil {
			return err
		}
		if string(head[:len(magic)]) != magic {
			return ErrDamaged
		}
	case writing:
		copy(head, magic)
		if _, err := io.ReadFull(f.random, head[len(magic):labelAt]); err != nil {
			return err
		}
		if err := errors.Join(f.disk.Truncate(0), write(f.disk, head, 0)); err != nil {
			return err
		}
	default:
		return nil
	}
	own, err := hkdf.Key(sha256.New, key, head[len(magic):labelAt], "holdfast sealed file 1", chacha20poly1305.KeySize)
	if err != nil {
		return err
	}
	f.size = Size(info.Size())
	f.seal, err = chacha20poly1305.NewX(own)
	return err
}

func write(f *os.File, raw []byte, at int64) error {
	_, err := f.WriteAt(raw, at)
	return err
}

// Size gives how many bytes of content the file holds.
func (f *File) Size() int64 { return f.size }

// Close closes the file.
func (f *File) Close() error { return f.disk.Close() }

// Sync has everything that was written reach the disk.
func (f *File) Sync() error { return f.disk.Sync() }

func placeOf(number int64) []byte {
	return binary.BigEndian.AppendUint64([]byte("piece"), uint64(number))
}

func offsetOf(number int64) int64 { return headBytes + number*fullBytes }

// Read implements io.Reader.
func (f *File) Read(into []byte) (int, error) {
	if f.at >= f.size {
		return 0, io.EOF
	}
	piece, err := f.load(f.at / PieceBytes)
	if err != nil {
		return 0, err
	}
	n := copy(into, piece[f.at%PieceBytes:])
	f.at += int64(n)
	return n, nil
}

// Seek implements io.Seeker.
func (f *File) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.size
	}
	if offset < 0 {
		return f.at, os.ErrInvalid
	}
	f.at = offset
	return offset, nil
}

// load gives the content of a piece.
func (f *File) load(number int64) ([]byte, error) {
	if f.number == number {
		return f.piece, nil
	}
	raw := make([]byte, min(PieceBytes, f.size-number*PieceBytes)+extraBytes)
	if _, err := f.disk.ReadAt(raw, offsetOf(number)); err != nil {
		return nil, err
	}
	nonce, sealed := raw[:f.seal.NonceSize()], raw[f.seal.NonceSize():]
	piece, err := f.seal.Open(sealed[:0], nonce, sealed, placeOf(number))
	if err != nil {
		return nil, ErrDamaged
	}
	f.piece, f.number = piece, number
	return piece, nil
}

// Append adds content. When it fails, the file is as before, as far as the disk lets it.
func (f *File) Append(content []byte) error {
	if len(content) == 0 {
		return nil
	}
	first := f.size / PieceBytes
	grown := content
	var before []byte // what stands in the last piece's place
	if part := f.size % PieceBytes; part > 0 {
		last, err := f.load(first)
		if err != nil {
			return err
		}
		before = make([]byte, part+extraBytes)
		if _, err := f.disk.ReadAt(before, offsetOf(first)); err != nil {
			return err
		}
		grown = append(bytes.Clone(last), content...)
	}
	raw, err := f.sealAll(grown, first)
	if err != nil {
		return err
	}
	f.number = -1
	if err := write(f.disk, raw, offsetOf(first)); err != nil {
		return errors.Join(err, write(f.disk, before, offsetOf(first)), f.disk.Truncate(offsetOf(first)+int64(len(before))))
	}
	f.size += int64(len(content))
	return nil
}

// sealAll gives content as the pieces from number on.
func (f *File) sealAll(content []byte, number int64) ([]byte, error) {
	raw := make([]byte, 0, len(content)+(len(content)/PieceBytes+1)*extraBytes)
	for ; len(content) > 0; number++ {
		piece := content[:min(PieceBytes, len(content))]
		content = content[len(piece):]
		nonce := make([]byte, f.seal.NonceSize())
		if _, err := io.ReadFull(f.random, nonce); err != nil {
			return nil, err
		}
		raw = f.seal.Seal(append(raw, nonce...), nonce, piece, placeOf(number))
	}
	return raw, nil
}

// Cut shortens the content to size bytes.
func (f *File) Cut(size int64) error {
	if size >= f.size {
		return nil
	}
	number, part := size/PieceBytes, size%PieceBytes
	var kept []byte
	if part > 0 {
		piece, err := f.load(number)
		if err != nil {
			return err
		}
		kept = bytes.Clone(piece[:part])
	}
	if err := f.disk.Truncate(offsetOf(number)); err != nil {
		return err
	}
	f.size, f.number = number*PieceBytes, -1
	return f.Append(kept)
}

// Mend cuts off what was torn by a stop of the computer: everything from the first piece on that does not open, looking at the last tail bytes of content only.
func (f *File) Mend(tail int64) error {
	for number := max(0, f.size-tail) / PieceBytes; number*PieceBytes < f.size; number++ {
		if _, err := f.load(number); errors.Is(err, ErrDamaged) {
			return f.Cut(number * PieceBytes)
		} else if err != nil {
			return err
		}
	}
	// What is left over of a piece may be too short to hold any content.
	info, err := f.disk.Stat()
	if err != nil {
		return err
	}
	if full := f.size / PieceBytes * PieceBytes; full == f.size && info.Size() > offsetOf(full/PieceBytes) {
		return f.disk.Truncate(offsetOf(full / PieceBytes))
	}
	return nil
}

// Finish has the file say label, of LabelBytes, of itself. Sync it.
func (f *File) Finish(label []byte) error {
	if len(label) != LabelBytes {
		return os.ErrInvalid
	}
	nonce := make([]byte, f.seal.NonceSize())
	if _, err := io.ReadFull(f.random, nonce); err != nil {
		return err
	}
	return write(f.disk, f.seal.Seal(nonce, nonce, label, []byte("label")), int64(labelAt))
}

// Label gives what a finished file says of itself; ErrUnfinished, ErrDamaged.
func (f *File) Label() ([]byte, error) {
	if f.seal == nil {
		return nil, ErrUnfinished
	}
	raw := make([]byte, LabelBytes+extraBytes)
	if _, err := f.disk.ReadAt(raw, int64(labelAt)); err != nil {
		return nil, err
	}
	if bytes.Equal(raw, make([]byte, len(raw))) {
		return nil, ErrUnfinished
	}
	label, err := f.seal.Open(nil, raw[:f.seal.NonceSize()], raw[f.seal.NonceSize():], []byte("label"))
	if err != nil {
		return nil, ErrDamaged
	}
	return label, nil
}
