package textmerge_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"holdfast/backend/record/textmerge"
)

func TestMergeTable(t *testing.T) {
	cases := []struct {
		name, base, ours, theirs, want string
		regions                        int
	}{
		{"far apart", "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n", 0},
		{"same change once", "a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\nd\n", "a\nB\nc\nd\n", 0},
		{"same insertion once", "a\nz\n", "a\nx\nz\nq\n", "a\nx\nz\n", "a\nx\nz\nq\n", 0},
		{"overlap keeps ours in the text", "a\nb\nc\n", "a\nO\nc\n", "a\nT\nc\n", "a\nO\nc\n", 1},
		{"touching lines overlap", "a\nb\nc\nd\n", "a\nB\nc\nd\n", "a\nb\nC\nd\n", "a\nB\nc\nd\n", 1},
		{"two insertions at one place", "a\nz\n", "a\nx\nz\n", "a\ny\nz\n", "a\nx\nz\n", 1},
		{"deletion against a change", "a\nb\nc\n", "a\nc\n", "a\nB\nc\n", "a\nc\n", 1},
		{"deletion and an addition elsewhere", "a\nb\nc\nd\n", "a\nc\nd\n", "a\nb\nc\nd\ne\n", "a\nc\nd\ne\n", 0},
		{"line end at the end of one side", "a\nb\nc", "a\nb\nc\n", "A\nb\nc", "A\nb\nc\n", 0},
		{"from nothing", "", "x", "y", "x", 1},
		{"line ends of Windows", "a\r\nb\r\nc\r\n", "A\nb\nc\n", "a\r\nb\r\nC\r\n", "A\nb\nC\n", 0},
		{"two spellings of one letter", "cafe\u0301\nb\nc", "caf\u00e9\nb\nC", "B\nb\nc", "B\nb\nC", 0},
		{"conflict and clean change together", "1\n2\n3\n4\n5", "o\n2\n3\n4\n5", "t\n2\n3\n4\nT", "o\n2\n3\n4\nT", 1},
		{"markers of others are only text", "<<<<<<< x\nb\nc", "<<<<<<< x\nb\nC", "<<<<<<< y\nb\nc", "<<<<<<< y\nb\nC", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := textmerge.Merge(c.base, c.ours, c.theirs)
			if got.Text != c.want || len(got.Regions) != c.regions || got.Clean != (c.regions == 0) {
				t.Fatalf("got %q, clean %v, regions %+v", got.Text, got.Clean, got.Regions)
			}
		})
	}
}

func TestRegionNamesPlaceAndBothSides(t *testing.T) {
	got := textmerge.Merge("1\n2\n3\n4\n5", "0\n1\n2\n3\no\n5", "1\n2\n3\nt\nu\n5")
	want := textmerge.Region{Line: 5, Base: []string{"4"}, Ours: []string{"o"}, Theirs: []string{"t", "u"}}
	if len(got.Regions) != 1 {
		t.Fatalf("regions %+v", got.Regions)
	}
	r := got.Regions[0]
	if r.Line != want.Line || !slices.Equal(r.Base, want.Base) || !slices.Equal(r.Ours, want.Ours) || !slices.Equal(r.Theirs, want.Theirs) {
		t.Fatalf("got %+v, want %+v", r, want)
	}
	if line := strings.Split(got.Text, "\n")[r.Line-1]; line != "o" {
		t.Fatalf("the region points at %q", line)
	}
}

// texts draws texts of few different lines, so that repeats, moves and equal changes are common.
func texts() *rapid.Generator[string] {
	line := rapid.SampledFrom([]string{"", "a", "b", "c", "d", "e", "f", "cafe\u0301", "caf\u00e9", "x\r", "<<<<<<<", "\xff"})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(line, 0, 14).Draw(t, "lines"), "\n")
	})
}

func TestMergeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, ours, theirs := texts().Draw(t, "base"), texts().Draw(t, "ours"), texts().Draw(t, "theirs")
		expect := func(name, got, want string) {
			if got != textmerge.Normalise(want) {
				t.Fatalf("%s: got %q, want %q", name, got, want)
			}
		}
		expect("only theirs changed", textmerge.Merge(base, base, theirs).Text, theirs)
		expect("only ours changed", textmerge.Merge(base, ours, base).Text, ours)
		expect("both changed alike", textmerge.Merge(base, ours, ours).Text, ours)

		one, other := textmerge.Merge(base, ours, theirs), textmerge.Merge(base, theirs, ours)
		if one.Clean != other.Clean || len(one.Regions) != len(other.Regions) {
			t.Fatalf("swapping the sides changed the regions: %+v and %+v", one, other)
		}
		if one.Clean && one.Text != other.Text {
			t.Fatalf("swapping the sides changed the text: %q and %q", one.Text, other.Text)
		}
		if one.Text != textmerge.Normalise(one.Text) {
			t.Fatalf("not normalised: %q", one.Text)
		}
		everyLineCameFromSomewhere(t, one.Text, base, ours, theirs)
	})
}

func everyLineCameFromSomewhere(t *rapid.T, merged string, sources ...string) {
	known := map[string]bool{}
	for _, source := range sources {
		for _, line := range strings.Split(textmerge.Normalise(source), "\n") {
			known[line] = true
		}
	}
	for _, line := range strings.Split(merged, "\n") {
		if !known[line] {
			t.Fatalf("%q stands in no source", line)
		}
	}
}

// Changes in separate parts of a text merge clean, and the result holds both.
func TestSeparateChangesAlwaysMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		head, tail := texts().Draw(t, "head"), texts().Draw(t, "tail")
		newHead, newTail := texts().Draw(t, "new head"), texts().Draw(t, "new tail")
		fence := "\n== 1 ==\n== 2 ==\n== 3 ==\n"
		got := textmerge.Merge(head+fence+tail, newHead+fence+tail, head+fence+newTail)
		if want := textmerge.Normalise(newHead + fence + newTail); !got.Clean || got.Text != want {
			t.Fatalf("clean %v, got %q, want %q", got.Clean, got.Text, want)
		}
	})
}

func TestNormaliseIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), texts(), rapid.StringOf(rapid.SampledFrom([]rune{'e', '\u0301', '\u0323', '\r', '\n'}))).Draw(t, "text")
		once := textmerge.Normalise(text)
		if strings.ContainsRune(once, '\r') || !norm.NFC.IsNormalString(once) || textmerge.Normalise(once) != once {
			t.Fatalf("%q became %q", text, once)
		}
	})
}

func TestDiffRebuildsBothTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, new := texts().Draw(t, "old"), texts().Draw(t, "new")
		var oldLines, newLines []string
		for _, line := range textmerge.Diff(old, new) {
			if line.Change != textmerge.Added {
				oldLines = append(oldLines, line.Text)
				if line.Old != len(oldLines) {
					t.Fatalf("old line numbered %d, is %d", line.Old, len(oldLines))
				}
			}
			if line.Change != textmerge.Removed {
				newLines = append(newLines, line.Text)
				if line.New != len(newLines) {
					t.Fatalf("new line numbered %d, is %d", line.New, len(newLines))
				}
			}
		}
		expectLines(t, oldLines, old)
		expectLines(t, newLines, new)
	})
}

func expectLines(t *rapid.T, got []string, text string) {
	want := textmerge.Normalise(text)
	if joined := strings.Join(got, "\n"); joined != want && joined+"\n" != want {
		t.Fatalf("got %q, want %q", joined, want)
	}
}

func TestDiffShowsAReplacedLine(t *testing.T) {
	want := []textmerge.Line{{textmerge.Same, 1, 1, "a"}, {textmerge.Removed, 2, 0, "b"}, {textmerge.Added, 0, 2, "B"}, {textmerge.Same, 3, 3, "c"}}
	if got := textmerge.Diff("a\nb\nc\n", "a\nB\nc\n"); !slices.Equal(got, want) {
		t.Fatalf("got %+v", got)
	}
	if got := textmerge.Diff("", ""); len(got) != 0 {
		t.Fatalf("two empty texts differ: %+v", got)
	}
}

// Long and hostile texts must not cost more than a moment: the leader merges while others wait.
func TestCostIsBounded(t *testing.T) {
	const lines = 20_000
	build := func(line func(i int) string) string {
		var b strings.Builder
		for i := range lines {
			b.WriteString(line(i))
			b.WriteByte('\n')
		}
		return b.String()
	}
	letter := func(n int) string { return string(rune('a' + n)) }
	shuffled := func(step int) string {
		return build(func(i int) string { return strings.Repeat("k", i*step%97) + letter(i*step%lines%26) })
	}
	cases := map[string][3]string{
		"few different lines":   {shuffled(7), shuffled(11), shuffled(13)},
		"two lines, many times": {build(func(i int) string { return letter(i % 2) }), build(func(i int) string { return letter(i / 3 % 2) }), build(func(i int) string { return letter(i / 5 % 2) })},
		"nothing in common":     {build(func(i int) string { return letter(i % 3) }), build(func(i int) string { return "o" + letter(i%5) }), build(func(i int) string { return "t" + letter(i%7) })},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			textmerge.Merge(c[0], c[1], c[2])
			if took := time.Since(start); took > 5*time.Second {
				t.Fatalf("merging %d lines took %v", lines, took)
			}
		})
	}
}
