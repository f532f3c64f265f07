package config_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backend/config"
	"holdfast/backend/core/fault"
)

func TestPackCarriesAVersionToAnotherDevice(t *testing.T) {
	ctx := context.Background()
	from, toDir := open(t, t.TempDir()), t.TempDir()
	to := open(t, toDir)
	first, err := from.Init(ctx, starter(t), by("ana", 0))
	if err != nil {
		t.Fatal(err)
	}
	second := commit(t, from, first, 1, set("runbooks/new.md", "# New\n"))
	whole, err := from.Pack(ctx, nil, []config.Hash{first})
	if err != nil {
		t.Fatal(err)
	}
	rest, err := from.Pack(ctx, []config.Hash{first, "0123456789012345678901234567890123456789"}, []config.Hash{second})
	if err != nil {
		t.Fatal(err)
	}
	wantFault(t, to.Unpack(ctx, rest), fault.Invalid)
	for _, pack := range [][]byte{whole, rest, whole} {
		if err := to.Unpack(ctx, pack); err != nil {
			t.Fatal(err)
		}
	}
	if len(rest) > 1500 {
		t.Errorf("one new file makes a pack of %d bytes", len(rest))
	}
	if err := to.SetHead(config.Main, second); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(files(t, to, second), files(t, from, second)) {
		t.Error("the files differ")
	}
	git(t, toDir, "fsck", "--strict", "--no-dangling", "--no-progress")
	again, err := to.Pack(ctx, nil, []config.Hash{first})
	if err != nil || !bytes.Equal(again, whole) {
		t.Errorf("the same version makes another pack: %v", err)
	}
}

func TestUnpackMendsWhatIsDamaged(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	r := open(t, dir)
	first, err := r.Init(ctx, starter(t), by("ana", 0))
	if err != nil {
		t.Fatal(err)
	}
	pack, err := r.Pack(ctx, nil, []config.Hash{first})
	if err != nil {
		t.Fatal(err)
	}
	objects, err := filepath.Glob(filepath.Join(dir, "objects", "??", "*"))
	if err != nil || len(objects) < 20 {
		t.Fatalf("%d objects, %v", len(objects), err)
	}
	for i, object := range objects {
		if err := os.Remove(object); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			if err := os.WriteFile(object, []byte("damage"), 0o444); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := r.ReadTree(ctx, first); err == nil {
		t.Fatal("the damage went unnoticed")
	}
	if err := r.Unpack(ctx, pack); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(files(t, r, first), starter(t)) {
		t.Error("the files differ")
	}
}

// rawObject is an object of a hand-made pack.
type rawObject struct {
	kind    int // 1 commit, 2 tree, 3 blob, 4 tag, 6 and 7 deltas
	content string
}

func (o rawObject) hash() string {
	name := map[int]string{1: "commit", 2: "tree", 3: "blob", 4: "tag"}[o.kind]
	sum := sha1.Sum([]byte(fmt.Sprintf("%s %d\x00%s", name, len(o.content), o.content)))
	return hex.EncodeToString(sum[:])
}

func packOf(objects ...rawObject) []byte {
	var out bytes.Buffer
	out.WriteString("PACK")
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 2), uint32(len(objects)))
	out.Write(header)
	for _, o := range objects {
		size := len(o.content)
		b := byte(o.kind<<4 | size&15)
		for size >>= 4; size > 0; size >>= 7 {
			out.WriteByte(b | 0x80)
			b = byte(size & 0x7f)
		}
		out.WriteByte(b)
		z := zlib.NewWriter(&out)
		z.Write([]byte(o.content))
		z.Close()
	}
	return sealed(out.Bytes())
}

func sealed(body []byte) []byte {
	sum := sha1.Sum(body)
	return append(body, sum[:]...)
}

func entry(mode, name string, o rawObject) string {
	raw, _ := hex.DecodeString(o.hash())
	return mode + " " + name + "\x00" + string(raw)
}

func commitOf(tree rawObject) rawObject {
	who := "Eve <eve@example.org> 1773046800 +0000"
	return rawObject{1, "tree " + tree.hash() + "\nauthor " + who + "\ncommitter " + who + "\n\nx\n"}
}

func hostilePacks() map[string][]byte {
	blob := rawObject{3, "x"}
	tree := func(entries ...string) rawObject { return rawObject{2, strings.Join(entries, "")} }
	around := func(t rawObject) []byte { return packOf(blob, t, commitOf(t)) }
	deep, bomb := tree(entry("100644", "a", blob)), tree(entry("100644", "a", blob))
	nested, bombs := []rawObject{blob, deep}, []rawObject{blob, bomb}
	for range 12 {
		deep = tree(entry("40000", "d", deep))
		nested = append(nested, deep)
	}
	for range 6 {
		bomb = tree(entry("40000", "a", bomb), entry("40000", "b", bomb), entry("40000", "c", bomb), entry("40000", "d", bomb), entry("40000", "e", bomb))
		bombs = append(bombs, bomb)
	}
	good := around(tree(entry("100644", "a", blob)))
	flipped := bytes.Clone(good)
	flipped[20] ^= 1
	return map[string][]byte{
		"empty":              nil,
		"text":               []byte(strings.Repeat("this is no pack ", 8)),
		"wrong checksum":     flipped,
		"cut":                sealed(good[:len(good)-30]),
		"bytes left over":    sealed(append(bytes.Clone(good[:len(good)-20]), "more"...)),
		"too many announced": sealed([]byte("PACK\x00\x00\x00\x02\xff\xff\xff\xff")),
		"a link":             around(tree(entry("120000", "a", blob))),
		"a submodule":        around(tree(entry("160000", "a", blob))),
		"parent folder":      around(tree(entry("100644", "..", blob))),
		"git's own folder":   around(tree(entry("40000", ".git", tree(entry("100644", "a", blob))))),
		"a slash":            around(tree(entry("100644", "a/b", blob))),
		"a device":           around(tree(entry("100644", "aux.md", blob))),
		"differ in case":     around(tree(entry("100644", "A", blob), entry("100644", "a", blob))),
		"twice":              around(tree(entry("100644", "a", blob), entry("100644", "a", blob))),
		"out of order":       around(tree(entry("100644", "b", blob), entry("100644", "a", blob))),
		"leads nowhere":      packOf(commitOf(tree(entry("100644", "a", blob)))),
		"file as folder":     packOf(blob, tree(entry("40000", "a", blob))),
		"malformed folder":   packOf(tree("100644 a\x00short")),
		"malformed version":  packOf(rawObject{1, "tree zzz\n\n"}),
		"nobody's version":   packOf(blob, tree(entry("100644", "a", blob)), rawObject{1, "tree " + tree(entry("100644", "a", blob)).hash() + "\n\nx"}),
		"a tag":              packOf(rawObject{4, "object x"}),
		"a delta":            packOf(rawObject{7, "01234567890123456789"}),
		"a large file":       packOf(rawObject{3, strings.Repeat("\x00", 2<<20)}),
		"too deep":           packOf(append(nested, commitOf(deep))...),
		"too many files":     packOf(append(bombs, commitOf(bomb))...),
	}
}

func TestUnpackRefusesHostilePacks(t *testing.T) {
	for name, pack := range hostilePacks() {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			wantFault(t, open(t, dir).Unpack(context.Background(), pack), fault.Invalid)
			if objects, err := filepath.Glob(filepath.Join(dir, "objects", "*")); err != nil || len(objects) > 0 {
				t.Errorf("something of it was stored: %v, %v", objects, err)
			}
		})
	}
}

func FuzzUnpack(f *testing.F) {
	for _, pack := range hostilePacks() {
		if len(pack) < 4096 {
			f.Add(pack)
		}
	}
	blob := rawObject{3, "x"}
	tree := rawObject{2, entry("100644", "a", blob)}
	f.Add(packOf(blob, tree, commitOf(tree)))
	r := open(f, f.TempDir())
	f.Fuzz(func(t *testing.T, pack []byte) {
		if len(pack) > 20 {
			pack = sealed(bytes.Clone(pack[:len(pack)-20]))
		}
		if err := r.Unpack(context.Background(), pack); err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatal(err)
		}
	})
}
