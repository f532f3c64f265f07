package record

import (
	"crypto/sha256"

	"github.com/fxamacker/cbor/v2"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
)

// The two modes are constants in all but name: immutable, and safe for concurrent use.
var (
	encMode = mustMode(cbor.CoreDetEncOptions().EncMode())
	decMode = mustMode(cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		MaxNestedLevels:  limit.NestingMax,
		MaxArrayElements: 1 << 17,
		MaxMapPairs:      1 << 12,
		UTF8:             cbor.UTF8RejectInvalid,
		TagsMd:           cbor.TagsForbidden,
	}.DecMode())
)

func mustMode[M any](mode M, err error) M {
	if err != nil {
		panic(err) // the options are constants: this can fail only while someone edits them
	}
	return mode
}

// Encode gives the deterministic CBOR of one of this package's types, or of a message made of them.
func Encode(v any) ([]byte, error) { return encMode.Marshal(v) }

// Decode reads deterministic CBOR with bounded nesting and counts. Unknown keys are passed over: keep the bytes.
func Decode(raw []byte, into any) error {
	if err := decMode.Unmarshal(raw, into); err != nil {
		return errUnreadable(err)
	}
	return nil
}

func errUnreadable(err error) error {
	return fault.Wrap(err, fault.Invalid, "record.Decode", "Data from another device could not be read. It was set aside; nothing was changed.")
}

// Hash gives the hash of the edit's header: what the next edit of the incarnation and every outcome name it by.
func (s *Sealed) Hash() Hash { return sha256.Sum256(s.Header) }

// encodeValue encodes what this package's constructors hand in, all of which CBOR can hold.
func encodeValue(v any) Value {
	raw, err := encMode.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

func decodeValue[T any](v Value) T {
	var out, zero T
	if len(v) == 0 || decMode.Unmarshal(v, &out) != nil {
		return zero
	}
	return out
}
