package program

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/app/api"
	"holdfast/app/vault"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/record"
	"holdfast/backend/search"
	"holdfast/backend/store"
	"holdfast/backend/ticket"
)

const (
	passphrase = "a horse, correctly stapled"
	secret     = "Zweitschlüssel liegt unter der Fussmatte"
)

// keyring is one in memory; down makes it unreachable.
type keyring struct {
	secrets map[string]string
	down    error
}

func (k *keyring) Get(name string) (string, error) {
	if found, ok := k.secrets[name]; ok || k.down != nil {
		return found, k.down
	}
	return "", vault.ErrNoSecret
}

func (k *keyring) Set(name, secret string) error {
	if k.down == nil {
		k.secrets[name] = secret
	}
	return k.down
}

func tryOpen(t *testing.T, folder string, keys Keys) (*Program, error) {
	t.Helper()
	return Open(t.Context(), Config{Data: folder, Version: "test", Listen: "127.0.0.1:0", Keys: keys, Log: slog.New(slog.DiscardHandler)})
}

// encrypted founds a site in an encrypted folder, with one ticket.
func encrypted(t *testing.T, keys Keys) (folder, recovery string, made record.ID) {
	t.Helper()
	folder = t.TempDir()
	p, err := tryOpen(t, folder, keys)
	if err != nil {
		t.Fatal(err)
	}
	defer shutAt(t, p)
	recovery, err = p.Found(t.Context(), api.FirstSite{Name: "Lyon office", Code: "LYO", Person: "Ana", Encrypt: true})
	if err != nil || recovery == "" {
		t.Fatalf("founding gives the recovery code %q: %v", recovery, err)
	}
	return folder, recovery, report(t, p)
}

// ticketOf is the wish for a ticket that lacks nothing.
func ticketOf(p *Program) desk.Creation {
	return desk.Creation{Kind: ticket.Incident, Fields: map[string]record.Value{
		"title": record.Text(secret), "caller": record.Ref(p.site.actor().Person), "channel": record.Text("phone"),
	}}
}

// report makes a ticket and waits until it is agreed.
func report(t *testing.T, p *Program) record.ID {
	t.Helper()
	state, err := p.site.desk.Create(t.Context(), p.site.actor(), ticketOf(p))
	if err != nil {
		t.Fatal(err)
	}
	until(t, p, func() bool { return p.site.store.PendingCount() == 0 })
	return state.ID
}

// complete checks that keys open the folder with its ticket in it, and that the ticket is found by its words.
func complete(t *testing.T, folder string, keys Keys, made record.ID) {
	t.Helper()
	p, err := tryOpen(t, folder, keys)
	if err != nil {
		t.Errorf("the folder does not open: %v", err)
		return
	}
	defer shutAt(t, p)
	state, err := p.site.store.View(made)
	if err != nil || state == nil || state.Shown("title").AsText() != secret {
		t.Errorf("the ticket is %+v: %v", state, err)
	}
}

// refused checks that keys do not open the folder, that a sentence says what to do, and that no file changes.
func refused(t *testing.T, folder string, keys Keys, code fault.Code, hint string) {
	t.Helper()
	before := files(t, folder)
	p, err := tryOpen(t, folder, keys)
	if err == nil {
		shutAt(t, p)
	}
	if sentence := fault.SentenceOf(err); !fault.Is(err, code) || !strings.Contains(sentence, hint) {
		t.Errorf("opening says %v, want %s and %q", err, code, hint)
	}
	after := files(t, folder)
	for name, content := range before {
		if !bytes.Equal(content, after[name]) {
			t.Errorf("a refusal changed %s", name)
		}
	}
	if len(before) != len(after) {
		t.Errorf("there were %d files before a refusal and %d after", len(before), len(after))
	}
}

func files(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			found[path], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// saying gives the files below folder that hold a part of the secret in the clear.
func saying(t *testing.T, folder string) []string {
	t.Helper()
	var found []string
	for name, content := range files(t, folder) {
		if lower := bytes.ToLower(content); bytes.Contains(lower, []byte("fussmatte")) || bytes.Contains(lower, []byte("zweitschl")) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

func TestAnEncryptedFolderSaysNothing(t *testing.T) {
	plain := t.TempDir()
	p := founded(t, plain)
	report(t, p)
	shutAt(t, p)
	if len(saying(t, plain)) == 0 {
		t.Error("a plain folder does not hold the ticket in the clear: this test would not notice")
	}
	keys := Keys{Passphrase: passphrase}
	folder, _, made := encrypted(t, keys)
	complete(t, folder, keys, made)
	if found := saying(t, folder); len(found) > 0 {
		t.Errorf("the ticket stands in the clear in %v", found)
	}
}

func TestSearchInAnEncryptedFolder(t *testing.T) {
	keys := Keys{Passphrase: passphrase}
	folder, _, made := encrypted(t, keys)
	left := filepath.Join(folder, "search", "left over by a power cut")
	if err := errors.Join(os.MkdirAll(filepath.Dir(left), 0o700), os.WriteFile(left, []byte(secret), 0o600)); err != nil {
		t.Fatal(err)
	}
	p, err := tryOpen(t, folder, keys)
	if err != nil {
		t.Fatal(err)
	}
	hits, err := p.site.index.Search(t.Context(), search.Request{Text: "fussmatte", Limit: 5})
	if err != nil || len(hits) != 1 || hits[0].ID != made {
		t.Errorf("found %v: %v", hits, err)
	}
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the index of the last start is there: %v", err)
	}
	shutAt(t, p)
	if found := saying(t, folder); len(found) > 0 {
		t.Errorf("the ticket stands in the clear in %v", found)
	}
}

func TestKeyringMissingOrChanged(t *testing.T) {
	ring := &keyring{secrets: map[string]string{}}
	folder, recovery, made := encrypted(t, Keys{Keyring: ring})
	complete(t, folder, Keys{Keyring: ring}, made)
	refused(t, folder, Keys{}, vault.KeyringMissing, "recovery code")
	refused(t, folder, Keys{Keyring: &keyring{down: errors.New("no bus")}}, vault.KeyringMissing, "recovery code")
	changed := &keyring{secrets: map[string]string{}}
	refused(t, folder, Keys{Keyring: changed}, vault.KeyringChanged, "recovery code")
	complete(t, folder, Keys{Recovery: recovery}, made)
	complete(t, folder, Keys{Keyring: changed, Recovery: recovery}, made)
	complete(t, folder, Keys{Keyring: changed}, made)
}

func TestPassphraseWrong(t *testing.T) {
	folder, recovery, made := encrypted(t, Keys{Passphrase: passphrase})
	refused(t, folder, Keys{}, vault.PassphraseMissing, "HOLDFAST_PASSPHRASE")
	refused(t, folder, Keys{Passphrase: "another horse, stapled"}, vault.PassphraseWrong, "recovery code")
	refused(t, folder, Keys{Recovery: strings.Repeat("0", 32)}, vault.RecoveryWrong, "typing mistake")
	complete(t, folder, Keys{Passphrase: passphrase}, made)
	refused(t, folder, Keys{Passphrase: "another horse, stapled", Recovery: recovery}, vault.PassphraseUnconfirmed, "HOLDFAST_PASSPHRASE_AGAIN")
	refused(t, folder, Keys{Passphrase: "another horse, stapled", Again: "another horse, stapeld", Recovery: recovery}, vault.PassphraseUnconfirmed, "HOLDFAST_PASSPHRASE_AGAIN")
	complete(t, folder, Keys{Passphrase: "another horse, stapled", Again: "another horse, stapled", Recovery: recovery}, made)
	complete(t, folder, Keys{Passphrase: "another horse, stapled"}, made)
}

func TestTheVaultIsLost(t *testing.T) {
	keys := Keys{Passphrase: passphrase}
	folder, _, made := encrypted(t, keys)
	file := filepath.Join(folder, "device", "vault.json")
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	if p, err := tryOpen(t, folder, keys); !fault.Is(err, store.WrongKey) || !strings.Contains(fault.SentenceOf(err), "vault.json") {
		t.Errorf("opening gives %v, %v", p, err)
	}
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	complete(t, folder, keys, made)
}

// TestNoKeyringForANewFolder: nothing is begun that cannot be opened again, and the person may go on without encryption.
func TestNoKeyringForANewFolder(t *testing.T) {
	p, err := tryOpen(t, t.TempDir(), Keys{Keyring: &keyring{down: errors.New("no bus")}})
	if err != nil {
		t.Fatal(err)
	}
	defer shutAt(t, p)
	first := api.FirstSite{Name: "Lyon office", Code: "LYO", Person: "Ana", Encrypt: true}
	if _, err := p.Found(t.Context(), first); !fault.Is(err, vault.KeyringMissing) || p.Services() != nil {
		t.Errorf("founding without a keyring says %v", err)
	}
	first.Encrypt = false
	if recovery, err := p.Found(t.Context(), first); err != nil || recovery != "" {
		t.Errorf("founding a plain site gives %q: %v", recovery, err)
	}
}

func TestJoiningWithEncryption(t *testing.T) {
	host := founded(t, t.TempDir())
	defer shutAt(t, host)
	invite, err := host.Services().Sync.Invite(t.Context(), api.InviteWish{Role: "desktop", Hours: 1})
	if err != nil {
		t.Fatal(err)
	}
	joining := api.Joining{Invite: invite.Text, Person: "Ben", Encrypt: true}
	folder := t.TempDir()
	without, err := tryOpen(t, folder, Keys{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := without.Join(t.Context(), joining); !fault.Is(err, vault.KeyringMissing) {
		t.Errorf("joining without a keyring says %v", err)
	}
	shutAt(t, without)
	p, err := tryOpen(t, folder, Keys{Passphrase: passphrase})
	if err != nil {
		t.Fatal(err)
	}
	recovery, err := p.Join(t.Context(), joining) // the refusal did not use the invite up
	if err != nil || recovery == "" {
		t.Fatalf("joining gives the recovery code %q: %v", recovery, err)
	}
	made := report(t, host)
	until(t, p, func() bool { return known(p, made) })
	shutAt(t, p)
	complete(t, folder, Keys{Recovery: recovery}, made)
	if found := saying(t, folder); len(found) > 0 {
		t.Errorf("the ticket stands in the clear in %v", found)
	}
}
