package sla_test

import (
	"strings"
	"testing"
	"time"

	"holdfast/backend/sla"
)

func TestWorkedCases(t *testing.T) {
	cases := []struct{ calendar, start, target, want string }{
		{"A", "2026-03-10 10:00", "4 hours", "2026-03-10 14:00"},
		{"A", "2026-03-13 16:30", "8 hours", "2026-03-16 14:30"},
		{"A", "2026-03-13 18:00", "1 hour", "2026-03-16 09:00"},
		{"A", "2026-03-10 10:00", "8 hours", "2026-03-10 18:00"},
		{"A", "2026-04-02 15:00", "8 hours", "2026-04-07 13:00"},
		{"C", "2026-03-28 23:00", "8 hours", "2026-03-29 08:00"},
		{"B", "2026-10-30 16:00", "2 hours", "2026-11-02 10:00"},
		{"A7", "2026-03-28 23:30", "5 hours", "2026-03-29 13:00"},
		{"B", "2026-03-10 19:30", "4 hours", "2026-03-11 13:00"},
		{"D", "2026-03-11 11:45", "2 hours", "2026-03-11 14:45"},
		{"E", "2026-03-10 03:00", "6 hours", "2026-03-11 01:00"},
		{"A", "2026-03-09 09:00", "24 hours", "2026-03-11 13:00"},
		{"A", "2026-03-09 16:30", "1 hour", "2026-03-09 17:30"},
		{"A", "2026-03-09 17:45", "4 hours", "2026-03-10 11:45"},
		{"A", "2026-03-09 16:30", "16 hours", "2026-03-11 12:30"},
		{"A", "2026-12-24 10:00", "6 hours", "2026-12-28 12:00"},
		{"F", "2026-12-23 17:00", "3 hours", "2027-01-04 10:00"},
		{"A", "2026-04-02 10:00", "2 working days", "2026-04-08 10:00"},
		{"A", "2026-04-02 10:00", "2 working days, end of day", "2026-04-08 18:00"},
		{"A", "2028-02-28 17:30", "1 hour", "2028-02-29 08:30"},
		{"A", "2028-02-28 17:30", "11 hours", "2028-03-01 08:30"},
		{"A+", "2026-05-21 16:00", "18 hours", "2026-05-25 14:00"},
		{"A", "2026-05-21 16:00", "18 hours", "2026-05-26 14:00"},
	}
	all := calendars(t)
	for _, c := range cases {
		t.Run(c.calendar+" "+c.start+" "+c.target, func(t *testing.T) {
			cal := all[c.calendar]
			got, err := sla.Due(cal, at(t, cal, c.start), target(t, c.target), nil)
			if err != nil {
				t.Fatal(err)
			}
			sameInstant(t, "due", got.Due, at(t, cal, c.want))
		})
	}
}

func TestWorkedCasesInUniversalTime(t *testing.T) {
	all := calendars(t)
	tokyo := time.Date(2026, 3, 11, 8, 30, 0, 0, zone(t, "Asia/Tokyo"))
	cases := []struct {
		calendar string
		start    time.Time
		target   string
		want     string
	}{
		{"A", at(t, all["A"], "2026-04-02 15:00"), "8 hours", "2026-04-07T11:00:00Z"},
		{"C", at(t, all["C"], "2026-03-28 23:00"), "8 hours", "2026-03-29T06:00:00Z"},
		{"B", at(t, all["B"], "2026-10-30 16:00"), "2 hours", "2026-11-02T15:00:00Z"},
		{"B", tokyo, "4 hours", "2026-03-11T17:00:00Z"},
	}
	for _, c := range cases {
		got, err := sla.Due(all[c.calendar], c.start, target(t, c.target), nil)
		if err != nil {
			t.Fatal(err)
		}
		if text := got.Due.UTC().Format(time.RFC3339); text != c.want {
			t.Errorf("%s from %s: got %s, want %s", c.target, c.start, text, c.want)
		}
	}
}

func TestWorkedPauses(t *testing.T) {
	cal := calendars(t)["A"]
	cases := []struct {
		name, start, target, from, to, want string
		paused                              time.Duration
	}{
		{"over a night", "2026-03-09 09:00", "8 hours", "2026-03-09 11:00", "2026-03-10 10:00", "2026-03-10 16:00", 9 * time.Hour},
		{"over Easter", "2026-04-02 16:00", "4 hours", "2026-04-02 17:00", "2026-04-07 09:00", "2026-04-07 12:00", 2 * time.Hour},
		{"P3", "2026-03-09 09:00", "24 hours", "2026-03-09 10:00", "2026-03-09 12:00", "2026-03-11 15:00", 2 * time.Hour},
		{"outside open time", "2026-03-09 09:00", "12 hours", "2026-03-09 19:00", "2026-03-10 07:00", "2026-03-10 11:00", 0},
		{"working days", "2026-03-09 09:00", "1 working day", "2026-03-09 10:00", "2026-03-09 12:00", "2026-03-10 11:00", 2 * time.Hour},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			pauses := []sla.Span{{From: at(t, cal, c.from), To: at(t, cal, c.to)}}
			got, err := sla.Due(cal, at(t, cal, c.start), target(t, c.target), pauses)
			if err != nil {
				t.Fatal(err)
			}
			sameInstant(t, "due", got.Due, at(t, cal, c.want))
			if len(got.Explanation.Pauses) != 1 || got.Explanation.Pauses[0].Open != c.paused {
				t.Errorf("the explanation deducts %+v, want %s", got.Explanation.Pauses, c.paused)
			}
		})
	}
}

func TestStepAtThreeQuarters(t *testing.T) {
	cal := calendars(t)["A"]
	pauses := []sla.Span{{From: at(t, cal, "2026-03-09 11:00"), To: at(t, cal, "2026-03-10 10:00")}}
	got, err := sla.Step(cal, at(t, cal, "2026-03-09 09:00"), target(t, "8 hours"), pauses, 75)
	if err != nil {
		t.Fatal(err)
	}
	sameInstant(t, "step", got.Due, at(t, cal, "2026-03-10 14:00"))
}

func TestWorkingDaysClipToTheDay(t *testing.T) {
	all := calendars(t)
	cases := []struct{ calendar, start, target, want string }{
		{"A", "2026-12-23 17:00", "1 working day", "2026-12-24 12:00"},             // the half day closes at noon
		{"A", "2026-03-13 19:00", "1 working day", "2026-03-17 08:00"},             // the clock starts on Monday at eight
		{"D", "2026-03-10 12:00", "1 working day", "2026-03-11 12:00"},             //
		{"E", "2026-03-10 03:00", "1 working day", "2026-03-11 03:00"},             // still Monday's night shift
		{"E", "2026-03-13 23:00", "1 working day, end of day", "2026-03-17 06:00"}, // Friday's shift, then Monday's
		{"F", "2026-12-23 10:00", "1 working day, end of day", "2027-01-04 18:00"}, //
		{"A", "2026-03-10 18:00", "1 working day, end of day", "2026-03-12 18:00"}, // closing belongs to the next day
	}
	for _, c := range cases {
		cal := all[c.calendar]
		got, err := sla.Due(cal, at(t, cal, c.start), target(t, c.target), nil)
		if err != nil {
			t.Fatal(err)
		}
		sameInstant(t, c.calendar+" "+c.start+" "+c.target, got.Due, at(t, cal, c.want))
	}
}

func TestOpenTimeWhenClocksChange(t *testing.T) {
	c := calendar(t, sla.Rules{Zone: zone(t, "Europe/Berlin"), Week: weekdays(true, sla.Window{Open: hour, Close: 4 * hour})})
	for text, want := range map[string]time.Duration{"2026-03-29": 2 * time.Hour, "2026-10-25": 4 * time.Hour, "2026-06-07": 3 * time.Hour} {
		if got := c.OpenBetween(at(t, c, text+" 00:00"), at(t, c, text+" 12:00")); got != want {
			t.Errorf("%s: open %s, want %s", text, got, want)
		}
	}
	gap := calendar(t, sla.Rules{Zone: zone(t, "Europe/Berlin"), Week: weekdays(true, sla.Window{Open: 2*hour + hour/2, Close: 5 * hour})})
	opens, err := gap.NextOpen(time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	sameInstant(t, "a window that opens in the skipped hour", opens, time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC))
	twice := calendar(t, sla.Rules{Zone: zone(t, "Europe/Berlin"), Week: weekdays(true,
		sla.Window{Open: 0, Close: 2*hour + hour/2}, sla.Window{Open: 2*hour + hour/2, Close: 24 * hour})})
	from := time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC)
	if got := twice.OpenBetween(from, from.Add(25*time.Hour)); got != 25*time.Hour {
		t.Errorf("windows that meet in the doubled hour are open %s of 25 h", got)
	}
}

func TestNoCalendarIsAlwaysOpen(t *testing.T) {
	start := time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"8 hours":                   start.Add(8 * time.Hour),
		"2 working days":            start.Add(48 * time.Hour),
		"1 working day, end of day": time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC),
	} {
		got, err := sla.Due(nil, start, target(t, text), nil)
		if err != nil {
			t.Fatal(err)
		}
		sameInstant(t, text, got.Due, want)
	}
}

func TestAPauseThatGoesOnHasNoDueTime(t *testing.T) {
	cal := calendars(t)["A"]
	for _, text := range []string{"8 hours", "1 working day"} {
		got, err := sla.Due(cal, at(t, cal, "2026-03-09 09:00"), target(t, text), []sla.Span{{From: at(t, cal, "2026-03-09 11:00")}})
		if err != nil {
			t.Fatal(err)
		}
		if !got.Paused || !got.Due.IsZero() {
			t.Errorf("%s: got %+v", text, got)
		}
	}
	done, err := sla.Due(cal, at(t, cal, "2026-03-09 09:00"), target(t, "1 hour"), []sla.Span{{From: at(t, cal, "2026-03-09 11:00")}})
	if err != nil || done.Paused {
		t.Fatalf("used up before the pause began: %+v, %v", done, err)
	}
}

func TestExplanationNamesWhatCounted(t *testing.T) {
	cal := calendars(t)["A"]
	got, err := sla.Due(cal, at(t, cal, "2026-04-02 15:00"), target(t, "8 hours"), nil)
	if err != nil {
		t.Fatal(err)
	}
	text := got.Explanation.String()
	for _, part := range []string{
		"8 hours from Thu 2026-04-02 15:00 by the calendar A (Europe/Berlin).", "Counted: Thu 2026-04-02 15:00 to Thu 2026-04-02 18:00.",
		"Counted: Tue 2026-04-07 08:00 to Tue 2026-04-07 13:00.", "Special day: 2026-04-03, holiday.", "Special day: 2026-04-06, holiday.",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
	if len(got.Explanation.Skipped) != 2 {
		t.Errorf("skipped %v", got.Explanation.Skipped)
	}
}

func TestCalendarsThatNeverOpenAreRefused(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	day := sla.Window{Open: 8 * hour, Close: 18 * hour}
	for name, rules := range map[string]sla.Rules{
		"no zone":           {Week: weekdays(false, day)},
		"no window":         {Zone: berlin},
		"closed all year":   {Zone: berlin, Week: weekdays(true, day), Closures: []sla.Closure{{From: sla.YearDay{Month: 1, Day: 1}, To: sla.YearDay{Month: 12, Day: 31}}}},
		"closes too early":  {Zone: berlin, Week: weekdays(true, sla.Window{Open: 8 * hour, Close: 8 * hour})},
		"longer than a day": {Zone: berlin, Week: weekdays(true, sla.Window{Open: 8 * hour, Close: 33 * hour})},
		"overlapping":       {Zone: berlin, Week: weekdays(true, day, sla.Window{Open: 17 * hour, Close: 19 * hour})},
		"date twice":        {Zone: berlin, Week: weekdays(true, day), Exceptions: closedOn(t, "2026-01-01", "2026-01-01")},
	} {
		if _, err := sla.NewCalendar(rules); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestTargetsNeedAUnit(t *testing.T) {
	for _, text := range []string{"", "4", "0 hours", "-1 hours", "4 days", "1 day", "four hours", "4 hours of work", "999999999 hours"} {
		if got, err := sla.ParseTarget(text); err == nil {
			t.Errorf("%q was read as %s", text, got)
		}
	}
	for _, text := range []string{"1 minute", "30 minutes", "1 hour", "4 hours", "1 working day", "2 working days", "1 working day, end of day"} {
		if got := target(t, text).String(); got != text {
			t.Errorf("%q is written as %q", text, got)
		}
	}
}

func TestATargetThatIsNoneIsAnError(t *testing.T) {
	for _, none := range []sla.Target{{}, {Amount: 1}, {Amount: 1, Unit: "days"}, {Amount: -1, Unit: sla.Hours}} {
		if got, err := sla.Due(nil, time.Unix(0, 0), none, nil); err == nil {
			t.Errorf("%+v is due at %s", none, got.Due)
		}
		if got, err := sla.Step(nil, time.Unix(0, 0), none, nil, 50); err == nil {
			t.Errorf("half of %+v is due at %s", none, got.Due)
		}
	}
}

func TestATargetThatIsNeverReachedIsAnError(t *testing.T) {
	var week [7][]sla.Window
	week[time.Monday] = []sla.Window{{Open: 0, Close: 60}}
	c := calendar(t, sla.Rules{Zone: time.UTC, Week: week})
	if _, err := sla.Due(c, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), target(t, "90000 hours"), nil); err == nil {
		t.Fatal("a target of centuries was given a due time")
	}
}
