package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // Windows has no database of time zones, and calendars must mean the same on every device

	"holdfast/backend/core/fault"
	"holdfast/backend/sla"
)

// calendarFile is a calendar as people write it.
type calendarFile struct {
	Label      string              `yaml:"label"`
	Zone       string              `yaml:"zone"`
	Week       map[string][]string `yaml:"week"`
	Exceptions []struct {
		Date    string   `yaml:"date"`
		Name    string   `yaml:"name"`
		Windows []string `yaml:"windows"`
	} `yaml:"exceptions"`
	Closures []struct {
		From string `yaml:"from"`
		To   string `yaml:"to"`
		Name string `yaml:"name"`
	} `yaml:"closures"`
}

func (l *loader) calendar(file string) {
	var content calendarFile
	d := l.read(file, &content)
	if d == nil {
		l.made.Calendars[keyOf(file)] = nil
		return
	}
	defer l.keep(d)
	rules := sla.Rules{Key: keyOf(file), Label: content.Label, Zone: d.zone("zone", content.Zone)}
	for i, day := range weekdays() {
		rules.Week[(i+1)%7] = d.windows("week."+day, content.Week[day])
	}
	for i, e := range content.Exceptions {
		path := fmt.Sprintf("exceptions[%d]", i)
		rules.Exceptions = append(rules.Exceptions, sla.Exception{
			Date: d.date(path+".date", e.Date), Name: e.Name, Windows: d.windows(path+".windows", e.Windows),
		})
	}
	for i, c := range content.Closures {
		path := fmt.Sprintf("closures[%d]", i)
		rules.Closures = append(rules.Closures, sla.Closure{From: d.yearDay(path+".from", c.From), To: d.yearDay(path+".to", c.To), Name: c.Name})
	}
	l.made.Calendars[keyOf(file)] = nil
	if len(d.problems) > 0 {
		return
	}
	made, err := sla.NewCalendar(rules)
	d.fail("week", err)
	l.made.Calendars[keyOf(file)] = made
}

func (d *document) zone(path, name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		d.add(d.find(path), fmt.Sprintf("There is no time zone %q; give an IANA name such as Europe/Berlin.", name), nil)
		return nil
	}
	return zone
}

func (d *document) date(path, text string) sla.Date {
	date, err := sla.ParseDate(text)
	if err != nil {
		d.add(d.find(path), fmt.Sprintf("%q is not a date such as 2026-12-24.", text), nil)
	}
	return date
}

// yearDay reads "12-24"; 02-29 is a day too.
func (d *document) yearDay(path, text string) sla.YearDay {
	day, err := time.Parse(time.DateOnly, "2024-"+text)
	if err != nil {
		d.add(d.find(path), fmt.Sprintf("%q is not a month and a day such as 12-24.", text), nil)
	}
	return sla.YearDay{Month: day.Month(), Day: day.Day()}
}

func (d *document) windows(path string, texts []string) []sla.Window {
	var windows []sla.Window
	for i, text := range texts {
		open, close, _ := strings.Cut(text, "-")
		from, okFrom := timeOfDay(open)
		to, okTo := timeOfDay(close)
		if !okFrom || !okTo || from == secondsPerDay || from == to {
			d.add(d.find(fmt.Sprintf("%s[%d]", path, i)), fmt.Sprintf("%q is not a time of opening such as 08:00-18:00.", text), nil)
			continue
		}
		if to < from {
			to += secondsPerDay
		}
		windows = append(windows, sla.Window{Open: from, Close: to})
	}
	return windows
}

const secondsPerDay = 24 * 60 * 60

// timeOfDay reads "08:00"; "24:00" is the day's end.
func timeOfDay(text string) (seconds int, ok bool) {
	if text == "24:00" {
		return secondsPerDay, true
	}
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, false
	}
	return t.Hour()*60*60 + t.Minute()*60, true
}

// slaFile is a service level as people write it.
type slaFile struct {
	Label    string        `yaml:"label"`
	Kind     string        `yaml:"kind"`
	Default  bool          `yaml:"default"`
	Calendar string        `yaml:"calendar"`
	OnChange string        `yaml:"on_change"`
	Promises []promiseFile `yaml:"promises"`
}

type promiseFile struct {
	Priority      string `yaml:"priority"`
	Calendar      string `yaml:"calendar"`
	FirstResponse string `yaml:"first_response"`
	NextUpdate    string `yaml:"next_update"`
	Resolution    string `yaml:"resolution"`
}

// noCalendar stands for "open all the time" where a promise departs from its policy's calendar.
const noCalendar = "none"

func (l *loader) sla(file string) {
	var content slaFile
	d := l.read(file, &content)
	if d == nil {
		return
	}
	defer l.keep(d)
	p := sla.Policy{Key: keyOf(file), Label: content.Label, Kind: content.Kind, Default: content.Default, OnChange: sla.Retroactive}
	if content.OnChange != "" {
		p.OnChange = sla.ChangeRule(content.OnChange)
	}
	standard := l.calendarNamed(d, "calendar", content.Calendar)
	var priorities []string
	for i, promise := range content.Promises {
		path := fmt.Sprintf("promises[%d]", i)
		l.checkPriority(d, path+".priority", promise.Priority)
		if slices.Contains(priorities, promise.Priority) {
			d.add(d.find(path+".priority"), fmt.Sprintf("The priority %q is promised twice.", promise.Priority), nil)
		}
		priorities = append(priorities, promise.Priority)
		calendar := standard
		if promise.Calendar != "" {
			calendar = l.calendarNamed(d, path+".calendar", promise.Calendar)
		}
		p.Promises = append(p.Promises, sla.Promise{
			Priority: promise.Priority, Calendar: calendar,
			FirstResponse: d.target(path+".first_response", promise.FirstResponse),
			NextUpdate:    d.target(path+".next_update", promise.NextUpdate),
			Resolution:    d.target(path+".resolution", promise.Resolution),
		})
	}
	l.made.SLA = append(l.made.SLA, p)
}

// calendarNamed gives the calendar of a key; nil, which is open all the time, for none.
func (l *loader) calendarNamed(d *document, path, key string) *sla.Calendar {
	if key == "" || key == noCalendar {
		return nil
	}
	calendar, known := l.made.Calendars[key]
	if !known {
		keys := []string{noCalendar}
		for k := range l.made.Calendars {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		d.one(path, key, keys, "calendar")
	}
	return calendar
}

func (l *loader) checkPriority(d *document, path, key string) {
	if l.made.Priorities == nil {
		return
	}
	var keys []string
	for _, level := range l.made.Priorities.Priorities() {
		keys = append(keys, level.Key)
	}
	d.one(path, key, keys, "priority")
}

func (d *document) target(path, text string) sla.Target {
	if text == "" {
		return sla.Target{}
	}
	target, err := sla.ParseTarget(text)
	if err == nil {
		return target
	}
	allowed := sla.Units()
	if _, bare := strconv.Atoi(text); bare != nil {
		allowed = append(allowed, "minute", "hour", "working day", "working day, end of day")
	}
	d.add(d.find(path), fault.SentenceOf(err), allowed)
	return sla.Target{}
}

// defaults refuses two default service levels of one kind.
func (l *loader) defaults() {
	first := map[string]string{}
	for _, p := range l.made.SLA {
		if !p.Default {
			continue
		}
		if other, twice := first[p.Kind]; twice {
			l.problems = append(l.problems, Problem{"sla/" + p.Key + ".yaml", 1, 1,
				fmt.Sprintf("Only one service level can be the default for %s; %q is it already.", p.Kind, other), nil})
		}
		first[p.Kind] = p.Key
	}
}
