package session_test

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"holdfast/backend/record"
	"holdfast/sync/session/memory"
)

// TestReplicasConverge lets two desktops, a relay and a node work, meet, lose and repeat messages at random, then lets them meet in good order: all hold the
// same commits, each edit once, and nothing is left over.
func TestReplicasConverge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := newNetwork()
		n.quiet = true
		for _, name := range []string{"A", "B", "C", "N"} {
			n.add(name, name == "N", rapid.Bool().Draw(t, "strange"))
		}
		edits := 0
		for range rapid.IntRange(5, 60).Draw(t, "steps") {
			edits += n.randomStep(t)
		}
		n.heal(t)
		want := n.devices["N"].replica.Frontier(record.Organisation)
		if want.Commit != uint64(edits) {
			t.Fatalf("%d edits were made and %d committed", edits, want.Commit)
		}
		for _, name := range n.order {
			r := n.devices[name].replica
			if got := r.Frontier(record.Organisation); got != want || len(r.Tails(record.Organisation)) > 0 || r.Aside > 0 {
				t.Fatalf("%s stands at %+v with %v and %d aside; the node at %+v", name, got, r.Tails(record.Organisation), r.Aside, want)
			}
		}
	})
}

// randomStep does one thing and gives how many edits it made.
func (n *network) randomStep(t *rapid.T) int {
	pick := func(label string) *device { return n.devices[rapid.SampledFrom(n.order).Draw(t, label)] }
	switch d := pick("who"); rapid.IntRange(0, 9).Draw(t, "what") {
	case 0, 1:
		count := rapid.IntRange(1, 3).Draw(t, "edits")
		notes := make([]string, count)
		for i := range notes {
			notes[i] = fmt.Sprint("note ", i)
		}
		if err := d.replica.Append(record.Organisation, notes...); err != nil {
			t.Fatal(err)
		}
		n.poll(d, nil)
		return count
	case 2, 3:
		if other := pick("whom"); other != d {
			n.connect(d, other)
		}
	case 4:
		if len(d.ends) > 0 {
			n.cut(rapid.SampledFrom(d.ends).Draw(t, "cut"))
		}
	case 5:
		if len(n.queue) > 0 { // a message comes twice
			p := rapid.SampledFrom(n.queue).Draw(t, "twice")
			n.queue = append(n.queue, p)
		}
	case 6:
		node := n.devices["N"]
		if _, err := node.replica.Decide(record.Organisation, rapid.IntRange(1, 4).Draw(t, "decide")); err != nil {
			t.Fatal(err)
		}
		n.poll(node, nil)
	case 7:
		d.replica.Reincarnate(rapid.Uint64Range(100, 1<<40).Draw(t, "incarnation"))
	default:
		for range rapid.IntRange(1, 12).Draw(t, "deliver") {
			n.deliver()
		}
	}
	return 0
}

// heal cuts everything, and lets each desktop meet the node in any order until all is decided and known.
func (n *network) heal(t *rapid.T) {
	for _, name := range n.order {
		for len(n.devices[name].ends) > 0 {
			n.cut(n.devices[name].ends[0])
		}
	}
	n.queue = nil
	node := n.devices["N"]
	for _, name := range rapid.Permutation([]string{"A", "B", "C"}).Draw(t, "order") {
		n.connect(n.devices[name], node)
		n.settle()
	}
	for {
		decided, err := node.replica.Decide(record.Organisation, 100)
		if err != nil {
			t.Fatal(err)
		}
		if decided == 0 {
			break
		}
		n.poll(node, nil)
		n.settle()
	}
	for _, name := range n.order[:3] {
		for _, e := range n.devices[name].ends {
			if st := e.session.Status(); !st.Covered || st.Err != nil {
				t.Fatalf("%s is not covered: %+v", name, st)
			}
		}
	}
}

// TestCutAfterEveryMessage cuts an exchange of 10,000 edits, half of them each way, again and again after k messages. It ends equal, and what is sent twice is bounded
// by what may be under way at a cut.
func TestCutAfterEveryMessage(t *testing.T) {
	for k := 4; k <= 12; k++ {
		n := newNetwork()
		n.quiet = true
		a, b := n.add("A", false, false), n.add("B", false, false)
		for range 50 {
			for _, d := range []*device{a, b} {
				if err := d.replica.Append(record.Organisation, make([]string, 100)...); err != nil {
					t.Fatal(err)
				}
			}
		}
		cuts := 0
		for ; ; cuts++ {
			left, right := n.connect(a, b)
			for i := 0; i < k && n.deliver(); i++ {
			}
			done := left.session.Status().Covered && right.session.Status().Covered
			n.cut(left)
			n.queue = nil
			if done {
				break
			}
			if cuts > 100 {
				t.Fatalf("cut after %d messages: no end in sight", k)
			}
		}
		if n.bytes > 4<<20+cuts*3<<20 {
			t.Fatalf("cut after %d messages: %d cuts cost %d bytes", k, cuts, n.bytes)
		}
	}
}

// TestHandshakeWithThousandsOfDevices meets the design's figure: what is committed costs nothing to agree on.
func TestHandshakeWithThousandsOfDevices(t *testing.T) {
	if bytes := idleHandshake(t); bytes > 2000 {
		t.Fatalf("the handshake took %d bytes", bytes)
	}
}

func BenchmarkHandshake(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(float64(idleHandshake(b)), "bytes")
	}
}

// idleHandshake gives the bytes of a second meeting of two replicas that hold the agreed edits of 5,000 devices.
func idleHandshake(t testing.TB) int {
	t.Helper()
	n := newNetwork()
	n.quiet = true
	a, node := n.add("A", false, false), n.add("N", true, false)
	for i := range 5000 {
		author := newAuthor(fmt.Sprint("device ", i))
		if err := author.Append(record.Organisation, "note"); err != nil {
			t.Fatal(err)
		}
		for _, tail := range author.Tails(record.Organisation) {
			run, err := author.EditsFrom(record.Organisation, tail.Incarnation, 1, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			n.meet(node, author.PublicKey())
			if _, err := node.replica.Receive(context.Background(), node.roster.KeyOf, record.Organisation, run); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := node.replica.Decide(record.Organisation, 5000); err != nil {
		t.Fatal(err)
	}
	first, _ := n.connect(a, node)
	n.settle()
	n.cut(first)
	n.bytes = 0
	again, _ := n.connect(a, node)
	n.settle()
	if !again.session.Status().Covered {
		t.Fatal("the two did not find that they hold the same")
	}
	return n.bytes
}

func BenchmarkEditsThroughASession(b *testing.B) {
	const batch, batches = 50, 200
	author := newAuthor("A")
	for range batches {
		if err := author.Append(record.Organisation, make([]string, batch)...); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		n := newNetwork()
		n.quiet = true
		a, other := n.add("A", false, false), n.add("B", false, false)
		a.replica = author
		left, _ := n.connect(a, other)
		n.settle()
		if !left.session.Status().Covered {
			b.Fatal("not everything arrived")
		}
	}
	b.ReportMetric(float64(b.N)*batch*batches/b.Elapsed().Seconds(), "edits/s")
}

func newAuthor(name string) *memory.Replica { return memory.New(memory.Key(name), 1) }
