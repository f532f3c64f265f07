package search_test

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/record"
	"holdfast/backend/search"
)

func open(t testing.TB, dir string, delay time.Duration) *search.Index {
	t.Helper()
	x, err := search.Open(search.Config{Dir: dir, Log: slog.New(slog.DiscardHandler), BatchDelay: delay})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func documents() []search.Document {
	return []search.Document{
		{ID: id(1), Kind: "incident", Title: "VPN drops every hour", Names: []string{"INC-LYO-00042", "INC-LYO-~7F3A"}, Text: "Since the update the tunnel closes. Gateway 10.4.0.17, MAC 00:1B:44:11:3A:B7."},
		{ID: id(2), Kind: "incident", Title: "Printer offline", Names: []string{"INC-LYO-~01AB"}, Text: "Serial SN-9931-X, second floor. Drucker druckt nicht."},
		{ID: id(3), Kind: "article", Title: "How to reset the VPN client", Names: []string{"KB-00007"}, Text: "Close the tunnel, then open the client."},
	}
}

func id(n int) record.ID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(fmt.Sprint(n))) }

var cases = []struct {
	name, text string
	kinds      []string
	want       []record.ID
}{
	{"number", "INC-LYO-00042", nil, []record.ID{id(1)}},
	{"number in small letters", "inc-lyo-00042", nil, []record.ID{id(1)}},
	{"beginning of a number", "INC-LYO-000", nil, []record.ID{id(1)}},
	{"provisional number", "INC-LYO-~7F3A", nil, []record.ID{id(1)}},
	{"MAC address", "00:1b:44:11:3a:b7", nil, []record.ID{id(1)}},
	{"IP address", "10.4.0.17", nil, []record.ID{id(1)}},
	{"serial", "SN-9931-X", nil, []record.ID{id(2)}},
	{"phrase", `"second floor"`, nil, []record.ID{id(2)}},
	{"phrase in the wrong order", `"floor second"`, nil, nil},
	{"prefix", "print", nil, []record.ID{id(2)}},
	{"one letter wrong", "printar", nil, []record.ID{id(2)}},
	{"one letter missing", "prnter", nil, []record.ID{id(2)}},
	{"all words", "vpn tunnel", nil, []record.ID{id(1), id(3)}},
	{"one kind", "vpn", []string{"article"}, []record.ID{id(3)}},
	{"another language", "Drucker", nil, []record.ID{id(2)}},
	{"nothing", "zeppelin", nil, nil},
	{"no words", " ., ", nil, nil},
}

func check(t *testing.T, x *search.Index) {
	t.Helper()
	for _, c := range cases {
		hits, err := x.Search(t.Context(), search.Request{Text: c.text, Kinds: c.kinds, Limit: 20})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		found := map[record.ID]bool{}
		for _, hit := range hits {
			found[hit.ID] = true
		}
		if len(found) != len(c.want) {
			t.Errorf("%s: found %d records, want %d", c.name, len(found), len(c.want))
		}
		for _, want := range c.want {
			if !found[want] {
				t.Errorf("%s: a record is missing", c.name)
			}
		}
	}
}

func TestFindsAtOnceFromTheTail(t *testing.T) {
	x := open(t, t.TempDir()+"/index", time.Hour)
	defer x.Close()
	x.Put(documents()...)
	if x.Behind() != 3 {
		t.Fatalf("%d documents in the tail, want 3", x.Behind())
	}
	check(t, x)
}

func TestFindsFromTheIndexAndAfterReopening(t *testing.T) {
	dir := t.TempDir() + "/index"
	x := open(t, dir, time.Millisecond)
	if !x.Fresh() {
		t.Error("a new index must say that it is empty")
	}
	x.Put(documents()...)
	if err := x.SetMark(t.Context(), "commit 7"); err != nil {
		t.Fatal(err)
	}
	check(t, x)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = open(t, dir, time.Millisecond)
	defer x.Close()
	if x.Fresh() || x.Mark() != "commit 7" {
		t.Errorf("reopened: fresh %v, mark %q", x.Fresh(), x.Mark())
	}
	check(t, x)
}

func TestNewerVersionHidesTheOlder(t *testing.T) {
	x := open(t, t.TempDir()+"/index", time.Millisecond)
	defer x.Close()
	x.Put(documents()...)
	if err := x.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	x.Put(search.Document{ID: id(2), Kind: "incident", Title: "Scanner offline"})
	x.Put(search.Document{ID: id(3), Kind: "article", Gone: true})
	for _, text := range []string{"printer", "client"} {
		hits, err := x.Search(t.Context(), search.Request{Text: text, Limit: 5})
		if err != nil || len(hits) != 0 {
			t.Errorf("%q still finds %d records: %v", text, len(hits), err)
		}
	}
	if hits, err := x.Search(t.Context(), search.Request{Text: "scanner", Limit: 5}); err != nil || len(hits) != 1 {
		t.Errorf("the new title finds %d records: %v", len(hits), err)
	}
}

func TestUnreadableIndexIsMadeAnew(t *testing.T) {
	dir := t.TempDir() + "/index"
	x := open(t, dir, time.Millisecond)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	damage(t, dir)
	x = open(t, dir, time.Millisecond)
	defer x.Close()
	if !x.Fresh() {
		t.Error("a damaged index must be made anew")
	}
	x.Put(documents()...)
	check(t, x)
}

func BenchmarkSearch(b *testing.B) {
	x := open(b, b.TempDir()+"/index", time.Millisecond)
	defer x.Close()
	words := []string{"printer", "network", "vpn", "password", "outlook", "server", "slow", "broken", "screen", "access"}
	const tickets = 100_000
	batch := make([]search.Document, 0, 1000)
	start := time.Now()
	for n := range tickets {
		batch = append(batch, search.Document{
			ID: id(n), Kind: "incident", Names: []string{fmt.Sprintf("INC-LYO-%05d", n)},
			Title: words[n%10] + " " + words[n/10%10], Text: fmt.Sprintf("%s of host%d at 10.%d.%d.%d", words[n/100%10], n, n>>16, n>>8&255, n&255),
		})
		if len(batch) == cap(batch) {
			x.Put(batch...)
			batch = batch[:0]
		}
	}
	if err := x.Settle(b.Context()); err != nil {
		b.Fatal(err)
	}
	rate := tickets / time.Since(start).Seconds()
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		text := words[i%10] + " " + words[i/3%10]
		switch i % 3 {
		case 0:
			text = fmt.Sprintf("INC-LYO-%05d", i%tickets)
		case 1:
			text += " " + words[i/7%10]
		}
		begin := time.Now()
		if _, err := x.Search(b.Context(), search.Request{Text: text, Limit: 20}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(rate, "documents/s")
}
