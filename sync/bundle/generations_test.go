package bundle_test

import (
	"context"
	"slices"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/bundle"
	"holdfast/sync/enrol"
	"holdfast/sync/generation"
	"holdfast/sync/session"
)

// reform makes a device the first node of a new generation, as holdfast recover does.
func (d *device) reform() {
	t := d.world.t
	t.Helper()
	front := d.store.Frontier(org)
	s := generation.Statement{
		Cluster: d.credentials.Identity().Cluster.String(), Generation: generation.After(1, 7), Founder: d.id(),
		Bases: []generation.Base{{Space: org, Generation: front.Generation, Commit: front.Commit, Chain: front.Chain}},
	}
	raw, err := s.Sign(d.world.cluster.Authority.Sign)
	if err == nil {
		err = d.book.Learn(context.Background(), [][]byte{raw})
	}
	if err != nil {
		t.Fatal(err)
	}
	d.raft, d.generation = true, s.Generation
	raise := record.Entry{Format: record.FormatVersion, Space: org, Generation: s.Generation, EvaluatedAt: front.Commit}
	if applied, err := d.store.Apply(context.Background(), raise, store.RaftPosition{}); err != nil || !applied {
		t.Fatal(applied, err)
	}
}

// agree lets a device agree on so many more changes of its own.
func (d *device) agree(count int) {
	d.world.t.Helper()
	for range count {
		d.write(org, "a note")
	}
	d.decide(org)
}

// hear lets a device hold a change of another one that waits.
func (d *device) hear(title string) {
	d.world.t.Helper()
	other := d.world.add("other", enrol.Desktop, "LYO")
	other.write(org, title)
	files, _ := other.export(bundle.Wish{})
	d.read(files...)
}

func because(r bundle.Reading, code fault.Code) bool {
	return len(r.Taken) > 0 && slices.ContainsFunc(r.Taken[0].Why, func(f *fault.Fault) bool { return f.Code == code })
}

// recovered gives a node whose group a recovery left behind at commit 5, and the node that re-formed the group at commit 3 and stands at 4.
func recovered(t *testing.T) (w *world, old, next *device, atThree, atFive []string) {
	t.Helper()
	w = newWorld(t)
	old, next = w.add("old", enrol.Node, "LYO"), w.add("next", enrol.Node, "LYO")
	old.agree(3)
	atThree, _ = old.export(bundle.Wish{Commits: bundle.All})
	old.agree(2)
	old.write(org, "waits")
	atFive, _ = old.export(bundle.Wish{Commits: bundle.All})
	next.raft = false // it takes commits as a device that follows nobody does
	next.read(atThree...)
	next.reform()
	next.agree(1)
	return w, old, next, atThree, atFive
}

// A bundle from before a recovery is read after it: what went on is known, what was left behind waits to be agreed anew, like what waited.
func TestABundleFromBeforeARecovery(t *testing.T) {
	w, _, next, atThree, atFive := recovered(t)
	reader := w.add("reader", enrol.Desktop, "LYO")
	w.add("late", enrol.Desktop, "LYO")
	out, _ := next.export(bundle.Wish{Commits: bundle.All})
	reader.read(out...)
	same(t, org, reader, next)
	before := reader.stands(org)
	// The readers of these bundles were the devices of that time, and of them only the one that re-formed the group is left.
	for _, raft := range []bool{true, false} {
		next.raft = raft
		if got := next.read(atThree...); got.Changed() || because(got, session.CodeGenerationBehind) {
			t.Fatalf("what both have in common: %+v", got)
		}
	}
	got := next.read(atFive...)
	if got.Taken[0].NewEdits != 3 || next.store.PendingCount() != 3 || got.Taken[0].NewCommits != 0 || got.Taken[0].LeftCommits != 5 || !because(got, session.CodeGenerationBehind) {
		t.Fatalf("%+v", got.Taken)
	}
	if front := next.store.Frontier(org); front.Commit != 4 || front.Generation != next.generation {
		t.Fatalf("it stands at %+v", front)
	}
	if reader.stands(org) != before {
		t.Fatal("another device moved")
	}
}

// A bundle from after a recovery is read by devices that have not heard of it: the one that stands where the new group went on, or before, goes on with it.
func TestABundleFromAfterARecovery(t *testing.T) {
	w := newWorld(t)
	old, next := w.add("old", enrol.Node, "LYO"), w.add("next", enrol.Node, "LYO")
	at, before := w.add("at", enrol.Desktop, "LYO"), w.add("before", enrol.Desktop, "LYO")
	old.agree(1)
	one, _ := old.export(bundle.Wish{Commits: bundle.All})
	old.agree(2)
	three, _ := old.export(bundle.Wish{Commits: bundle.All})
	next.raft = false
	next.read(three...)
	at.read(three...)
	before.read(one...)
	next.reform()
	next.agree(1)
	next.write(org, "waits")
	out, _ := next.export(bundle.Wish{Commits: bundle.All})
	for _, d := range []*device{at, before} {
		got := d.read(out...)
		if len(got.Taken[0].Why) > 0 || d.book.Generation() != next.generation {
			t.Fatalf("%+v", got.Taken)
		}
		same(t, org, d, next)
		if again := d.read(out...); again.Changed() || len(again.Taken[0].Why) > 0 {
			t.Fatalf("again: %+v", again.Taken)
		}
	}
}

// A device that saw agreed changes which the new group lacks takes the new state only from a bundle that a node made for it; its own work comes back to be agreed anew.
func TestABundleForADeviceThatARecoveryLeftBehind(t *testing.T) {
	w := newWorld(t)
	old, next := w.add("old", enrol.Node, "LYO"), w.add("next", enrol.Node, "LYO")
	ahead := w.add("ahead", enrol.Desktop, "LYO")
	old.agree(3)
	three, _ := old.export(bundle.Wish{Commits: bundle.All})
	old.agree(2)
	five, _ := old.export(bundle.Wish{Commits: bundle.All})
	next.raft = false
	next.read(three...)
	ahead.read(five...)
	next.reform()
	next.agree(1)
	next.hear("waits")
	out, _ := next.export(bundle.Wish{Commits: bundle.All})
	was := ahead.store.Frontier(org)
	got := ahead.read(out...)
	if got.Taken[0].NewEdits != 1 || got.Taken[0].NewCommits != 0 || !because(got, session.CodeGenerationBehind) || ahead.store.Frontier(org) != was {
		t.Fatalf("%+v", got.Taken)
	}
	word, _ := ahead.export(bundle.Wish{})
	next.read(word...) // now it knows where the other stands
	out, written := next.export(bundle.Wish{For: ahead.id()})
	if !written.Spaces[0].Snapshot {
		t.Fatalf("%+v", written.Content)
	}
	got = ahead.read(out...)
	front := ahead.store.Frontier(org)
	if !got.Taken[0].Snapshot || front.Commit != 4 || front.Generation != next.generation || ahead.store.PendingCount() != 3 {
		t.Fatalf("%+v at %+v with %d waiting", got.Taken, front, ahead.store.PendingCount())
	}
	back, _ := ahead.export(bundle.Wish{})
	if got := next.read(back...); got.Taken[0].NewEdits != 2 || next.store.PendingCount() != 3 {
		t.Fatalf("%+v with %d waiting", got.Taken, next.store.PendingCount())
	}
}

// A node of the group before hears of the recovery from a bundle. It takes nothing in as the node that it was, and all that waits once it has stood down.
func TestABundleTellsANodeThatItWasReplaced(t *testing.T) {
	_, old, next, _, _ := recovered(t)
	next.hear("waits")
	out, _ := next.export(bundle.Wish{Commits: bundle.All})
	id, faults := old.take(out...)
	if faults[0] != nil {
		t.Fatal(faults)
	}
	was := old.store.Frontier(org)
	reading, err := bundle.Read(context.Background(), old.config(), old.inbox, id, nil)
	if !fault.Is(err, fault.Unavailable) || len(reading.Now) > 0 || old.store.Frontier(org) != was || old.book.Generation() != next.generation {
		t.Fatalf("%+v, %v", reading, err)
	}
	old.raft = false
	reading, err = bundle.Read(context.Background(), old.config(), old.inbox, id, nil)
	if err != nil || !reading.Whole() || reading.Taken[0].NewEdits != 1 {
		t.Fatalf("%+v, %v", reading, err)
	}
}

// A recovery that the cluster's authority has not signed is not believed, whoever has signed the bundle.
func TestABundleThatMakesARecoveryUp(t *testing.T) {
	w := newWorld(t)
	liar, reader := w.add("liar", enrol.Desktop, "LYO"), w.add("reader", enrol.Desktop, "LYO")
	liar.write(org, "a change")
	lie, err := generation.Statement{Cluster: liar.credentials.Identity().Cluster.String(), Generation: generation.After(1, 1), Founder: liar.id()}.Sign(liar.credentials.Device().Sign)
	if err != nil {
		t.Fatal(err)
	}
	cfg := liar.config()
	cfg.Generations = makesUp{liar.book, lie}
	folder := t.TempDir()
	if _, err := bundle.Export(context.Background(), cfg, folder, bundle.Wish{}); err != nil {
		t.Fatal(err)
	}
	id, faults := reader.take(partsIn(t, folder)...)
	if faults[0] != nil {
		t.Fatal(faults)
	}
	if _, err := bundle.Read(context.Background(), reader.config(), reader.inbox, id, nil); !fault.Is(err, bundle.Broken) || reader.book.Generation() != 0 || reader.store.PendingCount() != 0 {
		t.Fatal(err)
	}
}

type makesUp struct {
	session.Generations
	lie []byte
}

func (m makesUp) Statements() [][]byte { return [][]byte{m.lie} }
