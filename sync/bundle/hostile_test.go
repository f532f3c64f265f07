package bundle_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/bundle"
	"holdfast/sync/enrol"
	"holdfast/sync/session"
)

// small gives the bytes of a small bundle, its writer and a reader.
func small(t testing.TB) (raw []byte, a, b *device) {
	w := newWorld(t)
	a, b = w.add("Ana", enrol.Desktop, "LYO"), w.add("Ben", enrol.Desktop, "LYO")
	a.write(org, "one")
	files, _ := a.export(bundle.Wish{})
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return raw, a, b
}

// refusals are the codes that a part that is not as it was written may be refused with.
var refusals = []fault.Code{bundle.Altered, bundle.Truncated, bundle.NotABundle, fault.NewerFormat}

func TestFlippedBitsInEveryByteAndEveryCutAreRefused(t *testing.T) {
	raw, _, b := small(t)
	if _, err := bundle.Check(t.Context(), bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	refused := func(what string, bad []byte) {
		_, err := bundle.Check(t.Context(), bytes.NewReader(bad))
		if !slices.Contains(refusals, fault.CodeOf(err)) || fault.SentenceOf(err) == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	for at := range raw {
		for _, bit := range []int{at % 8, (at + 3) % 8} {
			bad := slices.Clone(raw)
			bad[at] ^= 1 << bit
			refused(fmt.Sprintf("bit %d of byte %d", bit, at), bad)
		}
		refused(fmt.Sprintf("cut to %d bytes", at), raw[:at])
	}
	refused("a byte more", append(slices.Clone(raw), 0))
	refused("twice", append(slices.Clone(raw), raw...))
	if waiting, err := b.inbox.Waiting(); err != nil || len(waiting) > 0 {
		t.Fatal(waiting, err)
	}
}

func TestWhoFindsAStickCannotSignItAnew(t *testing.T) {
	raw, _, b := small(t)
	before := b.stands(org)
	for _, thief := range []*device{b.world.add("insider", enrol.Desktop, "LYO"), newWorld(t).add("outsider", enrol.Desktop, "LYO")} {
		forged := bundle.Resign(t, thief.config(), raw)
		part, err := b.takeBytes(forged)
		if err == nil {
			_, err = bundle.Read(t.Context(), b.config(), b.inbox, part.Bundle, nil)
		}
		if !fault.Is(err, bundle.Altered) || b.stands(org) != before {
			t.Error(err)
		}
		if err := b.inbox.Forget(part.Bundle); err != nil {
			t.Fatal(err)
		}
	}
}

// genuine gives the greeting and the edits of a device as a bundle carries them.
func genuine(t testing.TB, a *device) (*session.Hello, *session.Edits) {
	t.Helper()
	hello := &session.Hello{
		Protocol: session.Range{From: session.ProtocolFrom, To: session.ProtocolTo}, Format: session.Range{From: 1, To: record.FormatVersion},
		Device: a.id(), Cluster: a.credentials.Identity().Cluster.String(), Role: session.RoleDesktop,
		Positions: []session.Position{{Frontier: record.Frontier{Space: org}}},
	}
	tail := a.store.Tails(org)[0]
	run, err := a.store.EditsFrom(org, tail.Incarnation, 1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return hello, &session.Edits{Space: org, Incarnation: tail.Incarnation, From: 1, Run: run}
}

// What a device of the cluster signs may still be nonsense. It is refused with a reason, and what it says is never believed.
func TestAMemberThatLiesIsRefused(t *testing.T) {
	_, a, b := small(t)
	hello, edits := genuine(t, a)
	forgedRun := slices.Clone(edits.Run)
	forgedRun[0].Signature = bytes.Repeat([]byte{1}, 64)
	otherCluster := *hello
	otherCluster.Cluster = "another"
	cases := map[string]struct {
		forged bundle.Forged
		code   fault.Code
	}{
		"no greeting":        {bundle.Forged{Frames: bundle.Messages(t, edits)}, bundle.Broken},
		"nothing":            {bundle.Forged{}, bundle.Broken},
		"two greetings":      {bundle.Forged{Frames: bundle.Messages(t, hello, hello)}, bundle.Broken},
		"rubbish":            {bundle.Forged{Frames: [][]byte{{200, 1, 2}}}, bundle.Broken},
		"a huge frame":       {bundle.Forged{Frames: bundle.Messages(t, hello), Raw: []byte{0xff, 0xff, 0xff, 0xff, 0}}, bundle.Broken},
		"a frame that lacks": {bundle.Forged{Frames: bundle.Messages(t, hello), Raw: []byte{0, 0, 10, 0, 0, 1}}, bundle.Broken},
		"a question":         {bundle.Forged{Frames: bundle.Messages(t, hello, &session.WantEdits{Space: org, Incarnation: edits.Incarnation, From: 1})}, bundle.Broken},
		"another space": {bundle.Forged{Frames: bundle.Messages(t, hello, &session.Edits{Space: "site/BER", Incarnation: edits.Incarnation, From: 1, Run: edits.Run})},
			bundle.Broken},
		"a forged signature": {bundle.Forged{Frames: bundle.Messages(t, hello, &session.Edits{Space: org, Incarnation: edits.Incarnation, From: 1, Run: forgedRun})}, bundle.Broken},
		"a lying count":      {bundle.Forged{Frames: bundle.Messages(t, hello, &session.Edits{Space: org, Incarnation: edits.Incarnation, From: 7, Run: edits.Run})}, bundle.Broken},
		"commits without an end": {bundle.Forged{Frames: bundle.Messages(t, hello, &session.Commits{Space: org, From: 1, Rows: []session.CommitRow{{Outcome: []byte{1}}}})},
			bundle.Broken},
		"a whole state that is none": {bundle.Forged{Frames: bundle.Messages(t, hello, &session.SnapshotOffer{Frontier: record.Frontier{Space: org, Commit: 9}},
			&session.Snapshot{Space: org, Chunk: store.Chunk{Rows: []store.Row{{Key: []byte("x"), Value: []byte("y")}}, Last: []byte("x"), Done: true}})}, bundle.Broken},
		"another part":    {bundle.Forged{Frames: bundle.Messages(t, hello), Number: 2}, bundle.Altered},
		"another's name":  {bundle.Forged{Frames: bundle.Messages(t, hello), Certificate: b.credentials.Membership().Certificate}, bundle.Altered},
		"a made-up name":  {bundle.Forged{Frames: bundle.Messages(t, hello), Certificate: newWorld(t).add("x", enrol.Desktop, "LYO").credentials.Membership().Certificate}, enrol.OtherCluster},
		"another cluster": {bundle.Forged{Frames: bundle.Messages(t, &otherCluster)}, session.CodeOtherCluster},
	}
	before := b.stands(org)
	for name, c := range cases {
		c.forged.Space = org
		part, err := b.takeBytes(bundle.Forge(t, a.config(), c.forged))
		if err != nil {
			t.Fatal(name, err)
		}
		_, err = bundle.Read(t.Context(), b.config(), b.inbox, part.Bundle, nil)
		if !fault.Is(err, c.code) || b.stands(org) != before {
			t.Errorf("%s: %v", name, err)
		}
		if err := b.inbox.Forget(part.Bundle); err != nil {
			t.Fatal(err)
		}
	}
	part, err := b.takeBytes(bundle.Forge(t, a.config(), bundle.Forged{Space: org, Frames: bundle.Messages(t, hello, edits)}))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := bundle.Read(t.Context(), b.config(), b.inbox, part.Bundle, nil); err != nil || got.Taken[0].NewEdits != 1 {
		t.Fatal("what is honest is refused too, so the test shows nothing", err)
	}
}

// A writer that encrypts to whom it should not does not get its space onto the reader's disk.
func TestASpaceForOthersIsNotTakenEvenWhenItCanBeRead(t *testing.T) {
	_, a, b := small(t)
	far := b.world.add("Far", enrol.Desktop, "BER")
	hello, edits := genuine(t, a)
	cfg := a.config()
	readers := cfg.Readers
	cfg.Readers = func(record.Space) []ed25519.PublicKey { return readers(org) }
	hello.Positions[0].Frontier.Space, edits.Space = "site/LYO", "site/LYO"
	part, err := far.takeBytes(bundle.Forge(t, cfg, bundle.Forged{Space: "site/LYO", Frames: bundle.Messages(t, hello, edits)}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := bundle.Read(t.Context(), far.config(), far.inbox, part.Bundle, nil)
	if err != nil || len(got.Taken) > 0 || len(far.store.Spaces()) > 0 {
		t.Fatalf("%+v %v", got, err)
	}
}

// FuzzCheck feeds anything to what reads parts.
func FuzzCheck(f *testing.F) {
	raw, _, _ := small(f)
	f.Add(raw)
	f.Add([]byte("holdfast bundle 1\nH"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		part, err := bundle.Check(context.Background(), bytes.NewReader(data))
		if err == nil && part.Bytes != int64(len(data)) {
			t.Fatalf("accepted with %d of %d bytes", part.Bytes, len(data))
		}
	})
}

// FuzzInside feeds anything, signed and encrypted by a device of the cluster, to what reads sections.
func FuzzInside(f *testing.F) {
	_, a, b := small(f)
	hello, edits := genuine(f, a)
	for _, frame := range bundle.Messages(f, hello, edits) {
		f.Add(frame)
	}
	greeting := bundle.Messages(f, hello)[0]
	f.Cleanup(func() { b.world.t = f })
	f.Fuzz(func(t *testing.T, frame []byte) {
		if len(frame) > 1<<20 {
			return
		}
		b.world.t = t
		part, err := b.takeBytes(bundle.Forge(t, a.config(), bundle.Forged{Space: org, Frames: [][]byte{greeting, frame}, Raw: frame}))
		if err != nil {
			t.Fatal(err)
		}
		_, err = bundle.Read(context.Background(), b.config(), b.inbox, part.Bundle, nil)
		if err != nil && fault.CodeOf(err) == fault.Internal {
			t.Fatal(err)
		}
		if err := b.inbox.Forget(part.Bundle); err != nil {
			t.Fatal(err)
		}
	})
}

// A bundle is written and read in bounded memory, however large it is.
func TestMemoryDoesNotGrowWithTheBundle(t *testing.T) {
	w := newWorld(t)
	a, b := w.add("Ana", enrol.Desktop, "LYO"), w.add("Ben", enrol.Desktop, "LYO")
	const files, size = 6, 16 << 20
	for i := range files {
		hash, _, err := a.store.Blobs().Put(t.Context(), &pattern{seed: byte(i), left: size})
		if err != nil {
			t.Fatal(err)
		}
		a.write(org, fmt.Sprint("file ", i), hash)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	peak := uint64(0)
	watch := func() {
		runtime.ReadMemStats(&after)
		peak = max(peak, after.HeapInuse)
	}
	folder := t.TempDir()
	calls := 0
	written, err := bundle.Export(t.Context(), a.config(), folder, bundle.Wish{Files: true, Progress: func(int64) {
		if calls++; calls%64 == 0 {
			watch()
		}
	}})
	if err != nil || written.Files != files {
		t.Fatal(written, err)
	}
	b.read(partsIn(t, folder)...)
	watch()
	const most = 48 << 20
	if grown := int64(peak) - int64(before.HeapInuse); grown > most {
		t.Errorf("the heap grew by %d MiB for a bundle of %d MiB", grown>>20, files*size>>20)
	}
}

// pattern is a file's content that is made while it is read.
type pattern struct {
	seed byte
	at   uint32
	left int
}

func (p *pattern) Read(b []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	n := min(len(b), p.left)
	for i := range b[:n] {
		p.at = p.at*1664525 + 1013904223
		b[i] = byte(p.at>>24) ^ p.seed
	}
	p.left -= n
	return n, nil
}
