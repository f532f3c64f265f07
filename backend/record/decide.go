package record

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// outcome puts the evaluation's result into the form that every replica applies.
func (v *evaluation) outcome(result Result, reason *Reason) *Outcome {
	o := &Outcome{
		Edit: v.edit.ID, Hash: v.edit.Sealed.Hash(), Result: result, Reason: reason, Effective: v.at,
		Skewed: v.at != v.edit.Time,
	}
	if result == Parked || result == Poison {
		return o
	}
	v.conclude(o)
	return o
}

// conclude adds the writes and what was settled.
func (v *evaluation) conclude(o *Outcome) {
	o.Writes, o.Redacts = v.writes(), v.redaction
	for _, id := range append(v.settles, v.settled...) {
		if !slices.Contains(o.Settles, id) {
			o.Settles = append(o.Settles, id)
		}
	}
}

func (v *evaluation) poison() *Outcome {
	return v.outcome(Poison, &Reason{Code: ReasonPoison, Sentence: "This change cannot be read or applied. It is kept, and nothing else is held up by it."})
}

// writes gives the new state of every field that was touched, and stamps the records.
func (v *evaluation) writes() []Write {
	count := 0
	for _, fields := range v.fields {
		count += len(fields)
	}
	writes := make([]Write, 0, count+1)
	states := make([]Field, count)
	for _, id := range v.order {
		s := v.states[id]
		first := len(writes)
		for _, name := range v.fields[id] {
			f := s.Fields[name]
			w := Write{Record: id, Field: name, State: &states[0]}
			states = states[1:]
			*w.State = f
			if f.Rule == RuleList {
				w.State.Items = v.fresh(f.Items)
			}
			if name == FieldArchived {
				archived := s.Archived
				w.Archived = &archived
			}
			writes = append(writes, w)
		}
		if v.before[id] == nil && len(writes) == first {
			writes = append(writes, Write{Record: id})
		}
		if len(writes) > first {
			v.sign(s, &writes[first])
		}
	}
	return writes
}

// sign notes in a record's first write which edit it was.
func (v *evaluation) sign(s *State, w *Write) {
	v.stamp(s)
	w.Changed = &Origin{Edit: v.edit.ID, Author: v.edit.Author, At: v.at}
	if v.before[s.ID] == nil {
		created := s.Created
		w.Kind, w.Space, w.Created = s.Kind, s.Space, &created
	}
}

// fresh gives the items that this edit brought.
func (v *evaluation) fresh(items []Item) []Item {
	var fresh []Item
	for i := range items {
		if items[i].Edit == v.edit.ID {
			fresh = append(fresh, items[i])
		}
	}
	return fresh
}

// result says what became of an edit that was applied.
func (v *evaluation) result() Result {
	for id, fields := range v.fields {
		for _, name := range fields {
			if f := v.states[id].Fields[name]; f.conflicted() {
				return Conflict
			}
		}
	}
	if len(v.merged) > 0 {
		return Merged
	}
	return Applied
}

// conflicted reports whether the field holds more than one distinct value.
func (f *Field) conflicted() bool {
	for i := 1; i < len(f.Values); i++ {
		if !f.Values[i].Value.Equal(f.Values[0].Value) {
			return true
		}
	}
	return false
}

// park decides an edit that a guard refused: nothing of it applies, except that comments are always there, and text typed into the
// refused step is kept as a note.
func (v *evaluation) park(reason *Reason) (*Outcome, map[ID]*State, error) {
	p := newEvaluation(v.reader, v.rules, v.kinds, v.edit, v.received)
	for i := range v.edit.Mutations {
		m := &v.edit.Mutations[i]
		if m.Op != OpAppend && len(m.With) == 0 {
			continue
		}
		s, err := p.state(m.Record)
		if err != nil {
			return nil, nil, err
		}
		if p.reachable(s) != nil {
			continue
		}
		if m.Op == OpAppend {
			p.alter(s, m)
		} else {
			p.keepTyped(s, m, i)
		}
	}
	p.touchArchived(OpAppend)
	o := p.outcome(Parked, reason)
	p.conclude(o)
	return o, p.states, nil
}

// keepTyped puts the text of a refused step into the record's notes.
func (v *evaluation) keepTyped(s *State, m *Mutation, index int) {
	kind, ok := v.kinds.Kind(s.Kind)
	if !ok {
		return
	}
	if notes, ok := kind.Field(FieldNotes); !ok || notes.Rule != RuleList {
		return
	}
	for i, pair := range m.With {
		definition, _ := kind.Field(pair.Field)
		text := pair.Value.AsText()
		typed := definition.Type == TypeText || definition.Type == TypeMarkdown
		if text == "" || !typed || !fits(OpSet, definition.Rule) {
			continue
		}
		name := v.edit.ID.String() + "/" + strconv.Itoa(index) + "/" + strconv.Itoa(i)
		v.alter(s, &Mutation{
			Op: OpAppend, Record: s.ID, Field: FieldNotes, Item: uuid.NewSHA1(s.ID, []byte(name)), By: m.By, On: m.On,
			Value: Named(map[string]Value{"text": Text(definition.Label + ": " + text)}),
		})
	}
}

// FieldNotes is the list that keeps what was typed into a step that could not be applied.
const FieldNotes = "notes"

// claimed says who was first.
func (v *evaluation) claimed(s *State, m *Mutation) *Reason {
	f := s.Fields[m.Field]
	reason := &Reason{Code: ReasonClaimed, Sentence: "Somebody else was first; it is free again now. Look at the record, and take it if it is still yours to do."}
	if len(f.Values) == 0 {
		return reason
	}
	held := &f.Values[0]
	at := held.When().Time()
	reason.Args = map[string]string{"by": held.Author.String(), "at": at.Format(time.RFC3339)}
	holder := held.Value.AsRef()
	if len(held.Value) == 0 {
		return reason
	}
	if holder == (ID{}) {
		holder = held.Author
	}
	reason.Args["holder"] = holder.String()
	reason.Sentence = "Claimed by " + v.nameOf(holder) + " on " + at.Format("2 January 2006 at 15:04") + " UTC."
	return reason
}

// nameOf gives the title of a record for a sentence.
func (v *evaluation) nameOf(id ID) string {
	if s, err := v.reader.Committed(id); err == nil && s != nil {
		if kind, ok := v.kinds.Kind(s.Kind); ok && s.Shown(kind.Title).AsText() != "" {
			return s.Shown(kind.Title).AsText()
		}
	}
	return "somebody else"
}
