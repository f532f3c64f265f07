package bundle

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"log/slog"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/session"
	"holdfast/sync/transport"
)

// opening is the first frame of a section. What it says of the part must be what the part says of itself, so that a section cannot be moved.
type opening struct {
	Bundle      ID           `cbor:"1,keyasint"`
	Number      uint64       `cbor:"2,keyasint"`
	Certificate []byte       `cbor:"3,keyasint"` // of the device that wrote it: its key is the one of the part's signature
	Space       record.Space `cbor:"4,keyasint"`
}

const (
	// ageChunkBytes and ageTagBytes are how the age format cuts what it encrypts; ageNonceBytes goes before it.
	ageChunkBytes = 64 << 10
	ageTagBytes   = 16
	ageNonceBytes = 16
	// ageHeaderBytesMax bounds the list of readers of one section.
	ageHeaderBytesMax = 4 << 20
)

// sealedBytes gives at most how many bytes of a part so many bytes of a section take, its list of readers aside.
func sealedBytes(plain int64) int64 {
	chunks := plain/ageChunkBytes + 1
	return ageNonceBytes + plain + chunks*ageTagBytes + (chunks+4)*blockHeadBytes
}

// recipients are the readers of one space, ready to be encrypted to.
type recipients []age.Recipient

// recipientsOf leaves out keys that nothing can be encrypted to: one device's bad key must not keep a bundle from all others.
func recipientsOf(keys []ed25519.PublicKey, log *slog.Logger) recipients {
	var all recipients
	for _, key := range keys {
		recipient, err := recipientOf(key)
		if err != nil {
			log.Warn("nothing can be encrypted to a device's key", "device", record.DeviceOf(key), "error", err)
			continue
		}
		all = append(all, recipient)
	}
	return all
}

func recipientOf(key ed25519.PublicKey) (age.Recipient, error) {
	public, err := ssh.NewPublicKey(key)
	if err != nil {
		return nil, err
	}
	recipient, err := agessh.NewEd25519Recipient(public)
	if err != nil {
		return nil, err
	}
	_, err = recipient.Wrap(make([]byte, 16))
	return recipient, err
}

// sectionWriter encrypts frames into a part.
type sectionWriter struct {
	part  *partWriter
	age   io.WriteCloser
	begun int64 // bytes of the part before the encrypted frames
	plain int64
}

func beginSection(part *partWriter, to recipients) (*sectionWriter, error) {
	if err := part.block(blockBegin, nil); err != nil {
		return nil, err
	}
	out, err := age.Encrypt(part, to...)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "bundle.beginSection", "The bundle could not be encrypted.")
	}
	return &sectionWriter{part: part, age: out, begun: part.size}, nil
}

func (w *sectionWriter) write(frame []byte) error {
	w.plain += int64(len(frame))
	_, err := w.age.Write(frame)
	return err
}

// after gives at most how many bytes the part has once the section is closed with n more bytes in it, and the part after it.
func (w *sectionWriter) after(n int) int64 {
	return w.begun + sealedBytes(w.plain+int64(n)) + tailBytesMax
}

func (w *sectionWriter) close() error {
	if err := w.age.Close(); err != nil {
		return err
	}
	return w.part.block(blockEnd, nil)
}

// framing writes and reads frames as they go between devices.
type framing struct{ codec *transport.Codec }

func newFraming() (*framing, error) {
	codec, err := transport.NewCodec(1)
	return &framing{codec}, err
}

func (f *framing) frame(payload []byte) ([]byte, error) {
	var out bytes.Buffer
	err := transport.NewFrameWriter(&out, f.codec).WriteFrame(payload)
	return out.Bytes(), err
}

// errNotReadable says that a section is not encrypted for this device.
var errNotReadable = errors.New("the section is for others")

// opened is a section that this device can read.
type opened struct {
	opening
	frames *transport.FrameReader
}

// open decrypts a section and checks that it belongs to its part.
func (f *framing) open(s *section, identity age.Identity) (*opened, error) {
	guard := &headerGuard{from: s, left: ageHeaderBytesMax}
	plain, err := age.Decrypt(guard, identity)
	guard.passed = true
	var others *age.NoIdentityMatchError
	if errors.As(err, &others) {
		return nil, errNotReadable
	}
	if err != nil {
		return nil, broken(err)
	}
	o := &opened{frames: transport.NewFrameReader(plain, f.codec)}
	raw, err := o.frames.ReadFrame()
	if err == nil {
		err = record.Decode(raw, &o.opening)
	}
	if err != nil {
		return nil, broken(err)
	}
	if o.Bundle != s.part.head.Bundle || o.Number != s.part.head.Number {
		return nil, altered("a section belongs to another part")
	}
	return o, nil
}

// next gives the next message; io.EOF at the section's end.
func (o *opened) next() (session.Message, error) {
	raw, err := o.frames.ReadFrame()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if err != nil {
		return nil, broken(err)
	}
	m, err := session.Decode(raw)
	if err != nil {
		return nil, broken(err)
	}
	return m, nil
}

// broken is the fault of a part that is as it was written and yet makes no sense. What is wrong with reading it at all stays what it is.
func broken(err error) error {
	switch fault.CodeOf(err) {
	case Truncated, Altered, fault.NewerFormat, fault.Unavailable, fault.DiskFull, fault.ReadOnly:
		return err
	}
	return fault.Wrap(err, Broken, "bundle.section", "What is inside this part breaks the rules: the device that wrote it is faulty, or it lies. What came before was checked and stays; the rest was refused.")
}

// headerGuard bounds what is read before the list of readers is through.
type headerGuard struct {
	from   io.Reader
	left   int
	passed bool
}

func (g *headerGuard) Read(p []byte) (int, error) {
	if g.passed {
		return g.from.Read(p)
	}
	if g.left == 0 {
		return 0, errors.New("the list of readers is too long")
	}
	n, err := g.from.Read(p[:min(len(p), g.left)])
	g.left -= n
	return n, err
}
