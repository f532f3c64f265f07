package record

import (
	"encoding/binary"
	"unicode/utf8"

	"holdfast/backend/core/limit"
)

// Edits are written and read by hand, because they are what an import or a first sync handles by the ten thousand; the general encoder of the
// same structures gives the same bytes, and a test holds them to that. These are the parts of CBOR (RFC 8949) that edits use.
const (
	majorUint = iota
	majorNegative
	majorBytes
	majorText
	majorArray
	majorMap
	majorTag
	majorSimple
)

const simpleNull = 0xf6

// arrayMax bounds the elements of one array or the pairs of one map.
const arrayMax = 1 << 17

func appendHead(out []byte, major byte, n uint64) []byte {
	m := major << 5
	switch {
	case n < 24:
		return append(out, m|byte(n))
	case n < 1<<8:
		return append(out, m|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(out, m|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(out, m|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(out, m|27), n)
}

func appendText(out []byte, key byte, text string) []byte {
	return append(appendHead(append(out, key), majorText, uint64(len(text))), text...)
}

func appendBytes(out []byte, key byte, b []byte) []byte {
	return append(appendHead(append(out, key), majorBytes, uint64(len(b))), b...)
}

func appendUint(out []byte, key byte, n uint64) []byte {
	return appendHead(append(out, key), majorUint, n)
}

func appendValue(out []byte, key byte, v Value) []byte { return append(append(out, key), v...) }

func appendInt(out []byte, key byte, n int64) []byte {
	if n < 0 {
		return appendHead(append(out, key), majorNegative, uint64(-(n + 1)))
	}
	return appendUint(out, key, uint64(n))
}

func appendEditID(out []byte, id EditID) []byte {
	out = append(out, majorMap<<5|3)
	out = appendBytes(out, 1, id.Device[:])
	out = appendUint(out, 2, id.Number)
	return appendUint(out, 3, id.Sequence)
}

// wire reads CBOR. After the first fault it gives zeros; bad says whether there was one.
type wire struct {
	rest []byte
	bad  bool
}

// head reads the head of the next item. Tags, indefinite lengths and reserved forms are faults.
func (w *wire) head() (major byte, n uint64) {
	if w.bad || len(w.rest) == 0 {
		w.bad = true
		return 0, 0
	}
	first := w.rest[0]
	w.rest = w.rest[1:]
	major, info := first>>5, first&31
	if info < 24 {
		return major, uint64(info)
	}
	size := 1 << (info - 24)
	if info > 27 || len(w.rest) < size || major == majorTag {
		w.bad = true
		return 0, 0
	}
	for _, b := range w.rest[:size] {
		n = n<<8 | uint64(b)
	}
	w.rest = w.rest[size:]
	return major, n
}

// expect reads the head of an item of the major type, or a null as nothing.
func (w *wire) expect(major byte) (n uint64) {
	if len(w.rest) > 0 && w.rest[0] == simpleNull {
		w.rest = w.rest[1:]
		return 0
	}
	got, n := w.head()
	if got != major {
		w.bad = true
		return 0
	}
	return n
}

// span reads the content of a byte string or a text: a part of what is read.
func (w *wire) span(major byte) []byte {
	n := w.expect(major)
	if n > uint64(len(w.rest)) {
		w.bad = true
	}
	if w.bad {
		return nil
	}
	out := w.rest[:n:n]
	w.rest = w.rest[n:]
	return out
}

func (w *wire) text() string {
	raw := w.span(majorText)
	if !utf8.Valid(raw) {
		w.bad = true
		return ""
	}
	return string(raw)
}

func (w *wire) uint() uint64 { return w.expect(majorUint) }

func (w *wire) int() int64 {
	major, n := w.head()
	if n > 1<<63-1 || major > majorNegative {
		w.bad = true
		return 0
	}
	if major == majorNegative {
		return -1 - int64(n)
	}
	return int64(n)
}

func (w *wire) flag() bool {
	if major, n := w.head(); major != majorSimple || n != 20 && n != 21 {
		w.bad = true
		return false
	} else {
		return n == 21
	}
}

// exactly copies a byte string of that length.
func (w *wire) exactly(into []byte) {
	raw := w.span(majorBytes)
	if len(raw) != len(into) {
		w.bad = true
		return
	}
	copy(into, raw)
}

// count reads the head of an array or map whose elements take at least a byte each.
func (w *wire) count(major byte) int {
	n := w.expect(major)
	if n > arrayMax || n > uint64(len(w.rest)) {
		w.bad = true
	}
	if w.bad {
		return 0
	}
	return int(n)
}

// keyed reads a map with whole numbers as keys, each at most once. read takes the value of a key that it knows and reports whether it does; values
// of other keys are checked and passed over.
func (w *wire) keyed(depth int, read func(key uint64) bool) {
	var known uint64
	var beyond map[uint64]bool // keys of newer programs, if ever there are so many
	for range w.count(majorMap) {
		key := w.uint()
		switch {
		case key < 64:
			w.bad = w.bad || known&(1<<key) != 0
			known |= 1 << key
		case beyond[key]:
			w.bad = true
		case beyond == nil:
			beyond = map[uint64]bool{key: true}
		default:
			beyond[key] = true
		}
		if w.bad {
			return
		}
		if !read(key) {
			w.skip(depth + 1)
		}
	}
}

// value reads any one item as it is, null as none.
func (w *wire) value(depth int) Value {
	before := w.rest
	w.skip(depth)
	if w.bad {
		return nil
	}
	n := len(before) - len(w.rest)
	if n == 1 && before[0] == simpleNull {
		return nil
	}
	return Value(before[:n:n])
}

// skip passes over one item and checks all that is in it.
func (w *wire) skip(depth int) {
	if depth > limit.NestingMax {
		w.bad = true
		return
	}
	simple := len(w.rest) > 0 && w.rest[0]>>5 == majorSimple
	if simple {
		w.skipSimple()
		return
	}
	major, n := w.head()
	switch major {
	case majorBytes, majorText:
		if n > uint64(len(w.rest)) {
			w.bad = true
			return
		}
		if major == majorText && !utf8.Valid(w.rest[:n]) {
			w.bad = true
		}
		w.rest = w.rest[n:]
	case majorArray, majorMap:
		if n > arrayMax || n > uint64(len(w.rest)) {
			w.bad = true
			return
		}
		if major == majorMap {
			n *= 2
		}
		for ; n > 0 && !w.bad; n-- {
			w.skip(depth + 1)
		}
	}
}

// skipSimple passes over a flag, a null or a floating-point number.
func (w *wire) skipSimple() {
	first := w.rest[0]
	if info := first & 31; info == 24 || info > 27 {
		w.bad = true
		return
	}
	w.head()
}
