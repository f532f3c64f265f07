package bundle

import (
	"bytes"
	"testing"

	"holdfast/backend/record"
	"holdfast/sync/session"
)

// Forged is what a device with a valid certificate can write into a bundle besides what Export does.
type Forged struct {
	Space record.Space
	// Frames follow the opening: encoded messages, or anything else.
	Frames [][]byte
	// Raw follows the frames, as it is.
	Raw []byte
	// Number, when it is not zero, is the part that the section says it belongs to.
	Number uint64
	// Certificate, when there is one, is whom the section says it is by.
	Certificate []byte
}

// Forge makes a signed part of one section.
func Forge(t testing.TB, cfg Config, f Forged) []byte {
	t.Helper()
	var out bytes.Buffer
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	h := head{Bundle: ID{1}, Number: 1, Cluster: cfg.cluster(), Key: cfg.Credentials.Device().PublicKey(), Made: cfg.Wall().UnixMilli()}
	part, err := newPartWriter(&out, &h)
	fail(err)
	section, err := beginSection(part, recipientsOf(cfg.Readers(f.Space), cfg.Log))
	fail(err)
	framing, err := newFraming()
	fail(err)
	first := opening{Bundle: h.Bundle, Number: 1, Certificate: cfg.Credentials.Membership().Certificate, Space: f.Space}
	if f.Number != 0 {
		first.Number = f.Number
	}
	if f.Certificate != nil {
		first.Certificate = f.Certificate
	}
	raw, err := record.Encode(first)
	fail(err)
	for _, payload := range append([][]byte{raw}, f.Frames...) {
		frame, err := framing.frame(payload)
		fail(err)
		fail(section.write(frame))
	}
	fail(section.write(f.Raw))
	fail(section.close())
	fail(part.out.Flush())
	end, err := tailOf(1, part.sum.Sum(nil), cfg.Credentials.Device().Sign)
	fail(err)
	return append(out.Bytes(), end...)
}

// Messages encodes messages as frames carry them.
func Messages(t testing.TB, messages ...session.Message) [][]byte {
	t.Helper()
	var all [][]byte
	for _, m := range messages {
		raw, err := session.Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, raw)
	}
	return all
}

// Resign signs a part anew with another device's key, as whoever finds a stick could.
func Resign(t testing.TB, cfg Config, part []byte) []byte {
	t.Helper()
	r, err := openPart(bytes.NewReader(part))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	h := r.head
	h.Key = cfg.Credentials.Device().PublicKey()
	w, err := newPartWriter(&out, &h)
	if err != nil {
		t.Fatal(err)
	}
	for {
		kind, body, err := r.next()
		if err != nil {
			t.Fatal(err)
		}
		if kind == blockTail {
			break
		}
		if err := w.block(kind, body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.out.Flush(); err != nil {
		t.Fatal(err)
	}
	end, err := tailOf(1, w.sum.Sum(nil), cfg.Credentials.Device().Sign)
	if err != nil {
		t.Fatal(err)
	}
	return append(out.Bytes(), end...)
}
