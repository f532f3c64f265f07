package config

import (
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// closure checks that the objects of a pack lead only to objects that are there, and that no folder unfolds to more files than a version
// may have.
type closure struct {
	objects map[plumbing.Hash]packed
	storage *filesystem.Storage
	extents map[plumbing.Hash]extent // once known
}

// extent is how much a folder unfolds to.
type extent struct {
	files  int
	height int // levels of folders below it
}

func (c *closure) run(order []plumbing.Hash) error {
	for _, hash := range order {
		o := c.objects[hash]
		for _, l := range o.links {
			if err := c.present(l); err != nil {
				return err
			}
		}
		if o.kind != plumbing.CommitObject {
			continue
		}
		if _, err := c.measure(o.links[0].hash, 0); err != nil {
			return err
		}
	}
	return nil
}

func (c *closure) present(l link) error {
	if o, packed := c.objects[l.hash]; packed {
		if o.kind != l.kind {
			return badPack("An object in it is not what another says it is.")
		}
		return nil
	}
	if o, err := c.storage.EncodedObject(plumbing.AnyObject, l.hash); err != nil || o.Type() != l.kind {
		return badPack("Something that it builds on is not on this device yet.")
	}
	return nil
}

// measure reckons a folder's extent. A folder that stands in many places is reckoned once.
func (c *closure) measure(tree plumbing.Hash, depth int) (extent, error) {
	e, known := c.extents[tree]
	if depth+e.height >= folderDepthMax {
		return e, badPack("Its folders nest too deeply.")
	}
	if known {
		return e, nil
	}
	links, err := c.linksOf(tree)
	if err != nil {
		return e, err
	}
	for _, l := range links {
		inner := extent{files: 1}
		if l.kind == plumbing.TreeObject {
			if inner, err = c.measure(l.hash, depth+1); err != nil {
				return e, err
			}
			e.height = max(e.height, inner.height+1)
		}
		if e.files += inner.files; e.files > filesMax {
			return e, badPack("A version in it has more files than a configuration may.")
		}
	}
	c.extents[tree] = e
	return e, nil
}

// linksOf gives what a folder holds, from the pack or from what is here.
func (c *closure) linksOf(tree plumbing.Hash) ([]link, error) {
	if o, packed := c.objects[tree]; packed {
		return o.links, nil
	}
	o, err := c.storage.EncodedObject(plumbing.TreeObject, tree)
	if err != nil {
		return nil, damaged(err, "config.Unpack")
	}
	content, err := contentOf(o)
	if err != nil {
		return nil, damaged(err, "config.Unpack")
	}
	return treeLinks(content)
}
