package scenario

import (
	"crypto/sha256"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/app/api"
	"holdfast/sync/enrol"
)

// failure runs a command that cannot work. It must end with code 1 and say in words, on the first line, what happened and what to do; the
// code and what engineers want to know stand on the second.
func failure(t *testing.T, code string, args ...string) string {
	t.Helper()
	end := holdfast(t, args...)
	said := strings.Split(strings.TrimSpace(end.stderr), "\n")
	if end.code != 1 || len(said) < 2 || !strings.HasPrefix(said[len(said)-1], "("+code+": ") {
		t.Fatalf("holdfast %q ended with %d, want 1 and %s: %s", args, end.code, code, end.stderr)
	}
	sentence := said[len(said)-2]
	if !strings.HasSuffix(sentence, ".") || len(sentence) > 400 || strings.Contains(end.stderr, "goroutine ") {
		t.Errorf("holdfast %q does not say in a sentence what happened: %s", args, end.stderr)
	}
	if end.stdout != "" {
		t.Errorf("holdfast %q failed and yet printed %q", args, end.stdout)
	}
	return sentence
}

func TestInvitesThatDoNotWork(t *testing.T) {
	host := desktopOn("host", foundSite(t, "LYO", "Ada Lovelace"))
	host.start(t)
	invite := host.invite(t, "desktop")
	fresh := func() string { return filepath.Join(t.TempDir(), "data") }
	join := func(folder, invite string) []string {
		return []string{"join", "--data", folder, invite, "--person", "Blaise Pascal"}
	}
	failure(t, "not_an_invite", join(fresh(), "please let me in")...)
	failure(t, "invite_damaged", join(fresh(), invite[:len(invite)-8])...)
	typo := []byte(invite)
	typo[len(typo)-2] = map[bool]byte{true: '8', false: '9'}[typo[len(typo)-2] == '9']
	failure(t, "invite_damaged", join(fresh(), string(typo))...)
	failure(t, "invite_expired", join(fresh(), expired(t, invite))...)
	failure(t, "invite_unknown", join(fresh(), otherSecret(t, invite))...)

	joined := fresh()
	succeed(t, join(joined, invite)...)
	failure(t, "invite_used", join(fresh(), invite)...)
	elsewhere := desktopOn("elsewhere", foundSite(t, "BER", "Grace Hopper"))
	elsewhere.start(t)
	failure(t, "conflict", join(joined, elsewhere.invite(t, "desktop"))...)

	refused, next := fresh(), host.invite(t, "desktop")
	failure(t, "invite_used", join(refused, invite)...)
	succeed(t, join(joined, next)...) // a device of the cluster learns where it is reached, and leaves the invite to others
	succeed(t, join(refused, next)...)

	unanswered := host.invite(t, "desktop")
	host.running.kill(t)
	failure(t, "unavailable", join(fresh(), unanswered)...)
}

// expired gives an invite like text whose time is over and whose issuer is away, so that only the invite itself can tell.
func expired(t *testing.T, text string) string {
	t.Helper()
	return altered(t, text, func(invite *enrol.Invite) {
		invite.Expires = time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
		invite.Addresses = []string{freeAddress(t)}
	})
}

// otherSecret gives an invite that this cluster never made.
func otherSecret(t *testing.T, text string) string {
	t.Helper()
	return altered(t, text, func(invite *enrol.Invite) { invite.Secret[0] ^= 1 })
}

func altered(t *testing.T, text string, change func(*enrol.Invite)) string {
	t.Helper()
	invite, err := enrol.ParseInvite(text)
	if err != nil {
		t.Fatal(err)
	}
	change(&invite)
	made, err := invite.Text()
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestFoldersThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	writeFile(t, file, []byte("not a folder"))
	for _, folder := range []string{file, filepath.Join(file, "below")} {
		failure(t, "read_only", "init", "--data", folder, "--site", "LYO", "--name", "Lyon", "--person", "Ada")
		failure(t, "read_only", "serve", "--data", folder, "--listen", "127.0.0.1:0")
		failure(t, "read_only", "node", "--data", folder, "--listen", "127.0.0.1:0", "--bootstrap", "--cluster", "Works", "--site", "LYO")
		failure(t, "read_only", "status", "--data", folder)
	}
	if string(readFile(t, file)) != "not a folder" {
		t.Error("the file in the way was changed")
	}
	folder := foundSite(t, "LYO", "Ada Lovelace")
	failure(t, "read_only", "export", "--data", folder, filepath.Join(file, "export.jsonl"))
	failure(t, "not_found", "import", "--data", folder, filepath.Join(file, "missing.jsonl"))
}

func TestPortsInUse(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	folder := foundSite(t, "LYO", "Ada Lovelace")
	failure(t, "port_in_use", "serve", "--data", folder, "--listen", address, "--peers", "127.0.0.1:0")
	failure(t, "port_in_use", "serve", "--data", folder, "--listen", "127.0.0.1:0", "--peers", address)
	failure(t, "port_in_use", "node", "--data", filepath.Join(t.TempDir(), "data"), "--listen", address, "--bootstrap", "--cluster", "Works", "--site", "LYO")
	failure(t, "invalid", "serve", "--data", folder, "--listen", "0.0.0.0:0", "--peers", "127.0.0.1:0")
	d := desktopOn("desktop", folder)
	d.start(t)
	if d.create(t, map[string]any{"title": "Ports are free again"}).ID == "" {
		t.Error("nothing was made")
	}
}

func TestNoWindow(t *testing.T) {
	if sentence := failure(t, "no_window", "--data", foundSite(t, "LYO", "Ada Lovelace")); !strings.Contains(sentence, "holdfast serve") {
		t.Errorf("people are not told what to do instead: %s", sentence)
	}
}

func TestNotSetUp(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	for _, command := range [][]string{{"status"}, {"members"}, {"invite"}, {"doctor"}, {"export", "-"}, {"import", incidentLog}} {
		failure(t, "not_set_up", append(command, "--data", folder)...)
	}
	failure(t, "invalid", "init", "--data", folder, "--site", "too long", "--name", "Lyon", "--person", "Ada")
	d := desktopOn("fresh", folder)
	d.start(t)
	if setup := get[api.Setup](t, d, "/setup"); setup.Ready {
		t.Error("a fresh folder says that it has a site")
	}
	d.refused(t, "not_set_up", "GET", "/tickets", nil)
}

func TestDataOfANewerHoldfast(t *testing.T) {
	folder := foundSite(t, "LYO", "Ada Lovelace", "--starter", "--sample")
	format := filepath.Join(folder, "store", "FORMAT")
	current := readFile(t, format)
	before := statusOf(t, folder).Records
	writeFile(t, format, []byte("999\n"))
	files := contents(t, filepath.Join(folder, "store"))
	for _, command := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"status"}, {"doctor"}} {
		failure(t, "newer_format", append(command, "--data", folder)...)
	}
	if now := contents(t, filepath.Join(folder, "store")); !maps.Equal(now, files) {
		t.Error("data of a newer Holdfast was changed")
	}
	writeFile(t, format, current)
	if now := statusOf(t, folder).Records; !maps.Equal(now, before) {
		t.Errorf("there were records %v, now %v", before, now)
	}
}

// contents gives the hash of every file below a folder.
func contents(t *testing.T, folder string) map[string][sha256.Size]byte {
	t.Helper()
	found := map[string][sha256.Size]byte{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			found[path] = sha256.Sum256(readFile(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestDamagedDatabase flips bytes in every table of the database. The journal has all that the person saved, so the program sets the damaged
// files aside, goes on with everything, and says so.
func TestDamagedDatabase(t *testing.T) {
	folder := foundSite(t, "LYO", "Ada Lovelace")
	d := desktopOn("desktop", folder)
	d.start(t)
	for range 50 {
		d.create(t, map[string]any{"title": "Must survive a damaged disk"})
	}
	before := agreedNumbers(t, d)
	if code := d.running.stop(t); code != 0 {
		t.Fatalf("the program ended with %d", code)
	}
	damaged := damage(t, filepath.Join(folder, "store", "db"))
	end := holdfast(t, "doctor", "--data", folder)
	if end.code != 3 || strings.Contains(end.stderr, "goroutine ") || !strings.Contains(end.stdout, "damaged") {
		t.Fatalf("%d files are damaged and the doctor ended with %d: %s%s", damaged, end.code, end.stdout, end.stderr)
	}
	d.start(t)
	if after := agreedNumbers(t, d); !maps.Equal(after, before) {
		t.Errorf("before the damage there were %v, after it %v", before, after)
	}
}

// agreedNumbers waits until nothing waits, and gives the numbers of all tickets.
func agreedNumbers(t *testing.T, d *device) map[string]string {
	t.Helper()
	await(t, "everything is agreed", agreeTime, func() bool {
		_, waiting, err := d.standings()
		return err == nil && waiting == 0
	})
	numbers := map[string]string{}
	for _, row := range d.list(t, "/tickets?view=all") {
		if row.Number == nil {
			t.Fatalf("%q has no number", row.Title)
		}
		numbers[row.ID] = *row.Number
	}
	return numbers
}

// damage flips bytes in the middle of each file of the database that holds records, and gives how many those are.
func damage(t *testing.T, folder string) int {
	t.Helper()
	n := 0
	for path := range contents(t, folder) {
		raw := readFile(t, path)
		if extension := filepath.Ext(path); (extension != ".sst" && extension != ".vlog") || len(raw) == 0 {
			continue
		}
		for i := len(raw) / 3; i < min(len(raw), len(raw)/3+64); i++ {
			raw[i] ^= 0xff
		}
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n == 0 {
		t.Fatal("the database has no file to damage")
	}
	return n
}
