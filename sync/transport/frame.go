package transport

import (
	"encoding/binary"
	"io"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
)

// A frame is a length (4 bytes, big-endian: of the rest), how the payload is written (1 byte: 0 plain, 1 zstd), and the payload. Neither
// the frame nor its decompressed payload is ever larger than limit.FrameBytesMax.
const (
	frameHeaderBytes = 5
	framePlain       = 0
	frameZstd        = 1
	// compressFromBytes is where compressing begins to pay.
	compressFromBytes = 256
	// pieceBytes is how much moves under one deadline, and how memory for a frame grows: with what came, not with what was announced.
	pieceBytes = 64 << 10
	// windowBytes bounds the memory of one compression.
	windowBytes = 256 << 10
)

// Codec compresses for any number of connections at once with bounded memory. One serves a process.
type Codec struct {
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

// NewCodec makes a codec that works on at most so many frames at once; more wait.
func NewCodec(concurrent int) (*Codec, error) {
	const op, sentence = "transport.NewCodec", "The compressor could not be set up."
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(concurrent),
		zstd.WithWindowSize(windowBytes), zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, op, sentence)
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(concurrent), zstd.WithDecoderMaxMemory(limit.FrameBytesMax),
		zstd.WithDecoderLowmem(true), zstd.IgnoreChecksum(true)) // TLS has its own
	return &Codec{encoder: encoder, decoder: decoder}, fault.Wrap(err, fault.Internal, op, sentence)
}

// deadlines is what net.Conn has and a buffer in a test has not.
type deadlines interface {
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// FrameReader reads frames. It is for one goroutine.
type FrameReader struct {
	from  io.Reader
	codec *Codec
	timed deadlines
}

// NewFrameReader reads from a connection, or from anything else. When it is a connection, a frame that has begun must keep coming:
// each piece of it within limit.StallTime. The wait for a frame's begin is not bounded.
func NewFrameReader(from io.Reader, codec *Codec) *FrameReader {
	timed, _ := from.(deadlines)
	return &FrameReader{from: from, codec: codec, timed: timed}
}

// ReadFrame gives the next payload, which is the caller's to keep. io.EOF is the end between two frames, io.ErrUnexpectedEOF one within;
// fault.Invalid what breaks a bound: the connection is of no more use then.
func (r *FrameReader) ReadFrame() ([]byte, error) {
	var header [frameHeaderBytes]byte
	if _, err := io.ReadFull(r.from, header[:1]); err != nil {
		return nil, err
	}
	if r.timed != nil {
		defer r.timed.SetReadDeadline(time.Time{})
	}
	if err := r.fill(header[1:]); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(header[:4])
	if length < 1 || length-1 > limit.FrameBytesMax {
		return nil, badFrame("its length is out of bounds")
	}
	payload, err := r.payload(int(length - 1))
	if err != nil {
		return nil, err
	}
	switch header[4] {
	case framePlain:
		return payload, nil
	case frameZstd:
		plain, err := r.codec.decoder.DecodeAll(payload, nil)
		if err != nil || len(plain) > limit.FrameBytesMax {
			return nil, badFrame("it cannot be decompressed within bounds")
		}
		return plain, nil
	}
	return nil, badFrame("its encoding is unknown")
}

// payload reads n bytes; what is allocated follows what came.
func (r *FrameReader) payload(n int) ([]byte, error) {
	out := make([]byte, 0, min(n, pieceBytes))
	for len(out) < n {
		start := len(out)
		piece := min(n-start, pieceBytes)
		if cap(out)-start < piece {
			grown := make([]byte, start, min(n, 2*cap(out)))
			copy(grown, out)
			out = grown
		}
		out = out[:start+piece]
		if err := r.fill(out[start:]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *FrameReader) fill(piece []byte) error {
	if r.timed != nil {
		if err := r.timed.SetReadDeadline(time.Now().Add(limit.StallTime)); err != nil {
			return err
		}
	}
	_, err := io.ReadFull(r.from, piece)
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func badFrame(why string) error {
	return fault.New(fault.Invalid, "transport.ReadFrame", "The other side sent a message that was refused: "+why+". Nothing was changed.")
}

// FrameWriter writes frames. It is safe for concurrent use: frames never mix.
type FrameWriter struct {
	mu    sync.Mutex
	to    io.Writer
	codec *Codec
	timed deadlines
}

// NewFrameWriter writes to a connection, or to anything else. When it is a connection, the peer must take each piece within limit.StallTime.
func NewFrameWriter(to io.Writer, codec *Codec) *FrameWriter {
	timed, _ := to.(deadlines)
	return &FrameWriter{to: to, codec: codec, timed: timed}
}

// WriteFrame sends one payload of at most limit.FrameBytesMax. After an error the connection is of no more use.
func (w *FrameWriter) WriteFrame(payload []byte) error {
	if len(payload) > limit.FrameBytesMax {
		return fault.New(fault.Internal, "transport.WriteFrame", "A message to another device grew too large to be sent.")
	}
	frame := w.encode(payload)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timed != nil {
		defer w.timed.SetWriteDeadline(time.Time{})
	}
	for len(frame) > 0 {
		piece := frame[:min(len(frame), pieceBytes)]
		if w.timed != nil {
			if err := w.timed.SetWriteDeadline(time.Now().Add(limit.StallTime)); err != nil {
				return err
			}
		}
		if _, err := w.to.Write(piece); err != nil {
			return err
		}
		frame = frame[len(piece):]
	}
	return nil
}

func (w *FrameWriter) encode(payload []byte) []byte {
	frame := make([]byte, frameHeaderBytes, frameHeaderBytes+len(payload))
	if len(payload) >= compressFromBytes {
		frame = w.codec.encoder.EncodeAll(payload, frame)
		frame[4] = frameZstd
	}
	if packed := len(frame) - frameHeaderBytes; packed == 0 || packed >= len(payload) {
		frame = append(frame[:frameHeaderBytes], payload...)
		frame[4] = framePlain
	}
	binary.BigEndian.PutUint32(frame[:4], uint32(len(frame)-4))
	return frame
}
