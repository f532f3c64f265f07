package config

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/revlist"

	"holdfast/backend/core/fault"
)

// Bounds of one pack, so that a hostile one costs a bounded amount of memory and time.
const (
	packBytesMax   = 16 << 20
	packObjectsMax = 50_000
	packTotalMax   = 64 << 20 // bytes of all objects, unpacked
	objectBytesMax = fileBytesMax
	parentsMax     = 16
)

// Pack gives the objects of the wanted commits and their history, without those that the commits in have bring along, as a git pack without
// deltas. Commits in have that are not here are passed over.
func (r *Repository) Pack(ctx context.Context, have, want []Hash) ([]byte, error) {
	const op = "config.Pack"
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := r.storage()
	var wanted, known []plumbing.Hash
	for _, commit := range want {
		if _, err := readCommit(s, commit); err != nil {
			return nil, err
		}
		wanted = append(wanted, commit.object())
	}
	for _, commit := range have {
		if _, err := readCommit(s, commit); err == nil {
			known = append(known, commit.object())
		}
	}
	objects, err := revlist.Objects(s, wanted, known)
	if err != nil {
		return nil, damaged(err, op)
	}
	slices.SortFunc(objects, func(a, b plumbing.Hash) int { return bytes.Compare(a[:], b[:]) })
	var out bytes.Buffer
	if _, err := packfile.NewEncoder(&out, s, false).Encode(objects, 0); err != nil {
		return nil, damaged(err, op)
	}
	if out.Len() > packBytesMax {
		return nil, fault.Newf(fault.Invalid, op, "The publication is larger than %d MiB. Publish in smaller steps.", packBytesMax>>20)
	}
	return out.Bytes(), nil
}

// packed is one object of a pack that was read and found well formed.
type packed struct {
	kind    plumbing.ObjectType
	content []byte
	links   []link
}

// link is a reference from one object to another.
type link struct {
	hash plumbing.Hash
	kind plumbing.ObjectType
}

// Unpack stores the objects of a pack. All of it is checked first, and nothing is stored unless every object is well formed, small enough, of a
// kind that a configuration needs, named so that every system can keep it, and leads only to objects that are in the pack or here. Deltas,
// links, submodules and tags are refused. No branch moves. Doing it twice does no harm and mends what is damaged.
func (r *Repository) Unpack(ctx context.Context, pack []byte) error {
	objects, order, err := readPack(pack)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.storage()
	check := closure{objects: objects, storage: s, extents: map[plumbing.Hash]extent{}}
	if err := check.run(order); err != nil {
		return err
	}
	for _, hash := range order {
		if err := ctx.Err(); err != nil {
			return err
		}
		o := objects[hash]
		if _, err := r.writeObject(s, o.kind, o.content); err != nil {
			return err
		}
	}
	return nil
}

// readPack reads all objects of a pack, what others lead to before what leads there.
func readPack(pack []byte) (map[plumbing.Hash]packed, []plumbing.Hash, error) {
	const header, trailer = 12, sha1.Size
	switch {
	case len(pack) > packBytesMax:
		return nil, nil, badPack("It is larger than any publication may be.")
	case len(pack) < header+trailer || string(pack[:4]) != "PACK" || binary.BigEndian.Uint32(pack[4:]) != 2:
		return nil, nil, badPack("It is not a git pack.")
	}
	body, sum := pack[:len(pack)-trailer], pack[len(pack)-trailer:]
	if want := sha1.Sum(body); !bytes.Equal(want[:], sum) {
		return nil, nil, badPack("Its checksum is wrong.")
	}
	count := binary.BigEndian.Uint32(pack[8:])
	if count > packObjectsMax {
		return nil, nil, badPack("It holds more objects than any publication may.")
	}
	in := packReader{rest: bytes.NewReader(body[header:]), left: packTotalMax}
	objects := map[plumbing.Hash]packed{}
	for range count {
		o, err := in.next()
		if err != nil {
			return nil, nil, err
		}
		objects[plumbing.ComputeHash(o.kind, o.content)] = o
	}
	if in.rest.Len() > 0 {
		return nil, nil, badPack("Bytes are left over at its end.")
	}
	return objects, inOrder(objects), nil
}

// inOrder puts files before folders before commits, so that a crash in between leaves nothing that leads nowhere for long.
func inOrder(objects map[plumbing.Hash]packed) []plumbing.Hash {
	order := make([]plumbing.Hash, 0, len(objects))
	for hash := range objects {
		order = append(order, hash)
	}
	rank := map[plumbing.ObjectType]int{plumbing.BlobObject: 0, plumbing.TreeObject: 1, plumbing.CommitObject: 2}
	slices.SortFunc(order, func(a, b plumbing.Hash) int {
		if d := rank[objects[a].kind] - rank[objects[b].kind]; d != 0 {
			return d
		}
		return bytes.Compare(a[:], b[:])
	})
	return order
}

func badPack(why string) error {
	return fault.New(fault.Invalid, "config.Unpack", "The published configuration cannot be taken over. "+why)
}
