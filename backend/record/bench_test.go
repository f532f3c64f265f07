package record_test

import (
	"encoding/binary"
	"testing"

	"holdfast/backend/record"
)

// creation gives the mutations of a plain creation with 15 fields.
func creation(n int) []record.Mutation {
	boat := id("bench")
	binary.BigEndian.PutUint64(boat[8:], uint64(n))
	mutations := append(create(boat, "The printer on the second floor does not answer"),
		record.Mutation{Op: record.OpText, Record: boat, Field: "log", Value: record.Text("It says that it is out of paper, but it is not.\nI switched it off and on again.\n")},
		record.Mutation{Op: record.OpSet, Record: boat, Field: "skipper", Value: record.Ref(id("skipper"))},
		record.Mutation{Op: record.OpAdd, Record: boat, Field: "tags", Value: record.Text("printer")},
		set(boat, "colour", "white"))
	for _, field := range []string{"impact", "urgency", "category", "subcategory", "channel", "team", "service", "location", "caller"} {
		mutations = append(mutations, set(boat, field, "value of "+field))
	}
	return mutations
}

func sealedCreations(b *testing.B) []record.Sealed {
	b.Helper()
	a := newLaptop("bench")
	sealed := make([]record.Sealed, b.N)
	for i := range sealed {
		var err error
		if sealed[i], err = a.seal(at(i), "create", creation(i)...); err != nil {
			b.Fatal(err)
		}
	}
	return sealed
}

func openedCreations(b *testing.B) []*record.Edit {
	b.Helper()
	edits := make([]*record.Edit, b.N)
	for i, sealed := range sealedCreations(b) {
		var err error
		if edits[i], err = record.Open(sealed); err != nil {
			b.Fatal(err)
		}
	}
	return edits
}

func BenchmarkSeal(b *testing.B) {
	a := newLaptop("bench")
	mutations := creation(1)
	h := record.Header{Format: 1, ID: a.next(), Time: at(1), Author: a.person, Space: lyon, Action: "create"}
	p := record.Payload{Salt: []byte("0123456789abcdef"), Mutations: mutations}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := record.Seal(h, p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	sealed, err := newLaptop("bench").seal(at(1), "create", creation(1)...)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := record.Open(sealed); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEvaluateCreate decides creations one after the other, as a leader does in its overlay, and applies their sequences.
func BenchmarkEvaluateCreate(b *testing.B) {
	edits := openedCreations(b)
	r := overlay{}
	catalogue := kinds()
	b.ReportAllocs()
	b.ResetTimer()
	for _, e := range edits {
		o, touched, err := record.Evaluate(r, rules{}, catalogue, e, at(100_000))
		if err != nil || o.Result != record.Applied {
			b.Fatal(err, o)
		}
		for id, s := range touched {
			if record.Internal(s.Kind) {
				r[id] = s
			}
		}
	}
}

type overlay map[record.ID]*record.State

func (o overlay) Committed(id record.ID) (*record.State, error) { return o[id], nil }

func BenchmarkFold(b *testing.B) {
	edits := openedCreations(b)
	b.ReportAllocs()
	b.ResetTimer()
	for _, e := range edits {
		if record.Fold(e.Mutations[0].Record, nil, []*record.Edit{e}) == nil {
			b.Fatal("nothing came of it")
		}
	}
}

func decided(b *testing.B) (*record.Edit, *record.Outcome, *record.State) {
	b.Helper()
	e := newLaptop("bench").write(b, at(1), "create", creation(1)...)
	o, touched, err := record.Evaluate(overlay{}, rules{}, kinds(), e, at(10))
	if err != nil {
		b.Fatal(err)
	}
	return e, o, touched[e.Mutations[0].Record]
}

func BenchmarkEncodeState(b *testing.B) {
	_, _, s := decided(b)
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(int64(len(record.EncodeState(s))))
	}
}

func BenchmarkDecodeState(b *testing.B) {
	_, _, s := decided(b)
	raw := record.EncodeState(s)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := record.DecodeState(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeOutcome(b *testing.B) {
	_, o, _ := decided(b)
	b.ReportAllocs()
	for b.Loop() {
		raw, err := record.Encode(o)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(raw)))
	}
}

func BenchmarkDecodeOutcome(b *testing.B) {
	_, o, _ := decided(b)
	raw, err := record.Encode(o)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var back record.Outcome
		if err := record.Decode(raw, &back); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeOutcomePlace(b *testing.B) {
	_, o, _ := decided(b)
	raw, err := record.Encode(o)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := record.DecodeOutcomePlace(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkChanges(b *testing.B) {
	e, o, _ := decided(b)
	none := func(record.ID) *record.State { return nil }
	b.ReportAllocs()
	for b.Loop() {
		for _, rows := range record.Changes(e, o, none) {
			b.SetBytes(int64(len(record.EncodeChanges(rows))))
		}
	}
}

// BenchmarkChangesPlain encodes the same rows as stores before the packed form did.
func BenchmarkChangesPlain(b *testing.B) {
	e, o, _ := decided(b)
	none := func(record.ID) *record.State { return nil }
	b.ReportAllocs()
	for b.Loop() {
		for _, rows := range record.Changes(e, o, none) {
			raw, err := record.Encode(rows)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(raw)))
		}
	}
}
