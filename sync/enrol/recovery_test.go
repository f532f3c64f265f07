package enrol

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"holdfast/backend/core/fault"
)

func TestARecoveryKeyOpensItsAuthority(t *testing.T) {
	authority, err := NewAuthority("Works", time.Now, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := NewRecoveryKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	box, err := key.BoxKey()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := authority.Seal(box)
	if err != nil {
		t.Fatal(err)
	}
	typed, err := ParseRecoveryKey(" " + strings.ToLower(strings.ReplaceAll(key.Text(), "-", " ")) + "\n")
	if err != nil {
		t.Fatal(err)
	}
	opened, err := typed.OpenAuthority(sealed, rand.Reader)
	if err != nil || opened.Fingerprint() != authority.Fingerprint() {
		t.Fatal(opened, err)
	}
	other, err := NewRecoveryKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.OpenAuthority(sealed, rand.Reader); !fault.Is(err, RecoveryKeyWrong) {
		t.Errorf("another key gives %v", err)
	}
	trust, err := NewTrust(authority.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	if said := []byte("generation 2 begins"); !trust.VerifyStatement(said, opened.Sign(said)) || trust.VerifyStatement(said[1:], opened.Sign(said)) {
		t.Error("the authority's signature is not told from another one")
	}
}

func TestMistypedRecoveryKeysAreFound(t *testing.T) {
	key, err := NewRecoveryKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text := key.Text()
	if len(text) != len("HK1-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX") {
		t.Error(text)
	}
	for at := range text {
		if text[at] == '-' {
			continue
		}
		wrong := text[:at] + "7" + text[at+1:]
		if text[at] == '7' {
			wrong = text[:at] + "8" + text[at+1:]
		}
		if _, err := ParseRecoveryKey(wrong); !fault.Is(err, NotARecoveryKey) {
			t.Errorf("%s instead of %s is taken: %v", wrong, text, err)
		}
	}
	for _, wrong := range []string{"", "HK1", text[:len(text)-1], text + "0", "HF1-" + text[4:], strings.Repeat("0", 1000)} {
		if _, err := ParseRecoveryKey(wrong); !fault.Is(err, NotARecoveryKey) {
			t.Errorf("%q is taken: %v", wrong, err)
		}
	}
}
