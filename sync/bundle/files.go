package bundle

import (
	"context"
	"slices"

	"holdfast/backend/record"
	"holdfast/sync/session"
)

// wantedMax is how many absent files are looked through for those that a section brings.
const wantedMax = 1 << 20

// offered is the replica's files, of which it wants only the one that comes next: a file cannot be asked for others.
type offered struct {
	session.Blobs
	wanted map[record.Hash]bool // by edits that are here; looked up at the first file
	next   []record.Hash
}

// Wanted gives the file that comes next while it is wanted.
func (o *offered) Wanted(int) []record.Hash {
	return slices.DeleteFunc(slices.Clone(o.next), o.Has)
}

func (o *offered) wants(hash record.Hash) bool {
	if o.wanted == nil {
		o.wanted = map[record.Hash]bool{}
		for _, absent := range o.Blobs.Wanted(wantedMax) {
			o.wanted[absent] = true
		}
	}
	return o.wanted[hash]
}

// fileChunk takes a piece of an attached file when a change that is here names it.
func (t *taker) fileChunk(ctx context.Context, m *session.BlobChunk) error {
	if t.files == nil || m.Missing || len(m.Bytes) == 0 && m.Total > 0 {
		return nil
	}
	if m.Hash != t.file {
		if err := t.expect(ctx, m.Hash); err != nil {
			return err
		}
	}
	end := int64(m.Offset) + int64(len(m.Bytes))
	if t.from < 0 || int64(m.Offset) > t.from || end <= t.from && m.Total > 0 {
		return nil
	}
	m.Bytes = m.Bytes[t.from-int64(m.Offset):]
	m.Offset = uint64(t.from)
	if err := t.step(ctx, m); err != nil {
		return err
	}
	t.from = end
	if end == int64(m.Total) {
		t.from = -1
		if t.files.Has(m.Hash) {
			t.reading.Files++
		}
	}
	return nil
}

// expect has the session ask for the file that comes next, if it is wanted and nobody else brings it at this moment.
func (t *taker) expect(ctx context.Context, hash record.Hash) error {
	t.file, t.from, t.files.next = hash, -1, nil
	if !t.files.wants(hash) {
		return nil
	}
	t.files.next = []record.Hash{hash}
	said, err := t.session.Poll(ctx)
	t.observe(said)
	return err
}
