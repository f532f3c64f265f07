package sim

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/generation"
	"holdfast/sync/session"
	"holdfast/sync/session/memory"
)

// When the majority of the nodes is gone for good, one replica is made the first node of a new generation, with all that it holds. The nodes of the group before may be gone, or know
// nothing of it and go on until they hear.

// group is one incarnation of Raft: a log that all its members agree on.
type group struct {
	generation uint64
	first      uint64 // the position before its first entry
	log        []record.Entry
}

// next gives the entry after a position, if there is one.
func (g *group) next(after uint64) (entry record.Entry, there bool, err error) {
	if after < g.first {
		return entry, false, fmt.Errorf("a member stands at %d, before its group's log begins at %d", after, g.first)
	}
	if after-g.first >= uint64(len(g.log)) {
		return entry, false, nil
	}
	return g.log[after-g.first], true, nil
}

// branch is a space's history as one generation has it.
type branch struct {
	space      record.Space
	generation uint64
}

// recovery is what a run knows of its cluster's re-formations.
type recovery struct {
	authority ed25519.PrivateKey
	lineage   generation.Lineage
	signed    [][]byte
	numbers   map[record.ID]map[string]bool    // that records had on branches that were left behind
	agreed    map[record.Space]record.Frontier // where the founder stood before it led alone
	tail      map[record.Hash]bool             // the chain at the commits that only it had
	forgotten map[record.ID]map[string]bool    // those that a device may have taken with it
}

func newRecovery(seed uint64) recovery {
	return recovery{authority: memory.Key(fmt.Sprint("authority", seed)), numbers: map[record.ID]map[string]bool{}, forgotten: map[record.ID]map[string]bool{},
		agreed: map[record.Space]record.Frontier{}, tail: map[record.Hash]bool{}}
}

func (r *recovery) begun() bool { return len(r.signed) > 0 }

func (r *recovery) verify(message, signature []byte) bool {
	return ed25519.Verify(r.authority.Public().(ed25519.PublicKey), message, signature)
}

// current gives the group that counts.
func (w *world) current() *group { return w.groups[len(w.groups)-1] }

// leader gives the node that decides when everything is mended.
func (w *world) leader() *device {
	all := w.nodes()
	return all[max(0, slices.IndexFunc(all, func(n *device) bool { return n.group == w.current() }))]
}

// history gives the commits of a space that count in the end.
func (w *world) history(space record.Space) []store.Commit {
	return w.archived[branch{space, w.leader().store.Frontier(space).Generation}]
}

// reform makes a device the first node of a new generation, after some of the nodes were lost for good.
func (w *world) reform() error {
	f := pick(w, w.devices)
	if may, err := w.mayFound(f); err != nil || !may {
		return err
	}
	return w.reformOn(f)
}

func (w *world) reformOn(f *device) error {
	w.hangUp(f)
	if f.group != nil { // what lies in its log beyond what it has applied
		for range w.rand.IntN(len(f.group.log) + 1) {
			if _, err := w.applyNext(f); err != nil {
				return err
			}
		}
	}
	for _, n := range w.nodes() {
		if n != f && w.chance(50) {
			if err := w.bury(n); err != nil {
				return err
			}
		}
	}
	for _, d := range w.devices {
		w.acquaint(d) // the records of devices are agreed long before
	}
	w.tally["re-formed"]++
	statement, err := w.statement(f)
	if err != nil {
		return err
	}
	w.note("%s re-forms the group as generation %s", f.name, generation.Name(statement.Generation))
	raw, err := statement.Sign(func(message []byte) []byte { return ed25519.Sign(w.recovery.authority, message) })
	if err != nil {
		return err
	}
	w.recovery.signed = append(w.recovery.signed, raw)
	w.recovery.lineage, _ = w.recovery.lineage.With(&statement)
	if err := w.found(f, &statement); err != nil {
		return err
	}
	if err := f.store.Close(); err != nil {
		return err
	}
	if err := w.open(f); err != nil {
		return err
	}
	if w.chance(40) {
		w.later(5+w.rand.IntN(40), rarity{"join", 0, func(w *world) error { return w.join(f) }})
	}
	return nil
}

// mayFound reports whether the group can be begun anew on a device without that others would have to keep what they no longer hold one by one.
func (w *world) mayFound(f *device) (bool, error) {
	if f.disk.room > 0 || !w.forgetful(f) || f == w.outcast.device || w.recovery.begun() {
		return false, nil
	}
	for _, d := range w.devices {
		for _, space := range d.spaces {
			start, err := d.store.LogStart(space)
			if err != nil || start > f.store.Frontier(space).Commit+1 {
				return false, err
			}
		}
	}
	return true, nil
}

// bury loses a node for good, unless others would wait for what only it holds.
func (w *world) bury(n *device) error {
	only, err := w.heldOnlyBy(n)
	if err != nil || w.orphans(n, only) {
		return err
	}
	w.note("%s is lost for good", n.name)
	w.tally["lost for good"]++
	for _, e := range only {
		e.uncertain = true
	}
	w.hangUp(n)
	n.gone = true
	w.devices = slices.DeleteFunc(w.devices, func(d *device) bool { return d == n })
	return n.store.Close()
}

// statement says where the new generation goes on.
func (w *world) statement(f *device) (generation.Statement, error) {
	s := generation.Statement{Cluster: cluster, Founder: f.ID(), Begun: w.now.Unix()}
	newest := uint64(1)
	for _, front := range f.store.Frontiers() {
		newest = max(newest, front.Generation)
		tail, err := w.tailOf(f, front.Space)
		if err != nil {
			return s, err
		}
		s.Bases = append(s.Bases, generation.Base{Space: front.Space, Generation: front.Generation, Commit: front.Commit, Chain: front.Chain, Tail: tail})
	}
	for _, n := range w.nodes() {
		if n != f {
			s.Former = append(s.Former, n.ID())
		}
	}
	s.Generation = generation.After(newest, w.rand.Uint32())
	return s, nil
}

// found makes the device the one member of the new group. Its store goes on counting where it stands.
func (w *world) found(f *device, s *generation.Statement) error {
	if err := f.store.AbandonImports(w.ctx); err != nil {
		return err
	}
	g := &group{generation: s.Generation}
	at := f.store.RaftPosition()
	if at.Index == 0 && len(s.Bases) > 0 {
		at = store.RaftPosition{Index: 1, Term: 1}
		if err := f.store.NotePosition(w.ctx, at); err != nil {
			return err
		}
	}
	g.first = at.Index
	for _, b := range s.Bases {
		if err := w.goOnWith(f, &b, s.Generation); err != nil {
			return err
		}
	}
	w.groups = append(w.groups, g)
	f.node, f.member, f.spaces = true, g, everything
	return nil
}

// goOnWith puts down what the new generation goes on from in a space.
func (w *world) goOnWith(f *device, b *generation.Base, number uint64) error {
	agreed := b.Commit - uint64(len(b.Tail))
	if len(b.Tail) == 0 {
		if err := w.archive(f, b.Space); err != nil {
			return err
		}
	}
	commits, err := f.store.Commits(b.Space, agreed+1, 1<<20)
	for i := range commits {
		w.decided[commits[i].Sealed.Hash()] = true
	}
	w.archived[branch{b.Space, number}] = slices.Concat(w.archived[branch{b.Space, b.Generation}][:agreed], commits)
	return err
}

// join takes a new node into the group: with the whole state of one that is a member.
func (w *world) join(from *device) (err error) {
	if from.disk.room > 0 {
		return nil
	}
	if err := w.add(fmt.Sprint("N", len(w.devices)+1, "'"), true, everything); err != nil {
		return err
	}
	n := w.devices[len(w.devices)-1]
	w.note("%s joins the group with what %s has", n.name, from.name)
	whole, err := from.store.Snapshot(w.ctx)
	if err != nil {
		return err
	}
	defer whole.Close()
	if err := restoreFrom(w, n, whole); err != nil {
		return err
	}
	n.member, n.book = from.member, nil
	return errors.Join(w.follow(n), w.watch(n))
}

// learned gives what a device knows of recoveries. The founder and who joins after it were told when they became nodes, and keep that outside of their store.
func (w *world) learned(d *device) (*generation.Book, error) {
	if d.book != nil {
		return d.book, nil
	}
	book, err := generation.OpenBook(d.store, cluster, w.recovery.verify, nil)
	if err == nil && d.member != nil && d.member == w.current() {
		err = book.Learn(w.ctx, w.recovery.signed)
	}
	d.book = book
	return book, err
}

// generations gives what a session asks about recoveries.
func (w *world) generations(d *device) (session.Generations, error) {
	if !w.recovery.begun() {
		return nil, nil
	}
	return w.learned(d)
}

// follow lets a device act on what it knows of recoveries: a node of the group before stands down, and all talks begin anew.
func (w *world) follow(d *device) error {
	d.group = d.member
	if !w.recovery.begun() {
		return nil
	}
	book, err := w.learned(d)
	if err != nil {
		return err
	}
	knows := book.Generation()
	if d.group != nil && knows > d.group.generation {
		d.group = nil
	}
	if knows == d.knows {
		return nil
	}
	d.knows = knows
	if d.member != nil && d.group == nil {
		w.note("%s stands down", d.name)
		w.tally["fenced"]++
	}
	w.hangUp(d)
	return nil
}

// noteLeft remembers the numbers that records have on a device whose commits are about to be taken back.
func (w *world) noteLeft(d *device) error {
	if w.outcast.device == d { // who is shut out may never get to say
		return nil
	}
	return w.leftNumbers(d, w.recovery.numbers)
}

// leftNumbers enters the numbers of a device's commits that a recovery has left behind.
func (w *world) leftNumbers(d *device, into map[record.ID]map[string]bool) error {
	if !w.recovery.begun() {
		return nil
	}
	for _, space := range d.spaces {
		front := d.store.Frontier(space)
		front.Space = space
		if !w.recovery.lineage.Left(front) {
			continue
		}
		commits, err := d.store.Commits(space, w.recovery.lineage.Common(front)+1, 1<<20)
		if err != nil {
			return err
		}
		for i := range commits {
			var o record.Outcome
			if err := record.Decode(commits[i].Outcome, &o); err != nil {
				return err
			}
			numbersOf(&o, into)
		}
	}
	return nil
}

func enter(numbers map[record.ID]map[string]bool, of record.ID, number string) {
	if numbers[of] == nil {
		numbers[of] = map[string]bool{}
	}
	numbers[of][number] = true
}

// forgetNumbers notes what goes with a device that loses its data: numbers that it has not got to keep elsewhere, from commits that it has taken back or was about to.
func (w *world) forgetNumbers(d *device) error {
	if !w.recovery.begun() {
		return nil
	}
	numbers, err := d.store.WithdrawnNumbers()
	for _, was := range numbers {
		enter(w.recovery.forgotten, was.Record, was.Number)
	}
	return errors.Join(err, w.leftNumbers(d, w.recovery.forgotten))
}

func numbersOf(o *record.Outcome, into map[record.ID]map[string]bool) {
	for i := range o.Writes {
		write := &o.Writes[i]
		if write.Field != record.FieldNumber || write.State == nil || len(write.State.Values) == 0 {
			continue
		}
		enter(into, write.Record, write.State.Values[0].Value.AsText())
	}
}

// keepNumbers lets a device keep the numbers that records had before their commits were taken back, as soon as they have one again.
func (w *world) keepNumbers(d *device) error {
	if !w.recovery.begun() {
		return nil
	}
	numbers, err := d.store.WithdrawnNumbers()
	if err != nil {
		return err
	}
	for _, was := range numbers {
		s, err := d.store.Committed(was.Record)
		if err != nil {
			return err
		}
		if s == nil || len(s.Shown(record.FieldNumber)) == 0 {
			continue
		}
		if s.Shown(record.FieldNumber).AsText() != was.Number {
			entry := &written{record: was.Record, op: record.OpAdd, field: record.FieldFormerNumbers, number: was.Number}
			err = w.save(d, entry, record.Draft{Space: s.Space, Author: d.person, Action: "recover", Mutations: []record.Mutation{
				{Op: record.OpAdd, Record: was.Record, Field: record.FieldFormerNumbers, Value: record.Text(was.Number)},
			}})
			w.tally["former number"]++
		}
		if err = errors.Join(err, d.store.ForgetWithdrawn(w.ctx, was)); err != nil {
			return err
		}
	}
	return nil
}

// keepAllNumbers does so on every device, and reports whether any of them wrote.
func (w *world) keepAllNumbers() (bool, error) {
	before := w.tally["former number"]
	for _, d := range w.devices {
		if err := w.keepNumbers(d); err != nil {
			return false, err
		}
	}
	return w.tally["former number"] > before, nil
}

// checkFormer wants records to be found by every number that somebody saw.
func (w *world) checkFormer(n *device, space record.Space) error {
	for _, id := range w.ledger.records[space] {
		s, err := n.store.Committed(id)
		if err != nil || s == nil {
			return fmt.Errorf("record %s is not there: %w", id, err)
		}
		for number := range w.recovery.numbers[id] {
			if w.recovery.forgotten[id][number] {
				continue
			}
			is := func(e record.Element) bool { return e.Value.AsText() == number }
			if s.Shown(record.FieldNumber).AsText() != number && !slices.ContainsFunc(s.Fields[record.FieldFormerNumbers].Elements, is) {
				return fmt.Errorf("record %s was %s, is %s, and is not found by the number that it had", id, number, s.Shown(record.FieldNumber).AsText())
			}
		}
	}
	return nil
}

// of gives the generation of a device's group.
func (d *device) of() uint64 {
	if d.group == nil {
		return 0
	}
	return d.group.generation
}

// restoreFrom makes a device's store what a snapshot says.
func restoreFrom(w *world, n *device, whole *store.Snapshot) error {
	var raw bytes.Buffer
	if _, err := whole.WriteTo(&raw); err != nil {
		return err
	}
	return n.store.Restore(w.ctx, &raw)
}
