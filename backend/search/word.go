package search

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/standard"
	index "github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
	"github.com/blevesearch/bleve/v2/search/searcher"
	reading "github.com/blevesearch/bleve_index_api"
)

// wordQuery finds records that have a word: whole, as the beginning of a word or name, or, with typos, with one typing error. It looks up which words begin so and reads
// the records of each once; asked for as a word and as a beginning, those of a common word would be read twice.
type wordQuery struct {
	word  string
	plain bool // without inner punctuation: titles and texts may have it as one word
	typos bool
}

// What a hit counts: as a beginning, and what is added when it is the whole word.
const (
	namesBegin, namesWhole = 3.0, 8.0
	textBegin, textWhole   = 1.0, 2.0
	titleFactor            = 2.0
)

var _ query.Query = (*wordQuery)(nil)

// Searcher implements query.Query.
func (q *wordQuery) Searcher(ctx context.Context, reader reading.IndexReader, m index.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
	w := wordSearch{wordQuery: q, ctx: ctx, reader: reader, mapping: m, options: o}
	err := w.gather()
	if err == nil && len(w.found) > 0 {
		return searcher.NewDisjunctionSearcher(ctx, reader, w.found, 0, o)
	}
	for _, s := range w.found {
		s.Close()
	}
	if err != nil {
		return nil, err
	}
	return searcher.NewMatchNoneSearcher(reader)
}

// wordSearch is a wordQuery on one state of the index.
type wordSearch struct {
	*wordQuery
	ctx     context.Context
	reader  reading.IndexReader
	mapping index.IndexMapping
	options search.SearcherOptions
	found   []search.Searcher
}

func (w *wordSearch) gather() error {
	if err := w.begins(fieldNames, namesBegin, namesWhole); err != nil || !w.plain {
		return err
	}
	for _, field := range []string{fieldTitle, fieldText} {
		factor := 1.0
		if field == fieldTitle {
			factor = titleFactor
		}
		if err := w.text(field, factor); err != nil {
			return err
		}
	}
	return nil
}

// text looks in a field that is analysed. Where that makes other words of the word, as in scripts without spaces, these are looked for too.
func (w *wordSearch) text(field string, factor float64) error {
	whole := textWhole
	if !w.single() {
		match := bleve.NewMatchQuery(w.word)
		match.SetField(field)
		match.SetBoost(textWhole * factor)
		if err := w.add(match); err != nil {
			return err
		}
		whole = 0
	}
	if err := w.begins(field, textBegin*factor, whole*factor); err != nil {
		return err
	}
	if !w.typos || utf8.RuneCountInString(w.word) < typoRunes {
		return nil
	}
	fuzzy := bleve.NewFuzzyQuery(w.word)
	fuzzy.SetField(field)
	fuzzy.SetFuzziness(1)
	fuzzy.SetBoost(textBegin * factor / 2)
	return w.add(fuzzy)
}

// single reports whether the analysis leaves the word as it is.
func (w *wordSearch) single() bool {
	analyzer := w.mapping.AnalyzerNamed(standard.Name)
	if analyzer == nil {
		return false
	}
	tokens := analyzer.Analyze([]byte(w.word))
	return len(tokens) == 1 && string(tokens[0].Term) == w.word
}

func (w *wordSearch) add(q query.Query) error {
	s, err := q.Searcher(w.ctx, w.reader, w.mapping, w.options)
	if err == nil {
		w.found = append(w.found, s)
	}
	return err
}

// begins adds every word of a field that begins with the word.
func (w *wordSearch) begins(field string, begin, whole float64) error {
	terms, err := w.terms(field)
	if err != nil {
		return err
	}
	for _, term := range terms {
		boost := begin
		if term == w.word {
			boost += whole
		}
		s, err := searcher.NewTermSearcher(w.ctx, w.reader, term, field, boost, w.options)
		if err != nil {
			return err
		}
		w.found = append(w.found, s)
	}
	return nil
}

func (w *wordSearch) terms(field string) (terms []string, err error) {
	dictionary, err := w.reader.FieldDictPrefix(field, []byte(w.word))
	if err != nil {
		return nil, err
	}
	for {
		entry, err := dictionary.Next()
		if err != nil || entry == nil {
			return terms, errors.Join(err, dictionary.Close())
		}
		if n := len(terms); n == 0 || terms[n-1] != entry.Term {
			terms = append(terms, entry.Term)
		}
	}
}
