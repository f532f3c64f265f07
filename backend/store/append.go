package store

import (
	"context"
	"errors"
	"io"
	"maps"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

const (
	appendQueue    = 256      // callers of Append that wait without holding each other up
	groupBytesMax  = 4 << 20  // what one sync of the journal takes at most, besides its first save
	appendBytesMax = 64 << 20 // what one call of Append may save
	saltBytes      = 16
)

// appendRequest is one call of Append on its way through the appender.
type appendRequest struct {
	drafts  []record.Draft
	reissue []reissue // beside drafts, or nil
	done    chan appendResult

	ids   []record.EditID
	edits []*record.Edit
	save  save
}

// reissue says that a draft is an edit of this device that lost its id.
type reissue struct {
	lost lostEdit
	time clock.Stamp // the author's; it stays
}

type appendResult struct {
	ids []record.EditID
	err error
}

// Append makes the drafts of one call one or more signed batches of this device: durable in the journal when it returns, folded into the views, announced. The
// ids come back in the drafts' order. All drafts are saved or none. Callers that append at once share one sync. The drafts must not be changed afterwards.
func (s *Store) Append(ctx context.Context, drafts ...record.Draft) ([]record.EditID, error) {
	if len(drafts) == 0 {
		return nil, nil
	}
	return s.append(ctx, &appendRequest{drafts: drafts, done: make(chan appendResult, 1)})
}

func (s *Store) append(ctx context.Context, r *appendRequest) ([]record.EditID, error) {
	select {
	case s.requests <- r:
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), fault.Unavailable, "store.Append", "Saving was cancelled; nothing was saved.")
	case <-s.stop:
		return nil, errClosed
	}
	select {
	case result := <-r.done: // from here on it is soon saved or refused, and the caller must learn which
		return result.ids, result.err
	case <-s.stop:
	}
	s.stopped.Wait()
	select {
	case result := <-r.done:
		return result.ids, result.err
	default:
		return nil, errClosed
	}
}

// appendLoop is the one goroutine that writes the journal.
func (s *Store) appendLoop() {
	tidy, lost := s.tidy, s.lost
	if s.cfg.ByHand {
		tidy, lost = nil, nil
	}
	for {
		select {
		case <-s.stop:
			return
		case <-tidy:
			s.trimJournal()
		case <-lost:
			s.reissueLost()
		case done := <-s.settling:
			s.chores()
			close(done)
		case r := <-s.requests:
			s.appendGroup(s.gather(r))
		}
	}
}

// gather takes the callers that came while the last group was being written.
func (s *Store) gather(first *appendRequest) []*appendRequest {
	group := []*appendRequest{first}
	for size := 0; size < groupBytesMax; {
		select {
		case r := <-s.requests:
			group = append(group, r)
			for i := range r.drafts {
				size += draftBytes(&r.drafts[i])
			}
		default:
			return group
		}
	}
	return group
}

// draftBytes estimates an edit's size.
func draftBytes(d *record.Draft) int {
	size := 256
	for i := range d.Mutations {
		size += 64 + len(d.Mutations[i].Value) + len(d.Mutations[i].Base)
	}
	return size
}

// appendGroup seals, writes and syncs a group of saves, then shows them and answers the callers.
func (s *Store) appendGroup(group []*appendRequest) {
	s.setClockRight()
	s.dropRenewed()
	staged := map[record.Space]ownTail{}
	var sealed []*appendRequest
	var saves []save
	for _, r := range group {
		if err := s.sealAll(r, staged); err != nil {
			r.done <- appendResult{err: err}
			continue
		}
		sealed, saves = append(sealed, r), append(saves, r.save)
	}
	if len(sealed) == 0 {
		return
	}
	if err := s.writeJournal(saves); err != nil {
		if errors.Is(err, errUncertain) {
			s.own = map[record.Space]ownTail{}
		}
		err = folderFault(err, "store.Append", s.journal.folder)
		for _, r := range sealed {
			r.done <- appendResult{err: err}
		}
		return
	}
	maps.Copy(s.own, staged)
	s.health.journal.Store(s.journal.bytes())
	s.show(sealed)
	s.askAgain()
}

func (s *Store) writeJournal(saves []save) error {
	size := 0
	for i := range saves {
		for n := range saves[i].edits {
			size += len(saves[i].edits[n].Sealed.Header) + len(saves[i].edits[n].Sealed.Payload)
		}
	}
	if err := s.journalRoom.check(size); err != nil {
		return err
	}
	return s.journal.append(saves)
}

// sealAll seals one call's drafts: those of one space are chained and signed in batches. staged moves on only when all went well.
func (s *Store) sealAll(r *appendRequest, staged map[record.Space]ownTail) error {
	mine := maps.Clone(staged)
	left := map[record.Space]int{}
	for i := range r.drafts {
		left[r.drafts[i].Space]++
	}
	batches := map[record.Space]*batch{}
	size := 0
	for i := range r.drafts {
		d := &r.drafts[i]
		if err := s.retiring(d.Space); err != nil {
			return err
		}
		tail, err := s.ownIn(d.Space, mine)
		if err != nil {
			return fault.Wrap(err, fault.Internal, "store.Append", "This computer gave no random numbers. Nothing was saved.")
		}
		b := batches[d.Space]
		if b == nil {
			b = &batch{}
			batches[d.Space] = b
		}
		left[d.Space]--
		if mine[d.Space], err = s.sealOne(r, i, tail, b, left[d.Space] == 0); err != nil {
			return err
		}
		last := &r.edits[len(r.edits)-1].Sealed
		if size += len(last.Header) + len(last.Payload); size > appendBytesMax {
			return fault.Newf(fault.Invalid, "store.Append", "More than %d MiB cannot be saved in one step. Save it in parts.", appendBytesMax>>20)
		}
	}
	maps.Copy(staged, mine)
	return nil
}

// batch counts what has been sealed since the last signature.
type batch struct{ edits, bytes int }

func (s *Store) sealOne(r *appendRequest, at int, tail ownTail, b *batch, last bool) (ownTail, error) {
	d := &r.drafts[at]
	h := record.Header{
		Format: record.FormatVersion, ID: record.EditID{Incarnation: tail.Incarnation, Sequence: tail.Sequence + 1}, Previous: tail.Hash,
		Author: d.Author, Space: d.Space, Action: d.Action, MaySkip: d.MaySkip,
	}
	if r.reissue != nil {
		h.Time = r.reissue[at].time
	} else {
		h.Time = s.now()
	}
	p := record.Payload{Salt: make([]byte, saltBytes), Mutations: d.Mutations, Blobs: d.Blobs}
	if r.reissue != nil {
		p.Mutations = renameSeen(d.Mutations, r.reissue[:at], r.ids)
	}
	if _, err := io.ReadFull(s.cfg.Random, p.Salt); err != nil {
		return tail, fault.Wrap(err, fault.Internal, "store.Append", "This computer gave no random numbers. Nothing was saved.")
	}
	sealed, err := record.Seal(h, p)
	if err != nil {
		return tail, err
	}
	hash := sealed.Hash()
	b.edits++
	b.bytes += len(sealed.Header) + len(sealed.Payload)
	if last || b.edits >= limit.BatchEdits || b.bytes >= limit.BatchBytes {
		sealed.Signature = s.cfg.Device.Sign(hash[:])
		*b = batch{}
	}
	edit, err := record.Open(sealed) // what cannot be read again must not be saved
	if err != nil {
		return tail, err
	}
	if edit.Unreadable != "" {
		return tail, fault.New(fault.Invalid, "store.Append", edit.Unreadable)
	}
	r.take(edit, at)
	return ownTail{tail.Incarnation, h.ID.Sequence, hash}, nil
}

func (r *appendRequest) take(e *record.Edit, at int) {
	r.ids, r.edits = append(r.ids, e.ID), append(r.edits, e)
	entry := journalEdit{Sealed: e.Sealed}
	if r.reissue != nil {
		entry.Lost = &r.reissue[at].lost
	}
	r.save.edits, r.save.headers = append(r.save.edits, entry), append(r.save.headers, e.Header)
}

// now issues a stamp later than everything that was committed here, whatever the wall clock says.
func (s *Store) now() clock.Stamp {
	at := s.hybrid.Load().Now()
	if floor := s.newestCommit(); at <= floor {
		s.hybrid.Store(clock.NewHybrid(s.cfg.Wall, floor))
		at = s.hybrid.Load().Now()
	}
	return at
}

// setClockRight lets stamps follow the wall clock again after it was wrong and was set right, as soon as nothing that this device wrote meanwhile is tentative: until then what
// it writes must come after that. Other replicas may still hold such edits as tentative, so new incarnations begin: an incarnation's stamps only rise.
func (s *Store) setClockRight() {
	if !s.hybrid.Load().Astray() {
		return
	}
	floor := s.newestCommit()
	right := clock.NewHybrid(s.cfg.Wall, floor)
	if right.Astray() || s.tentativeAbove(floor) {
		return
	}
	s.hybrid.Store(right)
	s.renewAll()
}

// tentativeAbove reports whether an own edit with a later stamp than floor, and than the wall clock could give, is tentative.
func (s *Store) tentativeAbove(floor clock.Stamp) bool {
	bound := max(floor, clock.At(s.cfg.Wall()).Add(limit.ClockStepMax))
	s.mu.RLock()
	defer s.mu.RUnlock()
	for of, tail := range s.pending.tails {
		if of.Device == s.device && tail[len(tail)-1].Time > bound {
			return true
		}
	}
	return false
}

func (s *Store) newestCommit() (newest clock.Stamp) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, f := range s.frontiers {
		newest = max(newest, f.Time)
	}
	return newest
}

// show makes saved edits visible and answers the callers: the edits are safe in the journal. Then it copies them to the database.
func (s *Store) show(saved []*appendRequest) {
	s.writing.Lock()
	defer s.writing.Unlock()
	var c change
	for _, r := range saved {
		c.arrived = append(c.arrived, r.edits...)
	}
	s.mu.Lock()
	s.remember(&c)
	s.mu.Unlock()
	s.announce(&c)
	for _, r := range saved {
		r.done <- appendResult{ids: r.ids}
	}
	s.copySaved(saved)
}

// copySaved sees to the database's copy of saved edits.
func (s *Store) copySaved(saved []*appendRequest) {
	due := false
	for _, r := range saved {
		for i, e := range r.edits {
			s.oweEdit(e)
			if r.reissue != nil {
				s.settleOne(e.Space, r.reissue[i].lost, e.ID)
				due = true
			}
		}
	}
	if !due && s.owed.bytes < owedBytesMax {
		return
	}
	if err := s.payOwed(); err != nil {
		s.cfg.Log.Warn("Saved changes are in the journal only, until the database can be written again.", "error", err)
	}
}

// trimJournal removes the segments whose edits are all committed, after those commits are durable.
func (s *Store) trimJournal() {
	done := func(at spaced, sequence uint64) bool {
		s.mu.RLock()
		defer s.mu.RUnlock()
		return at.Device != s.device || !s.closed && s.decided(at) >= sequence
	}
	if s.rotate.Swap(false) {
		if err := s.journal.close(); err != nil {
			s.cfg.Log.Warn("A segment of the journal could not be closed.", "error", err)
		}
	}
	if err := s.journal.trim(done, s.syncDatabase); err != nil {
		s.cfg.Log.Warn("The journal could not be trimmed; it will be tried again.", "error", err)
	}
	s.health.journal.Store(s.journal.bytes())
}
