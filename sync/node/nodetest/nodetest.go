// Package nodetest gives tests of replication a small service desk: tickets with a title, an owner who claims them, and a number.
package nodetest

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"testing"

	"github.com/google/uuid"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// Signer is a device whose key comes from its name.
type Signer struct{ key ed25519.PrivateKey }

// NewSigner makes the device of a name.
func NewSigner(name string) Signer {
	seed := sha256.Sum256([]byte(name))
	return Signer{ed25519.NewKeyFromSeed(seed[:])}
}

// ID implements store.Signer.
func (s Signer) ID() record.DeviceID { return record.DeviceOf(s.PublicKey()) }

// Sign implements store.Signer.
func (s Signer) Sign(message []byte) []byte { return ed25519.Sign(s.key, message) }

// PublicKey implements store.Signer.
func (s Signer) PublicKey() ed25519.PublicKey { return s.key.Public().(ed25519.PublicKey) }

// Store opens a store that the test closes.
func Store(t testing.TB, dir string, device store.Signer) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.Config{Dir: dir, Device: device, Kinds: Kinds()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Lyon is the space of the tests.
const Lyon = record.Space("site/LYO")

// The fields of a ticket.
const (
	Kind   = "ticket"
	Title  = "title"
	Owner  = "owner"
	Number = "number"
)

// The actions that are out of order.
const (
	Explode = "explode" // deciding on it panics
	Stumble = "stumble" // deciding on it fails, as when the disk does
)

// Kinds is the catalogue of the tests.
func Kinds() record.Catalogue {
	return record.Catalogue{{Name: Kind, Label: "Ticket", Prefix: "TCK", Title: Title, Fields: []record.Definition{
		{Name: Number, Label: "Number", Rule: record.RuleNumber, Type: record.TypeText},
		{Name: Title, Label: "Title", Rule: record.RuleRegister, Type: record.TypeText},
		{Name: Owner, Label: "Owner", Rule: record.RuleRegister, Type: record.TypeText, Claimable: true},
	}}}
}

// Ticket is the draft that makes a ticket.
func Ticket(id record.ID, title string) record.Draft {
	return draft("create",
		record.Mutation{Op: record.OpCreate, Record: id, Kind: Kind},
		record.Mutation{Op: record.OpSet, Record: id, Field: Title, Value: record.Text(title)})
}

// Retitle is the draft that gives a ticket another title, by somebody who saw no other one.
func Retitle(id record.ID, title string) record.Draft {
	return draft("edit", record.Mutation{Op: record.OpSet, Record: id, Field: Title, Value: record.Text(title)})
}

// Take is the draft by which somebody claims a ticket that nobody owns.
func Take(id record.ID, owner string) record.Draft {
	return draft("take", record.Mutation{Op: record.OpClaim, Record: id, Field: Owner, Value: record.Text(owner)})
}

func draft(action string, mutations ...record.Mutation) record.Draft {
	return record.Draft{Space: Lyon, Action: action, Mutations: mutations}
}

// NewID makes the id of a record.
func NewID() record.ID { return uuid.Must(uuid.NewV7()) }

// Decider decides by the tests' catalogue; everybody may do everything. Its zero value is ready for use.
type Decider struct{}

// Decide implements node.Decider.
func (Decider) Decide(_ context.Context, committed record.Reader, e *record.Edit, received clock.Stamp) (*record.Outcome, map[record.ID]*record.State, error) {
	switch e.Action {
	case Explode:
		panic("out of order")
	case Stumble:
		return nil, nil, fault.New(fault.Unavailable, "nodetest.Decide", "The disk is away.")
	}
	return record.Evaluate(committed, rules{}, Kinds(), e, received)
}

// MayGiveUp implements node.Decider.
func (Decider) MayGiveUp(record.Reader, *record.Edit, *record.Edit) bool { return true }

type rules struct{}

// Permit implements record.Rules.
func (rules) Permit(record.Reader, *record.Edit) *record.Reason { return nil }

// Transition implements record.Rules.
func (rules) Transition(record.Reader, *record.State, *record.Edit, *record.Mutation) *record.Reason {
	return nil
}

// Consequences implements record.Rules.
func (rules) Consequences(record.Reader, *record.Edit, map[record.ID]*record.State) []record.Mutation {
	return nil
}
