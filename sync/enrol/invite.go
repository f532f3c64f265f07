package enrol

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"

	"github.com/google/uuid"
	"rsc.io/qr"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// InviteID names an invite without giving its secret away.
type InviteID [16]byte

// Secret is what makes an invite worth something: 128 random bits. From it the joiner derives a key pair; the issuer keeps the public
// half only, so that its ledger admits nobody.
type Secret [16]byte

// Invite admits one device, once, within a short time.
type Invite struct {
	Cluster     uuid.UUID
	ClusterName string
	Site        string
	Role        Role
	Person      record.ID // zero: whoever joins
	Addresses   []string  // "host:port" of devices that can admit
	Authority   Fingerprint
	Secret      Secret
	Expires     time.Time // to the second
}

// inviteWire is the array that an invite's text carries.
type inviteWire struct {
	_           struct{} `cbor:",toarray"`
	Cluster     uuid.UUID
	ClusterName string
	Site        string
	Role        Role
	Person      []byte
	Addresses   []string
	Authority   Fingerprint
	Secret      Secret
	Expires     int64
}

const (
	invitePrefix     = "HF1-"
	inviteTextMax    = 4096
	inviteGroup      = 5
	inviteCheckBytes = 4
	// inviteAlphabet is Crockford's: no I, L, O or U, so that nothing is read as something else.
	inviteAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

// key derives the pair that proves the secret.
func (s Secret) key() ed25519.PrivateKey {
	seed := sha256.Sum256(append([]byte("holdfast invite 1\x00"), s[:]...))
	return ed25519.NewKeyFromSeed(seed[:])
}

func (s Secret) verifier() ed25519.PublicKey { return s.key().Public().(ed25519.PublicKey) }

func inviteIDOf(verifier ed25519.PublicKey) InviteID {
	sum := sha256.Sum256(verifier)
	return InviteID(sum[:16])
}

// ID gives the name under which the issuer knows the invite.
func (i Invite) ID() InviteID { return inviteIDOf(i.Secret.verifier()) }

// ExpiredAt gives a fault once the invite's time is over by this clock. The issuer's clock decides; this is for screens and for an
// issuer that does not answer.
func (i Invite) ExpiredAt(now time.Time) error {
	if now.Before(i.Expires) {
		return nil
	}
	return expired(i.Expires)
}

func expired(at time.Time) error {
	return fault.Newf(InviteExpired, "enrol.Invite", "This invite expired on %s. Ask for a new one.", forPeople(at))
}

// Text gives the invite for copying and typing: HF1- and groups of five letters and digits, with a checksum.
func (i Invite) Text() (string, error) {
	wire := inviteWire{
		Cluster: i.Cluster, ClusterName: i.ClusterName, Site: i.Site, Role: i.Role,
		Addresses: i.Addresses, Authority: i.Authority, Secret: i.Secret, Expires: i.Expires.Unix(),
	}
	if i.Person != uuid.Nil {
		wire.Person = i.Person[:]
	}
	raw, err := record.Encode(wire)
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "enrol.Invite.Text", "The invite could not be written: a name or address in it is not valid.")
	}
	letters := inviteEncoding().EncodeToString(append(raw, inviteCheck(raw)...))
	var text strings.Builder
	text.WriteString(strings.TrimSuffix(invitePrefix, "-"))
	for start := 0; start < len(letters); start += inviteGroup {
		text.WriteByte('-')
		text.WriteString(letters[start:min(start+inviteGroup, len(letters))])
	}
	return text.String(), nil
}

// QR gives the text as a PNG picture.
func (i Invite) QR() ([]byte, error) {
	text, err := i.Text()
	if err != nil {
		return nil, err
	}
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "enrol.Invite.QR", "The invite is too long for a picture. Use its text.")
	}
	return code.PNG(), nil
}

// ParseInvite reads an invite's text, whatever the case, the spaces and the dashes. It says nothing about whether the invite still holds.
// Faults: NotAnInvite, InviteDamaged, fault.NewerFormat.
func ParseInvite(text string) (Invite, error) {
	const op = "enrol.ParseInvite"
	notOne := fault.Newf(NotAnInvite, op, "This is not an invite. An invite starts with %s; copy the whole of it.", invitePrefix)
	if len(text) > inviteTextMax {
		return Invite{}, notOne
	}
	letters := strings.ToUpper(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == '-' || r == 0xA0 }), ""))
	body, found := strings.CutPrefix(letters, "HF1")
	if !found {
		if len(letters) > 3 && strings.HasPrefix(letters, "HF") && letters[2] >= '2' && letters[2] <= '9' {
			return Invite{}, fault.New(fault.NewerFormat, op, "This invite was made by a newer Holdfast. Update this one first.")
		}
		return Invite{}, notOne
	}
	damaged := fault.New(InviteDamaged, op, "This invite is incomplete or has a typing error. Copy the whole of it again.")
	raw, err := inviteEncoding().DecodeString(strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(body))
	if err != nil || len(raw) <= inviteCheckBytes {
		return Invite{}, damaged
	}
	payload, check := raw[:len(raw)-inviteCheckBytes], raw[len(raw)-inviteCheckBytes:]
	if !bytes.Equal(check, inviteCheck(payload)) {
		return Invite{}, damaged
	}
	var wire inviteWire
	if err := record.Decode(payload, &wire); err != nil {
		return Invite{}, damaged
	}
	invite, err := wire.invite()
	if err != nil {
		return Invite{}, fault.Wrap(err, InviteDamaged, op, damaged.Sentence)
	}
	return invite, nil
}

func (w inviteWire) invite() (Invite, error) {
	i := Invite{
		Cluster: w.Cluster, ClusterName: w.ClusterName, Site: w.Site, Role: w.Role,
		Addresses: w.Addresses, Authority: w.Authority, Secret: w.Secret, Expires: time.Unix(w.Expires, 0).UTC(),
	}
	if len(w.Person) > 0 {
		person, err := uuid.FromBytes(w.Person)
		if err != nil {
			return Invite{}, err
		}
		i.Person = person
	}
	return i, i.validate()
}

func (i Invite) validate() error {
	if err := (Identity{Role: i.Role, Sites: []string{i.Site}}).validate(); err != nil {
		return err
	}
	refuse := func(sentence string) error { return fault.New(fault.Invalid, "enrol.Invite", sentence) }
	switch {
	case len(i.ClusterName) > limit.NameBytesMax:
		return refuse("The cluster's name is too long.")
	case len(i.Addresses) == 0:
		return refuse("An invite needs an address at which the cluster can be reached.")
	}
	return checkAddresses(i.Addresses)
}

func checkAddresses(addresses []string) error {
	tooLong := func(a string) bool { return a == "" || len(a) > limit.AddressBytesMax }
	if len(addresses) > limit.AddressesMax {
		return fault.Newf(fault.Invalid, "enrol.checkAddresses", "There are more than %d addresses.", limit.AddressesMax)
	}
	for _, a := range addresses {
		if tooLong(a) {
			return fault.New(fault.Invalid, "enrol.checkAddresses", "An address is empty or too long.")
		}
	}
	return nil
}

func inviteEncoding() *base32.Encoding {
	return base32.NewEncoding(inviteAlphabet).WithPadding(base32.NoPadding)
}

func inviteCheck(payload []byte) []byte {
	sum := sha256.Sum256(append([]byte("holdfast invite check\x00"), payload...))
	return sum[:inviteCheckBytes]
}
