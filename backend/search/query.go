package search

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Request asks for the best hits of a text.
type Request struct {
	Text  string
	Kinds []string // any when empty
	Limit int
}

// Hit is one record found, best first.
type Hit struct {
	ID    record.ID
	Score float64
}

// term is one word or phrase of a request, in lower case.
type term struct {
	text   string
	phrase bool
}

// maxTerms and maxTermBytes bound what one request may cost.
const (
	maxTerms     = 12
	maxTermBytes = 64
)

// typoRunes is from how many letters on a word is also looked for with one typing error.
const typoRunes = 4

// Search finds records that have every word of the text: whole, as the beginning of a word, or, when that finds little, with one typing error.
func (x *Index) Search(ctx context.Context, q Request) ([]Hit, error) {
	terms := parse(q.Text)
	if len(terms) == 0 || q.Limit < 1 {
		return nil, nil
	}
	hits, err := x.find(ctx, terms, q, false)
	if err != nil || len(hits) >= min(q.Limit, fewHits) {
		return hits, err
	}
	loose, err := x.find(ctx, terms, q, true)
	if err != nil {
		return nil, err
	}
	for _, hit := range loose {
		if len(hits) < q.Limit && !slices.ContainsFunc(hits, func(h Hit) bool { return h.ID == hit.ID }) {
			hits = append(hits, hit)
		}
	}
	return hits, nil
}

// fewHits is below how many exact hits typing errors are considered.
const fewHits = 5

func (x *Index) find(ctx context.Context, terms []term, q Request, typos bool) ([]Hit, error) {
	request := bleve.NewSearchRequestOptions(queryOf(terms, q.Kinds, typos), q.Limit, 0, false)
	result, err := x.disk.SearchInContext(ctx, request)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "search.Search", "The search could not be carried out. Try other words; if it stays so, rebuild the index in Settings.")
	}
	hits := x.tailHits(terms, q.Kinds, typos)
	x.mu.RLock()
	defer x.mu.RUnlock()
	for _, match := range result.Hits {
		id := parseID(match.ID)
		if _, newer := x.tail[id]; !newer {
			hits = append(hits, Hit{id, match.Score})
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	return hits[:min(len(hits), q.Limit)], nil
}

func queryOf(terms []term, kinds []string, typos bool) query.Query {
	all := bleve.NewConjunctionQuery()
	for _, t := range terms {
		all.AddQuery(termQuery(t, typos))
	}
	if len(kinds) > 0 {
		any := bleve.NewDisjunctionQuery()
		for _, kind := range kinds {
			q := bleve.NewTermQuery(kind)
			q.SetField(fieldKind)
			q.SetBoost(0)
			any.AddQuery(q)
		}
		all.AddQuery(any)
	}
	return all
}

func termQuery(t term, typos bool) query.Query {
	if !t.phrase {
		return &wordQuery{word: t.text, plain: isPlainWord(t.text), typos: typos}
	}
	any := bleve.NewDisjunctionQuery()
	for _, field := range []string{fieldTitle, fieldText} {
		q := bleve.NewMatchPhraseQuery(t.text)
		q.SetField(field)
		any.AddQuery(q)
	}
	return any
}

func isPlainWord(text string) bool { return !strings.ContainsAny(text, "-:._/~@") }

// parse splits a request into words and quoted phrases.
func parse(text string) []term {
	var terms []term
	for i, part := range strings.Split(strings.ToLower(text), `"`) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if i%2 == 1 {
			terms = append(terms, term{bounded(part), true})
			continue
		}
		for word := range strings.FieldsSeq(part) {
			if word = trimmed(word); word != "" {
				terms = append(terms, term{bounded(word), false})
			}
		}
	}
	return terms[:min(len(terms), maxTerms)]
}

func bounded(text string) string {
	for len(text) > maxTermBytes {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}
