package program

import (
	"os"
	"path/filepath"
	"testing"

	"holdfast/app/vault"
	"holdfast/backend/core/diskfile/diskfiletest"
	"holdfast/backend/core/fault"
)

// A backup is restored into a folder that says nothing of what is in it, and that opens with the passphrase and with the code that was shown, whatever folder the backup was made of.
func TestABackupIsRestoredIntoAnEncryptedFolder(t *testing.T) {
	p, file, key, id := backedUp(t)
	shutAt(t, p)
	config := quietly(filepath.Join(t.TempDir(), "new"))
	if _, err := Restore(t.Context(), config, Restoring{File: file, Key: key, Encrypt: true}); err == nil {
		t.Fatal("a folder is encrypted with nothing that could open it")
	}
	if _, err := os.Stat(config.Data); err == nil {
		t.Error("the restore that was refused left something behind")
	}
	config.Keys = Keys{Passphrase: passphrase}
	done, err := Restore(t.Context(), config, Restoring{File: file, Key: key, Encrypt: true})
	if err != nil || done.Recovery == "" {
		t.Fatalf("%+v, %v", done, err)
	}
	if found := diskfiletest.Holding(t, filepath.Join(config.Data, "store"), secret); len(found) > 0 {
		t.Errorf("%v hold the ticket in the clear", found)
	}
	if p, err := Open(t.Context(), quietly(config.Data)); !fault.Is(err, vault.PassphraseMissing) {
		if err == nil {
			shutAt(t, p)
		}
		t.Errorf("it opens without its passphrase: %v", err)
	}
	for _, keys := range []Keys{{Passphrase: passphrase}, {Passphrase: passphrase, Recovery: done.Recovery}} {
		config.Keys = keys
		p, err := Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		come(t, func() bool { return p.site.store.PendingCount() == 0 })
		if state, err := p.site.store.Committed(id); err != nil || state == nil || state.Shown("title").AsText() != secret {
			t.Errorf("what the backup held is not there: %+v, %v", state, err)
		}
		shutAt(t, p)
	}
}
