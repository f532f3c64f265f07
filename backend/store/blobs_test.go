package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// bothWays runs a test on a plain folder and on an encrypted one.
func bothWays(t *testing.T, run func(t *testing.T, key []byte)) {
	for name, key := range map[string][]byte{"plain": nil, "encrypted": bytes.Repeat([]byte{5}, 32)} {
		t.Run(name, func(t *testing.T) { run(t, key) })
	}
}

func keyed(key []byte) Config { return Config{Device: newSigner("A"), Key: key} }

// in gives the config for a folder.
func (c Config) in(dir string) Config {
	c.Dir = dir
	return c
}

func TestABlobIsStoredOnceUnderItsHash(t *testing.T) { bothWays(t, blobIsStoredOnce) }

func blobIsStoredOnce(t *testing.T, key []byte) {
	b := openStore(t, keyed(key).in(t.TempDir())).Blobs()
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
	if all := stored(t, b); len(all) != 1 {
		t.Errorf("stored are %q", all)
	}
	var each []record.Hash
	must(t, b.NoteHeld(sha256.Sum256(content), record.DeviceID{1}))
	must(t, b.Each(context.Background(), func(h record.Hash) error { each = append(each, h); return nil }))
	if len(each) != 1 || each[0] != sha256.Sum256(content) {
		t.Errorf("each of them is %v", each)
	}
}

func TestADownloadGoesOnWhereItStopped(t *testing.T) { bothWays(t, downloadGoesOn) }

func downloadGoesOn(t *testing.T, key []byte) {
	ctx := context.Background()
	cfg := keyed(key).in(t.TempDir())
	content := bytes.Repeat([]byte{1, 2, 3, 4, 5}, 1000)
	hash, total := record.Hash(sha256.Sum256(content)), int64(len(content))
	s, err := Open(ctx, cfg)
	must(t, err)
	done, err := s.Blobs().WriteChunk(ctx, hash, 0, total, content[:2000])
	must(t, err)
	if done || s.Blobs().Partial(hash) != 2000 || s.Blobs().Has(hash) {
		t.Fatalf("done %v at %d", done, s.Blobs().Partial(hash))
	}
	must(t, s.Close())
	b := openStore(t, cfg).Blobs()
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

func TestWrongContentIsNeverABlob(t *testing.T) { bothWays(t, wrongContentIsNoBlob) }

func wrongContentIsNoBlob(t *testing.T, key []byte) {
	ctx := context.Background()
	s := openStore(t, keyed(key).in(t.TempDir()))
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
	rotten, err := os.ReadFile(b.path(hash))
	must(t, err)
	rotten[len(rotten)-1] ^= 1
	must(t, os.WriteFile(b.path(hash), rotten, fileMode))
	found, err := s.Verify(ctx)
	must(t, err)
	if len(found) != 1 || !isSentence(found[0].What) {
		t.Errorf("found %v", found)
	}
}

// TestAttachedFilesOfAnEncryptedFolderAreEncrypted: neither content nor hash stands anywhere on the disk, whole, on its way in or noted as held elsewhere.
func TestAttachedFilesOfAnEncryptedFolderAreEncrypted(t *testing.T) {
	ctx := context.Background()
	cfg := keyed(bytes.Repeat([]byte{5}, 32)).in(t.TempDir())
	s, err := Open(ctx, cfg)
	must(t, err)
	b := s.Blobs()
	content := bytes.Repeat([]byte("the password of the safe "), 40_000)
	hash := handIn(t, b, content, limit.BlobChunkBytes)
	must(t, b.NoteHeld(hash, record.DeviceID{1}))
	_, err = b.Extend(ctx, newID(), 0, content[:100_000])
	must(t, err)
	other := record.Hash(sha256.Sum256(content[1:]))
	_, err = b.WriteChunk(ctx, other, 0, int64(len(content)-1), content[1:1000])
	must(t, err)
	must(t, s.Close())
	must(t, filepath.WalkDir(cfg.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, h := range []record.Hash{hash, other} {
			if strings.Contains(path, h.String()) || bytes.Contains(raw, h[:]) || bytes.Contains(raw, []byte("password")) {
				t.Errorf("%s tells of an attached file", path)
			}
		}
		return err
	}))
	b = openStore(t, cfg).Blobs()
	if keeper, known := b.Keeper(hash); !b.Has(hash) || !known || keeper != (record.DeviceID{1}) || b.Partial(other) != 999 {
		t.Errorf("here: %v, held by %v, %d bytes of the other", b.Has(hash), keeper, b.Partial(other))
	}
}

// TestPlainFilesOfAnEncryptedFolderAreSealed has an encrypted folder as older programs kept it, with a stop in between.
func TestPlainFilesOfAnEncryptedFolderAreSealed(t *testing.T) {
	ctx := context.Background()
	cfg := keyed(bytes.Repeat([]byte{5}, 32)).in(t.TempDir())
	s, err := Open(ctx, cfg)
	must(t, err)
	done := handIn(t, s.Blobs(), []byte("sealed before the stop"), 100)
	must(t, s.Close())
	older := &Blobs{folder: filepath.Join(cfg.Dir, blobsName), shelf: plainShelf{}}
	content := map[record.Hash][]byte{done: []byte("sealed before the stop")}
	for _, text := range []string{"one", "two", ""} {
		content[sha256.Sum256([]byte(text))] = []byte(text)
	}
	for hash, raw := range content {
		must(t, os.MkdirAll(filepath.Dir(older.path(hash)), folderMode))
		must(t, os.WriteFile(older.path(hash), raw, fileMode))
	}
	one, begun := record.Hash(sha256.Sum256([]byte("one"))), record.Hash{7}
	for name, raw := range map[string][]byte{older.heldPath(one): []byte(strings.Repeat("ab", len(record.DeviceID{}))), older.partialPath(begun): []byte("beg"), older.uploadPath(newID()): []byte("up")} {
		must(t, os.MkdirAll(filepath.Dir(name), folderMode))
		must(t, os.WriteFile(name, raw, fileMode))
	}
	s = openStore(t, cfg)
	b := s.Blobs()
	for hash, raw := range content {
		f, err := b.Open(hash)
		must(t, err)
		got, err := io.ReadAll(f)
		must(t, errors.Join(err, f.Close()))
		if !bytes.Equal(got, raw) {
			t.Errorf("%q was %q", got, raw)
		}
	}
	if _, known := b.Keeper(one); !known || !b.Begun(begun) {
		t.Error("who holds a file, or what was asked for, is forgotten")
	}
	if _, err := os.Stat(older.folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the plain files are there: %v", err)
	}
	wantNoFindings(t, s)
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
