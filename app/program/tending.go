package program

import (
	"context"
	"errors"
	"sync"
	"time"

	"holdfast/backend/core/clock"
	"holdfast/backend/desk"
	"holdfast/backend/query"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// tendInterval is how often a leader tries again what it could not do at once.
const tendInterval = time.Minute

// tender knows which records the desk may have something to do about: every replica collects them, whoever leads does it. So what a leader left undone is not searched for
// in all records by the next one.
type tender struct {
	owes   func(*record.State) bool
	recent clock.Stamp   // what changed before this, before the program began, was looked at by whoever led then
	news   chan struct{} // holds a value after a record was added

	mu  sync.Mutex
	ids map[record.ID]bool
}

// recentDays is how far back what was there at the start is looked at again: a leader of one that is killed leaves nothing undone for longer than it stays away.
const recentDays = 7

func newTender(owes func(*record.State) bool, now time.Time) *tender {
	return &tender{owes: owes, recent: clock.At(now.AddDate(0, 0, -recentDays)), news: make(chan struct{}, 1), ids: map[record.ID]bool{}}
}

// recall is note for a record that was there at the start.
func (t *tender) recall(state *record.State) {
	if desk.Owes(state) || state.Changed.At >= t.recent {
		t.note(state)
	}
}

// note looks at a record that was read anyway.
func (t *tender) note(state *record.State) {
	if !t.owes(state) {
		return
	}
	t.mu.Lock()
	t.ids[state.ID] = true
	t.mu.Unlock()
	select {
	case t.news <- struct{}{}:
	default:
	}
}

func (t *tender) all() []record.ID {
	t.mu.Lock()
	defer t.mu.Unlock()
	ids := make([]record.ID, 0, len(t.ids))
	for id := range t.ids {
		ids = append(ids, id)
	}
	return ids
}

func (t *tender) done(id record.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.ids, id)
}

// noting is the store of the tables; what they read of it, the tender sees.
type noting struct {
	*store.Store
	tender *tender
}

var _ query.Store = noting{}

// EachView implements query.Store.
func (n noting) EachView(ctx context.Context, yield func(*record.State) error) error {
	return n.Store.EachView(ctx, func(state *record.State) error {
		n.tender.recall(state)
		return yield(state)
	})
}

// keepTending does what the desk owes, for as long as this device leads.
func (sh *sharing) keepTending(life context.Context) {
	leadership, done := sh.node.LeadershipChanges()
	defer done()
	ticker := time.NewTicker(tendInterval)
	defer ticker.Stop()
	overdue := true
	for {
		err := sh.tend(life)
		if overdue {
			err = errors.Join(err, sh.noteOverdue(life))
		}
		if overdue = false; err != nil && life.Err() == nil {
			sh.site.program.config.Log.Error("what follows from a change could not all be done; it is tried again", "error", err)
		}
		select {
		case <-life.Done():
			return
		case <-sh.site.tender.news:
		case <-leadership:
			overdue = true
		case <-ticker.C:
			overdue = true
		}
	}
}

// tend proposes what is owed on every record that was noted. One that nothing is owed on any more is forgotten; what a proposal changes notes its records again.
func (sh *sharing) tend(ctx context.Context) error {
	if sh.node == nil || !sh.node.Leader().Self {
		return nil
	}
	var errs []error
	for _, id := range sh.site.tender.all() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		sh.site.tender.done(id) // first: what changes from now on notes it again
		drafts, err := sh.owed(id)
		if err == nil {
			err = sh.propose(ctx, drafts)
		}
		if err != nil {
			errs = append(errs, err)
			sh.site.tender.keep(id)
		}
	}
	return errors.Join(errs...)
}

// owed gives what there is to do about a record.
func (sh *sharing) owed(id record.ID) ([]record.Draft, error) {
	drafts, err := sh.site.desk.Onward(sh.site.store, id)
	if err != nil {
		return nil, err
	}
	state, err := sh.site.store.Committed(id)
	if err != nil || state == nil {
		return drafts, err
	}
	noted, _ := sh.site.desk.Breaches(sh.site.store, state, sh.site.program.config.Wall())
	return append(drafts, noted...), nil
}

// keep has a record looked at again at the next tick.
func (t *tender) keep(id record.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ids[id] = true
}

// propose writes those of the system's edits that this device has not proposed already and that wait to be decided.
func (sh *sharing) propose(ctx context.Context, drafts []record.Draft) error {
	for _, draft := range drafts {
		if sh.proposed(draft) {
			continue
		}
		if _, err := sh.site.store.Append(ctx, draft); err != nil {
			return err
		}
	}
	return nil
}

func (sh *sharing) proposed(draft record.Draft) bool {
	first := draft.Mutations[0]
	for _, edit := range sh.site.store.PendingOf(first.Record) {
		own := edit.Author == (record.ID{}) && edit.ID.Device == sh.site.program.device.ID()
		if own && edit.Action == draft.Action && len(edit.Mutations) > 0 && edit.Mutations[0].Item == first.Item {
			return true
		}
	}
	return false
}
