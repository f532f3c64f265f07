package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/finding"
)

// Bounds that keep a hostile file from costing the parser more than a moment.
const (
	documentBytesMax  = 256 << 10
	documentLineMax   = 2000 // bytes; each may open nested entries
	documentNestedMax = 24   // brackets open at once
	documentDepthMax  = 12   // levels that the shapes never reach
)

// place is a position in a file, counted from 1.
type place struct{ line, column int }

// document is one file of YAML that was read, with the place of everything in it.
type document struct {
	path     string
	text     string
	offset   int // lines of the file before text
	places   map[string]place
	problems []Problem
}

// readDocument parses a file, holds it against a shape and decodes it into target. It gives the document also when that has problems;
// target then may be half filled.
func readDocument(path, content string, offset int, shape Shape, target any) *document {
	d := &document{path: path, text: content, offset: offset, places: map[string]place{}}
	root, ok := d.parse()
	if !ok {
		return d
	}
	w := walker{document: d}
	w.value(root, "", shape, 0)
	if len(d.problems) > 0 {
		return d
	}
	if err := decode(content, target); err != nil {
		d.refuse(err)
	}
	return d
}

// decode fills target. The parser is not ours, so a panic on odd input counts as unreadable input.
func decode(content string, target any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("unreadable: %v", r)
		}
	}()
	return yaml.UnmarshalWithOptions([]byte(content), target, yaml.Strict())
}

func parseFile(content string) (file *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			file, err = nil, fmt.Errorf("unreadable: %v", r)
		}
	}()
	return parser.ParseBytes([]byte(content), 0)
}

// parse gives the root of the one YAML document in the file.
func (d *document) parse() (ast.Node, bool) {
	if what, at := tooMuch(d.text); what != "" {
		d.add(at, what, nil)
		return nil, false
	}
	file, err := parseFile(d.text)
	if err != nil {
		d.refuse(err)
		return nil, false
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		d.add(place{1, 1}, "The file must hold one YAML document that is not empty.", nil)
		return nil, false
	}
	return file.Docs[0].Body, true
}

// tooMuch looks for text that is made to be dear to parse.
func tooMuch(content string) (what string, at place) {
	if len(content) > documentBytesMax {
		return fmt.Sprintf("The file is larger than %d KiB.", documentBytesMax>>10), place{1, 1}
	}
	nested := 0
	for i, line := range strings.Split(content, "\n") {
		if len(line) > documentLineMax {
			return fmt.Sprintf("The line is longer than %d bytes.", documentLineMax), place{i + 1, 1}
		}
		if strings.ContainsRune(line, '\t') && strings.TrimLeft(line, " \t") != strings.TrimLeft(line, " ") {
			return "The line is indented with a tab; YAML wants spaces.", place{i + 1, 1}
		}
		nested += strings.Count(line, "[") + strings.Count(line, "{") - strings.Count(line, "]") - strings.Count(line, "}")
		if nested > documentNestedMax || strings.Count(line, "- -") > documentDepthMax || strings.Count(line, "? ") > documentDepthMax {
			return "The file nests too deeply.", place{i + 1, 1}
		}
	}
	return "", place{}
}

// add notes a problem at a place of the text.
func (d *document) add(at place, what string, allowed []string) {
	d.problems = append(d.problems, Problem{d.path, max(at.line, 1) + d.offset, max(at.column, 1), what, allowed})
}

// note adds findings of the rules, each at the place that its path leads to or at the nearest place above.
func (d *document) note(findings ...finding.Finding) {
	for _, f := range findings {
		d.add(d.find(f.Path), f.What, f.Allowed)
	}
}

func (d *document) find(path string) place {
	for {
		if at, known := d.places[path]; known {
			return at
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return d.places[""]
		}
		path = path[:cut]
	}
}

// refuse notes an error of the YAML library.
func (d *document) refuse(err error) {
	var detailed yaml.Error
	if !errors.As(err, &detailed) {
		d.add(place{1, 1}, "The file cannot be read as YAML.", nil)
		return
	}
	d.add(placeOf(detailed.GetToken()), "The file cannot be read as YAML: "+sentence(detailed.GetMessage()), nil)
}

func sentence(message string) string {
	first, _, _ := strings.Cut(message, "\n")
	return strings.TrimSuffix(first, ".") + "."
}

func placeOf(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{1, 1}
	}
	return place{t.Position.Line, t.Position.Column}
}

// fail notes an error of the rules that has no place of its own.
func (d *document) fail(path string, err error) {
	if err != nil {
		d.add(d.find(path), fault.SentenceOf(err), nil)
	}
}

// unique notes keys that stand twice in the list at path.
func (d *document) unique(path string, keys []string) {
	for i, key := range keys {
		if slices.Contains(keys[:i], key) {
			d.add(d.find(fmt.Sprintf("%s[%d].key", path, i)), fmt.Sprintf("%q is given twice.", key), nil)
		}
	}
}

// known notes entries of the list at path that are none of the allowed; what says what they should be.
func (d *document) known(path string, entries, allowed []string, what string) {
	for i, entry := range entries {
		if !slices.Contains(allowed, entry) {
			d.add(d.find(fmt.Sprintf("%s[%d]", path, i)), fmt.Sprintf("There is no %s %q.", what, entry), allowed)
		}
	}
}

// one notes a value at path that is none of the allowed.
func (d *document) one(path, entry string, allowed []string, what string) bool {
	if slices.Contains(allowed, entry) {
		return true
	}
	d.add(d.find(path), fmt.Sprintf("There is no %s %q.", what, entry), allowed)
	return false
}
