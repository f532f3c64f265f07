// Package audit writes the agreed history of a cluster to a file and verifies such a file without any of its devices: every outcome chains the
// hash of the one before it, every outcome names the hash of its edit, and every edit is signed, through its incarnation's chain, by the device
// that wrote it (design section 7).
//
// The file is JSON Lines: a Head, one Device for each author, then the commits of one space after the other in their order, each space closed by an
// End. Bytes are base64, exactly as they were hashed and signed.
package audit

import (
	"time"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// FormatVersion is the version of the file.
const FormatVersion = 1

// Altered says that a history is not the one that was agreed.
const Altered fault.Code = "history_altered"

// Head is the first line.
type Head struct {
	Format  int       `json:"holdfastAudit"`
	Cluster string    `json:"cluster"`
	Made    time.Time `json:"made"`
}

// Device gives an author's public key. A device's id is made of its key, so the line proves itself.
type Device struct {
	ID   string `json:"device"`
	Name string `json:"name"`
	Key  []byte `json:"key"` // Ed25519
}

// Commit is one step of a space's order.
type Commit struct {
	Space      record.Space `json:"space"`
	Number     uint64       `json:"commit"`
	Generation uint64       `json:"generation"`
	Time       clock.Stamp  `json:"time"`
	Outcome    []byte       `json:"outcome"`
	Header     []byte       `json:"header"`
	Payload    []byte       `json:"payload,omitempty"` // left out when it was redacted
	Signature  []byte       `json:"signature,omitempty"`
	// Removed says that the content of the step was removed for good: Outcome says what was decided and not what was written, and Chain is what a later step, which removed it, says of this one.
	Removed bool   `json:"removed,omitempty"`
	Chain   string `json:"chain"` // hex: record.ChainHash over every outcome up to this one
}

// End closes a space with what its replica says of it.
type End struct {
	Space record.Space `json:"end"`
	Last  uint64       `json:"last"`
	Chain string       `json:"head"` // hex: the chain at the last one
}

// line is any line of the file: the fields tell which.
type line struct {
	Head
	Device
	Commit
	End
}
