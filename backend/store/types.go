package store

import (
	"crypto/ed25519"
	"io"
	"log/slog"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Codes of this package besides those of core/fault.
const (
	// Trimmed: the commits asked for are no longer kept; take a snapshot of the space instead.
	Trimmed fault.Code = "trimmed"
	// Gap: the run does not follow what is held; ask for it from Received.Held + 1.
	Gap fault.Code = "gap"
)

// Config says where a store lives and what it needs from outside.
type Config struct {
	Dir    string           // the data folder; made when it is missing
	Device Signer           // signs this device's edits; its key lies outside Dir
	Kinds  record.Catalogue // used for nothing but health reports; records of unknown kinds are kept all the same
	Wall   clock.Wall       // nil: time.Now
	Random io.Reader        // incarnation numbers and salts; nil: crypto/rand
	Log    *slog.Logger     // nil: nothing is logged
	Files  FileSystem       // where the journal lives; nil: the operating system's
	Key    []byte           // 16, 24 or 32 random bytes: encrypts database and journal (not blobs); nil: plain
}

// Signer is this device's identity. Sign is called from one goroutine at a time.
type Signer interface {
	ID() record.DeviceID
	Sign(message []byte) []byte
	PublicKey() ed25519.PublicKey
}

// RaftPosition is how far the replicated log has been applied; zero for a replica that is no node, and for commits received by a session.
type RaftPosition struct {
	Index uint64 `cbor:"1,keyasint"`
	Term  uint64 `cbor:"2,keyasint"`
}

// Received says what became of a run of edits handed to Receive.
type Received struct {
	Accepted    int             // edits that were new and are held now
	Known       int             // edits that were held or committed already
	Quarantined []record.EditID // edits whose id already names other content, and what follows them
	Held        uint64          // highest sequence of the incarnation that is held or committed without a gap
}

// Commit is one step of a space's agreed order, as sessions pass it on.
type Commit struct {
	Outcome    []byte        `cbor:"1,keyasint"` // the encoded record.Outcome, exactly as chained
	Sealed     record.Sealed `cbor:"2,keyasint"` // a session may leave it empty where the receiver holds the edit
	Time       clock.Stamp   `cbor:"3,keyasint"`
	Generation uint64        `cbor:"4,keyasint"`
}

// Tail summarises an incarnation with edits that are not committed yet.
type Tail struct {
	Incarnation record.Incarnation `cbor:"1,keyasint"`
	Committed   uint64             `cbor:"2,keyasint"` // highest committed sequence
	Held        uint64             `cbor:"3,keyasint"` // highest sequence held; greater than Committed
}

// ParkedEdit is an edit that the group did not apply and that nobody has settled yet.
type ParkedEdit struct {
	Edit    *record.Edit
	Outcome *record.Outcome
}

// Quarantined is an edit that was set aside because its id already names other content, or because it hangs on such an edit.
type Quarantined struct {
	Edit record.EditID `cbor:"1,keyasint"`
	// Sealed holds the bytes as received.
	Sealed record.Sealed `cbor:"2,keyasint"`
	Space  record.Space  `cbor:"3,keyasint"`
	// Reissue says that this device wrote the edit itself and offers it again under a new id; NewID names it once that is done.
	Reissue bool          `cbor:"4,keyasint,omitempty"`
	NewID   record.EditID `cbor:"5,keyasint"`
}

// ChangeSet says what changed since the subscription's last one. It goes out after the transaction that it speaks of.
type ChangeSet struct {
	Revision   uint64         // of the store, counted since Open; grows with every change
	Records    []record.ID    // touched records, each once
	Everything bool           // more changed than Records can say (restore, first sync): read all again
	Moved      []record.Space // spaces whose frontier moved
	Pending    int            // tentative edits held, all spaces
}
