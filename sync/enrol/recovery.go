package enrol

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"io"
	"strings"

	"filippo.io/age"

	"holdfast/backend/core/fault"
)

// Codes of recovery keys.
const (
	NotARecoveryKey  fault.Code = "not_a_recovery_key"
	RecoveryKeyWrong fault.Code = "recovery_key_wrong"
)

const (
	recoveryPrefix     = "HK1"
	recoveryBytes      = 20
	recoveryCheckBytes = 5
	recoveryGroup      = 5
	recoveryTextMax    = 256
	recoveryLabel      = "holdfast recovery key 1"
	statementContext   = "holdfast authority statement 1\x00"
)

// RecoveryKey opens the cluster's authority on any of its devices. A cluster keeps no copy of it: whoever has it, and any one replica, can begin the cluster anew.
type RecoveryKey struct{ secret [recoveryBytes]byte }

// NewRecoveryKey makes a key.
func NewRecoveryKey(random io.Reader) (RecoveryKey, error) {
	var k RecoveryKey
	_, err := io.ReadFull(random, k.secret[:])
	return k, fault.Wrap(err, fault.Internal, "enrol.NewRecoveryKey", "This machine gave no random numbers, so no recovery key could be made.")
}

// Text gives the key as people keep it: HK1 and eight groups of five letters and digits.
func (k RecoveryKey) Text() string {
	letters := inviteEncoding().EncodeToString(append(k.secret[:], k.check()...))
	var text strings.Builder
	text.WriteString(recoveryPrefix)
	for start := 0; start < len(letters); start += recoveryGroup {
		text.WriteByte('-')
		text.WriteString(letters[start:min(start+recoveryGroup, len(letters))])
	}
	return text.String()
}

func (k RecoveryKey) check() []byte {
	sum := sha256.Sum256(append([]byte("holdfast recovery key check\x00"), k.secret[:]...))
	return sum[:recoveryCheckBytes]
}

// ParseRecoveryKey reads what a person typed: in any case, with any grouping, and with O, I and L for the digits that they look like. Fault: NotARecoveryKey.
func ParseRecoveryKey(text string) (RecoveryKey, error) {
	refused := fault.New(NotARecoveryKey, "enrol.ParseRecoveryKey",
		"This is not a recovery key, or it has a typing error. A recovery key is HK1 and eight groups of five letters and digits; compare it with your note.")
	if len(text) > recoveryTextMax {
		return RecoveryKey{}, refused
	}
	letters := strings.ToUpper(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == '-' || r == 0xA0 }), ""))
	body, found := strings.CutPrefix(strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(letters), recoveryPrefix)
	raw, err := inviteEncoding().DecodeString(body)
	if !found || err != nil || len(body) != inviteEncoding().EncodedLen(recoveryBytes+recoveryCheckBytes) {
		return RecoveryKey{}, refused
	}
	k := RecoveryKey{secret: [recoveryBytes]byte(raw)}
	if !bytes.Equal(raw[recoveryBytes:], k.check()) {
		return RecoveryKey{}, refused
	}
	return k, nil
}

// holder is the key as what others encrypt to.
func (k RecoveryKey) holder() (*Device, error) {
	seed, err := hkdf.Key(sha256.New, k.secret[:], nil, recoveryLabel, ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	return deviceOf(seed)
}

// BoxKey gives the raw X25519 key to which SealTo encrypts for whoever has the recovery key. It is no secret.
func (k RecoveryKey) BoxKey() ([]byte, error) {
	holder, err := k.holder()
	if err != nil {
		return nil, err
	}
	return holder.BoxKey(), nil
}

// OpenSealed decrypts what SealTo made for the key and the purpose. Fault: RecoveryKeyWrong.
func (k RecoveryKey) OpenSealed(sealed []byte, purpose string) ([]byte, error) {
	holder, err := k.holder()
	if err != nil {
		return nil, err
	}
	plain, err := holder.OpenSealed(sealed, purpose)
	return plain, wrongRecoveryKey(err)
}

func wrongRecoveryKey(err error) error {
	return fault.Wrap(err, RecoveryKeyWrong, "enrol.RecoveryKey", "This recovery key belongs to another cluster, or a newer one has replaced it. Use the one that was made last for this cluster; nothing was changed.")
}

// OpenAuthority decrypts an authority that Authority.Seal encrypted to the key. Faults: RecoveryKeyWrong, fault.Corrupt.
func (k RecoveryKey) OpenAuthority(sealed []byte, random io.Reader) (*Authority, error) {
	if _, err := k.OpenSealed(sealed, authorityPurpose); err != nil {
		return nil, err
	}
	holder, err := k.holder()
	if err != nil {
		return nil, err
	}
	return OpenAuthority(holder, sealed, random)
}

// Sign signs a statement of the authority, such as that a generation begins. Such a signature is none on a certificate.
func (a *Authority) Sign(statement []byte) []byte {
	return ed25519.Sign(a.key, append([]byte(statementContext), statement...))
}

// VerifyStatement reports whether the authority signed the statement.
func (t *Trust) VerifyStatement(statement, signature []byte) bool {
	key, isEd25519 := t.authority.PublicKey.(ed25519.PublicKey)
	return isEd25519 && ed25519.Verify(key, append([]byte(statementContext), statement...), signature)
}

// VerifyStatement is Trust.VerifyStatement by the cluster's authority.
func (c *Credentials) VerifyStatement(statement, signature []byte) bool {
	return c.current.Load().trust.VerifyStatement(statement, signature)
}

// PublicKey gives the Ed25519 key to which backups are encrypted, as ssh-ed25519, for whoever has the recovery key. It is no secret.
func (k RecoveryKey) PublicKey() (ed25519.PublicKey, error) {
	holder, err := k.holder()
	if err != nil {
		return nil, err
	}
	return holder.PublicKey(), nil
}

// FileIdentity opens files that were encrypted to PublicKey in the age format.
func (k RecoveryKey) FileIdentity() (age.Identity, error) {
	holder, err := k.holder()
	if err != nil {
		return nil, err
	}
	return holder.FileIdentity()
}
