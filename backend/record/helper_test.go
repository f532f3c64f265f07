package record_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
)

const lyon record.Space = "site/LYO"

// kinds is a toy catalogue with one field of every rule.
func kinds() record.Catalogue {
	return record.Catalogue{
		{Name: "boat", Label: "Boat", Prefix: "BOT", Title: "name", Fields: []record.Definition{
			{Name: "number", Label: "Number", Rule: record.RuleNumber, Type: record.TypeText},
			{Name: "name", Label: "Name", Rule: record.RuleRegister, Type: record.TypeText, Required: true},
			{Name: "colour", Label: "Colour", Rule: record.RuleRegister, Type: record.TypeText},
			{Name: "log", Label: "Log", Rule: record.RuleText, Type: record.TypeMarkdown},
			{Name: "tags", Label: "Tags", Rule: record.RuleSet, Type: record.TypeText},
			{Name: "notes", Label: "Notes", Rule: record.RuleList, Type: record.TypeEntry},
			{Name: "miles", Label: "Miles", Rule: record.RuleCounter, Type: record.TypeInteger},
			{Name: "state", Label: "State", Rule: record.RuleState, Type: record.TypeChoice},
			{Name: "reason", Label: "Reason", Rule: record.RuleRegister, Type: record.TypeMarkdown},
			{Name: "skipper", Label: "Skipper", Rule: record.RuleRegister, Type: record.TypeRef, Target: "person", Claimable: true},
			{Name: "mark", Label: "Mark", Rule: record.RuleUnique, Type: record.TypeText},
		}},
		{Name: "person", Label: "Person", Shared: true, Title: "name", Fields: []record.Definition{
			{Name: "name", Label: "Name", Rule: record.RuleRegister, Type: record.TypeText, Required: true},
		}},
	}
}

// at gives the stamp of a minute of a day in 2026.
func at(minute int) clock.Stamp {
	return clock.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(minute) * time.Minute))
}

// id gives a record id by name, the same each time.
func id(name string) record.ID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)) }

// laptop writes one incarnation's edits.
type laptop struct {
	key      ed25519.PrivateKey
	person   record.ID
	space    record.Space
	sequence uint64
	previous record.Hash
}

// newLaptop makes a device from a seed; seeds of two laptops order their device ids arbitrarily but always alike.
func newLaptop(seed string) *laptop {
	sum := sha256.Sum256([]byte(seed))
	return &laptop{key: ed25519.NewKeyFromSeed(sum[:]), person: id("person " + seed), space: lyon}
}

func (l *laptop) public() ed25519.PublicKey { return l.key.Public().(ed25519.PublicKey) }

func (l *laptop) next() record.EditID {
	return record.EditID{Incarnation: record.Incarnation{Device: record.DeviceOf(l.public()), Number: 1}, Sequence: l.sequence + 1}
}

func (l *laptop) seal(when clock.Stamp, action string, mutations ...record.Mutation) (record.Sealed, error) {
	h := record.Header{
		Format: record.FormatVersion, ID: l.next(), Previous: l.previous, Time: when, Author: l.person, Space: l.space, Action: action,
	}
	sealed, err := record.Seal(h, record.Payload{Salt: []byte("0123456789abcdef"), Mutations: mutations})
	if err != nil {
		return sealed, err
	}
	l.sequence++
	l.previous = sealed.Hash()
	sealed.Signature = ed25519.Sign(l.key, l.previous[:])
	return sealed, nil
}

// write makes an edit and reads it back, so that what is tested went through the format.
func (l *laptop) write(t testing.TB, when clock.Stamp, action string, mutations ...record.Mutation) *record.Edit {
	t.Helper()
	sealed, err := l.seal(when, action, mutations...)
	if err != nil {
		t.Fatal(err)
	}
	e, err := record.Open(sealed)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// rules permit all, and know the states moored, sailing and sunk.
type rules struct {
	consequences func(e *record.Edit, touched map[record.ID]*record.State) []record.Mutation
	forbidden    string // an action
}

func (r rules) Permit(_ record.Reader, e *record.Edit) *record.Reason {
	if r.forbidden != "" && e.Action == r.forbidden {
		return &record.Reason{Code: "forbidden", Sentence: "Your role does not allow this."}
	}
	return nil
}

func (r rules) Transition(_ record.Reader, s *record.State, e *record.Edit, m *record.Mutation) *record.Reason {
	if e.Action == "import" {
		return nil
	}
	allowed := map[string][]string{"": {"moored"}, "moored": {"sailing", "sunk"}, "sailing": {"moored", "sunk"}}
	for _, to := range allowed[s.Shown(m.Field).AsText()] {
		if to == m.Value.AsText() {
			return nil
		}
	}
	return &record.Reason{Code: "transition", Sentence: "A boat that is " + s.Shown(m.Field).AsText() + " cannot become " + m.Value.AsText() + "."}
}

func (r rules) Consequences(_ record.Reader, e *record.Edit, touched map[record.ID]*record.State) []record.Mutation {
	if r.consequences == nil {
		return nil
	}
	return r.consequences(e, touched)
}

// group is a leader with the committed state: it decides edits and applies the outcomes as every replica does.
type group struct {
	t       testing.TB
	rules   rules
	states  map[record.ID]*record.State
	commit  uint64
	history map[record.ID][]record.Change
	now     clock.Stamp
}

func newGroup(t testing.TB) *group {
	return &group{t: t, states: map[record.ID]*record.State{}, history: map[record.ID][]record.Change{}, now: at(10_000)}
}

func (g *group) Committed(id record.ID) (*record.State, error) { return g.states[id], nil }

// decide evaluates the edit and applies its outcome from its bytes, checking that mechanical application gives what the leader has.
func (g *group) decide(e *record.Edit) *record.Outcome {
	g.t.Helper()
	outcome, touched, err := record.Evaluate(g, g.rules, kinds(), e, g.now)
	if err != nil {
		g.t.Fatal(err)
	}
	g.commit++
	outcome.Commit = g.commit
	raw, err := record.Encode(outcome)
	if err != nil {
		g.t.Fatal(err)
	}
	var applied record.Outcome
	if err := record.Decode(raw, &applied); err != nil {
		g.t.Fatal(err)
	}
	before := func(id record.ID) *record.State { return g.states[id] }
	for id, rows := range record.Changes(e, &applied, before) {
		g.history[id] = append(g.history[id], rows...)
	}
	next, err := applied.Apply(g.Committed)
	if err != nil {
		g.t.Fatal(err)
	}
	for id, s := range next {
		if want := string(record.EncodeState(touched[id])); string(record.EncodeState(s)) != want {
			g.t.Fatalf("applying the outcome of %s gave\n%+v\nthe leader had\n%+v", e.ID, s, touched[id])
		}
		g.states[id] = s
	}
	return outcome
}

// Short mutations for tests.

func create(boat record.ID, name string) []record.Mutation {
	return []record.Mutation{
		{Op: record.OpCreate, Record: boat, Kind: "boat"},
		{Op: record.OpSet, Record: boat, Field: "name", Value: record.Text(name)},
		{Op: record.OpTransition, Record: boat, Field: "state", Value: record.Text("moored")},
	}
}

func set(boat record.ID, field, value string, seen ...record.EditID) record.Mutation {
	return record.Mutation{Op: record.OpSet, Record: boat, Field: field, Value: record.Text(value), Seen: seen}
}

func note(boat record.ID, item, text string) record.Mutation {
	value := record.Named(map[string]record.Value{"text": record.Text(text)})
	return record.Mutation{Op: record.OpAppend, Record: boat, Field: "notes", Item: id(item), Value: value}
}

// lastID names the laptop's newest edit.
func (l *laptop) lastID() record.EditID {
	last := l.next()
	last.Sequence--
	return last
}

// writeIn is write in another space; the laptop needs one that wrote in no other.
func (l *laptop) writeIn(t testing.TB, space record.Space, when clock.Stamp, action string, mutations ...record.Mutation) *record.Edit {
	t.Helper()
	l.space = space
	return l.write(t, when, action, mutations...)
}
