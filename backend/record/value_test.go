package record

import (
	"strings"
	"testing"
)

// FuzzValueIsWhatTheDecoderSays holds the short ways of reading a value to the decoder.
func FuzzValueIsWhatTheDecoderSays(f *testing.F) {
	for _, v := range []Value{
		nil, Text("a"), Text(strings.Repeat("b", 23)), Text(strings.Repeat("c", 24)), Text(strings.Repeat("d", 255)), Text(strings.Repeat("e", 256)),
		Text(strings.Repeat("f", 65_536)), Text("Zürich, 東京"), Integer(7), Flag(true), Ref(ID{1, 2, 3}), Bytes([]byte("short")), Bytes(make([]byte, 300)),
		Named(map[string]Value{"text": Text("x")}), {0x60}, {0x40}, {0x78}, {0x79, 1}, {0x58}, {0x61}, {0x61, 0xff}, {0x62, 'a'}, {0x61, 'a', 'b'},
		{0x78, 1, 'a'}, {0x7a, 0, 0, 0, 1, 'a'}, {0x7f, 0x61, 'a', 0xff}, {0xf6}, {0x7c, 'a'},
	} {
		f.Add([]byte(v))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v := Value(raw)
		if got, want := v.AsText(), decodeValue[string](v); got != want {
			t.Errorf("%x is the text %q, want %q", raw, got, want)
		}
		var want ID
		if held := decodeValue[[]byte](v); len(held) == len(want) {
			want = ID(held)
		}
		if got := v.AsRef(); got != want {
			t.Errorf("%x is the record %s, want %s", raw, got, want)
		}
	})
}
