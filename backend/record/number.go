package record

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"holdfast/backend/core/fault"
)

// The kinds that keep what must be agreed. People never see their records: leave them out wherever Internal says so.
const (
	kindSequence = "sequence" // counter next: the last number given for a kind in a space
	kindHolder   = "holder"   // register record: who has a unique value; set waiting: who else wants it
)

// FieldNumber is the field in which a kind with a Prefix keeps its number.
const FieldNumber = "number"

// FieldFormerNumbers is the set in which such a kind keeps the numbers that a record had before the cluster was recovered.
const FieldFormerNumbers = "former_numbers"

const (
	fieldNext    = "next"
	fieldRecord  = "record"
	fieldWaiting = "waiting"
)

// internalSpace is the namespace of the internal records' ids.
var internalSpace = uuid.UUID{0x0b, 0x6c, 0x1d, 0x0e, 0x5a, 0x55, 0x4b, 0x8e, 0x9d, 0x11, 0x68, 0x6f, 0x6c, 0x64, 0x66, 0x61}

// Internal reports whether records of the kind are hidden from people.
func Internal(kind string) bool { return kind == kindSequence || kind == kindHolder }

func internalID(parts ...string) ID {
	return uuid.NewSHA1(internalSpace, []byte(strings.Join(parts, "\x00")))
}

// Provisional gives what a record without a number is called: "INC-LYO-~7F3A". It is "" for a kind without numbers.
func Provisional(kind *Kind, space Space, id ID) string {
	if kind == nil || kind.Prefix == "" {
		return ""
	}
	return fmt.Sprintf("%s~%02X%02X", numberPrefix(kind, space), id[14], id[15])
}

func numberText(kind *Kind, space Space, n int64) string {
	return fmt.Sprintf("%s%05d", numberPrefix(kind, space), n)
}

func numberPrefix(kind *Kind, space Space) string {
	if site := space.Site(); site != "" {
		return kind.Prefix + "-" + site + "-"
	}
	return kind.Prefix + "-"
}

// number gives the next number to each record that the edit created.
func (v *evaluation) number() error {
	for _, id := range v.order {
		s := v.states[id]
		if v.before[id] != nil {
			continue
		}
		kind, ok := v.kinds.Kind(s.Kind)
		if !ok || kind.Prefix == "" {
			continue
		}
		sequence, err := v.internal(kindSequence, internalID(kindSequence, string(s.Space), kind.Name))
		if err != nil {
			return err
		}
		next := sequence.Fields[fieldNext].Sum + 1
		sequence.Fields[fieldNext] = Field{Rule: RuleCounter, Sum: next}
		v.note(sequence.ID, fieldNext)
		o := Origin{Edit: v.edit.ID, At: v.at}
		s.Fields[FieldNumber] = Field{Rule: RuleNumber, Values: []Held{{Origin: o, Value: Text(numberText(kind, s.Space, next))}}}
		v.note(id, FieldNumber)
	}
	return nil
}

// internal gives the working copy of an internal record, a new one where there is none.
func (v *evaluation) internal(kind string, id ID) (*State, error) {
	s, err := v.state(id)
	if err != nil {
		return nil, err
	}
	if s == nil {
		s = (*State)(nil).copy(id)
		s.Kind, s.Space, s.Created = kind, v.edit.Space, Origin{Edit: v.edit.ID, At: v.at}
		v.take(nil, s)
	}
	if s.Kind != kind || s.Space != v.edit.Space {
		return nil, fault.New(fault.Corrupt, "record.Evaluate", "A record of the numbering is not what it should be. Check the data folder with the doctor command.")
	}
	return s, nil
}
