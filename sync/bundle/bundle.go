// Package bundle carries a session's output in files: signed by the device that wrote them, encrypted to the devices that may read them, cut into parts that each
// stand for themselves. What the files hold are the session's own messages, made and taken in by its step function.
package bundle

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"io"
	"log/slog"
	"time"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
	"holdfast/sync/session"
	"holdfast/sync/standing"
)

// The codes of this package.
const (
	NotABundle fault.Code = "not_a_bundle"      // the file is something else
	Truncated  fault.Code = "bundle_truncated"  // the part ends before its end
	Altered    fault.Code = "bundle_altered"    // the part is not what was signed
	NotForUs   fault.Code = "bundle_not_for_us" // nothing in it is encrypted for this device
	NoReaders  fault.Code = "bundle_no_readers" // no other device is known that could read it
	Broken     fault.Code = "bundle_broken"     // signed as it is, but what is inside breaks the rules
	TooBehind  fault.Code = "bundle_too_new"    // it builds on agreed changes that this device lacks
)

const (
	// PartBytesMin bounds how small a part may be asked for: every message of a session fits into one.
	PartBytesMin = 4 << 20
	// PartsMax bounds the parts of one bundle.
	PartsMax = 9999
	// BundlesKeptMax bounds the unfinished bundles that are kept.
	BundlesKeptMax = 16
)

// ID names a bundle.
type ID [16]byte

// String gives the id in hexadecimal.
func (i ID) String() string { return hex.EncodeToString(i[:]) }

// Store is the replica with its named values; *store.Store is one.
type Store interface {
	session.Replica
	standing.Values
	Spaces() []record.Space
}

// Config is what writing and reading bundles need.
type Config struct {
	Credentials *enrol.Credentials
	Store       Store
	Devices     session.Devices
	// Readers gives the public keys of the devices that may read a space, as far as this device knows them; whom the cluster has shut out is not among them.
	Readers func(space record.Space) []ed25519.PublicKey
	// MayRead reports whether a device may read a space.
	MayRead         func(device record.DeviceID, space record.Space) bool
	CommitsFromRaft bool // as in session.Config
	// Generation and Generations are as in session.Config; nil: the cluster was never recovered, as far as anybody here knows.
	Generation  uint64
	Generations session.Generations
	Snapshots   session.Snapshots // nil: whole spaces are neither given nor taken
	Blobs       session.Blobs     // nil: files are neither given nor taken
	Claims      *session.Claims   // as in session.Config
	Wall        clock.Wall
	Random      io.Reader
	Log         *slog.Logger
}

func (c *Config) cluster() string { return c.Credentials.Identity().Cluster.String() }

func (c *Config) self() record.DeviceID { return c.Credentials.Identity().Device }

// Part is what one file of a bundle says of itself without being opened: its signature fits, but by whom it really is only the inside proves.
type Part struct {
	Bundle  ID
	Number  int // from 1
	Parts   int
	Cluster string
	Device  record.DeviceID
	Made    time.Time // by the device's clock
	Bytes   int64
}

// Content counts what a bundle, or what was read of it, holds.
type Content struct {
	Spaces []SpaceContent
	Files  int // attached files, whole
}

// SpaceContent counts one space.
type SpaceContent struct {
	Space      record.Space
	Generation uint64
	Edits      int // changes that were not agreed when the bundle was made
	Commits    int // agreed changes, one by one
	From, To   uint64
	// Snapshot says that the agreed state came as a whole, up to commit To.
	Snapshot bool
	// Incomplete says that the writer no longer kept agreed changes that its readers may lack.
	Incomplete bool
}

func (c *Content) space(name record.Space) *SpaceContent {
	for i := range c.Spaces {
		if c.Spaces[i].Space == name {
			return &c.Spaces[i]
		}
	}
	c.Spaces = append(c.Spaces, SpaceContent{Space: name})
	return &c.Spaces[len(c.Spaces)-1]
}

func (s *SpaceContent) commits(from, count uint64) {
	if s.Commits == 0 && !s.Snapshot {
		s.From = from
	}
	s.Commits += int(count)
	s.To = max(s.To, from+count-1)
}

// contextReader ends with the context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
