package record

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// DigestOf gives the digest of one record from its encoded state. The digest of a space is the sum (Hash.Plus) of its records', so it is
// kept up by adding and taking away, and does not depend on how the state came about.
func DigestOf(encoded []byte) Hash { return sha256.Sum256(encoded) }

// Plus adds modulo 2^256.
func (h Hash) Plus(other Hash) Hash { return h.combine(other, bits.Add64) }

// Minus takes away modulo 2^256.
func (h Hash) Minus(other Hash) Hash { return h.combine(other, bits.Sub64) }

func (h Hash) combine(other Hash, step func(x, y, carry uint64) (uint64, uint64)) Hash {
	var out Hash
	var carry uint64
	for at := len(h) - 8; at >= 0; at -= 8 {
		var word uint64
		word, carry = step(binary.BigEndian.Uint64(h[at:]), binary.BigEndian.Uint64(other[at:]), carry)
		binary.BigEndian.PutUint64(out[at:], word)
	}
	return out
}

// ChainHash gives the hash that stands for an outcome and all before it in its space.
func ChainHash(previous Hash, outcome []byte) Hash {
	sum := sha256.New()
	sum.Write([]byte("holdfast outcome 1\n"))
	sum.Write(previous[:])
	sum.Write(outcome)
	return Hash(sum.Sum(nil))
}
