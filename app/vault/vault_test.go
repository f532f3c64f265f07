package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"strings"
	"testing"

	"holdfast/backend/core/fault"
)

const passphrase = "a horse, correctly stapled"

// fakeKeyring is a keyring in memory that can be out of reach or forgetful.
type fakeKeyring struct {
	secrets   map[string]string
	down      error
	forgetful bool
}

func newKeyring() *fakeKeyring { return &fakeKeyring{secrets: map[string]string{}} }

func (k *fakeKeyring) Get(name string) (string, error) {
	if k.down != nil {
		return "", k.down
	}
	secret, ok := k.secrets[name]
	if !ok {
		return "", ErrNoSecret
	}
	return secret, nil
}

func (k *fakeKeyring) Set(name, secret string) error {
	if k.down == nil && !k.forgetful {
		k.secrets[name] = secret
	}
	return k.down
}

func create(t *testing.T, wish Wish, keyring Keyring) (folder string, key []byte, recovery string) {
	t.Helper()
	folder = t.TempDir()
	key, recovery, err := Create(folder, wish, keyring, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return folder, key, recovery
}

func opens(t *testing.T, folder string, key []byte, means Means) {
	t.Helper()
	found, err := Open(folder, means)
	if err != nil || !bytes.Equal(found, key) {
		t.Errorf("the folder does not open with its key: %v", err)
	}
}

// refuses checks that means do not open the folder, that a sentence says what to do, and that the file stays as it is.
func refuses(t *testing.T, folder string, means Means, code fault.Code, hint string) {
	t.Helper()
	before := content(t, folder)
	_, err := Open(folder, means)
	if sentence := fault.SentenceOf(err); !fault.Is(err, code) || !strings.Contains(sentence, hint) || !strings.HasSuffix(sentence, ".") {
		t.Errorf("opening says %v, want %s and %q", err, code, hint)
	}
	if !bytes.Equal(before, content(t, folder)) {
		t.Error("a refusal changed the file")
	}
}

func content(t *testing.T, folder string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path(folder))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestKeyring(t *testing.T) {
	keyring := newKeyring()
	folder, key, recovery := create(t, Wish{}, keyring)
	opens(t, folder, key, Means{Keyring: keyring})
	opens(t, folder, key, Means{Recovery: recovery})

	secrets := maps.Clone(keyring.secrets)
	refuses(t, folder, Means{}, KeyringMissing, "recovery code")
	refuses(t, folder, Means{Keyring: &fakeKeyring{down: errors.New("no bus")}}, KeyringMissing, "unlock the keyring")
	refuses(t, folder, Means{Keyring: newKeyring()}, KeyringChanged, "recovery code")
	for name := range keyring.secrets {
		keyring.secrets[name] = strings.Repeat("A", 43)
	}
	refuses(t, folder, Means{Keyring: keyring}, KeyringChanged, "recovery code")
	keyring.secrets = secrets
	opens(t, folder, key, Means{Keyring: keyring})
}

func TestPassphrase(t *testing.T) {
	folder, key, recovery := create(t, Wish{Passphrase: "Größe über alles"}, nil)
	opens(t, folder, key, Means{Passphrase: "Größe über alles"})
	opens(t, folder, key, Means{Passphrase: "Gro\u0308ße u\u0308ber alles"}) // as other keyboards write it
	opens(t, folder, key, Means{Recovery: recovery})
	refuses(t, folder, Means{}, PassphraseMissing, "HOLDFAST_PASSPHRASE")
	refuses(t, folder, Means{Passphrase: "größe über alles", Keyring: newKeyring()}, PassphraseWrong, "recovery code")
	if strings.Contains(string(content(t, folder)), "alles") {
		t.Error("the passphrase stands in the file")
	}
}

func TestNothingIsMadeWithoutAWayToOpenIt(t *testing.T) {
	for name, c := range map[string]struct {
		wish    Wish
		keyring Keyring
		code    fault.Code
	}{
		"no keyring":       {code: KeyringMissing},
		"broken keyring":   {keyring: &fakeKeyring{down: errors.New("locked")}, code: KeyringMissing},
		"forgetful":        {keyring: &fakeKeyring{forgetful: true}, code: KeyringMissing},
		"short passphrase": {wish: Wish{Passphrase: "elevenrunes"}, keyring: newKeyring(), code: fault.Invalid},
	} {
		folder := t.TempDir()
		if _, _, err := Create(folder, c.wish, c.keyring, rand.Reader); !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
		if exists, err := Exists(folder); exists || err != nil {
			t.Errorf("%s: a vault is left over (%v)", name, err)
		}
	}
	folder, key, _ := create(t, Wish{Passphrase: passphrase}, nil)
	if _, _, err := Create(folder, Wish{Passphrase: passphrase}, nil, rand.Reader); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second vault in one folder: %v", err)
	}
	opens(t, folder, key, Means{Passphrase: passphrase})
}

func TestRecoveryCodes(t *testing.T) {
	keyring := newKeyring()
	folder, key, recovery := create(t, Wish{}, keyring)
	_, _, other := create(t, Wish{}, keyring)
	opens(t, folder, key, Means{Recovery: strings.ToLower(strings.ReplaceAll(recovery, "-", " ")) + "\n"})
	opens(t, folder, key, Means{Recovery: strings.NewReplacer("0", "O", "1", "l").Replace(recovery)})
	refuses(t, folder, Means{Recovery: other}, RecoveryWrong, "another data folder")
	for at := range recovery {
		if recovery[at] == '-' {
			continue
		}
		typo := []byte(recovery)
		typo[at] = map[bool]byte{true: '8', false: '9'}[typo[at] == '9']
		refuses(t, folder, Means{Recovery: string(typo), Keyring: keyring}, RecoveryWrong, "typing mistake")
	}
	refuses(t, folder, Means{Recovery: recovery[:20]}, RecoveryWrong, "typing mistake")

	fresh, err := Reissue(folder, Means{Keyring: keyring}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	opens(t, folder, key, Means{Recovery: fresh})
	refuses(t, folder, Means{Recovery: recovery}, RecoveryWrong, "shown last")
}

func TestRenew(t *testing.T) {
	folder, key, recovery := create(t, Wish{}, newKeyring())
	other := newKeyring()
	if err := Renew(folder, Means{Keyring: other}, rand.Reader); !fault.Is(err, RecoveryWrong) {
		t.Errorf("renewed without the code: %v", err)
	}
	if err := Renew(folder, Means{Keyring: other, Recovery: recovery}, rand.Reader); err != nil {
		t.Fatal(err)
	}
	opens(t, folder, key, Means{Keyring: other})
	renewed := content(t, folder)
	if err := Renew(folder, Means{Keyring: other, Recovery: recovery}, rand.Reader); err != nil || !bytes.Equal(renewed, content(t, folder)) {
		t.Errorf("what opens already was renewed (%v)", err)
	}
	if err := Renew(folder, Means{Passphrase: passphrase, Again: passphrase, Recovery: recovery}, rand.Reader); err != nil {
		t.Fatal(err)
	}
	opens(t, folder, key, Means{Passphrase: passphrase})
	opens(t, folder, key, Means{Recovery: recovery})
}

// TestAMistypedPassphraseIsNotTaken: beside a recovery code a passphrase opens nothing, so nothing else would notice that it is mistyped.
func TestAMistypedPassphraseIsNotTaken(t *testing.T) {
	const mistyped = "a horse, correctly stapeld"
	ring := newKeyring()
	for name, wish := range map[string]Wish{"passphrase": {Passphrase: passphrase}, "keyring": {}} {
		folder, key, recovery := create(t, wish, ring)
		before := content(t, folder)
		for _, again := range []string{"", passphrase} {
			err := Renew(folder, Means{Passphrase: mistyped, Again: again, Recovery: recovery}, rand.Reader)
			if !fault.Is(err, PassphraseUnconfirmed) || !strings.Contains(fault.SentenceOf(err), "HOLDFAST_PASSPHRASE_AGAIN") || !bytes.Equal(before, content(t, folder)) {
				t.Errorf("%s, again %q: %v", name, again, err)
			}
		}
		opens(t, folder, key, Means{Passphrase: wish.Passphrase, Keyring: ring})
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	keyring := newKeyring()
	folder, key, recovery := create(t, Wish{}, keyring)
	whole := content(t, folder)
	put := func(raw []byte) {
		if err := os.WriteFile(path(folder), raw, fileMode); err != nil {
			t.Fatal(err)
		}
	}
	for at := 0; at < len(whole); at += 7 {
		put(whole[:at])
		refuses(t, folder, Means{Keyring: keyring, Recovery: recovery}, fault.Corrupt, "copy")
	}
	for at := bytes.Index(whole, []byte(`"id"`)); at < len(whole); at++ {
		if ('a' <= whole[at] && whole[at] <= 'z') || ('A' <= whole[at] && whole[at] <= 'Z') {
			flipped := bytes.Clone(whole)
			flipped[at] = map[bool]byte{true: 'b', false: 'c'}[flipped[at] == 'c']
			put(flipped)
			refuses(t, folder, Means{Keyring: keyring}, fault.Corrupt, "copy")
		}
	}
	put([]byte(`{"format": 2, "anything": "else"}`))
	refuses(t, folder, Means{Keyring: keyring}, fault.NewerFormat, "newer")
	put(whole)
	opens(t, folder, key, Means{Keyring: keyring})
}

// TestWeakOrExhaustingParameters: whoever can write the file must not make the program stretch a passphrase less, or exhaust the memory with it.
func TestWeakOrExhaustingParameters(t *testing.T) {
	folder, key, _ := create(t, Wish{Passphrase: passphrase}, nil)
	for _, change := range []func(*passphraseSeal){
		func(p *passphraseSeal) { p.MemoryKiB = 8 },
		func(p *passphraseSeal) { p.MemoryKiB = 64 << 20 },
		func(p *passphraseSeal) { p.Passes = 0 },
		func(p *passphraseSeal) { p.Passes = 1 << 20 },
		func(p *passphraseSeal) { p.Lanes = 0 },
		func(p *passphraseSeal) { p.Salt = nil },
	} {
		whole := content(t, folder)
		f := &file{}
		if err := json.Unmarshal(whole, f); err != nil {
			t.Fatal(err)
		}
		change(f.Passphrase)
		if err := write(folder, f); err != nil {
			t.Fatal(err)
		}
		refuses(t, folder, Means{Passphrase: passphrase}, fault.Corrupt, "copy")
		if err := os.WriteFile(path(folder), whole, fileMode); err != nil {
			t.Fatal(err)
		}
	}
	opens(t, folder, key, Means{Passphrase: passphrase})
}
