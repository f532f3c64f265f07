package record

import (
	"time"

	"holdfast/backend/core/clock"
)

// FormatVersion is the newest format of edits that this program writes; it reads all up to it.
//
//	1: the first.
const FormatVersion = 1

// Op says what a mutation does. Ops are open: one that this program does not know is kept and passed on whole.
type Op string

// The mutations of design section 3.
const (
	OpCreate     Op = "create"     // makes the record; Kind is set
	OpSet        Op = "set"        // register or unique: Value replaces the values named in Seen
	OpText       Op = "text"       // text: Value was written on top of Base
	OpAdd        Op = "add"        // set: Value joins the set
	OpRemove     Op = "remove"     // set: Value leaves the set, as far as the adds named in Seen go
	OpAppend     Op = "append"     // list: Item with Value joins the list
	OpCount      Op = "count"      // counter: Delta is added
	OpTransition Op = "transition" // state: from From to Value, with the fields in With
	OpClaim      Op = "claim"      // register: takes Value if the committed value is still Base
	OpArchive    Op = "archive"    // takes the record out of the lists
	OpRestore    Op = "restore"    // puts it back
	OpRedact     Op = "redact"     // removes what Field ever held, or the entry Item of a list, for good; Value says why
	OpSettle     Op = "settle"     // settles the conflict or parked edit named in Seen; Field is empty for a parked edit
)

// Mutation is one step of an edit on one field of one record.
type Mutation struct {
	Op     Op     `cbor:"1,keyasint"`
	Record ID     `cbor:"2,keyasint"`
	Kind   string `cbor:"3,keyasint,omitempty"` // with OpCreate only
	Field  string `cbor:"4,keyasint,omitempty"`
	Value  Value  `cbor:"5,keyasint,omitzero"`
	Base   Value  `cbor:"6,keyasint,omitzero"` // OpText: the text that the author saw; OpClaim: the value that must still stand
	// Seen names the edits whose values the author saw: in the field; for OpTransition also in the fields of With; for OpArchive and OpRestore
	// in the whole record (State.SeenAll); and, on an archived record, the edits that archived it (State.SeenIn adds them).
	Seen  []EditID `cbor:"7,keyasint,omitempty"`
	From  string   `cbor:"8,keyasint,omitempty"` // OpTransition: the state that the author saw
	With  []Pair   `cbor:"9,keyasint,omitempty"` // OpTransition: the fields that belong to the step, set together with it
	Item  ID       `cbor:"10,keyasint,omitzero"`
	Delta int64    `cbor:"11,keyasint,omitempty"`
	// By and On name the person and the instant of an imported step, where they are not the edit's own.
	By ID          `cbor:"12,keyasint,omitzero"`
	On clock.Stamp `cbor:"13,keyasint,omitempty"`
}

// Pair is a field with its value.
type Pair struct {
	Field string `cbor:"1,keyasint"`
	Value Value  `cbor:"2,keyasint,omitzero"`
}

// Draft is an edit that a person means to make, before the store gives it an id, a time and a place in the chain.
type Draft struct {
	Space     Space
	Author    ID // a record of kind person, or zero for the system
	Action    string
	Mutations []Mutation
	Blobs     []Hash
	MaySkip   bool
}

// Header is the part of an edit that is hashed into its incarnation's chain and signed.
type Header struct {
	Format   uint64      `cbor:"1,keyasint"`
	ID       EditID      `cbor:"2,keyasint"`
	Previous Hash        `cbor:"3,keyasint"` // Sealed.Hash of the incarnation's edit before this one; zero for the first
	Time     clock.Stamp `cbor:"4,keyasint"`
	Author   ID          `cbor:"5,keyasint"`
	Space    Space       `cbor:"6,keyasint"`
	Action   string      `cbor:"7,keyasint"`
	MaySkip  bool        `cbor:"8,keyasint,omitempty"`
	Payload  Hash        `cbor:"9,keyasint"` // SHA-256 of the payload's bytes, its salt included
}

// Payload is the part of an edit that redaction may drop.
type Payload struct {
	Salt      []byte     `cbor:"1,keyasint"` // 16 random bytes, so that a dropped payload cannot be guessed from its hash
	Mutations []Mutation `cbor:"2,keyasint"`
	Blobs     []Hash     `cbor:"3,keyasint,omitempty"`
}

// Edit is a decoded edit together with the bytes it came from.
type Edit struct {
	Header
	Payload
	Sealed Sealed
	// Unreadable says why the payload, which is the one that was signed, could not be read; Mutations is empty then.
	Unreadable string
}

// When gives the instant at which m happened: the imported step's own, or the edit's.
func (e *Edit) When(m *Mutation) time.Time {
	if m.On != 0 {
		return m.On.Time()
	}
	return e.Time.Time()
}

// By gives the person who did m: the imported step's own, or the edit's author.
func (e *Edit) By(m *Mutation) ID {
	if m.By != (ID{}) {
		return m.By
	}
	return e.Author
}

// Sealed is an edit as it is stored, hashed, relayed: exact bytes, never encoded again.
type Sealed struct {
	Header  []byte `cbor:"1,keyasint"`
	Payload []byte `cbor:"2,keyasint,omitempty"` // empty when redacted
	// Signature is the device's Ed25519 signature over the hash of Header. It stands on the last edit of a batch and, through the chain,
	// covers the batch's edits before it; on the others it is empty.
	Signature []byte `cbor:"3,keyasint,omitempty"`
}
