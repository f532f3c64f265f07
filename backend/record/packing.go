package record

import (
	"encoding/binary"

	"holdfast/backend/core/clock"
)

// The packed form of states, outcomes and history rows begins with a version byte and tables of the incarnations, people and origins that the
// rest refers to by position, in the order of their first mention. Numbers are uvarints unless said otherwise; bytes and texts have
// their length before them. The same content always gives the same bytes.

// packer writes one packed form.
type packer struct {
	body         []byte
	incarnations table[Incarnation]
	people       table[ID]
	origins      table[Origin]
}

// table gives each value a number, counted from 0.
type table[T comparable] struct {
	list  []T
	index map[T]int // nil while the list is short
}

// tableScan is how long a table is searched from end to end.
const tableScan = 12

func (t *table[T]) number(value T) uint64 {
	if t.index == nil {
		for i := len(t.list) - 1; i >= 0; i-- {
			if t.list[i] == value {
				return uint64(i)
			}
		}
	} else if i, ok := t.index[value]; ok {
		return uint64(i)
	}
	t.list = append(t.list, value)
	switch {
	case t.index != nil:
		t.index[value] = len(t.list) - 1
	case len(t.list) > tableScan:
		t.index = make(map[T]int, 2*len(t.list))
		for i, known := range t.list {
			t.index[known] = i
		}
	}
	return uint64(len(t.list) - 1)
}

func (p *packer) uint(n uint64)       { p.body = binary.AppendUvarint(p.body, n) }
func (p *packer) int(n int64)         { p.body = binary.AppendVarint(p.body, n) }
func (p *packer) byte(b byte)         { p.body = append(p.body, b) }
func (p *packer) raw(b []byte)        { p.body = append(p.body, b...) }
func (p *packer) person(id ID)        { p.uint(p.people.number(id)) }
func (p *packer) origin(o Origin)     { p.uint(p.origins.number(o)) }
func (p *packer) stamp(s clock.Stamp) { p.body = appendStamp(p.body, s) }

func (p *packer) text(s string) {
	p.uint(uint64(len(s)))
	p.body = append(p.body, s...)
}

func (p *packer) value(v Value) {
	p.uint(uint64(len(v)))
	p.body = append(p.body, v...)
}

func (p *packer) edit(id EditID) {
	p.uint(p.incarnations.number(id.Incarnation))
	p.uint(id.Sequence)
}

func (p *packer) edits(ids []EditID) {
	p.uint(uint64(len(ids)))
	for _, id := range ids {
		p.edit(id)
	}
}

// bytes gives the whole: the version, the tables, then the body.
func (p *packer) bytes(version byte) []byte {
	var origins []byte
	for _, o := range p.origins.list {
		origins = binary.AppendUvarint(origins, p.incarnations.number(o.Edit.Incarnation))
		origins = binary.AppendUvarint(origins, o.Edit.Sequence)
		origins = binary.AppendUvarint(origins, p.people.number(o.Author))
		origins = appendStamp(origins, o.At)
		origins = appendStamp(origins, o.On)
	}
	out := make([]byte, 0, 8+24*len(p.incarnations.list)+16*len(p.people.list)+len(origins)+len(p.body))
	out = append(out, version)
	out = binary.AppendUvarint(out, uint64(len(p.incarnations.list)))
	for _, i := range p.incarnations.list {
		out = append(out, i.Device[:]...)
		out = binary.BigEndian.AppendUint64(out, i.Number)
	}
	out = binary.AppendUvarint(out, uint64(len(p.people.list)))
	for _, id := range p.people.list {
		out = append(out, id[:]...)
	}
	out = binary.AppendUvarint(out, uint64(len(p.origins.list)))
	out = append(out, origins...)
	return append(out, p.body...)
}

// appendStamp writes a stamp as its milliseconds and its counter, each a uvarint: most counters are zero.
func appendStamp(out []byte, s clock.Stamp) []byte {
	out = binary.AppendUvarint(out, uint64(s)>>16)
	return binary.AppendUvarint(out, uint64(s)&0xffff)
}

// unpacker reads one packed form. After the first fault it gives zeros; err says whether there was one.
type unpacker struct {
	rest         []byte
	incarnations []Incarnation
	people       []ID
	origins      []Origin
	broken       bool
}

// newUnpacker reads the version and the tables. It keeps no reference to raw beyond what value gives out copies of.
func newUnpacker(raw []byte, version byte) *unpacker {
	u := &unpacker{rest: raw}
	if u.byte() != version {
		u.broken = true
		return u
	}
	u.incarnations = make([]Incarnation, u.count(24))
	for i := range u.incarnations {
		u.incarnations[i] = Incarnation{Device: DeviceID(u.id()), Number: binary.BigEndian.Uint64(u.take(8))}
	}
	u.people = make([]ID, u.count(16))
	for i := range u.people {
		u.people[i] = u.id()
	}
	u.origins = make([]Origin, u.count(7))
	for i := range u.origins {
		u.origins[i] = Origin{Edit: u.edit(), Author: u.person(), At: u.stamp(), On: u.stamp()}
	}
	return u
}

var zeros [16]byte

// take gives the next n bytes, zeros when they are not there. n is at most 16.
func (u *unpacker) take(n int) []byte {
	if u.broken || len(u.rest) < n {
		u.broken = true
		return zeros[:n]
	}
	out := u.rest[:n]
	u.rest = u.rest[n:]
	return out
}

func (u *unpacker) byte() byte { return u.take(1)[0] }
func (u *unpacker) id() ID     { return ID(u.take(16)) }

func (u *unpacker) uint() uint64 {
	n, size := binary.Uvarint(u.rest)
	if u.broken || size <= 0 {
		u.broken = true
		return 0
	}
	u.rest = u.rest[size:]
	return n
}

func (u *unpacker) int() int64 {
	n, size := binary.Varint(u.rest)
	if u.broken || size <= 0 {
		u.broken = true
		return 0
	}
	u.rest = u.rest[size:]
	return n
}

// count reads how many things follow that take at least least bytes each.
func (u *unpacker) count(least int) int {
	n := u.uint()
	if n > uint64(len(u.rest)/least) {
		u.broken = true
		return 0
	}
	return int(n)
}

func (u *unpacker) span() []byte {
	n := u.count(1)
	out := u.rest[:n]
	u.rest = u.rest[n:]
	return out
}

func (u *unpacker) text() string { return string(u.span()) }

// value gives a part of the bytes being read, or nil.
func (u *unpacker) value() Value {
	span := u.span()
	if len(span) == 0 {
		return nil
	}
	return Value(span[:len(span):len(span)])
}

func (u *unpacker) stamp() clock.Stamp {
	return clock.Stamp(u.uint())<<16 | clock.Stamp(u.uint()&0xffff)
}

func pick[T any](u *unpacker, from []T) T {
	var zero T
	n := u.uint()
	if n >= uint64(len(from)) {
		u.broken = true
		return zero
	}
	return from[n]
}

func (u *unpacker) person() ID     { return pick(u, u.people) }
func (u *unpacker) origin() Origin { return pick(u, u.origins) }

func (u *unpacker) edit() EditID {
	return EditID{Incarnation: pick(u, u.incarnations), Sequence: u.uint()}
}

func (u *unpacker) edits() []EditID {
	n := u.count(2)
	if n == 0 {
		return nil
	}
	ids := make([]EditID, n)
	for i := range ids {
		ids[i] = u.edit()
	}
	return ids
}
