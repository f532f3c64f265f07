package program

import (
	"context"
	"time"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/limit"
	"holdfast/backend/query"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
	"holdfast/backend/workflow"
)

// looked is when a ticket that is overdue has to be looked at again: when it changed, or when its next clock runs out.
type looked struct {
	changed clock.Stamp
	next    time.Time // zero: no clock runs any more that has not run out
}

// noteOverdue proposes to note every promise that has been broken since it was called last. Lists know which tickets are due, so no other is looked at, and none twice for the same.
func (sh *sharing) noteOverdue(ctx context.Context) error {
	if sh.node == nil || !sh.node.Leader().Self {
		return nil
	}
	sh.overdue.Lock()
	defer sh.overdue.Unlock()
	now := sh.site.program.config.Wall()
	seen := make(map[record.ID]looked, len(sh.looked))
	defer func() { sh.looked = seen }()
	request := query.Request{
		Filters: map[string][]string{query.FacetPhase: {string(workflow.Open)}}, Order: query.OrderDue, Limit: limit.PageRowsMax,
	}
	for {
		page, err := sh.site.tables.For(ticket.Incident).List(request)
		if err != nil {
			return err
		}
		for i := range page.Rows {
			row := &page.Rows[i]
			if row.Due == 0 || row.Due.Time().After(now) {
				return nil
			}
			if seen[row.ID], err = sh.noteOn(ctx, row, now); err != nil {
				return err
			}
		}
		if request.Offset += len(page.Rows); len(page.Rows) == 0 || request.Offset >= page.Total {
			return nil
		}
	}
}

// noteOn looks at one ticket that is overdue.
func (sh *sharing) noteOn(ctx context.Context, row *query.Row, now time.Time) (looked, error) {
	before, known := sh.looked[row.ID]
	if known && before.changed == row.Changed && (before.next.IsZero() || now.Before(before.next)) {
		return before, nil
	}
	state, err := sh.site.store.Committed(row.ID)
	if err != nil || state == nil {
		return looked{}, err
	}
	drafts, next := sh.site.desk.Breaches(sh.site.store, state, now)
	if err := sh.propose(ctx, drafts); err != nil {
		return looked{}, err
	}
	return looked{row.Changed, next}, nil
}
