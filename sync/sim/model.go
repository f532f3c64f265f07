package sim

import (
	"fmt"
	"slices"
	"strings"

	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// model says again, in other words than the product, what the fields of the records must hold: reckoned from the agreed edits and their results alone.
type model struct {
	sets        map[place][]claimant // of registers, texts and unique values
	adds        map[place]map[string][]record.EditID
	removed     map[place]map[tagging]bool
	owner, step map[record.ID]string
}

// place is a field of a record.
type place struct {
	record record.ID
	field  string
}

// tagging is an element that an edit put into a set. Under one id two copies of a device may have put two: who saw one of them took out that one.
type tagging struct {
	edit record.EditID
	tag  string
}

// claimant is an edit that gave a field a value.
type claimant struct {
	edit  record.EditID
	value string
	base  string
	seen  []record.EditID
}

func newModel() *model {
	return &model{
		sets: map[place][]claimant{}, adds: map[place]map[string][]record.EditID{}, removed: map[place]map[tagging]bool{},
		owner: map[record.ID]string{}, step: map[record.ID]string{},
	}
}

// checkModel holds a space's records against the model.
func (w *world) checkModel(n *device, space record.Space) error {
	m := newModel()
	history := w.history(space)
	for i := range history {
		if err := m.take(&history[i]); err != nil {
			return fmt.Errorf("commit %d of %s: %w", i+1, space, err)
		}
	}
	return m.compare(n)
}

// take lets a decided edit happen.
func (m *model) take(c *store.Commit) error {
	o := &record.Outcome{}
	if err := record.Decode(c.Outcome, o); err != nil {
		return err
	}
	e, err := record.Open(c.Sealed)
	if err != nil {
		return err
	}
	if latest := c.Time.Add(limit.ClockTolerance); o.Effective > e.Time || o.Effective > latest || o.Effective < min(e.Time, latest) {
		return fmt.Errorf("an edit of %v, decided at %v, is effective at %v", e.Time, c.Time, o.Effective)
	}
	if o.Result == record.Parked || o.Result == record.Poison {
		return nil
	}
	for i := range e.Mutations {
		if err := m.mutate(e.ID, &e.Mutations[i]); err != nil {
			return err
		}
	}
	return nil
}

func (m *model) mutate(id record.EditID, u *record.Mutation) error {
	at := place{u.Record, u.Field}
	switch u.Op {
	case record.OpSet, record.OpText:
		m.sets[at] = append(m.sets[at], claimant{id, u.Value.AsText(), u.Base.AsText(), u.Seen})
	case record.OpAdd:
		if m.adds[at] == nil {
			m.adds[at] = map[string][]record.EditID{}
		}
		m.adds[at][u.Value.AsText()] = append(m.adds[at][u.Value.AsText()], id)
	case record.OpRemove:
		if m.removed[at] == nil {
			m.removed[at] = map[tagging]bool{}
		}
		for _, add := range u.Seen {
			m.removed[at][tagging{add, u.Value.AsText()}] = true
		}
	case record.OpClaim:
		if m.owner[u.Record] != u.Base.AsText() {
			return fmt.Errorf("%s is claimed from %q while %q has it", u.Record, u.Base.AsText(), m.owner[u.Record])
		}
		m.owner[u.Record] = u.Value.AsText()
	case record.OpTransition:
		if !slices.Contains(steps[m.step[u.Record]], u.Value.AsText()) {
			return fmt.Errorf("%s goes from %q to %q", u.Record, m.step[u.Record], u.Value.AsText())
		}
		m.step[u.Record] = u.Value.AsText()
		for _, pair := range u.With {
			at := place{u.Record, pair.Field}
			m.sets[at] = append(m.sets[at], claimant{id, pair.Value.AsText(), "", u.Seen})
		}
	}
	return nil
}

// compare holds the committed records against the model.
func (m *model) compare(n *device) error {
	for at, all := range m.sets {
		s, err := n.store.Committed(at.record)
		if err != nil || s == nil {
			return fmt.Errorf("record %s is not there: %w", at.record, err)
		}
		f := s.Fields[at.field]
		if at.field == "urgent" {
			continue // the rules set it too
		}
		if err := compareValues(f.Values, unseen(all), f.Rule == record.RuleText); err != nil {
			return fmt.Errorf("%s of %s: %w", at.field, at.record, err)
		}
	}
	for at, tags := range m.adds {
		s, err := n.store.Committed(at.record)
		if err != nil || s == nil {
			return fmt.Errorf("record %s is not there: %w", at.record, err)
		}
		for tag, adds := range tags {
			want := slices.ContainsFunc(adds, func(add record.EditID) bool { return !m.removed[at][tagging{add, tag}] })
			got := slices.ContainsFunc(s.Fields[at.field].Elements, func(e record.Element) bool { return e.Value.AsText() == tag })
			if want != got {
				return fmt.Errorf("%q is among the %s of %s: %v", tag, at.field, at.record, got)
			}
		}
	}
	return m.compareAgreed(n)
}

// unseen gives the values that nobody who gave the field another one had seen.
func unseen(all []claimant) []claimant {
	return slices.DeleteFunc(slices.Clone(all), func(c claimant) bool {
		return slices.ContainsFunc(all, func(other claimant) bool { return other.edit != c.edit && slices.Contains(other.seen, c.edit) })
	})
}

// compareValues wants a field to hold what nobody replaced, the latest first. A text may hold several of them in one, with every line that each brought.
func compareValues(got []record.Held, want []claimant, text bool) error {
	for i := 1; i < len(got); i++ {
		if a, b := got[i-1], got[i]; a.At < b.At || a.At == b.At && a.Edit.Compare(b.Edit) < 0 {
			return fmt.Errorf("a value of %v stands before one of %v", a.At, b.At)
		}
	}
	if !text && len(got) != len(want) {
		return fmt.Errorf("%d values stand and %d were not replaced", len(got), len(want))
	}
	for _, c := range want {
		if !slices.ContainsFunc(got, func(h record.Held) bool {
			return h.Edit == c.edit && !text && h.Value.AsText() == c.value || text && brings(h, c)
		}) {
			return fmt.Errorf("the value of %s is gone, and nobody replaced it", short(c.edit))
		}
	}
	return nil
}

// brings reports whether a text has every line that an edit brought.
func brings(h record.Held, c claimant) bool {
	if h.Edit != c.edit && !slices.Contains(h.Merged, c.edit) {
		return false
	}
	before, now := strings.Split(c.base, "\n"), strings.Split(h.Value.AsText(), "\n")
	for _, line := range strings.Split(c.value, "\n") {
		if !slices.Contains(before, line) && !slices.Contains(now, line) {
			return false
		}
	}
	return true
}

func (m *model) compareAgreed(n *device) error {
	for field, all := range map[string]map[record.ID]string{"owner": m.owner, "status": m.step} {
		for id, want := range all {
			s, err := n.store.Committed(id)
			if err != nil || s == nil {
				return fmt.Errorf("record %s is not there: %w", id, err)
			}
			if got := s.Fields[field].Values; len(got) != 1 || got[0].Value.AsText() != want {
				return fmt.Errorf("the %s of %s is %d values, the first %q, and not %q", field, id, len(got), s.Shown(field).AsText(), want)
			}
		}
	}
	return nil
}
