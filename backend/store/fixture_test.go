package store

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/google/uuid"

	"holdfast/backend/record"
)

// signer is a device whose key comes from its name.
type signer struct{ key ed25519.PrivateKey }

func newSigner(name string) signer {
	seed := sha256.Sum256([]byte(name))
	return signer{ed25519.NewKeyFromSeed(seed[:])}
}

func (s signer) ID() record.DeviceID          { return record.DeviceOf(s.PublicKey()) }
func (s signer) Sign(message []byte) []byte   { return ed25519.Sign(s.key, message) }
func (s signer) PublicKey() ed25519.PublicKey { return s.key.Public().(ed25519.PublicKey) }

// keysOf knows the keys of some devices.
func keysOf(devices ...signer) func(record.DeviceID) ed25519.PublicKey {
	return func(id record.DeviceID) ed25519.PublicKey {
		for _, d := range devices {
			if d.ID() == id {
				return d.PublicKey()
			}
		}
		return nil
	}
}

const lyon = record.Space("site/LYO")

func configIn(dir string, device signer) Config { return Config{Dir: dir, Device: device} }

func openStore(t testing.TB, cfg Config) *Store {
	t.Helper()
	s, err := Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func newStoreOf(t testing.TB, device signer) *Store {
	t.Helper()
	return openStore(t, configIn(t.TempDir(), device))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// draftOf makes a record with a title, or sets the title of one.
func draftOf(id record.ID, create bool, title string) record.Draft {
	d := record.Draft{Space: lyon, Action: "edit"}
	if create {
		d.Mutations = append(d.Mutations, record.Mutation{Op: record.OpCreate, Record: id, Kind: "incident"})
	}
	d.Mutations = append(d.Mutations, record.Mutation{Op: record.OpSet, Record: id, Field: "title", Value: record.Text(title)})
	return d
}

func newID() record.ID { return uuid.Must(uuid.NewV7()) }

func titleOf(t testing.TB, s *Store, id record.ID) string {
	t.Helper()
	state, err := s.View(id)
	must(t, err)
	if state == nil {
		return ""
	}
	return state.Shown("title").AsText()
}

// decide makes the entry in which a leader that takes every edit as it is would commit them.
func decide(t testing.TB, s *Store, edits []*record.Edit) record.Entry {
	t.Helper()
	entry, err := entryOf(s.Frontier(lyon), edits)
	must(t, err)
	return entry
}

func entryOf(frontier record.Frontier, edits []*record.Edit) (record.Entry, error) {
	entry := record.Entry{Format: record.FormatVersion, Space: lyon, Generation: max(frontier.Generation, 1), EvaluatedAt: frontier.Commit}
	for i, e := range edits {
		o := record.Outcome{Edit: e.ID, Hash: e.Sealed.Hash(), Commit: frontier.Commit + uint64(i) + 1, Result: record.Applied, Effective: e.Time}
		for m := range e.Mutations {
			o.Writes = append(o.Writes, writeOf(e, &e.Mutations[m])...)
		}
		raw, err := record.Encode(o)
		if err != nil {
			return entry, err
		}
		entry.Edits, entry.Outcomes = append(entry.Edits, e.Sealed), append(entry.Outcomes, raw)
		entry.Time = max(entry.Time, e.Time)
	}
	return entry, nil
}

func writeOf(e *record.Edit, m *record.Mutation) []record.Write {
	origin := record.Origin{Edit: e.ID, Author: e.Author, At: e.Time}
	switch m.Op {
	case record.OpCreate:
		return []record.Write{{Record: m.Record, Kind: m.Kind, Space: e.Space, Changed: &origin}}
	case record.OpSet:
		return []record.Write{{Record: m.Record, Field: m.Field, State: &record.Field{Rule: record.RuleRegister, Values: []record.Held{{Origin: origin, Value: m.Value}}}}}
	}
	return nil
}

// ready leaves out edits on records that are not created yet, and what follows them in their incarnations, as a leader does.
func ready(t testing.TB, s *Store, edits []*record.Edit) (out []*record.Edit) {
	t.Helper()
	created, blocked := map[record.ID]bool{}, map[record.Incarnation]bool{}
	for _, e := range edits {
		for i := range e.Mutations {
			m := &e.Mutations[i]
			state, err := s.Committed(m.Record)
			must(t, err)
			created[m.Record] = created[m.Record] || state != nil || m.Op == record.OpCreate && !blocked[e.ID.Incarnation]
			blocked[e.ID.Incarnation] = blocked[e.ID.Incarnation] || !created[m.Record]
		}
		if !blocked[e.ID.Incarnation] {
			out = append(out, e)
		}
	}
	return out
}

// commitAll has everything that is tentative and ready committed.
func commitAll(t testing.TB, s *Store) {
	t.Helper()
	for edits := ready(t, s, s.Pending(lyon)); len(edits) > 0; edits = ready(t, s, s.Pending(lyon)) {
		applied, err := s.Apply(context.Background(), decide(t, s, edits), RaftPosition{})
		must(t, err)
		if !applied {
			t.Fatal("the entry was refused")
		}
	}
}

// copyCommits brings the commits of one store to another, as a session does.
func copyCommits(t testing.TB, from, to *Store) {
	t.Helper()
	for {
		at := to.Frontier(lyon)
		commits, err := from.Commits(lyon, at.Commit+1, 1<<20)
		must(t, err)
		if len(commits) == 0 {
			return
		}
		entry := record.Entry{Format: record.FormatVersion, Space: lyon, Generation: commits[0].Generation, EvaluatedAt: at.Commit, Time: commits[0].Time}
		for _, c := range commits {
			entry.Edits, entry.Outcomes = append(entry.Edits, c.Sealed), append(entry.Outcomes, c.Outcome)
			entry.Time = max(entry.Time, c.Time)
		}
		applied, err := to.Apply(context.Background(), entry, RaftPosition{})
		must(t, err)
		if !applied {
			t.Fatal("the commits were refused")
		}
	}
}

func wantNoFindings(t testing.TB, s *Store) {
	t.Helper()
	found, err := s.Verify(context.Background())
	must(t, err)
	for _, f := range found {
		t.Errorf("%s: %s", f.Space, f.What)
	}
}

func isSentence(text string) bool { return strings.HasSuffix(text, ".") && len(text) > 10 }
