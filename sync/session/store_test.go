package session_test

import (
	"bytes"
	"crypto/ed25519"
	"io"
	"strings"
	"testing"

	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/session"
	"holdfast/sync/session/memory"
)

// signer is a device's identity for a store.
type signer struct{ key ed25519.PrivateKey }

func (s signer) ID() record.DeviceID          { return record.DeviceOf(s.PublicKey()) }
func (s signer) Sign(message []byte) []byte   { return ed25519.Sign(s.key, message) }
func (s signer) PublicKey() ed25519.PublicKey { return s.key.Public().(ed25519.PublicKey) }

// side is a real store in a session.
type side struct {
	store   *store.Store
	signer  signer
	session *session.Session
	node    bool
	blobs   session.Blobs     // nil: the store's own
	told    func(record.Hash) // of what the peer holds
}

func newSide(t testing.TB, name string) *side {
	t.Helper()
	s := &side{signer: signer{memory.Key(name)}}
	var err error
	if s.store, err = store.Open(t.Context(), store.Config{Dir: t.TempDir(), Device: s.signer}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *side) append(t testing.TB, drafts ...record.Draft) {
	t.Helper()
	if _, err := s.store.Append(t.Context(), drafts...); err != nil {
		t.Fatal(err)
	}
}

// note is an edit that makes a record; blobs may hang on it.
func note(blobs ...record.Hash) record.Draft {
	return record.Draft{Space: record.Organisation, Action: "note", Blobs: blobs, Mutations: []record.Mutation{
		{Op: record.OpCreate, Record: record.ID{1}, Kind: "note"},
		{Op: record.OpSet, Record: record.ID{1}, Field: "title", Value: record.Text("hello")}}}
}

// decide commits what is tentative, each edit applied to nothing.
func (s *side) decide(t *testing.T) {
	t.Helper()
	for {
		front := s.store.Frontier(record.Organisation)
		entry := record.Entry{Format: record.FormatVersion, Space: record.Organisation, EvaluatedAt: front.Commit, Time: 1}
		for i, e := range s.store.Pending(record.Organisation) {
			o, err := record.Encode(&record.Outcome{Edit: e.ID, Hash: e.Sealed.Hash(), Commit: front.Commit + uint64(i) + 1, Result: record.Applied})
			if err != nil {
				t.Fatal(err)
			}
			entry.Edits, entry.Outcomes = append(entry.Edits, e.Sealed), append(entry.Outcomes, o)
		}
		if len(entry.Edits) == 0 {
			return
		}
		if applied, err := s.store.Apply(t.Context(), entry, store.RaftPosition{}); err != nil || !applied {
			t.Fatal(applied, err)
		}
	}
}

// meet opens a session between two stores and delivers up to most messages (all: negative). It gives the kinds of what was said.
func meet(t testing.TB, a, b *side, most int) map[session.Kind]int {
	t.Helper()
	var known []ed25519.PublicKey
	for _, name := range []string{"A", "B", "C"} {
		known = append(known, signer{memory.Key(name)}.PublicKey())
	}
	roster := memory.NewRoster(append(known, a.signer.PublicKey(), b.signer.PublicKey())...)
	for s, peer := range map[*side]*side{a: b, b: a} {
		blobs := s.blobs
		if blobs == nil {
			blobs = s.store.Blobs()
		}
		s.session = session.New(session.Config{Self: s.signer.ID(), Cluster: "acme", Spaces: []record.Space{record.Organisation}, Devices: roster,
			Snapshots: session.SnapshotsOf(s.store), Blobs: blobs, Holds: s.told, Trusted: peer.node, CommitsFromRaft: s.node}, s.store)
	}
	type parcel struct {
		to *side
		m  session.Message
	}
	var queue []parcel
	send := func(to *side, messages []session.Message) {
		for _, m := range messages {
			queue = append(queue, parcel{to, m})
		}
	}
	send(b, a.session.Start())
	send(a, b.session.Start())
	said := map[session.Kind]int{}
	for i := 0; len(queue) > 0 && i != most; i++ {
		p := queue[0]
		queue = queue[1:]
		said[p.m.Kind()]++
		answers, err := p.to.session.Step(t.Context(), p.m)
		if err != nil {
			t.Fatal(err)
		}
		other := a
		if p.to == a {
			other = b
		}
		send(other, answers)
	}
	a.session.End()
	b.session.End()
	return said
}

func equal(t *testing.T, a, b *side) {
	t.Helper()
	left, right := a.store.Frontier(record.Organisation), b.store.Frontier(record.Organisation)
	if left != right || a.store.PendingCount() != b.store.PendingCount() {
		t.Fatalf("%+v with %d pending, %+v with %d", left, a.store.PendingCount(), right, b.store.PendingCount())
	}
	if !a.session.Status().Covered || !b.session.Status().Covered {
		t.Fatalf("not covered: %+v %+v", a.session.Status(), b.session.Status())
	}
}

func TestStoresMeet(t *testing.T) {
	a, b := newSide(t, "A"), newSide(t, "B")
	a.append(t, note(), note())
	b.append(t, note())
	meet(t, a, b, -1)
	equal(t, a, b)
	if a.store.PendingCount() != 3 {
		t.Fatal("not all edits arrived")
	}
	b.decide(t)
	b.append(t, note())
	meet(t, a, b, -1)
	equal(t, a, b)
	if f := a.store.Frontier(record.Organisation); f.Commit != 3 || a.store.PendingCount() != 1 {
		t.Fatalf("%+v", f)
	}
}

func TestAFreshStoreTakesTheWholeStateAndGoesOnAfterACut(t *testing.T) {
	a, b := newSide(t, "A"), newSide(t, "B")
	drafts := make([]record.Draft, 400)
	for i := range drafts {
		drafts[i] = note()
		drafts[i].Mutations = append(drafts[i].Mutations, record.Mutation{Op: record.OpSet, Record: record.ID{1}, Field: "text", Value: record.Text(strings.Repeat("word ", 1000))})
	}
	a.append(t, drafts...)
	a.append(t, drafts...)
	a.decide(t)
	a.append(t, note())
	b.append(t, note())
	first := meet(t, a, b, 10)
	if first[session.KindSnapshot] == 0 || b.store.Frontier(record.Organisation).Commit != 0 {
		t.Fatalf("said %v", first)
	}
	rest := meet(t, a, b, -1)
	whole := newSide(t, "C")
	all := meet(t, a, whole, -1)
	if rest[session.KindSnapshot] >= all[session.KindSnapshot] || all[session.KindCommits] > 0 {
		t.Fatalf("the cut cost everything: %v, then %v; at once it is %v", first, rest, all)
	}
	meet(t, a, b, -1)
	equal(t, a, b)
	if f := b.store.Frontier(record.Organisation); f.Commit != 800 || b.store.PendingCount() != 2 {
		t.Fatalf("%+v with %d pending", f, b.store.PendingCount())
	}
}

// A first copy that was cut must not keep out the single commits of another peer.
func TestACutFirstCopyGivesWayToSingleCommits(t *testing.T) {
	a, b, c := newSide(t, "A"), newSide(t, "B"), newSide(t, "C")
	a.append(t, note(), note())
	a.decide(t)
	meet(t, a, c, -1)
	drafts := make([]record.Draft, 800)
	for i := range drafts {
		drafts[i] = note()
		drafts[i].Mutations[1].Value = record.Text(strings.Repeat("word ", 500))
	}
	a.append(t, drafts...)
	a.decide(t)
	if first := meet(t, a, b, 8); first[session.KindSnapshot] == 0 || b.store.Frontier(record.Organisation).Commit != 0 {
		t.Fatalf("said %v", first)
	}
	meet(t, b, c, -1)
	equal(t, b, c)
	if f := b.store.Frontier(record.Organisation); f.Commit != 2 {
		t.Fatalf("%+v", f)
	}
	meet(t, a, b, -1)
	equal(t, a, b)
}

// longNote is an edit of some kilobytes.
func longNote() record.Draft {
	draft := note()
	draft.Mutations[1].Value = record.Text(strings.Repeat("word ", 1000))
	return draft
}

// TestALongAbsenceLosesNoEdit is scenario 14 for a session: 300 edits wait on a device that is behind a trimmed log, and the line is cut now and then.
func TestALongAbsenceLosesNoEdit(t *testing.T) {
	away, node, bystander := newSide(t, "A"), newSide(t, "N"), newSide(t, "B")
	node.node = true
	node.append(t, note())
	node.decide(t)
	meet(t, away, node, -1)
	for range 300 {
		away.append(t, note())
	}
	drafts := make([]record.Draft, 400)
	for i := range drafts {
		drafts[i] = longNote()
	}
	bystander.append(t, drafts...)
	meet(t, bystander, node, -1)
	node.decide(t)
	front := node.store.Frontier(record.Organisation)
	if err := node.store.TrimLog(t.Context(), record.Organisation, front.Commit); err != nil {
		t.Fatal(err)
	}

	// A desktop's word is not enough to replace what is agreed; the edits reach it all the same.
	node.node = false
	said := meet(t, away, node, -1)
	if said[session.KindSnapshotOffer] > 0 || said[session.KindOutOfReach] != 1 || node.store.PendingCount() != 300 {
		t.Fatalf("between desktops %v was said, %d edits came over", said, node.store.PendingCount())
	}
	node.node = true
	for range 6 {
		meet(t, away, node, 8)
		if at := away.store.Frontier(record.Organisation).Commit; at != 1 && at != front.Commit {
			t.Fatalf("half of the state is seen: %d", at)
		}
	}
	meet(t, away, node, -1)
	equal(t, away, node)
	if away.store.PendingCount() != 300 {
		t.Fatalf("%d edits are pending", away.store.PendingCount())
	}
	node.decide(t)
	meet(t, away, node, -1)
	equal(t, away, node)
	if at := away.store.Frontier(record.Organisation).Commit; at != front.Commit+300 || away.store.PendingCount() != 0 {
		t.Fatalf("it stands at %d with %d pending", at, away.store.PendingCount())
	}
	if findings, err := away.store.Verify(t.Context()); err != nil || len(findings) > 0 {
		t.Fatal(findings, err)
	}
}

func TestFilesFollowTheirEdits(t *testing.T) {
	a, b := newSide(t, "A"), newSide(t, "B")
	content := bytes.Repeat([]byte("picture "), 100_000)
	hash, _, err := a.store.Blobs().Put(t.Context(), bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	absent := record.Hash{7}
	a.append(t, note(hash, absent))
	first := meet(t, a, b, 12)
	meet(t, a, b, -1)
	if first[session.KindBlobChunk] == 0 || !b.store.Blobs().Has(hash) || b.store.Blobs().Has(absent) {
		t.Fatalf("the file did not come: %v", first)
	}
	file, err := b.store.Blobs().Open(hash)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if got, err := io.ReadAll(file); err != nil || !bytes.Equal(got, content) {
		t.Fatal("the file is another one", err)
	}
}

var _ session.Replica = (*store.Store)(nil)

// BenchmarkOfflineEditsOfTwoStores brings 5,000 edits of each of two real stores together.
func BenchmarkOfflineEditsOfTwoStores(b *testing.B) {
	const each = 5000
	for b.Loop() {
		b.StopTimer()
		left, right := newSide(b, "A"), newSide(b, "B")
		drafts := make([]record.Draft, each)
		for i := range drafts {
			drafts[i] = note()
			drafts[i].Mutations[0].Record[1], drafts[i].Mutations[0].Record[2] = byte(i), byte(i>>8)
			drafts[i].Mutations[1].Record = drafts[i].Mutations[0].Record
		}
		left.append(b, drafts...)
		right.append(b, drafts...)
		b.StartTimer()
		meet(b, left, right, -1)
	}
	b.ReportMetric(float64(b.N)*2*each/b.Elapsed().Seconds(), "edits/s")
}
