package record_test

import (
	"bytes"
	"crypto/sha256"
	"reflect"
	"testing"

	"holdfast/backend/record"
)

func FuzzDecodeState(f *testing.F) {
	f.Add(record.EncodeState(busy(f)))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := record.DecodeState(raw)
		if err != nil {
			return
		}
		again := record.EncodeState(s)
		back, err := record.DecodeState(again)
		if err != nil || !bytes.Equal(record.EncodeState(back), again) {
			t.Fatalf("what was read does not come back: %v", err)
		}
		record.Fold(s.ID, s, nil)
		s.SeenAll()
	})
}

// FuzzOpen signs for any payload, as a hostile device can, and takes it through everything that a replica does with an edit.
func FuzzOpen(f *testing.F) {
	sealed := specimen(f)
	f.Add(sealed.Header, sealed.Payload)
	plain, err := newLaptop("a").seal(at(1), "create", creation(1)...)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain.Header, plain.Payload)
	f.Fuzz(func(t *testing.T, header, payload []byte) {
		e, err := record.Open(record.Sealed{Header: header, Payload: payload})
		if err != nil && len(payload) > 0 {
			a := newLaptop("hostile")
			h := record.Header{Format: 1, ID: a.next(), Time: at(1), Space: lyon, Action: "x", Payload: sha256.Sum256(payload)}
			if header, err = record.Encode(&h); err != nil {
				t.Fatal(err)
			}
			e, err = record.Open(record.Sealed{Header: header, Payload: payload})
		}
		if err != nil {
			return
		}
		var general record.Header
		if err := record.Decode(e.Sealed.Header, &general); err != nil || general != e.Header {
			t.Fatalf("the header is %+v, to the general decoder %+v: %v", e.Header, general, err)
		}
		live(t, e)
	})
}

func live(t *testing.T, e *record.Edit) {
	g := newGroup(t)
	e.Space = lyon
	g.decide(newLaptop("founder").write(t, at(1), "create", create(id("boat"), "Ida")...))
	record.Ready(g, e)
	for i := range e.Mutations {
		record.Fold(e.Mutations[i].Record, g.states[e.Mutations[i].Record], []*record.Edit{e})
	}
	record.Changes(e, nil, func(id record.ID) *record.State { return g.states[id] })
	if o := g.decide(e); o.Trouble != "" {
		t.Fatalf("the evaluation panicked: %s", o.Trouble)
	}
	if e.Unreadable != "" || len(e.Mutations) == 0 {
		return
	}
	again, err := record.Seal(e.Header, e.Payload)
	if err != nil {
		t.Fatalf("what was opened cannot be sealed: %v", err)
	}
	if _, err := record.Open(again); err != nil {
		t.Fatal(err)
	}
}

func FuzzDecode(f *testing.F) {
	raw, err := record.Encode(record.Outcome{Edit: newLaptop("a").next(), Result: record.Applied})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(record.EncodeChanges([]record.Change{{Field: "f"}}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var o record.Outcome
		if record.Decode(raw, &o) == nil {
			again, err := record.Encode(o)
			if err != nil {
				t.Fatal(err)
			}
			var back record.Outcome
			if err := record.Decode(again, &back); err != nil {
				t.Fatalf("what was read does not come back: %v", err)
			}
		}
		var short record.Outcome
		if err, general := record.DecodeOutcome(raw, &short), record.Decode(raw, &o); (err == nil) != (general == nil) || err == nil && !reflect.DeepEqual(short, o) {
			t.Fatalf("the outcome is %+v (%v), to the general decoder %+v (%v)", short, err, o, general)
		}
		place, err := record.DecodeOutcomePlace(raw)
		if whole := (record.Outcome{}); record.Decode(raw, &whole) == nil {
			if err != nil || place != (record.OutcomePlace{Edit: whole.Edit, Hash: whole.Hash, Commit: whole.Commit}) {
				t.Fatalf("place %+v of %+v, %v", place, whole, err)
			}
		}
		if rows, err := record.DecodeChanges(raw); err == nil {
			record.EncodeChanges(rows)
		}
		v := record.Value(raw)
		v.AsText()
		v.AsInteger()
		v.AsFlag()
		v.AsRef()
		v.AsInstant()
		v.AsNamed()
	})
}
