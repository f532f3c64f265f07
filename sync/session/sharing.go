package session

import (
	"maps"
	"slices"

	"holdfast/backend/record"
	"holdfast/backend/store"
)

// sharing is what a session keeps of one space that both sides read.
type sharing struct {
	space record.Space
	// theirs is the newest frontier that the peer told (its Digest is zero where only commits told it), held how far the peer has said that it holds incarnations.
	theirs record.Frontier
	held   map[record.Incarnation]uint64
	// behind says that the peer's commits are of a branch that a recovery has left behind; theirs is what it stood at before, or nothing.
	behind bool
	// Commits up to sentCommit are the peer's or under way to it; sentChain is the chain hash there. From whole on every commit carries its edit.
	sentCommit uint64
	sentChain  record.Hash
	whole      uint64
	trimmed    bool // the commits that the peer lacks are no longer kept one by one
	unreached  bool // the peer was told so, and no snapshot helps it
	// sent is how far incarnations are the peer's or under way to it; cursor is the last one that was served, so that all get their turn.
	sent   map[record.Incarnation]uint64
	cursor record.Incarnation
	// toldCommit and told are what the peer knows of this side.
	toldCommit uint64
	told       map[record.Incarnation]uint64
	touched    map[record.Incarnation]bool // to be told even if told before
	// catchUp is the commit number that the peer offered at its Hello: edits wait until this side stands there, or it would send committed ones.
	catchUp uint64
	// rewind is the commit number, and wanted the sequences, that this side asked the peer to start again from; what lies beyond is passed over
	// until they come.
	rewind  uint64
	blocked bool // a snapshot that another session takes in keeps the commits out
	wanted  map[record.Incarnation]uint64
	// strange are incarnations whose author is not known yet.
	strange map[record.Incarnation]bool
	// forked are incarnations of which the peer holds another continuation, with how far each was committed here when that was seen. Where the two part is not known: what came
	// first may have been behind it. So each is left alone until more of it is committed, and then tried again.
	forked   map[record.Incarnation]uint64
	lookedAt uint64 // the commit up to which told was looked through for what commits set aside
	// source is the snapshot that this side offered; the peer has taken it up when after is not nil.
	source Source
	taken  bool
	after  []byte
	// offer is the snapshot that the peer offered, sink what takes it in once it was taken up.
	offer *record.Frontier
	sink  Sink
}

func newSharing(space record.Space) *sharing {
	return &sharing{
		space:   space,
		held:    map[record.Incarnation]uint64{},
		sent:    map[record.Incarnation]uint64{},
		told:    map[record.Incarnation]uint64{},
		touched: map[record.Incarnation]bool{},
		wanted:  map[record.Incarnation]uint64{},
		strange: map[record.Incarnation]bool{},
		forked:  map[record.Incarnation]uint64{},
	}
}

// noteHeld takes note that the peer holds the incarnation that far. It is false when the peer names more incarnations than is allowed.
func (sh *sharing) noteHeld(of record.Incarnation, held uint64) bool {
	if _, known := sh.held[of]; !known && len(sh.held) >= TailsMax {
		return false
	}
	sh.held[of] = max(sh.held[of], held)
	if known, asked := sh.sent[of]; asked {
		sh.sent[of] = max(known, held)
	}
	return true
}

// lowerHeld takes note that the peer holds less of an incarnation than it did: what it held was set aside.
func (sh *sharing) lowerHeld(of record.Incarnation, held uint64) {
	sh.held[of] = held
	delete(sh.sent, of)
}

// noteForked leaves an incarnation alone of which the peer holds another continuation.
func (sh *sharing) noteForked(of record.Incarnation, tails []store.Tail, heldSequence func(record.Space, record.Incarnation) uint64) {
	sh.forked[of] = sh.committedOf(of, tails, heldSequence)
}

// leaves reports whether an incarnation is left alone.
func (sh *sharing) leaves(of record.Incarnation) bool {
	_, forked := sh.forked[of]
	return forked
}

// mend takes up forked incarnations again of which more is committed by now, and gives them: where that is the peer's continuation, what was held of the other one is set
// aside, and what the peer sent of its own was not taken.
func (sh *sharing) mend(tails []store.Tail, heldSequence func(record.Space, record.Incarnation) uint64) (mended []record.Incarnation) {
	for of, before := range sh.forked {
		if sh.committedOf(of, tails, heldSequence) > before {
			sh.takeUp(of)
			mended = append(mended, of)
		}
	}
	slices.SortFunc(mended, record.Incarnation.Compare)
	return mended
}

// takeUp no longer leaves an incarnation alone, and forgets what the peer was thought to hold of it.
func (sh *sharing) takeUp(of record.Incarnation) {
	delete(sh.forked, of)
	delete(sh.held, of)
	delete(sh.sent, of)
}

// asked takes note that the peer asks for an incarnation's edits from one on; this side holds it as far as held. The peer has none from there on, so it has set aside what it had of another
// continuation.
func (sh *sharing) asked(of record.Incarnation, from, held uint64) {
	if from > held {
		return
	}
	if sh.leaves(of) {
		sh.takeUp(of)
	}
	sh.sent[of] = from - 1
}

// committedOf gives how far an incarnation is committed here. One without tentative edits has no tail, and is held as far as it is committed.
func (sh *sharing) committedOf(of record.Incarnation, tails []store.Tail, heldSequence func(record.Space, record.Incarnation) uint64) uint64 {
	i, tentative := slices.BinarySearchFunc(tails, of, func(t store.Tail, of record.Incarnation) int { return t.Incarnation.Compare(of) })
	if tentative {
		return tails[i].Committed
	}
	return heldSequence(sh.space, of)
}

// touchLost marks the incarnations of which this side has told that it holds more than it does: a commit set all of its continuation aside, and the peer may have another
// one to send. What is settled of the others need not be remembered.
func (sh *sharing) touchLost(tails []store.Tail, heldSequence func(record.Space, record.Incarnation) uint64) {
	live := make(map[record.Incarnation]bool, len(tails))
	for _, tail := range tails {
		live[tail.Incarnation] = true
	}
	for of, told := range sh.told {
		switch {
		case live[of]:
		case heldSequence(sh.space, of) < told:
			sh.touched[of] = true
		default:
			delete(sh.told, of)
		}
	}
}

// noteCommit takes note that the peer stands at a frontier, whatever it was told before.
func (sh *sharing) noteCommit(front record.Frontier) {
	if front.Commit < sh.theirs.Commit {
		return
	}
	sh.theirs = front
	if front.Commit >= sh.sentCommit {
		sh.sentCommit, sh.sentChain = front.Commit, front.Chain
	}
}

// forget drops what was kept of incarnations that have no uncommitted edits on this side any more.
func (sh *sharing) forget(tails []store.Tail, heldSequence func(record.Space, record.Incarnation) uint64) {
	live := make(map[record.Incarnation]bool, len(tails))
	for _, tail := range tails {
		live[tail.Incarnation] = true
	}
	retired := func(of record.Incarnation, upTo uint64) bool {
		return !live[of] && heldSequence(sh.space, of) >= upTo
	}
	maps.DeleteFunc(sh.held, retired)
	maps.DeleteFunc(sh.sent, retired)
	maps.DeleteFunc(sh.told, retired)
}

// turns gives the tails in the order in which they are served: those after the cursor first.
func (sh *sharing) turns(tails []store.Tail) []store.Tail {
	at, _ := slices.BinarySearchFunc(tails, sh.cursor, func(t store.Tail, c record.Incarnation) int {
		if t.Incarnation.Compare(c) <= 0 {
			return -1
		}
		return 1
	})
	return slices.Concat(tails[at:], tails[:at])
}
