package search

import (
	"strings"
	"unicode"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/standard"
	index "github.com/blevesearch/bleve/v2/mapping"
)

// Fields of the index.
const (
	fieldKind  = "kind"
	fieldTitle = "title"
	fieldText  = "text"
	fieldNames = "names" // numbers, addresses, serials: whole and in lower case
)

// mapping indexes terms only: no stored text, no term vectors but for phrases, no composite field.
func mapping() index.IndexMapping {
	words := bleve.NewTextFieldMapping()
	words.Analyzer = standard.Name
	words.Store, words.IncludeInAll, words.DocValues = false, false, false
	whole := bleve.NewTextFieldMapping()
	whole.Analyzer = keyword.Name
	whole.Store, whole.IncludeInAll, whole.DocValues, whole.IncludeTermVectors = false, false, false, false
	document := bleve.NewDocumentStaticMapping()
	document.AddFieldMappingsAt(fieldTitle, words)
	document.AddFieldMappingsAt(fieldText, words)
	document.AddFieldMappingsAt(fieldNames, whole)
	document.AddFieldMappingsAt(fieldKind, whole)
	m := bleve.NewIndexMapping()
	m.DefaultMapping = document
	m.DefaultAnalyzer = standard.Name
	return m
}

// indexed is the document as the index takes it.
func indexed(d *Document) map[string]any {
	return map[string]any{fieldKind: d.Kind, fieldTitle: d.Title, fieldText: d.Text, fieldNames: namesOf(d)}
}

// namesOf gives what is found whole: the document's names, and every token of its text that has a digit or inner punctuation, as addresses, serials
// and numbers have.
func namesOf(d *Document) []string {
	names := make([]string, 0, len(d.Names)+4)
	for _, name := range d.Names {
		names = append(names, strings.ToLower(name))
	}
	for _, text := range []string{d.Title, d.Text} {
		for token := range strings.FieldsSeq(text) {
			if token = trimmed(token); isName(token) {
				names = append(names, strings.ToLower(token))
			}
		}
	}
	return names
}

// trimmed takes the punctuation off a token's ends.
func trimmed(token string) string {
	return strings.TrimFunc(token, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '~' })
}

// isName tells tokens such as INC-LYO-~7F3A, 10.4.0.17, 00:1B:44:11:3A:B7 and SN123-99 from plain words.
func isName(token string) bool {
	return strings.ContainsAny(token, "-:._/~@0123456789") && len(token) <= 64
}

// wordsOf gives a document's words in lower case, for the tail.
func wordsOf(d *Document) []string {
	text := strings.ToLower(d.Title + " " + d.Text)
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return append(words, namesOf(d)...)
}
