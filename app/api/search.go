package api

import (
	"context"
	"html"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"holdfast/backend/record"
	"holdfast/backend/search"
)

// SearchHit is one record found.
type SearchHit struct {
	ID          string  `json:"id"`
	Kind        string  `json:"kind"`
	Number      *string `json:"number"`
	Provisional string  `json:"provisional"`
	Title       string  `json:"title"`
	Snippet     string  `json:"snippet" doc:"HTML: escaped text with <mark> around what was found"`
	Status      string  `json:"status,omitempty"`
	Score       float64 `json:"score"`
}

// SearchResult are the best hits.
type SearchResult struct {
	Hits []SearchHit `json:"hits"`
	Took string      `json:"took"`
}

type searchInput struct {
	Q     string   `query:"q"`
	Kind  []string `query:"kind,explode"`
	Limit int      `query:"limit" default:"20" minimum:"1" maximum:"100"`
}

func (s *server) registerSearch(api huma.API) {
	operation(api, http.MethodGet, "/search", "search", "Full text over all records, numbers and addresses", s.search)
}

func (s *server) search(ctx context.Context, in *searchInput) (*body[SearchResult], error) {
	v, err := s.services("api.search")
	if err != nil {
		return nil, err
	}
	start := v.Now()
	hits, err := v.Search.Search(ctx, search.Request{Text: in.Q, Kinds: in.Kind, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	result := SearchResult{Hits: make([]SearchHit, 0, len(hits))}
	for _, hit := range hits {
		if view, ok := v.hit(hit, in.Q); ok {
			result.Hits = append(result.Hits, view)
		}
	}
	result.Took = v.Now().Sub(start).Round(100 * time.Microsecond).String()
	return answer(result, nil)
}

func (v *Services) hit(hit search.Hit, text string) (SearchHit, bool) {
	row, ok := v.Tables.Row(hit.ID)
	if !ok {
		return SearchHit{}, false
	}
	view := SearchHit{ID: row.ID.String(), Kind: row.Kind, Provisional: row.Provisional, Title: row.Title, Score: hit.Score}
	if row.Number != "" {
		view.Number = &row.Number
	}
	if state, err := v.Store.View(hit.ID); err == nil && state != nil {
		view.Snippet = snippet(v.Desk.Document(state).Text, strings.Fields(strings.ToLower(text)))
		if status := firstOf(state.Shown("status").AsText(), state.Shown("stage").AsText()); status != "" {
			view.Status = v.label(row.Kind, "status", status)
		}
	}
	return view, true
}

// snippetBytes is about how much text a snippet shows.
const snippetBytes = 160

// snippet cuts the text around the first word found, escapes it and marks the words.
func snippet(text string, words []string) string {
	folded := strings.ToLower(text)
	first := -1
	for _, word := range words {
		if at := strings.Index(folded, strings.Trim(word, `"`)); at >= 0 && (first < 0 || at < first) {
			first = at
		}
	}
	if first < 0 || len(folded) != len(text) {
		return html.EscapeString(cut(text, 0))
	}
	part := cut(text, max(0, first-snippetBytes/4))
	return marked(part, words)
}

// cut takes about snippetBytes of the text from a rune's beginning on.
func cut(text string, from int) string {
	for from > 0 && !utf8.RuneStart(text[from]) {
		from--
	}
	end := min(len(text), from+snippetBytes)
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end++
	}
	return strings.Join(strings.Fields(text[from:end]), " ")
}

func marked(part string, words []string) string {
	var out strings.Builder
	folded := strings.ToLower(part)
	for at := 0; at < len(part); {
		length := 0
		for _, word := range words {
			if word = strings.Trim(word, `"`); word != "" && strings.HasPrefix(folded[min(at, len(folded)):], word) {
				length = max(length, len(word))
			}
		}
		if length > 0 && at+length <= len(part) {
			out.WriteString("<mark>" + html.EscapeString(part[at:at+length]) + "</mark>")
			at += length
			continue
		}
		_, size := utf8.DecodeRuneInString(part[at:])
		out.WriteString(html.EscapeString(part[at : at+size]))
		at += size
	}
	return out.String()
}

// textsOf gives what a person typed into an edit, by field.
func (v *Services) textsOf(edit *record.Edit) []TypedText {
	texts := []TypedText{}
	add := func(kind *record.Kind, field string, value record.Value) {
		text := firstOf(value.AsText(), value.AsNamed()["text"].AsText())
		definition, ok := kind.Field(field)
		if text == "" || !ok || definition.Rule == record.RuleState {
			return
		}
		texts = append(texts, TypedText{Field: field, Label: definition.Label, Text: text})
	}
	for i := range edit.Mutations {
		m := &edit.Mutations[i]
		if kind := v.kindIn(edit, m); kind != nil {
			add(kind, m.Field, m.Value)
			for _, pair := range m.With {
				add(kind, pair.Field, pair.Value)
			}
		}
	}
	return texts
}

// kindIn gives the kind of the record that a mutation is about; of a record that is not here, the one that the edit makes it, or else the first one with such a field.
func (v *Services) kindIn(edit *record.Edit, m *record.Mutation) *record.Kind {
	name := ""
	if row, here := v.Tables.Row(m.Record); here {
		name = row.Kind
	}
	for i := range edit.Mutations {
		if made := &edit.Mutations[i]; name == "" && made.Op == record.OpCreate && made.Record == m.Record {
			name = made.Kind
		}
	}
	if kind, known := v.Kinds.Kind(name); known || name != "" {
		return kind
	}
	for i := range v.Kinds {
		if _, has := v.Kinds[i].Field(m.Field); has {
			return &v.Kinds[i]
		}
	}
	return nil
}
