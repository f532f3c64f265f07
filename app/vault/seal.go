package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"holdfast/backend/core/fault"
)

// PassphraseRunesMin is how many characters a passphrase has at least.
const PassphraseRunesMin = 12

// How a passphrase is stretched: the second choice of RFC 9106, for computers with little memory. A file that asks for less than the least, or
// for so much that opening it would exhaust a laptop, was not written by Holdfast.
const (
	argonMemoryKiB    = 64 << 10
	argonMemoryKiBMin = 32 << 10
	argonMemoryKiBMax = 1 << 20
	argonPasses       = 3
	argonPassesMin    = 2
	argonPassesMax    = 64
	argonLanes        = 4
	saltBytes         = 16
	secretBytes       = 32
)

// What a sealed key was sealed by; it is part of what is authenticated, so that one cannot stand in for another.
const (
	byKeyring    = "holdfast vault 1 keyring"
	byPassphrase = "holdfast vault 1 passphrase"
	byRecovery   = "holdfast vault 1 recovery"
)

var errOpen = errors.New("the sealed key does not open")

// sealer makes the sealed keys of one file.
type sealer struct {
	random  io.Reader
	keyring Keyring
}

// daily seals key as wished and drops the way that was there before.
func (s *sealer) daily(f *file, key []byte, wish Wish) error {
	if wish.Passphrase != "" {
		return s.passphrase(f, key, wish.Passphrase)
	}
	secret := make([]byte, secretBytes)
	if err := fill(s.random, secret); err != nil {
		return err
	}
	missing := func(err error) error {
		return &fault.Fault{Code: KeyringMissing, Op: "vault.Create", Err: err, Sentence: "This computer has no keyring that Holdfast can use to encrypt the data folder: " +
			"set a passphrase in HOLDFAST_PASSPHRASE or start without encryption. Nothing was changed."}
	}
	if s.keyring == nil {
		return missing(nil)
	}
	text := base64.RawStdEncoding.EncodeToString(secret)
	if err := s.keyring.Set(f.name(), text); err != nil {
		return missing(err)
	}
	// A keyring that forgets at once would lock the folder behind its recovery code.
	if kept, err := s.keyring.Get(f.name()); err != nil || kept != text {
		return missing(errors.Join(err, errors.New("the keyring did not keep the secret")))
	}
	box, err := s.seal(secret, key, f.ID, byKeyring)
	f.Keyring, f.Passphrase = &sealed{Key: box}, nil
	return err
}

// name is what the keyring knows the folder's secret by.
func (f *file) name() string { return "data folder " + hex.EncodeToString(f.ID) }

func (s *sealer) passphrase(f *file, key []byte, passphrase string) error {
	if utf8.RuneCountInString(passphrase) < PassphraseRunesMin {
		return fault.Newf(fault.Invalid, "vault.Create", "The passphrase is too short: it needs %d characters at least. Nothing was changed.", PassphraseRunesMin)
	}
	p := &passphraseSeal{Salt: make([]byte, saltBytes), MemoryKiB: argonMemoryKiB, Passes: argonPasses, Lanes: argonLanes}
	if err := fill(s.random, p.Salt); err != nil {
		return err
	}
	box, err := s.seal(p.stretch(passphrase), key, f.ID, byPassphrase)
	p.Key = box
	f.Keyring, f.Passphrase = nil, p
	return err
}

func (s *sealer) recovery(f *file, key []byte) (string, error) {
	code := make([]byte, codeBytes)
	if err := fill(s.random, code); err != nil {
		return "", err
	}
	own, err := expand(code, f.ID)
	if err != nil {
		return "", err
	}
	box, err := s.seal(own, key, f.ID, byRecovery)
	f.Recovery = &sealed{Key: box}
	return spell(code), err
}

// stretch turns a passphrase into a key. Keyboards write the same letter in different ways, so it is normalised first.
func (p *passphraseSeal) stretch(passphrase string) []byte {
	return argon2.IDKey(norm.NFC.Bytes([]byte(passphrase)), p.Salt, p.Passes, p.MemoryKiB, p.Lanes, KeyBytes)
}

func (p *passphraseSeal) bounded() bool {
	return len(p.Salt) == saltBytes && p.Lanes > 0 && p.MemoryKiB >= argonMemoryKiBMin && p.MemoryKiB <= argonMemoryKiBMax &&
		p.Passes >= argonPassesMin && p.Passes <= argonPassesMax
}

// expand turns a recovery code, which is random, into a key.
func expand(code, id []byte) ([]byte, error) {
	return hkdf.Key(sha256.New, code, id, byRecovery, KeyBytes)
}

func (s *sealer) seal(with, key, id []byte, purpose string) ([]byte, error) {
	box, err := boxOf(with)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, box.NonceSize())
	if err := fill(s.random, nonce); err != nil {
		return nil, err
	}
	return box.Seal(nonce, nonce, key, append([]byte(purpose), id...)), nil
}

func unseal(with, content, id []byte, purpose string) ([]byte, error) {
	box, err := boxOf(with)
	if err != nil {
		return nil, err
	}
	if len(content) < box.NonceSize() {
		return nil, errOpen
	}
	key, err := box.Open(nil, content[:box.NonceSize()], content[box.NonceSize():], append([]byte(purpose), id...))
	if err != nil || len(key) != KeyBytes {
		return nil, errOpen
	}
	return key, nil
}

func boxOf(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

const useRecovery = "open it once with the recovery code that was shown when it was made (--recovery-code, or HOLDFAST_RECOVERY_CODE)"

// byDaily opens the key the way the folder was made to open.
func (f *file) byDaily(means Means) ([]byte, error) {
	const op = "vault.Open"
	if p := f.Passphrase; p != nil {
		if means.Passphrase == "" {
			return nil, fault.New(PassphraseMissing, op, "This data folder is encrypted with a passphrase: set it in HOLDFAST_PASSPHRASE, or "+useRecovery+". Nothing was changed.")
		}
		key, err := unseal(p.stretch(means.Passphrase), p.Key, f.ID, byPassphrase)
		return key, fault.Wrap(err, PassphraseWrong, op, "The passphrase in HOLDFAST_PASSPHRASE does not open this data folder. Correct it, or "+useRecovery+". Nothing was changed.")
	}
	missing := "This data folder's secret lies in a keyring that cannot be reached. Log in to the desktop that has it and unlock the keyring, or " + useRecovery + ". Nothing was changed."
	if means.Keyring == nil {
		return nil, fault.New(KeyringMissing, op, missing)
	}
	text, err := means.Keyring.Get(f.name())
	if err != nil && !errors.Is(err, ErrNoSecret) {
		return nil, fault.Wrap(err, KeyringMissing, op, missing)
	}
	var key []byte
	if err == nil {
		key, err = unsealText(text, f)
	}
	return key, fault.Wrap(err, KeyringChanged, op, "The keyring of this computer does not hold this data folder's secret any more: "+useRecovery+". Nothing was changed.")
}

func unsealText(text string, f *file) ([]byte, error) {
	secret, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(secret) != secretBytes {
		return nil, errOpen
	}
	return unseal(secret, f.Keyring.Key, f.ID, byKeyring)
}

func (f *file) byRecovery(text string) ([]byte, error) {
	const op = "vault.Open"
	code, err := readCode(text)
	if err != nil {
		return nil, fault.Wrap(err, RecoveryWrong, op, "The recovery code has a typing mistake. Compare it with your note: eight groups of four letters and digits. Nothing was changed.")
	}
	own, err := expand(code, f.ID)
	if err != nil {
		return nil, err
	}
	key, err := unseal(own, f.Recovery.Key, f.ID, byRecovery)
	return key, fault.Wrap(err, RecoveryWrong, op, "This recovery code belongs to another data folder, or a newer one has replaced it. Use the one that was shown last for this folder. Nothing was changed.")
}
