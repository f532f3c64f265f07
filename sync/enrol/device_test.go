package enrol_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

func TestDeviceKeyIsMadeOnceAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "device.key")
	devices := make([]*enrol.Device, 8)
	var wg sync.WaitGroup
	for i := range devices {
		wg.Go(func() {
			var err error
			if devices[i], err = enrol.LoadOrCreateDevice(path, rand.Reader); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, d := range devices {
		if d == nil || d.ID() != devices[0].ID() {
			t.Fatal("two starts at once made two devices")
		}
	}
	d := devices[0]
	if d.ID() != record.DeviceOf(d.PublicKey()) {
		t.Error("the key does not prove the id")
	}
	if message := []byte("an edit"); !ed25519.Verify(d.PublicKey(), message, d.Sign(message)) {
		t.Error("the signature does not verify")
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestDeviceKeyIsNeverReplaced(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "device.key")
	if _, err := enrol.LoadOrCreateDevice(whole, rand.Reader); err != nil {
		t.Fatal(err)
	}
	intact, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(intact, []byte("\n"))
	body := lines[len(lines)-3]
	flipped := bytes.Replace(intact, body[:1], []byte{body[0] ^ 1}, -1)
	for name, content := range map[string][]byte{
		"empty": {}, "cut": intact[:len(intact)/2], "text": []byte("hello"), "changed": flipped,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "device.key")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := enrol.LoadOrCreateDevice(path, rand.Reader); !fault.Is(err, fault.Corrupt) {
				t.Fatalf("got %v", err)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(after, content) {
				t.Fatal("the file was replaced")
			}
		})
	}
	if _, err := enrol.LoadOrCreateDevice(t.TempDir(), rand.Reader); err == nil {
		t.Error("a folder was taken for a key")
	}
	fresh := filepath.Join(t.TempDir(), "device.key")
	broken := errors.New("no random")
	if _, err := enrol.LoadOrCreateDevice(fresh, failing{broken}); !errors.Is(err, broken) {
		t.Errorf("without random numbers: %v", err)
	}
	if _, err := os.Stat(fresh); err == nil {
		t.Error("a key was made without random numbers")
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func newDevice(t testing.TB) *enrol.Device {
	t.Helper()
	d, err := enrol.NewDevice(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSealedForOneDeviceAndPurpose(t *testing.T) {
	mine, other := newDevice(t), newDevice(t)
	sealed, err := enrol.SealTo(mine.BoxKey(), []byte("secret"), "purpose")
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := mine.OpenSealed(sealed, "purpose"); err != nil || string(plain) != "secret" {
		t.Fatalf("%q, %v", plain, err)
	}
	damaged := bytes.Clone(sealed)
	damaged[len(damaged)-1] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"another device":  func() ([]byte, error) { return other.OpenSealed(sealed, "purpose") },
		"another purpose": func() ([]byte, error) { return mine.OpenSealed(sealed, "other") },
		"damaged":         func() ([]byte, error) { return mine.OpenSealed(damaged, "purpose") },
		"empty":           func() ([]byte, error) { return mine.OpenSealed(nil, "purpose") },
	} {
		if plain, err := open(); plain != nil || !fault.Is(err, fault.Corrupt) {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
	if _, err := enrol.SealTo([]byte("short"), nil, "purpose"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a bad box key: %v", err)
	}
}

func founding() enrol.Founding {
	return enrol.Founding{ClusterName: "Loire hospitals", Founder: enrol.Identity{Role: enrol.Node, Name: "node 1", Sites: []string{"LYO"}}}
}

func TestFoundingIsStoredAndReadBack(t *testing.T) {
	folder, device := t.TempDir(), newDevice(t)
	authority, membership, err := enrol.Found(device, founding(), time.Now, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	membership.Peers = []enrol.Peer{{Device: newDevice(t).ID(), Role: enrol.Node, Name: "node 2", Addresses: []string{"10.0.0.2:7000"}}}
	authorityPath, membershipPath := filepath.Join(folder, "authority"), filepath.Join(folder, "membership.json")
	if err := enrol.SaveAuthority(authorityPath, device, authority); err != nil {
		t.Fatal(err)
	}
	if err := enrol.SaveMembership(membershipPath, membership); err != nil {
		t.Fatal(err)
	}
	again, err := enrol.LoadMembership(membershipPath)
	if err != nil || again.Cluster != authority.Cluster() || len(again.Peers) != 1 || again.Peers[0].Device != membership.Peers[0].Device {
		t.Fatalf("%+v, %v", again, err)
	}
	credentials, err := enrol.NewCredentials(device, again, nil)
	if err != nil || !credentials.Identity().MayRead("site/PAR") || credentials.Identity().Site() != "LYO" {
		t.Fatal(err)
	}
	loaded, err := enrol.LoadAuthority(authorityPath, device, rand.Reader)
	if err != nil || loaded.Fingerprint() != authority.Fingerprint() || loaded.ClusterName() != "Loire hospitals" {
		t.Fatal(err)
	}
	issued, err := loaded.Issue(enrol.Identity{Role: enrol.Desktop, Sites: []string{"LYO"}}, newDevice(t).PublicKey(), nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if identity, err := credentials.Verify(issued); err != nil || identity.Role != enrol.Desktop || identity.MayRead("site/PAR") || !identity.MayRead(record.Organisation) {
		t.Fatalf("%+v, %v", identity, err)
	}
	if _, err := enrol.LoadAuthority(authorityPath, newDevice(t), rand.Reader); !fault.Is(err, fault.Corrupt) {
		t.Errorf("another device opened the authority: %v", err)
	}
	if _, err := enrol.NewCredentials(newDevice(t), again, nil); !fault.Is(err, fault.Conflict) {
		t.Errorf("another device took the membership: %v", err)
	}
	for _, path := range []string{authorityPath, membershipPath} {
		raw, _ := os.ReadFile(path)
		if bytes.Contains(raw, device.Sign(nil)[:8]) || len(raw) == 0 {
			t.Errorf("%s holds what it must not", path)
		}
	}
	if _, err := enrol.LoadMembership(filepath.Join(folder, "absent")); !fault.Is(err, fault.NotFound) {
		t.Errorf("absent membership: %v", err)
	}
	os.WriteFile(membershipPath, []byte("{"), 0o600)
	if _, err := enrol.LoadMembership(membershipPath); !fault.Is(err, fault.Corrupt) {
		t.Errorf("damaged membership: %v", err)
	}
}
