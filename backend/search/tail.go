package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// tailScore puts what was just saved before older records that match as well.
const tailScore = 4

// tailHits finds in the documents that are not in the index yet, by looking at each.
func (x *Index) tailHits(terms []term, kinds []string, typos bool) []Hit {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var hits []Hit
	for id, e := range x.tail {
		if e.document.Gone || (len(kinds) > 0 && !slices.Contains(kinds, e.document.Kind)) {
			continue
		}
		if e.matches(terms, typos) {
			hits = append(hits, Hit{id, tailScore})
		}
	}
	return hits
}

func (e *entry) matches(terms []term, typos bool) bool {
	for _, t := range terms {
		if t.phrase {
			if !strings.Contains(strings.ToLower(e.document.Title+"\n"+e.document.Text), t.text) {
				return false
			}
			continue
		}
		if !slices.ContainsFunc(e.words, func(word string) bool { return meets(word, t.text, typos) }) {
			return false
		}
	}
	return true
}

func meets(word, wanted string, typos bool) bool {
	return strings.HasPrefix(word, wanted) || (typos && utf8.RuneCountInString(wanted) >= typoRunes && oneTypoApart(word, wanted))
}

// oneTypoApart reports whether one letter changed, left out or put in makes b of a.
func oneTypoApart(a, b string) bool {
	long, short := []rune(a), []rune(b)
	if len(long) < len(short) {
		long, short = short, long
	}
	if len(long)-len(short) > 1 {
		return false
	}
	same := 0
	for same < len(short) && long[same] == short[same] {
		same++
	}
	if len(long) == len(short) {
		return same == len(short) || slices.Equal(long[same+1:], short[same+1:])
	}
	return slices.Equal(long[same+1:], short[same:])
}
