package sla_test

import (
	"testing"
	"time"

	"holdfast/backend/sla"
)

func promise(t testing.TB, c *sla.Calendar, response, update, resolution string) *sla.Promise {
	p := &sla.Promise{Calendar: c}
	for text, field := range map[string]*sla.Target{response: &p.FirstResponse, update: &p.NextUpdate, resolution: &p.Resolution} {
		if text != "" {
			*field = target(t, text)
		}
	}
	return p
}

func clocks(t testing.TB, events []sla.Event, now time.Time) map[sla.Metric]sla.Clock {
	t.Helper()
	list, err := sla.Evaluate(events, now)
	if err != nil {
		t.Fatal(err)
	}
	byMetric := map[sla.Metric]sla.Clock{}
	for _, c := range list {
		byMetric[c.Metric] = c
	}
	return byMetric
}

func TestPriorityRaised(t *testing.T) {
	cal := calendars(t)["A"]
	for rule, want := range map[sla.ChangeRule]string{
		sla.Retroactive: "2026-03-09 15:00", sla.RetroactiveIgnoringPauses: "2026-03-09 13:00", sla.Restart: "2026-03-09 17:00",
	} {
		events := []sla.Event{
			{At: at(t, cal, "2026-03-09 09:00"), What: sla.Created, Promise: promise(t, cal, "", "", "24 hours"), Policy: "P3"},
			{At: at(t, cal, "2026-03-09 10:00"), What: sla.Held},
			{At: at(t, cal, "2026-03-09 12:00"), What: sla.Resumed},
		}
		before := clocks(t, events, at(t, cal, "2026-03-09 12:30"))[sla.Resolution]
		sameInstant(t, "P3", before.Deadline.Due, at(t, cal, "2026-03-11 15:00"))
		events = append(events, sla.Event{
			At: at(t, cal, "2026-03-09 13:00"), What: sla.Retargeted, Promise: promise(t, cal, "", "", "4 hours"), OnChange: rule, Policy: "P1",
		})
		after := clocks(t, events, at(t, cal, "2026-03-09 13:00"))[sla.Resolution]
		sameInstant(t, string(rule), after.Deadline.Due, at(t, cal, want))
		if after.Deadline.Explanation.Policy != "P1" || len(after.Breaches) != 0 {
			t.Errorf("%s: %+v", rule, after)
		}
	}
}

func TestBreachStaysWhenTheTargetSoftens(t *testing.T) {
	cal := calendars(t)["A"]
	events := []sla.Event{
		{At: at(t, cal, "2026-03-09 09:00"), What: sla.Created, Promise: promise(t, cal, "", "", "4 hours"), Policy: "P1"},
		{At: at(t, cal, "2026-03-09 15:00"), What: sla.Retargeted, Promise: promise(t, cal, "", "", "24 hours"), OnChange: sla.Retroactive, Policy: "P3"},
	}
	got := clocks(t, events, at(t, cal, "2026-03-10 09:00"))[sla.Resolution]
	sameInstant(t, "new due", got.Deadline.Due, at(t, cal, "2026-03-11 13:00"))
	if len(got.Breaches) != 1 || got.Breaches[0].Policy != "P1" {
		t.Fatalf("breaches %+v", got.Breaches)
	}
	sameInstant(t, "breach", got.Breaches[0].At, at(t, cal, "2026-03-09 13:00"))
	if got.Condition != sla.Running || got.Remaining != 14*time.Hour {
		t.Errorf("%s with %s left", got.Condition, got.Remaining)
	}
}

func TestNewDueInThePastIsBreachedAtTheChange(t *testing.T) {
	cal := calendars(t)["A"]
	events := []sla.Event{
		{At: at(t, cal, "2026-03-09 09:00"), What: sla.Created, Promise: promise(t, cal, "", "", "24 hours"), Policy: "P3"},
		{At: at(t, cal, "2026-03-09 15:00"), What: sla.Retargeted, Promise: promise(t, cal, "", "", "4 hours"), Policy: "P1"},
	}
	got := clocks(t, events, at(t, cal, "2026-03-09 15:30"))[sla.Resolution]
	if len(got.Breaches) != 1 || got.Remaining != -150*time.Minute {
		t.Fatalf("breaches %+v, remaining %s", got.Breaches, got.Remaining)
	}
	sameInstant(t, "breach", got.Breaches[0].At, at(t, cal, "2026-03-09 15:00"))
}

func TestFourClocksOfOneConversation(t *testing.T) {
	cal := calendars(t)["A"]
	events := []sla.Event{
		{At: at(t, cal, "2026-03-09 16:30"), What: sla.Created, Promise: promise(t, cal, "1 hour", "4 hours", "16 hours")},
		{At: at(t, cal, "2026-03-09 17:00"), What: sla.Answered},
		{At: at(t, cal, "2026-03-09 17:45"), What: sla.Asked},
		{At: at(t, cal, "2026-03-10 09:00"), What: sla.Asked},
		{At: at(t, cal, "2026-03-10 11:00"), What: sla.Answered},
	}
	waiting := clocks(t, events, at(t, cal, "2026-03-10 10:00"))
	sameInstant(t, "update due", waiting[sla.NextUpdate].Deadline.Due, at(t, cal, "2026-03-10 11:45"))
	next, found := sla.Next([]sla.Clock{waiting[sla.Resolution], waiting[sla.FirstResponse], waiting[sla.NextUpdate]})
	if !found || next.Metric != sla.NextUpdate {
		t.Errorf("next is %s", next.Metric)
	}
	got := clocks(t, events, at(t, cal, "2026-03-10 12:00"))
	sameInstant(t, "response due", got[sla.FirstResponse].Deadline.Due, at(t, cal, "2026-03-09 17:30"))
	sameInstant(t, "resolution due", got[sla.Resolution].Deadline.Due, at(t, cal, "2026-03-11 12:30"))
	for metric, want := range map[sla.Metric]time.Duration{sla.FirstResponse: 30 * time.Minute, sla.NextUpdate: 195 * time.Minute} {
		if c := got[metric]; c.Condition != sla.Met || c.Elapsed != want || len(c.Breaches) != 0 {
			t.Errorf("%s: %s after %s, breaches %v", metric, c.Condition, c.Elapsed, c.Breaches)
		}
	}
}

func TestReopenedGoesOnWithTheTimeLeft(t *testing.T) {
	cal := calendars(t)["A"]
	events := []sla.Event{
		{At: at(t, cal, "2026-03-09 09:00"), What: sla.Created, Promise: promise(t, cal, "", "", "8 hours")},
		{At: at(t, cal, "2026-03-09 11:00"), What: sla.Done},
	}
	done := clocks(t, events, at(t, cal, "2026-03-09 16:00"))[sla.Resolution]
	if done.Condition != sla.Met || done.Elapsed != 2*time.Hour || done.Remaining != 6*time.Hour {
		t.Errorf("resolved: %s after %s, %s left", done.Condition, done.Elapsed, done.Remaining)
	}
	events = append(events, sla.Event{At: at(t, cal, "2026-03-10 09:00"), What: sla.Reopened})
	got := clocks(t, events, at(t, cal, "2026-03-10 10:00"))[sla.Resolution]
	sameInstant(t, "due", got.Deadline.Due, at(t, cal, "2026-03-10 15:00"))
	if got.Condition != sla.Running || got.Remaining != 5*time.Hour {
		t.Errorf("%s with %s left", got.Condition, got.Remaining)
	}
}

func TestALateOfflineAnswerTakesABreachBack(t *testing.T) {
	cal := calendars(t)["A"]
	events := []sla.Event{{At: at(t, cal, "2026-03-10 09:00"), What: sla.Created, Promise: promise(t, cal, "1 hour", "", "")}}
	now := at(t, cal, "2026-03-10 15:00")
	if got := clocks(t, events, now)[sla.FirstResponse]; len(got.Breaches) != 1 {
		t.Fatalf("before the answer arrived: %+v", got.Breaches)
	}
	events = append(events, sla.Event{At: at(t, cal, "2026-03-10 09:40"), What: sla.Answered})
	got := clocks(t, events, now)[sla.FirstResponse]
	if got.Condition != sla.Met || got.Elapsed != 40*time.Minute || len(got.Breaches) != 0 {
		t.Fatalf("%s after %s, breaches %v", got.Condition, got.Elapsed, got.Breaches)
	}
}

func TestHeldClockStandsStill(t *testing.T) {
	cal := calendars(t)["A"]
	events := []sla.Event{
		{At: at(t, cal, "2026-03-09 09:00"), What: sla.Created, Promise: promise(t, cal, "", "", "8 hours")},
		{At: at(t, cal, "2026-03-09 11:00"), What: sla.Held},
	}
	for _, now := range []string{"2026-03-09 12:00", "2026-03-12 12:00"} {
		got := clocks(t, events, at(t, cal, now))[sla.Resolution]
		if got.Condition != sla.Paused || got.Remaining != 6*time.Hour || got.Elapsed != 2*time.Hour || !got.Deadline.Paused {
			t.Errorf("at %s: %s, %s left, %s used", now, got.Condition, got.Remaining, got.Elapsed)
		}
	}
}

func TestNothingPromisedHasNoClock(t *testing.T) {
	start := time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)
	if got, err := sla.Evaluate([]sla.Event{{At: start, What: sla.Created}}, start); err != nil || len(got) != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, found := sla.Next(nil); found {
		t.Fatal("a clock out of nothing")
	}
}

func TestChoosePolicy(t *testing.T) {
	policies := sla.Policies{
		{Key: "gold", Kind: "incident", Promises: []sla.Promise{{Priority: "1"}}},
		{Key: "standard", Kind: "incident", Default: true, Promises: []sla.Promise{{Priority: "1"}, {Priority: "2"}}},
	}
	for _, c := range []struct {
		kind, named, priority, want string
	}{{"incident", "gold", "1", "gold"}, {"incident", "", "2", "standard"}, {"incident", "unknown", "1", "standard"}, {"incident", "gold", "2", ""}, {"request", "gold", "1", ""}} {
		got := ""
		if p, promise, found := policies.Choose(c.kind, c.named, c.priority); found {
			got = p.Key
			if promise.Priority != c.priority {
				t.Errorf("promise for %s", promise.Priority)
			}
		}
		if got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
	}
}
