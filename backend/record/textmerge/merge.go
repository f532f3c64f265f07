// Package textmerge merges and compares texts by lines. It is pure: the same texts give the same result everywhere.
package textmerge

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Result is what a three-way merge gives.
type Result struct {
	// Text is the merged text, in LF and NFC, never with conflict markers. Where both sides changed the same lines differently it
	// has ours, so that nothing shown is a mixture that nobody wrote.
	Text string
	// Clean says that no region conflicts: Text then holds every change of both sides.
	Clean bool
	// Regions are the places where the sides conflict, from top to bottom; empty when Clean.
	Regions []Region
}

// Region is one place where both sides changed the same or touching lines, differently.
type Region struct {
	Line   int // where ours stands in Result.Text, counted from 1
	Base   []string
	Ours   []string
	Theirs []string
}

// Normalise gives text with LF line ends and in Unicode normal form NFC, which is what is hashed, stored and merged.
func Normalise(text string) string {
	if strings.ContainsRune(text, '\r') {
		text = strings.ReplaceAll(text, "\r\n", "\n")
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return norm.NFC.String(text)
}

// Merge brings the changes from base to ours and from base to theirs together. All three are normalised first. A change that both
// sides made alike is taken once. Changes of touching lines count as overlapping, because each was made without seeing the other.
// Swapping ours and theirs changes neither Clean nor, when clean, Text. The cost is about linear in the number of lines, whatever they say.
func Merge(base, ours, theirs string) Result {
	base, ours, theirs = Normalise(base), Normalise(ours), Normalise(theirs)
	switch {
	case ours == theirs, theirs == base:
		return Result{Text: ours, Clean: true}
	case ours == base:
		return Result{Text: theirs, Clean: true}
	}
	m := newMerger(split(base), split(ours), split(theirs))
	for {
		r, more := m.next()
		if !more {
			break
		}
		m.take(r)
	}
	m.keep(len(m.base))
	return Result{Text: strings.Join(m.out, "\n"), Clean: len(m.regions) == 0, Regions: m.regions}
}

// split cuts a text at its line ends. A text that ends with one has an empty last element, so that joining is exact.
func split(text string) []string { return strings.Split(text, "\n") }

// side is one of the two changed texts with its changes that are not merged yet.
type side struct {
	lines []string
	hunks []hunk
	shift int // what to add to a line of base to find it in lines, after the hunks already taken
}

// merger walks down base and writes the merged text.
type merger struct {
	base         []string
	ours, theirs side
	at           int // the next line of base to write
	out          []string
	regions      []Region
}

func newMerger(base, ours, theirs []string) *merger {
	numbers := make(map[string]int, len(base))
	baseNumbers := number(base, numbers)
	return &merger{
		base:   base,
		ours:   side{lines: ours, hunks: align(baseNumbers, number(ours, numbers))},
		theirs: side{lines: theirs, hunks: align(baseNumbers, number(theirs, numbers))},
	}
}

// number gives equal lines equal numbers, entering new ones in numbers.
func number(lines []string, numbers map[string]int) []int {
	out := make([]int, len(lines))
	for i, line := range lines {
		n, known := numbers[line]
		if !known {
			n = len(numbers)
			numbers[line] = n
		}
		out[i] = n
	}
	return out
}

// reach is a run of changed lines of base, [from, to), with what stands there on each side.
type reach struct {
	from, to     int
	ours, theirs []string
	byOurs       bool
	byTheirs     bool
}

// next takes the topmost changes of both sides that touch each other, and reports false when none is left.
func (m *merger) next() (reach, bool) {
	first, found := topmost(m.ours.hunks, m.theirs.hunks)
	if !found {
		return reach{}, false
	}
	r := reach{from: first, to: first}
	oursFrom, theirsFrom := r.from+m.ours.shift, r.from+m.theirs.shift
	for grown := true; grown; {
		ours := m.ours.absorb(&r.to)
		theirs := m.theirs.absorb(&r.to)
		r.byOurs = r.byOurs || ours
		r.byTheirs = r.byTheirs || theirs
		grown = ours || theirs
	}
	r.ours = m.ours.lines[oursFrom : r.to+m.ours.shift]
	r.theirs = m.theirs.lines[theirsFrom : r.to+m.theirs.shift]
	return r, true
}

// topmost gives the first line of base that either list changes.
func topmost(ours, theirs []hunk) (int, bool) {
	switch {
	case len(ours) == 0 && len(theirs) == 0:
		return 0, false
	case len(ours) == 0:
		return theirs[0].oldFrom, true
	case len(theirs) == 0:
		return ours[0].oldFrom, true
	}
	return min(ours[0].oldFrom, theirs[0].oldFrom), true
}

// absorb takes the side's hunks that begin at or before *to, moving *to down to their ends, and reports whether there was one.
func (s *side) absorb(to *int) bool {
	taken := false
	for len(s.hunks) > 0 && s.hunks[0].oldFrom <= *to {
		h := s.hunks[0]
		*to = max(*to, h.oldTo)
		s.shift = h.newTo - h.oldTo
		s.hunks = s.hunks[1:]
		taken = true
	}
	return taken
}

// take writes one run of changed lines, and notes it when the sides disagree.
func (m *merger) take(r reach) {
	m.keep(r.from)
	line := len(m.out) + 1
	switch {
	case !r.byOurs:
		m.out = append(m.out, r.theirs...)
	case !r.byTheirs || same(r.ours, r.theirs):
		m.out = append(m.out, r.ours...)
	default:
		m.out = append(m.out, r.ours...)
		m.regions = append(m.regions, Region{Line: line, Base: m.base[r.from:r.to], Ours: r.ours, Theirs: r.theirs})
	}
	m.at = r.to
}

// keep writes the unchanged lines of base up to line to.
func (m *merger) keep(to int) {
	m.out = append(m.out, m.base[m.at:to]...)
	m.at = to
}

func same(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
