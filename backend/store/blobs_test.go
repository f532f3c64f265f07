package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

func TestABlobIsStoredOnceUnderItsHash(t *testing.T) {
	b := newStoreOf(t, newSigner("A")).Blobs()
	content := bytes.Repeat([]byte("holdfast "), 100_000)
	for range 2 {
		hash, size, err := b.Put(context.Background(), bytes.NewReader(content))
		must(t, err)
		if hash != sha256.Sum256(content) || size != int64(len(content)) || !b.Has(hash) {
			t.Fatalf("%s of %d bytes", hash, size)
		}
	}
	f, err := b.Open(sha256.Sum256(content))
	must(t, err)
	defer f.Close()
	_, err = f.Seek(9, io.SeekStart)
	must(t, err)
	rest, err := io.ReadAll(f)
	must(t, err)
	if !bytes.Equal(rest, content[9:]) {
		t.Error("the content is another")
	}
	if _, err := b.Open(record.Hash{1}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a blob that is not here: %v", err)
	}
}

func TestADownloadGoesOnWhereItStopped(t *testing.T) {
	ctx := context.Background()
	dir, device := t.TempDir(), newSigner("A")
	content := bytes.Repeat([]byte{1, 2, 3, 4, 5}, 1000)
	hash, total := record.Hash(sha256.Sum256(content)), int64(len(content))
	s, err := Open(ctx, configIn(dir, device))
	must(t, err)
	done, err := s.Blobs().WriteChunk(ctx, hash, 0, total, content[:2000])
	must(t, err)
	if done || s.Blobs().Partial(hash) != 2000 || s.Blobs().Has(hash) {
		t.Fatalf("done %v at %d", done, s.Blobs().Partial(hash))
	}
	must(t, s.Close())
	b := openStore(t, configIn(dir, device)).Blobs()
	if _, err := b.WriteChunk(ctx, hash, 1000, total, content[1000:2000]); !fault.Is(err, fault.Conflict) {
		t.Errorf("a piece in the wrong place: %v", err)
	}
	if _, err := b.WriteChunk(ctx, hash, 2000, total, make([]byte, total)); !fault.Is(err, fault.Invalid) {
		t.Errorf("a piece beyond the end: %v", err)
	}
	done, err = b.WriteChunk(ctx, hash, b.Partial(hash), total, content[2000:])
	must(t, err)
	if size, err := b.Size(hash); !done || !b.Has(hash) || size != total || err != nil {
		t.Errorf("done %v, %d bytes, %v", done, size, err)
	}
	if b.Partial(hash) != 0 {
		t.Error("the download is still there")
	}
}

func TestWrongContentIsNeverABlob(t *testing.T) {
	ctx := context.Background()
	s := newStoreOf(t, newSigner("A"))
	b := s.Blobs()
	hash := record.Hash(sha256.Sum256([]byte("right")))
	_, err := b.WriteChunk(ctx, hash, 0, 5, []byte("wrong"))
	if !fault.Is(err, fault.Corrupt) || b.Has(hash) || b.Partial(hash) != 0 {
		t.Errorf("%v, there: %v, %d bytes left", err, b.Has(hash), b.Partial(hash))
	}
	done, err := b.WriteChunk(ctx, hash, 0, 5, []byte("right"))
	must(t, err)
	if !done || !b.Has(hash) {
		t.Error("it does not recover")
	}
	must(t, os.WriteFile(b.path(hash), []byte("rotten"), fileMode))
	found, err := s.Verify(ctx)
	must(t, err)
	if len(found) != 1 || !isSentence(found[0].What) {
		t.Errorf("found %v", found)
	}
}

func TestWhatPutLeftBehindIsRemoved(t *testing.T) {
	dir, device := t.TempDir(), newSigner("A")
	s, err := Open(context.Background(), configIn(dir, device))
	must(t, err)
	left := filepath.Join(dir, blobsName, partialName, putPrefix+"123")
	must(t, os.WriteFile(left, []byte("x"), fileMode))
	must(t, s.Close())
	openStore(t, configIn(dir, device))
	if _, err := os.Stat(left); err == nil {
		t.Error("it is still there")
	}
}

func TestWantedNamesWhatHeldEditsNeed(t *testing.T) {
	ctx := context.Background()
	s := newStoreOf(t, newSigner("A"))
	hash := record.Hash(sha256.Sum256([]byte("content")))
	d := draftOf(newID(), true, "With a file")
	d.Blobs = []record.Hash{hash}
	_, err := s.Append(ctx, d)
	must(t, err)
	want := func(n int) {
		t.Helper()
		if got := s.Blobs().Wanted(10); len(got) != n {
			t.Errorf("%d wanted, want %d", len(got), n)
		}
	}
	want(1)
	commitAll(t, s)
	want(1)
	_, _, err = s.Blobs().Put(ctx, bytes.NewReader([]byte("content")))
	must(t, err)
	want(0)
}
