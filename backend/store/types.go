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
	ByHand bool             // the store does its chores in Settle only, so that a simulation runs the same way each time
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
