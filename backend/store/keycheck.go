package store

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
)

// registryCopy stands beside Badger's key registry, the only place of the keys that a database's tables are encrypted with.
const registryCopy = badger.KeyRegistryFileName + ".copy"

// keyCheck is what KEYCHECK holds: a value that only the store's key gives and that says nothing of the key, or that there is none; and its own checksum.
func keyCheck(key []byte) ([]byte, error) {
	text := "plain"
	if key != nil {
		value, err := hkdf.Key(sha256.New, key, nil, "holdfast key check 1", sha256.Size)
		if err != nil {
			return nil, err
		}
		text = hex.EncodeToString(value)
	}
	return append([]byte(text), checksumLine(text)...), nil
}

func checksumLine(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "\n" + hex.EncodeToString(sum[:4]) + "\n"
}

// provesKey reports whether the folder says that key is the one it is locked with, or that it is plain and key is nil. It says nothing where an older program made it, or when
// KEYCHECK is damaged. Another key is a WrongKey fault.
func provesKey(dir string, key []byte) (bool, error) {
	raw, err := os.ReadFile(filepath.Join(dir, keyCheckName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, folderFault(err, "store.Open", dir)
	}
	want, err := keyCheck(key)
	if err != nil || bytes.Equal(raw, want) {
		return err == nil, err
	}
	if text, _, found := bytes.Cut(raw, []byte("\n")); found && string(raw) == string(text)+checksumLine(string(text)) {
		return false, wrongKey(nil)
	}
	return false, nil
}

func wrongKey(err error) error {
	return &fault.Fault{Code: WrongKey, Op: "store.Open", Err: err, Sentence: "The data is locked with another key. Use the recovery code; nothing was changed."}
}

// noteKey has the folder say from now on which key opens it.
func noteKey(dir string, key []byte) error {
	check, err := keyCheck(key)
	if err != nil {
		return err
	}
	return diskfile.Replace(filepath.Join(dir, keyCheckName), check, fileMode)
}

// sortKeyFault tells a damaged key registry from a wrong key: with a key that is proven it is damage.
func sortKeyFault(err error, proven bool, folder string) error {
	switch {
	case !fault.Is(err, WrongKey):
		return err
	case proven:
		return corruptDatabase(err, folder)
	}
	return fault.Wrap(err, KeyUncertain, "store.Open", "The data does not open with this folder's key. Either the key is another folder's: put device/vault.json back from a copy of this folder. "+
		"Or the file "+filepath.Join(folder, badger.KeyRegistryFileName)+" is damaged: put that one back. Nothing was changed.")
}

// mendRegistry puts the copy of a damaged or missing key registry back, where the key is proven, and gives a sentence about it. What it cannot mend is found when the database opens.
func mendRegistry(folder string, key []byte) (said string, err error) {
	if _, err := os.Stat(filepath.Join(folder, badger.ManifestFilename)); err != nil || registryOpens(folder, key) {
		return "", nil
	}
	kept, err := os.ReadFile(filepath.Join(folder, registryCopy))
	if key != nil && (err != nil || !registryWhole(kept)) {
		return "", nil
	}
	name := filepath.Join(folder, badger.KeyRegistryFileName)
	if err := os.Rename(name, name+asideMark+"0"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", folderFault(err, "store.Open", folder)
	}
	if key != nil { // a plain database's registry says nothing: Badger makes it anew
		if err := diskfile.Replace(name, kept, fileMode); err != nil {
			return "", err
		}
	}
	return "The file " + badger.KeyRegistryFileName + " of the database was damaged. Its copy was put in its place; nothing was lost.", nil
}

// registryOpens reports whether Badger can read the folder's registry with key. Its lengths are checked first: Badger believes them.
func registryOpens(folder string, key []byte) bool {
	raw, err := os.ReadFile(filepath.Join(folder, badger.KeyRegistryFileName))
	if err != nil || !registryWhole(raw) {
		return false
	}
	keys, err := badger.OpenKeyRegistry(badger.KeyRegistryOptions{Dir: folder, ReadOnly: true, EncryptionKey: key})
	if err != nil {
		return false
	}
	return keys.Close() == nil
}

// registryWhole checks a registry's entries against their checksums: 28 bytes of head, then entries of a length and a CRC-32C, each in four big-endian bytes, and that many bytes.
func registryWhole(raw []byte) bool {
	const head, entryHead = 28, 8
	if len(raw) < head {
		return false
	}
	for raw = raw[head:]; len(raw) > 0; {
		if len(raw) < entryHead {
			return false
		}
		length, sum := uint64(binary.BigEndian.Uint32(raw)), binary.BigEndian.Uint32(raw[4:])
		raw = raw[entryHead:]
		if length > uint64(len(raw)) || crc32.Checksum(raw[:length], castagnoli) != sum {
			return false
		}
		raw = raw[length:]
	}
	return true
}

// keepRegistry renews the copy of an encrypted database's registry.
func keepRegistry(folder string) error {
	raw, err := os.ReadFile(filepath.Join(folder, badger.KeyRegistryFileName))
	if err != nil || !registryWhole(raw) {
		return err
	}
	kept, err := os.ReadFile(filepath.Join(folder, registryCopy))
	if err == nil && bytes.Equal(kept, raw) {
		return nil
	}
	return diskfile.Replace(filepath.Join(folder, registryCopy), raw, fileMode)
}
