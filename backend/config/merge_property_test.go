package config

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawTree gives a version that every system could keep, of few files, so that changes of the same file are common.
func drawTree() *rapid.Generator[Tree] {
	paths := []string{"a.md", "b.md", "d/a.md", "d/b.md", "D/c.md", "d", "A.md"}
	tree := rapid.Custom(func(t *rapid.T) Tree {
		tree := Tree{}
		for _, path := range rapid.SliceOfNDistinct(rapid.SampledFrom(paths), 0, 4, rapid.ID[string]).Draw(t, "paths") {
			tree[path] = strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"1", "2", "3", "4"}), 0, 6).Draw(t, "lines"), "\n")
		}
		return tree
	})
	return tree.Filter(func(tree Tree) bool { return checkPaths(sortedKeys(tree)) == nil })
}

// Whatever two people change, a merge holds what only one of them changed, never makes files that some system cannot keep, names what it
// cannot settle, and does not depend on who merges.
func TestMergeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, ours, theirs := drawTree().Draw(t, "base"), drawTree().Draw(t, "ours"), drawTree().Draw(t, "theirs")
		for name, c := range map[string][3]Tree{"only theirs changed": {base, base, theirs}, "only ours changed": {base, theirs, base}, "alike": {base, theirs, theirs}} {
			if got, conflicts := mergeTrees(c[0], c[1], c[2]); len(conflicts) > 0 || !maps.Equal(got, theirs) {
				t.Fatalf("%s: %q, %+v", name, got, conflicts)
			}
		}
		one, conflicts := mergeTrees(base, ours, theirs)
		other, swapped := mergeTrees(base, theirs, ours)
		if !slices.EqualFunc(conflicts, swapped, func(a, b FileConflict) bool { return a.Path == b.Path }) {
			t.Fatalf("%+v and %+v", conflicts, swapped)
		}
		if len(conflicts) > 0 {
			return
		}
		if !maps.Equal(one, other) {
			t.Fatalf("%q and %q", one, other)
		}
		if err := checkPaths(sortedKeys(one)); err != nil {
			t.Fatal(err)
		}
	})
}
