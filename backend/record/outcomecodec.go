package record

import (
	"bytes"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// outcomeVersion is the first byte of a packed outcome.
//
//	1: the first.
const outcomeVersion = 1

// Flags of a packed outcome.
const (
	outcomeSkewed = 1 << iota
	outcomeReason
	outcomeRedacts
)

// Flags of a packed write.
const (
	writeKind = 1 << iota
	writeState
	writeArchived
	writeLive
	writeChanged
	writeCreated
)

// results are the numbers of the results in packed outcomes. Append only. Number 0 is followed by the result's name.
var results = [...]Result{1: Applied, 2: Merged, 3: Conflict, 4: Parked, 5: Poison}

// MarshalCBOR gives the outcome as a CBOR byte string of its packed form, so that Encode gives the bytes that are chained.
func (o Outcome) MarshalCBOR() ([]byte, error) { return EncodeOutcome(&o), nil }

// EncodeOutcome gives what Encode gives of an outcome, without the general encoder: a leader encodes each.
func EncodeOutcome(o *Outcome) []byte {
	packed := o.pack()
	return append(appendHead(make([]byte, 0, len(packed)+5), majorBytes, uint64(len(packed))), packed...)
}

// DecodeOutcome reads what EncodeOutcome wrote; fault.Invalid when it cannot be read. The outcome's values are parts of raw: nobody changes either.
func DecodeOutcome(raw []byte, into *Outcome) error {
	packed, err := packedOutcome(raw)
	if err == nil {
		err = into.unpack(packed)
	}
	if err != nil {
		return errUnreadable(err)
	}
	return nil
}

// UnmarshalCBOR reads what MarshalCBOR wrote.
func (o *Outcome) UnmarshalCBOR(raw []byte) error {
	packed, err := packedOutcome(raw)
	if err != nil {
		return err
	}
	return o.unpack(bytes.Clone(packed)) // raw is the decoder's
}

func packedOutcome(raw []byte) ([]byte, error) {
	w := wire{rest: raw}
	packed := w.span(majorBytes)
	if w.bad || len(w.rest) != 0 {
		return nil, errDamaged("record.DecodeOutcome")
	}
	return packed, nil
}

var (
	_ cbor.Marshaler   = Outcome{}
	_ cbor.Unmarshaler = (*Outcome)(nil)
)

func (o *Outcome) pack() []byte {
	p := packer{body: make([]byte, 0, 768)}
	p.edit(o.Edit)
	p.raw(o.Hash[:])
	p.uint(o.Commit)
	p.result(o.Result)
	var flags byte
	if o.Skewed {
		flags |= outcomeSkewed
	}
	if o.Reason != nil {
		flags |= outcomeReason
	}
	if o.Redacts != nil {
		flags |= outcomeRedacts
	}
	p.byte(flags)
	if o.Reason != nil {
		p.reason(o.Reason)
	}
	p.stamp(o.Effective)
	p.uint(uint64(len(o.Writes)))
	for i := range o.Writes {
		p.write(&o.Writes[i])
	}
	p.edits(o.Settles)
	if o.Redacts != nil {
		p.redaction(o.Redacts)
	}
	return p.bytes(outcomeVersion)
}

func (p *packer) result(result Result) {
	n := slices.Index(results[1:], result) + 1
	p.byte(byte(n))
	if n == 0 {
		p.text(string(result))
	}
}

func (p *packer) reason(r *Reason) {
	p.text(r.Code)
	p.text(r.Sentence)
	names := make([]string, 0, len(r.Args))
	for name := range r.Args {
		names = append(names, name)
	}
	slices.Sort(names)
	p.uint(uint64(len(names)))
	for _, name := range names {
		p.text(name)
		p.text(r.Args[name])
	}
}

func (p *packer) write(w *Write) {
	var flags byte
	mark := func(there bool, flag byte) {
		if there {
			flags |= flag
		}
	}
	mark(w.Kind != "", writeKind)
	mark(w.State != nil, writeState)
	mark(w.Archived != nil && *w.Archived, writeArchived)
	mark(w.Archived != nil && !*w.Archived, writeLive)
	mark(w.Changed != nil, writeChanged)
	mark(w.Created != nil, writeCreated)
	p.byte(flags)
	p.person(w.Record)
	p.text(w.Field)
	if w.Kind != "" {
		p.text(w.Kind)
		p.text(string(w.Space))
	}
	if w.Changed != nil {
		p.origin(*w.Changed)
	}
	if w.Created != nil {
		p.origin(*w.Created)
	}
	if w.State != nil {
		p.field(w.State)
	}
}

func (o *Outcome) unpack(raw []byte) error {
	u := newUnpacker(raw, outcomeVersion)
	at := u.place()
	*o = Outcome{Edit: at.Edit, Hash: at.Hash, Commit: at.Commit, Result: u.result()}
	flags := u.byte()
	o.Skewed = flags&outcomeSkewed != 0
	if flags&outcomeReason != 0 {
		o.Reason = u.reason()
	}
	o.Effective = u.stamp()
	if n := u.count(3); n > 0 {
		o.Writes = make([]Write, n)
		for i := range o.Writes {
			o.Writes[i] = u.write()
		}
	}
	o.Settles = u.edits()
	if flags&outcomeRedacts != 0 {
		o.Redacts = u.redaction()
	}
	if u.broken || len(u.rest) != 0 {
		return errDamaged("record.DecodeOutcome")
	}
	return nil
}

// OutcomePlace is where an outcome belongs: its edit, that edit's hash, and its commit number.
type OutcomePlace struct {
	Edit   EditID
	Hash   Hash
	Commit uint64
}

// DecodeOutcomePlace reads an encoded outcome's place alone, which costs a fraction of reading all of it; fault.Invalid when that cannot be read. The rest
// is not looked at.
func DecodeOutcomePlace(raw []byte) (OutcomePlace, error) {
	packed, err := packedOutcome(raw)
	if err != nil {
		return OutcomePlace{}, errUnreadable(err)
	}
	u := newUnpacker(packed, outcomeVersion)
	place := u.place()
	if u.broken {
		return OutcomePlace{}, errUnreadable(errDamaged("record.DecodeOutcomePlace"))
	}
	return place, nil
}

func (u *unpacker) place() OutcomePlace {
	place := OutcomePlace{Edit: u.edit()}
	copy(place.Hash[:16], u.take(16))
	copy(place.Hash[16:], u.take(16))
	place.Commit = u.uint()
	return place
}

func (u *unpacker) result() Result {
	n := u.byte()
	switch {
	case n == 0:
		return Result(u.text())
	case int(n) < len(results):
		return results[n]
	}
	u.broken = true
	return ""
}

func (u *unpacker) reason() *Reason {
	r := &Reason{Code: u.text(), Sentence: u.text()}
	if n := u.count(2); n > 0 {
		r.Args = make(map[string]string, n)
		for range n {
			name := u.text()
			r.Args[name] = u.text()
		}
	}
	return r
}

func (u *unpacker) write() Write {
	flags := u.byte()
	w := Write{Record: u.person(), Field: u.text()}
	if flags&writeKind != 0 {
		w.Kind, w.Space = u.text(), Space(u.text())
	}
	if flags&(writeArchived|writeLive) != 0 {
		archived := flags&writeArchived != 0
		w.Archived = &archived
	}
	if flags&writeChanged != 0 {
		o := u.origin()
		w.Changed = &o
	}
	if flags&writeCreated != 0 {
		o := u.origin()
		w.Created = &o
	}
	if flags&writeState != 0 {
		f := u.field()
		w.State = &f
	}
	return w
}
