// Package memory is a replica that keeps its edits and commits in memory: for tests of what exchanges them. It knows no records; a commit applies
// nothing and is part of the digest.
package memory

import (
	"context"
	"crypto/ed25519"
	"maps"
	"slices"
	"sync"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// Replica is a device with its edits and commits. It is safe for concurrent use.
type Replica struct {
	mu     sync.Mutex
	key    ed25519.PrivateKey
	clock  clock.Stamp
	number uint64                  // of the incarnation that Append begins next
	own    map[record.Space]uint64 // the incarnation that Append goes on with
	spaces map[record.Space]*space
	// Aside counts edits that were set aside because their id names other content.
	Aside int
}

type space struct {
	front     record.Frontier
	commits   []store.Commit
	committed map[record.Incarnation]uint64
	edits     map[record.Incarnation][]record.Sealed // from sequence 1 on
}

// New makes an empty replica of the device with the key. Its incarnations are numbered from first on.
func New(key ed25519.PrivateKey, first uint64) *Replica {
	return &Replica{key: key, number: first, own: map[record.Space]uint64{}, spaces: map[record.Space]*space{}}
}

// Key makes the key of the device with a name: the same for each run.
func Key(name string) ed25519.PrivateKey {
	seed := record.ChainHash(record.Hash{}, []byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// ID gives the device's id.
func (r *Replica) ID() record.DeviceID { return record.DeviceOf(r.PublicKey()) }

// PublicKey gives the device's public key.
func (r *Replica) PublicKey() ed25519.PublicKey { return r.key.Public().(ed25519.PublicKey) }

// Reincarnate makes later edits of this device belong to new incarnations, numbered from first on.
func (r *Replica) Reincarnate(first uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.number = first
	clear(r.own)
}

func (r *Replica) incarnation(name record.Space) record.Incarnation {
	if r.own[name] == 0 {
		r.own[name] = r.number
		r.number++
	}
	return record.Incarnation{Device: r.ID(), Number: r.own[name]}
}

// Append writes one signed batch of edits, one for each note.
func (r *Replica) Append(name record.Space, notes ...string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, of := r.space(name), r.incarnation(name)
	for i, note := range notes {
		r.clock++
		h := record.Header{Format: record.FormatVersion, Time: r.clock, Space: name, Action: "note"}
		h.ID = record.EditID{Incarnation: of, Sequence: uint64(len(s.edits[of])) + 1}
		if h.ID.Sequence > 1 {
			h.Previous = s.edits[of][h.ID.Sequence-2].Hash()
		}
		p := record.Payload{Mutations: []record.Mutation{{Op: record.OpSet, Field: "note", Value: record.Text(note)}}}
		sealed, err := record.Seal(h, p)
		if err != nil {
			return err
		}
		if i == len(notes)-1 {
			hash := sealed.Hash()
			sealed.Signature = ed25519.Sign(r.key, hash[:])
		}
		s.edits[of] = append(s.edits[of], sealed)
	}
	return nil
}

// Decide commits at most n tentative edits of a space, as a leader would, in one entry. It gives how many there were.
func (r *Replica) Decide(name record.Space, n int) (int, error) {
	entry := r.entry(name, n)
	if len(entry.Edits) == 0 {
		return 0, nil
	}
	_, err := r.ApplyRun(context.Background(), []record.Entry{entry}, store.RaftPosition{})
	return len(entry.Edits), err
}

func (r *Replica) entry(name record.Space, n int) record.Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.space(name)
	r.clock++
	entry := record.Entry{Format: record.EntryFormat, Space: name, EvaluatedAt: s.front.Commit, Generation: s.front.Generation, Time: r.clock}
	for _, tail := range s.tails() {
		for at := tail.Committed; at < tail.Held && len(entry.Edits) < n; at++ {
			sealed := s.edits[tail.Incarnation][at]
			outcome := record.Outcome{
				Edit: record.EditID{Incarnation: tail.Incarnation, Sequence: at + 1}, Hash: sealed.Hash(),
				Commit: entry.EvaluatedAt + uint64(len(entry.Edits)) + 1, Result: record.Applied,
			}
			encoded, err := record.Encode(&outcome)
			if err != nil {
				return record.Entry{}
			}
			entry.Edits, entry.Outcomes = append(entry.Edits, sealed), append(entry.Outcomes, encoded)
		}
	}
	return entry
}

func (r *Replica) space(name record.Space) *space {
	s := r.spaces[name]
	if s == nil {
		s = &space{
			front:     record.Frontier{Space: name},
			committed: map[record.Incarnation]uint64{}, edits: map[record.Incarnation][]record.Sealed{},
		}
		r.spaces[name] = s
	}
	return s
}

func (s *space) tails() []store.Tail {
	var tails []store.Tail
	for of, edits := range s.edits {
		if held := uint64(len(edits)); held > s.committed[of] {
			tails = append(tails, store.Tail{Incarnation: of, Committed: s.committed[of], Held: held})
		}
	}
	slices.SortFunc(tails, func(a, b store.Tail) int { return a.Incarnation.Compare(b.Incarnation) })
	return tails
}

// ApplyRun is *store.Store's, but for the entries before one that is not due, which it applies.
func (r *Replica) ApplyRun(_ context.Context, entries []record.Entry, _ store.RaftPosition) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, entry := range entries {
		if applied, err := r.applyOne(entry); err != nil || !applied {
			return false, err
		}
	}
	return true, nil
}

func (r *Replica) applyOne(entry record.Entry) (bool, error) {
	s := r.space(entry.Space)
	if entry.EvaluatedAt == s.front.Commit && len(entry.Edits) == 0 && entry.Generation > s.front.Generation {
		s.front.Generation = entry.Generation
		return true, nil
	}
	if entry.EvaluatedAt != s.front.Commit || entry.Before != (record.Hash{}) && entry.Before != s.front.Chain || entry.Generation != s.front.Generation {
		return false, nil
	}
	for i, encoded := range entry.Outcomes {
		if err := s.apply(entry, entry.Edits[i], encoded); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (s *space) apply(entry record.Entry, sealed record.Sealed, encoded []byte) error {
	const op = "memory.Apply"
	var outcome record.Outcome
	if err := record.Decode(encoded, &outcome); err != nil {
		return err
	}
	of, at := outcome.Edit.Incarnation, outcome.Edit.Sequence
	if at != s.committed[of]+1 {
		return fault.New(fault.Invalid, op, "An outcome came out of its incarnation's order.")
	}
	if len(sealed.Header) == 0 {
		if at > uint64(len(s.edits[of])) {
			return fault.New(fault.Invalid, op, "An outcome came without its edit.")
		}
		sealed = s.edits[of][at-1]
	}
	if sealed.Hash() != outcome.Hash {
		return fault.New(fault.Invalid, op, "An outcome came with another edit.")
	}
	if at > uint64(len(s.edits[of])) {
		s.edits[of] = append(s.edits[of], sealed)
	} else if s.edits[of][at-1].Hash() != outcome.Hash {
		s.edits[of] = append(s.edits[of][:at-1:at-1], sealed) // what hung on the other one goes with it
	}
	s.committed[of] = at
	s.front.Commit++
	s.front.Chain = record.ChainHash(s.front.Chain, encoded)
	s.front.Digest = s.front.Digest.Plus(record.DigestOf(encoded))
	s.front.Time = entry.Time
	s.commits = append(s.commits, store.Commit{Outcome: encoded, Sealed: sealed, Time: entry.Time, Generation: entry.Generation})
	return nil
}

// Spaces is *store.Store's.
func (r *Replica) Spaces() []record.Space {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.spaces))
}
