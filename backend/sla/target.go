package sla

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"holdfast/backend/core/fault"
)

// Unit says what a target counts. It is never left open: "1 day" means different things to different people.
type Unit string

// The units.
const (
	Minutes         Unit = "minutes"                  // of open time
	Hours           Unit = "hours"                    // of open time
	WorkingDays     Unit = "working days"             // until the same time of day
	WorkingDayEnds  Unit = "working days, end of day" // until closing
	targetAmountMax      = 100_000
)

// Units gives all units as they stand in files.
func Units() []string {
	return []string{string(Minutes), string(Hours), string(WorkingDays), string(WorkingDayEnds)}
}

// Target is how long something may take. The zero Target means that nothing is promised.
type Target struct {
	Amount int
	Unit   Unit
}

// IsZero reports whether nothing is promised.
func (t Target) IsZero() bool { return t.Amount == 0 }

// String gives the target as ParseTarget reads it.
func (t Target) String() string {
	if t.IsZero() {
		return "none"
	}
	unit := string(t.Unit)
	if t.Amount == 1 {
		unit = strings.Replace(unit, "minutes", "minute", 1)
		unit = strings.Replace(unit, "hours", "hour", 1)
		unit = strings.Replace(unit, "days", "day", 1)
	}
	return strconv.Itoa(t.Amount) + " " + unit
}

// ParseTarget reads "30 minutes", "4 hours", "2 working days" or "1 working day, end of day". A number alone is refused.
func ParseTarget(text string) (Target, error) {
	const op = "sla.ParseTarget"
	number, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	amount, err := strconv.Atoi(number)
	if err != nil || amount < 1 || amount > targetAmountMax {
		return Target{}, fault.Newf(fault.Invalid, op, "%q is not a target like \"4 hours\".", text)
	}
	unit := strings.Join(strings.Fields(rest), " ")
	if unit == "" {
		return Target{}, fault.Newf(fault.Invalid, op, "The target %q has no unit.", text)
	}
	for _, known := range Units() {
		target := Target{amount, Unit(known)}
		if unit == known || text == target.String() {
			return target, nil
		}
	}
	return Target{}, fault.Newf(fault.Invalid, op, "The target %q has an unknown unit.", text)
}

// check refuses a target that promises nothing or counts in no known unit.
func (t Target) check() error {
	if t.Amount < 1 || t.Amount > targetAmountMax || !slices.Contains(Units(), string(t.Unit)) {
		return fault.Newf(fault.Invalid, "sla.Due", "%d %q is not a target.", t.Amount, t.Unit)
	}
	return nil
}

// openTime gives the open time that the target stands for, or false when it counts working days.
func (t Target) openTime() (time.Duration, bool) {
	switch t.Unit {
	case Minutes:
		return time.Duration(t.Amount) * time.Minute, true
	case Hours:
		return time.Duration(t.Amount) * time.Hour, true
	default:
		return 0, false
	}
}
