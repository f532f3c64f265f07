package store

import (
	"bytes"
	"context"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Apply writes one entry of outcomes: all of it with the frontier and at in one step, or nothing. It is false, with nothing written, when the entry was evaluated at another commit
// number or generation than the space stands at. An entry at or before RaftPosition is true without being applied again. An entry without edits and with a higher
// generation, evaluated where the space stands, raises the generation. An Edits[i] without bytes stands for an edit that is held as tentative.
// An error means that the entry breaks a rule (the same everywhere) or that the disk fails (nothing is written).
func (s *Store) Apply(ctx context.Context, entry record.Entry, at RaftPosition) (bool, error) {
	return s.ApplyRun(ctx, []record.Entry{entry}, at)
}

// ApplyRun is Apply for entries of one space that follow each other, in one step: what they come to is what applying them one by one comes to, all of it or nothing. at is the last
// one's. It is false, with nothing written, when one of them is not due; an error may be about any of them. Only the first may raise the generation.
func (s *Store) ApplyRun(ctx context.Context, entries []record.Entry, at RaftPosition) (bool, error) {
	if len(entries) == 0 {
		return true, nil
	}
	decoded, err := decodeEntries(ctx, entries)
	if err != nil {
		return false, err
	}
	redacts, err := alone(entries, decoded)
	if err != nil {
		return false, err
	}
	if redacts && len(entries) > 1 {
		return s.applySteps(ctx, entries, at)
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.mend(); err != nil {
		return false, err
	}
	if at.Index != 0 && at.Index <= s.raft.Index {
		return true, nil
	}
	frontier, due := s.next(&entries[0])
	if !due {
		return false, nil
	}
	r, err := s.reader()
	if err != nil {
		return false, err
	}
	defer r.close()
	a := newApplier(s, r, entries, frontier)
	if due, err := a.run(ctx, decoded); err != nil || !due {
		return false, err
	}
	if err := s.finishApply(a, at); err != nil {
		return false, err
	}
	return true, nil
}

// decodeEntries reads the outcomes of entries, one after the other, and checks what does not depend on where the space stands.
func decodeEntries(ctx context.Context, entries []record.Entry) ([]decision, error) {
	var decoded []decision
	for i := range entries {
		entry := &entries[i]
		if entry.Format > record.EntryFormat {
			return nil, fault.Newf(fault.NewerFormat, "store.Apply", "The agreed changes were written by a newer Holdfast (format %d). Install the newer version; they wait until then.", entry.Format)
		}
		if len(entry.Edits) != len(entry.Outcomes) {
			return nil, brokenEntry("it has %d edits and %d outcomes", len(entry.Edits), len(entry.Outcomes))
		}
		for n := range entry.Outcomes {
			decoded = append(decoded, decision{raw: entry.Outcomes[n], sealed: entry.Edits[n]})
		}
	}
	return decoded, parallel(ctx, len(decoded), func(i int) error { return decoded[i].read() })
}

func brokenEntry(format string, args ...any) error {
	return fault.New(fault.Invalid, "store.Apply", "An entry of the agreed changes breaks a rule: "+fault.Newf("", "", format, args...).Sentence+". Nothing was changed.")
}

// decision is an outcome with its edit, both decoded.
type decision struct {
	outcome record.Outcome
	raw     []byte
	edit    *record.Edit // nil: to be found among the tentative edits
	header  record.Header
	sealed  record.Sealed
}

// read decodes what does not depend on the store's state.
func (d *decision) read() error {
	if err := record.DecodeOutcome(d.raw, &d.outcome); err != nil {
		return err
	}
	if len(d.sealed.Header) > 0 && d.sealed.Hash() != d.outcome.Hash {
		return brokenEntry("an outcome names another edit than the one beside it")
	}
	return nil
}

// next gives the frontier that an entry starts from; false when the entry is not due there.
func (s *Store) next(entry *record.Entry) (record.Frontier, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f, found := s.frontiers[entry.Space]
	if !found {
		f = record.Frontier{Space: entry.Space}
	}
	raises := entry.Generation > f.Generation && (len(entry.Outcomes) == 0 || f.Commit == 0)
	same := entry.EvaluatedAt == f.Commit && (entry.Before == record.Hash{} || entry.Before == f.Chain)
	due := same && (entry.Generation == f.Generation || raises) && !s.imports[entry.Space]
	f.Generation = entry.Generation
	return f, due
}

// applier works a run of entries out into rows.
type applier struct {
	store    *Store
	reader   *reader
	entries  []record.Entry
	entry    *record.Entry // the one at work
	frontier record.Frontier

	change    change
	states    map[record.ID]*recordInWork
	order     []record.ID // of states, by first touch: rows come out in one order everywhere
	sequences map[record.Incarnation]committedSequence
	released  map[*record.Edit]bool
	named     map[record.Hash]bool // blobs that this entry names first
	lost      bool                 // an edit of this device lost its id
	copied    bool                 // an edit of this device was committed that it does not hold: another copy of it is at work
}

// recordInWork is a committed record while an entry is applied to it.
type recordInWork struct {
	state    *record.State
	before   record.Hash
	existed  bool
	conflict bool // before
}

func newApplier(s *Store, r *reader, entries []record.Entry, frontier record.Frontier) *applier {
	return &applier{
		store: s, reader: r, entries: entries, entry: &entries[0], frontier: frontier,
		states: map[record.ID]*recordInWork{}, sequences: map[record.Incarnation]committedSequence{}, released: map[*record.Edit]bool{},
		named: map[record.Hash]bool{},
	}
}

// run works all entries out; false when one of them does not follow the one before it.
func (a *applier) run(ctx context.Context, decoded []decision) (bool, error) {
	a.resolve(decoded)
	err := parallel(ctx, len(decoded), func(i int) error { return decoded[i].open() })
	if err != nil {
		return false, err
	}
	for i := range a.entries {
		if a.entry = &a.entries[i]; i > 0 && !a.follows() {
			return false, nil
		}
		n := len(a.entry.Outcomes)
		for k := range decoded[:n] {
			if err := a.one(&decoded[k]); err != nil {
				return false, err
			}
		}
		decoded = decoded[n:]
		a.frontier.Time = max(a.frontier.Time, a.entry.Time)
	}
	if err := a.writeStates(); err != nil {
		return false, err
	}
	for incarnation, c := range a.sequences {
		a.change.set.put(incarnationKey(famSequence, a.entry.Space, incarnation), c.encode())
	}
	a.change.frontier = &a.frontier
	return true, a.change.set.putEncoded(spaceKey(famFrontier, a.entry.Space), a.frontier)
}

// follows reports whether the entry at work stands where those before it lead to.
func (a *applier) follows() bool {
	e, f := a.entry, &a.frontier
	return e.Space == a.entries[0].Space && e.Generation == f.Generation && e.EvaluatedAt == f.Commit && (e.Before == record.Hash{} || e.Before == f.Chain)
}

// resolve finds the tentative edits that the outcomes are about: no need to decode them again.
func (a *applier) resolve(decoded []decision) {
	a.store.mu.RLock()
	defer a.store.mu.RUnlock()
	for i := range decoded {
		d := &decoded[i]
		held := a.store.pending.find(a.entry.Space, d.outcome.Edit)
		if held == nil || held.Sealed.Hash() != d.outcome.Hash {
			continue
		}
		if len(d.sealed.Header) > 0 && !bytes.Equal(d.sealed.Payload, held.Sealed.Payload) {
			continue // redacted here or there: the entry decides
		}
		if len(d.sealed.Header) == 0 {
			d.sealed = held.Sealed
		}
		d.edit, d.header = held, held.Header
	}
}

// open decodes an edit that was not held. One that breaks a bound has an outcome all the same, but no history: its header is enough.
func (d *decision) open() error {
	switch {
	case d.edit != nil:
	case len(d.sealed.Header) == 0:
		return fault.Newf(fault.NotFound, "store.Apply", "The edit %s came without its content and is not held here. Ask for it with its content.", d.outcome.Edit)
	default:
		edit, err := record.Open(d.sealed)
		if err != nil {
			edit = &record.Edit{Sealed: d.sealed}
			if err := record.Decode(d.sealed.Header, &edit.Header); err != nil {
				return err
			}
		}
		d.edit, d.header = edit, edit.Header
	}
	return nil
}

// one works out one outcome.
func (a *applier) one(d *decision) error {
	o := &d.outcome
	if o.Commit != a.frontier.Commit+1 {
		return brokenEntry("commit %d stands where %d belongs", o.Commit, a.frontier.Commit+1)
	}
	if d.header.ID != o.Edit || d.header.Space != a.entry.Space {
		return brokenEntry("an outcome names another edit or space than the edit beside it")
	}
	if err := a.advance(d); err != nil {
		return err
	}
	a.frontier.Commit = o.Commit
	a.frontier.Chain = record.ChainHash(a.frontier.Chain, d.raw)
	if err := a.writeHistory(d); err != nil {
		return err
	}
	if err := a.write(o); err != nil {
		return err
	}
	if o.Redacts != nil {
		if err := a.redact(o); err != nil {
			return err
		}
	}
	return a.writeCommit(d)
}

// write gives the records that the outcome touches their new states.
func (a *applier) write(o *record.Outcome) error {
	states, err := o.Apply(func(id record.ID) (*record.State, error) {
		w, err := a.record(id)
		if err != nil {
			return nil, err
		}
		return w.state, nil
	})
	for id, state := range states {
		if state.Space != a.entry.Space {
			return brokenEntry("an outcome writes a record of another space")
		}
		a.states[id].state = state
	}
	return err
}

// advance moves the incarnation's committed sequence on: its edits are committed in their order, each once.
func (a *applier) advance(d *decision) error {
	incarnation := d.header.ID.Incarnation
	c, found := a.sequences[incarnation]
	if !found {
		raw, err := a.reader.get("store.Apply", incarnationKey(famSequence, a.entry.Space, incarnation))
		if err != nil {
			return err
		}
		c, _ = decodeSequence(raw)
	}
	if d.header.ID.Sequence != c.Sequence+1 || d.header.Previous != c.Hash {
		return brokenEntry("edit %s does not follow number %d of its device", d.header.ID, c.Sequence)
	}
	a.sequences[incarnation] = committedSequence{d.header.ID.Sequence, d.outcome.Hash}
	return a.release(d)
}

// release takes the decided edit out of the tentative ones. Where other content stands under its id, that and what follows it lost: it is set aside.
func (a *applier) release(d *decision) error {
	key := spaced{a.entry.Space, d.header.ID.Incarnation}
	held := a.store.pending.find(a.entry.Space, d.header.ID)
	tail := a.store.pending.tails[key]
	if held == nil {
		a.copied = a.copied || d.header.ID.Device == a.store.device
		if len(tail) == 0 || tail[0].ID.Sequence != d.header.ID.Sequence+1 || tail[0].Previous == d.outcome.Hash {
			return nil
		}
		return a.setAside(tail) // it stood behind a gap, and hangs on an edit that lost its id
	}
	if a.released[held] {
		return nil
	}
	if held.Sealed.Hash() == d.outcome.Hash {
		a.released[held] = true
		a.change.gone = append(a.change.gone, held)
		if key := editKey(famTentative, a.entry.Space, held.ID); !a.store.owed.has(key) {
			a.change.set.remove(key)
		}
		return nil
	}
	return a.setAside(tail[d.header.ID.Sequence-tail[0].ID.Sequence:])
}

// setAside takes edits that cannot have their ids out of the tentative ones.
func (a *applier) setAside(edits []*record.Edit) error {
	for _, e := range edits {
		mine := e.ID.Device == a.store.device
		a.lost = a.lost || mine
		a.released[e] = true
		a.change.gone = append(a.change.gone, e)
		a.change.set.remove(editKey(famTentative, a.entry.Space, e.ID))
		if err := a.store.quarantine(&a.change.set, e, mine); err != nil {
			return err
		}
	}
	return nil
}

// record gives the committed record to work on, reading it once.
func (a *applier) record(id record.ID) (*recordInWork, error) {
	if w := a.states[id]; w != nil {
		return w, nil
	}
	w := &recordInWork{}
	raw, err := a.reader.get("store.Apply", recordKey(famState, a.entry.Space, id))
	if err != nil {
		return nil, err
	}
	if raw != nil {
		if w.state, err = record.DecodeState(raw); err != nil {
			return nil, err
		}
		w.existed, w.before, w.conflict = true, record.DigestOf(raw), conflicted(w.state)
	}
	a.states[id] = w
	a.order = append(a.order, id)
	return w, nil
}
