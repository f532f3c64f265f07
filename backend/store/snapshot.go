package store

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"io"
	"sync"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// A snapshot's stream: its magic, then frames like the journal's (length, CRC-32C, body). Each body is a snapshotPiece; the last one has Done set and the SHA-256 of all bodies before it.
const (
	snapshotMagic      = "HFN1"
	snapshotPieceBytes = 512 << 10
	snapshotFrameMax   = 64 << 20
)

type snapshotPiece struct {
	Rows []Row       `cbor:"1,keyasint,omitempty"`
	Done bool        `cbor:"2,keyasint,omitempty"`
	Sum  record.Hash `cbor:"3,keyasint"`
}

// sharedFamilies are the families that a node's snapshot carries. The rest is a replica's own.
const sharedFamilies = spaceFamilies + "FRT"

// Snapshot is the committed state of all spaces with the Raft position and the tentative edits, as of one instant.
type Snapshot struct {
	reader   *reader
	position RaftPosition
	once     sync.Once
}

// Snapshot opens a snapshot. It is quick; the work is in WriteTo. Close it.
func (s *Store) Snapshot(ctx context.Context) (*Snapshot, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, err := s.readerLocked()
	if err != nil {
		return nil, err
	}
	return &Snapshot{reader: r, position: s.raft}, nil
}

// Position gives the Raft position of the snapshot.
func (n *Snapshot) Position() RaftPosition { return n.position }

// Close releases the snapshot.
func (n *Snapshot) Close() { n.once.Do(n.reader.close) }

// WriteTo streams the snapshot with checksums; Restore reads it.
func (n *Snapshot) WriteTo(w io.Writer) (int64, error) {
	out := &pieceWriter{w: bufio.NewWriterSize(w, 1<<16), sum: sha256.New()}
	out.write([]byte(snapshotMagic))
	for i := range sharedFamilies {
		if err := n.family(out, sharedFamilies[i]); err != nil {
			return out.written, n.reader.db.readFault(err, "store.Snapshot")
		}
	}
	out.flush()
	sum := record.Hash(out.sum.Sum(nil))
	out.piece(snapshotPiece{Done: true, Sum: sum})
	if out.err == nil {
		out.err = out.w.Flush()
	}
	return out.written, fault.Wrap(out.err, fault.Unavailable, "store.Snapshot", "The snapshot could not be written to its end.")
}

func (n *Snapshot) family(out *pieceWriter, family byte) error {
	importing := map[record.Space]bool{}
	err := scanKeys(n.reader.txn, []byte{famImport}, func(key []byte) error {
		if space, _, ok := splitSpace(key); ok {
			importing[space] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	return scan(n.reader.txn, []byte{family}, func(key, value []byte) error {
		if space, _, ok := splitSpace(key); ok && importing[space] && bytes.IndexByte([]byte(spaceFamilies), family) >= 0 {
			return nil // half of a space is none
		}
		out.row(Row{bytes.Clone(key), append([]byte{}, value...)})
		return out.err
	})
}

// pieceWriter gathers rows into frames; its first error stays.
type pieceWriter struct {
	w       *bufio.Writer
	rows    []Row
	bytes   int
	sum     hash.Hash // of all bodies
	written int64
	err     error
}

func (p *pieceWriter) row(r Row) {
	p.rows = append(p.rows, r)
	if p.bytes += len(r.Key) + len(r.Value); p.bytes >= snapshotPieceBytes {
		p.flush()
	}
}

func (p *pieceWriter) flush() {
	if len(p.rows) > 0 {
		p.piece(snapshotPiece{Rows: p.rows})
		p.rows, p.bytes = nil, 0
	}
}

func (p *pieceWriter) piece(piece snapshotPiece) {
	if p.err != nil {
		return
	}
	body, err := record.Encode(piece)
	if err != nil {
		p.err = err
		return
	}
	p.sum.Write(body)
	head := binary.LittleEndian.AppendUint32(nil, uint32(len(body)))
	p.write(binary.LittleEndian.AppendUint32(head, crc32.Checksum(body, castagnoli)))
	p.write(body)
}

func (p *pieceWriter) write(raw []byte) {
	if p.err == nil {
		var n int
		n, p.err = p.w.Write(raw)
		p.written += int64(n)
	}
}
