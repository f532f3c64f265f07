package session_test

import (
	"context"
	"strings"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/session"
)

// hostile is a live session of an honest desktop, and what a peer with a valid certificate can do to it.
type hostile struct {
	n      *network
	honest *end
	edits  *session.Edits   // a genuine batch of the peer's edits
	chain  *session.Commits // genuine commits
}

func newHostile(t *testing.T) *hostile {
	t.Helper()
	n := newNetwork()
	n.quiet = true
	honest, peer := n.add("honest", false, false), n.add("peer", false, false)
	left, _ := n.connect(honest, peer)
	n.settle()
	if err := peer.replica.Append(record.Organisation, "one", "two"); err != nil {
		t.Fatal(err)
	}
	h := &hostile{n: n, honest: left}
	tail := peer.replica.Tails(record.Organisation)[0]
	run, err := peer.replica.EditsFrom(record.Organisation, tail.Incarnation, 1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	h.edits = &session.Edits{Space: record.Organisation, Incarnation: tail.Incarnation, From: 1, Run: run}
	if _, err := peer.replica.Decide(record.Organisation, 2); err != nil {
		t.Fatal(err)
	}
	h.chain = &session.Commits{Space: record.Organisation, From: 1, Chain: peer.replica.Frontier(record.Organisation).Chain}
	commits, err := peer.replica.Commits(record.Organisation, 1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for i := range commits {
		h.chain.Rows = append(h.chain.Rows, session.CommitRow{Outcome: commits[i].Outcome, Time: commits[i].Time, Sealed: &commits[i].Sealed})
	}
	return h
}

func TestAHostilePeerIsSentAway(t *testing.T) {
	cases := map[string]func(h *hostile) session.Message{
		"a second greeting": func(*hostile) session.Message { return &session.Hello{} },
		"edits of a space that is not shared": func(h *hostile) session.Message {
			h.edits.Space = "site/LYO"
			return h.edits
		},
		"edits under another sequence": func(h *hostile) session.Message {
			h.edits.From = 2
			return h.edits
		},
		"edits in the wrong order": func(h *hostile) session.Message {
			h.edits.Run[0].Header, h.edits.Run[1].Header = h.edits.Run[1].Header, h.edits.Run[0].Header
			return h.edits
		},
		"edits of an incarnation that they do not belong to": func(h *hostile) session.Message {
			h.edits.Incarnation.Number++
			return h.edits
		},
		"a forged signature": func(h *hostile) session.Message {
			h.edits.Run[1].Signature[7] ^= 1
			return h.edits
		},
		"a payload that was not signed": func(h *hostile) session.Message {
			h.chain.Rows[0].Sealed.Header = h.chain.Rows[1].Sealed.Header
			return h.chain
		},
		"commits that do not hash to their chain": func(h *hostile) session.Message {
			h.chain.Rows[1].Time++
			h.chain.Chain[0] ^= 1
			return h.chain
		},
		"commits under other numbers": func(h *hostile) session.Message {
			h.chain.From = 2
			return h.chain
		},
		"commits with a gap": func(h *hostile) session.Message {
			h.chain.From, h.chain.Rows = 2, h.chain.Rows[1:]
			return h.chain
		},
		"an outcome that is no outcome": func(h *hostile) session.Message {
			h.chain.Rows[0].Outcome = []byte{1}
			return h.chain
		},
		"thanks for what was not sent": func(*hostile) session.Message { return &session.Progress{Taken: 1} },
		"a snapshot that nobody wants": func(*hostile) session.Message { return &session.Snapshot{Space: record.Organisation} },
		"a file that nobody wants":     func(*hostile) session.Message { return &session.BlobChunk{} },
	}
	for name, message := range cases {
		t.Run(name, func(t *testing.T) {
			h := newHostile(t)
			answers, err := h.honest.session.Step(context.Background(), message(h))
			code := fault.CodeOf(err)
			if code != session.CodeViolation && code != session.CodeHistoryDiffers {
				t.Fatalf("the session went on: %v", err)
			}
			bye, ok := answers[len(answers)-1].(*session.Goodbye)
			if !ok || bye.Code != string(code) || !h.honest.session.Over() || h.honest.session.Status().Err == nil {
				t.Fatalf("no proper goodbye: %v", answers)
			}
			r := h.honest.here.replica
			if r.Frontier(record.Organisation).Commit != 0 || len(r.Tails(record.Organisation)) != 0 {
				t.Fatal("the replica took something of it")
			}
			if _, err := h.honest.session.Step(context.Background(), h.edits); err == nil {
				t.Fatal("an ended session goes on")
			}
		})
	}
}

// A peer that names ever more authors and incarnations is sent away before it has cost much memory.
func TestEndlessIncarnationsAreRefused(t *testing.T) {
	h := newHostile(t)
	for at := 0; ; at += 100 {
		var position session.Position
		position.Frontier.Space = record.Organisation
		for i := range 100 {
			number := uint64(at + i)
			position.Tails = append(position.Tails, session.HeldTail{Incarnation: record.Incarnation{Number: number}, Held: 1})
		}
		_, err := h.honest.session.Step(context.Background(), &session.Progress{Positions: []session.Position{position}})
		if err != nil {
			if !fault.Is(err, session.CodeViolation) {
				t.Fatal(err)
			}
			return
		}
		if at > 2*session.TailsMax {
			t.Fatal("the session takes note of everything")
		}
	}
}

// Edits whose author nobody vouches for are passed over; the session goes on.
func TestEditsOfAStrangerWait(t *testing.T) {
	h := newHostile(t)
	stranger := newAuthor("stranger")
	if err := stranger.Append(record.Organisation, "psst"); err != nil {
		t.Fatal(err)
	}
	of := stranger.Tails(record.Organisation)[0].Incarnation
	run, err := stranger.EditsFrom(record.Organisation, of, 1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	edits := &session.Edits{Space: record.Organisation, Incarnation: of, From: 1, Run: run}
	h.n.names[stranger.ID()] = "stranger"
	var said []string
	for _, m := range []session.Message{edits, edits,
		&session.Introductions{Devices: []session.Device{{Key: stranger.PublicKey(), Certificate: []byte("forged")}}}, edits,
		&session.Introductions{Devices: []session.Device{{Key: stranger.PublicKey(), Certificate: []byte("member")}}}, edits} {
		answers, err := h.honest.session.Step(context.Background(), m)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range answers {
			said = append(said, h.n.describe(a))
		}
	}
	want := "Progress taken 1|WantDevices stranger|Progress taken 2|Progress taken 3|WantEdits org stranger/1 from 1|Progress taken 4 org@0 stranger/1:1"
	if got := strings.Join(said, "|"); got != want {
		t.Fatalf("said %s", got)
	}
}

func FuzzDecode(f *testing.F) {
	h := newHostileForFuzz(f)
	for _, m := range h {
		frame, err := session.Encode(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		m, err := session.Decode(frame)
		if err != nil {
			return
		}
		again, err := session.Encode(m)
		if err != nil {
			t.Fatalf("%T cannot be written again: %v", m, err)
		}
		if _, err := session.Decode(again); err != nil {
			t.Fatalf("%T cannot be read again: %v", m, err)
		}
		n := newNetwork()
		n.quiet = true
		left, _ := n.connect(n.add("A", false, false), n.add("B", false, false))
		n.settle()
		_, _ = left.session.Step(context.Background(), m) // whatever it is, it ends in order
	})
}

// newHostileForFuzz gives one genuine message of each kind.
func newHostileForFuzz(f *testing.F) []session.Message {
	author := newAuthor("A")
	if err := author.Append(record.Organisation, "one"); err != nil {
		f.Fatal(err)
	}
	of := author.Tails(record.Organisation)[0].Incarnation
	run, err := author.EditsFrom(record.Organisation, of, 1, 1<<20)
	if err != nil {
		f.Fatal(err)
	}
	front := author.Frontier(record.Organisation)
	positions := []session.Position{{Frontier: front, Tails: []session.HeldTail{{Incarnation: of, Held: 1}}}}
	return []session.Message{
		&session.Hello{Protocol: session.Range{From: 1, To: 1}, Device: author.ID(), Cluster: "acme", Positions: positions},
		&session.Progress{Taken: 3, Positions: positions},
		&session.Commits{Space: front.Space, From: 1, Rows: []session.CommitRow{{Outcome: []byte{0xa0}, Sealed: &run[0]}}},
		&session.WantCommits{Space: front.Space, From: 1},
		&session.Edits{Space: front.Space, Incarnation: of, From: 1, Run: run},
		&session.WantEdits{Space: front.Space, Incarnation: of, From: 1},
		&session.Introductions{Devices: []session.Device{{Key: author.PublicKey(), Certificate: []byte("member")}}},
		&session.WantDevices{IDs: []record.DeviceID{author.ID()}},
		&session.SnapshotOffer{Frontier: front},
		&session.SnapshotWant{Space: front.Space, After: []byte("key")},
		&session.BlobWant{Offset: 5},
		&session.BlobChunk{Total: 3, Bytes: []byte("abc")},
		&session.BlobHave{},
		&session.Goodbye{Code: "done"},
	}
}
