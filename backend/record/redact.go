package record

import "slices"

// EntryBlob is under which name an entry of a list holds the SHA-256 of a file, and EntryText its text.
const (
	EntryBlob = "blob"
	EntryText = "text"
)

// Removed is what stands in the place of a text that was removed for good. It is the same in every language: who removed it, when and why is in the history.
const Removed = "[removed]"

// ReasonNothing: there is nothing in the place that should be removed for good, or what stands there cannot be.
const ReasonNothing = "nothing_to_remove"

// Redaction names what an outcome removes for good: all that a field ever held, or one entry of a list. Replicas drop it from their records, histories and logs.
type Redaction struct {
	Record ID
	Field  string
	Item   ID     // of a list: this entry only
	Edit   EditID // with Item: the edit that brought the entry
	Blobs  []Hash // files that go with it
	// Commits are the steps of the space that held it, ascending. The leader fills them in when it plans the entry: they tie the chain together where a step's content is gone.
	Commits []RedactedCommit
}

// RedactedCommit is a step of a space whose content was removed: the chain before and after it. Both are zero where the leader no longer keeps the steps before it.
type RedactedCommit struct {
	Number        uint64
	Before, After Hash
}

// redact removes what a field holds, or one entry of a list. It stands alone in its edit: replicas look for it at one place.
func (v *evaluation) redact(s *State, m *Mutation) *Reason {
	nothing := &Reason{Code: ReasonNothing, Sentence: "There is nothing there that can be removed for good. Texts, values and entries of lists can; states, numbers, sets and sums cannot."}
	f, there := s.Fields[m.Field]
	if !there || len(v.edit.Mutations) != 1 || v.edit.Action != ActionRedact || m.Field == FieldArchived {
		return nothing
	}
	r := &Redaction{Record: s.ID, Field: m.Field}
	switch {
	case (f.Rule == RuleRegister || f.Rule == RuleText) && len(f.Values) > 0 && m.Item == ID{}:
		f.drop(func(*Held) bool { return true })
		f.Values = []Held{{Origin: v.origin(m), Value: blank(s.Fields[m.Field].Values[0].Value)}}
	case f.Rule == RuleList && m.Item != ID{}:
		at := slices.IndexFunc(f.Items, func(i Item) bool { return i.ID == m.Item })
		if at < 0 {
			return nothing
		}
		r.Item, r.Edit, r.Blobs = m.Item, f.Items[at].Edit, blobsOf(f.Items[at].Value)
		f.Items = withoutContent(f.Items, m.Item)
	default:
		return nothing
	}
	v.put(s, m.Field, &f)
	if f.Rule != RuleList {
		v.note(s.ID, m.Field)
	}
	v.redaction = r
	return nil
}

// blank gives what stands in the place of a value: a text says so, anything else is empty.
func blank(value Value) Value {
	if value.AsText() != "" {
		return Text(Removed)
	}
	return nil
}

// withoutContent gives items with one of them emptied.
func withoutContent(items []Item, id ID) []Item {
	items = slices.Clone(items)
	for i := range items {
		if items[i].ID == id {
			items[i].Value = emptied(items[i].Value)
		}
	}
	return items
}

// emptied gives an entry without its text, or without anything when it has none; what else it says of a text, as to whom it is open, stays.
func emptied(value Value) Value {
	named := value.AsNamed()
	if named[EntryText].AsText() == "" {
		return Named(map[string]Value{EntryText: Text(Removed)})
	}
	kept := map[string]Value{}
	for name, part := range named {
		kept[name] = part
	}
	kept[EntryText] = Text(Removed)
	return Named(kept)
}

func blobsOf(value Value) []Hash {
	raw := value.AsNamed()[EntryBlob].AsBytes()
	if len(raw) != len(Hash{}) {
		return nil
	}
	return []Hash{Hash(raw)}
}

// within gives a record's state without the entry that a redaction removes; fields are written the way every outcome writes them.
func (r *Redaction) within(s *State) {
	if f := s.Fields[r.Field]; r.Item != (ID{}) {
		f.Items = withoutContent(f.Items, r.Item)
		s.Fields[r.Field] = f
	}
}

// Names reports whether an edit says something of what is removed, so that its content goes too.
func (r *Redaction) Names(e *Edit) bool {
	if r.Item != (ID{}) && e.ID == r.Edit {
		return true
	}
	return slices.ContainsFunc(e.Mutations, func(m Mutation) bool {
		if m.Record != r.Record || m.Op == OpRedact {
			return false
		}
		if r.Item != (ID{}) {
			return m.Item == r.Item
		}
		return m.Field == r.Field || slices.ContainsFunc(m.With, func(p Pair) bool { return p.Field == r.Field })
	})
}

// Clean gives rows of the record's history without what is removed, and whether any of them held it; named tells the edits that Names found. The row of a redaction itself stays.
func (r *Redaction) Clean(rows []Change, named func(EditID) bool) ([]Change, bool) {
	touched := false
	rows = slices.Clone(rows)
	for i := range rows {
		c := &rows[i]
		if c.Field != r.Field || c.Action == ActionRedact || r.Item != (ID{}) && !named(c.Edit) {
			continue
		}
		touched = true
		c.From, c.To = wiped(c.From), wiped(c.To)
	}
	return rows, touched
}

func wiped(value Value) Value {
	switch {
	case len(value) == 0:
		return nil
	case value.AsNamed() != nil:
		return emptied(value)
	}
	return Text(Removed)
}

// ActionRedact is the name of the action that removes something for good; histories know it by that.
const ActionRedact = "redact"

// Stub gives an outcome without its content: what was decided stays, what was written goes.
func (o *Outcome) Stub() *Outcome {
	stub := *o
	stub.Writes = nil
	return &stub
}

func (p *packer) redaction(r *Redaction) {
	p.raw(r.Record[:])
	p.text(r.Field)
	p.raw(r.Item[:])
	p.edit(r.Edit)
	p.uint(uint64(len(r.Blobs)))
	for _, blob := range r.Blobs {
		p.raw(blob[:])
	}
	p.uint(uint64(len(r.Commits)))
	for _, c := range r.Commits {
		p.uint(c.Number)
		p.raw(c.Before[:])
		p.raw(c.After[:])
	}
}

func (u *unpacker) redaction() *Redaction {
	r := &Redaction{Record: u.id(), Field: u.text(), Item: u.id(), Edit: u.edit()}
	for range u.count(len(Hash{})) {
		r.Blobs = append(r.Blobs, u.hash())
	}
	for range u.count(1 + 2*len(Hash{})) {
		r.Commits = append(r.Commits, RedactedCommit{Number: u.uint(), Before: u.hash(), After: u.hash()})
	}
	return r
}

func (u *unpacker) hash() (h Hash) {
	copy(h[:16], u.take(16))
	copy(h[16:], u.take(16))
	return h
}
