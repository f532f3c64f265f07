// Package workflow answers which way a record may go through the states of its life cycle. A life cycle is a table; the machine
// only looks things up. It is pure.
package workflow

// Phase is what a state means to clocks and figures, whatever people call it.
type Phase string

// The phases.
const (
	Open     Phase = "open"     // somebody has to act; clocks run
	Paused   Phase = "paused"   // waiting for somebody outside; clocks stand still
	Resolved Phase = "resolved" // done, may still be taken up again; clocks stand still
	Closed   Phase = "closed"   // over
)

// Phases gives all phases, in the order of a record's life.
func Phases() []Phase { return []Phase{Open, Paused, Resolved, Closed} }

// State is one state of a life cycle.
type State struct {
	Key     string `yaml:"key"` // stable: records hold it
	Label   string `yaml:"label"`
	Phase   Phase  `yaml:"phase"`
	Initial bool   `yaml:"initial"` // new records start here; exactly one state does
	// Required names the fields that a record needs in this state, by whatever way it comes in.
	Required []string `yaml:"required"`
	// ClosesAfterDays is after how many days of 24 hours, from when it came in, a record of a resolved state is closed by itself; 0: never.
	ClosesAfterDays int `yaml:"closes_after_days"`
}

// Transition is one allowed step.
type Transition struct {
	From  string `yaml:"from"`
	To    string `yaml:"to"`
	Label string `yaml:"label"` // what the button says: "Resolve"
	// Required names the fields that this step needs beside those of the state it leads to.
	Required []string `yaml:"required"`
	// Roles lists who may take the step, any of them; empty for everybody who may edit the record.
	Roles []string `yaml:"roles"`
}

// Definition is a life cycle as people write it.
type Definition struct {
	Kind        string       `yaml:"kind"` // the kind of record that it is for
	States      []State      `yaml:"states"`
	Transitions []Transition `yaml:"transitions"`
}
