package record

import "holdfast/backend/core/clock"

// Result is what the group decided for one edit.
type Result string

// The results of design section 1.
const (
	Applied  Result = "applied"
	Merged   Result = "merged"   // applied, and a text was merged
	Conflict Result = "conflict" // applied, and a field holds more than one value since
	Parked   Result = "parked"   // not applied; kept for a person with Reason
	Poison   Result = "poison"   // cannot be evaluated
)

// Reason says why an edit was parked or found poison: a stable code, and the sentence for people.
type Reason struct {
	Code     string `cbor:"1,keyasint"`
	Sentence string `cbor:"2,keyasint"`
	// Args are the facts in the sentence, for a UI that words it itself: ids as text, instants in RFC 3339.
	Args map[string]string `cbor:"3,keyasint,omitempty"`
	// Speaks says of an edit that is refused altogether that its author may speak: its comments are kept, as those of other parked edits are. Never encoded.
	Speaks bool `cbor:"-"`
}

// Outcome is the leader's decision on one edit: all that a replica must write, so that applying is mechanical.
type Outcome struct {
	Edit      EditID      `cbor:"1,keyasint"`
	Hash      Hash        `cbor:"2,keyasint"` // Sealed.Hash of the edit
	Commit    uint64      `cbor:"3,keyasint"`
	Result    Result      `cbor:"4,keyasint"`
	Reason    *Reason     `cbor:"5,keyasint,omitempty"`
	Effective clock.Stamp `cbor:"6,keyasint"`
	Skewed    bool        `cbor:"7,keyasint,omitempty"` // the author's clock was beyond the tolerance
	// Writes are the new committed states of the fields that the edit and its consequences touched.
	Writes []Write `cbor:"8,keyasint,omitempty"`
	// Settles names the edits whose conflict or parked edit this one settled.
	Settles []EditID `cbor:"9,keyasint,omitempty"`
	// Redacts is what the outcome removes for good, or nil.
	Redacts *Redaction `cbor:"10,keyasint,omitempty"`
	// Trouble is what went wrong inside an evaluation that gave Poison: for the leader's log only, never encoded.
	Trouble string `cbor:"-"`
}

// Write replaces the committed state of one field of one record; a list's Field carries only the new items.
type Write struct {
	Record   ID     `cbor:"1,keyasint"`
	Kind     string `cbor:"2,keyasint,omitempty"` // set where the record comes into being
	Field    string `cbor:"3,keyasint,omitempty"` // empty: only the record's own life cycle
	State    *Field `cbor:"4,keyasint,omitempty"`
	Archived *bool  `cbor:"5,keyasint,omitempty"`
	// Space and Created are set together with Kind. Changed is set on the first write of each record: the edit that brought it about.
	Space   Space   `cbor:"6,keyasint,omitempty"`
	Changed *Origin `cbor:"7,keyasint,omitempty"`
	Created *Origin `cbor:"8,keyasint,omitempty"`
}

// EntryFormat is the newest format of entries that this program reads. A leader writes a format only once all voters read it (sync/node).
//
//	1: the first.
const EntryFormat = 1

// Entry is one entry of the replicated log: edits with their outcomes, evaluated at one commit number of one space.
type Entry struct {
	Format      uint64      `cbor:"1,keyasint"` // EntryFormat
	Space       Space       `cbor:"2,keyasint"`
	Generation  uint64      `cbor:"3,keyasint"`
	EvaluatedAt uint64      `cbor:"4,keyasint"` // the commit number before the entry's first outcome
	Time        clock.Stamp `cbor:"5,keyasint"` // the leader's
	Edits       []Sealed    `cbor:"6,keyasint"` // Edits[i] belongs to Outcomes[i]
	Outcomes    [][]byte    `cbor:"7,keyasint"` // each an encoded Outcome: the bytes that are chained
	// Before is the space's chain hash at EvaluatedAt: entries planned on one that never came about can meet the same number. Zero: not checked.
	Before Hash `cbor:"8,keyasint"`
}

// Frontier says how far a replica is in one space.
type Frontier struct {
	Space      Space       `cbor:"1,keyasint"`
	Generation uint64      `cbor:"2,keyasint"`
	Commit     uint64      `cbor:"3,keyasint"`
	Chain      Hash        `cbor:"4,keyasint"` // hash over every outcome so far
	Digest     Hash        `cbor:"5,keyasint"` // hash over the committed state, independent of how it came about
	Time       clock.Stamp `cbor:"6,keyasint"` // the newest entry's
}

// Change is one row of a record's history: who set which field, when, from what to what, on which device.
type Change struct {
	Edit   EditID      `cbor:"1,keyasint"`
	Author ID          `cbor:"2,keyasint"`
	At     clock.Stamp `cbor:"3,keyasint"` // when it happened, as the author or the import says
	Action string      `cbor:"4,keyasint"`
	Field  string      `cbor:"5,keyasint,omitempty"`
	From   Value       `cbor:"6,keyasint,omitempty"`
	To     Value       `cbor:"7,keyasint,omitempty"`
	Result Result      `cbor:"8,keyasint,omitempty"` // empty while tentative
	Commit uint64      `cbor:"9,keyasint,omitempty"`
}
