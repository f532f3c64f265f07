package generation_test

import (
	"crypto/ed25519"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/generation"
)

const cluster = "acme"

var space = record.SiteSpace("LYO")

func authority() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)) }

func by(key ed25519.PrivateKey) func(message, signature []byte) bool {
	return func(message, signature []byte) bool {
		return ed25519.Verify(key.Public().(ed25519.PublicKey), message, signature)
	}
}

func begin(t *testing.T, number uint64, bases ...generation.Base) *generation.Statement {
	t.Helper()
	key := authority()
	raw, err := generation.Statement{Cluster: cluster, Generation: number, Bases: bases, Founder: record.DeviceID{1}}.
		Sign(func(message []byte) []byte { return ed25519.Sign(key, message) })
	if err != nil {
		t.Fatal(err)
	}
	s, err := generation.Open(raw, by(key), cluster)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func base(number, commit uint64) generation.Base {
	return generation.Base{Space: space, Generation: number, Commit: commit, Chain: record.Hash{byte(number), byte(commit)}}
}

func at(number, commit uint64) record.Frontier {
	return record.Frontier{Space: space, Generation: number, Commit: commit, Chain: record.Hash{byte(number), byte(commit)}}
}

func lineage(t *testing.T, statements ...*generation.Statement) generation.Lineage {
	t.Helper()
	var l generation.Lineage
	for _, s := range statements {
		l, _ = l.With(s)
	}
	return l
}

func TestOnlyWhatTheAuthoritySignedIsBelieved(t *testing.T) {
	key := authority()
	sign := func(message []byte) []byte { return ed25519.Sign(key, message) }
	raw, err := generation.Statement{Cluster: cluster, Generation: generation.After(1, 7), Founder: record.DeviceID{1}}.Sign(sign)
	if err != nil {
		t.Fatal(err)
	}
	public, other := by(key), by(ed25519.NewKeyFromSeed(append(make([]byte, ed25519.SeedSize-1), 1)))
	bent := append([]byte{}, raw...)
	bent[len(bent)/3] ^= 1
	for name, err := range map[string]error{
		"another key":     second(generation.Open(raw, other, cluster)),
		"another cluster": second(generation.Open(raw, public, "other")),
		"changed bytes":   second(generation.Open(bent, public, cluster)),
		"no bytes":        second(generation.Open(nil, public, cluster)),
	} {
		if !fault.Is(err, generation.Unproven) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := generation.Open(raw, public, cluster); err != nil {
		t.Fatal(err)
	}
}

func second(_ *generation.Statement, err error) error { return err }

func TestGenerationsFollowEachOther(t *testing.T) {
	first, other := generation.After(1, 7), generation.After(1, 8)
	if first <= 1 || other <= first || generation.After(first, 0) <= other || generation.Name(1) != "1" || generation.Name(first) != "2-00000007" {
		t.Fatal(first, other, generation.Name(first))
	}
}

func TestWhatARecoveryLeavesBehind(t *testing.T) {
	second := generation.After(1, 5)
	rival := generation.After(1, 9)
	third := generation.After(rival, 1)
	one := lineage(t, begin(t, second, base(1, 100)))
	two := lineage(t, begin(t, second, base(1, 100)), begin(t, rival, base(1, 90)), begin(t, third, base(rival, 120)))
	odd := at(1, 100)
	odd.Chain[5] = 1
	for name, c := range map[string]struct {
		lineage generation.Lineage
		at      record.Frontier
		left    bool
		next    uint64
		common  uint64
	}{
		"no recovery":                           {nil, at(1, 5), false, 0, 0},
		"nothing agreed":                        {one, at(0, 0), false, 0, 0},
		"behind":                                {one, at(1, 99), false, 0, 99},
		"exactly there":                         {one, at(1, 100), false, second, 100},
		"at its number with another history":    {one, odd, true, 0, 100},
		"ahead":                                 {one, at(1, 101), true, 0, 100},
		"in it":                                 {one, at(second, 105), false, 0, 105},
		"in a rival that lost":                  {two, at(second, 105), true, 0, 90},
		"in the one before":                     {two, at(rival, 119), false, 0, 119},
		"two before, at the first's base":       {two, at(1, 90), false, rival, 90},
		"two before, beyond":                    {two, at(1, 91), true, 0, 90},
		"at the base of the third":              {two, at(rival, 120), false, third, 120},
		"a generation that nobody has heard of": {two, at(third+1<<32, 5), false, 0, 0},
	} {
		if left := c.lineage.Left(c.at); left != c.left {
			t.Errorf("%s: left behind is %v", name, left)
		}
		if next := c.lineage.Next(c.at); next != c.next {
			t.Errorf("%s: next is %s, want %s", name, generation.Name(next), generation.Name(c.next))
		}
		if common := c.lineage.Common(c.at); c.lineage != nil && c.at.Commit > 0 && common != c.common {
			t.Errorf("%s: common up to %d, want %d", name, common, c.common)
		}
	}
}

func TestASpaceThatNobodyHeldIsLeftWhole(t *testing.T) {
	l := lineage(t, begin(t, generation.After(1, 5)))
	if !l.Left(at(1, 3)) || l.Common(at(1, 3)) != 0 {
		t.Fatal("a space that the recovery does not name counts as taken over")
	}
}

func FuzzOpen(f *testing.F) {
	key := authority()
	raw, err := generation.Statement{Cluster: cluster, Generation: generation.After(1, 7), Founder: record.DeviceID{1}, Bases: []generation.Base{base(1, 4)}}.
		Sign(func(message []byte) []byte { return ed25519.Sign(key, message) })
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := generation.Open(raw, by(key), cluster)
		if (s == nil) == (err == nil) {
			t.Fatal("neither a statement nor a fault")
		}
	})
}

// What only the founder's log held may stand in the place of what the group agreed on without it.
func TestWhatTheFounderAloneHeldIsNotTakenForAgreed(t *testing.T) {
	second := generation.After(1, 5)
	with := base(1, 100)
	with.Tail = []record.Hash{{1, 98}, {1, 99}, {1, 100}}
	l := lineage(t, begin(t, second, with))
	odd := func(commit uint64) record.Frontier {
		f := at(1, commit)
		f.Chain[5] = 1
		return f
	}
	for name, c := range map[string]struct {
		at     record.Frontier
		left   bool
		next   uint64
		common uint64
	}{
		"before the tail":           {at(1, 97), false, 0, 97},
		"at the tail's first":       {at(1, 98), false, 0, 98},
		"at another in its place":   {odd(98), true, 0, 97},
		"within it, otherwise":      {odd(99), true, 0, 97},
		"at its end":                {at(1, 100), false, second, 100},
		"at its number, otherwise":  {odd(100), true, 0, 97},
		"beyond, from who knows it": {odd(105), true, 0, 97},
	} {
		if left, next, common := l.Left(c.at), l.Next(c.at), l.Common(c.at); left != c.left || next != c.next || common != c.common {
			t.Errorf("%s: left %v, next %d, common %d", name, left, next, common)
		}
	}
	for name, tail := range map[string][]record.Hash{"longer than the history": make([]record.Hash, 101), "with another end": {{9}}, "without bounds": make([]record.Hash, generation.TailsMax+1)} {
		b := base(1, 100)
		if b.Tail = tail; len(tail) > generation.TailsMax {
			b.Commit = 1000
		}
		_, err := generation.Statement{Cluster: cluster, Generation: second, Bases: []generation.Base{b}, Founder: record.DeviceID{1}}.Sign(func([]byte) []byte { return nil })
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("a tail %s: %v", name, err)
		}
	}
}
