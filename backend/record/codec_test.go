package record_test

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// busy gives a state with every part of the format in use.
func busy(t testing.TB) *record.State {
	t.Helper()
	g, a, b, c := newGroup(t), newLaptop("a"), newLaptop("b"), newLaptop("c")
	boat := id("boat")
	first := a.write(t, at(1), "create", append(create(boat, "Ida"), set(boat, "mark", "1"))...)
	g.decide(first)
	marked(t, g, a, "other", "2")
	ghost := record.EditID{Incarnation: record.Incarnation{Device: record.DeviceID{1}, Number: 7}, Sequence: 9}
	tag := func(op record.Op, tag string, seen ...record.EditID) record.Mutation {
		return record.Mutation{Op: op, Record: boat, Field: "tags", Value: record.Text(tag), Seen: seen}
	}
	for _, e := range []*record.Edit{
		b.write(t, at(2), "x", set(boat, "mark", "2", first.ID), text(boat, "one\ntwo\nthree", ""), tag(record.OpAdd, "old"), note(boat, "n", "hello")),
		c.write(t, at(2), "x", text(boat, "one\ntwo\nthree", ""), tag(record.OpAdd, "old"), tag(record.OpRemove, "new", ghost)),
		c.write(t, at(3), "x", set(boat, "colour", "red", ghost), record.Mutation{Op: record.OpCount, Record: boat, Field: "miles", Delta: -5}),
		b.write(t, at(4), "x", archive(boat, first.ID), set(boat, "field of a newer version", "kept")),
	} {
		if o := g.decide(e); o.Result == record.Parked || o.Result == record.Poison {
			t.Fatalf("%s %+v %s", o.Result, o.Reason, o.Trouble)
		}
	}
	tentative := c.write(t, at(9), "x", set(boat, "name", "Eva", first.ID))
	return record.Fold(boat, g.states[boat], []*record.Edit{tentative})
}

func TestStateComesBackFromItsBytes(t *testing.T) {
	s := busy(t)
	raw := record.EncodeState(s)
	back, err := record.DecodeState(raw)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s, back) {
		t.Errorf("went in:\n%+v\ncame back:\n%+v", s, back)
	}
	for range 20 {
		if again := record.EncodeState(back); !bytes.Equal(again, raw) {
			t.Fatal("the same state gave other bytes")
		}
	}
}

func TestStateComesBackWhateverTheEdits(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := draw(r, t, drawAny)
		state := s.fold(s.edits)
		raw := record.EncodeState(state)
		back, err := record.DecodeState(raw)
		if err != nil || !bytes.Equal(record.EncodeState(back), raw) {
			r.Fatalf("%v\n%+v\n%+v", err, state, back)
		}
	})
}

func TestDamagedStatesAreRefused(t *testing.T) {
	raw := record.EncodeState(busy(t))
	for n := range raw {
		if s, err := record.DecodeState(raw[:n]); !fault.Is(err, fault.Corrupt) {
			t.Fatalf("the first %d of %d bytes: %+v, %v", n, len(raw), s, err)
		}
	}
	if _, err := record.DecodeState(append(bytes.Clone(raw), 0)); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a byte more: %v", err)
	}
	newer := bytes.Clone(raw)
	newer[0]++
	if _, err := record.DecodeState(newer); !fault.Is(err, fault.Corrupt) {
		t.Errorf("another version: %v", err)
	}
}

func TestOutcomeComesBackFromItsBytes(t *testing.T) {
	yes := true
	held := record.Held{Origin: record.Origin{Edit: newLaptop("a").next(), Author: id("a"), At: at(1), On: at(2)}, Value: record.Flag(true)}
	o := record.Outcome{
		Edit: newLaptop("a").next(), Hash: record.Hash{1, 31: 2}, Commit: 1 << 40, Result: "of the future", Effective: at(1) + 3, Skewed: true,
		Reason: &record.Reason{Code: "c", Sentence: "s", Args: map[string]string{"b": "2", "a": "1"}},
		Writes: []record.Write{
			{Record: id("x"), Kind: "boat", Space: lyon, Created: &held.Origin, Changed: &held.Origin},
			{Record: id("x"), Field: "f", State: &record.Field{Rule: "of the future", Values: []record.Held{held}}},
			{Record: id("y"), Field: record.FieldArchived, Archived: &yes, State: &record.Field{Rule: record.RuleRegister, Sum: -1}},
		},
		Settles: []record.EditID{newLaptop("b").next()},
	}
	raw, err := record.Encode(o)
	if err != nil {
		t.Fatal(err)
	}
	again, err := record.Encode(&o)
	if err != nil || !bytes.Equal(raw, again) {
		t.Errorf("by value and by pointer differ: %v", err)
	}
	var back record.Outcome
	if err := record.Decode(raw, &back); err != nil || !reflect.DeepEqual(o, back) {
		t.Errorf("%v\n%+v\n%+v", err, o, back)
	}
	var short record.Outcome
	if err := record.DecodeOutcome(raw, &short); err != nil || !reflect.DeepEqual(o, short) || !bytes.Equal(record.EncodeOutcome(&o), raw) {
		t.Errorf("without the general encoder: %v\n%+v\n%+v", err, o, short)
	}
	for _, broken := range [][]byte{raw[:len(raw)-1], append(slices.Clip(raw), 0), {0xf6}, {}, {0x40}} {
		if record.Decode(broken, &back) == nil || !fault.Is(record.DecodeOutcome(broken, &short), fault.Invalid) {
			t.Errorf("%d bytes of %d were read", len(broken), len(raw))
		}
	}
	place, err := record.DecodeOutcomePlace(raw)
	if err != nil || place.Edit != o.Edit || place.Hash != o.Hash || place.Commit != o.Commit {
		t.Errorf("its place: %v\n%+v\n%+v", err, o, place)
	}
	for n := range 60 {
		if _, err := record.DecodeOutcomePlace(raw[:n]); !fault.Is(err, fault.Invalid) {
			t.Errorf("the place was read from %d bytes: %v", n, err)
		}
	}
}

func TestHistoryComesBackFromItsBytes(t *testing.T) {
	g, boat, _, a, b := boatAndTwo(t)
	g.decide(a.write(t, at(3), "paint", set(boat, "colour", "red"), note(boat, "n", "x")))
	g.decide(b.write(t, at(4), "sail", transition(boat, "moored", "flying", record.Pair{Field: "reason", Value: record.Text("why not")})))
	rows := g.history[boat]
	back, err := record.DecodeChanges(record.EncodeChanges(rows))
	if err != nil || !reflect.DeepEqual(rows, back) {
		t.Errorf("%v\n%+v\n%+v", err, rows, back)
	}
	plain, err := record.Encode(rows)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := record.DecodeChanges(plain); err != nil || !reflect.DeepEqual(rows, back) {
		t.Errorf("rows of a store that was written before they were packed: %v\n%+v\n%+v", err, rows, back)
	}
	if _, err := record.DecodeChanges(plain[:len(plain)-1]); !fault.Is(err, fault.Corrupt) {
		t.Errorf("damaged plain rows: %v", err)
	}
	if _, err := record.DecodeChanges(record.EncodeChanges(rows)[1:]); !fault.Is(err, fault.Corrupt) {
		t.Errorf("damaged rows: %v", err)
	}
}

func TestDigestIsIndependentOfOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		parts := rapid.SliceOfN(rapid.SliceOf(rapid.Byte()), 1, 8).Draw(r, "states")
		var up, down record.Hash
		for i := range parts {
			up = up.Plus(record.DigestOf(parts[i]))
			down = down.Plus(record.DigestOf(parts[len(parts)-1-i]))
		}
		if up != down {
			r.Fatal("the order matters")
		}
		for _, part := range parts {
			up = up.Minus(record.DigestOf(part))
		}
		if up != (record.Hash{}) {
			r.Fatalf("%s is left", up)
		}
	})
}

func TestHashArithmeticCarries(t *testing.T) {
	var ones record.Hash
	for i := range ones {
		ones[i] = 0xff
	}
	one := record.Hash{31: 1}
	if ones.Plus(one) != (record.Hash{}) || (record.Hash{}).Minus(one) != ones {
		t.Error("2^256 - 1 and 1 do not make zero")
	}
	if got := (record.Hash{23: 0, 24: 0xff, 25: 0xff, 26: 0xff, 27: 0xff, 28: 0xff, 29: 0xff, 30: 0xff, 31: 0xff}).Plus(one); got != (record.Hash{23: 1}) {
		t.Errorf("no carry between words: %s", got)
	}
}

func TestChainHashIsFixed(t *testing.T) {
	got := record.ChainHash(record.Hash{1}, []byte("outcome"))
	if want := "600103acda199eec8c444210b8db260eeff3c4716f1947c7ff27075122ee8587"; hex.EncodeToString(got[:]) != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestKeysOfNewerProgramsStandOnceEach(t *testing.T) {
	sealed, err := newLaptop("a").seal(at(1), "create", creation(1)...)
	if err != nil {
		t.Fatal(err)
	}
	with := func(first, second byte) record.Sealed {
		header := bytes.Clone(sealed.Header)
		header[0] += 2 // two more pairs in the map
		return record.Sealed{Header: append(header, 0x18, first, 1, 0x18, second, 1), Payload: sealed.Payload}
	}
	var h record.Header
	if _, err := record.Open(with(100, 101)); err != nil || record.Decode(with(100, 101).Header, &h) != nil {
		t.Errorf("two that are not known: %v", err)
	}
	if _, err := record.Open(with(100, 100)); err == nil || record.Decode(with(100, 100).Header, &h) == nil {
		t.Error("one that stands there twice was read")
	}
}
