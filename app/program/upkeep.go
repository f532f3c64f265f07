package program

import (
	"context"
	"time"

	"holdfast/backend/core/clock"
)

const (
	upkeepTick = 24 * time.Hour
	// keepLogDays is how long a desktop keeps agreed changes one by one when nobody has chosen. A node keeps them for ever: auditors ask for them.
	keepLogDays = 90
)

// keepUp does once a day what the store needs when nobody works: old commits are trimmed into the records, space is given back.
func (sh *sharing) keepUp(life context.Context) {
	tick := time.NewTicker(upkeepTick)
	defer tick.Stop()
	for {
		if err := sh.tendStore(life); err != nil && life.Err() == nil {
			sh.site.program.config.Log.Warn("the store's upkeep is done again tomorrow", "error", err)
		}
		select {
		case <-life.Done():
			return
		case <-tick.C:
		}
	}
}

func (sh *sharing) tendStore(ctx context.Context) error {
	days := sh.site.program.prefs.Get().KeepLogDays
	if days == 0 && !sh.member() {
		days = keepLogDays
	}
	s := sh.site.store
	if days > 0 {
		since := clock.At(sh.site.program.config.Wall().AddDate(0, 0, -days))
		for _, f := range s.Frontiers() {
			first, err := s.LogSince(f.Space, since)
			if err != nil {
				return err
			}
			if err := s.TrimLog(ctx, f.Space, first); err != nil {
				return err
			}
		}
	}
	for _, f := range s.Frontiers() {
		covered, err := sh.site.desk.Covered(f.Space)
		if err != nil {
			return err
		}
		// A backup of an earlier generation may hold another history than the one that this device goes on with.
		if covered.Generation == f.Generation {
			if err := s.DropOwn(ctx, f.Space, f.Generation, covered.Commit); err != nil {
				return err
			}
		}
	}
	return s.Tend(ctx)
}
