package sim

import (
	"fmt"
	"slices"
	"strings"

	"holdfast/backend/record"
)

// ledger is what people were told is saved.
type ledger struct {
	order   []*written
	records map[record.Space][]record.ID
	count   int // of values, so that each is told from every other
	tries   []attempt
}

// attempt is a save that was not answered, because the power went.
type attempt struct {
	entry *written
	draft record.Draft
}

// written is one acknowledged edit of one record.
type written struct {
	id      record.EditID // as it was saved
	hash    record.Hash
	by      *device
	space   record.Space
	record  record.ID
	op      record.Op
	field   string
	value   record.Value // a register's, that must be findable for ever
	comment record.ID    // a list item that must be there whatever becomes of the rest
	delta   int64
	refused bool   // the author may not do this: nothing of it applies, all of it is kept
	creates bool   // the record
	number  string // that the record had before a recovery
	// uncertain says that the only disk that held it was lost, so it may be gone, whole.
	uncertain bool
}

func newLedger() ledger {
	return ledger{records: map[record.Space][]record.ID{}}
}

// edit lets somebody change or make a record.
func (w *world) edit() error { return w.editOn(pick(w, w.devices)) }

func (w *world) editOn(d *device) error {
	space := pick(w, d.spaces)
	if d.newer && w.chance(newerPercent) {
		entry, draft, err := w.newly(d, space)
		if err != nil || entry == nil {
			return err
		}
		return w.save(d, entry, draft)
	}
	view, err := w.known(d, space)
	if err != nil {
		return err
	}
	var entry *written
	var draft record.Draft
	if view == nil || w.chance(6) {
		entry, draft = w.creation(d, space)
	} else {
		entry, draft = w.change(d, view)
	}
	draft.Space = space
	return w.save(d, entry, draft)
}

// save lets a device save what somebody wrote.
func (w *world) save(d *device, entry *written, draft record.Draft) error {
	entry.space, entry.by = draft.Space, d
	ids, err := d.store.Append(w.ctx, draft)
	switch {
	case w.tooFull(d, err):
		return nil
	case err != nil && d.disk.stopped():
		w.note("%s does not get an answer to %s of %s", d.name, entry.op, entry.record.String()[:8])
		w.ledger.tries = append(w.ledger.tries, attempt{entry, draft})
		return nil
	case err != nil:
		return err
	}
	saved, held := d.store.PendingEdit(ids[0])
	if !held {
		return fmt.Errorf("edit %s was saved and is not held", short(ids[0]))
	}
	w.enter(entry, saved)
	if d.disk.stopped() {
		return nil
	}
	return w.watch(d)
}

// enter puts a saved edit down in the ledger.
func (w *world) enter(entry *written, saved *record.Edit) {
	entry.id, entry.hash = saved.ID, saved.Sealed.Hash()
	w.ledger.order = append(w.ledger.order, entry)
	if entry.op == opGizmo {
		w.gizmos[entry.space] = append(w.gizmos[entry.space], entry.record)
	}
	if entry.op == record.OpCreate {
		w.ledger.records[entry.space] = append(w.ledger.records[entry.space], entry.record)
	}
	w.note("%s writes %s: %s of %s", entry.by.name, short(entry.id), entry.op, entry.record.String()[:8])
}

func (l *ledger) has(saved *record.Edit) bool {
	return slices.ContainsFunc(l.order, func(e *written) bool { return e.id == saved.ID && e.hash == saved.Sealed.Hash() })
}

// adopt looks after a power cut for saves that were not answered and are there all the same: from now on they must stay.
func (w *world) adopt(d *device) {
	for _, try := range w.ledger.tries {
		for _, held := range d.store.Pending(try.draft.Space) {
			if !w.ledger.has(held) && try.is(held) {
				w.tally["unanswered and there"]++
				w.enter(try.entry, held)
			}
		}
	}
	w.ledger.tries = nil
}

// is reports whether the save is the edit.
func (a *attempt) is(e *record.Edit) bool {
	return a.draft.Action == e.Action && slices.EqualFunc(a.draft.Mutations, e.Mutations, func(x, y record.Mutation) bool {
		return x.Op == y.Op && x.Record == y.Record && x.Field == y.Field && x.Item == y.Item && x.Delta == y.Delta && x.Value.Equal(y.Value)
	})
}

func short(id record.EditID) string {
	return fmt.Sprintf("%s.%x.%d", id.Device.String()[:6], id.Number, id.Sequence)
}

// known gives the view of a record of the space that the device has, or nil.
func (w *world) known(d *device, space record.Space) (*record.State, error) {
	all := w.ledger.records[space]
	for range 3 {
		if len(all) == 0 {
			break
		}
		id := all[len(all)-1-w.rand.IntN(min(len(all), 4))] // most work is on few records, so that people meet
		view, err := d.store.View(id)
		if view != nil || err != nil {
			return view, err
		}
	}
	return nil, nil
}

func (w *world) newID() record.ID {
	var id record.ID
	for i := range id {
		id[i] = byte(w.rand.Uint32())
	}
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id
}

func (w *world) token() record.Value {
	w.ledger.count++
	return record.Text(fmt.Sprintf("value %d", w.ledger.count))
}

func (w *world) creation(d *device, space record.Space) (*written, record.Draft) {
	kind := "case"
	if space == record.Organisation {
		kind = "part"
	}
	e := &written{record: w.newID(), op: record.OpCreate, field: "title", value: w.token(), creates: true}
	return e, record.Draft{Space: space, Author: d.person, Action: "create", Mutations: []record.Mutation{
		{Op: record.OpCreate, Record: e.record, Kind: kind},
		{Op: record.OpSet, Record: e.record, Field: "title", Value: e.value},
		{Op: record.OpText, Record: e.record, Field: "body", Value: record.Text(someLines)},
		{Op: record.OpTransition, Record: e.record, Field: "status", Value: record.Text("new")},
	}}
}

// someLines is what a text starts with: lines apart from each other, so that two people may well write in different ones.
var someLines = func() string {
	var lines []string
	for i := range 12 {
		lines = append(lines, fmt.Sprint("line ", i), "")
	}
	return strings.Join(lines, "\n")
}()

// change makes a random mutation of a record as the device sees it, sometimes with a comment.
func (w *world) change(d *device, v *record.State) (*written, record.Draft) {
	e := &written{record: v.ID}
	from := changes
	if w.contended && w.chance(50) {
		from = contended
	}
	m := pick(w, from)(w, e, v)
	m.Record = v.ID
	e.op, e.field = m.Op, m.Field
	draft := record.Draft{Space: v.Space, Author: d.person, Action: string(m.Op), Mutations: []record.Mutation{m}}
	if m.Op == record.OpAppend {
		e.comment = m.Item
	} else if w.chance(20) {
		e.comment = w.newID()
		draft.Mutations = append(draft.Mutations, record.Mutation{Op: record.OpAppend, Record: v.ID, Field: "notes", Item: e.comment, Value: w.token()})
	}
	if w.chance(3) {
		draft.Action, e.refused = "forbidden", true
	}
	return e, draft
}

// rewrite changes a line of a text.
func rewrite(w *world, _ *written, v *record.State) record.Mutation {
	base := v.Shown("body")
	lines := strings.Split(base.AsText(), "\n")
	lines[2*w.rand.IntN((len(lines)+1)/2)] = w.token().AsText()
	return record.Mutation{Op: record.OpText, Field: "body", Value: record.Text(strings.Join(lines, "\n")), Base: base, Seen: v.SeenIn("body")}
}

// after gives the steps from a status; one that somebody wished for and nobody may have leads to the beginning only.
func after(status string) []string {
	if allowed := steps[status]; len(allowed) > 0 {
		return allowed
	}
	return steps[""]
}

// contended are ways to change a record that meet often: what is in a set for one and gone for another, and steps that nobody may take.
var contended = []func(w *world, e *written, v *record.State) record.Mutation{
	addTag, addTag,
	func(w *world, _ *written, v *record.State) record.Mutation {
		elements := v.Fields["tags"].Elements
		at := slices.IndexFunc(elements, func(el record.Element) bool { return el.Value.AsText() == contendedTag })
		if at < 0 {
			return addTag(w, nil, v)
		}
		return record.Mutation{Op: record.OpRemove, Field: "tags", Value: elements[at].Value, Seen: elements[at].Adds}
	},
	func(w *world, e *written, v *record.State) record.Mutation {
		e.value = w.token()
		return record.Mutation{Op: record.OpTransition, Field: "status", From: v.Shown("status").AsText(), Value: record.Text(pick(w, []string{"new", "working", "done", "lost"})),
			Seen: v.SeenIn("result"), With: []record.Pair{{Field: "result", Value: e.value}}}
	},
}

const contendedTag = "tag 0"

func addTag(*world, *written, *record.State) record.Mutation {
	return record.Mutation{Op: record.OpAdd, Field: "tags", Value: record.Text(contendedTag)}
}

// changes are the ways to change a record, one for each merge rule and then some.
var changes = []func(w *world, e *written, v *record.State) record.Mutation{
	func(w *world, e *written, v *record.State) record.Mutation {
		e.value = w.token()
		return record.Mutation{Op: record.OpSet, Field: "title", Value: e.value, Seen: v.SeenIn("title")}
	},
	rewrite, rewrite, rewrite, // two texts merge only where two people meet in one
	func(w *world, _ *written, v *record.State) record.Mutation {
		return record.Mutation{Op: record.OpAdd, Field: "tags", Value: record.Text(fmt.Sprint("tag ", w.rand.IntN(5)))}
	},
	func(w *world, _ *written, v *record.State) record.Mutation {
		elements := v.Fields["tags"].Elements
		if len(elements) == 0 {
			return record.Mutation{Op: record.OpAdd, Field: "tags", Value: record.Text("tag 0")}
		}
		el := pick(w, elements)
		return record.Mutation{Op: record.OpRemove, Field: "tags", Value: el.Value, Seen: el.Adds}
	},
	func(w *world, _ *written, v *record.State) record.Mutation {
		return record.Mutation{Op: record.OpAppend, Field: "notes", Item: w.newID(), Value: w.token()}
	},
	func(w *world, e *written, v *record.State) record.Mutation {
		e.delta = int64(w.rand.IntN(9) - 4)
		return record.Mutation{Op: record.OpCount, Field: "stock", Delta: e.delta}
	},
	func(w *world, e *written, v *record.State) record.Mutation {
		from := v.Shown("status").AsText()
		e.value = w.token()
		return record.Mutation{Op: record.OpTransition, Field: "status", From: from, Value: record.Text(pick(w, after(from))), Seen: v.SeenIn("result"),
			With: []record.Pair{{Field: "result", Value: e.value}}}
	},
	func(w *world, e *written, v *record.State) record.Mutation {
		e.value = w.token()
		return record.Mutation{Op: record.OpClaim, Field: "owner", Value: e.value, Base: v.Shown("owner"), Seen: v.SeenIn("owner")}
	},
	func(w *world, _ *written, v *record.State) record.Mutation {
		return record.Mutation{Op: record.OpSet, Field: "serial", Value: record.Text(fmt.Sprint("serial ", w.rand.IntN(6))), Seen: v.SeenIn("serial")}
	},
	func(w *world, _ *written, v *record.State) record.Mutation {
		return record.Mutation{Op: pick(w, []record.Op{record.OpArchive, record.OpRestore}), Seen: v.SeenAll()}
	},
	func(w *world, _ *written, v *record.State) record.Mutation {
		return record.Mutation{Op: record.OpSet, Field: "urgent", Value: record.Flag(w.chance(50)), Seen: v.SeenIn("urgent")}
	},
}
