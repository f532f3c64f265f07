package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"path/filepath"

	"holdfast/backend/core/fault"
)

const (
	format     = 1
	idBytes    = 16
	fileMode   = 0o600
	folderMode = 0o700
)

// file is what vault.json holds. Exactly one of Keyring and Passphrase is there.
type file struct {
	Format     int             `json:"format"`
	ID         []byte          `json:"id"` // names the secret in the keyring and ties the sealed keys to this file
	Keyring    *sealed         `json:"keyring,omitempty"`
	Passphrase *passphraseSeal `json:"passphrase,omitempty"`
	Recovery   *sealed         `json:"recovery"`
	// Checksum is the SHA-256 of the file without it: it tells damage from a wrong secret.
	Checksum []byte `json:"checksum,omitempty"`
}

// sealed is the folder's key, encrypted with another one: nonce and ciphertext.
type sealed struct {
	Key []byte `json:"key"`
}

// passphraseSeal keeps how the passphrase was stretched, so that later versions may ask for more.
type passphraseSeal struct {
	sealed
	Salt      []byte `json:"salt"`
	MemoryKiB uint32 `json:"memoryKiB"`
	Passes    uint32 `json:"passes"`
	Lanes     uint8  `json:"lanes"`
}

func path(folder string) string { return filepath.Join(folder, "device", "vault.json") }

func (f file) checksum() ([]byte, error) {
	f.Checksum = nil
	raw, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	return sum[:], nil
}

func (f *file) encode() ([]byte, error) {
	sum, err := f.checksum()
	if err != nil {
		return nil, err
	}
	f.Checksum = sum
	raw, err := json.MarshalIndent(f, "", "  ")
	return append(raw, '\n'), err
}

// decode reads a vault's content. A newer one is told by its format alone: nothing else of it needs to be known.
func decode(raw []byte, path string) (*file, error) {
	const op = "vault.Open"
	damaged := func(err error) error {
		return &fault.Fault{Code: fault.Corrupt, Op: op, Err: err, Sentence: "The file " + path + ", which holds the folder's sealed key, is damaged. Put it back from a copy; it was not changed."}
	}
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(raw, &version); err != nil {
		return nil, damaged(err)
	}
	if version.Format > format {
		return nil, fault.New(fault.NewerFormat, op, "This data folder was encrypted by a newer Holdfast. Install that version or a later one; nothing was changed.")
	}
	var f file
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, damaged(err)
	}
	sum, err := f.checksum()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(sum, f.Checksum) || !f.sound() {
		return nil, damaged(nil)
	}
	// Base64 reads some damaged letters as if nothing were wrong: only the very bytes that were written are whole.
	if written, err := f.encode(); err != nil || !bytes.Equal(bytes.TrimSpace(written), bytes.TrimSpace(raw)) {
		return nil, damaged(err)
	}
	return &f, nil
}

func (f *file) sound() bool {
	if f.Format < 1 || len(f.ID) != idBytes || f.Recovery == nil || (f.Keyring == nil) == (f.Passphrase == nil) {
		return false
	}
	return f.Passphrase == nil || f.Passphrase.bounded()
}
