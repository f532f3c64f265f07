package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strings"
)

const (
	codeBytes  = 16
	checkBytes = 4
	groupRunes = 4
)

// alphabet leaves out the letters that are mistaken for digits or for each other.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var errCode = errors.New("not a recovery code")

// spell writes a code with its checksum in groups: eight of four characters.
func spell(code []byte) string {
	text := base32.NewEncoding(alphabet).WithPadding(base32.NoPadding).EncodeToString(append(bytes.Clone(code), check(code)...))
	var groups []string
	for ; text != ""; text = text[groupRunes:] {
		groups = append(groups, text[:groupRunes])
	}
	return strings.Join(groups, "-")
}

// readCode reads what a person typed: in any case, with any grouping, and with O, I and L for the digits that they look like.
func readCode(text string) ([]byte, error) {
	plain := strings.NewReplacer("-", "", " ", "", "\t", "", "\n", "", "\r", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(text))
	raw, err := base32.NewEncoding(alphabet).WithPadding(base32.NoPadding).DecodeString(plain)
	if err != nil {
		return nil, err
	}
	if len(raw) != codeBytes+checkBytes || !bytes.Equal(raw[codeBytes:], check(raw[:codeBytes])) {
		return nil, errCode
	}
	return raw[:codeBytes], nil
}

func check(code []byte) []byte {
	sum := sha256.Sum256(append([]byte("holdfast recovery code"), code...))
	return sum[:checkBytes]
}
