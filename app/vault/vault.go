// Package vault keeps the key that a data folder is encrypted with. The key is random; the folder holds it only sealed: by a secret in the operating system's keyring or by
// a passphrase, and always by a recovery code as well.
package vault

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
)

// What can be wrong with the means to open a folder. None of these changes anything.
const (
	KeyringMissing    fault.Code = "keyring_missing"    // the computer has no keyring, or it cannot be reached
	KeyringChanged    fault.Code = "keyring_changed"    // the keyring does not hold this folder's secret any more
	PassphraseMissing fault.Code = "passphrase_missing" // the folder opens with a passphrase and none was given
	PassphraseWrong   fault.Code = "passphrase_wrong"
	RecoveryWrong     fault.Code = "recovery_wrong" // mistyped, or another folder's
	// PassphraseUnconfirmed: a passphrase that is not the folder's came with the recovery code. It may be mistyped, so it becomes the folder's only when it comes twice.
	PassphraseUnconfirmed fault.Code = "passphrase_unconfirmed"
)

// KeyBytes is the length of a folder's key.
const KeyBytes = 32

// ErrNoSecret is what Keyring.Get answers when the keyring works and has nothing under the name.
var ErrNoSecret = errors.New("no such secret")

// Keyring is the operating system's store of secrets. Each error but ErrNoSecret means that it cannot be used now.
type Keyring interface {
	// Get gives the secret kept under name; ErrNoSecret when there is none.
	Get(name string) (string, error)
	// Set keeps secret under name in place of what was there.
	Set(name, secret string) error
}

// Wish says how a folder is to open from day to day.
type Wish struct {
	Passphrase string // at least PassphraseRunesMin characters; empty: the keyring
}

// Means is what may open a folder. Recovery comes first, then whichever of the others the folder was made with.
type Means struct {
	Keyring    Keyring // nil: this computer has none
	Passphrase string
	Again      string // beside Recovery: Passphrase once more, where it is to become the folder's new one
	Recovery   string
}

// Exists reports whether the data folder has a vault: whether it is encrypted.
func Exists(folder string) (bool, error) {
	_, err := os.Stat(path(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, unreadable(err, "vault.Exists", folder)
}

// Create gives a data folder a new key and the recovery code that opens it too, which is kept nowhere. Faults: fault.Conflict (there is a vault already), KeyringMissing,
// fault.Invalid (a passphrase that is too short), and those of diskfile.
func Create(folder string, wish Wish, keyring Keyring, random io.Reader) (key []byte, recovery string, err error) {
	const op = "vault.Create"
	exists, err := Exists(folder)
	if err == nil && exists {
		err = existing(op)
	}
	if err != nil {
		return nil, "", err
	}
	key = make([]byte, KeyBytes)
	id := make([]byte, idBytes)
	if err := fill(random, key, id); err != nil {
		return nil, "", err
	}
	s := &sealer{random: random, keyring: keyring}
	content := &file{Format: format, ID: id}
	if err := s.daily(content, key, wish); err != nil {
		return nil, "", err
	}
	if recovery, err = s.recovery(content, key); err != nil {
		return nil, "", err
	}
	raw, err := content.encode()
	if err != nil {
		return nil, "", err
	}
	if err := os.MkdirAll(filepath.Dir(path(folder)), folderMode); err != nil {
		return nil, "", fault.Wrap(err, diskfile.Code(err), op, "The data folder "+folder+" cannot be written. Check its permissions.")
	}
	err = diskfile.Create(path(folder), raw, fileMode)
	if errors.Is(err, fs.ErrExist) {
		return nil, "", existing(op)
	}
	return key, recovery, err
}

func existing(op string) error {
	return fault.New(fault.Conflict, op, "This data folder is encrypted already. Use another folder, or open this one.")
}

// Open gives a data folder's key and changes nothing. Faults: the codes of this package, fault.NotFound (no vault), fault.Corrupt, fault.NewerFormat, fault.ReadOnly.
func Open(folder string, means Means) ([]byte, error) {
	content, err := read(folder)
	if err != nil {
		return nil, err
	}
	if means.Recovery != "" {
		return content.byRecovery(means.Recovery)
	}
	return content.byDaily(means)
}

// Renew lets a folder that needed its recovery code open without it again: with the passphrase of means where there is one, with a new secret in the keyring otherwise. It does nothing
// when the folder opens without the code. Key and recovery code stay as they are. A passphrase that means does not hold twice is refused as PassphraseUnconfirmed.
func Renew(folder string, means Means, random io.Reader) error {
	content, err := read(folder)
	if err != nil {
		return err
	}
	if _, err := content.byDaily(means); err == nil {
		return nil
	}
	key, err := content.byRecovery(means.Recovery)
	if err != nil {
		return err
	}
	if means.Passphrase != means.Again {
		return unconfirmed(content.Passphrase != nil)
	}
	s := &sealer{random: random, keyring: means.Keyring}
	if err := s.daily(content, key, Wish{Passphrase: means.Passphrase}); err != nil {
		return err
	}
	return write(folder, content)
}

func unconfirmed(other bool) error {
	found := "The passphrase in HOLDFAST_PASSPHRASE does not open this data folder"
	if !other {
		found = "This data folder opens with a keyring, and HOLDFAST_PASSPHRASE holds a passphrase"
	}
	return fault.New(PassphraseUnconfirmed, "vault.Renew", found+". If it is to be the folder's new passphrase, set it in HOLDFAST_PASSPHRASE_AGAIN as well, so that no mistyped one is taken. "+
		"Otherwise correct it, or unset it to open with the recovery code alone. Nothing was changed.")
}

// Reissue gives a folder that means opens a new recovery code; the old one opens it no more.
func Reissue(folder string, means Means, random io.Reader) (recovery string, err error) {
	key, err := Open(folder, means)
	if err != nil {
		return "", err
	}
	content, err := read(folder)
	if err != nil {
		return "", err
	}
	s := &sealer{random: random}
	if recovery, err = s.recovery(content, key); err != nil {
		return "", err
	}
	return recovery, write(folder, content)
}

// Discard removes the vault of a folder in which nothing has been encrypted with its key.
func Discard(folder string) error {
	err := os.Remove(path(folder))
	return fault.Wrap(err, diskfile.Code(err), "vault.Discard", "The data folder "+folder+" cannot be written. Check its permissions.")
}

func write(folder string, content *file) error {
	raw, err := content.encode()
	if err != nil {
		return err
	}
	return diskfile.Replace(path(folder), raw, fileMode)
}

func read(folder string) (*file, error) {
	raw, err := os.ReadFile(path(folder))
	if err != nil {
		return nil, unreadable(err, "vault.Open", folder)
	}
	return decode(bytes.TrimSpace(raw), path(folder))
}

func unreadable(err error, op, folder string) error {
	return fault.Wrap(err, diskfile.Code(err), op, "The file "+path(folder)+", which holds the folder's sealed key, could not be read. Give this user the right to read it; it was not changed.")
}

func fill(random io.Reader, parts ...[]byte) error {
	for _, part := range parts {
		if _, err := io.ReadFull(random, part); err != nil {
			return fault.Wrap(err, fault.Unavailable, "vault.Create", "The computer gave no random numbers. Nothing was changed; try again.")
		}
	}
	return nil
}
