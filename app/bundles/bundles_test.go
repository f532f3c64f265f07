package bundles

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/bundle"
	"holdfast/sync/enrol"
	"holdfast/sync/enrol/enroltest"
	"holdfast/sync/session"
)

// device is a desktop with a store of its own; all of a world know each other.
type device struct {
	*Bundles
	t           *testing.T
	credentials *enrol.Credentials
	store       *store.Store
	known       map[record.DeviceID]session.Device
}

func twoDevices(t *testing.T) (a, b *device) {
	t.Helper()
	cluster := enroltest.New(t)
	a, b = newDevice(t, cluster.Desktop(t, "Ana's laptop", "LYO")), newDevice(t, cluster.Desktop(t, "Ben's laptop", "LYO"))
	for _, d := range []*device{a, b} {
		for _, other := range []*device{a, b} {
			d.known[other.credentials.Device().ID()] = session.Device{Key: other.credentials.Device().PublicKey(), Certificate: other.credentials.Membership().Certificate}
		}
	}
	return a, b
}

func newDevice(t *testing.T, credentials *enrol.Credentials) *device {
	t.Helper()
	d := &device{t: t, credentials: credentials, known: map[record.DeviceID]session.Device{}}
	var err error
	if d.store, err = store.Open(t.Context(), store.Config{Dir: t.TempDir(), Device: credentials.Device()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.store.Close(); err != nil {
			t.Error(err)
		}
	})
	d.open(t.TempDir())
	return d
}

func (d *device) open(dir string) {
	d.t.Helper()
	var err error
	d.Bundles, err = New(Config{
		Dir: dir, Before: func(context.Context) {}, Device: func(record.DeviceID) string { return "" }, Person: func(record.ID) *api.Ref { return nil },
		Log: slog.New(slog.DiscardHandler),
		Bundle: bundle.Config{
			Credentials: d.credentials, Store: d.store, Devices: d, Wall: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
			Readers: func(record.Space) (keys []ed25519.PublicKey) {
				for _, one := range d.known {
					keys = append(keys, one.Key)
				}
				return keys
			},
			MayRead: func(record.DeviceID, record.Space) bool { return true },
		},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	running := d.Bundles
	d.t.Cleanup(func() {
		if err := running.Close(); err != nil {
			d.t.Error(err)
		}
	})
}

func (d *device) KeyOf(id record.DeviceID) ed25519.PublicKey { return d.known[id].Key }

func (d *device) Introduce(id record.DeviceID) (session.Device, bool) {
	one, known := d.known[id]
	return one, known
}

func (d *device) Admit(context.Context, session.Device) error { return nil }

func (d *device) write(title string) {
	d.t.Helper()
	id := uuid.Must(uuid.NewV7())
	if _, err := d.store.Append(d.t.Context(), record.Draft{Space: record.Organisation, Action: "note", Mutations: []record.Mutation{
		{Op: record.OpCreate, Record: id, Kind: "note"}, {Op: record.OpSet, Record: id, Field: "title", Value: record.Text(title)},
	}}); err != nil {
		d.t.Fatal(err)
	}
}

// ended waits for a job's end.
func (d *device) ended(j api.BundleJob, err error) api.BundleJob {
	d.t.Helper()
	d.running.Wait()
	if err == nil {
		j, err = d.Job(j.ID)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return j
}

// parts writes a bundle and gives its parts as they leave.
func (d *device) parts(wish api.BundleWish) (api.BundleJob, [][]byte) {
	d.t.Helper()
	j := d.ended(d.Write(d.t.Context(), wish))
	if j.State != "done" || j.Problem != nil {
		d.t.Fatalf("%+v", j)
	}
	var all [][]byte
	for number := range j.Written.Parts {
		file, size, err := d.Part(j.ID, number+1)
		if err != nil {
			d.t.Fatal(err)
		}
		raw, err := io.ReadAll(file)
		if err != nil || int64(len(raw)) != size {
			d.t.Fatal(len(raw), size, err)
		}
		_ = file.Close() // it was read only
		all = append(all, raw)
	}
	return j, all
}

const pieceBytes = 256 << 10

// hand lets a file arrive in pieces, each of them twice, as after answers that got lost.
func (d *device) hand(name string, raw []byte) string {
	d.t.Helper()
	file, err := d.Announce(d.t.Context(), api.BundleFile{Name: name, Size: int64(len(raw))})
	if err != nil {
		d.t.Fatal(err)
	}
	for number := 0; number*pieceBytes < len(raw); number++ {
		for range 2 {
			if err := d.Chunk(d.t.Context(), file.ID, number, raw[number*pieceBytes:min(len(raw), (number+1)*pieceBytes)]); err != nil {
				d.t.Fatal(err)
			}
		}
	}
	return file.ID
}

func (d *device) read(look bool, files ...string) api.BundleRead {
	d.t.Helper()
	j := d.ended(d.Read(d.t.Context(), api.BundleReading{Files: files, Look: look}))
	if j.State != "done" || j.Read == nil {
		d.t.Fatalf("%+v", j)
	}
	return *j.Read
}

func noise(t *testing.T, size int) string {
	t.Helper()
	raw := make([]byte, size)
	if _, err := rand.Read(raw); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// A bundle in parts crosses in any order, over a restart, with a part that is damaged at first; looking changes nothing, and reading it again neither.
func TestPartsCross(t *testing.T) {
	a, b := twoDevices(t)
	for range 12 {
		a.write(noise(t, 600<<10))
	}
	j, parts := a.parts(api.BundleWish{PartBytes: bundle.PartBytesMin})
	if len(parts) < 2 || j.Written.Readers != 1 || j.Done == 0 {
		t.Fatalf("%+v", j.Written)
	}
	if got := b.read(true, b.hand("one", parts[0])); len(got.Bundles) != 1 || len(got.Bundles[0].Missing) != len(parts)-1 || b.store.PendingCount() != 0 {
		t.Fatalf("a look gives %+v", got)
	}
	last := len(parts) - 1
	altered := bytes.Clone(parts[0])
	altered[len(altered)/2] ^= 1
	got := b.read(false, b.hand("last", parts[last]), b.hand("altered", altered), b.hand("cut", parts[0][:len(parts[0])-9]), b.hand("noise", []byte("no bundle")))
	for i, want := range []struct{ state, code string }{{"taken", ""}, {"refused", string(bundle.Altered)}, {"refused", string(bundle.Truncated)}, {"refused", string(bundle.NotABundle)}} {
		one := got.Files[i]
		if one.State != want.state || (one.Trouble == nil) != (want.code == "") || one.Trouble != nil && one.Trouble.Code != want.code {
			t.Errorf("%s: %+v %+v", one.Name, one, one.Trouble)
		}
	}
	if waiting, err := b.Waiting(); err != nil || len(waiting) != 1 || b.store.PendingCount() != 0 {
		t.Fatalf("%+v, %v", waiting, err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b.open(b.config.Dir)
	var rest []string
	for _, part := range parts[:last] {
		rest = append(rest, b.hand("rest", part))
	}
	if got := b.read(false, rest...); len(got.Bundles) != 1 || !got.Bundles[0].Changed || b.store.PendingCount() != 12 {
		t.Fatalf("%+v", got)
	}
	again := b.read(false, b.hand("again", parts[0]))
	if again.Files[0].State != "known" && again.Bundles[0].Changed || b.store.PendingCount() != 12 {
		t.Fatalf("%+v", again)
	}
}

// What does not arrive as it was announced is refused before anything is read.
func TestFilesThatArriveBadly(t *testing.T) {
	a, b := twoDevices(t)
	a.write("one")
	_, parts := a.parts(api.BundleWish{})
	raw := parts[0]
	file, err := b.Announce(t.Context(), api.BundleFile{Name: "f", Size: int64(len(raw))})
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		err  error
		code fault.Code
	}{
		"a file that nobody announced": {b.Chunk(t.Context(), "nobody", 0, raw), fault.NotFound},
		"a piece too early":            {b.Chunk(t.Context(), file.ID, 1, raw[:1]), fault.Conflict},
		"a piece too long":             {b.Chunk(t.Context(), file.ID, 0, append(bytes.Clone(raw), 0)), fault.Invalid},
	} {
		if !fault.Is(c.err, c.code) {
			t.Errorf("%s: %v", what, c.err)
		}
	}
	if err := b.Chunk(t.Context(), file.ID, 0, raw[:10]); err != nil {
		t.Fatal(err)
	}
	if got := b.read(false, file.ID); got.Files[0].Trouble == nil || got.Files[0].Trouble.Code != string(bundle.Truncated) {
		t.Fatalf("%+v", got.Files)
	}
	if _, err := b.Read(t.Context(), api.BundleReading{Files: []string{file.ID}}); !fault.Is(err, fault.NotFound) {
		t.Fatalf("it is read twice: %v", err)
	}
	if left, err := os.ReadDir(b.path(arrivingDir)); err != nil || len(left) != 0 {
		t.Fatalf("%v is left behind, %v", left, err)
	}
}

// A piece whose first attempt failed half way, as on a full disk, is written over.
func TestAPieceThatWasCut(t *testing.T) {
	a, b := twoDevices(t)
	a.write("one")
	_, parts := a.parts(api.BundleWish{})
	raw := parts[0]
	file, err := b.Announce(t.Context(), api.BundleFile{Name: "f", Size: int64(len(raw))})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(b.path(arrivingDir, file.ID), raw[:len(raw)/3], 0o600); err != nil {
		t.Fatal(err)
	}
	for number, piece := range [][]byte{raw[:len(raw)/2], raw[len(raw)/2:]} {
		if err := b.Chunk(t.Context(), file.ID, number, piece); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.read(false, file.ID); got.Files[0].State != "taken" || b.store.PendingCount() != 1 {
		t.Fatalf("%+v", got.Files)
	}
}

// What cannot be written is said at once, or as the job's problem; the parts of a bundle are there until the next one is written, or it is cancelled.
func TestWriting(t *testing.T) {
	a, b := twoDevices(t)
	stranger := record.DeviceID{1}
	for what, c := range map[string]struct {
		wish api.BundleWish
		code fault.Code
	}{
		"parts too small":  {api.BundleWish{PartBytes: 1}, fault.Invalid},
		"no device at all": {api.BundleWish{For: "nonsense"}, fault.Invalid},
		"an unknown one":   {api.BundleWish{For: stranger.String()}, fault.NotFound},
	} {
		if _, err := a.Write(t.Context(), c.wish); !fault.Is(err, c.code) {
			t.Errorf("%s: %v", what, err)
		}
	}
	a.write("one")
	first, _ := a.parts(api.BundleWish{For: b.credentials.Device().ID().String()})
	second, _ := a.parts(api.BundleWish{})
	for _, number := range []int{-1, 0, 2} {
		if _, _, err := a.Part(second.ID, number); !fault.Is(err, fault.NotFound) {
			t.Errorf("part %d: %v", number, err)
		}
	}
	if _, _, err := a.Part(first.ID, 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("the bundle before: %v", err)
	}
	if err := a.Cancel(second.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Part(second.ID, 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("a cancelled bundle: %v", err)
	}
	if left, err := os.ReadDir(filepath.Join(a.config.Dir, leavingDir)); err != nil || len(left) != 0 {
		t.Errorf("%v is left behind, %v", left, err)
	}
	clear(a.known)
	if j := a.ended(a.Write(t.Context(), api.BundleWish{})); j.State != "failed" || j.Problem == nil || j.Problem.Code != string(bundle.NoReaders) {
		t.Errorf("without readers: %+v", j)
	}
	if _, err := a.Job("nobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a job that never was: %v", err)
	}
}
