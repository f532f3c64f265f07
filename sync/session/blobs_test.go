package session_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/sync/session"
)

// picture is content that no two tests share.
func picture(seed uint64, bytes int) []byte {
	content := make([]byte, bytes)
	random := rand.New(rand.NewPCG(seed, 2))
	for i := range content {
		content[i] = byte(random.Uint32())
	}
	return content
}

func (s *side) put(t testing.TB, content []byte) record.Hash {
	t.Helper()
	hash, _, err := s.store.Blobs().Put(t.Context(), bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func (s *side) holds(t testing.TB, content []byte) {
	t.Helper()
	file, err := s.store.Blobs().Open(sha256.Sum256(content))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if got, err := io.ReadAll(file); err != nil || !bytes.Equal(got, content) {
		t.Fatal("the file is another one", err)
	}
}

// TestAFileGoesOnFromAnotherHolder cuts every conversation after a few messages; each time another device is met that holds the file.
func TestAFileGoesOnFromAnotherHolder(t *testing.T) {
	a, b, c := newSide(t, "A"), newSide(t, "B"), newSide(t, "C")
	content := picture(1, 5<<20)
	hash := a.put(t, content)
	b.put(t, content)
	a.append(t, note(hash))
	meet(t, a, b, -1)
	came, chunks := int64(0), 0
	for round := 0; !c.store.Blobs().Has(hash); round++ {
		said := meet(t, []*side{a, b}[round%2], c, 9)
		chunks += said[session.KindBlobChunk]
		if now := c.store.Blobs().Partial(hash); now < came && !c.store.Blobs().Has(hash) || round > 100 {
			t.Fatalf("after %d cuts %d bytes are there, before it were %d", round, now, came)
		} else {
			came = now
		}
	}
	c.holds(t, content)
	// What was sent is the file, and for each cut at most what was under way.
	if least := len(content) / limit.BlobChunkBytes; chunks < least || chunks > 2*least {
		t.Errorf("%d pieces were sent of a file that has %d", chunks, least)
	}
}

// TestABlobIsGivenOnceToEachDevice lets three edits name one file.
func TestOneFileInThreeEditsTravelsOnce(t *testing.T) {
	a, b := newSide(t, "A"), newSide(t, "B")
	content := picture(2, 3*limit.BlobChunkBytes)
	hash := a.put(t, content)
	a.append(t, note(hash), note(hash), note(hash))
	if said := meet(t, a, b, -1); said[session.KindBlobChunk] != 3 || said[session.KindBlobWant] != 1 {
		t.Errorf("it was said: %v", said)
	}
	b.holds(t, content)
}

// rotten finds its files damaged behind the first piece.
type rotten struct{ session.Blobs }

func (r rotten) Open(hash record.Hash) (io.ReadSeekCloser, error) {
	f, err := r.Blobs.Open(hash)
	return rottenFile{f}, err
}

type rottenFile struct{ io.ReadSeekCloser }

func (f rottenFile) Read(into []byte) (int, error) {
	if at, err := f.Seek(0, io.SeekCurrent); err != nil || at >= limit.BlobChunkBytes {
		return 0, fault.New(fault.Corrupt, "test", "An attached file is damaged.")
	}
	return f.ReadSeekCloser.Read(into)
}

// TestADamagedFileIsAsGoodAsNone: the conversation goes on, and the rest comes from whoever holds the file whole.
func TestADamagedFileIsAsGoodAsNone(t *testing.T) {
	a, b, c := newSide(t, "A"), newSide(t, "B"), newSide(t, "C")
	content, other := picture(3, 3*limit.BlobChunkBytes), picture(4, 1000)
	hash, small := a.put(t, content), a.put(t, other)
	b.put(t, content)
	a.blobs = rotten{a.store.Blobs()}
	a.append(t, note(hash), note(small))
	meet(t, a, c, -1)
	if c.store.Blobs().Has(hash) {
		t.Error("a damaged file arrived")
	}
	c.holds(t, other)
	meet(t, b, c, -1)
	c.holds(t, content)
}

// liar gives other bytes than the name of a file says.
type liar struct {
	session.Blobs
	content []byte
}

func (l liar) Has(record.Hash) bool            { return true }
func (l liar) Size(record.Hash) (int64, error) { return int64(len(l.content)), nil }
func (l liar) Wanted(int) []record.Hash        { return nil }
func (l liar) Open(record.Hash) (io.ReadSeekCloser, error) {
	return struct {
		io.ReadSeeker
		io.Closer
	}{bytes.NewReader(l.content), io.NopCloser(nil)}, nil
}

func TestWrongBytesAreRefusedAndAskedOfSomebodyElse(t *testing.T) {
	content := picture(3, 4*limit.BlobChunkBytes)
	for name, wrong := range map[string][]byte{
		"as long":        picture(4, len(content)),
		"longer":         picture(4, len(content)+2*limit.BlobChunkBytes),
		"shorter":        picture(4, limit.BlobChunkBytes),
		"empty":          {},
		"right at first": append(bytes.Clone(content[:2*limit.BlobChunkBytes]), picture(4, 2*limit.BlobChunkBytes)...),
	} {
		t.Run(name, func(t *testing.T) {
			a, b, c := newSide(t, "A"), newSide(t, "B"), newSide(t, "C")
			hash := a.put(t, content)
			a.append(t, note(hash))
			b.blobs = liar{content: wrong}
			meet(t, a, b, -1)
			if said := meet(t, b, c, -1); said[session.KindBlobChunk] == 0 || c.store.Blobs().Has(hash) {
				t.Fatalf("the lie was believed, or not told: %v", said)
			}
			meet(t, a, c, -1)
			c.holds(t, content)
		})
	}
}

// TestALieThatWasCutDoesNotSpoilTheTruth has the first part from a liar and the rest from an honest peer, in one conversation with each.
func TestALieThatWasCutDoesNotSpoilTheTruth(t *testing.T) {
	for _, longer := range []int{0, 3 * limit.BlobChunkBytes} {
		content := picture(5, 4*limit.BlobChunkBytes)
		a, b, c := newSide(t, "A"), newSide(t, "B"), newSide(t, "C")
		hash := a.put(t, content)
		a.append(t, note(hash))
		b.blobs = liar{content: picture(6, len(content)+longer)}
		meet(t, a, b, -1)
		meet(t, b, c, -1)
		for most := 5; c.store.Blobs().Partial(hash) == 0; most++ {
			c = newSide(t, "C")
			meet(t, b, c, most)
			if most > 30 {
				t.Fatal("nothing of the lie came")
			}
		}
		meet(t, a, c, -1)
		c.holds(t, content)
	}
}

// crowded has no room for files until a test makes some.
type crowded struct {
	session.Blobs
	room bool
}

func (c *crowded) Wanted(most int) []record.Hash {
	return c.Blobs.Wanted(most)
}

func (c *crowded) WriteChunk(ctx context.Context, h record.Hash, offset, total int64, chunk []byte) (bool, error) {
	if !c.room && offset > 0 {
		return false, fault.New(fault.DiskFull, "test", "The disk is nearly full.")
	}
	return c.Blobs.WriteChunk(ctx, h, offset, total, chunk)
}

// TestAFullDiskKeepsFilesOutAndEditsComing goes on with the conversation, and with the file once there is room.
func TestAFullDiskKeepsFilesOutAndEditsComing(t *testing.T) {
	a, b := newSide(t, "A"), newSide(t, "B")
	disk := &crowded{Blobs: b.store.Blobs()}
	b.blobs = disk
	content := picture(7, 6*limit.BlobChunkBytes)
	a.append(t, note(a.put(t, content)))
	meet(t, a, b, 200)
	if b.store.PendingCount() != 1 || b.store.Blobs().Partial(sha256.Sum256(content)) != limit.BlobChunkBytes {
		t.Fatalf("%d edits and %d bytes came", b.store.PendingCount(), b.store.Blobs().Partial(sha256.Sum256(content)))
	}
	disk.room = true
	meet(t, a, b, -1)
	b.holds(t, content)
	equal(t, a, b)
}

// TestWhoGaveAFileLearnsThatItIsKept is what lets a device drop its copy.
func TestWhoGaveAFileLearnsThatItIsKept(t *testing.T) {
	a, b := newSide(t, "A"), newSide(t, "B")
	hash := a.put(t, picture(8, 1000))
	a.append(t, note(hash))
	told := map[string]int{}
	a.told = func(record.Hash) { told["giver"]++ }
	b.told = func(record.Hash) { told["taker"]++ }
	meet(t, a, b, -1)
	if told["giver"] != 1 || told["taker"] != 1 {
		t.Errorf("told were %v", told)
	}
}

// TestAFileThatIsHereByNowIsNotWaitedFor attaches the very file on this device while a peer sends it.
func TestAFileThatIsHereByNowIsNotWaitedFor(t *testing.T) {
	a, b := newSide(t, "A"), newSide(t, "B")
	content := picture(9, 6*limit.BlobChunkBytes)
	a.append(t, note(a.put(t, content)))
	b.blobs = &meanwhile{Blobs: b.store.Blobs(), then: func() { b.put(t, content) }}
	meet(t, a, b, -1)
	b.holds(t, content)
	equal(t, a, b)
}

// meanwhile does something after the first piece of a file.
type meanwhile struct {
	session.Blobs
	then func()
}

func (m *meanwhile) WriteChunk(ctx context.Context, h record.Hash, offset, total int64, chunk []byte) (bool, error) {
	done, err := m.Blobs.WriteChunk(ctx, h, offset, total, chunk)
	if m.then != nil {
		m.then()
		m.then = nil
	}
	return done, err
}
