// Package generation is what a cluster's authority says about its forced recoveries: which generation begins, from what state, and which nodes are left behind. It is
// pure: who keeps the statements, and who signs them, is others' business.
package generation

import (
	"cmp"
	"fmt"
	"slices"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// Unproven is the code of a statement that the cluster's authority has not signed.
const Unproven fault.Code = "unproven_generation"

const (
	// BytesMax bounds a signed statement: it must fit into a named value of the store.
	BytesMax = 48 << 10
	// spacesMax and formerMax bound what one statement names.
	spacesMax = 512
	formerMax = 256
	// TailsMax bounds the tails of all bases of a statement together.
	TailsMax = 512
	purpose  = "holdfast generation 1\x00"
	format   = 1
)

// Base says where a generation takes a space over.
type Base struct {
	Space      record.Space `cbor:"1,keyasint"`
	Generation uint64       `cbor:"2,keyasint"` // the one that goes on
	Commit     uint64       `cbor:"3,keyasint"`
	Chain      record.Hash  `cbor:"4,keyasint"`
	// Tail is the chain at each of the newest commits, the last one at Commit: they were in the founder's log only, and the group before may have agreed on others in their place.
	Tail []record.Hash `cbor:"5,keyasint,omitempty"`
}

// agreed gives the commit up to which there is one history.
func (b *Base) agreed() uint64 { return b.Commit - uint64(len(b.Tail)) }

// chainAt gives the chain at one of the commits behind the agreed ones.
func (b *Base) chainAt(commit uint64) record.Hash {
	if commit == b.Commit {
		return b.Chain
	}
	return b.Tail[commit-b.agreed()-1]
}

// Statement begins a generation. A space that it does not name has no agreed changes in that generation.
type Statement struct {
	Format     uint64            `cbor:"1,keyasint"`
	Cluster    string            `cbor:"2,keyasint"`
	Generation uint64            `cbor:"3,keyasint"`
	Bases      []Base            `cbor:"4,keyasint"` // by space
	Founder    record.DeviceID   `cbor:"5,keyasint"` // the first voter
	Former     []record.DeviceID `cbor:"6,keyasint"` // the nodes of the groups before, which take no part any more
	Begun      int64             `cbor:"7,keyasint"` // Unix time, for people
}

type signed struct {
	Statement []byte `cbor:"1,keyasint"`
	Signature []byte `cbor:"2,keyasint"`
}

// saltBits is how many low bits of a generation tell two recoveries apart that were begun without knowledge of each other.
const saltBits = 32

// After gives the number of a generation that follows one. salt is random: of two recoveries that follow the same generation, the one with the higher number counts.
func After(generation uint64, salt uint32) uint64 {
	return (ordinal(generation)+1)<<saltBits | uint64(salt)
}

// ordinal gives which generation it is; the first of a cluster has no salt.
func ordinal(generation uint64) uint64 {
	if generation < 1<<saltBits {
		return generation
	}
	return generation >> saltBits
}

// Name gives a generation as people read it: "1", "2-9f3a01c7".
func Name(generation uint64) string {
	if generation < 1<<saltBits {
		return fmt.Sprint(generation)
	}
	return fmt.Sprintf("%d-%08x", ordinal(generation), uint32(generation))
}

// Sign gives the statement with the authority's signature, as it is kept and passed on.
func (s Statement) Sign(sign func(message []byte) []byte) ([]byte, error) {
	s.Format = format
	slices.SortFunc(s.Bases, func(a, b Base) int { return cmp.Compare(a.Space, b.Space) })
	if wrong := s.check(); wrong != "" {
		return nil, fault.New(fault.Invalid, "generation.Sign", "The recovery cannot be written down: "+wrong+".")
	}
	body, err := record.Encode(s)
	if err != nil {
		return nil, err
	}
	raw, err := record.Encode(signed{body, sign(append([]byte(purpose), body...))})
	if err == nil && len(raw) > BytesMax {
		err = fault.New(fault.Invalid, "generation.Sign", "The recovery cannot be written down: it names too much.")
	}
	return raw, err
}

// Open reads a statement of a cluster; verify says whether the authority signed the message. Faults: Unproven, fault.NewerFormat.
func Open(raw []byte, verify func(message, signature []byte) bool, cluster string) (*Statement, error) {
	const op = "generation.Open"
	refused := func(err error) error {
		return &fault.Fault{Code: Unproven, Op: op, Err: err, Sentence: "A message says that the cluster was recovered, and the cluster's authority has not signed it. It was not believed."}
	}
	var outer signed
	if len(raw) > BytesMax || record.Decode(raw, &outer) != nil || !verify(append([]byte(purpose), outer.Statement...), outer.Signature) {
		return nil, refused(nil)
	}
	s := &Statement{}
	if err := record.Decode(outer.Statement, s); err != nil {
		return nil, refused(err)
	}
	if s.Format > format {
		return nil, fault.New(fault.NewerFormat, op, "The cluster was recovered by a newer Holdfast. Install the newer version; nothing was changed.")
	}
	if wrong := s.check(); wrong != "" || s.Cluster != cluster {
		return nil, refused(fault.New(fault.Invalid, op, wrong))
	}
	return s, nil
}

func (s *Statement) check() string {
	switch {
	case s.Generation < 2 || s.Cluster == "" || s.Founder.IsZero():
		return "it lacks its generation, its cluster or its first node"
	case len(s.Bases) > spacesMax || len(s.Former) > formerMax:
		return "there are too many spaces or nodes"
	}
	tails := 0
	for i, b := range s.Bases {
		tails += len(b.Tail)
		switch {
		case uint64(len(b.Tail)) > b.Commit || tails > TailsMax || len(b.Tail) > 0 && b.Tail[len(b.Tail)-1] != b.Chain:
			return "it does not tell which changes are agreed"
		case b.Space == "" || len(b.Space) > limit.NameBytesMax || b.Commit == 0 || b.Generation >= s.Generation:
			return "a space has no state to begin with"
		case i > 0 && s.Bases[i-1].Space >= b.Space:
			return "the spaces are not in order"
		}
	}
	return ""
}

// base gives where the statement takes a space over; the zero Base for a space that begins anew.
func (s *Statement) base(space record.Space) Base {
	at, found := slices.BinarySearchFunc(s.Bases, space, func(b Base, space record.Space) int { return cmp.Compare(b.Space, space) })
	if !found {
		return Base{Space: space}
	}
	return s.Bases[at]
}
