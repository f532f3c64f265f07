package store

import (
	"slices"

	"holdfast/backend/record"
)

// change is one step of the store: the rows to write, and what memory must follow.
type change struct {
	set      writeSet
	arrived  []*record.Edit // become tentative
	gone     []*record.Edit // are tentative no longer
	records  []record.ID    // touched besides those that arrived and gone name
	frontier *record.Frontier
	raft     *RaftPosition
	blobs    []Missing // named by edits that were not held before
	redacted *redacted // what the change removes for good, of the space of frontier

	everything bool         // more changed than records can say
	opens      record.Space // readers may see this space from now on
}

// commit writes a change and makes it visible in one step, then announces it. The caller holds writing.
func (s *Store) commit(c *change) error {
	if err := s.mend(); err != nil {
		return err
	}
	if err := s.room.check(c.set.bytes); err != nil {
		return err
	}
	s.mu.Lock()
	err := s.writeLocked(c)
	if err == nil {
		s.remember(c)
	}
	s.mu.Unlock()
	if err == nil {
		s.announce(c)
		s.askAgain()
	}
	return err
}

func (s *Store) writeLocked(c *change) error {
	err := s.db.write(&c.set)
	s.broken = err != nil && !c.set.fits()
	return err
}

// remember makes memory follow a change. The caller holds writing and mu.
func (s *Store) remember(c *change) {
	s.pending.remove(c.gone)
	for _, e := range c.gone {
		s.owed.drop(editKey(famTentative, e.Space, e.ID))
	}
	for _, e := range c.arrived {
		s.pending.add(e)
		s.blobs.want(namedBy(e))
	}
	s.blobs.want(c.blobs)
	for _, id := range c.touched() {
		delete(s.views, id)
	}
	if c.frontier != nil {
		s.frontiers[c.frontier.Space] = *c.frontier
	}
	if c.redacted != nil {
		s.redactions.add(c.frontier.Space, c.redacted)
		s.blobs.refuse(s.redactions.blobs)
	}
	if c.raft != nil {
		s.raft = *c.raft
	}
	delete(s.imports, c.opens)
	if c.everything {
		clear(s.views)
		s.blobs.forgetWanted()
	}
	s.revision++
}

func (c *change) touched() []record.ID {
	ids := slices.Clone(c.records)
	for _, e := range c.arrived {
		ids = append(ids, touched(e)...)
	}
	for _, e := range c.gone {
		ids = append(ids, touched(e)...)
	}
	return ids
}

// announce tells the subscribers of a change that readers can see by now. The caller holds writing, so announcements keep their order.
func (s *Store) announce(c *change) {
	s.mu.RLock()
	news := ChangeSet{Revision: s.revision, Records: c.touched(), Everything: c.everything, Pending: s.pending.count}
	s.mu.RUnlock()
	if c.frontier != nil {
		news.Moved = []record.Space{c.frontier.Space}
	}
	s.news.publish(news)
}

// mend brings memory and database together again after a large write was cut short by a failing disk. The caller holds writing.
func (s *Store) mend() error {
	if s.isClosed() {
		return errClosed
	}
	if !s.broken {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.db.redo(); err != nil {
		return err
	}
	tails := s.pending.tails
	if err := s.load(); err != nil {
		return err
	}
	for key, tail := range tails {
		s.keepOwn(key, tail)
	}
	s.broken = false
	s.blobs.forgetWanted()
	s.news.publish(ChangeSet{Revision: s.revision, Everything: true, Pending: s.pending.count})
	return nil
}

// keepOwn puts edits of this device back that the database does not hold (yet): they are in the journal.
func (s *Store) keepOwn(key spaced, tail []*record.Edit) {
	if key.Device != s.device {
		return
	}
	held, _ := s.heldEnd(key.space, key.Incarnation)
	for _, e := range tail {
		if e.ID.Sequence > held {
			s.pending.add(e)
		}
	}
}

func (s *Store) isClosed() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.closed
}

// syncDatabase makes what Badger holds durable.
func (s *Store) syncDatabase() error {
	r, err := s.reader()
	if err != nil {
		return err
	}
	defer r.close()
	return writeFault(r.db.Sync(), r.db.folder)
}
