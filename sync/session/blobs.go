package session

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

const (
	// blobsAtOnce is how many blobs one session fetches at a time; it serves twice as many to allow for what is under way.
	blobsAtOnce = 4
	// blobsLookedAt is how many of the wanted blobs are looked at for one that no other session fetches.
	blobsLookedAt = 64
	// blobsOwedMax bounds the blobs that a peer is told of when they arrive.
	blobsOwedMax = 4096
)

// fetch is a blob that the peer was asked for.
type fetch struct {
	from uint64 // what was here when it was asked for; the rest is the peer's
	idle bool   // it is no longer needed, or there is no room: the rest is passed over
}

// wantBlobs asks the peer for files that held edits name and that are not here.
func (s *Session) wantBlobs() {
	if s.cfg.Blobs == nil || len(s.fetching) >= blobsAtOnce {
		return
	}
	for _, hash := range s.cfg.Blobs.Wanted(blobsLookedAt + len(s.lacking)) {
		if len(s.fetching) >= blobsAtOnce {
			return
		}
		if s.fetching[hash] != nil || s.lacking[hash] || !s.cfg.Claims.take(blobClaim(hash)) {
			continue
		}
		from := uint64(s.cfg.Blobs.Partial(hash))
		s.fetching[hash] = &fetch{from: from}
		s.controls = append(s.controls, &BlobWant{Hash: hash, Offset: from})
	}
}

func (s *Session) takeBlobWant(m *BlobWant) error {
	if len(s.serving) >= 2*blobsAtOnce {
		return violation("session.BlobWant", "too many files are wanted at once")
	}
	if s.cfg.Blobs == nil || !s.cfg.Blobs.Has(m.Hash) {
		if len(s.owed) < blobsOwedMax {
			s.owed[m.Hash] = true
		}
		s.controls = append(s.controls, &BlobChunk{Hash: m.Hash, Missing: true})
		return nil
	}
	s.serving = append(s.serving, *m)
	return nil
}

// fillBlobs gives chunks of the files that the peer wants, until the window is full, and tells of those that have arrived here meanwhile.
func (s *Session) fillBlobs() ([]Message, error) {
	if s.cfg.Blobs == nil {
		return nil, nil
	}
	var out []Message
	for _, hash := range slices.SortedFunc(maps.Keys(s.owed), func(a, b record.Hash) int { return bytes.Compare(a[:], b[:]) }) {
		if s.cfg.Blobs.Has(hash) {
			delete(s.owed, hash)
			out = append(out, &BlobHave{Hash: hash})
		}
	}
	for len(s.serving) > 0 && s.flightBytes < windowBytes {
		want := &s.serving[0]
		chunk, err := s.chunk(want)
		if fault.Is(err, fault.Corrupt) { // a damaged file is as good as none
			s.cfg.Log.Warn("a file on this device is damaged", "hash", want.Hash, "error", err)
			s.controls = append(s.controls, &BlobChunk{Hash: want.Hash, Missing: true})
			s.serving = s.serving[1:]
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, chunk)
		s.launch(len(chunk.Bytes))
		want.Offset += uint64(len(chunk.Bytes))
		if want.Offset >= chunk.Total {
			s.serving = s.serving[1:]
		}
	}
	return out, nil
}

func (s *Session) chunk(want *BlobWant) (*BlobChunk, error) {
	size, err := s.cfg.Blobs.Size(want.Hash)
	if err != nil {
		return nil, err
	}
	m := &BlobChunk{Hash: want.Hash, Offset: min(want.Offset, uint64(size)), Total: uint64(size)}
	m.Bytes = make([]byte, min(m.Total-m.Offset, limit.BlobChunkBytes))
	file, err := s.cfg.Blobs.Open(want.Hash)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if _, err := file.Seek(int64(m.Offset), io.SeekStart); err != nil {
		return nil, err
	}
	_, err = io.ReadFull(file, m.Bytes)
	return m, err
}

func (s *Session) takeBlobChunk(ctx context.Context, m *BlobChunk) error {
	if s.lacking[m.Hash] && !m.Missing {
		s.taken++ // the rest of one that was given up
		return nil
	}
	asked := s.fetching[m.Hash]
	if asked == nil {
		return violation("session.BlobChunk", "a file came that was not asked for")
	}
	if m.Missing {
		s.fetched(m.Hash)
		s.lack(m.Hash)
		return nil
	}
	s.taken++
	last := m.Offset+uint64(len(m.Bytes)) == m.Total
	if asked.idle {
		if last {
			delete(s.fetching, m.Hash)
		}
		return nil
	}
	done, err := s.cfg.Blobs.WriteChunk(ctx, m.Hash, int64(m.Offset), int64(m.Total), m.Bytes)
	switch {
	case fault.Is(err, fault.Corrupt) && asked.from > 0:
		// The first part came from somebody else and may have been the wrong one: this peer is asked for the whole.
		s.cfg.Log.Warn("a file that came in parts is not what it should be", "peer", s.peer.Device, "hash", m.Hash)
		s.idle(m.Hash, asked, last)
	case fault.Is(err, fault.Corrupt), fault.Is(err, fault.Invalid), err == nil && !done && last:
		// The peer's copy is damaged, or not what its name says. Another peer may hold a good one.
		s.cfg.Log.Warn("a file from a peer is not what it should be", "peer", s.peer.Device, "hash", m.Hash)
		s.lack(m.Hash)
		s.fetched(m.Hash)
	case fault.Is(err, fault.DiskFull):
		// Edits still find room where files do not, so the session goes on without them.
		s.cfg.Log.Warn("there is no room for a file from a peer", "hash", m.Hash)
		s.idle(m.Hash, asked, last)
	case err != nil:
		return err
	case done:
		s.idle(m.Hash, asked, last)
		s.holds(m.Hash)
		s.controls = append(s.controls, &BlobHave{Hash: m.Hash})
	}
	return nil
}

// idle lets go of a file that another session may fetch; what is still under way of it is passed over.
func (s *Session) idle(hash record.Hash, asked *fetch, last bool) {
	s.fetched(hash)
	if !last {
		asked.idle = true
		s.fetching[hash] = asked
	}
}

// holds takes note that the peer holds a file.
func (s *Session) holds(hash record.Hash) {
	if s.cfg.Holds != nil {
		s.cfg.Holds(hash)
	}
}

// lack takes note that the peer does not hold a file.
func (s *Session) lack(hash record.Hash) {
	if len(s.lacking) < blobsOwedMax {
		s.lacking[hash] = true
	}
}

func (s *Session) fetched(hash record.Hash) {
	delete(s.fetching, hash)
	s.cfg.Claims.release(blobClaim(hash))
}

func (s *Session) releaseBlobs() {
	for hash, asked := range s.fetching {
		if !asked.idle {
			s.cfg.Claims.release(blobClaim(hash))
		}
	}
	clear(s.fetching)
}

func blobClaim(hash record.Hash) string { return "blob/" + string(hash[:]) }
