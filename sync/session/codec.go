package session

import (
	"crypto/ed25519"
	"math"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// The bounds on what one message may hold, and on what a session keeps of its peer.
const (
	// SpacesMax bounds the spaces of one session.
	SpacesMax = 1024
	// TailsMax bounds the tails in one message and the tails kept of a peer, over all spaces.
	TailsMax = 16 << 10
	// RowsMax bounds the commits or edits of one message.
	RowsMax = limit.EntryEdits
	// DevicesMax bounds the devices of one message, CertificateBytesMax the certificate of each.
	DevicesMax          = 64
	CertificateBytesMax = 8 << 10
	// SentenceBytesMax bounds the sentence of Goodbye, ClusterBytesMax the cluster's id.
	SentenceBytesMax = 512
	ClusterBytesMax  = 64
	// snapshotKeyBytesMax bounds the keys of a snapshot's rows.
	snapshotKeyBytesMax = 1 << 10
	// sealedBytesMax bounds one sealed edit.
	sealedBytesMax = limit.EditBytesMax + 4<<10
)

// kinds is the table of what each kind decodes into.
var kinds = map[Kind]func() Message{
	KindHello:         func() Message { return new(Hello) },
	KindProgress:      func() Message { return new(Progress) },
	KindCommits:       func() Message { return new(Commits) },
	KindWantCommits:   func() Message { return new(WantCommits) },
	KindOutOfReach:    func() Message { return new(OutOfReach) },
	KindEdits:         func() Message { return new(Edits) },
	KindWantEdits:     func() Message { return new(WantEdits) },
	KindDevices:       func() Message { return new(Introductions) },
	KindWantDevices:   func() Message { return new(WantDevices) },
	KindSnapshotOffer: func() Message { return new(SnapshotOffer) },
	KindSnapshotWant:  func() Message { return new(SnapshotWant) },
	KindBlobHave:      func() Message { return new(BlobHave) },
	KindSnapshot:      func() Message { return new(Snapshot) },
	KindBlobWant:      func() Message { return new(BlobWant) },
	KindBlobChunk:     func() Message { return new(BlobChunk) },
	KindGoodbye:       func() Message { return new(Goodbye) },
}

// Encode gives the frame of a message: its kind in one byte, then its deterministic CBOR.
func Encode(m Message) ([]byte, error) {
	body, err := record.Encode(m)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "session.Encode", "A message to another device could not be written.")
	}
	frame := make([]byte, 0, 1+len(body))
	return append(append(frame, byte(m.Kind())), body...), nil
}

// Decode reads a frame and checks every bound of its message. The message does not share memory with the frame.
func Decode(frame []byte) (Message, error) {
	if len(frame) > limit.FrameBytesMax {
		return nil, violation("session.Decode", "a frame is too long")
	}
	if len(frame) == 0 {
		return nil, violation("session.Decode", "a frame is empty")
	}
	fresh, known := kinds[Kind(frame[0])]
	if !known {
		return nil, violation("session.Decode", "a message is of an unknown kind")
	}
	m := fresh()
	if err := record.Decode(frame[1:], m); err != nil {
		return nil, fault.Wrap(err, CodeViolation, "session.Decode", sentences[CodeViolation])
	}
	if wrong := m.check(); wrong != "" {
		return nil, violation("session.Decode", wrong)
	}
	return m, nil
}

func (m *Hello) check() string {
	switch {
	case m.Protocol.From > m.Protocol.To || m.Format.From > m.Format.To:
		return "a range of versions is upside down"
	case len(m.Cluster) > ClusterBytesMax:
		return "the cluster's id is too long"
	case len(m.Role) > limit.NameBytesMax:
		return "the role is too long"
	}
	if wrong := checkStatements(m.Generations); wrong != "" {
		return wrong
	}
	return checkPositions(m.Positions)
}

func (m *Progress) check() string { return checkPositions(m.Positions) }

func checkPositions(positions []Position) string {
	if len(positions) > SpacesMax {
		return "there are too many spaces"
	}
	tails := 0
	for i, p := range positions {
		tails += len(p.Tails)
		if wrong := checkSpace(p.Frontier.Space); wrong != "" {
			return wrong
		}
		if i > 0 && positions[i-1].Frontier.Space >= p.Frontier.Space {
			return "the spaces are not in order"
		}
	}
	if tails > TailsMax {
		return "there are too many tails"
	}
	return ""
}

func checkSpace(space record.Space) string {
	if space == "" || len(space) > limit.NameBytesMax {
		return "the name of a space is empty or too long"
	}
	return ""
}

func checkRun(space record.Space, from uint64, rows int) string {
	switch {
	case rows == 0 || rows > RowsMax:
		return "a run is empty or too long"
	case from == 0 || from > math.MaxUint64-uint64(rows):
		return "a run's numbers are out of range"
	}
	return checkSpace(space)
}

func checkSealed(s *record.Sealed) string {
	if len(s.Header) == 0 || len(s.Header)+len(s.Payload) > sealedBytesMax {
		return "an edit is empty or too long"
	}
	if len(s.Signature) != 0 && len(s.Signature) != ed25519.SignatureSize {
		return "a signature has the wrong length"
	}
	return ""
}

func (m *Commits) check() string {
	for i := range m.Rows {
		if len(m.Rows[i].Outcome) == 0 {
			return "an outcome is empty"
		}
		if s := m.Rows[i].Sealed; s != nil {
			if wrong := checkSealed(s); wrong != "" {
				return wrong
			}
		}
	}
	return checkRun(m.Space, m.From, len(m.Rows))
}

func (m *OutOfReach) check() string { return checkSpace(m.Space) }

func (m *WantCommits) check() string { return checkRun(m.Space, m.From, 1) }

func (m *Edits) check() string {
	for i := range m.Run {
		if wrong := checkSealed(&m.Run[i]); wrong != "" {
			return wrong
		}
	}
	if n := len(m.Run); n > 0 && len(m.Run[n-1].Signature) == 0 {
		return "a run does not end on a signed edit"
	}
	return checkRun(m.Space, m.From, len(m.Run))
}

func (m *WantEdits) check() string { return checkRun(m.Space, m.From, 1) }

func (m *Introductions) check() string {
	if len(m.Devices) == 0 || len(m.Devices) > DevicesMax {
		return "there are no devices or too many"
	}
	for _, d := range m.Devices {
		if len(d.Key) != ed25519.PublicKeySize || len(d.Certificate) > CertificateBytesMax {
			return "a device's key or certificate has the wrong length"
		}
	}
	return ""
}

func (m *WantDevices) check() string {
	if len(m.IDs) == 0 || len(m.IDs) > DevicesMax {
		return "there are no devices or too many"
	}
	return ""
}

func (m *SnapshotOffer) check() string { return checkSpace(m.Frontier.Space) }

func (m *SnapshotWant) check() string {
	if len(m.After) > snapshotKeyBytesMax {
		return "a snapshot's key is too long"
	}
	return checkSpace(m.Space)
}

func (m *Snapshot) check() string {
	if len(m.Chunk.Rows) == 0 && !m.Chunk.Done {
		return "a piece of a snapshot is empty"
	}
	for _, row := range m.Chunk.Rows {
		if len(row.Key) > snapshotKeyBytesMax {
			return "a snapshot's key is too long"
		}
	}
	return checkSpace(m.Space)
}

func (m *BlobHave) check() string { return "" }

func (m *BlobWant) check() string {
	if m.Offset > limit.BlobBytesMax {
		return "a blob's offset is out of range"
	}
	return ""
}

func (m *BlobChunk) check() string {
	size := uint64(len(m.Bytes))
	switch {
	case m.Total > limit.BlobBytesMax || m.Offset > m.Total || size > m.Total-m.Offset:
		return "a blob's size is out of range"
	case size > limit.BlobChunkBytes || size == 0 && m.Offset < m.Total && !m.Missing:
		return "a blob's chunk is empty or too long"
	}
	return ""
}

func (m *Goodbye) check() string {
	if m.Code == "" || len(m.Code) > limit.NameBytesMax || len(m.Sentence) > SentenceBytesMax {
		return "a farewell is empty or too long"
	}
	return ""
}
