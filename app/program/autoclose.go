package program

import (
	"context"
	"time"

	"holdfast/backend/core/limit"
	"holdfast/backend/query"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
	"holdfast/backend/workflow"
)

// closeInterval is how often a leader looks for tickets to close: they wait for days, so a minute is soon enough.
const closeInterval = time.Minute

// keepClosing closes what was resolved long enough ago, for as long as this device leads.
func (sh *sharing) keepClosing(life context.Context) {
	ticker := time.NewTicker(closeInterval)
	defer ticker.Stop()
	for {
		if err := sh.closeResolved(life); err != nil && life.Err() == nil {
			sh.site.program.config.Log.Error("resolved tickets could not be closed", "error", err)
		}
		select {
		case <-life.Done():
			return
		case <-ticker.C:
		}
	}
}

// closeResolved proposes to close every ticket whose time has come, unless something is still undecided on it.
func (sh *sharing) closeResolved(ctx context.Context) error {
	sh.closing.Lock()
	defer sh.closing.Unlock()
	if sh.node == nil || !sh.node.Leader().Self {
		return nil
	}
	ids, err := sh.resolved()
	if err != nil {
		return err
	}
	var drafts []record.Draft
	now := sh.site.program.config.Wall()
	for _, id := range ids {
		if len(sh.site.store.PendingOf(id)) > 0 { // looked at first: what is decided in between is seen in what is agreed
			continue
		}
		state, err := sh.site.store.Committed(id)
		if err != nil {
			return err
		}
		if state == nil {
			continue
		}
		if draft, due := sh.site.desk.AutoClose(state, now); due {
			drafts = append(drafts, draft)
		}
	}
	for len(drafts) > 0 {
		batch := drafts[:min(len(drafts), limit.BatchEdits)]
		if _, err := sh.site.store.Append(ctx, batch...); err != nil {
			return err
		}
		drafts = drafts[len(batch):]
	}
	return nil
}

// resolved names the tickets that are resolved as people see them.
func (sh *sharing) resolved() ([]record.ID, error) {
	var ids []record.ID
	request := query.Request{
		Filters: map[string][]string{query.FacetPhase: {string(workflow.Resolved)}}, Order: query.OrderCreated, Limit: limit.PageRowsMax,
	}
	for {
		page, err := sh.site.tables.For(ticket.Incident).List(request)
		if err != nil {
			return nil, err
		}
		for i := range page.Rows {
			ids = append(ids, page.Rows[i].ID)
		}
		if request.Offset += len(page.Rows); len(page.Rows) == 0 || request.Offset >= page.Total {
			return ids, nil
		}
	}
}
