package node

import (
	"github.com/hashicorp/raft"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Format is a way in which entries stand in the log. Whatever else it does, each of its entries begins as a CBOR map of less than 24 keys whose first one, 1, holds the format's
// number, from 1 to 23: by that an older program sees that it cannot read the entry.
type Format struct {
	Encode func(*record.Entry) ([]byte, error)
	Decode func([]byte, *record.Entry) error // fault.Invalid: the bytes are no entry, and are passed over everywhere
}

// Formats gives the formats that this program reads; the one at i has the number i+1.
func Formats() []Format {
	return []Format{{
		Encode: func(e *record.Entry) ([]byte, error) { return record.Encode(e) },
		Decode: func(raw []byte, into *record.Entry) error { return record.Decode(raw, into) },
	}}
}

// formats are what a member reads. None are those of Formats.
type formats []Format

// decode reads an entry of the log. Faults: fault.Invalid, and fault.NewerFormat for one that only a newer program reads.
func (f formats) decode(raw []byte, into *record.Entry) error {
	const op = "node.decode"
	if len(f) == 0 {
		f = Formats()
	}
	number := formatOf(raw)
	switch {
	case number == 0:
		return fault.New(fault.Invalid, op, "An entry of the log is of no format. It was passed over.")
	case number > uint64(len(f)):
		return fault.Newf(fault.NewerFormat, op, "What the nodes agreed on was written by a newer Holdfast (format %d). Install the newer version on this node; it takes up where it stopped, and nothing is lost.", number)
	}
	return f[number-1].Decode(raw, into)
}

// formatOf gives an entry's format; 0 for bytes that are none.
func formatOf(raw []byte) uint64 {
	const maps, small = 5, 24
	if len(raw) < 3 || raw[0]>>5 != maps || raw[0]&31 >= small || raw[1] != 1 || raw[2] >= small {
		return 0
	}
	return uint64(raw[2])
}

// format gives the newest format that every voter reads. One that this node has not met since it started may be older than any other: of it, only the first is known.
func (n *Node) format() uint64 {
	newest := uint64(len(n.cfg.Formats))
	if newest == 1 || n.Embedded() {
		return newest
	}
	configuration, err := n.configuration()
	if err != nil {
		return 1
	}
	for _, server := range configuration.Servers {
		if server.Suffrage == raft.Voter && string(server.ID) != n.cfg.Device.String() {
			newest = min(newest, max(n.reads(server.ID), 1))
		}
	}
	return newest
}

// reads gives the newest format that a member has said it reads; 0 when it has said nothing.
func (n *Node) reads(member raft.ServerID) uint64 {
	device, err := record.ParseDevice(string(member))
	if err != nil || n.cfg.Reads == nil {
		return 0
	}
	return n.cfg.Reads(device)
}

// mayVote holds a member back from voting that could not read what the group writes: its vote would make the leader write in an older format than stands in the log already.
func (n *Node) mayVote(member raft.ServerID) error {
	const op = "node.Promote"
	group := n.format()
	switch reads := n.reads(member); {
	case group == 1 || reads >= group:
		return nil
	case reads == 0:
		return fault.New(fault.Unavailable, op, "The node has not been reached yet. Try again in a moment.")
	default:
		return fault.Newf(fault.NewerFormat, op, "The node runs an older Holdfast, which cannot read what this group agrees on (it reads format %d, the group writes %d). Install the newer version on it first.", reads, group)
	}
}
