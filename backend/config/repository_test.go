package config_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/backend/config"
	"holdfast/backend/core/fault"
)

func open(t testing.TB, dir string) *config.Repository {
	t.Helper()
	r, err := config.Open(context.Background(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// by gives the entry of a version made some minutes after a fixed time.
func by(author string, minute int) config.Entry {
	return config.Entry{Author: author, Email: author + "@example.org", At: time.Date(2026, 3, 9, 9, minute, 0, 0, time.UTC), Message: "Version of minute " + time.Duration(minute).String()}
}

func set(path, content string) config.Change { return config.Change{Path: path, Content: content} }

func commit(t testing.TB, r *config.Repository, parent config.Hash, minute int, changes ...config.Change) config.Hash {
	t.Helper()
	var parents []config.Hash
	if parent != "" {
		parents = append(parents, parent)
	}
	hash, err := r.Commit(context.Background(), parents, changes, by("ana", minute))
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func files(t testing.TB, r *config.Repository, commit config.Hash) config.Tree {
	t.Helper()
	tree, err := r.ReadTree(context.Background(), commit)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"--git-dir", dir}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "TZ=UTC")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("git %v: %v\n%s", args, err, complaints.String())
	}
	return strings.TrimSpace(string(out))
}

func wantFault(t testing.TB, err error, code fault.Code) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Fatalf("got %v, want a fault %s", err, code)
	}
}

func TestNativeGitReadsTheFolder(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	r := open(t, dir)
	first, err := r.Init(ctx, starter(t), by("ana", 0))
	if err != nil {
		t.Fatal(err)
	}
	second := commit(t, r, first, 1, set("roles.yaml", "roles: []\n"), set("runbooks/new.md", "# New\n"))
	if err := r.SetHead(config.Main, second); err != nil {
		t.Fatal(err)
	}
	if got := git(t, dir, "log", "--format=%H %an <%ae> %aI"); got != string(second)+" ana <ana@example.org> 2026-03-09T09:01:00+00:00\n"+
		string(first)+" ana <ana@example.org> 2026-03-09T09:00:00+00:00" {
		t.Errorf("git log says\n%s", got)
	}
	if got := git(t, dir, "show", "main:runbooks/new.md"); got != "# New" {
		t.Errorf("git show says %q", got)
	}
	git(t, dir, "fsck", "--strict", "--no-dangling", "--no-progress")
	listed := strings.Split(git(t, dir, "ls-tree", "-r", "--name-only", "main"), "\n")
	if want := len(files(t, r, second)); len(listed) != want {
		t.Errorf("git lists %d files, want %d", len(listed), want)
	}
}

func TestNativeGitHousekeepingIsHarmless(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	r := open(t, dir)
	first, err := r.Init(ctx, starter(t), by("ana", 0))
	if err != nil {
		t.Fatal(err)
	}
	git(t, dir, "gc", "--quiet", "--prune=now")
	git(t, dir, "pack-refs", "--all")
	r = open(t, dir)
	if head, err := r.Head(config.Main); err != nil || head != first {
		t.Fatalf("head %s, %v", head, err)
	}
	if !maps.Equal(files(t, r, first), starter(t)) {
		t.Error("the files differ after git gc")
	}
	second := commit(t, r, first, 1, set("README.md", "Hello\n"))
	if err := r.MoveHead(config.Main, first, second); err != nil {
		t.Fatal(err)
	}
	if got := git(t, dir, "rev-parse", "main"); got != string(second) {
		t.Errorf("git sees main at %s", got)
	}
}

func TestTheSameEntryGivesTheSameHash(t *testing.T) {
	one, other := open(t, t.TempDir()), open(t, t.TempDir())
	ctx := context.Background()
	windows := maps.Clone(starter(t))
	for path, content := range windows {
		windows[path] = strings.ReplaceAll(content, "\n", "\r\n")
	}
	berlin := time.FixedZone("", 60*60)
	entry := by("ana", 0)
	first, err := one.Init(ctx, starter(t), entry)
	if err != nil {
		t.Fatal(err)
	}
	entry.At = entry.At.In(berlin).Add(300 * time.Millisecond)
	second, err := other.Init(ctx, windows, entry)
	if err != nil {
		t.Fatal(err)
	}
	if first != second {
		t.Errorf("%s and %s", first, second)
	}
	if again, err := other.Init(ctx, config.Tree{"README.md": "other"}, entry); err != nil || again != second {
		t.Errorf("a second Init gave %s, %v", again, err)
	}
}

func TestCommitChangesNothingButWhatItSays(t *testing.T) {
	r := open(t, t.TempDir())
	first := commit(t, r, "", 0, set("README.md", "one\r\n"), set("runbooks/a.md", "a"), set("runbooks/b.md", "b"))
	second := commit(t, r, first, 1, config.Change{Path: "runbooks/a.md", Remove: true}, set("runbooks/b.md", "cafe\u0301"))
	want := config.Tree{"README.md": "one\n", "runbooks/b.md": "caf\u00e9"}
	if got := files(t, r, second); !maps.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if same := commit(t, r, second, 2, set("README.md", "one\n")); same != second {
		t.Errorf("committing nothing made %s", same)
	}
	_, err := r.Commit(context.Background(), []config.Hash{"0123456789012345678901234567890123456789"}, nil, by("ana", 3))
	wantFault(t, err, fault.NotFound)
}

func TestHostileAuthorsAndMessagesStayInTheirPlace(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir)
	entry := config.Entry{Author: "Eve\nparent 0000 <x>", Email: "e>\n", At: time.Unix(-5, 0), Message: "a\x00b\r\nsecond line\n\n"}
	hash, err := r.Commit(context.Background(), nil, []config.Change{set("README.md", "x")}, entry)
	if err != nil {
		t.Fatal(err)
	}
	v, err := r.Version(hash)
	if err != nil {
		t.Fatal(err)
	}
	if v.Author != "Eveparent 0000 x" || v.Message != "ab\nsecond line" || len(v.Parents) != 0 || v.At.Unix() != 0 {
		t.Errorf("%+v", v)
	}
	if err := r.SetHead(config.Main, hash); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "fsck", "--strict", "--no-dangling", "--no-progress")
}

func TestNamesThatNotEverySystemKeeps(t *testing.T) {
	r := open(t, t.TempDir())
	for _, path := range []string{
		"", "/a", "a/", "../a", "a/../b", ".git/config", "a/.GIT/hooks", "git~1", "con", "runbooks/NUL.md", "com1.yaml", "a.", "a ", "a:b", "a\\b",
		"a\x01b", "a\u202eb", "cafe\u0301.md", "\xff.md", "a/b/c/d/e/f/g/h/i.md", strings.Repeat("n", 200) + ".md",
	} {
		_, err := r.Commit(context.Background(), nil, []config.Change{set(path, "x")}, by("ana", 0))
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", path, err)
		}
	}
	for _, pair := range [][2]string{{"Mail.md", "mail.md"}, {"a", "a/b"}, {"A/x", "a/y"}} {
		_, err := r.Commit(context.Background(), nil, []config.Change{set(pair[0], "x"), set(pair[1], "y")}, by("ana", 0))
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", pair, err)
		}
	}
	for _, content := range []string{"\xff\xfe", "a\x00b", strings.Repeat("x", 2<<20)} {
		_, err := r.Commit(context.Background(), nil, []config.Change{set("a.md", content)}, by("ana", 0))
		wantFault(t, err, fault.Invalid)
	}
}

func TestBranches(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir)
	_, err := r.Head(config.Draft)
	wantFault(t, err, fault.NotFound)
	first := commit(t, r, "", 0, set("a.md", "1"))
	second := commit(t, r, first, 1, set("a.md", "2"))
	wantFault(t, r.SetHead("main", "0123456789012345678901234567890123456789"), fault.NotFound)
	for _, name := range []string{"", "../x", "a/b", "Main", "a.lock", "HEAD"} {
		wantFault(t, r.SetHead(name, first), fault.Invalid)
	}
	if err := r.MoveHead(config.Draft, "", first); err != nil {
		t.Fatal(err)
	}
	wantFault(t, r.MoveHead(config.Draft, "", second), fault.Conflict)
	wantFault(t, r.MoveHead(config.Draft, second, first), fault.Conflict)
	if err := r.MoveHead(config.Draft, first, second); err != nil {
		t.Fatal(err)
	}
	ref := filepath.Join(dir, "refs", "heads", config.Draft)
	for _, damage := range []string{"", "garbage\n", strings.Repeat("0", 40) + "\n"} {
		if err := os.WriteFile(ref, []byte(damage), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err = r.Head(config.Draft)
		wantFault(t, err, fault.Corrupt)
		if err := r.SetHead(config.Draft, second); err != nil {
			t.Fatal(err)
		}
		if head, err := open(t, dir).Head(config.Draft); err != nil || head != second {
			t.Fatalf("after %q: %s, %v", damage, head, err)
		}
	}
}

func TestManyMayWorkAtOnce(t *testing.T) {
	ctx, r := context.Background(), open(t, t.TempDir())
	head, err := r.Init(ctx, config.Tree{"README.md": "start\n"}, by("ana", 0))
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 6 {
		group.Go(func() {
			path := fmt.Sprintf("runbooks/%d.md", i)
			for moved := false; !moved; {
				before, err := r.Head(config.Main)
				if err != nil {
					t.Error(err)
					return
				}
				after, err := r.Commit(ctx, []config.Hash{before}, []config.Change{set(path, path)}, by("ana", i))
				if err != nil {
					t.Error(err)
					return
				}
				err = r.MoveHead(config.Main, before, after)
				moved = err == nil
				if err != nil && !fault.Is(err, fault.Conflict) {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	last, err := r.Head(config.Main)
	if err != nil {
		t.Fatal(err)
	}
	if got := files(t, r, last); len(got) != 7 {
		t.Errorf("%d files: %v", len(got), got)
	}
	if ok, err := r.IsAncestor(head, last); err != nil || !ok {
		t.Errorf("the first version is lost: %v", err)
	}
}

func TestHistory(t *testing.T) {
	ctx, r := context.Background(), open(t, t.TempDir())
	first := commit(t, r, "", 0, set("a.md", "1\n2\n3\n"), set("b.md", "b"))
	second := commit(t, r, first, 1, set("b.md", "B"))
	third := commit(t, r, second, 2, set("a.md", "1\nzwei\n3\n"), set("c.md", "c\n"), config.Change{Path: "b.md", Remove: true})
	hashes := func(path string, limit int) string {
		log, err := r.Log(ctx, third, path, limit)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, v := range log {
			list = append(list, string(v.Hash))
		}
		return strings.Join(list, " ")
	}
	join := func(list ...config.Hash) string {
		texts := make([]string, len(list))
		for i, h := range list {
			texts[i] = string(h)
		}
		return strings.Join(texts, " ")
	}
	for _, c := range []struct{ got, want string }{
		{hashes("", 10), join(third, second, first)}, {hashes("", 2), join(third, second)},
		{hashes("a.md", 10), join(third, first)}, {hashes("b.md", 10), join(third, second, first)}, {hashes("none.md", 10), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
	diffs, err := r.Diff(ctx, second, third)
	if err != nil {
		t.Fatal(err)
	}
	var summary []string
	for _, d := range diffs {
		for _, l := range d.Lines {
			summary = append(summary, d.Path+" "+string(d.Change)+" "+string(l.Change)+" "+l.Text)
		}
	}
	want := "a.md changed same 1|a.md changed removed 2|a.md changed added zwei|a.md changed same 3|b.md removed removed B|c.md added added c"
	if got := strings.Join(summary, "|"); got != want {
		t.Errorf("diff\n%s\nwant\n%s", got, want)
	}
	for pair, want := range map[[2]config.Hash]bool{{first, third}: true, {third, first}: false, {second, second}: true} {
		if got, err := r.IsAncestor(pair[0], pair[1]); err != nil || got != want {
			t.Errorf("ancestor %v: %v, %v", pair, got, err)
		}
	}
}

func TestExport(t *testing.T) {
	ctx, r := context.Background(), open(t, t.TempDir())
	first, err := r.Init(ctx, starter(t), by("ana", 0))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "out")
	if err := r.Export(ctx, first, dir); err != nil {
		t.Fatal(err)
	}
	for path, want := range starter(t) {
		if got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path))); err != nil || string(got) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
	wantFault(t, r.Export(ctx, first, dir), fault.Invalid)
}
