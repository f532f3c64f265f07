package memory

import (
	"context"
	"crypto/ed25519"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// Frontier is *store.Store's.
func (r *Replica) Frontier(name record.Space) record.Frontier {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.space(name).front
}

// Tails is *store.Store's.
func (r *Replica) Tails(name record.Space) []store.Tail {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.space(name).tails()
}

// HeldSequence is *store.Store's.
func (r *Replica) HeldSequence(name record.Space, of record.Incarnation) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return uint64(len(r.space(name).edits[of]))
}

// PendingEdit is *store.Store's.
func (r *Replica) PendingEdit(id record.EditID) (*record.Edit, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.spaces {
		if edits := s.edits[id.Incarnation]; id.Sequence <= uint64(len(edits)) && id.Sequence > s.committed[id.Incarnation] {
			e, err := record.Open(edits[id.Sequence-1])
			return e, err == nil
		}
	}
	return nil, false
}

// EditsFrom is *store.Store's.
func (r *Replica) EditsFrom(name record.Space, of record.Incarnation, from uint64, bytesMax int) ([]record.Sealed, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.space(name)
	from = max(from, s.committed[of]+1)
	if from > uint64(len(s.edits[of])) {
		return nil, nil
	}
	rest, end, size := s.edits[of][from-1:], 0, 0
	for i := range rest {
		size += len(rest[i].Header) + len(rest[i].Payload)
		if size > bytesMax && end > 0 {
			break
		}
		if len(rest[i].Signature) > 0 {
			end = i + 1
		}
	}
	return rest[:end:end], nil
}

// Commits is *store.Store's.
func (r *Replica) Commits(name record.Space, from uint64, bytesMax int) ([]store.Commit, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.space(name)
	if from == 0 || from > s.front.Commit {
		return nil, nil
	}
	rest, size := s.commits[from-1:], 0
	for i := range rest {
		size += len(rest[i].Outcome) + len(rest[i].Sealed.Header) + len(rest[i].Sealed.Payload)
		if size > bytesMax && i > 0 {
			return rest[:i:i], nil
		}
	}
	return rest, nil
}

// Receive is *store.Store's.
func (r *Replica) Receive(_ context.Context, keys func(record.DeviceID) ed25519.PublicKey, name record.Space, run []record.Sealed) (store.Received, error) {
	const op = "memory.Receive"
	var received store.Received
	first, err := record.Open(run[0])
	if err != nil {
		return received, err
	}
	key := keys(first.ID.Device)
	if key == nil {
		return received, fault.New(fault.Forbidden, op, "The device is not known.")
	}
	if err := record.VerifyBatch(key, run); err != nil {
		return received, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s, of := r.space(name), first.ID.Incarnation
	received.Held = uint64(len(s.edits[of]))
	if first.Space != name || first.ID.Sequence > received.Held+1 {
		return received, fault.New(store.Gap, op, "Edits are missing before these.")
	}
	for i := range run {
		r.receive(s, record.EditID{Incarnation: of, Sequence: first.ID.Sequence + uint64(i)}, run[i], &received)
	}
	received.Held = uint64(len(s.edits[of]))
	return received, nil
}

func (r *Replica) receive(s *space, id record.EditID, sealed record.Sealed, received *store.Received) {
	held := s.edits[id.Incarnation]
	var header record.Header
	previous := record.Hash{}
	switch {
	case len(received.Quarantined) > 0:
	case id.Sequence <= uint64(len(held)):
		if held[id.Sequence-1].Hash() == sealed.Hash() {
			received.Known++
			return
		}
	default:
		if id.Sequence > 1 {
			previous = held[id.Sequence-2].Hash()
		}
		if record.Decode(sealed.Header, &header) == nil && header.Previous == previous {
			s.edits[id.Incarnation] = append(held, sealed)
			r.clock = max(r.clock, header.Time)
			received.Accepted++
			return
		}
	}
	received.Quarantined = append(received.Quarantined, id)
	r.Aside++
}
