package store

import (
	"context"
	"crypto/ed25519"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Receive takes a contiguous run of edits of one incarnation of one space from a peer. The last must be signed with the key that keys gives for its device (nil: unknown
// device, refused as forbidden). It is idempotent. An edit whose id names other content already is quarantined with all that follows it. A run that does not
// follow what is held is refused with code gap; Received.Held then says from where to ask.
func (s *Store) Receive(ctx context.Context, keys func(record.DeviceID) ed25519.PublicKey, space record.Space, run []record.Sealed) (Received, error) {
	const op = "store.Receive"
	if len(run) == 0 {
		return Received{}, nil
	}
	edits, err := openRun(ctx, space, run)
	if err != nil {
		return Received{}, err
	}
	key := keys(edits[0].ID.Device)
	if key == nil {
		return Received{}, fault.Newf(fault.Forbidden, op, "The device %s is not known here. Its changes wait until it is.", edits[0].ID.Device)
	}
	if err := record.VerifyBatch(key, run); err != nil {
		return Received{}, err
	}
	for i := range edits[:len(edits)-1] {
		edits[i].Sealed.Signature = nil // not looked at, so not passed on
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.receive(edits)
}

func openRun(ctx context.Context, space record.Space, run []record.Sealed) ([]*record.Edit, error) {
	edits := make([]*record.Edit, len(run))
	err := parallel(ctx, len(run), func(i int) (err error) {
		edits[i], err = record.Open(run[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, e := range edits {
		if e.Space != space {
			return nil, fault.Newf(fault.Invalid, "store.Receive", "A change of %q was sent as one of %q. It was refused.", e.Space, space)
		}
	}
	return edits, nil
}

// receive sorts verified edits into known, new and forked, and writes the last two. The caller holds writing.
func (s *Store) receive(edits []*record.Edit) (Received, error) {
	space, incarnation := edits[0].Space, edits[0].ID.Incarnation
	var got Received
	held, last := s.joinedEnd(space, incarnation)
	got.Held = held
	if edits[0].ID.Sequence > held+1 {
		return got, fault.Newf(Gap, "store.Receive", "Changes are missing before number %d of device %s.", edits[0].ID.Sequence, incarnation.Device)
	}
	behind := s.behindGap(space, incarnation, held)
	if len(behind) > 0 && !closes(edits, behind[0], held, last) {
		return got, nil // what stands behind the gap stays until the whole of it comes
	}
	var c change
	forked := false
	for _, e := range edits {
		switch {
		case forked:
		case len(behind) > 0 && e.ID.Sequence >= behind[0].ID.Sequence && e.ID.Sequence-behind[0].ID.Sequence < uint64(len(behind)):
			last = behind[e.ID.Sequence-behind[0].ID.Sequence].Sealed.Hash()
			if forked = last != e.Sealed.Hash(); !forked {
				got.Known++
			}
		case e.ID.Sequence <= held:
			known, err := s.sameAsHeld(e)
			if err != nil {
				return got, err
			}
			if forked = !known; known {
				got.Known++
			}
		case e.Previous != last:
			forked = true
		default:
			if err := c.set.putEncoded(editKey(famTentative, space, e.ID), e.Sealed); err != nil {
				return got, err
			}
			c.arrived = append(c.arrived, e)
			last = e.Sealed.Hash()
		}
		if forked {
			if err := s.quarantineReceived(&c.set, e); err != nil {
				return got, err
			}
			got.Quarantined = append(got.Quarantined, e.ID)
		}
	}
	if err := s.keepReceived(&c, incarnation, forked); err != nil {
		return got, err
	}
	got.Accepted = len(c.arrived)
	got.Held, _ = s.joinedEnd(space, incarnation)
	return got, nil
}

// behindGap gives the tentative edits of an incarnation that do not follow what is held of it, or nil.
func (s *Store) behindGap(space record.Space, i record.Incarnation, held uint64) []*record.Edit {
	if tail := s.pending.tails[spaced{space, i}]; len(tail) > 0 && tail[0].ID.Sequence > held+1 {
		return tail
	}
	return nil
}

// closes reports whether a run joins first, which stands behind a gap, to the last edit that is held.
func closes(run []*record.Edit, first *record.Edit, held uint64, last record.Hash) bool {
	for _, e := range run {
		if e.ID.Sequence <= held {
			continue
		}
		if e.Previous != last {
			return false
		}
		if last = e.Sealed.Hash(); e.ID.Sequence+1 == first.ID.Sequence {
			return first.Previous == last
		}
	}
	return false
}

// keepReceived writes what a run brought. News of this device's own incarnations mean that another copy of it is at work, or was: it must not go on with any of them.
func (s *Store) keepReceived(c *change, from record.Incarnation, forked bool) error {
	if len(c.set.rows) == 0 {
		return nil
	}
	if err := s.commit(c); err != nil {
		return err
	}
	if from.Device == s.device {
		s.renewAll()
	}
	if forked {
		s.health.forks.Add(1)
		s.cfg.Log.Warn("Two changes have one id: a device was copied or restored. Both are kept.", "incarnation", from.Number, "device", from.Device.String())
	}
	for _, e := range c.arrived {
		s.hybrid.Load().Observe(e.Time)
	}
	return s.syncDatabase()
}

// sameAsHeld reports whether an edit at or below what is held has the content that is held. A committed edit whose commit is no longer kept counts as the same.
func (s *Store) sameAsHeld(e *record.Edit) (bool, error) {
	if held := s.pending.find(e.Space, e.ID); held != nil {
		return held.Sealed.Hash() == e.Sealed.Hash(), nil
	}
	c, err := s.commitOf(e.Space, e.ID)
	if err != nil || c == nil {
		return true, err
	}
	return c.Sealed.Hash() == e.Sealed.Hash(), nil
}
