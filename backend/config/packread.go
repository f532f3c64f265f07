package config

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// packReader reads the objects of a pack one after the other.
type packReader struct {
	rest *bytes.Reader
	left int // bytes of content that may still come
}

// next reads one object and checks its form.
func (p *packReader) next() (packed, error) {
	kind, size, err := p.head()
	if err != nil {
		return packed{}, err
	}
	if size > objectBytesMax || size > uint64(p.left) {
		return packed{}, badPack("It unpacks to more than any publication may.")
	}
	p.left -= int(size)
	o := packed{kind: kind}
	// bytes.Reader is an io.ByteReader, so zlib takes no byte beyond the object's end.
	z, err := zlib.NewReader(p.rest)
	if err != nil {
		return packed{}, badPack("An object is not compressed as git does it.")
	}
	o.content, err = io.ReadAll(io.LimitReader(z, int64(size)+1))
	if err != nil || uint64(len(o.content)) != size {
		return packed{}, badPack("An object is not as long as it says.")
	}
	switch kind {
	case plumbing.TreeObject:
		o.links, err = treeLinks(o.content)
	case plumbing.CommitObject:
		o.links, err = commitLinks(o.content)
	}
	return o, err
}

// head reads an object's kind and size.
func (p *packReader) head() (plumbing.ObjectType, uint64, error) {
	b, err := p.rest.ReadByte()
	if err != nil {
		return 0, 0, badPack("It ends too early.")
	}
	kind := plumbing.ObjectType(b >> 4 & 7)
	if kind != plumbing.BlobObject && kind != plumbing.TreeObject && kind != plumbing.CommitObject {
		return 0, 0, badPack("It holds an object of a kind that a configuration does not need.")
	}
	size := uint64(b & 15)
	for shift := 4; b&0x80 != 0; shift += 7 {
		if b, err = p.rest.ReadByte(); err != nil || shift > 32 {
			return 0, 0, badPack("An object has an impossible size.")
		}
		size |= uint64(b&0x7f) << shift
	}
	return kind, size, nil
}

// treeLinks reads a folder: plain files and folders only, in git's order, with names that every system can keep beside each other.
func treeLinks(content []byte) ([]link, error) {
	var links []link
	last := ""
	names := map[string]bool{}
	for len(content) > 0 {
		space, zero := bytes.IndexByte(content, ' '), bytes.IndexByte(content, 0)
		if space < 0 || zero < space || len(content) < zero+1+len(plumbing.ZeroHash) {
			return nil, badPack("A folder in it is malformed.")
		}
		mode, name := string(content[:space]), string(content[space+1:zero])
		kind, order := plumbing.BlobObject, name
		switch mode {
		case "100644", "100755":
		case "40000":
			kind, order = plumbing.TreeObject, name+"/"
		default:
			return nil, badPack(fmt.Sprintf("%q is a link or something else that is no file.", name))
		}
		if why := checkName(name); why != "" {
			return nil, badPack(fmt.Sprintf("The name %q %s.", name, why))
		}
		if names[folded(name)] || order <= last {
			return nil, badPack(fmt.Sprintf("%q stands beside a name that is too much like it.", name))
		}
		names[folded(name)], last = true, order
		var hash plumbing.Hash
		copy(hash[:], content[zero+1:])
		links = append(links, link{hash, kind})
		content = content[zero+1+len(hash):]
	}
	return links, nil
}

// commitLinks reads the folder and the parents that a commit's head names.
func commitLinks(content []byte) ([]link, error) {
	head, _, found := strings.Cut(string(content), "\n\n")
	lines := strings.Split(head, "\n")
	tree, isTree := strings.CutPrefix(lines[0], "tree ")
	if !found || !isTree || !isHash(tree) {
		return nil, badPack("A version in it is malformed.")
	}
	links := []link{{plumbing.NewHash(tree), plumbing.TreeObject}}
	rest := lines[1:]
	for len(rest) > 0 && strings.HasPrefix(rest[0], "parent ") {
		parent := strings.TrimPrefix(rest[0], "parent ")
		if !isHash(parent) || len(links) > parentsMax {
			return nil, badPack("A version in it is malformed.")
		}
		links = append(links, link{plumbing.NewHash(parent), plumbing.CommitObject})
		rest = rest[1:]
	}
	if len(rest) < 2 || !strings.HasPrefix(rest[0], "author ") || !strings.HasPrefix(rest[1], "committer ") {
		return nil, badPack("A version in it does not say who made it.")
	}
	return links, nil
}

func isHash(text string) bool { return len(text) == 40 && strings.Trim(text, "0123456789abcdef") == "" }
