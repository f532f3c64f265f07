package session

import (
	"testing"

	"holdfast/backend/record"
	"holdfast/backend/store"
)

// A commit can set aside all that this side told of. The peer must hear how far it really holds the incarnation, or it keeps its own continuation for itself.
func TestWhatWasToldAndIsGoneIsToldAgain(t *testing.T) {
	shrunk, settled, live := record.Incarnation{Number: 1}, record.Incarnation{Number: 2}, record.Incarnation{Number: 3}
	sh := newSharing("org")
	sh.told[shrunk], sh.told[settled], sh.told[live] = 10, 7, 4
	held := map[record.Incarnation]uint64{shrunk: 5, settled: 7, live: 9}
	sh.touchLost([]store.Tail{{Incarnation: live, Held: 9}}, func(_ record.Space, of record.Incarnation) uint64 { return held[of] })
	if !sh.touched[shrunk] || sh.touched[settled] || sh.touched[live] {
		t.Errorf("to be told of: %v", sh.touched)
	}
	if _, known := sh.told[settled]; known || sh.told[live] != 4 {
		t.Errorf("remembered: %v", sh.told)
	}
}

// A peer's continuation is noticed at the edit that comes, which may stand behind where the two part. A commit of the peer's continuation from where they part takes the
// incarnation up again, even if it does not reach that edit.
func TestAForkIsTriedAgainWithEachCommitOfIt(t *testing.T) {
	of := record.Incarnation{Number: 1}
	for _, c := range []struct {
		what          string
		before, after []store.Tail
		held          uint64 // where there is no tail
		left          bool
	}{
		{"nothing of it is committed", []store.Tail{{Incarnation: of, Committed: 1, Held: 4}}, []store.Tail{{Incarnation: of, Committed: 1, Held: 4}}, 0, true},
		{"the other continuation is committed in part, and this one is gone", []store.Tail{{Incarnation: of, Committed: 1, Held: 4}}, nil, 3, false},
		{"one of them is committed in part", []store.Tail{{Incarnation: of, Committed: 1, Held: 4}}, []store.Tail{{Incarnation: of, Committed: 2, Held: 4}}, 0, false},
		{"it was seen with nothing tentative here", nil, nil, 3, true},
		{"none of it was committed", []store.Tail{{Incarnation: of, Held: 1}}, []store.Tail{{Incarnation: of, Held: 1}}, 0, true},
	} {
		sh := newSharing("org")
		held := func(record.Space, record.Incarnation) uint64 { return c.held }
		sh.held[of], sh.sent[of] = 5, 5
		sh.noteForked(of, c.before, held)
		mended := sh.mend(c.after, held)
		if asked := len(mended) == 1 && mended[0] == of; asked == c.left {
			t.Errorf("%s: the peer is asked for its continuation: %v", c.what, asked)
		}
		if sh.leaves(of) != c.left {
			t.Errorf("%s: it is left alone: %v", c.what, sh.leaves(of))
		}
		if _, known := sh.held[of]; known != c.left {
			t.Errorf("%s: what the peer was thought to hold is known: %v", c.what, known)
		}
	}
}

// A peer that has set its own continuation aside asks for this one. It is given it, although nothing more was committed here meanwhile.
func TestAPeerThatAsksHasNoContinuationOfItsOwn(t *testing.T) {
	of := record.Incarnation{Number: 1}
	for _, c := range []struct {
		what         string
		forked       bool
		from         uint64
		left, resent bool
	}{
		{"it asks for what is here", true, 13, false, true},
		{"it asks behind what is here, as it did before it knew of the fork", true, 16, true, false},
		{"it asks again for what got lost", false, 13, false, true},
	} {
		sh := newSharing("org")
		sh.held[of], sh.sent[of] = 15, 13
		if c.forked {
			sh.noteForked(of, []store.Tail{{Incarnation: of, Committed: 12, Held: 13}}, nil)
		}
		sh.asked(of, c.from, 13)
		if sh.leaves(of) != c.left || sh.sent[of] < 13 != c.resent {
			t.Errorf("%s: it is left alone: %v, sent as far as %d", c.what, sh.leaves(of), sh.sent[of])
		}
		if _, known := sh.held[of]; c.forked && known != c.left {
			t.Errorf("%s: what the peer was thought to hold is known: %v", c.what, known)
		}
	}
}
