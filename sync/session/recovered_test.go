package session_test

import (
	"crypto/ed25519"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/generation"
	"holdfast/sync/session"
	"holdfast/sync/session/memory"
)

// recovered is a store of a cluster that knows of its recoveries.
type recovered struct {
	*side
	book       *generation.Book
	generation uint64 // of the group that it is a member of
}

func authoritySigns(message []byte) []byte { return ed25519.Sign(memory.Key("authority"), message) }

func authoritySigned(message, signature []byte) bool {
	return ed25519.Verify(memory.Key("authority").Public().(ed25519.PublicKey), message, signature)
}

func newRecovered(t *testing.T, name string) *recovered {
	t.Helper()
	r := &recovered{side: newSide(t, name)}
	var err error
	if r.book, err = generation.OpenBook(r.store, "acme", authoritySigned, nil); err != nil {
		t.Fatal(err)
	}
	return r
}

// recover makes a store the first node of a new generation, as holdfast recover does.
func (r *recovered) recover(t *testing.T, salt uint32) {
	t.Helper()
	front := r.store.Frontier(record.Organisation)
	s := generation.Statement{Cluster: "acme", Generation: generation.After(max(front.Generation, 1), salt), Founder: r.signer.ID()}
	if front.Commit > 0 {
		s.Bases = []generation.Base{{Space: record.Organisation, Generation: front.Generation, Commit: front.Commit, Chain: front.Chain}}
	}
	raw, err := s.Sign(authoritySigns)
	if err == nil {
		err = r.book.Learn(t.Context(), [][]byte{raw})
	}
	if err != nil {
		t.Fatal(err)
	}
	r.node, r.generation = true, s.Generation
	entry := record.Entry{Format: record.FormatVersion, Space: record.Organisation, Generation: s.Generation, EvaluatedAt: front.Commit}
	if applied, err := r.store.Apply(t.Context(), entry, store.RaftPosition{}); front.Commit > 0 && (err != nil || !applied) {
		t.Fatal(applied, err)
	}
}

// agree commits what is tentative in the store's generation.
func (r *recovered) agree(t *testing.T) {
	t.Helper()
	front := r.store.Frontier(record.Organisation)
	entry := record.Entry{Format: record.FormatVersion, Space: record.Organisation, EvaluatedAt: front.Commit, Time: 1, Generation: max(front.Generation, r.generation, 1)}
	for i, e := range r.store.Pending(record.Organisation) {
		o, err := record.Encode(&record.Outcome{Edit: e.ID, Hash: e.Sealed.Hash(), Commit: front.Commit + uint64(i) + 1, Result: record.Applied})
		if err != nil {
			t.Fatal(err)
		}
		entry.Edits, entry.Outcomes = append(entry.Edits, e.Sealed), append(entry.Outcomes, o)
	}
	if applied, err := r.store.Apply(t.Context(), entry, store.RaftPosition{}); err != nil || !applied {
		t.Fatal(applied, err)
	}
}

// talk lets two replicas of the cluster exchange everything, and gives how each session ended.
func talk(t *testing.T, a, b *recovered) (aErr, bErr error) {
	t.Helper()
	roster := memory.NewRoster(memory.Key("A").Public().(ed25519.PublicKey), memory.Key("B").Public().(ed25519.PublicKey), memory.Key("C").Public().(ed25519.PublicKey))
	sides := [2]*recovered{a, b}
	for i, s := range sides {
		peer := sides[1-i]
		s.session = session.New(session.Config{
			Self: s.signer.ID(), Cluster: "acme", Spaces: []record.Space{record.Organisation}, Devices: roster, Snapshots: session.SnapshotsOf(s.store),
			Trusted: peer.node, CommitsFromRaft: s.node, Generation: s.generation, Generations: s.book,
		}, s.store)
	}
	type parcel struct {
		to int
		m  session.Message
	}
	var queue []parcel
	send := func(to int, messages []session.Message) {
		for _, m := range messages {
			queue = append(queue, parcel{to, m})
		}
	}
	send(1, a.session.Start())
	send(0, b.session.Start())
	var errs [2]error
	for ; len(queue) > 0; queue = queue[1:] {
		p := queue[0]
		if sides[p.to].session.Over() {
			continue
		}
		answers, err := sides[p.to].session.Step(t.Context(), p.m)
		errs[p.to] = err
		send(1-p.to, answers)
	}
	return errs[0], errs[1]
}

func wantTalk(t *testing.T, a, b *recovered) {
	t.Helper()
	if aErr, bErr := talk(t, a, b); aErr != nil || bErr != nil {
		t.Fatal(aErr, bErr)
	}
}

func (r *recovered) at() record.Frontier { return r.store.Frontier(record.Organisation) }

// split gives a node of a group, a desktop that saw a commit more than another device, which then recovered the cluster on its own and went on.
func split(t *testing.T) (node, ahead, survivor *recovered) {
	t.Helper()
	node, ahead, survivor = newRecovered(t, "A"), newRecovered(t, "B"), newRecovered(t, "C")
	node.node = true
	node.append(t, note(), note())
	node.agree(t)
	wantTalk(t, node, survivor)
	node.append(t, note())
	node.agree(t)
	wantTalk(t, node, ahead)
	survivor.append(t, note())
	survivor.recover(t, 7)
	survivor.agree(t)
	return node, ahead, survivor
}

func TestCommitsThatARecoveryLeftBehindComeBack(t *testing.T) {
	_, ahead, survivor := split(t)
	ahead.append(t, note())
	was := ahead.at()
	wantTalk(t, ahead, survivor)
	if ahead.at() != survivor.at() || ahead.at() == was || survivor.store.PendingCount() != 2 || ahead.store.PendingCount() != 2 {
		t.Fatalf("%+v with %d pending, the new group %+v with %d", ahead.at(), ahead.store.PendingCount(), survivor.at(), survivor.store.PendingCount())
	}
	survivor.agree(t)
	wantTalk(t, ahead, survivor)
	if ahead.at() != survivor.at() || ahead.store.PendingCount() != 0 || survivor.at().Commit != 5 || !ahead.session.Status().Covered {
		t.Fatalf("%+v with %d pending, the new group %+v", ahead.at(), ahead.store.PendingCount(), survivor.at())
	}
	for _, r := range []*recovered{ahead, survivor} {
		if findings, err := r.store.Verify(t.Context()); err != nil || len(findings) > 0 {
			t.Fatal(findings, err)
		}
	}
}

func TestWhoIsJustWhereTheRecoveryBeganGoesOn(t *testing.T) {
	_, _, survivor := split(t)
	exact := newRecovered(t, "B")
	wantTalk(t, exact, survivor)
	if exact.at() != survivor.at() {
		t.Fatalf("a fresh device stands at %+v, the group at %+v", exact.at(), survivor.at())
	}
	// The first generation's last commit is the second's base: no copy of the whole state is needed.
	second := newRecovered(t, "A")
	wantTalk(t, exact, second)
	second.recover(t, 9)
	second.agree(t)
	wantTalk(t, second, exact)
	if exact.at() != second.at() || generation.Name(exact.at().Generation) != "3-00000009" {
		t.Fatalf("%+v against %+v", exact.at(), second.at())
	}
}

func TestAMemberOfTheOldGroupStandsDown(t *testing.T) {
	node, _, survivor := split(t)
	was, other := node.at(), survivor.at()
	nodeErr, survivorErr := talk(t, node, survivor)
	if !fault.Is(nodeErr, session.CodeGenerationBehind) || survivorErr == nil {
		t.Fatal(nodeErr, survivorErr)
	}
	if node.at() != was || survivor.at() != other || node.book.Generation() != survivor.generation {
		t.Fatal("a member of the old group changed its state, or did not hear of the recovery")
	}
	// It has stood down: it is a replica like any other, and hands over what the new group lacks.
	node.node = false
	wantTalk(t, node, survivor)
	survivor.agree(t)
	wantTalk(t, node, survivor)
	if node.at() != survivor.at() || node.store.PendingCount() != 0 || survivor.at().Commit != 4 {
		t.Fatalf("%+v with %d pending, the new group %+v", node.at(), node.store.PendingCount(), survivor.at())
	}
}

func TestADesktopsWordReplacesNothing(t *testing.T) {
	_, ahead, survivor := split(t)
	survivor.node, survivor.generation = false, 0
	was := ahead.at()
	wantTalk(t, ahead, survivor)
	if ahead.at() != was || ahead.session.Status().Covered {
		t.Fatalf("it stands at %+v by a desktop's word", ahead.at())
	}
}

func TestTwoRecoveriesAtOnceEndInOne(t *testing.T) {
	_, ahead, survivor := split(t)
	ahead.append(t, note())
	ahead.recover(t, 3)
	ahead.agree(t)
	aheadErr, _ := talk(t, ahead, survivor)
	if !fault.Is(aheadErr, session.CodeGenerationBehind) {
		t.Fatal(aheadErr)
	}
	ahead.node, ahead.generation = false, 0
	wantTalk(t, ahead, survivor)
	survivor.agree(t)
	wantTalk(t, ahead, survivor)
	if ahead.at() != survivor.at() || survivor.at().Commit != 5 || ahead.store.PendingCount() != 0 {
		t.Fatalf("%+v with %d pending against %+v", ahead.at(), ahead.store.PendingCount(), survivor.at())
	}
}

func TestUnsignedRecoveriesAreNotBelieved(t *testing.T) {
	a, b := newRecovered(t, "A"), newRecovered(t, "B")
	a.append(t, note())
	forged, err := generation.Statement{Cluster: "acme", Generation: generation.After(1, 1), Founder: b.signer.ID()}.
		Sign(func(message []byte) []byte { return ed25519.Sign(memory.Key("B"), message) })
	if err != nil {
		t.Fatal(err)
	}
	hello := &session.Hello{
		Protocol: session.Range{From: 1, To: 1}, Format: session.Range{From: 1, To: 1}, Device: b.signer.ID(), Cluster: "acme", Generations: [][]byte{forged},
	}
	s := session.New(session.Config{Self: a.signer.ID(), Cluster: "acme", Devices: memory.NewRoster(), Generations: a.book}, a.store)
	s.Start()
	if _, err := s.Step(t.Context(), hello); !fault.Is(err, generation.Unproven) || a.book.Generation() != 0 {
		t.Fatal(err)
	}
}

func TestASpaceThatTheNewGroupLacksIsBroughtBackWhole(t *testing.T) {
	_, ahead, _ := split(t)
	fresh := newRecovered(t, "C2")
	fresh.recover(t, 7)
	wantTalk(t, ahead, fresh)
	if ahead.at().Commit != 0 || ahead.store.PendingCount() != 3 || fresh.store.PendingCount() != 3 {
		t.Fatalf("%+v with %d pending; the new group has %d pending", ahead.at(), ahead.store.PendingCount(), fresh.store.PendingCount())
	}
	fresh.agree(t)
	wantTalk(t, ahead, fresh)
	if ahead.at() != fresh.at() || fresh.at().Commit != 3 {
		t.Fatalf("%+v against %+v", ahead.at(), fresh.at())
	}
}

// Who stood behind where a recovery began, and lacks commits that are no longer kept one by one, takes over the whole state.
func TestWhoIsBehindARecoveryAndATrimmedLogTakesTheState(t *testing.T) {
	node, behind, survivor := newRecovered(t, "A"), newRecovered(t, "B"), newRecovered(t, "C")
	node.node = true
	node.append(t, note())
	node.agree(t)
	wantTalk(t, node, behind)
	node.append(t, note(), note())
	node.agree(t)
	wantTalk(t, node, survivor)
	survivor.append(t, note())
	survivor.recover(t, 7)
	survivor.agree(t)
	if err := survivor.store.TrimLog(t.Context(), record.Organisation, 4); err != nil {
		t.Fatal(err)
	}
	behind.append(t, note())
	wantTalk(t, behind, survivor)
	survivor.agree(t)
	wantTalk(t, behind, survivor)
	if behind.at() != survivor.at() || survivor.at().Commit != 5 || behind.store.PendingCount() != 0 {
		t.Fatalf("%+v with %d pending, the new group %+v", behind.at(), behind.store.PendingCount(), survivor.at())
	}
}
