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
)

// The relations that the bounds must keep, checked by the compiler.
const (
	_ = uint(FrameBytesMax - 2*BatchBytes)
	_ = uint(FrameBytesMax - EditBytesMax)
	_ = uint(FrameBytesMax - 2*BlobChunkBytes)
	_ = uint(EntryEdits - BatchEdits)
)
