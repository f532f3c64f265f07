package session

import (
	"holdfast/backend/core/clock"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// Kind is a message's first byte. Kinds are only ever appended.
type Kind byte

// The kinds of messages.
const (
	KindHello         Kind = 1
	KindProgress      Kind = 2
	KindCommits       Kind = 3
	KindWantCommits   Kind = 4
	KindEdits         Kind = 5
	KindWantEdits     Kind = 6
	KindDevices       Kind = 7
	KindWantDevices   Kind = 8
	KindGoodbye       Kind = 9
	KindSnapshotOffer Kind = 10
	KindSnapshotWant  Kind = 11
	KindSnapshot      Kind = 12
	KindBlobWant      Kind = 13
	KindBlobChunk     Kind = 14
	KindBlobHave      Kind = 15
	KindOutOfReach    Kind = 16
)

// Message is one of this package's messages. A message's byte slices belong to the session that it is given to.
type Message interface {
	Kind() Kind
	// check reports the first bound that the message breaks, as a sentence's end, or "".
	check() string
}

// Range is a range of versions, both ends included.
type Range struct {
	From uint64 `cbor:"1,keyasint"`
	To   uint64 `cbor:"2,keyasint"`
}

// HeldTail says that a replica holds edits of an incarnation up to Held, not all of them committed.
type HeldTail struct {
	Incarnation record.Incarnation `cbor:"1,keyasint"`
	Held        uint64             `cbor:"2,keyasint"`
}

// Position is how far a replica is in one space. In Hello the tails are all of the space's uncommitted ones; in Progress
// only those that changed.
type Position struct {
	Frontier record.Frontier `cbor:"1,keyasint"`
	Tails    []HeldTail      `cbor:"2,keyasint,omitempty"`
}

// Hello opens a session, once from each side.
type Hello struct {
	Protocol  Range           `cbor:"1,keyasint"`
	Format    Range           `cbor:"2,keyasint"` // of edits and entries
	Device    record.DeviceID `cbor:"3,keyasint"`
	Cluster   string          `cbor:"4,keyasint"`
	Role      Role            `cbor:"5,keyasint"`
	Positions []Position      `cbor:"6,keyasint,omitempty"` // one for each space that the sender shares with this peer
	// OwnCommits says that the sender has its commits from elsewhere: commits are not to be offered to it.
	OwnCommits bool `cbor:"7,keyasint,omitempty"`
	// Replaces says that the sender takes a snapshot of this peer also where it has commits of its own.
	Replaces bool `cbor:"8,keyasint,omitempty"`
	// Generations are the signed statements of the cluster's forced recoveries that the sender knows, oldest first.
	Generations [][]byte `cbor:"9,keyasint,omitempty"`
}

// Progress says what the sender holds by now, and acknowledges.
type Progress struct {
	Taken     uint64     `cbor:"1,keyasint"` // how many data messages (Commits, Edits, Snapshot, BlobChunk) the sender has taken in
	Positions []Position `cbor:"2,keyasint,omitempty"`
}

// CommitRow is one commit: the outcome's exact bytes, and the edit where the receiver may lack it.
type CommitRow struct {
	Outcome []byte         `cbor:"1,keyasint"`
	Time    clock.Stamp    `cbor:"2,keyasint"`
	Sealed  *record.Sealed `cbor:"3,keyasint,omitempty"`
}

// Commits carries commits From, From+1, … of a space.
type Commits struct {
	Space      record.Space `cbor:"1,keyasint"`
	Generation uint64       `cbor:"2,keyasint"`
	From       uint64       `cbor:"3,keyasint"`
	Chain      record.Hash  `cbor:"4,keyasint"` // the sender's chain hash after the last row
	Rows       []CommitRow  `cbor:"5,keyasint"`
}

// WantCommits asks for commits from From on, each with its edit: the sender lacked one that was left out.
type WantCommits struct {
	Space record.Space `cbor:"1,keyasint"`
	From  uint64       `cbor:"2,keyasint"`
	Chain record.Hash  `cbor:"3,keyasint"` // the sender's chain hash before From
}

// OutOfReach says that the sender no longer keeps the commits that the receiver lacks: the receiver is not to hold its edits back until they come.
type OutOfReach struct {
	Space record.Space `cbor:"1,keyasint"`
}

// Edits carries a contiguous run of one incarnation that ends on a signed edit.
type Edits struct {
	Space       record.Space       `cbor:"1,keyasint"`
	Incarnation record.Incarnation `cbor:"2,keyasint"`
	From        uint64             `cbor:"3,keyasint"`
	Run         []record.Sealed    `cbor:"4,keyasint"`
}

// WantEdits asks for an incarnation's edits from From on: what came did not join on to what the sender holds.
type WantEdits struct {
	Space       record.Space       `cbor:"1,keyasint"`
	Incarnation record.Incarnation `cbor:"2,keyasint"`
	From        uint64             `cbor:"3,keyasint"`
}

// Device introduces the author of edits: the key that its id is made of, and the certificate that makes it one of the cluster.
type Device struct {
	Key         []byte `cbor:"1,keyasint"` // raw Ed25519 public key
	Certificate []byte `cbor:"2,keyasint"` // X.509, DER
}

// Introductions introduces authors, before their edits or when asked.
type Introductions struct {
	Devices []Device `cbor:"1,keyasint"`
}

// WantDevices asks who the authors are whose edits came.
type WantDevices struct {
	IDs []record.DeviceID `cbor:"1,keyasint"`
}

// SnapshotOffer offers a space's whole committed state to a peer that is too far behind for single commits. The commits wait for the answer.
type SnapshotOffer struct {
	Frontier record.Frontier `cbor:"1,keyasint"` // where the receiver will stand
}

// SnapshotWant takes an offer up.
type SnapshotWant struct {
	Space record.Space `cbor:"1,keyasint"`
	After []byte       `cbor:"2,keyasint,omitempty"` // the last key that the sender holds from before a cut; empty: begin at the start
}

// Snapshot carries the next chunk of a space's committed state.
type Snapshot struct {
	Space record.Space `cbor:"1,keyasint"`
	Chunk store.Chunk  `cbor:"2,keyasint"`
}

// BlobWant asks for a blob from a byte on.
type BlobWant struct {
	Hash   record.Hash `cbor:"1,keyasint"`
	Offset uint64      `cbor:"2,keyasint"`
}

// BlobChunk answers BlobWant, chunk by chunk up to the end.
type BlobChunk struct {
	Hash   record.Hash `cbor:"1,keyasint"`
	Offset uint64      `cbor:"2,keyasint"`
	Total  uint64      `cbor:"3,keyasint,omitempty"`
	Bytes  []byte      `cbor:"4,keyasint,omitempty"`
	// Missing says that the sender does not hold the blob; it sends BlobHave when it does.
	Missing bool `cbor:"5,keyasint,omitempty"`
}

// BlobHave says that a blob is here now: one that the receiver has asked for in vain, or has given.
type BlobHave struct {
	Hash record.Hash `cbor:"1,keyasint"`
}

// Goodbye ends the session. The sentence is for the log: people are shown the receiver's own sentence for the code.
type Goodbye struct {
	Code     string `cbor:"1,keyasint"`
	Sentence string `cbor:"2,keyasint"`
}

// Kind names the message's kind.
func (*Hello) Kind() Kind { return KindHello }

// Kind names the message's kind.
func (*Progress) Kind() Kind { return KindProgress }

// Kind names the message's kind.
func (*Commits) Kind() Kind { return KindCommits }

// Kind names the message's kind.
func (*WantCommits) Kind() Kind { return KindWantCommits }

// Kind names the message's kind.
func (*OutOfReach) Kind() Kind { return KindOutOfReach }

// Kind names the message's kind.
func (*Edits) Kind() Kind { return KindEdits }

// Kind names the message's kind.
func (*WantEdits) Kind() Kind { return KindWantEdits }

// Kind names the message's kind.
func (*Introductions) Kind() Kind { return KindDevices }

// Kind names the message's kind.
func (*WantDevices) Kind() Kind { return KindWantDevices }

// Kind names the message's kind.
func (*SnapshotOffer) Kind() Kind { return KindSnapshotOffer }

// Kind names the message's kind.
func (*SnapshotWant) Kind() Kind { return KindSnapshotWant }

// Kind names the message's kind.
func (*BlobHave) Kind() Kind { return KindBlobHave }

// Kind names the message's kind.
func (*Snapshot) Kind() Kind { return KindSnapshot }

// Kind names the message's kind.
func (*BlobWant) Kind() Kind { return KindBlobWant }

// Kind names the message's kind.
func (*BlobChunk) Kind() Kind { return KindBlobChunk }

// Kind names the message's kind.
func (*Goodbye) Kind() Kind { return KindGoodbye }
