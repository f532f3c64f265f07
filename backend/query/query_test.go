package query_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"holdfast/backend/core/clock"
	"holdfast/backend/query"
	"holdfast/backend/record"
)

var kinds = record.Catalogue{{
	Name: "toy", Title: "title", Fields: []record.Definition{
		{Name: "title", Rule: record.RuleRegister, Type: record.TypeText},
		{Name: "status", Rule: record.RuleState, Type: record.TypeChoice, Facet: true},
		{Name: "team", Rule: record.RuleRegister, Type: record.TypeText, Facet: true},
		{Name: "tags", Rule: record.RuleSet, Type: record.TypeText, Facet: true},
	},
}}

func phase(s *record.State) string {
	if s.Shown("status").AsText() == "closed" {
		return "closed"
	}
	return "open"
}

func newTable() *query.Table { return query.NewTable(query.SpecFor(kinds, phase), kinds) }

// toy is the plain form of a record that the slow model works on.
type toy struct {
	n            int
	title        string
	status, team string
	tags         []string
	archived     bool
}

func (x toy) source() query.Source {
	held := func(text string) record.Field {
		return record.Field{Values: []record.Held{{Value: record.Text(text)}}}
	}
	var tags record.Field
	for _, tag := range x.tags {
		tags.Elements = append(tags.Elements, record.Element{Value: record.Text(tag)})
	}
	return query.Source{State: &record.State{
		ID: id(x.n), Kind: "toy", Space: record.SiteSpace("LYO"), Archived: x.archived,
		Changed: record.Origin{At: clock.Stamp(x.n)}, Created: record.Origin{At: clock.Stamp(x.n)},
		Fields: map[string]record.Field{"title": held(x.title), "status": held(x.status), "team": held(x.team), "tags": tags},
	}}
}

func id(n int) record.ID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(fmt.Sprint(n))) }

func (x toy) keys(facet string) []string {
	switch facet {
	case "status":
		return []string{x.status}
	case "team":
		return []string{x.team}
	case "tags":
		return x.tags
	default:
		return []string{phase(x.source().State)}
	}
}

func (x toy) passes(filters map[string][]string, without string) bool {
	for facet, wanted := range filters {
		if facet != without && len(wanted) > 0 && !slices.ContainsFunc(x.keys(facet), func(k string) bool { return slices.Contains(wanted, k) }) {
			return false
		}
	}
	return true
}

func drawToy(t *rapid.T, n int) toy {
	return toy{
		n: n, title: rapid.StringMatching(`[a-d]{1,3}`).Draw(t, "title"),
		status:   rapid.SampledFrom([]string{"new", "held", "closed"}).Draw(t, "status"),
		team:     rapid.SampledFrom([]string{"red", "blue"}).Draw(t, "team"),
		tags:     rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"vip", "vpn", "mail"}), 0, 3, rapid.ID).Draw(t, "tags"),
		archived: rapid.IntRange(0, 9).Draw(t, "archived") == 0,
	}
}

func TestListEqualsThePlainWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, model := newTable(), map[int]toy{}
		for range rapid.IntRange(1, 30).Draw(t, "rounds") {
			var sources []query.Source
			for range rapid.SampledFrom([]int{1, 3, 300}).Draw(t, "changed") {
				x := drawToy(t, rapid.IntRange(0, 400).Draw(t, "record"))
				model[x.n] = x
				sources = append(sources, x.source())
			}
			table.Put(sources...)
			compare(t, table, model)
		}
	})
}

func compare(t *rapid.T, table *query.Table, model map[int]toy) {
	filters := map[string][]string{}
	for facet, keys := range map[string][]string{"status": {"new", "held", "closed"}, "team": {"red", "none"}, "tags": {"vip", "vpn"}} {
		filters[facet] = rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 0, len(keys), rapid.ID).Draw(t, facet)
	}
	q := query.Request{
		Filters: filters, Order: rapid.SampledFrom([]string{"title", "changedAt", "status"}).Draw(t, "order"),
		Descending: rapid.Bool().Draw(t, "descending"), Limit: 200,
	}
	page, err := table.List(q)
	if err != nil {
		t.Fatal(err)
	}
	var want []toy
	for _, x := range model {
		if !x.archived && x.passes(filters, "") {
			want = append(want, x)
		}
	}
	if page.Total != len(want) || len(page.Rows) != min(len(want), 200) {
		t.Fatalf("total %d with %d rows, want %d", page.Total, len(page.Rows), len(want))
	}
	compareOrder(t, page.Rows, model, q)
	for _, facet := range []string{"status", "team", "tags", "phase"} {
		compareCounts(t, page.Facets[facet], model, filters, facet)
	}
}

func compareOrder(t *rapid.T, rows []query.Row, model map[int]toy, q query.Request) {
	byID := map[record.ID]toy{}
	for _, x := range model {
		byID[x.source().State.ID] = x
	}
	key := func(row query.Row) string {
		x := byID[row.ID]
		return map[string]string{"title": x.title, "changedAt": fmt.Sprintf("%09d", x.n), "status": x.status}[q.Order]
	}
	sorted := slices.IsSortedFunc(rows, func(a, b query.Row) int {
		if q.Descending {
			a, b = b, a
		}
		return strings.Compare(key(a), key(b))
	})
	if !sorted {
		t.Fatalf("rows are not in the order of %s", q.Order)
	}
}

func compareCounts(t *rapid.T, got []query.Count, model map[int]toy, filters map[string][]string, facet string) {
	tally := map[string]int{}
	for _, x := range model {
		if !x.archived && x.passes(filters, facet) {
			for _, key := range x.keys(facet) {
				tally[key]++
			}
		}
	}
	var want []query.Count
	for key, n := range maps.All(tally) {
		want = append(want, query.Count{Key: key, Count: n})
	}
	slices.SortFunc(want, func(a, b query.Count) int { return cmp.Or(b.Count-a.Count, strings.Compare(a.Key, b.Key)) })
	if !slices.Equal(got, want) {
		t.Fatalf("facet %s counts %v, want %v", facet, got, want)
	}
}

func TestPagesCoverEveryRowOnce(t *testing.T) {
	table := newTable()
	for n := range 5000 {
		table.Put(toy{n: n, title: fmt.Sprint(n % 7), status: "new", team: "red"}.source())
	}
	seen := map[record.ID]bool{}
	for offset := 0; offset < 5000; offset += 200 {
		page, err := table.List(query.Request{Order: "title", Offset: offset, Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Rows {
			seen[row.ID] = true
		}
	}
	if len(seen) != 5000 {
		t.Errorf("the pages show %d records, want 5000", len(seen))
	}
}

func TestRefusesWhatTheListDoesNotHave(t *testing.T) {
	for name, q := range map[string]query.Request{
		"order":  {Order: "shoe size", Limit: 1},
		"filter": {Order: "title", Limit: 1, Filters: map[string][]string{"shoe size": {"43"}}},
		"limit":  {Order: "title", Limit: 201},
		"offset": {Order: "title", Limit: 1, Offset: -1},
	} {
		if _, err := newTable().List(q); err == nil {
			t.Errorf("a wrong %s was taken", name)
		}
	}
}

func BenchmarkList(b *testing.B) {
	table := newTable()
	states := []string{"new", "held", "closed", "assigned", "progress"}
	var sources []query.Source
	for n := range 100_000 {
		sources = append(sources, toy{
			n: n, title: fmt.Sprint(n * 7919 % 100_003), status: states[n%5], team: fmt.Sprint("team", n%80), tags: []string{fmt.Sprint("tag", n%12)},
		}.source())
	}
	table.Put(sources...)
	requests := []query.Request{
		{Order: "changedAt", Descending: true, Limit: 50},
		{Order: "title", Limit: 50, Filters: map[string][]string{"phase": {"open"}}},
		{Order: "changedAt", Limit: 50, Filters: map[string][]string{"status": {"new"}, "team": {"team10", "team15"}}},
	}
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		if _, err := table.List(requests[i%len(requests)]); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
