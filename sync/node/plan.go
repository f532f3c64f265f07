// Package node runs one member of the Raft group that gives all edits their final order. The state machine is the replica's own store. Only the leader
// evaluates edits; what it decided is what every replica writes.
package node

import (
	"context"
	"fmt"
	"strings"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// Decider evaluates an edit against committed state. Outcome.Commit is left to the caller; the map holds the new committed states of the records that the outcome
// writes. It is called from one goroutine at a time. A panic becomes the outcome poison; so does an error with code fault.Invalid. After any other error the edit is
// left as it is and tried again later.
type Decider interface {
	Decide(ctx context.Context, committed record.Reader, edit *record.Edit, received clock.Stamp) (*record.Outcome, map[record.ID]*record.State, error)
	// MayGiveUp reports whether by, a tentative edit that gives up one that waits for a record, may do so.
	MayGiveUp(committed record.Reader, by, waiting *record.Edit) bool
}

// Understanding is a Decider that can tell which edits its program understands: the others, and what their devices write after them, wait until it is upgraded.
type Understanding interface {
	Understands(edit *record.Edit) bool
}

// Expectant is a Decider that lets an edit wait for more than what it builds on (record.Ready), such as for its device to be known.
type Expectant interface {
	Ready(committed record.Reader, edit *record.Edit) bool
}

// Planner turns tentative edits into entries. It has no state of its own, so that a simulation can drive it.
type Planner struct {
	Decider Decider
	// Ready reports whether an edit can be decided yet; false makes it, and what follows it in its incarnation, wait. Nil: the decider says so, if it is
	// Expectant, or else record.Ready.
	Ready func(committed record.Reader, edit *record.Edit) bool
}

// Situation is what an entry is planned on. Entries that are under way already count as committed.
type Situation struct {
	Frontier   record.Frontier // of the space; Digest is not looked at
	Generation uint64          // the group's; a space that stands lower is raised first
	Now        clock.Stamp     // the leader's time of receipt; stamps before Frontier.Time are moved behind it
	Committed  record.Reader
	// Sequence gives the highest committed sequence of an incarnation of the space.
	Sequence func(record.Incarnation) uint64
	// Pending gives at most so many tentative edits of the space after a place, in order of hybrid time.
	Pending func(after store.PendingCursor, most int) []*record.Edit
	// Refused reports whether the group has refused the creation of a record: it will not come about, so nothing waits for it. Nil: none is known to be.
	Refused func(record.ID) bool
	// Condemned gives why an edit is to be poison whatever it says, or "". Nil: none is.
	Condemned func(record.EditID) string
	// Touching gives the tentative edits that name a record, so that an edit is not waited for for ever that changes a record which is gone: somebody gives it up. Nil: nobody does.
	Touching func(record.ID) []*record.Edit
	// Redactable gives a redaction the steps that held what it removes (store.Redactable), on what stands at Frontier; nil while entries are under way: then it waits.
	Redactable func(ctx context.Context, r *record.Redaction) error
	// EditsMax bounds the entry's edits; 0 is limit.EntryEdits.
	EditsMax int
}

// Plan is an entry with what it leads to.
type Plan struct {
	Entry     record.Entry
	Frontier  record.Frontier // after the entry, without Digest
	States    map[record.ID]*record.State
	Sequences map[record.Incarnation]uint64
	Raises    bool     // the entry does nothing but raise the space's generation
	Waiting   int      // edits that were looked at and cannot be decided yet
	Failed    error    // why the last of the edits that the decider failed on was left
	Troubles  []string // what went wrong inside decisions that gave poison, for the leader's log
}

// Empty reports whether there is nothing to propose.
func (p *Plan) Empty() bool { return len(p.Entry.Outcomes) == 0 && !p.Raises }

// Plan decides tentative edits in order of hybrid time, each incarnation's without a gap, until the entry is full or no edit is left. Each edit sees what those before
// it in the entry did. ctx's error is the only one.
func (p *Planner) Plan(ctx context.Context, s Situation) (*Plan, error) {
	if s.EditsMax <= 0 || s.EditsMax > limit.EntryEdits {
		s.EditsMax = limit.EntryEdits
	}
	s.Now = max(s.Now, s.Frontier.Time+1)
	w := &planning{
		planner: p, situation: &s, states: map[record.ID]*record.State{}, sequences: map[record.Incarnation]uint64{},
		early: map[record.EditID]*record.Edit{}, stuck: map[record.Incarnation]bool{},
	}
	w.entry = record.Entry{
		Format: record.EntryFormat, Space: s.Frontier.Space, Generation: max(s.Generation, s.Frontier.Generation), EvaluatedAt: s.Frontier.Commit, Time: s.Now,
		Before: s.Frontier.Chain,
	}
	if s.Generation > s.Frontier.Generation && s.Frontier.Commit > 0 {
		plan := w.plan()
		plan.Raises, plan.Frontier.Generation = true, s.Generation
		return plan, nil
	}
	if err := w.fill(ctx); err != nil {
		return nil, err
	}
	return w.plan(), nil
}

// planning is one entry in the making.
type planning struct {
	planner   *Planner
	situation *Situation
	entry     record.Entry
	bytes     int
	states    map[record.ID]*record.State
	sequences map[record.Incarnation]uint64
	early     map[record.EditID]*record.Edit // stamped before an edit that they follow
	stuck     map[record.Incarnation]bool    // an edit of theirs cannot be decided yet
	waiting   int
	failed    error
	troubles  []string
}

// Committed makes a planning the record.Reader of its own decisions.
func (w *planning) Committed(id record.ID) (*record.State, error) {
	if state, decided := w.states[id]; decided {
		return state, nil
	}
	return w.situation.Committed.Committed(id)
}

// expected reads what an edit may build on. A record whose creation was refused is as good as there: who waited for it would wait for ever, and keep back all that its device writes
// after it. Evaluation then finds no such record, and parks the edit.
type expected struct{ *planning }

// Committed is record.Reader's.
func (x expected) Committed(id record.ID) (*record.State, error) {
	state, err := x.planning.Committed(id)
	if state != nil || err != nil || x.situation.Refused == nil || !x.situation.Refused(id) {
		return state, err
	}
	return &record.State{ID: id}, nil
}

const pageEdits = 512

func (w *planning) fill(ctx context.Context) error {
	var after store.PendingCursor
	for {
		page := w.situation.Pending(after, pageEdits)
		for _, edit := range page {
			for edit != nil {
				if err := ctx.Err(); err != nil {
					return err
				}
				taken, full := w.consider(ctx, edit)
				if full {
					return nil
				}
				edit = w.follower(edit, taken)
			}
		}
		if len(page) < pageEdits {
			return nil
		}
		last := page[len(page)-1]
		after = store.PendingCursor{Time: last.Time, Edit: last.ID}
	}
}

// follower gives the edit after one that was just taken, where it came by earlier.
func (w *planning) follower(e *record.Edit, taken bool) *record.Edit {
	if !taken {
		return nil
	}
	next := record.EditID{Incarnation: e.ID.Incarnation, Sequence: e.ID.Sequence + 1}
	found := w.early[next]
	delete(w.early, next)
	return found
}

// consider takes one edit into the entry if its turn has come.
func (w *planning) consider(ctx context.Context, e *record.Edit) (taken, full bool) {
	of := e.ID.Incarnation
	committed, known := w.sequences[of]
	if !known {
		committed = w.situation.Sequence(of)
	}
	switch {
	case e.ID.Sequence <= committed:
		return false, false // under way
	case w.stuck[of]:
		w.waiting++
		return false, false
	case e.ID.Sequence > committed+1:
		w.early[e.ID] = e
		return false, false
	}
	outcome, states := w.decide(ctx, e)
	if outcome != nil && outcome.Redacts != nil {
		if len(w.entry.Outcomes) > 0 {
			return false, true // it stands in an entry of its own
		}
		outcome, states = w.redactable(ctx, e, outcome, states)
	}
	if outcome == nil {
		w.stuck[of] = true
		w.waiting++
		return false, false
	}
	taken, full = w.take(e, outcome, states)
	return taken, full || outcome.Redacts != nil
}

// redactable completes a redaction, or has it wait until nothing is under way.
func (w *planning) redactable(ctx context.Context, e *record.Edit, o *record.Outcome, states map[record.ID]*record.State) (*record.Outcome, map[record.ID]*record.State) {
	if w.situation.Redactable == nil {
		return nil, nil
	}
	err := w.situation.Redactable(ctx, o.Redacts)
	switch {
	case err == nil:
		return o, states
	case fault.Is(err, fault.Invalid):
		return w.poison(e, fault.SentenceOf(err)), nil
	}
	w.failed = err
	return nil, nil
}

func (w *planning) take(e *record.Edit, outcome *record.Outcome, states map[record.ID]*record.State) (taken, full bool) {
	outcome.Edit, outcome.Hash = e.ID, e.Sealed.Hash()
	outcome.Commit = w.entry.EvaluatedAt + uint64(len(w.entry.Outcomes)) + 1
	encoded := record.EncodeOutcome(outcome)
	size := len(encoded) + len(e.Sealed.Header) + len(e.Sealed.Payload) + len(e.Sealed.Signature)
	if len(w.entry.Outcomes) > 0 && w.bytes+size > limit.EntryBytes {
		return false, true
	}
	w.bytes += size
	if outcome.Result == record.Poison {
		w.troubles = append(w.troubles, e.ID.String()+" "+outcome.Trouble)
	}
	w.entry.Edits = append(w.entry.Edits, e.Sealed)
	w.entry.Outcomes = append(w.entry.Outcomes, encoded)
	for id, state := range states {
		w.states[id] = state
	}
	w.sequences[e.ID.Incarnation] = e.ID.Sequence
	return true, len(w.entry.Outcomes) >= w.situation.EditsMax
}

// decide gives an edit's outcome, or nil when it has to wait.
func (w *planning) decide(ctx context.Context, e *record.Edit) (*record.Outcome, map[record.ID]*record.State) {
	if w.situation.Condemned != nil {
		if reason := w.situation.Condemned(e.ID); reason != "" {
			return w.poison(e, reason), nil
		}
	}
	outcome, states, err := w.guarded(ctx, e)
	if err == nil {
		return outcome, states
	}
	if fault.Is(err, fault.Invalid) {
		return w.poison(e, fault.SentenceOf(err)), nil
	}
	w.failed = err
	return nil, nil
}

// readiness gives what says whether an edit can be decided yet.
func (p *Planner) readiness() func(record.Reader, *record.Edit) bool {
	if p.Ready != nil {
		return p.Ready
	}
	if expectant, waits := p.Decider.(Expectant); waits {
		return expectant.Ready
	}
	return record.Ready
}

// guarded asks the decider, whatever it does.
func (w *planning) guarded(ctx context.Context, e *record.Edit) (outcome *record.Outcome, states map[record.ID]*record.State, err error) {
	defer func() {
		if r := recover(); r != nil {
			outcome, states, err = w.poison(e, fmt.Sprintf("Deciding on it failed: %v.", r)), nil, nil
		}
	}()
	ready := w.planner.readiness()
	understanding, chooses := w.planner.Decider.(Understanding)
	if chooses && !understanding.Understands(e) || !ready(expected{w}, e) && !w.givenUp(e) {
		return nil, nil, nil
	}
	outcome, states, err = w.planner.Decider.Decide(ctx, w, e, w.situation.Now)
	if err == nil && outcome == nil {
		err = fault.New(fault.Internal, "node.Plan", "A change was left without a decision. It is tried again.")
	}
	return outcome, states, err
}

// givenUp reports whether somebody who may do so gave up an edit that changes a record which nobody here is about to make. It is decided as it stands then, and parked.
func (w *planning) givenUp(e *record.Edit) bool {
	if w.situation.Touching == nil {
		return false
	}
	lacked, err := record.Lacks(expected{w}, e)
	if err != nil {
		return false
	}
	given := false
	for _, id := range lacked {
		for _, other := range w.situation.Touching(id) {
			if other.Creates(id) {
				return false
			}
			given = given || other.GivesUp(e.ID) && w.planner.Decider.MayGiveUp(w, other, e)
		}
	}
	return given
}

// sentenceBytesMax bounds what a failure may say in an outcome.
const sentenceBytesMax = 500

func (w *planning) poison(e *record.Edit, why string) *record.Outcome {
	why = strings.ToValidUTF8(why[:min(len(why), sentenceBytesMax)], "")
	return &record.Outcome{
		Edit: e.ID, Hash: e.Sealed.Hash(), Result: record.Poison, Trouble: why, Effective: min(e.Time, w.situation.Now.Add(limit.ClockTolerance)),
		Reason: &record.Reason{Code: record.ReasonPoison, Sentence: why},
	}
}

func (w *planning) plan() *Plan {
	after := w.situation.Frontier
	after.Commit += uint64(len(w.entry.Outcomes))
	for _, outcome := range w.entry.Outcomes {
		after.Chain = record.ChainHash(after.Chain, outcome)
	}
	if len(w.entry.Outcomes) > 0 {
		after.Generation, after.Time = w.entry.Generation, w.entry.Time
	}
	return &Plan{
		Entry: w.entry, Frontier: after, States: w.states, Sequences: w.sequences, Waiting: w.waiting + len(w.early), Failed: w.failed, Troubles: w.troubles,
	}
}
