package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

func TestWhatNobodyElseKeepsIsNotDropped(t *testing.T) {
	ctx := context.Background()
	s := newStoreOf(t, newSigner("A"))
	b := s.Blobs()
	hash, _, err := b.Put(ctx, bytes.NewReader([]byte("content")))
	must(t, err)
	about := newID()
	d := draftOf(about, true, "With a file")
	d.Blobs = []record.Hash{hash}
	_, err = s.Append(ctx, d)
	must(t, err)
	commitAll(t, s)
	if err := b.Drop(Missing{hash, about}); !fault.Is(err, fault.Conflict) || !b.Has(hash) {
		t.Fatalf("it was dropped: %v", err)
	}
	keeper := newSigner("N").ID()
	must(t, b.NoteHeld(record.Hash{9}, keeper))
	must(t, b.NoteHeld(hash, keeper))
	if by, known := b.Keeper(hash); !known || by != keeper {
		t.Fatalf("%s keeps it, %v", by, known)
	}
	if _, known := b.Keeper(record.Hash{9}); known {
		t.Error("a note was made on what is not here")
	}
	if missing, _ := b.Missing(); len(missing) != 0 {
		t.Errorf("missing %v", missing)
	}
	found, err := s.Verify(ctx)
	must(t, err)
	if len(found) != 0 {
		t.Errorf("the notes are taken for damage: %v", found)
	}
	must(t, b.Drop(Missing{hash, about}))
	missing, _ := b.Missing()
	if b.Has(hash) || len(missing) != 1 || missing[0] != (Missing{hash, about}) {
		t.Errorf("after the drop %v is missing", missing)
	}
	if _, known := b.Keeper(hash); known {
		t.Error("who keeps it is not asked again")
	}
}

// The record that an edit is about is known of committed and of tentative edits, and after a restart.
func TestMissingFilesNameTheirRecord(t *testing.T) {
	ctx := context.Background()
	dir, device := t.TempDir(), newSigner("A")
	s, err := Open(ctx, configIn(dir, device))
	must(t, err)
	want := map[record.Hash]record.ID{{1}: newID(), {2}: newID()}
	for _, hash := range []record.Hash{{1}, {2}} {
		d := draftOf(want[hash], true, "With a file")
		d.Blobs = []record.Hash{hash}
		_, err = s.Append(ctx, d)
		must(t, err)
		if hash[0] == 1 {
			commitAll(t, s)
		}
	}
	check := func(s *Store) {
		t.Helper()
		missing, _ := s.Blobs().Missing()
		if len(missing) != len(want) {
			t.Fatalf("missing %v", missing)
		}
		for _, one := range missing {
			if want[one.Hash] != one.Record {
				t.Errorf("%s is of %s, want %s", one.Hash, one.Record, want[one.Hash])
			}
		}
	}
	check(s)
	must(t, s.Close())
	check(openStore(t, configIn(dir, device)))
}

func TestAWishOutlastsARestartAndWrongBytes(t *testing.T) {
	ctx := context.Background()
	dir, device := t.TempDir(), newSigner("A")
	hash := record.Hash(sha256.Sum256([]byte("right")))
	s, err := Open(ctx, configIn(dir, device))
	must(t, err)
	before := s.Blobs().MissingRevision()
	must(t, s.Blobs().Wish(hash))
	if s.Blobs().MissingRevision() == before {
		t.Error("nobody is told of the wish")
	}
	must(t, s.Close())
	b := openStore(t, configIn(dir, device)).Blobs()
	if !b.Begun(hash) || b.Partial(hash) != 0 {
		t.Fatal("the wish is forgotten")
	}
	for _, wrong := range []string{"wrong", "too long"} {
		if _, err := b.WriteChunk(ctx, hash, 0, int64(len(wrong)), []byte(wrong)); !fault.Is(err, fault.Corrupt) || !b.Begun(hash) {
			t.Errorf("%s: %v, wished %v", wrong, err, b.Begun(hash))
		}
	}
	// A liar sends the beginning of something longer and goes; whoever is honest must not be stuck behind it.
	_, err = b.WriteChunk(ctx, hash, 0, 100, []byte("a long lie"))
	must(t, err)
	if _, err := b.WriteChunk(ctx, hash, 5, 5, nil); !fault.Is(err, fault.Corrupt) || b.Partial(hash) != 0 {
		t.Errorf("the lie stays: %v, %d bytes", err, b.Partial(hash))
	}
	if done, err := b.WriteChunk(ctx, hash, 0, 5, []byte("right")); !done || err != nil || b.Begun(hash) {
		t.Errorf("done %v, %v", done, err)
	}
}
