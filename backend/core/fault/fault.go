// Package fault defines the one error shape of Holdfast: a stable code for programs, the operation that failed for
// engineers, and a sentence a person can act on.
package fault

import (
	"errors"
	"fmt"
)

// Code names one kind of failure. Codes are only ever appended, never renamed: the UI and scripts switch on them.
type Code string

// Codes that more than one package uses. A package with codes of its own declares them beside the code that raises them.
const (
	Invalid     Code = "invalid"      // the caller's input breaks a rule; the sentence names the rule
	NotFound    Code = "not_found"    // nothing is stored under that id
	Conflict    Code = "conflict"     // the state moved on since the caller looked
	Forbidden   Code = "forbidden"    // the person's roles do not allow it
	Unavailable Code = "unavailable"  // it may work later; nothing was lost
	DiskFull    Code = "disk_full"    // no room on the data disk
	ReadOnly    Code = "read_only"    // the data folder cannot be written
	InUse       Code = "in_use"       // another Holdfast has the folder open
	PortInUse   Code = "port_in_use"  // another program listens on the address
	Corrupt     Code = "corrupt"      // stored bytes fail their checksum
	NewerFormat Code = "newer_format" // written by a newer Holdfast
	ClockSkewed Code = "clock_skewed" // this device's clock is too far off to go on
	Internal    Code = "internal"     // a defect of Holdfast
)

// Fault is an error with a code, the operation and a sentence that says what happened and what to do.
type Fault struct {
	Code     Code
	Op       string // "store.Open": package and function, for engineers
	Sentence string // for people; safe to show, complete, ends with a full stop
	Err      error  // the cause, or nil
}

// Error gives the operation, the sentence and the cause in one line.
func (f *Fault) Error() string {
	if f.Err != nil {
		return fmt.Sprintf("%s: %s (%s): %v", f.Op, f.Sentence, f.Code, f.Err)
	}
	return fmt.Sprintf("%s: %s (%s)", f.Op, f.Sentence, f.Code)
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }

// New makes a fault without a cause.
func New(code Code, op, sentence string) *Fault {
	return &Fault{Code: code, Op: op, Sentence: sentence}
}

// Newf makes a fault whose sentence is formatted.
func Newf(code Code, op, format string, args ...any) *Fault {
	return New(code, op, fmt.Sprintf(format, args...))
}

// Wrap gives err a code, an operation and a sentence. It returns nil for a nil err.
func Wrap(err error, code Code, op, sentence string) error {
	if err == nil {
		return nil
	}
	return &Fault{Code: code, Op: op, Sentence: sentence, Err: err}
}

// CodeOf gives the code of the outermost fault in err's chain, or Internal when there is none.
func CodeOf(err error) Code {
	var f *Fault
	if errors.As(err, &f) {
		return f.Code
	}
	return Internal
}

// SentenceOf gives the sentence to show for err.
func SentenceOf(err error) string {
	var f *Fault
	if errors.As(err, &f) {
		return f.Sentence
	}
	return "Something went wrong inside Holdfast. Nothing was lost; try again, and report it if it comes back."
}

// Is reports whether the outermost fault in err's chain has the code.
func Is(err error, code Code) bool {
	var f *Fault
	return errors.As(err, &f) && f.Code == code
}
