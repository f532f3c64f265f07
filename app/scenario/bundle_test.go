package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/app/api"
)

// oneNode starts a node that agrees with itself, and two desktops of its site that are in touch with it.
func oneNode(t *testing.T) *cluster {
	t.Helper()
	node := &device{name: "N", folder: filepath.Join(t.TempDir(), "data")}
	node.args = []string{"node", "--listen", freeAddress(t), "--bootstrap", "--cluster", "Works", "--site", siteCode}
	node.start(t)
	c := &cluster{nodes: []*device{node}}
	c.a = c.join(t, "A", "Ada Lovelace")
	c.b = c.join(t, "B", "Blaise Pascal")
	c.a.create(t, map[string]any{"title": "The first one"})
	awaitSame(t, c.everyone()...)
	return c
}

// TestWorkCrossesAnAirGap takes A's work to the others on a stick, and what they agreed on back, while A reaches nobody at all.
func TestWorkCrossesAnAirGap(t *testing.T) {
	c := oneNode(t)
	c.a.pause(t)
	id := c.a.create(t, map[string]any{"title": "Typed where no network is"}).ID
	c.a.say(t, id, "note", "The generator is out of fuel")
	if code := c.a.running.stop(t); code != 0 {
		t.Fatalf("A ended with %d", code)
	}
	stick := filepath.Join(t.TempDir(), "work.bundle")
	out := printed[api.BundleWritten](t, "bundle", "export", "--data", c.a.folder, stick)
	if len(out.Parts) != 1 || out.Readers != 2 || waitingIn(out.Spaces) != 2 {
		t.Fatalf("A wrote %+v", out)
	}
	c.checkOutside(t, stick)
	if end := holdfast(t, "bundle", "export", "--data", c.a.folder, stick); end.code != 1 || !strings.Contains(end.stderr, "already") {
		t.Errorf("an existing file is not kept: %+v", end)
	}
	read := printed[api.BundleRead](t, "bundle", "import", "--data", c.b.folder, stick)
	if len(read.Bundles) != 1 || !read.Bundles[0].Changed || read.Bundles[0].Person == nil || read.Bundles[0].Person.Title != "Ada Lovelace" || read.Bundles[0].Device.Name != "Desktop A" {
		t.Fatalf("B read %+v", read)
	}
	others := []*device{c.nodes[0], c.b}
	awaitSame(t, others...)
	if again := succeed(t, "bundle", "import", "--data", c.b.folder, stick); !strings.Contains(again, "Nothing was changed.") {
		t.Errorf("the second reading says %q", again)
	}
	for _, d := range others {
		c.checkAgreed(t, d, id)
	}
	c.carryBack(t, id)
}

// carryBack brings what was agreed to A, which runs only for the commands, then lets it go on.
func (c *cluster) carryBack(t *testing.T, id string) {
	t.Helper()
	stick := filepath.Join(t.TempDir(), "agreed [1].bundle")
	out := printed[api.BundleWritten](t, "bundle", "export", "--data", c.nodes[0].folder, "--for", "Desktop A", stick)
	if agreedIn(out.Spaces) == 0 || agreedIn(out.Spaces) > 12 || waitingIn(out.Spaces) != 0 {
		t.Errorf("the node wrote %+v: it should begin where A was", out.Spaces)
	}
	look := printed[api.BundleRead](t, "bundle", "inspect", "--data", c.a.folder, stick)
	if len(look.Bundles) != 1 || look.Bundles[0].Device.ID != c.deviceOf(t, c.nodes[0]) || agreedIn(look.Bundles[0].Spaces) != agreedIn(out.Spaces) {
		t.Errorf("inspect says %+v", look)
	}
	succeed(t, "bundle", "import", "--data", c.a.folder, stick)
	c.a.start(t)
	if state := get[api.SyncStatus](t, c.a, "/sync").State; state != "paused" {
		t.Fatalf("A is %s, so what it shows may have come another way", state)
	}
	c.checkAgreed(t, c.a, id)
	awaitSame(t, c.everyone()...)
	if again := succeed(t, "bundle", "import", "--data", c.a.folder, stick); !strings.Contains(again, "Nothing was changed.") {
		t.Errorf("the second reading says %q", again)
	}
	c.a.resume(t)
	last := c.a.create(t, map[string]any{"title": "Back on the network"}).ID
	awaitSame(t, c.everyone()...)
	if c.a.ticket(t, last).Number == nil {
		t.Error("A does not go on")
	}
	denseNumbers(t, c.a, siteCode)
}

func (c *cluster) deviceOf(t *testing.T, d *device) string {
	t.Helper()
	return get[api.SyncStatus](t, d, "/sync").Device.ID
}

// checkAgreed looks for A's ticket with its number, once, by Ada on A's device.
func (c *cluster) checkAgreed(t *testing.T, d *device, id string) {
	t.Helper()
	view := d.ticket(t, id)
	if view.Number == nil || view.Pending != 0 || view.CreatedBy == nil || view.CreatedBy.Title != "Ada Lovelace" {
		t.Errorf("%s shows A's ticket as %+v", d.name, view.RecordView)
	}
	if notes := saidOn(&view, "note"); count(notes, "The generator is out of fuel") != 1 {
		t.Errorf("%s shows the notes %q", d.name, notes)
	}
	var history struct {
		Changes []api.ChangeView `json:"changes"`
	}
	d.call(t, "GET", "/records/"+id+"/history", nil, &history)
	for _, change := range history.Changes {
		if change.By != nil && change.By.Title == "Ada Lovelace" && change.Device.Name != "Desktop A" {
			t.Errorf("%s says that Ada changed it on %q", d.name, change.Device.Name)
		}
	}
}

// checkOutside looks at the stick with a device of nobody, with one of others, and with damage.
func (c *cluster) checkOutside(t *testing.T, stick string) {
	t.Helper()
	nobody := filepath.Join(t.TempDir(), "nobody")
	text := succeed(t, "bundle", "inspect", "--data", nobody, stick)
	if !strings.Contains(text, "part 1 of 1") || strings.Contains(text, "Ada") {
		t.Errorf("from outside: %s", text)
	}
	if _, err := os.Stat(nobody); !os.IsNotExist(err) {
		t.Error("looking at a file made a data folder")
	}
	stranger := foundSite(t, "STR", "Mallory")
	for _, command := range []string{"import", "inspect"} {
		end := holdfast(t, "bundle", command, "--data", stranger, stick)
		if command == "import" && (end.code != 1 || !strings.Contains(end.stderr, "other_cluster")) {
			t.Errorf("a stranger's import ended with %+v", end)
		}
		if strings.Contains(end.stdout, "Ada") || strings.Contains(end.stdout, "Typed where") {
			t.Errorf("a stranger sees %s", end.stdout)
		}
	}
	damaged := readFile(t, stick)
	damaged[len(damaged)/2] ^= 1
	cut := filepath.Join(t.TempDir(), "cut.bundle")
	writeFile(t, cut, readFile(t, stick)[:len(damaged)-7])
	broken := filepath.Join(t.TempDir(), "broken.bundle")
	writeFile(t, broken, damaged)
	for file, code := range map[string]string{cut: "bundle_truncated", broken: "bundle_altered", c.b.args[0]: "not_found"} {
		if end := holdfast(t, "bundle", "import", "--data", c.b.folder, file); end.code != 1 || !strings.Contains(end.stderr, code) {
			t.Errorf("%s: %+v", filepath.Base(file), end)
		}
	}
	if before := get[api.SyncStatus](t, c.b, "/sync").Waiting; before != 0 {
		t.Errorf("B has %d changes from what was refused", before)
	}
}

// TestABundleInParts writes small parts and reads them in the wrong order, one of them damaged at first.
func TestABundleInParts(t *testing.T) {
	c := oneNode(t)
	c.a.pause(t)
	for i := range 9 {
		c.a.create(t, map[string]any{"title": fmt.Sprintf("Long report %d", i), "description": noise(i)})
	}
	folder := t.TempDir()
	out := printed[api.BundleWritten](t, "bundle", "export", "--data", c.a.folder, "--part-size", "4MiB", filepath.Join(folder, "big"))
	if len(out.Parts) < 2 {
		t.Fatalf("there are %d parts of %v", len(out.Parts), out.Parts)
	}
	first, second := filepath.Join(folder, "big.001"), filepath.Join(folder, "big.002")
	whole := readFile(t, first)
	damaged := append([]byte{}, whole...)
	damaged[1000] ^= 8
	writeFile(t, first, damaged)
	end := holdfast(t, "bundle", "import", "--data", c.b.folder, second, first)
	if end.code != 1 || !strings.Contains(end.stdout, "Missing: part 1. Here: 2") || !strings.Contains(end.stdout, "big.001 was refused") {
		t.Fatalf("%+v", end)
	}
	if waiting := succeed(t, "bundle", "waiting", "--data", c.b.folder); !strings.Contains(waiting, "missing 1 of") {
		t.Errorf("waiting says %q", waiting)
	}
	writeFile(t, first, whole)
	succeed(t, "bundle", "import", "--data", c.b.folder, filepath.Join(folder, "big"))
	awaitSame(t, c.nodes[0], c.b)
	if total := c.b.total(t); total != 10 {
		t.Errorf("B has %d tickets, want 10", total)
	}
	if waiting := succeed(t, "bundle", "waiting", "--data", c.b.folder); !strings.Contains(waiting, "No bundle waits") {
		t.Errorf("waiting says %q", waiting)
	}
}

// noise is a long text that does not get shorter by compressing it.
func noise(seed int) string {
	text := make([]byte, 600<<10)
	state := uint64(seed)*2654435761 + 88172645463325252
	for i := range text {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		text[i] = byte('!' + state>>32%90)
	}
	return string(text)
}

func waitingIn(spaces []api.BundleSpace) (n int) {
	for _, s := range spaces {
		n += s.Waiting
	}
	return n
}

func agreedIn(spaces []api.BundleSpace) (n int) {
	for _, s := range spaces {
		n += s.Agreed
	}
	return n
}
