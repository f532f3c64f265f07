package backup_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/backup"
	"holdfast/sync/enrol"
)

func openStore(t *testing.T) *store.Store {
	t.Helper()
	device, err := enrol.NewDevice(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Config{Dir: t.TempDir(), Device: device})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// stocked gives a store with agreed and waiting edits and an attached file.
func stocked(t *testing.T) (s *store.Store, file record.Hash) {
	t.Helper()
	s = openStore(t)
	file, _, err := s.Blobs().Put(t.Context(), bytes.NewReader(bytes.Repeat([]byte("picture "), 100_000)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range byte(4) {
		draft := record.Draft{Space: record.Organisation, Action: "note", Blobs: []record.Hash{file}, Mutations: []record.Mutation{
			{Op: record.OpCreate, Record: record.ID{1, i}, Kind: "note"},
			{Op: record.OpSet, Record: record.ID{1, i}, Field: "title", Value: record.Text("hello")}}}
		if _, err := s.Append(t.Context(), draft); err != nil {
			t.Fatal(err)
		}
	}
	entry := record.Entry{Format: record.FormatVersion, Space: record.Organisation, Generation: 1, Time: 1}
	for i, e := range s.Pending(record.Organisation)[:3] {
		o, err := record.Encode(&record.Outcome{Edit: e.ID, Hash: e.Sealed.Hash(), Commit: uint64(i) + 1, Result: record.Applied})
		if err != nil {
			t.Fatal(err)
		}
		entry.Edits, entry.Outcomes = append(entry.Edits, e.Sealed), append(entry.Outcomes, o)
	}
	if applied, err := s.Apply(t.Context(), entry, store.RaftPosition{}); err != nil || !applied {
		t.Fatal(applied, err)
	}
	return s, file
}

func keyAndIdentity(t *testing.T) (ed25519.PublicKey, age.Identity) {
	t.Helper()
	key, err := enrol.NewRecoveryKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	identity, err := key.FileIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return public, identity
}

func TestABackupHoldsEverything(t *testing.T) {
	from, hash := stocked(t)
	public, identity := keyAndIdentity(t)
	folder := t.TempDir()
	making := backup.Making{
		Store: from, Recipient: public, File: filepath.Join(folder, "one.age"), Scratch: filepath.Join(folder, "trial"),
		Head: backup.Head{Cluster: "acme", Site: "LYO", Made: 7},
	}
	made, err := backup.Make(t.Context(), making)
	if err != nil || made.Blobs != 1 || made.Head.Pending != 1 || made.Bytes < 1000 {
		t.Fatalf("%+v, %v", made, err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("beside the backup there is %v, %v", left, err)
	}
	if _, err := backup.Make(t.Context(), making); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second one under its name: %v", err)
	}
	to := openStore(t)
	head, err := backup.Restore(t.Context(), making.File, identity, to)
	if err != nil || head.Cluster != "acme" || head.Site != "LYO" || head.Made != 7 {
		t.Fatalf("%+v, %v", head, err)
	}
	if to.Frontier(record.Organisation) != from.Frontier(record.Organisation) || to.PendingCount() != 1 {
		t.Errorf("%+v with %d pending", to.Frontier(record.Organisation), to.PendingCount())
	}
	picture, err := to.Blobs().Open(hash)
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Close()
	if content, err := io.ReadAll(picture); err != nil || len(content) != 800_000 {
		t.Errorf("the file has %d bytes, %v", len(content), err)
	}
}

func TestABackupThatIsNotWholeIsRefused(t *testing.T) {
	from, _ := stocked(t)
	public, identity := keyAndIdentity(t)
	folder := t.TempDir()
	file := filepath.Join(folder, "one.age")
	if _, err := backup.Make(t.Context(), backup.Making{Store: from, Recipient: public, File: file, Scratch: filepath.Join(folder, "trial"), Head: backup.Head{Cluster: "acme"}}); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, other := keyAndIdentity(t)
	if _, err := backup.Restore(t.Context(), file, other, openStore(t)); !fault.Is(err, backup.WrongKey) {
		t.Errorf("another key: %v", err)
	}
	for name, bent := range map[string][]byte{
		"cut short": raw[:len(raw)-100], "a bit turned": turned(raw), "half": raw[:len(raw)/2], "empty": nil, "something else": []byte("a letter to a friend"),
	} {
		wrong := filepath.Join(folder, "wrong.age")
		if err := os.WriteFile(wrong, bent, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Restore(t.Context(), wrong, identity, openStore(t)); !fault.Is(err, fault.Corrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func turned(raw []byte) []byte {
	bent := bytes.Clone(raw)
	bent[len(bent)*3/4] ^= 1
	return bent
}
