package scenario

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/app/command"
	"holdfast/app/vault"
)

// noBus is where no keyring can be reached.
const noBus = "unix:path=/nowhere/at/all"

// withoutKeyring takes the keyring away from all that the test starts.
func withoutKeyring(t *testing.T) {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", noBus)
	t.Setenv("HOLDFAST_PASSPHRASE", "")
	t.Setenv("HOLDFAST_PASSPHRASE_AGAIN", "")
	t.Setenv("HOLDFAST_RECOVERY_CODE", "")
}

// shut checks that a folder does not open, that a sentence says what to do, and that nothing in it changes.
func shut(t *testing.T, code, hint, folder string) {
	t.Helper()
	before := contents(t, folder)
	for _, command := range [][]string{{"serve", "--listen", "127.0.0.1:0", "--peers", "127.0.0.1:0"}, {"status"}, {"export", "-"}, {"doctor"}} {
		if sentence := failure(t, code, append(command, "--data", folder)...); !strings.Contains(sentence, hint) {
			t.Errorf("%s does not say %q: %s", command[0], hint, sentence)
		}
	}
	if !maps.Equal(contents(t, folder), before) {
		t.Error("a folder that did not open was changed")
	}
}

func TestEncryptionWithoutAnyKeyring(t *testing.T) {
	withoutKeyring(t)
	folder := filepath.Join(t.TempDir(), "data")
	args := []string{"init", "--data", folder, "--site", "LYO", "--name", "Lyon", "--person", "Ada Lovelace", "--encrypt"}
	if sentence := failure(t, "keyring_missing", args...); !strings.Contains(sentence, "HOLDFAST_PASSPHRASE") {
		t.Errorf("people are not told what to do instead: %s", sentence)
	}
	t.Setenv("HOLDFAST_PASSPHRASE", "short")
	failure(t, "invalid", args...)
	failure(t, "not_found", "recovery", "--data", foundSite(t, "PAR", "Blaise Pascal"))
}

// TestLostKeyOfAnEncryptedFolder loses the passphrase and changes it. The recovery code opens the folder with everything in it.
func TestLostKeyOfAnEncryptedFolder(t *testing.T) {
	withoutKeyring(t)
	t.Setenv("HOLDFAST_PASSPHRASE", "a horse, correctly stapled")
	folder := filepath.Join(t.TempDir(), "data")
	made := printed[struct {
		Recovery string `json:"recovery"`
	}](t, "init", "--data", folder, "--site", "LYO", "--name", "Lyon", "--person", "Ada Lovelace", "--encrypt")
	d := desktopOn("desktop", folder)
	d.start(t)
	ids := map[string]bool{}
	for range 20 {
		ids[d.create(t, map[string]any{"title": "Kept under lock and key"}).ID] = true
	}
	d.running.kill(t)

	t.Setenv("HOLDFAST_PASSPHRASE", "")
	shut(t, "passphrase_missing", "recovery code", folder)
	t.Setenv("HOLDFAST_PASSPHRASE", "another horse altogether")
	shut(t, "passphrase_wrong", "recovery code", folder)
	t.Setenv("HOLDFAST_RECOVERY_CODE", "0000-0000-0000-0000-0000-0000-0000-0000")
	shut(t, "recovery_wrong", "recovery code", folder)

	t.Setenv("HOLDFAST_RECOVERY_CODE", made.Recovery)
	shut(t, "passphrase_unconfirmed", "recovery code", folder)
	t.Setenv("HOLDFAST_PASSPHRASE_AGAIN", "another horse altogether")
	opensComplete(t, folder, made.Recovery, ids)
	t.Setenv("HOLDFAST_PASSPHRASE_AGAIN", "")
	fresh := printed[map[string]string](t, "recovery", "--data", folder)["recovery"]
	if fresh == "" || fresh == made.Recovery {
		t.Fatalf("the new recovery code is %q", fresh)
	}
	shut(t, "recovery_wrong", "recovery code", folder)
	opensComplete(t, folder, fresh, ids)
	t.Setenv("HOLDFAST_RECOVERY_CODE", "")
	opensComplete(t, folder, "", ids) // with the passphrase that was set beside the code
	t.Setenv("HOLDFAST_PASSPHRASE", "a horse, correctly stapled")
	shut(t, "passphrase_wrong", "recovery code", folder)
}

// opensComplete checks that a folder opens with a recovery code, or with what is set otherwise when that is empty, and has every ticket.
func opensComplete(t *testing.T, folder, code string, ids map[string]bool) {
	t.Helper()
	args := []string{"export", "--data", folder, "-"}
	if code != "" {
		args = append(args, "--recovery-code", code)
	}
	out := succeed(t, args...)
	for id := range ids {
		if !strings.Contains(out, id) {
			t.Errorf("the ticket %s is gone", id)
		}
	}
}

// keyring is one in memory, for a program inside of the test.
type keyring map[string]string

func (k keyring) Get(name string) (string, error) {
	if secret, ok := k[name]; ok {
		return secret, nil
	}
	return "", vault.ErrNoSecret
}

func (k keyring) Set(name, secret string) error {
	k[name] = secret
	return nil
}

// within runs a command inside of the test with a keyring of its own.
func within(t *testing.T, keys keyring, args ...string) finished {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := command.Execute(t.Context(), command.Program{Version: "test", Stdout: &stdout, Stderr: &stderr, Keyring: keys}, args)
	return finished{stdout: stdout.String(), stderr: stderr.String(), code: code}
}

// TestKeyringMissingOrChanged makes a folder that a keyring opens, and then takes the keyring away and has it forget.
func TestKeyringMissingOrChanged(t *testing.T) {
	withoutKeyring(t)
	folder := filepath.Join(t.TempDir(), "data")
	keys := keyring{}
	end := within(t, keys, "init", "--data", folder, "--site", "LYO", "--name", "Lyon", "--person", "Ada Lovelace", "--encrypt", "--sample", "--starter", "--json")
	var made struct {
		Recovery string `json:"recovery"`
	}
	if err := json.Unmarshal([]byte(end.stdout), &made); err != nil || made.Recovery == "" || len(keys) != 1 {
		t.Fatalf("init ended with %d and %d secrets: %s%s", end.code, len(keys), end.stdout, end.stderr)
	}
	whole := within(t, keys, "export", "--data", folder, "-")
	if whole.code != 0 {
		t.Fatal(whole.stderr)
	}
	shut(t, "keyring_missing", "recovery code", folder)

	before := contents(t, folder)
	changed := keyring{}
	for name := range keys {
		changed[name] = "bm90IHRoZSBzZWNyZXQ"
	}
	for what, ring := range map[string]keyring{"has forgotten": {}, "holds another secret": changed} {
		if end := within(t, ring, "status", "--data", folder); end.code != 1 || !strings.Contains(end.stderr, "(keyring_changed: ") || !strings.Contains(end.stderr, "recovery code") {
			t.Errorf("a keyring that %s: %d, %s", what, end.code, end.stderr)
		}
	}
	if !maps.Equal(contents(t, folder), before) {
		t.Error("a folder that did not open was changed")
	}
	if out := succeed(t, "export", "--data", folder, "--recovery-code", made.Recovery, "-"); out != whole.stdout {
		t.Errorf("with the recovery code the export has %d bytes, it had %d", len(out), len(whole.stdout))
	}
}
