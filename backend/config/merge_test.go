package config_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"holdfast/backend/config"
	"holdfast/backend/core/fault"
)

func merge(t testing.TB, r *config.Repository, ours, theirs config.Hash) config.Merged {
	t.Helper()
	merged, err := r.Merge(context.Background(), "", ours, theirs, by("bo", 9))
	if err != nil {
		t.Fatal(err)
	}
	return merged
}

func TestMergeBringsBothSidesTogether(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir)
	base := commit(t, r, "", 0, set("a.md", "1\n2\n3\n"), set("gone.md", "g"), set("kept.md", "k"))
	ours := commit(t, r, base, 1, set("a.md", "eins\n2\n3\n"), set("ours.md", "o"), config.Change{Path: "gone.md", Remove: true})
	theirs := commit(t, r, base, 2, set("a.md", "1\n2\ndrei\n"), set("theirs.md", "t"))
	merged := merge(t, r, ours, theirs)
	if len(merged.Conflicts) > 0 {
		t.Fatalf("conflicts %+v", merged.Conflicts)
	}
	want := config.Tree{"a.md": "eins\n2\ndrei\n", "kept.md": "k", "ours.md": "o", "theirs.md": "t"}
	if got := files(t, r, merged.Commit); !maps.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	version, err := r.Version(merged.Commit)
	if err != nil || !slices.Equal(version.Parents, []config.Hash{ours, theirs}) {
		t.Errorf("parents %v, %v", version.Parents, err)
	}
	if err := r.SetHead(config.Main, merged.Commit); err != nil {
		t.Fatal(err)
	}
	if got := git(t, dir, "rev-list", "--count", "main"); got != "4" {
		t.Errorf("git counts %s commits", got)
	}
	for _, pair := range [][2]config.Hash{{merged.Commit, theirs}, {base, merged.Commit}, {ours, ours}} {
		want := pair[0]
		if pair[0] == base {
			want = pair[1]
		}
		if got := merge(t, r, pair[0], pair[1]); got.Commit != want {
			t.Errorf("merging what one side already has made %s", got.Commit)
		}
	}
}

func TestMergeConflicts(t *testing.T) {
	base := config.Tree{"a.md": "1\n2\n3\n", "b.md": "b\n"}
	cases := []struct {
		name         string
		ours, theirs []config.Change
		path, what   string
		missing      string
	}{
		{"same line", []config.Change{set("a.md", "1\nzwei\n3\n")}, []config.Change{set("a.md", "1\ndeux\n3\n")}, "a.md", "same lines", ""},
		{"removed here", []config.Change{{Path: "b.md", Remove: true}}, []config.Change{set("b.md", "B\n")}, "b.md", "removed here", "ours"},
		{"removed there", []config.Change{set("b.md", "B\n")}, []config.Change{{Path: "b.md", Remove: true}}, "b.md", "removed there", "theirs"},
		{"both added", []config.Change{set("c.md", "ours\n")}, []config.Change{set("c.md", "theirs\n")}, "c.md", "same lines", "base"},
		{"names that collide", []config.Change{set("Mail.md", "o")}, []config.Change{set("mail.md", "t")}, "Mail.md", "Rename", "base theirs"},
		{"file and folder", []config.Change{set("x", "o")}, []config.Change{set("x/y", "t")}, "x", "Rename", "base theirs"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := open(t, t.TempDir())
			first, err := r.Init(context.Background(), base, by("ana", 0))
			if err != nil {
				t.Fatal(err)
			}
			got := merge(t, r, commit(t, r, first, 1, c.ours...), commit(t, r, first, 2, c.theirs...))
			if got.Commit != "" || len(got.Conflicts) != 1 {
				t.Fatalf("got %+v", got)
			}
			conflict := got.Conflicts[0]
			if conflict.Path != c.path || !strings.Contains(conflict.What, c.what) || strings.Join(conflict.Missing, " ") != c.missing {
				t.Errorf("got %+v", conflict)
			}
			if strings.Contains(conflict.Merged, "<<<") {
				t.Errorf("markers in %q", conflict.Merged)
			}
		})
	}
}

// After crossing merges there are two last common ancestors; every device takes the same one.
func TestMergeAfterCrossingMerges(t *testing.T) {
	ctx, r := context.Background(), open(t, t.TempDir())
	base := commit(t, r, "", 0, set("a.md", "1\n2\n3\n4\n5\n"))
	one := commit(t, r, base, 1, set("a.md", "one\n2\n3\n4\n5\n"))
	two := commit(t, r, base, 2, set("a.md", "1\n2\n3\n4\nfive\n"))
	left, err := r.Merge(ctx, "", one, two, by("ana", 3))
	if err != nil {
		t.Fatal(err)
	}
	right, err := r.Merge(ctx, "", two, one, by("bo", 4))
	if err != nil {
		t.Fatal(err)
	}
	left.Commit = commit(t, r, left.Commit, 5, set("left.md", "l"))
	right.Commit = commit(t, r, right.Commit, 6, set("right.md", "r"))
	first, second := merge(t, r, left.Commit, right.Commit), merge(t, r, right.Commit, left.Commit)
	if first.Commit == "" || !maps.Equal(files(t, r, first.Commit), files(t, r, second.Commit)) {
		t.Fatalf("%+v and %+v", first, second)
	}
	explicit, err := r.Merge(ctx, base, left.Commit, right.Commit, by("bo", 9))
	if err != nil || explicit.Commit != first.Commit {
		t.Errorf("with the base named: %+v, %v", explicit, err)
	}
}

func TestRevert(t *testing.T) {
	ctx, r := context.Background(), open(t, t.TempDir())
	first := commit(t, r, "", 0, set("a.md", "1\n2\n3\n"))
	second := commit(t, r, first, 1, set("a.md", "1\nzwei\n3\n"), set("b.md", "b"))
	third := commit(t, r, second, 2, set("c.md", "c"))
	reverted, err := r.Revert(ctx, third, second, by("bo", 3))
	if err != nil || len(reverted.Conflicts) > 0 {
		t.Fatalf("%+v, %v", reverted, err)
	}
	if got, want := files(t, r, reverted.Commit), (config.Tree{"a.md": "1\n2\n3\n", "c.md": "c"}); !maps.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	again, err := r.Revert(ctx, reverted.Commit, second, by("bo", 4))
	if err != nil || again.Commit != reverted.Commit {
		t.Errorf("taking it back twice: %+v, %v", again, err)
	}
	fourth := commit(t, r, third, 5, set("a.md", "1\nzwo\n3\n"))
	if got, err := r.Revert(ctx, fourth, second, by("bo", 6)); err != nil || len(got.Conflicts) != 1 {
		t.Errorf("a later change of the same line: %+v, %v", got, err)
	}
	_, err = r.Revert(ctx, third, first, by("bo", 7))
	wantFault(t, err, fault.Invalid)
}
