package store

import (
	"encoding/binary"

	"holdfast/backend/record"
)

// All keys of the database. A key starts with its family; numbers are big-endian so that keys sort by them; a space is its length in one byte, then its name.
//
//	family   rest of the key                       value
//	B        space, hash                           the record that the edit naming this blob changes first; empty: not known   committed, per space
//	C        space, commit                         Commit                                committed, per space
//	D        space, commit                         redacted                              committed, per space
//	E        space, device, incarnation, sequence  commit                                committed, per space
//	H        space, record, commit                 record.EncodeChanges of that commit   committed, per space
//	P        space, device, incarnation, sequence  Commit of an open parked edit         committed, per space
//	Q        space, device, incarnation            committed sequence, hash of that edit committed, per space
//	S        space, record                         record.EncodeState                    committed, per space
//	X        space, record                         empty: open conflict or duplicate     committed, per space
//	F        space                                 record.Frontier                       committed, per space
//	R                                              RaftPosition                          of a node
//	T        space, device, incarnation, sequence  record.Sealed                         tentative
//	Z        space, device, incarnation, sequence, hash  Quarantined                     local
//	I        space                                 importing                             local
//	N        key of a space's committed row        the row's value                       local: waits to take the place of the row that stands
//	O        space, device, incarnation, sequence  Commit of an own edit, trimmed        local
//	L        space, device, incarnation            committed sequence, hash: when it was left    local
//	M        name                                  value                                 local: the program's
//	J                                              redo marker: number of redo rows      local
//	K        number                                redo rows                             local
const (
	famBlob       = 'B'
	famCommit     = 'C'
	famRedacted   = 'D'
	famEdit       = 'E'
	famHistory    = 'H'
	famParked     = 'P'
	famSequence   = 'Q'
	famState      = 'S'
	famConflict   = 'X'
	famFrontier   = 'F'
	famRaft       = 'R'
	famTentative  = 'T'
	famQuarantine = 'Z'
	famImport     = 'I'
	famStaged     = 'N'
	famOwn        = 'O'
	famLeft       = 'L'
	famMeta       = 'M'
	famRedo       = 'J'
	famRedoRows   = 'K'
)

// spaceFamilies are the families that make up a space's committed state, ascending; its frontier travels beside them.
const spaceFamilies = "BCDEHPQSX"

// maxKeyBytes is above every key's length.
const maxKeyBytes = 192

// stagedKey is where a row waits that is to take the place of the one under key.
func stagedKey(key []byte) []byte {
	return append(append(make([]byte, 0, 1+len(key)), famStaged), key...)
}

func spaceKey(family byte, space record.Space) []byte {
	key := make([]byte, 0, 2+len(space)+40)
	key = append(key, family, byte(len(space)))
	return append(key, space...)
}

func numberKey(family byte, space record.Space, n uint64) []byte {
	return binary.BigEndian.AppendUint64(spaceKey(family, space), n)
}

func recordKey(family byte, space record.Space, id record.ID) []byte {
	return append(spaceKey(family, space), id[:]...)
}

func historyKey(space record.Space, id record.ID, commit uint64) []byte {
	return binary.BigEndian.AppendUint64(recordKey(famHistory, space, id), commit)
}

func incarnationKey(family byte, space record.Space, i record.Incarnation) []byte {
	return binary.BigEndian.AppendUint64(append(spaceKey(family, space), i.Device[:]...), i.Number)
}

func editKey(family byte, space record.Space, id record.EditID) []byte {
	return binary.BigEndian.AppendUint64(incarnationKey(family, space, id.Incarnation), id.Sequence)
}

func quarantineKey(space record.Space, id record.EditID, hash record.Hash) []byte {
	return append(editKey(famQuarantine, space, id), hash[:]...)
}

func metaKey(name string) []byte { return append([]byte{famMeta}, name...) }

func redoKey(n int) []byte { return binary.BigEndian.AppendUint32([]byte{famRedoRows}, uint32(n)) }

// splitSpace takes family and space off a key of a space.
func splitSpace(key []byte) (space record.Space, rest []byte, ok bool) {
	if len(key) < 2 || len(key) < 2+int(key[1]) {
		return "", nil, false
	}
	end := 2 + int(key[1])
	return record.Space(key[2:end]), key[end:], true
}

// splitEdit reads the edit id at the start of what splitSpace left; a sequence row has no sequence.
func splitEdit(rest []byte) (record.EditID, bool) {
	var id record.EditID
	if len(rest) < 24 {
		return id, false
	}
	copy(id.Device[:], rest)
	id.Number = binary.BigEndian.Uint64(rest[16:])
	if len(rest) >= 32 {
		id.Sequence = binary.BigEndian.Uint64(rest[24:])
	}
	return id, true
}

// committedSequence is the value of a sequence row.
type committedSequence struct {
	Sequence uint64
	Hash     record.Hash
}

func (c committedSequence) encode() []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 40), c.Sequence), c.Hash[:]...)
}

func decodeSequence(raw []byte) (committedSequence, bool) {
	if len(raw) != 40 {
		return committedSequence{}, false
	}
	return committedSequence{binary.BigEndian.Uint64(raw), record.Hash(raw[8:])}, true
}
