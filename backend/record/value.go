package record

import (
	"bytes"

	"holdfast/backend/core/clock"
)

// Value is one value of a field as deterministic CBOR (RFC 8949 section 4.2): a text, an integer, a flag, a record's id (16 bytes), or a
// map of such. Nil is "no value". Values that this program does not understand are kept as they are.
type Value []byte

// Equal reports whether both hold the same value.
func (v Value) Equal(other Value) bool { return bytes.Equal(v, other) }

// MarshalCBOR puts the value's own encoding in place.
func (v Value) MarshalCBOR() ([]byte, error) {
	if len(v) == 0 {
		return []byte{0xf6}, nil // null
	}
	return v, nil
}

// UnmarshalCBOR takes a copy of the encoding.
func (v *Value) UnmarshalCBOR(raw []byte) error {
	*v = nil
	if !bytes.Equal(raw, []byte{0xf6}) {
		*v = bytes.Clone(raw)
	}
	return nil
}

// Text makes a text value; an empty text is no value.
func Text(text string) Value {
	if text == "" {
		return nil
	}
	return encodeValue(text)
}

// Integer makes a whole number.
func Integer(n int64) Value { return encodeValue(n) }

// Flag makes a truth value.
func Flag(on bool) Value { return encodeValue(on) }

// Ref makes a reference to a record; the zero id is no value.
func Ref(id ID) Value {
	if id == (ID{}) {
		return nil
	}
	return encodeValue(id[:])
}

// Bytes makes a value of raw bytes; none is no value.
func Bytes(raw []byte) Value {
	if len(raw) == 0 {
		return nil
	}
	return encodeValue(raw)
}

// Instant makes an instant.
func Instant(at clock.Stamp) Value { return encodeValue(uint64(at)) }

// Named makes a list item's map of named values.
func Named(fields map[string]Value) Value { return encodeValue(fields) }

// AsText gives the text, or "" when the value is none.
func (v Value) AsText() string { return decodeValue[string](v) }

// AsInteger gives the whole number, or zero.
func (v Value) AsInteger() int64 { return decodeValue[int64](v) }

// AsFlag gives the truth value, or false.
func (v Value) AsFlag() bool { return decodeValue[bool](v) }

// AsRef gives the record's id, or the zero id.
func (v Value) AsRef() ID {
	raw := decodeValue[[]byte](v)
	if len(raw) != len(ID{}) {
		return ID{}
	}
	return ID(raw)
}

// AsBytes gives the raw bytes, or nil.
func (v Value) AsBytes() []byte { return decodeValue[[]byte](v) }

// AsInstant gives the instant, or zero.
func (v Value) AsInstant() clock.Stamp { return clock.Stamp(decodeValue[uint64](v)) }

// AsNamed gives a list item's named values, or nil.
func (v Value) AsNamed() map[string]Value { return decodeValue[map[string]Value](v) }
