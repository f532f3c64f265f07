package bundle_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/bundle"
	"holdfast/sync/enrol"
)

const org = record.Organisation

func TestWorkCrossesTwiceWithoutHarm(t *testing.T) {
	w := newWorld(t)
	a, b := w.add("Ana", enrol.Desktop, "LYO"), w.add("Ben", enrol.Desktop, "LYO")
	a.write(org, "one")
	a.write("site/LYO", "two")
	files, written := a.export(bundle.Wish{})
	if len(files) != 1 || len(written.Parts) != 1 || written.Readers != 1 {
		t.Fatalf("%+v", written)
	}
	first := b.read(files...)
	if !first.Changed() || !first.Whole() || first.Author.Name != "Ana" || first.Author.Trust != bundle.Trusted {
		t.Fatalf("%+v", first)
	}
	for _, space := range []record.Space{org, "site/LYO"} {
		same(t, space, a, b)
	}
	before := b.stands(org)
	second := b.read(files...)
	if second.Changed() || b.stands(org) != before {
		t.Fatalf("the second time it changed something: %+v", second)
	}
	if own := a.read(files...); own.Changed() {
		t.Fatalf("its own bundle changed a device: %+v", own)
	}
}

func TestAgreedChangesGoBackAboveWhatTheOtherHolds(t *testing.T) {
	w := newWorld(t)
	a, n := w.add("Ana", enrol.Desktop, "LYO"), w.add("node", enrol.Node, "LYO")
	for i := range 5 {
		a.write(org, fmt.Sprint(i))
	}
	out, _ := a.export(bundle.Wish{})
	if got := n.read(out...); got.Taken[0].NewEdits != 5 {
		t.Fatalf("%+v", got.Taken)
	}
	n.decide(org)
	if _, any := n.export(bundle.Wish{}); any.Spaces[0].Commits != 5 {
		t.Fatalf("Ana said that she has nothing agreed, but a bundle for any device holds %+v", any.Content)
	}
	back, written := n.export(bundle.Wish{For: a.id()})
	if written.Spaces[0].Commits != 5 {
		t.Fatalf("%+v", written.Content)
	}
	if got := a.read(back...); got.Taken[0].NewCommits != 5 || got.Taken[0].LeftCommits != 0 {
		t.Fatalf("%+v", got.Taken)
	}
	same(t, org, a, n)
	if again := a.read(back...); again.Changed() || again.Taken[0].KnownCommits != 5 {
		t.Fatalf("%+v", again.Taken)
	}
	a.write(org, "later")
	out, _ = a.export(bundle.Wish{})
	n.read(out...) // it says where Ana stands
	n.decide(org)
	back, written = n.export(bundle.Wish{For: a.id()})
	if got := written.Spaces[0]; got.Commits != 1 || got.From != 6 || got.To != 6 {
		t.Fatalf("what Ana is known to hold was written again: %+v", got)
	}
	a.read(back...)
	same(t, org, a, n)
	_, all := n.export(bundle.Wish{For: a.id(), Commits: bundle.All})
	_, none := n.export(bundle.Wish{For: a.id(), Commits: bundle.NoneOf})
	if all.Spaces[0].Commits != 6 || none.Spaces[0].Commits != 0 {
		t.Fatalf("%+v, %+v", all.Content, none.Content)
	}
}

// A device that lacks what a bundle builds on takes what it can, says why the rest was left, and loses nothing.
func TestWhatBuildsOnAbsentChangesIsLeftWithAReason(t *testing.T) {
	w := newWorld(t)
	a, n, c := w.add("Ana", enrol.Desktop, "LYO"), w.add("node", enrol.Node, "LYO"), w.add("Cem", enrol.Desktop, "LYO")
	a.write(org, "one")
	out, _ := a.export(bundle.Wish{})
	n.read(out...)
	n.decide(org)
	back, _ := n.export(bundle.Wish{For: a.id()})
	a.read(back...)
	a.write(org, "two")
	out, _ = a.export(bundle.Wish{})
	n.read(out...)
	n.decide(org)
	n.write(org, "three")
	files, _ := n.export(bundle.Wish{For: a.id()})
	got := c.read(files...).Taken[0]
	if got.LeftCommits != 1 || got.NewEdits != 1 || len(got.Why) != 1 || got.Why[0].Code != bundle.TooBehind {
		t.Fatalf("%+v", got)
	}
	files, _ = n.export(bundle.Wish{Commits: bundle.All})
	c.read(files...)
	same(t, org, c, n)
}

func TestASpaceReachesOnlyWhoMayReadIt(t *testing.T) {
	w := newWorld(t)
	a, far, n := w.add("Anastasia", enrol.Desktop, "LYO"), w.add("Far", enrol.Desktop, "BER"), w.add("node", enrol.Node, "LYO")
	a.write("site/LYO", "secret of Lyon")
	a.write(org, "for all")
	files, written := a.export(bundle.Wish{})
	if written.Readers != 2 {
		t.Fatalf("%d readers", written.Readers)
	}
	got := far.read(files...)
	if got.Closed != 1 || len(got.Taken) != 1 || got.Taken[0].NewEdits != 1 || len(far.store.Spaces()) != 1 {
		t.Fatalf("%+v", got)
	}
	if got := n.read(files...); got.Closed != 0 || len(got.Taken) != 2 {
		t.Fatalf("%+v", got)
	}
	stranger := newWorld(t).add("Mallory", enrol.Desktop, "LYO")
	if _, faults := stranger.take(files...); fault.CodeOf(faults[0]) != enrol.OtherCluster {
		t.Fatal(faults)
	}
	late := w.add("Late", enrol.Desktop, "LYO")
	id, _ := late.take(files...)
	if _, err := bundle.Read(t.Context(), late.config(), late.inbox, id, nil); !fault.Is(err, bundle.NotForUs) {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"secret", "for all", "LYO", "Anastasia"} {
		if bytes.Contains(raw, []byte(word)) {
			t.Errorf("%q stands in the clear", word)
		}
	}
}

func TestWhoeverIsShutOutBringsChangesOnly(t *testing.T) {
	w := newWorld(t)
	n, a, b := w.add("node", enrol.Node, "LYO"), w.add("Ana", enrol.Desktop, "LYO"), w.add("Ben", enrol.Desktop, "LYO")
	n.write(org, "agreed")
	n.decide(org)
	files, _ := n.export(bundle.Wish{})
	a.read(files...)
	a.write(org, "waits")
	files, _ = a.export(bundle.Wish{Commits: bundle.All})
	w.revoked[a.id()] = true
	got := b.read(files...)
	if got.Author.Trust != bundle.Revoked || got.Taken[0].NewEdits != 1 || got.Taken[0].NewCommits != 0 || got.Taken[0].LeftCommits != 1 || got.Taken[0].Why[0].Code != "author_revoked" {
		t.Fatalf("%+v %+v", got.Author, got.Taken)
	}
	files, _ = n.export(bundle.Wish{})
	id, _ := a.take(files...)
	if _, err := bundle.Read(t.Context(), a.config(), a.inbox, id, nil); !fault.Is(err, bundle.NotForUs) {
		t.Fatal("a device that is shut out can read what was written since", err)
	}
	w.revoked[a.id()] = false
	a.now = a.now.Add(2 * enrol.CertificateTime)
	files, _ = a.export(bundle.Wish{Commits: bundle.All})
	if got := b.read(files...); got.Author.Trust != bundle.Expired || got.Taken[0].NewCommits != 0 {
		t.Fatalf("%+v %+v", got.Author, got.Taken)
	}
	a.now = a.now.Add(-2 * enrol.CertificateTime)
	b.now = b.now.Add(2 * enrol.CertificateTime)
	files, _ = a.export(bundle.Wish{Commits: bundle.All})
	if got := b.read(files...); got.Author.Trust != bundle.Trusted || got.Taken[0].NewCommits != 1 {
		t.Fatalf("a stick that lay in a drawer for long is not taken: %+v %+v", got.Author, got.Taken)
	}
}

func TestAttachedFilesTravel(t *testing.T) {
	w := newWorld(t)
	a, b := w.add("Ana", enrol.Desktop, "LYO"), w.add("Ben", enrol.Desktop, "LYO")
	content := make([]byte, 3<<20)
	if _, err := rand.Read(content); err != nil {
		t.Fatal(err)
	}
	hash, _, err := a.store.Blobs().Put(t.Context(), bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	a.write(org, "with a picture", hash, record.Hash{7})
	a.write(org, "with the same", hash)
	empty, _, err := a.store.Blobs().Put(t.Context(), strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	a.write(org, "with nothing in it", empty)
	without, written := a.export(bundle.Wish{})
	if written.Files != 0 {
		t.Fatalf("%+v", written)
	}
	b.read(without...)
	files, written := a.export(bundle.Wish{Files: true, PartBytes: 1 << 20})
	if written.Files != 2 || written.FilesAbsent != 1 || len(files) < 4 {
		t.Fatalf("%+v in %d parts", written, len(files))
	}
	slices.Reverse(files)
	got := b.read(files...)
	if got.Files != 2 || !got.Changed() || !b.store.Blobs().Has(hash) || !b.store.Blobs().Has(empty) {
		t.Fatalf("%+v", got)
	}
	if again := b.read(files...); again.Changed() {
		t.Fatalf("%+v", again)
	}
	other := newWorld(t).add("Other", enrol.Desktop, "LYO")
	if other.store.Blobs().Has(hash) {
		t.Fatal("the test cannot fail")
	}
}

// crowd makes so many changes of some size that a bundle needs several parts.
func crowd(d *device, count int) {
	for i := range count {
		noise := make([]byte, 3000)
		if _, err := rand.Read(noise); err != nil {
			d.world.t.Fatal(err)
		}
		d.write(org, fmt.Sprintf("%d %x", i, noise))
	}
}

func TestPartsComeInAnyOrderAndOneByOne(t *testing.T) {
	w := newWorld(t)
	a, b := w.add("Ana", enrol.Desktop, "LYO"), w.add("Ben", enrol.Desktop, "LYO")
	crowd(a, 500)
	const size = 600 << 10
	files, written := a.export(bundle.Wish{PartBytes: size})
	if len(files) < 3 {
		t.Fatalf("%d parts", len(files))
	}
	for i, file := range files {
		info, err := os.Stat(file)
		if err != nil || info.Size() > size || info.Size() != written.Parts[i] {
			t.Errorf("part %d has %d bytes, said %d: %v", i+1, info.Size(), written.Parts[i], err)
		}
	}
	last := len(files) - 1
	if got := b.read(files[last]); got.Changed() || len(got.Here) != 1 || len(got.Missing) != last {
		t.Fatalf("%+v", got.Waiting)
	}
	if got := b.read(files[0]); !got.Changed() || !slices.Equal(got.Now, []int{1}) || len(got.Missing) != last-1 {
		t.Fatalf("%+v", got.Waiting)
	}
	damaged, err := os.ReadFile(files[1])
	if err != nil {
		t.Fatal(err)
	}
	damaged[len(damaged)/2] ^= 4
	if _, err := b.takeBytes(damaged); !fault.Is(err, bundle.Altered) {
		t.Fatal(err)
	}
	again := b.read(files[0])
	if again.Changed() || !slices.Equal(again.Missing[:1], []int{2}) {
		t.Fatalf("%+v", again.Waiting)
	}
	if got := b.read(files[1:]...); !got.Whole() || len(got.Now) != last {
		t.Fatalf("%+v", got.Waiting)
	}
	same(t, org, a, b)
	if waiting, err := b.inbox.Waiting(); err != nil || len(waiting) != 0 {
		t.Fatal(waiting, err)
	}
}

func TestPartsThatAreTooSmallAreRefused(t *testing.T) {
	w := newWorld(t)
	a := w.add("Ana", enrol.Desktop, "LYO")
	w.add("Ben", enrol.Desktop, "LYO")
	crowd(a, 200)
	folder := t.TempDir()
	if _, err := bundle.Export(t.Context(), a.config(), folder, bundle.Wish{PartBytes: 100 << 10}); !fault.Is(err, fault.Invalid) {
		t.Fatal(err)
	}
	if left := partsIn(t, folder); len(left) > 0 {
		t.Fatal(left)
	}
	lonely := newWorld(t).add("Alone", enrol.Desktop, "LYO")
	if _, err := bundle.Export(t.Context(), lonely.config(), t.TempDir(), bundle.Wish{}); !fault.Is(err, bundle.NoReaders) {
		t.Fatal(err)
	}
}

// A log that was trimmed cannot be told change by change: a fresh device takes the state as a whole, over several parts, with a crash in between.
func TestAFreshDeviceTakesTheStateAsAWhole(t *testing.T) {
	w := newWorld(t)
	n, b := w.add("node", enrol.Node, "LYO"), w.add("Ben", enrol.Desktop, "LYO")
	crowd(n, 600)
	n.decide(org)
	if err := n.store.TrimLog(t.Context(), org, 400); err != nil {
		t.Fatal(err)
	}
	n.write(org, "waits")
	files, written := n.export(bundle.Wish{PartBytes: 700 << 10})
	if !written.Spaces[0].Snapshot || len(files) < 3 {
		t.Fatalf("%+v in %d parts", written.Content, len(files))
	}
	b.write(org, "mine")
	if got := b.read(files[:2]...); got.Changed() {
		t.Fatalf("%+v", got.Taken)
	}
	got := b.read(files...)
	if !got.Whole() || !got.Taken[0].Snapshot || got.Taken[0].NewEdits != 1 {
		t.Fatalf("%+v", got.Taken)
	}
	if x, y := n.store.Frontier(org), b.store.Frontier(org); x != y || b.store.PendingCount() != 2 {
		t.Fatalf("%+v %+v, %d waiting", x, y, b.store.PendingCount())
	}
	if again := b.read(files...); again.Changed() {
		t.Fatalf("%+v", again.Taken)
	}
}

func TestInspectChangesNothing(t *testing.T) {
	w := newWorld(t)
	a, b := w.add("Ana", enrol.Desktop, "LYO"), w.add("Ben", enrol.Desktop, "LYO")
	a.write(org, "one")
	a.write("site/LYO", "two")
	files, _ := a.export(bundle.Wish{})
	before := b.stands(org)
	file, err := os.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	part, inside, err := bundle.Inspect(t.Context(), b.config(), file)
	if err != nil || part.Number != 1 || part.Parts != 1 || part.Device != a.id() || inside.Author.Name != "Ana" || len(inside.Spaces) != 2 || inside.Spaces[0].Edits != 1 {
		t.Fatalf("%+v %+v %v", part, inside, err)
	}
	if b.stands(org) != before {
		t.Fatal("looking changed something")
	}
	stranger := newWorld(t).add("Mallory", enrol.Desktop, "LYO")
	part, inside, err = bundle.Inspect(t.Context(), stranger.config(), file)
	if err == nil || len(inside.Spaces) > 0 {
		t.Fatalf("%+v %+v", part, inside)
	}
}

func TestTheInboxHasAnEnd(t *testing.T) {
	w := newWorld(t)
	a, b := w.add("Ana", enrol.Desktop, "LYO"), w.add("Ben", enrol.Desktop, "LYO")
	crowd(a, 200)
	for range bundle.BundlesKeptMax + 3 {
		files, _ := a.export(bundle.Wish{PartBytes: 600 << 10})
		b.take(files[1])
	}
	waiting, err := b.inbox.Waiting()
	if err != nil || len(waiting) != bundle.BundlesKeptMax {
		t.Fatal(len(waiting), err)
	}
	if err := b.inbox.Forget(waiting[0].Bundle); err != nil {
		t.Fatal(err)
	}
	if _, err := b.inbox.Find(waiting[0].Bundle); !fault.Is(err, fault.NotFound) {
		t.Fatal(err)
	}
}

func TestPartNames(t *testing.T) {
	for want, got := range map[string]string{
		"work": bundle.PartName("work", 1, 1), "work.001": bundle.PartName("work", 1, 2), "work.1000": bundle.PartName("work", 1000, 1000),
		"2": bundle.Numbers([]int{2}), "2 and 5": bundle.Numbers([]int{2, 5}), "2, 4 and 7": bundle.Numbers([]int{2, 4, 7}), "": bundle.Numbers(nil),
	} {
		if want != got {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A device that was away for longer than the log is kept takes a node's whole state in place of its own; a desktop's it does not.
func TestALongAbsenceEndsWithANodesBundle(t *testing.T) {
	w := newWorld(t)
	n, b, peer := w.add("node", enrol.Node, "LYO"), w.add("Ben", enrol.Desktop, "LYO"), w.add("Peer", enrol.Desktop, "LYO")
	crowd(n, 20)
	n.decide(org)
	files, _ := n.export(bundle.Wish{})
	b.read(files...)
	b.write(org, "typed while away")
	crowd(n, 20)
	n.decide(org)
	if err := n.store.TrimLog(t.Context(), org, 30); err != nil {
		t.Fatal(err)
	}
	out, _ := b.export(bundle.Wish{Commits: bundle.NoneOf})
	n.read(out...)
	files, written := n.export(bundle.Wish{For: b.id()})
	if !written.Spaces[0].Snapshot {
		t.Fatalf("%+v", written.Content)
	}
	peer.read(files...)
	if err := peer.store.TrimLog(t.Context(), org, 30); err != nil {
		t.Fatal(err)
	}
	fromPeer, _ := peer.export(bundle.Wish{Commits: bundle.All})
	if got := b.read(fromPeer...).Taken[0]; got.Snapshot || len(got.Why) == 0 || got.Why[0].Code != bundle.TooBehind {
		t.Fatalf("%+v", got)
	}
	if got := b.read(files...).Taken[0]; !got.Snapshot {
		t.Fatalf("%+v", got)
	}
	same(t, org, b, n)
	if b.store.PendingCount() != 1 {
		t.Fatal("what was typed is lost")
	}
}
