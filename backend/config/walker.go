package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// walker holds a parsed file against a shape and remembers where everything stands.
type walker struct {
	document *document
}

func (w *walker) refuse(n ast.Node, allowed []string, format string, args ...any) {
	w.document.add(startOf(n), fmt.Sprintf(format, args...), allowed)
}

// startOf gives where a node begins: for a mapping its first key, not its first colon.
func startOf(n ast.Node) place {
	switch v := n.(type) {
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return placeOf(v.Values[0].Key.GetToken())
		}
	case *ast.MappingValueNode:
		return placeOf(v.Key.GetToken())
	}
	return placeOf(n.GetToken())
}

func (w *walker) value(n ast.Node, path string, shape Shape, depth int) {
	w.document.places[path] = startOf(n)
	if depth > documentDepthMax {
		w.refuse(n, nil, "The file nests too deeply.")
		return
	}
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		w.refuse(n, nil, "Anchors, aliases and tags are not used here; write the value out.")
		return
	case *ast.NullNode:
		w.refuse(n, shape.Choices, "%s is empty; it needs %s.", named(path), wanted(shape))
		return
	}
	switch shape.Type {
	case ShapeObject, ShapeMap:
		w.entries(n, path, shape, depth)
	case ShapeList:
		w.items(n, path, shape, depth)
	default:
		w.scalar(n, path, shape)
	}
}

// named gives what a message calls a place.
func named(path string) string {
	if path == "" {
		return "The file"
	}
	if cut := strings.LastIndexByte(path, '.'); cut >= 0 {
		path = path[cut+1:]
	}
	return path
}

func wanted(shape Shape) string {
	switch shape.Type {
	case ShapeObject, ShapeMap:
		return "entries of the form \"name: value\""
	case ShapeList:
		return "a list"
	case ShapeInteger:
		return "a whole number"
	case ShapeFlag:
		return "true or false"
	case ShapeChoice:
		return "one of " + strings.Join(shape.Choices, ", ")
	default:
		return "a text"
	}
}

// entries checks an object or a map.
func (w *walker) entries(n ast.Node, path string, shape Shape, depth int) {
	values, ok := pairs(n)
	if !ok {
		w.refuse(n, nil, "%s must have %s.", named(path), wanted(shape))
		return
	}
	var seen []string
	for _, pair := range values {
		name := pair.Key.GetToken().Value
		at := name
		if path != "" {
			at = path + "." + name
		}
		if slices.Contains(seen, name) {
			w.refuse(pair, nil, "%q is given twice.", name)
			continue
		}
		seen = append(seen, name)
		inner, known := Shape{}, shape.Item != nil
		if known {
			inner = *shape.Item
		} else {
			inner, known = shape.field(name)
		}
		if !known {
			w.refuse(pair, shape.names(), "%q is not known here.", name)
			continue
		}
		w.value(pair.Value, at, inner, depth+1)
	}
	for _, f := range shape.Fields {
		if f.Required && !slices.Contains(seen, f.Name) {
			w.refuse(n, nil, "%q is missing here.", f.Name)
		}
	}
}

// pairs gives the entries of a mapping, however the parser wraps them.
func pairs(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch v := n.(type) {
	case *ast.MappingNode:
		return v.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{v}, true
	}
	return nil, false
}

func (w *walker) items(n ast.Node, path string, shape Shape, depth int) {
	sequence, ok := n.(*ast.SequenceNode)
	if !ok {
		w.refuse(n, nil, "%s must be a list.", named(path))
		return
	}
	for i, item := range sequence.Values {
		w.value(item, fmt.Sprintf("%s[%d]", path, i), *shape.Item, depth+1)
	}
}

func (w *walker) scalar(n ast.Node, path string, shape Shape) {
	fits := false
	word := ""
	switch v := n.(type) {
	case *ast.StringNode:
		word = v.Value
		fits = shape.Type == ShapeText || shape.Type == ShapeChoice
	case *ast.LiteralNode:
		fits = shape.Type == ShapeText
	case *ast.IntegerNode:
		word = v.GetToken().Value
		fits = shape.Type != ShapeFlag
	case *ast.BoolNode:
		fits = shape.Type == ShapeFlag
	}
	if fits && shape.Type == ShapeChoice {
		fits = slices.Contains(shape.Choices, word)
	}
	if !fits {
		w.refuse(n, shape.Choices, "%s needs %s.", named(path), wanted(shape))
	}
}
