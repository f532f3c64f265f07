package record

import (
	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
)

func appendHeader(out []byte, h *Header) []byte {
	keys := uint64(8)
	if h.MaySkip {
		keys++
	}
	out = appendHead(out, majorMap, keys)
	out = appendUint(out, 1, h.Format)
	out = appendEditID(append(out, 2), h.ID)
	out = appendBytes(out, 3, h.Previous[:])
	out = appendUint(out, 4, uint64(h.Time))
	out = appendBytes(out, 5, h.Author[:])
	out = appendText(out, 6, string(h.Space))
	out = appendText(out, 7, h.Action)
	if h.MaySkip {
		out = append(out, 8, 0xf5)
	}
	return appendBytes(out, 9, h.Payload[:])
}

func appendPayload(out []byte, p *Payload) []byte {
	keys := uint64(2)
	if len(p.Blobs) > 0 {
		keys++
	}
	out = appendHead(out, majorMap, keys)
	out = appendBytes(out, 1, p.Salt)
	out = appendHead(append(out, 2), majorArray, uint64(len(p.Mutations)))
	for i := range p.Mutations {
		out = appendMutation(out, &p.Mutations[i])
	}
	if len(p.Blobs) > 0 {
		out = appendHead(append(out, 3), majorArray, uint64(len(p.Blobs)))
		for _, hash := range p.Blobs {
			out = append(appendHead(out, majorBytes, uint64(len(hash))), hash[:]...)
		}
	}
	return out
}

func appendMutation(out []byte, m *Mutation) []byte {
	start := len(out)
	keys := byte(2)
	out = append(out, 0) // the head, filled in at the end: a map of fewer than 24 pairs
	out = appendText(out, 1, string(m.Op))
	out = appendBytes(out, 2, m.Record[:])
	text := func(key byte, text string) {
		if text != "" {
			out = appendText(out, key, text)
			keys++
		}
	}
	value := func(key byte, v Value) {
		if len(v) > 0 {
			out = appendValue(out, key, v)
			keys++
		}
	}
	id := func(key byte, id ID) {
		if id != (ID{}) {
			out = appendBytes(out, key, id[:])
			keys++
		}
	}
	text(3, m.Kind)
	text(4, m.Field)
	value(5, m.Value)
	value(6, m.Base)
	if len(m.Seen) > 0 {
		out = appendHead(append(out, 7), majorArray, uint64(len(m.Seen)))
		for _, seen := range m.Seen {
			out = appendEditID(out, seen)
		}
		keys++
	}
	text(8, m.From)
	if len(m.With) > 0 {
		out = appendPairs(append(out, 9), m.With)
		keys++
	}
	id(10, m.Item)
	if m.Delta != 0 {
		out = appendInt(out, 11, m.Delta)
		keys++
	}
	id(12, m.By)
	if m.On != 0 {
		out = appendUint(out, 13, uint64(m.On))
		keys++
	}
	out[start] = majorMap<<5 | keys
	return out
}

func appendPairs(out []byte, pairs []Pair) []byte {
	out = appendHead(out, majorArray, uint64(len(pairs)))
	for _, pair := range pairs {
		if len(pair.Value) == 0 {
			out = appendText(append(out, majorMap<<5|1), 1, pair.Field)
			continue
		}
		out = appendText(append(out, majorMap<<5|2), 1, pair.Field)
		out = appendValue(out, 2, pair.Value)
	}
	return out
}

// checkValues refuses values that are not one well-formed item each.
func checkValues(p *Payload) bool {
	sound := func(v Value) bool {
		w := wire{rest: v}
		if len(v) > 0 {
			w.skip(valueDepth)
		}
		return !w.bad && len(w.rest) == 0
	}
	for i := range p.Mutations {
		m := &p.Mutations[i]
		if !sound(m.Value) || !sound(m.Base) {
			return false
		}
		for _, pair := range m.With {
			if !sound(pair.Value) {
				return false
			}
		}
	}
	return true
}

// valueDepth is how deep a value stands in a payload: payload, mutations, mutation, pairs, pair.
const valueDepth = 6

func decodeHeader(raw []byte, h *Header) error {
	w := wire{rest: raw}
	w.keyed(1, func(key uint64) bool {
		switch key {
		case 1:
			h.Format = w.uint()
		case 2:
			h.ID = w.editID(2)
		case 3:
			w.exactly(h.Previous[:])
		case 4:
			h.Time = clock.Stamp(w.uint())
		case 5:
			w.exactly(h.Author[:])
		case 6:
			h.Space = Space(w.text())
		case 7:
			h.Action = w.text()
		case 8:
			h.MaySkip = w.flag()
		case 9:
			w.exactly(h.Payload[:])
		default:
			return false
		}
		return true
	})
	return w.done()
}

func (w *wire) done() error {
	if w.bad || len(w.rest) != 0 {
		return fault.New(fault.Invalid, "record.Decode", "Data from another device could not be read. It was set aside; nothing was changed.")
	}
	return nil
}

// decodePayload reads a payload whose values are parts of raw.
func decodePayload(raw []byte, p *Payload) error {
	w := wire{rest: raw}
	w.keyed(1, func(key uint64) bool {
		switch key {
		case 1:
			p.Salt = w.span(majorBytes)
		case 2:
			n := w.count(majorArray)
			if n > limit.MutationsMax {
				w.bad = true
				return true
			}
			p.Mutations = make([]Mutation, n)
			for i := range p.Mutations {
				w.mutation(&p.Mutations[i])
			}
		case 3:
			p.Blobs = make([]Hash, w.count(majorArray))
			for i := range p.Blobs {
				w.exactly(p.Blobs[i][:])
			}
		default:
			return false
		}
		return true
	})
	return w.done()
}

func (w *wire) mutation(m *Mutation) {
	w.keyed(3, func(key uint64) bool {
		switch key {
		case 1:
			m.Op = w.op()
		case 2:
			w.exactly(m.Record[:])
		case 3:
			m.Kind = w.text()
		case 4:
			m.Field = w.text()
		case 5:
			m.Value = w.value(valueDepth)
		case 6:
			m.Base = w.value(valueDepth)
		case 7:
			m.Seen = w.editIDs()
		case 8:
			m.From = w.text()
		case 9:
			m.With = w.pairs()
		case 10:
			w.exactly(m.Item[:])
		case 11:
			m.Delta = w.int()
		case 12:
			w.exactly(m.By[:])
		case 13:
			m.On = clock.Stamp(w.uint())
		default:
			return false
		}
		return true
	})
}

// op reads an op without a copy where it is a known one.
func (w *wire) op() Op {
	raw := w.span(majorText)
	for _, op := range [...]Op{OpSet, OpCreate, OpText, OpAdd, OpRemove, OpAppend, OpCount, OpTransition, OpClaim} {
		if string(raw) == string(op) {
			return op
		}
	}
	return Op(raw) // checkPayload looks at whether it is text
}

func (w *wire) editID(depth int) EditID {
	var id EditID
	w.keyed(depth, func(key uint64) bool {
		switch key {
		case 1:
			w.exactly(id.Device[:])
		case 2:
			id.Number = w.uint()
		case 3:
			id.Sequence = w.uint()
		default:
			return false
		}
		return true
	})
	return id
}

func (w *wire) editIDs() []EditID {
	ids := make([]EditID, w.count(majorArray))
	for i := range ids {
		ids[i] = w.editID(4)
	}
	return ids
}

func (w *wire) pairs() []Pair {
	pairs := make([]Pair, w.count(majorArray))
	for i := range pairs {
		w.keyed(5, func(key uint64) bool {
			switch key {
			case 1:
				pairs[i].Field = w.text()
			case 2:
				pairs[i].Value = w.value(valueDepth)
			default:
				return false
			}
			return true
		})
	}
	return pairs
}
