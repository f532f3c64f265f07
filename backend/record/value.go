package record

import (
	"bytes"
	"unicode/utf8"

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

// plain gives the content of a value that is one string of a major type; false where the decoder has to look. Lists ask for some twenty values of each record.
func (v Value) plain(major byte) ([]byte, bool) {
	w := wire{rest: v}
	got, size := w.head()
	return w.rest, !w.bad && got == major && size == uint64(len(w.rest))
}

// AsText gives the text, or "" when the value is none.
func (v Value) AsText() string {
	if text, is := v.plain(majorText); is && utf8.Valid(text) {
		return string(text)
	}
	if _, is := v.plain(majorBytes); is {
		return ""
	}
	return decodeValue[string](v)
}

// AsInteger gives the whole number, or zero.
func (v Value) AsInteger() int64 { return decodeValue[int64](v) }

// AsFlag gives the truth value, or false.
func (v Value) AsFlag() bool { return decodeValue[bool](v) }

// AsRef gives the record's id, or the zero id.
func (v Value) AsRef() ID {
	raw, is := v.plain(majorBytes)
	if !is {
		raw = decodeValue[[]byte](v)
	}
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
