package transport_test

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/sync/enrol/enroltest"
	"holdfast/sync/transport"
)

func codec(t testing.TB) *transport.Codec {
	t.Helper()
	c, err := transport.NewCodec(2)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFramesArriveAsTheyWereSent(t *testing.T) {
	c := codec(t)
	rapid.Check(t, func(t *rapid.T) {
		var wire bytes.Buffer
		w := transport.NewFrameWriter(&wire, c)
		sent := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) []byte {
			piece := rapid.SliceOfN(rapid.Byte(), 0, 600).Draw(t, "piece")
			return bytes.Repeat(piece, rapid.SampledFrom([]int{1, 1, 3, 500}).Draw(t, "times"))
		}), 0, 6).Draw(t, "frames")
		for _, payload := range sent {
			if err := w.WriteFrame(payload); err != nil {
				t.Fatal(err)
			}
		}
		r := transport.NewFrameReader(&wire, c)
		for i, want := range sent {
			if got, err := r.ReadFrame(); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("frame %d: %d bytes of %d, %v", i, len(got), len(want), err)
			}
		}
		if _, err := r.ReadFrame(); err != io.EOF {
			t.Fatalf("after the last: %v", err)
		}
	})
}

func TestLargestFrame(t *testing.T) {
	c := codec(t)
	for _, fill := range []func([]byte){func([]byte) {}, func(b []byte) { rand.Read(b) }} {
		payload := make([]byte, limit.FrameBytesMax)
		fill(payload)
		var wire bytes.Buffer
		if err := transport.NewFrameWriter(&wire, c).WriteFrame(payload); err != nil {
			t.Fatal(err)
		}
		if got, err := transport.NewFrameReader(&wire, c).ReadFrame(); err != nil || !bytes.Equal(got, payload) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
	}
	if err := transport.NewFrameWriter(io.Discard, c).WriteFrame(make([]byte, limit.FrameBytesMax+1)); err == nil {
		t.Fatal("a frame beyond the maximum was written")
	}
}

func frame(kind byte, payload []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(payload)+1))
	return append(append(out, kind), payload...)
}

func bomb(t testing.TB, size int) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(make([]byte, size), nil)
}

func TestBadFrames(t *testing.T) {
	c := codec(t)
	for _, f := range []struct {
		name    string
		wire    []byte
		refused bool // else the frame ends too early
	}{
		{"length zero", []byte{0, 0, 0, 0, 0}, true},
		{"length beyond the maximum", []byte{0xFF, 0xFF, 0xFF, 0xFF, 0}, true},
		{"just beyond the maximum", binary.BigEndian.AppendUint32(nil, limit.FrameBytesMax+2), false},
		{"unknown encoding", frame(9, []byte("x")), true},
		{"not zstd", frame(1, []byte("this is no zstd")), true},
		{"bomb", frame(1, bomb(t, 64<<20)), true},
		{"just too large", frame(1, bomb(t, limit.FrameBytesMax+1)), true},
		{"cut in the header", []byte{0, 0}, false},
		{"cut in the payload", frame(0, []byte("hello"))[:7], false},
		{"announced but not sent", []byte{0, 0x3F, 0xFF, 0xFF, 0, 1}, false},
	} {
		t.Run(f.name, func(t *testing.T) {
			got, err := transport.NewFrameReader(bytes.NewReader(f.wire), c).ReadFrame()
			if got != nil || f.refused != fault.Is(err, fault.Invalid) || !f.refused && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%d bytes, %v", len(got), err)
			}
		})
	}
}

// What a peer announces but does not send costs next to nothing.
func TestMemoryFollowsWhatCame(t *testing.T) {
	c := codec(t)
	announced := binary.BigEndian.AppendUint32(nil, limit.FrameBytesMax)
	announced = append(announced, 0, 1, 2, 3)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const rounds = 50
	for range rounds {
		if _, err := transport.NewFrameReader(bytes.NewReader(announced), c).ReadFrame(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / rounds; each > 256<<10 {
		t.Fatalf("an unsent frame cost %d bytes", each)
	}
}

func TestConcurrentWritersDoNotMix(t *testing.T) {
	cluster := enroltest.New(t)
	l := listen(t, cluster.Node(t, "node", "LYO"), nil)
	echo(t, l, transport.Session)
	conn, err := dialer(cluster.Desktop(t, "laptop", "LYO")).Dial(t.Context(), l.Addresses()[0], transport.Session, record.DeviceID{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := codec(t)
	w, r := transport.NewFrameWriter(conn, c), transport.NewFrameReader(conn, c)
	const writers, frames = 8, 40
	var writing sync.WaitGroup
	for i := range writers {
		writing.Go(func() {
			for n := range frames {
				if err := w.WriteFrame(bytes.Repeat([]byte{byte(i), byte(n)}, 1+i*n*20)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	next := [writers]int{}
	for range writers * frames {
		got, err := r.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		i := int(got[0])
		if want := bytes.Repeat([]byte{byte(i), byte(next[i])}, 1+i*next[i]*20); !bytes.Equal(got, want) {
			t.Fatalf("frame %d of writer %d is mixed up", next[i], i)
		}
		next[i]++
	}
	writing.Wait()
}

func FuzzReadFrame(f *testing.F) {
	c := codec(f)
	var wire bytes.Buffer
	w := transport.NewFrameWriter(&wire, c)
	for _, payload := range [][]byte{nil, []byte("short"), bytes.Repeat([]byte("compressible "), 100)} {
		if err := w.WriteFrame(payload); err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.Clone(wire.Bytes()))
	}
	f.Add(frame(1, bomb(f, 8<<20)))
	f.Add([]byte{0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := transport.NewFrameReader(bytes.NewReader(raw), c)
		for {
			payload, err := r.ReadFrame()
			if err != nil {
				return
			}
			if len(payload) > limit.FrameBytesMax {
				t.Fatalf("a payload of %d bytes", len(payload))
			}
		}
	})
}

func BenchmarkFrames(b *testing.B) {
	c := codec(b)
	payload := bytes.Repeat([]byte(`{"number":"INC-LYO-00042","state":"in progress","title":"Printer on floor 3"}`), 800)
	var wire bytes.Buffer
	w, r := transport.NewFrameWriter(&wire, c), transport.NewFrameReader(&wire, c)
	b.SetBytes(int64(len(payload)))
	for b.Loop() {
		if err := w.WriteFrame(payload); err != nil {
			b.Fatal(err)
		}
		if _, err := r.ReadFrame(); err != nil {
			b.Fatal(err)
		}
	}
}

// hasty is a connection on which a peer's minute is over at once.
type hasty struct{ net.Conn }

func (h hasty) SetReadDeadline(at time.Time) error {
	if !at.IsZero() {
		at = time.Now().Add(50 * time.Millisecond)
	}
	return h.Conn.SetReadDeadline(at)
}

func (h hasty) SetWriteDeadline(at time.Time) error {
	if !at.IsZero() {
		at = time.Now().Add(50 * time.Millisecond)
	}
	return h.Conn.SetWriteDeadline(at)
}

// A peer that begins a frame and does not go on, or that takes nothing, is cut off; one that has nothing to say is not.
func TestAPeerThatStallsIsCutOff(t *testing.T) {
	for name, begun := range map[string][]byte{"in the header": {0, 0}, "in the payload": append(binary.BigEndian.AppendUint32(nil, limit.FrameBytesMax), 0, 1, 2)} {
		here, there := net.Pipe()
		defer here.Close()
		defer there.Close()
		go there.Write(begun)
		if _, err := transport.NewFrameReader(hasty{here}, codec(t)).ReadFrame(); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
	}
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	if err := transport.NewFrameWriter(hasty{here}, codec(t)).WriteFrame([]byte("nobody takes it")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a peer that takes nothing: %v", err)
	}
	quiet, late := net.Pipe()
	defer quiet.Close()
	defer late.Close()
	go func() {
		<-time.After(200 * time.Millisecond) // longer than a stalled peer is waited for
		late.Write(frame(0, []byte("hello")))
	}()
	if got, err := transport.NewFrameReader(hasty{quiet}, codec(t)).ReadFrame(); err != nil || string(got) != "hello" {
		t.Errorf("after a pause between two frames: %q, %v", got, err)
	}
}
