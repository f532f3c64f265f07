package node_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/enrol/enroltest"
	"holdfast/sync/node"
	"holdfast/sync/node/nodetest"
)

// newer is a second format of entries, as the next version of the program may bring it. It counts, in one process, what was written and read in it.
type newer struct{ written, read atomic.Int64 }

// envelope is an entry of the second format: what is inside stands where an older program would not look for it.
type envelope struct {
	Format uint64 `cbor:"1,keyasint"`
	Inside []byte `cbor:"20,keyasint"`
}

func (f *newer) formats() []node.Format {
	return append(node.Formats(), node.Format{
		Encode: func(e *record.Entry) ([]byte, error) {
			f.written.Add(1)
			inside, err := record.Encode(e)
			if err != nil {
				return nil, err
			}
			return record.Encode(&envelope{Format: 2, Inside: inside})
		},
		Decode: func(raw []byte, into *record.Entry) error {
			f.read.Add(1)
			var e envelope
			if err := record.Decode(raw, &e); err != nil {
				return err
			}
			return record.Decode(e.Inside, into)
		},
	})
}

// become restarts a node with another version of the program.
func (s *server) become(formats []node.Format) {
	s.down()
	s.formats = formats
	s.up(false)
}

// lead hands the lead over until a server has it.
func lead(t *testing.T, want *server, servers ...*server) {
	t.Helper()
	for {
		leader := leaderAmong(t, servers...)
		if leader == want {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		if err := leader.node.TransferLeadership(ctx); ctx.Err() != nil {
			t.Fatal(err)
		}
		cancel()
	}
}

// oneMore agrees on one more ticket on all servers. Whoever leads has then met each of them.
func oneMore(t *testing.T, servers ...*server) {
	t.Helper()
	commits := servers[0].store.Frontier(nodetest.Lyon).Commit
	appendAll(t, leaderAmong(t, servers...).store, nodetest.Ticket(nodetest.NewID(), fmt.Sprint("Ticket ", commits+1)))
	agree(t, commits+1, servers...)
	for i, s := range servers {
		if err := s.node.Err(); err != nil {
			t.Errorf("node %d met what it cannot read: %v", i, err)
		}
	}
}

// untilWritten works on until entries are written in the newer format: a leader that was chosen just now has not met everybody yet.
func untilWritten(t *testing.T, format *newer, servers ...*server) {
	t.Helper()
	patience := time.Now().Add(30 * time.Second)
	for format.written.Load() == 0 {
		if time.Now().After(patience) {
			t.Fatal("all voters read the newer format, and nobody writes it")
		}
		oneMore(t, servers...)
	}
}

// Scenario 24: the leader is upgraded first. It writes what the oldest voter reads, until the last one is upgraded.
func TestANewerFormatWaitsForTheLastVoter(t *testing.T) {
	servers := group(t, 3, nodetest.Decider{})
	oneMore(t, servers...)
	var format newer
	for _, next := range []*server{servers[0], servers[1], servers[2]} {
		if format.written.Load() > 0 {
			t.Fatal("the newer format is written, and not every voter reads it")
		}
		next.become(format.formats())
		lead(t, servers[0], servers...)
		if next != servers[2] {
			oneMore(t, servers...)
			oneMore(t, servers...)
		}
	}
	untilWritten(t, &format, servers...)
	if format.read.Load() == 0 {
		t.Error("nobody read what was written in the newer format")
	}
	for _, s := range servers {
		s.down()
	}
	for _, s := range servers {
		s.up(false) // on a log that holds both formats
	}
	oneMore(t, servers...)
}

// A program that is too old for what the group writes applies nothing of it, says so, gets no vote, and goes on where it stopped once it is upgraded.
func TestAnOlderProgramStopsAtANewerFormat(t *testing.T) {
	var format newer
	cluster := enroltest.New(t)
	var servers []*server
	for i := range 3 {
		s := newServer(t, cluster, fmt.Sprint("node ", i), nodetest.Decider{})
		s.formats = format.formats()
		s.up(i == 0)
		if servers = append(servers, s); i == 0 {
			leads(t, s)
			appendAll(t, s.store, nodetest.Ticket(nodetest.NewID(), "The first"))
			continue
		}
		enlist(t, servers[0], s)
	}
	lead(t, servers[0], servers...)
	untilWritten(t, &format, servers...)

	old := servers[2]
	at := old.store.Frontier(nodetest.Lyon)
	old.down()
	commits := at.Commit + 1
	appendAll(t, leaderAmong(t, servers[:2]...).store, nodetest.Ticket(nodetest.NewID(), "While one is away"))
	agree(t, commits, servers[:2]...)
	old.formats = nil
	old.up(false)
	stopped := awaitStop(t, old)
	if !fault.Is(stopped, fault.NewerFormat) || !strings.Contains(fault.SentenceOf(stopped), "Install the newer version") {
		t.Errorf("it stops with %v", stopped)
	}
	if now := old.store.Frontier(nodetest.Lyon); now != at {
		t.Errorf("it applied something: %+v", now)
	}
	old.become(format.formats())
	oneMore(t, servers...)
	if old.store.Frontier(nodetest.Lyon) != servers[0].store.Frontier(nodetest.Lyon) {
		t.Error("it did not take up where it stopped")
	}

	late := newServer(t, cluster, "an old one", nodetest.Decider{})
	late.up(false)
	must(t, leaderAmong(t, servers...).node.Join(t.Context(), late.id(), late.port))
	awaitStop(t, late)
	if err := promote(t, late, servers...); !fault.Is(err, fault.NewerFormat) {
		t.Errorf("an old program may vote: %v", err)
	}
	late.become(format.formats())
	oneMore(t, append(servers, late)...)
	must(t, promote(t, late, servers...))
}

// promote asks whoever leads for a vote, as long as the answer is to try again.
func promote(t *testing.T, s *server, servers ...*server) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		err := leaderAmong(t, servers...).node.Promote(ctx, s.id(), func(record.Space) uint64 { return 1 << 40 })
		if !fault.Is(err, fault.Unavailable) && !fault.Is(err, node.NotLeader) || ctx.Err() != nil {
			return err
		}
	}
}

// awaitStop waits until a node applies nothing any more.
func awaitStop(t *testing.T, s *server) error {
	t.Helper()
	patience := time.After(30 * time.Second)
	for {
		if err := s.node.Err(); err != nil {
			return err
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-patience:
			t.Fatal("it never stopped")
		}
	}
}

// Entries have stood in the log as they do since the first version: a format that moves their number would be passed over by older programs, where it must stop them.
func TestAnEntryBeginsWithItsFormat(t *testing.T) {
	raw, err := node.Formats()[0].Encode(&record.Entry{Format: record.EntryFormat, Space: nodetest.Lyon, EvaluatedAt: 1 << 40})
	must(t, err)
	if !bytes.HasPrefix(raw, []byte{0xa8, 0x01, 0x01}) {
		t.Errorf("an entry begins with % x", raw[:8])
	}
}
