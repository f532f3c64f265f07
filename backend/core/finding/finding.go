// Package finding is how a rule says what is wrong with a definition that a person wrote: where, what, and what would be right.
package finding

import (
	"strings"

	"holdfast/backend/core/fault"
)

// Finding is one thing that is wrong with a definition.
type Finding struct {
	// Path leads to the place in the definition, in the words of its file: "transitions[2].to"; empty for the whole of it.
	Path string
	// What is wrong, in one sentence for people, with its full stop.
	What string
	// Allowed lists what may stand there, when that is a short list.
	Allowed []string
}

// Error gives one fault for all findings, or nil when there is none. subject names the definition at the start of the sentence.
func Error(findings []Finding, op, subject string) error {
	if len(findings) == 0 {
		return nil
	}
	sentences := make([]string, len(findings))
	for i, f := range findings {
		sentences[i] = f.What
	}
	return fault.Newf(fault.Invalid, op, "%s is not valid: %s", subject, strings.Join(sentences, " "))
}
