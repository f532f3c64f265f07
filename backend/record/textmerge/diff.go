package textmerge

// Change says what became of a line.
type Change string

// The kinds of change of one line. A replaced line is a removed one followed by an added one.
const (
	Same    Change = "same"
	Added   Change = "added"
	Removed Change = "removed"
)

// Line is one line of a comparison. Old and New are its numbers in the two texts, counted from 1; 0 where it does not occur.
type Line struct {
	Change Change `json:"change"`
	Old    int    `json:"old"`
	New    int    `json:"new"`
	Text   string `json:"text"`
}

// Diff compares two texts by lines, after normalising them, and gives every line of both in reading order, removed ones before added
// ones. The empty text has no lines; a line end at the very end of both is not shown as an empty last line.
func Diff(old, new string) []Line {
	oldLines, newLines := shown(Normalise(old)), shown(Normalise(new))
	numbers := make(map[string]int, len(oldLines))
	hunks := align(number(oldLines, numbers), number(newLines, numbers))
	out := make([]Line, 0, len(newLines)+len(hunks))
	i, j := 0, 0
	for _, h := range append(hunks, hunk{len(oldLines), len(oldLines), len(newLines), len(newLines)}) {
		for ; i < h.oldFrom; i, j = i+1, j+1 {
			out = append(out, Line{Same, i + 1, j + 1, oldLines[i]})
		}
		for ; i < h.oldTo; i++ {
			out = append(out, Line{Removed, i + 1, 0, oldLines[i]})
		}
		for ; j < h.newTo; j++ {
			out = append(out, Line{Added, 0, j + 1, newLines[j]})
		}
	}
	return out
}

// shown cuts a text into the lines that a reader counts.
func shown(text string) []string {
	if text == "" {
		return nil
	}
	lines := split(text)
	if lines[len(lines)-1] == "" {
		return lines[:len(lines)-1]
	}
	return lines
}
