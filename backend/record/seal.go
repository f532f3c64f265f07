package record

import (
	"crypto/ed25519"
	"crypto/sha256"
	"unicode/utf8"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
)

// Seal gives an edit its bytes: it fills in the payload's hash, encodes both parts, and refuses what is beyond the bounds of core/limit.
// The signature is for the caller to add, over Sealed.Hash of the batch's last edit.
func Seal(h Header, p Payload) (Sealed, error) {
	const op = "record.Seal"
	if err := checkHeader(op, &h); err != nil {
		return Sealed{}, err
	}
	if why := checkPayload(&p); why != "" {
		return Sealed{}, fault.New(fault.Invalid, op, why)
	}
	if !checkValues(&p) {
		return Sealed{}, fault.New(fault.Invalid, op, "The change holds a value that cannot be stored.")
	}
	payload := appendPayload(make([]byte, 0, 64+64*len(p.Mutations)), &p)
	if len(payload) > limit.EditBytesMax {
		return Sealed{}, errTooLarge(op)
	}
	h.Payload = sha256.Sum256(payload)
	return Sealed{Header: appendHeader(make([]byte, 0, 192), &h), Payload: payload}, nil
}

// Open reads an edit from its bytes. It fails (fault.Invalid) when the header cannot be read, a bound is broken, or the payload is not
// the one that was signed. A payload that is the signed one but cannot be read gives an edit with Unreadable set, so that it can be
// decided on and the edits behind it go on. A redacted payload gives an edit without mutations. The edit's values are parts of the
// payload's bytes: nobody changes either.
func Open(s Sealed) (*Edit, error) {
	const op = "record.Open"
	if len(s.Header) > headerBytesMax || len(s.Payload) > limit.EditBytesMax || len(s.Signature) > ed25519.SignatureSize {
		return nil, errTooLarge(op)
	}
	e := &Edit{Sealed: s}
	if err := decodeHeader(s.Header, &e.Header); err != nil {
		return nil, err
	}
	if err := checkHeader(op, &e.Header); err != nil {
		return nil, err
	}
	if len(s.Payload) == 0 {
		return e, nil
	}
	if sha256.Sum256(s.Payload) != e.Header.Payload {
		return nil, fault.New(fault.Corrupt, op, "A change was altered on its way. It was set aside; ask for it again from another device.")
	}
	if err := decodePayload(s.Payload, &e.Payload); err != nil {
		e.Payload, e.Unreadable = Payload{}, "The change cannot be read."
		return e, nil
	}
	if why := checkPayload(&e.Payload); why != "" {
		e.Payload, e.Unreadable = Payload{}, why
	}
	return e, nil
}

// Redacted reports whether the edit's content is not there.
func (e *Edit) Redacted() bool { return len(e.Sealed.Payload) == 0 }

// VerifyBatch checks that run is an unbroken stretch of one incarnation of the device with the key, each edit chained to the one
// before, and the last one signed. Signatures before the last are not looked at: drop them before passing the run on. That the
// first follows what is already held is for the caller to check.
func VerifyBatch(key ed25519.PublicKey, run []Sealed) error {
	const op = "record.VerifyBatch"
	refuse := func(why string) error { return fault.New(fault.Invalid, op, why) }
	if len(run) == 0 || len(key) != ed25519.PublicKeySize {
		return refuse("There is nothing to verify the changes by.")
	}
	var before Header
	var hash Hash
	for i := range run {
		var h Header
		if err := decodeHeader(run[i].Header, &h); err != nil {
			return err
		}
		switch {
		case i == 0 && h.ID.Device != DeviceOf(key):
			return refuse("The changes name another device than the one that signed them.")
		case i > 0 && (h.ID.Incarnation != before.ID.Incarnation || h.ID.Sequence != before.ID.Sequence+1):
			return refuse("The changes are not in an unbroken order.")
		case i > 0 && (h.Previous != hash || h.Space != before.Space):
			return refuse("A change does not follow the one before it.")
		}
		before, hash = h, run[i].Hash()
	}
	if !ed25519.Verify(key, hash[:], run[len(run)-1].Signature) {
		return refuse("The signature of the changes is wrong.")
	}
	return nil
}

// headerBytesMax bounds an encoded header: its names and its numbers.
const headerBytesMax = 1024

func errTooLarge(op string) error {
	return fault.Newf(fault.Invalid, op, "The change is larger than %d KiB. Add large content as an attachment.", limit.EditBytesMax>>10)
}

func checkHeader(op string, h *Header) error {
	switch {
	case h.Format == 0:
		return fault.New(fault.Invalid, op, "The change has no format number.")
	case h.ID.Sequence == 0 || h.ID.Device.IsZero():
		return fault.New(fault.Invalid, op, "The change does not say which device made it.")
	case !validName(string(h.Space)) || h.Space == "":
		return fault.New(fault.Invalid, op, "The change does not say which space it belongs to.")
	case !validName(h.Action):
		return fault.Newf(fault.Invalid, op, "The name of an action has at most %d bytes.", limit.NameBytesMax)
	}
	return nil
}

// checkPayload gives the broken bound as a sentence, or "".
func checkPayload(p *Payload) string {
	if len(p.Mutations) > limit.MutationsMax {
		return "The change has too many steps."
	}
	for i := range p.Mutations {
		m := &p.Mutations[i]
		if m.Op == "" || !validName(string(m.Op)) || !validName(m.Kind) || !validName(m.Field) || !validName(m.From) {
			return "A step of the change has a name that is missing or too long."
		}
		if len(m.With) > limit.MutationsMax {
			return "A step of the change has too many fields."
		}
		for _, pair := range m.With {
			if pair.Field == "" || !validName(pair.Field) {
				return "A step of the change has a name that is missing or too long."
			}
		}
	}
	return ""
}

func validName(name string) bool { return len(name) <= limit.NameBytesMax && utf8.ValidString(name) }
