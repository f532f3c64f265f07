package desk_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/config"
	"holdfast/backend/core/clock"
	"holdfast/backend/desk"
	"holdfast/backend/people"
	"holdfast/backend/record"
)

// bench is a desk on a store that decides every edit at once, as the group of a desktop on its own does.
type bench struct {
	*desk.Desk
	t         *testing.T
	committed map[record.ID]*record.State
	keys      map[string]ed25519.PrivateKey
	device    string // whose edits Append writes
	sequence  map[string]uint64
	previous  map[string]record.Hash
	outcomes  []*record.Outcome
	now       time.Time
	rules     *desk.Rulebook
}

func (b *bench) Committed(id record.ID) (*record.State, error) { return b.committed[id], nil }
func (b *bench) View(id record.ID) (*record.State, error)      { return b.committed[id], nil }

// Append seals the drafts as edits of the present device and decides them.
func (b *bench) Append(ctx context.Context, drafts ...record.Draft) ([]record.EditID, error) {
	ids := make([]record.EditID, 0, len(drafts))
	for _, draft := range drafts {
		edit := b.seal(draft)
		ids = append(ids, edit.ID)
		outcome, states, err := b.Decider().Decide(ctx, b, edit, clock.At(b.now))
		if err != nil {
			return nil, err
		}
		b.outcomes = append(b.outcomes, outcome)
		for id, state := range states {
			b.committed[id] = state
		}
	}
	return ids, nil
}

func (b *bench) seal(draft record.Draft) *record.Edit {
	b.t.Helper()
	place := b.device + string(draft.Space)
	b.sequence[place]++
	b.now = b.now.Add(time.Second)
	sealed, err := record.Seal(record.Header{
		Format: record.FormatVersion, Time: clock.At(b.now), Author: draft.Author, Space: draft.Space, Action: draft.Action, Previous: b.previous[place],
		ID: record.EditID{Incarnation: record.Incarnation{Device: b.deviceID(b.device), Number: uint64(len(draft.Space))}, Sequence: b.sequence[place]},
	}, record.Payload{Salt: make([]byte, 16), Mutations: draft.Mutations})
	if err != nil {
		b.t.Fatal(err)
	}
	b.previous[place] = sealed.Hash()
	edit, err := record.Open(sealed)
	if err != nil {
		b.t.Fatal(err)
	}
	return edit
}

func (b *bench) key(device string) ed25519.PublicKey {
	if b.keys[device] == nil {
		seed := bytes.Repeat([]byte(fmt.Sprintf("%-4s", device)), 8)
		b.keys[device] = ed25519.NewKeyFromSeed(seed)
	}
	return b.keys[device].Public().(ed25519.PublicKey)
}

func (b *bench) deviceID(device string) record.DeviceID { return record.DeviceOf(b.key(device)) }

func (b *bench) last() *record.Outcome { return b.outcomes[len(b.outcomes)-1] }

var (
	ana   = uuid.MustParse("01890000-0000-7000-8000-00000000000a")
	ben   = uuid.MustParse("01890000-0000-7000-8000-00000000000b")
	admin = desk.Actor{Person: ana, Site: "LYO"}
	tech  = desk.Actor{Person: ben, Site: "LYO"}
)

// newBench founds a site with Ana, its administrator, on the device "a", and admits Ben, a technician, on "b".
func newBench(t *testing.T) *bench {
	t.Helper()
	tree, err := config.Starter()
	if err != nil {
		t.Fatal(err)
	}
	loaded, problems := config.Load(tree)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	b := &bench{
		t: t, committed: map[record.ID]*record.State{}, keys: map[string]ed25519.PrivateKey{}, device: "a",
		sequence: map[string]uint64{}, previous: map[string]record.Hash{}, now: time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC),
	}
	b.rules = &desk.Rulebook{Workflows: loaded.Workflows, Priorities: loaded.Priorities, Policy: loaded.Policy}
	b.Desk, err = desk.New(desk.Config{
		Store: b, Kinds: desk.Kinds(), Rulebook: func() *desk.Rulebook { return b.rules }, NewID: uuid.NewV7, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Found(t.Context(), desk.Founding{SiteName: "Lyon", SiteCode: "LYO", Person: ana, PersonName: "Ana", DeviceName: "laptop", Device: b.key("a")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Admit(t.Context(), desk.DeviceFacts{Key: b.key("b"), Name: "other laptop", Role: people.RoleDesktop, Site: "LYO", Person: ben}, "Ben", false)
	if err != nil {
		t.Fatal(err)
	}
	b.expect(record.Applied, "")
	return b
}

// expect holds the newest outcome against a result and the code of its reason.
func (b *bench) expect(result record.Result, code string) {
	b.t.Helper()
	got := ""
	if reason := b.last().Reason; reason != nil {
		got = reason.Code
	}
	if b.last().Result != result || got != code {
		b.t.Errorf("the outcome is %s %q, want %s %q", b.last().Result, got, result, code)
	}
}

// force makes an edit past the desk's own checks, as a modified client would.
func (b *bench) force(device string, author, id record.ID, action string, mutations ...record.Mutation) {
	b.t.Helper()
	before := b.device
	b.device = device
	defer func() { b.device = before }()
	space := record.Organisation
	if state := b.committed[id]; state != nil {
		space = state.Space
	}
	for i := range mutations {
		mutations[i].Record = id
	}
	if _, err := b.Append(b.t.Context(), record.Draft{Space: space, Author: author, Action: action, Mutations: mutations}); err != nil {
		b.t.Fatal(err)
	}
}

// incident makes one as Ana.
func (b *bench) incident() *record.State {
	b.t.Helper()
	state, err := b.Create(b.t.Context(), admin, desk.Creation{Kind: "incident", Fields: map[string]record.Value{
		"title": record.Text("VPN drops"), "impact": record.Text("1"), "urgency": record.Text("1"), "caller": record.Ref(ana), "channel": record.Text("phone"),
	}})
	if err != nil {
		b.t.Fatal(err)
	}
	b.expect(record.Applied, "")
	return state
}
