package record_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// specimen is one edit with every part in use; its bytes are the format.
func specimen(t testing.TB) record.Sealed {
	t.Helper()
	a := newLaptop("specimen")
	other := record.EditID{Incarnation: record.Incarnation{Device: record.DeviceID{1, 2, 3}, Number: 1 << 60}, Sequence: 300}
	full := record.Mutation{
		Op: record.OpTransition, Record: id("boat"), Kind: "boat", Field: "state", Value: record.Text("sailing"), Base: record.Integer(-3),
		Seen: []record.EditID{other}, From: "moored", With: []record.Pair{{Field: "reason", Value: record.Text("fun")}, {Field: "colour"}},
		Item: id("item"), Delta: -70_000, By: id("by"), On: at(1),
	}
	h := record.Header{
		Format: 1, ID: a.next(), Previous: record.Hash{9}, Time: at(2), Author: a.person, Space: lyon, Action: "sail", MaySkip: true,
	}
	p := record.Payload{
		Salt: []byte("0123456789abcdef"), Blobs: []record.Hash{{7}},
		Mutations: []record.Mutation{full, {Op: record.OpCount, Record: id("boat"), Field: "miles", Delta: 25}},
	}
	sealed, err := record.Seal(h, p)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// The digests of the specimen's bytes. They change only with a new FormatVersion.
const (
	goldenHeader  = "fee85cffca1649b1c82381566f8b7be9e0b906f3adc8082301b0f371be4babbc"
	goldenPayload = "e4c61fffdf145070a5f327c2ff236e112a039c17e935f79130a881461cfcd5fb"
)

func TestSealedBytesAreTheFormat(t *testing.T) {
	sealed := specimen(t)
	header, payload := sha256.Sum256(sealed.Header), sha256.Sum256(sealed.Payload)
	if got := hex.EncodeToString(header[:]); got != goldenHeader {
		t.Errorf("the header's bytes changed: %s\n%x", got, sealed.Header)
	}
	if got := hex.EncodeToString(payload[:]); got != goldenPayload {
		t.Errorf("the payload's bytes changed: %s\n%x", got, sealed.Payload)
	}
}

// TestSealIsPlainCBOR holds the bytes against the general encoder of the same structures.
func TestSealIsPlainCBOR(t *testing.T) {
	sealed := specimen(t)
	e, err := record.Open(sealed)
	if err != nil || e.Unreadable != "" {
		t.Fatal(err, e)
	}
	for name, part := range map[string]struct {
		value any
		bytes []byte
	}{"header": {&e.Header, sealed.Header}, "payload": {&e.Payload, sealed.Payload}} {
		mode, err := cbor.CoreDetEncOptions().EncMode()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := mode.Marshal(part.value)
		if err != nil || !bytes.Equal(raw, part.bytes) {
			t.Errorf("%s: %v\n%x, want\n%x", name, err, raw, part.bytes)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	good := specimen(t)
	flipped := func(raw []byte, at int) []byte {
		raw = slices.Clone(raw)
		raw[at] ^= 1
		return raw
	}
	negative := bytes.Replace(good.Header, []byte{0x03, 0x01, 0x03}, []byte{0x03, 0x20, 0x03}, 1)
	if bytes.Equal(negative, good.Header) {
		t.Fatal("the specimen's sequence is not where this test looks for it")
	}
	for name, s := range map[string]record.Sealed{
		"nothing":               {},
		"a header cut short":    {Header: good.Header[:len(good.Header)-1], Payload: good.Payload},
		"bytes after it":        {Header: append(slices.Clone(good.Header), 0), Payload: good.Payload},
		"another payload":       {Header: good.Header, Payload: flipped(good.Payload, 10)},
		"a negative sequence":   {Header: negative, Payload: good.Payload},
		"50 MB":                 {Header: good.Header, Payload: make([]byte, 50<<20)},
		"a huge header":         {Header: make([]byte, 1<<20), Payload: good.Payload},
		"a signature too long":  {Header: good.Header, Payload: good.Payload, Signature: make([]byte, 65)},
		"an array that is huge": {Header: []byte{0x9b, 0, 0, 1, 0, 0, 0, 0, 0}},
	} {
		if e, err := record.Open(s); err == nil {
			t.Errorf("%s: opened as %+v", name, e.Header)
		} else if code := fault.CodeOf(err); code != fault.Invalid && code != fault.Corrupt {
			t.Errorf("%s: code %q", name, code)
		}
	}
}

// resealed gives the edit another payload, signed for by its header.
func resealed(t *testing.T, a *laptop, payload []byte) record.Sealed {
	t.Helper()
	h := record.Header{
		Format: 1, ID: a.next(), Previous: a.previous, Time: at(1), Author: a.person, Space: lyon, Action: "x", Payload: sha256.Sum256(payload),
	}
	header, err := record.Encode(&h)
	if err != nil {
		t.Fatal(err)
	}
	a.sequence++
	return record.Sealed{Header: header, Payload: payload}
}

func TestPoisonIsDecidedAndHoldsUpNothing(t *testing.T) {
	nested := append(bytes.Repeat([]byte{0x81}, 1_000_000), 0x00)
	badText := []byte{0xa2, 0x01, 0x40, 0x02, 0x81, 0xa2, 0x01, 0x62, 0xff, 0xfe, 0x02, 0x50}
	badText = append(badText, make([]byte, 16)...)
	badValue := []byte{0xa2, 0x01, 0x40, 0x02, 0x81, 0xa4, 0x01, 0x63, 's', 'e', 't', 0x02, 0x50}
	badValue = append(append(badValue, make([]byte, 16)...), 0x04, 0x64, 'n', 'a', 'm', 'e', 0x05, 0x62, 0xff, 0xfe)
	many := append([]byte{0xa2, 0x01, 0x40, 0x02, 0x9a, 0, 0x0f, 0x42, 0x40}, bytes.Repeat([]byte{0xa0}, 1_000_000)...)
	for name, payload := range map[string][]byte{
		"not CBOR": {0xff, 0xff}, "nested 10^6 deep": nested, "a name that is not UTF-8": badText, "a value that is not UTF-8": badValue,
		"10^6 steps": many, "something else": {0x01},
	} {
		g, boat, first, _, _ := boatAndTwo(t)
		a := newLaptop("hostile")
		e, err := record.Open(resealed(t, a, payload))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !record.Ready(g, e) || record.Fold(boat, nil, []*record.Edit{e}) != nil {
			t.Errorf("%s: waits, or folds into something", name)
		}
		if o := g.decide(e); o.Result != record.Poison || o.Trouble != "" || e.Unreadable == "" {
			t.Errorf("%s: %s %q", name, o.Result, o.Trouble)
		}
		if o := g.decide(a.write(t, at(3), "paint", set(boat, "colour", "red", first.ID))); o.Result != record.Applied {
			t.Errorf("%s: the next edit was %s", name, o.Result)
		}
	}
}

func TestPanicGivesTheSamePoisonEachTime(t *testing.T) {
	g, boat, _, a, _ := boatAndTwo(t)
	calls := 0
	g.rules.consequences = func(*record.Edit, map[record.ID]*record.State) []record.Mutation {
		calls++
		panic(strings.Repeat("boom", calls))
	}
	e := a.write(t, at(5), "paint", set(boat, "colour", "red"))
	var first []byte
	for range 3 {
		o, touched, err := record.Evaluate(g, g.rules, kinds(), e, g.now)
		if err != nil || touched != nil || o.Result != record.Poison || !strings.Contains(o.Trouble, "boom") {
			t.Fatalf("%+v %v %v", o, touched, err)
		}
		raw, err := record.Encode(o)
		if err != nil || bytes.Contains(raw, []byte("boom")) {
			t.Fatalf("%v %q", err, raw)
		}
		if first == nil {
			first = raw
		}
		if !bytes.Equal(raw, first) {
			t.Error("the bytes differ")
		}
	}
}

func TestSealRefuses(t *testing.T) {
	a := newLaptop("a")
	steps := slices.Repeat([]record.Mutation{set(id("boat"), "name", "x")}, limit.MutationsMax+1)
	long := strings.Repeat("x", limit.NameBytesMax+1)
	for name, mutations := range map[string][]record.Mutation{
		"too many steps": steps, "too large": {set(id("boat"), "name", strings.Repeat("x", limit.EditBytesMax))},
		"no op": {{Record: id("boat")}}, "a long field": {set(id("boat"), long, "x")}, "a field that is no text": {set(id("boat"), "\xff", "x")},
		"a pair without a field": {transition(id("boat"), "", "x", record.Pair{})},
	} {
		if _, err := a.seal(at(1), "x", mutations...); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := a.seal(at(1), long, set(id("boat"), "name", "x")); !fault.Is(err, fault.Invalid) {
		t.Errorf("a long action: %v", err)
	}
}

func TestVerifyBatch(t *testing.T) {
	a, b := newLaptop("a"), newLaptop("b")
	var run []record.Sealed
	for i := range 4 {
		sealed, err := a.seal(at(i), "x", set(id("boat"), "name", "x"))
		if err != nil {
			t.Fatal(err)
		}
		run = append(run, sealed)
	}
	if err := record.VerifyBatch(a.public(), run); err != nil {
		t.Fatal(err)
	}
	unsigned := slices.Clone(run)
	unsigned[3].Signature = nil
	swapped := slices.Clone(run)
	swapped[1], swapped[2] = swapped[2], swapped[1]
	forged := slices.Clone(run)
	other, err := record.Seal(record.Header{Format: 1, ID: a.next(), Time: at(1), Space: lyon}, record.Payload{})
	if err != nil {
		t.Fatal(err)
	}
	forged[3] = other
	forged[3].Signature = run[3].Signature
	for name, c := range map[string]struct {
		key ed25519.PublicKey
		run []record.Sealed
	}{
		"nobody's key": {nil, run}, "another's key": {b.public(), run}, "nothing": {a.public(), nil}, "unsigned": {a.public(), unsigned},
		"out of order": {a.public(), swapped}, "a gap": {a.public(), append(slices.Clone(run[:1]), run[2:]...)}, "forged": {a.public(), forged},
		"junk": {a.public(), []record.Sealed{{Header: []byte{1}}}},
	} {
		if err := record.VerifyBatch(c.key, c.run); err == nil {
			t.Errorf("%s: verified", name)
		}
	}
}

func TestRedactedEditWaitsAndFoldsToNothing(t *testing.T) {
	g, boat, first, a, _ := boatAndTwo(t)
	sealed, err := a.seal(at(1), "paint", set(boat, "colour", "red", first.ID))
	if err != nil {
		t.Fatal(err)
	}
	sealed.Payload = nil
	e, err := record.Open(sealed)
	if err != nil || !e.Redacted() || len(e.Mutations) != 0 {
		t.Fatalf("%v %+v", err, e)
	}
	if record.Ready(g, e) {
		t.Error("an edit without its content is decided")
	}
}
