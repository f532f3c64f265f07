package store

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"holdfast/backend/record"
)

// The journal's format. A segment is its head (magic, then the size of the segment before it, so that a torn end is told from a lost one), then frames. A frame is the
// length of its body and the body's CRC-32C, each in four little-endian bytes, then the body: a journalFrame in CBOR, encrypted when the store is.
const (
	segmentMagic     = "HFJ1"
	segmentHeadBytes = len(segmentMagic) + 8
	segmentSuffix    = ".log"
	segmentBytes     = 8 << 20 // where a new segment begins
	frameHeadBytes   = 8
	frameBytesMax    = 8 << 20
	frameEditsBytes  = 1 << 20 // where a large save goes on in another frame
)

// journalFrame is a save, or a piece of one.
type journalFrame struct {
	Edits []journalEdit `cbor:"1,keyasint"`
	More  bool          `cbor:"2,keyasint,omitempty"` // the next frame belongs to the same save: both count, or none
}

type journalEdit struct {
	Sealed record.Sealed `cbor:"1,keyasint"`
	// Lost is set on an edit that is offered again under a new id because another took its id.
	Lost *lostEdit `cbor:"2,keyasint,omitempty"`
}

// lostEdit names an edit of this device that lost its id to other content.
type lostEdit struct {
	Edit record.EditID `cbor:"1,keyasint"`
	Hash record.Hash   `cbor:"2,keyasint"`
}

// journal is the append-only file of this device's own edits. It is used from one goroutine at a time.
type journal struct {
	files  FileSystem
	folder string
	seal   cipher.AEAD // nil: plain
	random io.Reader

	segments []*segment // oldest first; the last is written to while file is set
	file     File       // nil: the next append begins a new segment
	damage   []string   // sentences about segments that were set aside at opening
}

// segment is what must be known of a segment to tell when it may go.
type segment struct {
	number int
	bytes  int64 // all of it whole and synced
	newest map[spaced]uint64
}

// spaced is an incarnation with its space.
type spaced struct {
	space record.Space
	record.Incarnation
}

func newSegment(number int) *segment { return &segment{number: number, newest: map[spaced]uint64{}} }

func (g *segment) note(e *record.Header) {
	key := spaced{e.Space, e.ID.Incarnation}
	g.newest[key] = max(g.newest[key], e.ID.Sequence)
}

func (j *journal) path(number int) string {
	return filepath.Join(j.folder, fmt.Sprintf("%08d%s", number, segmentSuffix))
}

func (j *journal) bytes() (sum int64) {
	for _, g := range j.segments {
		sum += g.bytes
	}
	return sum
}

// append writes saves, each whole or not at all, and syncs once. When it fails, nothing of them counts, unless errors.Is(err, errUncertain): then they may turn
// up again after a restart, so their ids must not be used for anything else.
func (j *journal) append(saves []save) error {
	if err := j.ready(); err != nil {
		return err
	}
	var raw []byte
	for _, s := range saves {
		frames, err := j.encode(s.edits)
		if err != nil {
			return err
		}
		raw = append(raw, frames...)
	}
	g := j.segments[len(j.segments)-1]
	_, err := j.file.Write(raw)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return j.takeBack(g, err)
	}
	g.bytes += int64(len(raw))
	for _, s := range saves {
		for i := range s.headers {
			g.note(&s.headers[i])
		}
	}
	return nil
}

// save is what one caller of Append wants to have written.
type save struct {
	edits   []journalEdit
	headers []record.Header
}

// errUncertain marks a failed append whose bytes could not be taken back.
var errUncertain = errors.New("the journal could not be cut back")

// takeBack cuts off what a failed append wrote. Where even that fails, the segment is left behind and the next append begins another.
func (j *journal) takeBack(g *segment, cause error) error {
	err := j.file.Truncate(g.bytes)
	if err == nil {
		err = j.file.Sync()
	}
	if err == nil {
		_, err = j.file.Seek(g.bytes, io.SeekStart)
	}
	if err == nil {
		return cause
	}
	j.file.Close()
	j.file = nil
	return errors.Join(cause, errUncertain, err)
}

// ready makes sure that the last segment can be written to.
func (j *journal) ready() error {
	if j.file != nil && j.segments[len(j.segments)-1].bytes < segmentBytes {
		return nil
	}
	g := newSegment(1)
	head := make([]byte, segmentHeadBytes)
	copy(head, segmentMagic)
	if n := len(j.segments); n > 0 {
		g.number = j.segments[n-1].number + 1
		binary.LittleEndian.PutUint64(head[len(segmentMagic):], uint64(j.segments[n-1].bytes))
	}
	f, err := j.files.OpenFile(j.path(g.number), os.O_RDWR|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	if _, err = f.Write(head); err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = j.files.SyncFolder(j.folder)
	}
	if err != nil {
		return errors.Join(err, f.Close(), j.files.Remove(j.path(g.number)))
	}
	if j.file != nil {
		j.file.Close()
	}
	g.bytes = int64(segmentHeadBytes)
	j.file, j.segments = f, append(j.segments, g)
	return nil
}

// encode gives the frames of one save.
func (j *journal) encode(edits []journalEdit) ([]byte, error) {
	var out []byte
	for len(edits) > 0 {
		n, size := 0, 0
		for n < len(edits) && (n == 0 || size < frameEditsBytes) {
			size += len(edits[n].Sealed.Header) + len(edits[n].Sealed.Payload)
			n++
		}
		body, err := record.Encode(journalFrame{Edits: edits[:n], More: n < len(edits)})
		if err != nil {
			return nil, err
		}
		if j.seal != nil {
			if body, err = j.encrypt(body); err != nil {
				return nil, err
			}
		}
		out = binary.LittleEndian.AppendUint32(out, uint32(len(body)))
		out = binary.LittleEndian.AppendUint32(out, crc32.Checksum(body, castagnoli))
		out = append(out, body...)
		edits = edits[n:]
	}
	return out, nil
}

// castagnoli is the table of CRC-32C, which processors compute themselves.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (j *journal) encrypt(body []byte) ([]byte, error) {
	nonce := make([]byte, j.seal.NonceSize(), j.seal.NonceSize()+len(body)+j.seal.Overhead())
	if _, err := io.ReadFull(j.random, nonce); err != nil {
		return nil, err
	}
	return j.seal.Seal(nonce, nonce, body, nil), nil
}

// trim removes the oldest segments as long as done says that nothing in them is needed. before is called once ahead of the first removal.
func (j *journal) trim(done func(spaced, uint64) bool, before func() error) error {
	n := 0
	for n < len(j.segments) && !(n == len(j.segments)-1 && j.file != nil) && j.segments[n].finished(done) {
		n++
	}
	if n == 0 {
		return nil
	}
	if err := before(); err != nil {
		return err
	}
	for ; n > 0; n-- {
		if err := j.files.Remove(j.path(j.segments[0].number)); err != nil {
			return err
		}
		j.segments = j.segments[1:]
	}
	return j.files.SyncFolder(j.folder)
}

func (g *segment) finished(done func(spaced, uint64) bool) bool {
	for at, sequence := range g.newest {
		if !done(at, sequence) {
			return false
		}
	}
	return true
}

// lastBytes gives the size of the last segment, zero without one.
func (j *journal) lastBytes() int64 {
	if len(j.segments) == 0 {
		return 0
	}
	return j.segments[len(j.segments)-1].bytes
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	f := j.file
	j.file = nil
	return errors.Join(f.Sync(), f.Close())
}
