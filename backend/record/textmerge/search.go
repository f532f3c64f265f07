package textmerge

// search pairs the lines of s by the shortest edit script (E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986).
// It leaves s unpaired when the script is longer than editsMax or the work is used up.
func (a *aligner) search(s span) {
	old, new := a.old[s.oldFrom:s.oldTo], a.new[s.newFrom:s.newTo]
	limit := min(len(old)+len(new), editsMax)
	// reach[k+limit+1] is how far into old the furthest path on diagonal k has come, diagonal k being old minus new.
	reach := make([]int, 2*limit+3)
	var trail [][]int // trail[d] is reach for diagonals -d … d before step d
	for d := 0; d <= limit; d++ {
		trail = append(trail, append([]int(nil), reach[limit+1-d:limit+2+d]...))
		for k := -d; k <= d; k += 2 {
			x := furthest(reach, limit+1+k, k, d)
			from := x
			for x < len(old) && x-k < len(new) && old[x] == new[x-k] {
				x++
			}
			reach[limit+1+k] = x
			a.steps -= x - from + 1
			if x >= len(old) && x-k >= len(new) {
				a.walk(s, trail, d)
				return
			}
		}
		if a.steps <= 0 {
			return
		}
	}
}

// furthest gives where step d enters diagonal k: from the diagonal above by an insertion or from the one below by a deletion.
// at is the index of k in reach. Beyond either text the value is harmless: it never ends a path.
func furthest(reach []int, at, k, d int) int {
	if d == 0 {
		return 0
	}
	if k == -d || (k != d && reach[at-1] < reach[at+1]) {
		return reach[at+1]
	}
	return reach[at-1] + 1
}

// walk goes the found path backwards and pairs the equal lines on it.
func (a *aligner) walk(s span, trail [][]int, last int) {
	x, y := s.oldTo-s.oldFrom, s.newTo-s.newFrom
	for d := last; d >= 0; d-- {
		k := x - y
		startX := furthest(trail[d], k+d, k, d)
		for x > startX {
			x--
			y--
			a.partner[s.oldFrom+x] = s.newFrom + y
		}
		if d == 0 {
			return
		}
		if k == -d || (k != d && trail[d][k+d-1] < trail[d][k+d+1]) {
			y--
		} else {
			x--
		}
	}
}
