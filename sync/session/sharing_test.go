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
