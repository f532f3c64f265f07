package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// handIn gives a file to the store in pieces and makes a blob of it.
func handIn(t *testing.T, b *Blobs, content []byte, piece int) record.Hash {
	t.Helper()
	id := newID()
	for at := 0; at < len(content); at += piece {
		_, err := b.Extend(context.Background(), id, int64(at), content[at:min(at+piece, len(content))])
		must(t, err)
	}
	hash, err := b.Adopt(context.Background(), id, int64(len(content)), record.Hash{})
	must(t, err)
	return hash
}

// stored lists the whole blobs on the disk.
func stored(t *testing.T, b *Blobs) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(b.folder, "??", "*"))
	must(t, err)
	return all
}

func TestAFileHandedInThreeTimesIsStoredOnce(t *testing.T) { bothWays(t, handedInThreeTimes) }

func handedInThreeTimes(t *testing.T, key []byte) {
	b := openStore(t, keyed(key).in(t.TempDir())).Blobs()
	content := bytes.Repeat([]byte("holdfast "), 100_000)
	for _, piece := range []int{limit.BlobChunkBytes, 1000 * 9, 100_000} {
		if hash := handIn(t, b, content, piece); hash != sha256.Sum256(content) {
			t.Errorf("in pieces of %d its hash is %s", piece, hash)
		}
	}
	if all := stored(t, b); len(all) != 1 {
		t.Errorf("stored are %q", all)
	}
	if left, err := b.uploadsHere(); err != nil || len(left) != 0 {
		t.Errorf("left behind are %q, %v", left, err)
	}
	if hash := handIn(t, b, nil, 1); !b.Has(hash) {
		t.Error("an empty file is a file too")
	}
}

// The program is killed while it writes: the piece that it never answered for is torn.
func TestAnUploadGoesOnAfterACrash(t *testing.T) { bothWays(t, uploadGoesOnAfterACrash) }

func uploadGoesOnAfterACrash(t *testing.T, key []byte) {
	ctx := context.Background()
	cfg, id := keyed(key).in(t.TempDir()), newID()
	content := make([]byte, 3*limit.BlobChunkBytes+1000)
	for i := range content {
		content[i] = byte(i >> 7)
	}
	s, err := Open(ctx, cfg)
	must(t, err)
	for at := 0; at < 2*limit.BlobChunkBytes; at += limit.BlobChunkBytes {
		_, err = s.Blobs().Extend(ctx, id, int64(at), content[at:at+limit.BlobChunkBytes])
		must(t, err)
	}
	path := s.Blobs().uploadPath(id)
	must(t, s.Close())
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, fileMode)
	must(t, err)
	_, err = f.Write(make([]byte, 5000)) // the length reached the disk, the bytes did not
	must(t, err)
	must(t, f.Close())
	b := openStore(t, cfg).Blobs()
	at := b.Upload(id)
	if at < limit.BlobChunkBytes || at > 2*limit.BlobChunkBytes {
		t.Fatalf("%d bytes are here", at)
	}
	if got, err := b.Extend(ctx, id, at+1, content[at+1:at+2]); !fault.Is(err, fault.Conflict) || got != at {
		t.Errorf("a piece in the wrong place: %d, %v", got, err)
	}
	if _, err := b.Adopt(ctx, id, int64(len(content)), record.Hash{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("half a file was taken for a whole one: %v", err)
	}
	for at < int64(len(content)) {
		at, err = b.Extend(ctx, id, at, content[at:min(at+limit.BlobChunkBytes, int64(len(content)))])
		must(t, err)
	}
	if hash, err := b.Adopt(ctx, id, at, record.Hash{}); err != nil || hash != sha256.Sum256(content) {
		t.Errorf("%s, %v", hash, err)
	}
}

func TestAnUploadOfOtherContentIsRefused(t *testing.T) { bothWays(t, uploadOfOtherContent) }

func uploadOfOtherContent(t *testing.T, key []byte) {
	ctx := context.Background()
	b := openStore(t, keyed(key).in(t.TempDir())).Blobs()
	id := newID()
	_, err := b.Extend(ctx, id, 0, []byte("wrong"))
	must(t, err)
	if _, err := b.Adopt(ctx, id, 5, sha256.Sum256([]byte("right"))); !fault.Is(err, fault.Corrupt) || !isSentence(fault.SentenceOf(err)) {
		t.Errorf("other content: %v", err)
	}
	_, err = b.Extend(ctx, id, 0, []byte("longer than it said"))
	must(t, err)
	if _, err := b.Adopt(ctx, id, 5, record.Hash{}); !fault.Is(err, fault.Corrupt) {
		t.Errorf("more than was announced: %v", err)
	}
	if len(stored(t, b)) != 0 || b.Upload(id) != 0 {
		t.Error("something of it is left")
	}
	if _, err := b.Extend(ctx, id, limit.BlobBytesMax, []byte("x")); !fault.Is(err, fault.Invalid) {
		t.Errorf("more than a file may have: %v", err)
	}
}

func TestUploadsAreBoundedAndForgotten(t *testing.T) {
	ctx := context.Background()
	dir, device := t.TempDir(), newSigner("A")
	s, err := Open(ctx, configIn(dir, device))
	must(t, err)
	b := s.Blobs()
	var first record.ID
	for i := range limit.UploadsMax {
		id := newID()
		if i == 0 {
			first = id
		}
		_, err := b.Extend(ctx, id, 0, []byte("x"))
		must(t, err)
	}
	if _, err := b.Extend(ctx, newID(), 0, []byte("x")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("one too many: %v", err)
	}
	must(t, b.Abandon(first))
	_, err = b.Extend(ctx, first, 0, []byte("x"))
	must(t, err)
	long := time.Now().Add(-2 * uploadKept)
	left, err := b.uploadsHere()
	must(t, err)
	for _, name := range left[1:] {
		must(t, os.Chtimes(name, long, long))
	}
	must(t, s.Close())
	again, err := openStore(t, configIn(dir, device)).Blobs().uploadsHere()
	must(t, err)
	if len(again) != 1 || again[0] != left[0] {
		t.Errorf("%d of %d are left", len(again), len(left))
	}
}

func TestAFullDiskTakesNoFile(t *testing.T) { bothWays(t, fullDiskTakesNoFile) }

func fullDiskTakesNoFile(t *testing.T, key []byte) {
	ctx := context.Background()
	disk := newFaultyDisk(1, 0)
	config := keyed(key).in(t.TempDir())
	config.Files = disk
	b := openStore(t, config).Blobs()
	id, content := newID(), bytes.Repeat([]byte("x"), limit.BlobChunkBytes)
	_, err := b.Extend(ctx, id, 0, content)
	must(t, err)
	disk.setFree(blobReserveBytes / 2)
	for at := b.Upload(id); err == nil && at < 64<<20; {
		at, err = b.Extend(ctx, id, at, content)
	}
	if !fault.Is(err, fault.DiskFull) || !isSentence(fault.SentenceOf(err)) || !fault.Is(b.Room(1), fault.DiskFull) {
		t.Fatalf("a full disk: %v, %v", err, b.Room(1))
	}
	disk.setFree(0)
	at := b.Upload(id)
	_, err = b.Extend(ctx, id, at, content)
	must(t, err)
	_, err = b.Adopt(ctx, id, at+int64(len(content)), record.Hash{})
	must(t, err)
}
