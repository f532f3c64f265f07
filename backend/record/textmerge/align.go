package textmerge

import "sort"

// Bounds on the work of one alignment. When they are used up, the lines left over count as replaced as a whole: the result is
// coarser (more of it may conflict), never wrong, and hostile text costs no more than ordinary text.
const (
	stepsPerLine = 64
	stepsFloor   = 1 << 20
	editsMax     = 1000 // the most insertions and deletions that the exact search looks through; its memory is the square
)

// unmatched marks a line without a partner on the other side.
const unmatched = -1

// hunk is one change: lines [oldFrom, oldTo) of the old text became lines [newFrom, newTo) of the new one.
type hunk struct {
	oldFrom, oldTo int
	newFrom, newTo int
}

// span is a part of both texts that is still to be aligned.
type span struct {
	oldFrom, oldTo int
	newFrom, newTo int
}

// aligner pairs the lines of two texts, each line given as a number that stands for its content.
type aligner struct {
	old, new []int
	partner  []int // for each old line, the new line it equals, or unmatched
	steps    int   // work left
}

// align gives the changes that lead from old to new, in order, with at least one equal line between any two.
func align(old, new []int) []hunk {
	a := &aligner{old: old, new: new, partner: make([]int, len(old)), steps: stepsFloor + stepsPerLine*(len(old)+len(new))}
	for i := range a.partner {
		a.partner[i] = unmatched
	}
	a.run()
	return a.hunks()
}

// run aligns the whole texts: equal ends first, then lines that occur once on each side, then an exact search.
func (a *aligner) run() {
	waiting := []span{{0, len(a.old), 0, len(a.new)}}
	for len(waiting) > 0 {
		s := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		s = a.trim(s)
		if s.oldFrom == s.oldTo || s.newFrom == s.newTo {
			continue
		}
		a.steps -= s.oldTo - s.oldFrom + s.newTo - s.newFrom
		if a.steps <= 0 {
			return
		}
		anchors := a.anchors(s)
		if len(anchors) == 0 {
			a.search(s)
			continue
		}
		waiting = append(waiting, a.between(s, anchors)...)
	}
}

// trim pairs the equal lines at both ends of s and gives what is left.
func (a *aligner) trim(s span) span {
	for s.oldFrom < s.oldTo && s.newFrom < s.newTo && a.old[s.oldFrom] == a.new[s.newFrom] {
		a.partner[s.oldFrom] = s.newFrom
		s.oldFrom++
		s.newFrom++
	}
	for s.oldFrom < s.oldTo && s.newFrom < s.newTo && a.old[s.oldTo-1] == a.new[s.newTo-1] {
		s.oldTo--
		s.newTo--
		a.partner[s.oldTo] = s.newTo
	}
	return s
}

// pair is one old line and the new line it equals.
type pair struct{ old, new int }

// anchors gives the longest run of lines that occur exactly once on each side of s and in the same order.
func (a *aligner) anchors(s span) []pair {
	type seen struct{ oldCount, newCount, newAt int }
	lines := make(map[int]seen, s.oldTo-s.oldFrom)
	for _, line := range a.old[s.oldFrom:s.oldTo] {
		entry := lines[line]
		entry.oldCount++
		lines[line] = entry
	}
	for i := s.newFrom; i < s.newTo; i++ {
		entry, known := lines[a.new[i]]
		if !known {
			continue
		}
		entry.newCount++
		entry.newAt = i
		lines[a.new[i]] = entry
	}
	var once []pair
	for i := s.oldFrom; i < s.oldTo; i++ {
		if entry := lines[a.old[i]]; entry.oldCount == 1 && entry.newCount == 1 {
			once = append(once, pair{i, entry.newAt})
		}
	}
	return increasing(once)
}

// increasing gives the longest subsequence of pairs, ordered by old line, whose new lines increase too.
func increasing(pairs []pair) []pair {
	var tops []int // tops[n] is the pair that ends the best run of n+1 pairs
	before := make([]int, len(pairs))
	for i, p := range pairs {
		n := sort.Search(len(tops), func(n int) bool { return pairs[tops[n]].new >= p.new })
		before[i] = unmatched
		if n > 0 {
			before[i] = tops[n-1]
		}
		if n == len(tops) {
			tops = append(tops, i)
		} else {
			tops[n] = i
		}
	}
	run := make([]pair, len(tops))
	if len(tops) == 0 {
		return nil
	}
	at := tops[len(tops)-1]
	for n := len(run) - 1; n >= 0; n-- {
		run[n] = pairs[at]
		at = before[at]
	}
	return run
}

// between pairs the anchors and gives the spans between them.
func (a *aligner) between(s span, anchors []pair) []span {
	spans := make([]span, 0, len(anchors)+1)
	oldFrom, newFrom := s.oldFrom, s.newFrom
	for _, p := range anchors {
		a.partner[p.old] = p.new
		spans = append(spans, span{oldFrom, p.old, newFrom, p.new})
		oldFrom, newFrom = p.old+1, p.new+1
	}
	return append(spans, span{oldFrom, s.oldTo, newFrom, s.newTo})
}

// hunks reads the changes out of the pairing.
func (a *aligner) hunks() []hunk {
	var hunks []hunk
	i, j := 0, 0
	for i < len(a.old) || j < len(a.new) {
		if i < len(a.old) && a.partner[i] == j {
			i++
			j++
			continue
		}
		h := hunk{oldFrom: i, newFrom: j}
		for i < len(a.old) && a.partner[i] == unmatched {
			i++
		}
		j = len(a.new)
		if i < len(a.old) {
			j = a.partner[i]
		}
		h.oldTo, h.newTo = i, j
		hunks = append(hunks, h)
	}
	return hunks
}
