package session

import (
	"context"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// applyAttempts bounds how often commits are applied anew because another session or the leader moved the frontier meanwhile.
const applyAttempts = 8

// placeOf reads which edit an outcome is about, and its commit number. What else it says is checked where it is applied.
func placeOf(outcome []byte) (record.OutcomePlace, error) {
	place, err := record.DecodeOutcomePlace(outcome)
	if err != nil {
		return place, fault.Wrap(err, CodeViolation, "session.Commits", sentences[CodeViolation])
	}
	return place, nil
}

func (s *Session) takeCommits(ctx context.Context, m *Commits) error {
	sh, err := s.space(m.Space)
	if err != nil {
		return err
	}
	s.taken++
	sh.noteCommit(record.Frontier{Space: m.Space, Generation: m.Generation, Commit: m.From + uint64(len(m.Rows)) - 1, Chain: m.Chain})
	if s.cfg.CommitsFromRaft || sh.rewind != 0 && m.From > sh.rewind {
		return nil
	}
	sh.rewind = 0
	for range applyAttempts {
		done, err := s.applyCommits(ctx, sh, m)
		if done || err != nil {
			return err
		}
		if free, err := s.clearImport(ctx, sh); !free || err != nil {
			return err
		}
	}
	return fault.New(fault.Unavailable, "session.Commits", "The committed history kept changing while it was brought up to date. It is tried again.")
}

// applyCommits applies what is new in m. It is false when the frontier moved meanwhile.
func (s *Session) applyCommits(ctx context.Context, sh *sharing, m *Commits) (bool, error) {
	front := s.replica.Frontier(sh.space)
	front.Space = sh.space
	last := m.From + uint64(len(m.Rows)) - 1
	if last <= front.Commit || s.cfg.Generations.Left(front) {
		return true, nil
	}
	if m.From > front.Commit+1 {
		return true, violation("session.Commits", "commits do not follow those before")
	}
	if front.Commit > 0 && m.Generation > front.Generation {
		if err := s.raise(ctx, sh.space); err != nil {
			return true, err
		}
		front.Generation = s.replica.Frontier(sh.space).Generation
	}
	if front.Commit > 0 && m.Generation != front.Generation {
		return true, ending(CodeGenerationBehind, "session.Commits")
	}
	rows := m.Rows[front.Commit+1-m.From:]
	if err := verifyChain(front, m, rows); err != nil {
		return true, err
	}
	if m.Generation > front.Generation {
		raise := record.Entry{Format: record.EntryFormat, Space: sh.space, Generation: m.Generation}
		if applied, err := s.replica.ApplyRun(ctx, []record.Entry{raise}, store.RaftPosition{}); err != nil || !applied {
			return false, err
		}
	}
	front.Generation = m.Generation
	return s.applyRows(ctx, sh, front, rows)
}

// clearImport makes way for single commits where a snapshot was begun and never finished. It is false while another session is taking one in: then
// the commits are asked for again when that one is through.
func (s *Session) clearImport(ctx context.Context, sh *sharing) (bool, error) {
	if s.cfg.Snapshots == nil || s.replica.Frontier(sh.space).Commit > 0 {
		return true, nil
	}
	if !s.cfg.Claims.take(claimOf(sh)) {
		sh.blocked, sh.rewind = true, 1
		return false, nil
	}
	defer s.cfg.Claims.release(claimOf(sh))
	return true, s.cfg.Snapshots.AbandonImport(ctx, sh.space)
}

// unblock asks for the commits that came while another session was taking a snapshot in, once that one is through.
func (s *Session) unblock(sh *sharing) {
	if !sh.blocked || !s.cfg.Claims.take(claimOf(sh)) {
		return
	}
	s.cfg.Claims.release(claimOf(sh))
	front := s.replica.Frontier(sh.space)
	sh.blocked, sh.rewind = false, front.Commit+1
	s.controls = append(s.controls, &WantCommits{Space: sh.space, From: front.Commit + 1, Chain: front.Chain})
}

// verifyChain refuses commits that do not hash to what the peer says, before anything of them is written.
func verifyChain(front record.Frontier, m *Commits, rows []CommitRow) error {
	chain := front.Chain
	for i := range rows {
		outcome, err := placeOf(rows[i].Outcome)
		if err != nil {
			return err
		}
		if outcome.Commit != front.Commit+uint64(i)+1 {
			return violation("session.Commits", "an outcome carries another commit number than its place")
		}
		if sealed := rows[i].Sealed; sealed != nil && sealed.Hash() != outcome.Hash {
			return violation("session.Commits", "an edit is not the one that its outcome names")
		}
		chain = record.ChainHash(chain, rows[i].Outcome)
	}
	if chain != m.Chain {
		return ending(CodeHistoryDiffers, "session.Commits")
	}
	return nil
}

// applyRows applies rows that follow at, and asks again for the first whose edit is neither here nor sent along.
func (s *Session) applyRows(ctx context.Context, sh *sharing, at record.Frontier, rows []CommitRow) (bool, error) {
	entries, missing, err := s.entriesOf(&at, rows)
	if err != nil {
		return true, err
	}
	if applied, err := s.replica.ApplyRun(ctx, entries, store.RaftPosition{}); err != nil || !applied {
		return false, s.refused(err)
	}
	if missing {
		sh.rewind = at.Commit + 1
		s.controls = append(s.controls, &WantCommits{Space: sh.space, From: at.Commit + 1, Chain: at.Chain})
	}
	return true, nil
}

// entriesOf makes rows that follow at entries, one for each run of one time, and moves at behind them. Missing says that they stop before an edit that this side lacks.
func (s *Session) entriesOf(at *record.Frontier, rows []CommitRow) (entries []record.Entry, missing bool, err error) {
	for len(rows) > 0 && !missing {
		var entry record.Entry
		if entry, missing, err = s.entryOf(at.Space, rows); err != nil {
			return nil, false, err
		}
		n := len(entry.Outcomes)
		if n == 0 {
			break
		}
		entry.Generation, entry.EvaluatedAt, entry.Before = at.Generation, at.Commit, at.Chain
		for _, outcome := range entry.Outcomes {
			at.Commit, at.Chain = at.Commit+1, record.ChainHash(at.Chain, outcome)
		}
		entries, rows = append(entries, entry), rows[n:]
	}
	return entries, missing, nil
}

// entryOf gathers the first rows of one time into an entry. Missing says that it stops before an edit that this side lacks.
func (s *Session) entryOf(space record.Space, rows []CommitRow) (entry record.Entry, missing bool, err error) {
	entry = record.Entry{Format: record.EntryFormat, Space: space, Time: rows[0].Time}
	for i := range rows {
		if rows[i].Time != entry.Time {
			break
		}
		sealed := record.Sealed{}
		if rows[i].Sealed != nil {
			sealed = *rows[i].Sealed
		} else {
			outcome, err := placeOf(rows[i].Outcome)
			if err != nil {
				return entry, false, err
			}
			held, ok := s.replica.PendingEdit(outcome.Edit)
			if !ok || held.Sealed.Hash() != outcome.Hash {
				return entry, true, nil
			}
		}
		entry.Edits = append(entry.Edits, sealed)
		entry.Outcomes = append(entry.Outcomes, rows[i].Outcome)
	}
	return entry, false, nil
}

// refused turns the replica's refusal of what the peer sent into the peer's violation; failures of this device stay what they are.
func (s *Session) refused(err error) error {
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Corrupt) {
		return fault.Wrap(err, CodeViolation, "session.Step", sentences[CodeViolation])
	}
	return err
}

func (s *Session) takeWantCommits(m *WantCommits) error {
	sh, err := s.space(m.Space)
	if err != nil {
		return err
	}
	if m.From > sh.sentCommit {
		return nil // they were not sent yet
	}
	sh.sentCommit, sh.sentChain = m.From-1, m.Chain
	sh.whole = m.From + RowsMax
	// The peer does not hold what it seemed to: it tells anew, and what it seemed to hold is sent again.
	clear(sh.held)
	clear(sh.sent)
	return nil
}

// sendCommits gives the next message of commits that the peer lacks, or nil.
func (s *Session) sendCommits(ctx context.Context, sh *sharing) (Message, error) {
	front := s.replica.Frontier(sh.space)
	if s.peer.OwnCommits || sh.sentCommit >= front.Commit || s.cfg.Generations.Left(front) {
		return nil, nil
	}
	if sh.behind && (!s.peer.Replaces || s.cfg.Snapshots == nil || front.Generation < s.cfg.Generations.Generation()) {
		return nil, nil
	}
	if sh.source != nil && s.declined(sh) {
		s.dropSource(sh) // the peer found another way
	}
	if sh.source != nil || s.snapshotFits(sh, front) {
		return s.sendSnapshot(ctx, sh)
	}
	commits, err := s.replica.Commits(sh.space, sh.sentCommit+1, batchBytes)
	if fault.Is(err, store.Trimmed) {
		return s.sendTrimmed(ctx, sh, front)
	}
	if err != nil || len(commits) == 0 {
		return nil, err
	}
	return s.commitsOf(sh, front, commits)
}

// sendTrimmed serves a peer whose commits are no longer kept one by one: with the whole state if it takes that, else only with what is tentative.
func (s *Session) sendTrimmed(ctx context.Context, sh *sharing, front record.Frontier) (Message, error) {
	if !sh.trimmed {
		sh.trimmed = true
		s.cfg.Log.Info("a peer is too far behind for single commits", "peer", s.peer.Device, "space", sh.space, "peer at", sh.sentCommit, "here", front.Commit)
	}
	if s.snapshotFits(sh, front) {
		return s.sendSnapshot(ctx, sh)
	}
	if sh.unreached {
		return nil, nil
	}
	sh.unreached = true
	return &OutOfReach{Space: sh.space}, nil
}

func (s *Session) takeOutOfReach(m *OutOfReach) error {
	sh, err := s.space(m.Space)
	if err != nil {
		return err
	}
	sh.catchUp = 0
	return nil
}

// commitsOf makes the message of the commits that follow sentCommit, each without its edit where the peer holds it.
func (s *Session) commitsOf(sh *sharing, front record.Frontier, commits []store.Commit) (Message, error) {
	m := &Commits{Space: sh.space, Generation: commits[0].Generation, From: sh.sentCommit + 1}
	chain, size := sh.sentChain, 0
	for i := range commits[:min(len(commits), RowsMax)] {
		if commits[i].Generation != m.Generation {
			break
		}
		row, err := s.rowFor(sh, &commits[i])
		if err != nil {
			return nil, err
		}
		chain = record.ChainHash(chain, row.Outcome)
		m.Rows, size = append(m.Rows, row), size+rowBytes(&row)
		if sh.sentCommit+uint64(len(m.Rows)) == front.Commit && chain != front.Chain {
			return nil, ending(CodeHistoryDiffers, "session.Commits")
		}
	}
	m.Chain = chain
	sh.sentCommit, sh.sentChain = sh.sentCommit+uint64(len(m.Rows)), chain
	sh.toldCommit = max(sh.toldCommit, sh.sentCommit)
	s.launch(size)
	return m, nil
}

// rowFor leaves the edit out where the peer holds it.
func (s *Session) rowFor(sh *sharing, commit *store.Commit) (CommitRow, error) {
	row := CommitRow{Outcome: commit.Outcome, Time: commit.Time}
	outcome, err := placeOf(commit.Outcome)
	if err != nil {
		return row, err
	}
	of := outcome.Edit.Incarnation
	if sh.held[of] < outcome.Edit.Sequence || outcome.Commit < sh.whole {
		row.Sealed = &commit.Sealed
	}
	if sh.held[of] <= outcome.Edit.Sequence {
		delete(sh.held, of)
	}
	return row, nil
}

func rowBytes(row *CommitRow) int {
	size := len(row.Outcome)
	if row.Sealed != nil {
		size += len(row.Sealed.Header) + len(row.Sealed.Payload)
	}
	return size
}
