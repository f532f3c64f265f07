package raftlog

import (
	"encoding/binary"
	"hash/crc32"
	"time"

	"github.com/hashicorp/raft"
)

// An entry is stored under its index (8 bytes, big-endian) as
//
//	type (1 byte) | term (uvarint) | appended at, Unix nanoseconds or 0 (varint) | bytes of extensions (uvarint) | extensions | data | CRC-32C (4 bytes)
//
// The checksum covers the key too, so that an entry found under another index is refused.
const (
	checksumBytes   = 4
	overheadBytes   = 1 + 3*binary.MaxVarintLen64 + checksumBytes
	keyBytes        = 8
	entryBytesLeast = 1 + 1 + 1 + 1 + checksumBytes
)

func keyOf(index uint64) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 0, keyBytes), index)
}

func encodeEntry(key []byte, l *raft.Log) []byte {
	out := make([]byte, 0, overheadBytes+len(l.Extensions)+len(l.Data))
	out = append(out, byte(l.Type))
	out = binary.AppendUvarint(out, l.Term)
	out = binary.AppendVarint(out, nanoseconds(l.AppendedAt))
	out = binary.AppendUvarint(out, uint64(len(l.Extensions)))
	out = append(out, l.Extensions...)
	out = append(out, l.Data...)
	return seal(key, out)
}

// seal appends the checksum that unseal checks and takes off. The log's entries and all other values carry one.
func seal(key, body []byte) []byte {
	return binary.BigEndian.AppendUint32(body, checksum(key, body))
}

func unseal(key, raw []byte) ([]byte, error) {
	if len(raw) < checksumBytes {
		return nil, errDamaged
	}
	body, sum := raw[:len(raw)-checksumBytes], raw[len(raw)-checksumBytes:]
	if binary.BigEndian.Uint32(sum) != checksum(key, body) {
		return nil, errDamaged
	}
	return body, nil
}

// decodeEntry fills l with copies: raw belongs to a transaction.
func decodeEntry(key, raw []byte, l *raft.Log) error {
	if len(key) != keyBytes || len(raw) < entryBytesLeast {
		return errDamaged
	}
	body, err := unseal(key, raw)
	if err != nil {
		return err
	}
	kind, body := raft.LogType(body[0]), body[1:]
	term, n := binary.Uvarint(body)
	if n <= 0 {
		return errDamaged
	}
	body = body[n:]
	appended, n := binary.Varint(body)
	if n <= 0 {
		return errDamaged
	}
	body = body[n:]
	extensions, n := binary.Uvarint(body)
	if n <= 0 || extensions > uint64(len(body)-n) {
		return errDamaged
	}
	body = body[n:]
	*l = raft.Log{
		Index:      binary.BigEndian.Uint64(key),
		Term:       term,
		Type:       kind,
		AppendedAt: timeOf(appended),
		Extensions: copyOf(body[:extensions]),
		Data:       copyOf(body[extensions:]),
	}
	return nil
}

func checksum(key, body []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli) // made once by the library
	return crc32.Update(crc32.Checksum(key, table), table, body)
}

func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func timeOf(nanoseconds int64) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds).UTC()
}

// copyOf gives nil for nothing, as raft had it.
func copyOf(b []byte) []byte { return append([]byte(nil), b...) }
