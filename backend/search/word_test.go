package search_test

import (
	"slices"
	"testing"
	"time"

	"holdfast/backend/record"
	"holdfast/backend/search"
)

func TestAWholeWordComesBeforeItsBeginningAndATitleBeforeAText(t *testing.T) {
	x := open(t, t.TempDir()+"/index", time.Millisecond)
	defer x.Close()
	x.Put(
		search.Document{ID: id(1), Kind: "incident", Title: "Screenshots are black", Text: "Since Monday."},
		search.Document{ID: id(2), Kind: "incident", Title: "Black picture", Text: "The screen flickers."},
		search.Document{ID: id(3), Kind: "incident", Title: "Screen is black", Text: "Since Monday."},
		search.Document{ID: id(4), Kind: "incident", Title: "画面が暗い", Text: ""},
	)
	if err := x.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]record.ID{"screen": {id(3), id(2), id(1)}, "screensh": {id(1)}, "画面": {id(4)}} {
		hits, err := x.Search(t.Context(), search.Request{Text: text, Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		var got []record.ID
		for _, hit := range hits {
			got = append(got, hit.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", text, got, want)
		}
	}
}
