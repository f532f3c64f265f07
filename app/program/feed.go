package program

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"holdfast/app/api"
	"holdfast/backend/desk"
	"holdfast/backend/query"
	"holdfast/backend/record"
	"holdfast/backend/search"
	"holdfast/backend/store"
)

// feed keeps the tables and the index current with the store and tells the interface what changed. It is the way back from store to screen.
type feed struct {
	store   *store.Store
	tables  *query.Tables
	index   *search.Index
	desk    *desk.Desk
	changes *broadcast
	log     *slog.Logger
	// repository is told when the branch table of the configuration may have changed.
	repository func(ctx context.Context)
	parked     *parkedCount
	tender     *tender

	subscription *store.Subscription
	stop         context.CancelFunc
	done         sync.WaitGroup
}

// start loads everything and then follows the store. Changes between the two are not missed: the subscription comes first.
func (f *feed) start(ctx context.Context) error {
	f.subscription = f.store.Subscribe(16)
	if err := f.load(ctx); err != nil {
		f.subscription.Close()
		return err
	}
	following, stop := context.WithCancel(context.Background())
	f.stop = stop
	f.done.Go(func() { f.follow(following) })
	return nil
}

func (f *feed) close() {
	f.stop()
	f.subscription.Close()
	f.done.Wait()
}

// load reads all records into the tables. The index is filled only when it does not stand where the store does.
func (f *feed) load(ctx context.Context) error {
	if err := f.parked.refresh(ctx); err != nil {
		return err
	}
	if err := f.tables.Load(ctx); err != nil {
		return err
	}
	if !f.index.Fresh() && f.index.Mark() == f.mark() {
		return nil
	}
	return f.reindex(ctx)
}

func (f *feed) reindex(ctx context.Context) error {
	batch := make([]search.Document, 0, indexBatch)
	err := f.store.EachView(ctx, func(state *record.State) error {
		if batch = append(batch, f.desk.Document(state)); len(batch) == indexBatch {
			f.index.Put(batch...)
			batch = batch[:0]
		}
		return nil
	})
	f.index.Put(batch...)
	return err
}

// indexBatch is how many documents are handed to the index at once.
const indexBatch = 1000

// mark names the state that the index stands for: all frontiers. Tentative edits are not in it, so an index that was closed with some is filled anew.
func (f *feed) mark() string {
	mark := ""
	for _, frontier := range f.store.Frontiers() {
		mark += string(frontier.Space) + ":" + frontier.Chain.String() + ";"
	}
	if f.store.PendingCount() > 0 {
		return "pending"
	}
	return mark
}

// settle notes in the index how far it has come, for a quick next start.
func (f *feed) settle(ctx context.Context) {
	mark := f.mark()
	if mark == "pending" {
		mark = ""
	}
	if err := f.index.SetMark(ctx, mark); err != nil {
		f.log.Warn("the search index will be filled anew at the next start", "error", err)
	}
}

func (f *feed) follow(ctx context.Context) {
	f.repository(ctx) // what was decided before the last stop may not have been followed
	for {
		select {
		case <-ctx.Done():
			return
		case set, open := <-f.subscription.C():
			if !open {
				return
			}
			if err := f.take(ctx, set); err != nil && ctx.Err() == nil {
				f.log.Error("a change is not shown yet; it will be after the next start", "error", err)
			}
		}
	}
}

func (f *feed) take(ctx context.Context, set store.ChangeSet) error {
	event := api.ChangeEvent{IDs: []string{}, Kinds: []string{}, Sync: true}
	if len(set.Moved) > 0 || set.Everything {
		if err := f.parked.refresh(ctx); err != nil {
			return err
		}
	}
	if set.Everything {
		if err := f.tables.Load(ctx); err != nil {
			return err
		}
		if err := f.reindex(ctx); err != nil {
			return err
		}
		event.Kinds, event.Config = []string{"*"}, true
		f.repository(ctx)
		f.changes.send(event)
		return nil
	}
	if err := f.refresh(set.Records, &event); err != nil {
		return err
	}
	if slices.Contains(set.Records, desk.RepositoryID) {
		event.Config = true
		f.repository(ctx)
	}
	f.changes.send(event)
	return nil
}

func (f *feed) refresh(ids []record.ID, event *api.ChangeEvent) error {
	documents := make([]search.Document, 0, len(ids))
	states := make([]*record.State, 0, len(ids))
	kinds := map[string]bool{}
	for _, id := range ids {
		state, err := f.store.View(id)
		if err != nil {
			return err
		}
		if state == nil {
			continue
		}
		states = append(states, state)
		f.tender.note(state)
		documents = append(documents, f.desk.Document(state))
		kinds[state.Kind] = true
		event.IDs = append(event.IDs, id.String())
	}
	if len(event.IDs) > idsMax {
		event.IDs = []string{}
	}
	for kind := range kinds {
		event.Kinds = append(event.Kinds, kind)
	}
	slices.Sort(event.Kinds)
	f.index.Put(documents...)
	f.tables.Refresh(states...)
	return nil
}
