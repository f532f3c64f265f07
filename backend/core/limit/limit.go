// Package limit is the one home of the bounds on sizes, counts and times, unit last in each name.
package limit

import "time"

const (
	// EditBytesMax bounds one edit's payload; larger content travels as a blob.
	EditBytesMax = 1 << 20
	// MutationsMax bounds the mutations of one edit.
	MutationsMax = 4096
	// NameBytesMax bounds the name of a kind, field, action or space.
	NameBytesMax = 64
	// BatchEdits and BatchBytes bound one signed batch of local edits.
	BatchEdits = 512
	BatchBytes = 1 << 20
	// EntryBytes is where the leader closes a log entry (hashicorp/raft suggests at most 512 KiB).
	EntryBytes = 256 << 10
	// EntryEdits bounds the edits of one log entry.
	EntryEdits = 2048
	// FrameBytesMax bounds one frame of a session, after decompression.
	FrameBytesMax = 4 << 20
	// BlobBytesMax bounds one blob; BlobChunkBytes is how much of it one message carries.
	BlobBytesMax   = 1 << 30
	BlobChunkBytes = 256 << 10
	// UploadsMax bounds the files that may be on their way into one device at a time.
	UploadsMax = 64
	// AttachmentsMax bounds the files attached to one record, FileNameBytesMax and MediaTypeBytesMax what is said of each.
	AttachmentsMax    = 500
	FileNameBytesMax  = 255
	MediaTypeBytesMax = 127
	// WaitingEditsMax bounds the edits of one peer that wait for an unknown base.
	WaitingEditsMax = 10_000
	// PageRowsMax bounds one page of a list.
	PageRowsMax = 200
	// NestingMax bounds the nesting of decoded CBOR.
	NestingMax = 16
	// ClockStepMax bounds how far a remote stamp moves a local clock beyond its wall clock.
	ClockStepMax = 5 * time.Minute
	// ClockTolerance is how far ahead of the leader's clock an author's stamp may be before it is cut back.
	ClockTolerance = 5 * time.Minute
	// ClockSkewMax is how far two clocks may be apart for their devices to connect: beyond it one of them must be set right first.
	ClockSkewMax = 30 * 24 * time.Hour
	// EnrolmentBytesMax bounds one message of an enrolment, AddressesMax and AddressBytesMax the addresses that one device is known by.
	EnrolmentBytesMax = 64 << 10
	AddressesMax      = 8
	AddressBytesMax   = 128
	// InvitesMax bounds the invites that an issuer remembers.
	InvitesMax = 10_000
	// ConnectionsMax bounds the connections that one process serves, HandshakesMax those of them that have not yet shown who they are.
	ConnectionsMax = 1024
	HandshakesMax  = 64
	// HandshakeTime bounds how long a connection may take to show who it is.
	HandshakeTime = 10 * time.Second
	// StallTime bounds how long a peer may take to send or take the next piece of a frame.
	StallTime = time.Minute
)

// The relations that the bounds must keep, checked by the compiler.
const (
	_ = uint(FrameBytesMax - 2*BatchBytes)
	_ = uint(FrameBytesMax - EditBytesMax)
	_ = uint(FrameBytesMax - 2*BlobChunkBytes)
	_ = uint(EntryEdits - BatchEdits)
	_ = uint(ConnectionsMax - 4*HandshakesMax)
)
