package api

import (
	"slices"
	"testing"
)

func TestTheHeadlineSaysWhatNeedsADecision(t *testing.T) {
	for _, c := range []struct {
		state, sentence string
		decisions       int
		want            string
	}{
		{"up_to_date", "Up to date.", 0, "Up to date."},
		{"up_to_date", "Up to date.", 1, "Everything is shared. 1 thing needs your decision."},
		{"waiting", "3 changes waiting.", 2, "3 changes waiting. 2 things need your decision."},
	} {
		if got := withDecisions(c.state, c.sentence, c.decisions); got != c.want {
			t.Errorf("%s with %d: %q, want %q", c.state, c.decisions, got, c.want)
		}
	}
}

func TestNumbersOfAnotherSiteAreNoRenumbering(t *testing.T) {
	for _, c := range []struct {
		site    string
		numbers []string
		want    []string
	}{
		{"BER", []string{"INC-LYO-00002", "INC-LYO-~2399"}, nil},
		{"LYO", []string{"INC-LYO-00002", "INC-BER-00009"}, []string{"INC-LYO-00002"}},
		{"", []string{"SVC-00001"}, []string{"SVC-00001"}},
	} {
		if got := sameSite(c.site, c.numbers); !slices.Equal(got, c.want) {
			t.Errorf("%s, %v: %v, want %v", c.site, c.numbers, got, c.want)
		}
	}
}
