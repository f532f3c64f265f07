package bundle

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"io"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/session"
)

// A part is a first line, then blocks: a kind (1 byte), a length (4 bytes, big-endian), that many bytes. The head comes first, then the sections, each a file in the
// age format cut into blocks, then the tail. Nothing follows it.
const (
	firstLine    = "holdfast bundle 1\n"
	anyFirstLine = "holdfast bundle "

	blockHead  = 'H'
	blockBegin = 'S' // a section begins; empty
	blockData  = 'D'
	blockEnd   = 'E' // a section ends; empty
	blockTail  = 'T'

	blockHeadBytes = 5
	// dataBytesMax bounds one block.
	dataBytesMax = 128 << 10
	// tailBytesMax is what a tail takes at most.
	tailBytesMax = 256
)

// follows is the table of the blocks that may come after each kind.
var follows = map[byte]string{
	0: string(rune(blockHead)), blockHead: "ST", blockBegin: "DE", blockData: "DE", blockEnd: "ST", blockTail: "",
}

// head is what a part says in the clear. It names no person, no site and no space.
type head struct {
	Bundle  ID     `cbor:"1,keyasint"`
	Number  uint64 `cbor:"2,keyasint"`
	Cluster string `cbor:"3,keyasint"`
	Key     []byte `cbor:"4,keyasint"` // raw Ed25519 public key of the device that wrote it
	Made    int64  `cbor:"5,keyasint"` // Unix milliseconds
}

// tail ends a part: the signature covers how many parts there are, and every byte before the tail.
type tail struct {
	Parts     uint64 `cbor:"1,keyasint"`
	Signature []byte `cbor:"2,keyasint"`
}

// signedBytes is what the device signs. It is longer than a hash, so that no signature of edits can stand in for it.
func signedBytes(parts uint64, sum []byte) []byte {
	return append(binary.BigEndian.AppendUint64([]byte("holdfast bundle part 1\n"), parts), sum...)
}

// partWriter writes blocks and keeps their sum.
type partWriter struct {
	out      *bufio.Writer
	sum      hash.Hash
	size     int64
	sections int // begun
}

func newPartWriter(to io.Writer, h *head) (*partWriter, error) {
	w := &partWriter{out: bufio.NewWriterSize(to, 1<<18), sum: sha256.New()}
	raw, err := record.Encode(h)
	if err != nil {
		return nil, err
	}
	if err := w.write([]byte(firstLine)); err != nil {
		return nil, err
	}
	return w, w.block(blockHead, raw)
}

func (w *partWriter) write(p []byte) error {
	w.sum.Write(p)
	w.size += int64(len(p))
	_, err := w.out.Write(p)
	return err
}

func (w *partWriter) block(kind byte, body []byte) error {
	lead := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)))
	if err := w.write(lead); err != nil {
		return err
	}
	return w.write(body)
}

// Write puts a section's bytes into blocks.
func (w *partWriter) Write(p []byte) (int, error) {
	for at := 0; at < len(p); at += dataBytesMax {
		if err := w.block(blockData, p[at:min(at+dataBytesMax, len(p))]); err != nil {
			return at, err
		}
	}
	return len(p), nil
}

// tailOf gives the block that ends a part whose bytes so far have the sum.
func tailOf(parts uint64, sum []byte, sign func([]byte) []byte) ([]byte, error) {
	raw, err := record.Encode(tail{Parts: parts, Signature: sign(signedBytes(parts, sum))})
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint32([]byte{blockTail}, uint32(len(raw))), raw...), nil
}

// partReader reads blocks in their order and within their bounds.
type partReader struct {
	in   *bufio.Reader
	sum  hash.Hash
	size int64
	last byte
	head head
	buf  []byte
}

func altered(why string) error {
	return &fault.Fault{Code: Altered, Op: "bundle.part", Err: errors.New(why),
		Sentence: "This part was changed or damaged after it was written. It was refused as a whole; copy it again from where it was made."}
}

func truncated() error {
	return fault.New(Truncated, "bundle.part", "This part is not whole: its end is missing. It was refused as a whole; copy it again from where it was made.")
}

// openPart reads the first line and the head.
func openPart(from io.Reader) (*partReader, error) {
	r := &partReader{in: bufio.NewReaderSize(from, 1<<18), sum: sha256.New()}
	line := make([]byte, len(firstLine))
	n, err := io.ReadFull(r.in, line)
	switch {
	case err == nil && string(line) == firstLine:
	case err != nil && n > 0 && bytes.HasPrefix([]byte(firstLine), line[:n]):
		return nil, truncated()
	case err == nil && bytes.HasPrefix(line, []byte(anyFirstLine)):
		return nil, fault.New(fault.NewerFormat, "bundle.part", "This part was written by a newer Holdfast, or it is damaged. Update Holdfast and read it again.")
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, err
	default:
		return nil, fault.New(NotABundle, "bundle.part", "This file is not part of a Holdfast bundle.")
	}
	r.note(line)
	kind, raw, err := r.next()
	if err != nil {
		return nil, err
	}
	if kind != blockHead || record.Decode(raw, &r.head) != nil || len(r.head.Key) != ed25519.PublicKeySize ||
		r.head.Number == 0 || r.head.Number > PartsMax || len(r.head.Cluster) > session.ClusterBytesMax {
		return nil, altered("the head cannot be read")
	}
	return r, nil
}

func (r *partReader) note(p []byte) {
	r.sum.Write(p)
	r.size += int64(len(p))
}

// next gives the next block; its bytes hold until the next call. A tail is not part of the sum.
func (r *partReader) next() (byte, []byte, error) {
	var lead [blockHeadBytes]byte
	if err := r.fill(lead[:]); err != nil {
		return 0, nil, err
	}
	kind, size := lead[0], binary.BigEndian.Uint32(lead[1:])
	if size > dataBytesMax || kind == blockTail && size > tailBytesMax {
		return 0, nil, altered("a block is too long")
	}
	if bytes.IndexByte([]byte(follows[r.last]), kind) < 0 || (size == 0) != (kind == blockBegin || kind == blockEnd) {
		return 0, nil, altered("a block is out of place")
	}
	if cap(r.buf) < int(size) {
		r.buf = make([]byte, size, dataBytesMax)
	}
	body := r.buf[:size]
	if err := r.fill(body); err != nil {
		return 0, nil, err
	}
	r.last = kind
	if kind != blockTail {
		r.note(lead[:])
		r.note(body)
	}
	return kind, body, nil
}

func (r *partReader) fill(p []byte) error {
	_, err := io.ReadFull(r.in, p)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return truncated()
	}
	return err
}

// finish checks a part by its tail, behind which nothing may come.
func (r *partReader) finish(raw []byte) (Part, error) {
	var end tail
	if record.Decode(raw, &end) != nil || end.Parts < r.head.Number || end.Parts > PartsMax {
		return Part{}, altered("the tail cannot be read")
	}
	if len(end.Signature) != ed25519.SignatureSize || !ed25519.Verify(r.head.Key, signedBytes(end.Parts, r.sum.Sum(nil)), end.Signature) {
		return Part{}, altered("the signature does not fit")
	}
	if again, err := record.Encode(end); err != nil || !bytes.Equal(again, raw) {
		return Part{}, altered("the tail is not as it is written")
	}
	if _, err := r.in.ReadByte(); !errors.Is(err, io.EOF) {
		return Part{}, altered("something follows the end")
	}
	size := r.size + blockHeadBytes + int64(len(raw))
	return Part{
		Bundle: r.head.Bundle, Number: int(r.head.Number), Parts: int(end.Parts), Cluster: r.head.Cluster,
		Device: record.DeviceOf(r.head.Key), Made: time.UnixMilli(r.head.Made).UTC(), Bytes: size,
	}, nil
}

// Check reads a whole part and says what it is; a fault says why it is refused. It opens nothing and keeps nothing in memory.
func Check(ctx context.Context, from io.Reader) (Part, error) {
	r, err := openPart(contextReader{ctx, from})
	if err != nil {
		return Part{}, err
	}
	for {
		kind, body, err := r.next()
		if err != nil {
			return Part{}, err
		}
		if kind == blockTail {
			return r.finish(body)
		}
	}
}

// section reads one section's bytes.
type section struct {
	part *partReader
	left []byte
	over bool
}

// nextSection goes to the next section; nil at the part's end.
func (r *partReader) nextSection() (*section, error) {
	kind, _, err := r.next()
	if err != nil || kind != blockBegin {
		return nil, err
	}
	return &section{part: r}, nil
}

func (s *section) Read(p []byte) (int, error) {
	for len(s.left) == 0 {
		if s.over {
			return 0, io.EOF
		}
		kind, body, err := s.part.next()
		if err != nil {
			return 0, err
		}
		s.left, s.over = body, kind == blockEnd
	}
	n := copy(p, s.left)
	s.left = s.left[n:]
	return n, nil
}

// skip reads the section to its end.
func (s *section) skip() error {
	_, err := io.Copy(io.Discard, s)
	return err
}
