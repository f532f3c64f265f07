package sla_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"holdfast/backend/sla"
)

const hour = 60 * 60

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func date(t testing.TB, text string) sla.Date {
	t.Helper()
	d, err := sla.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// weekdays gives the same windows to Monday to Friday, or to all seven days.
func weekdays(all bool, windows ...sla.Window) [7][]sla.Window {
	var week [7][]sla.Window
	for day := range week {
		weekend := time.Weekday(day) == time.Saturday || time.Weekday(day) == time.Sunday
		if all || !weekend {
			week[day] = windows
		}
	}
	return week
}

func closedOn(t testing.TB, dates ...string) []sla.Exception {
	var exceptions []sla.Exception
	for _, text := range dates {
		exceptions = append(exceptions, sla.Exception{Date: date(t, text), Name: "holiday"})
	}
	return exceptions
}

func calendar(t testing.TB, rules sla.Rules) *sla.Calendar {
	t.Helper()
	c, err := sla.NewCalendar(rules)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// calendars gives the calendars of the worked cases by their names there. A+ is A with 2026-05-25 not yet closed.
func calendars(t testing.TB) map[string]*sla.Calendar {
	berlin, day := zone(t, "Europe/Berlin"), sla.Window{Open: 8 * hour, Close: 18 * hour}
	closed := closedOn(t, "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-12-25")
	closed = append(closed, sla.Exception{Date: date(t, "2026-12-24"), Windows: []sla.Window{{Open: 8 * hour, Close: 12 * hour}}})
	whit := closedOn(t, "2026-05-25")
	return map[string]*sla.Calendar{
		"A":  calendar(t, sla.Rules{Key: "A", Zone: berlin, Week: weekdays(false, day), Exceptions: append(whit, closed...)}),
		"A+": calendar(t, sla.Rules{Key: "A+", Zone: berlin, Week: weekdays(false, day), Exceptions: closed}),
		"A7": calendar(t, sla.Rules{Key: "A7", Zone: berlin, Week: weekdays(true, day)}),
		"B": calendar(t, sla.Rules{Key: "B", Zone: zone(t, "America/New_York"), Week: weekdays(false, sla.Window{Open: 9 * hour, Close: 17 * hour}),
			Exceptions: closedOn(t, "2026-07-03", "2026-11-26")}),
		"C": calendar(t, sla.Rules{Key: "C", Zone: berlin, Week: weekdays(true, sla.Window{Open: 0, Close: 24 * hour})}),
		"D": calendar(t, sla.Rules{Key: "D", Zone: berlin, Week: weekdays(false,
			sla.Window{Open: 9 * hour, Close: 12*hour + hour/2}, sla.Window{Open: 13*hour + hour/2, Close: 17*hour + hour/2})}),
		"E": calendar(t, sla.Rules{Key: "E", Zone: zone(t, "Europe/London"), Week: weekdays(false, sla.Window{Open: 22 * hour, Close: 30 * hour})}),
		"F": calendar(t, sla.Rules{Key: "F", Zone: berlin, Week: weekdays(false, day),
			Closures: []sla.Closure{{From: sla.YearDay{Month: 12, Day: 24}, To: sla.YearDay{Month: 1, Day: 2}, Name: "year's end"}}}),
	}
}

// at reads a local time of the calendar.
func at(t testing.TB, c *sla.Calendar, text string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", text, c.Zone())
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func target(t testing.TB, text string) sla.Target {
	t.Helper()
	parsed, err := sla.ParseTarget(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func sameInstant(t testing.TB, what string, got, want time.Time) {
	t.Helper()
	if !got.Equal(want) {
		t.Errorf("%s: got %s, want %s", what, got.Format(time.RFC3339), want.Format(time.RFC3339))
	}
}
