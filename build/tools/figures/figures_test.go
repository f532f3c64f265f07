package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const output = `goos: linux
pkg: holdfast/backend/query
BenchmarkPage-2          	    1203	    812345 ns/op	         0.8120 p50-ms	         3.100 p99-ms
BenchmarkPageLong-2      	       1	    999999 ns/op	         9.000 p50-ms
BenchmarkCommit/three/1writer         	1	  5 ns/op	  1.2 x-raft
PASS
`

func TestMetricIsReadFromItsOwnBenchmark(t *testing.T) {
	cases := []struct {
		bench, unit string
		want        float64
		found       bool
	}{
		{"BenchmarkPage", "p50-ms", 0.812, true},
		{"BenchmarkPage", "p99-ms", 3.1, true},
		{"BenchmarkPage", "ns/op", 812345, true},
		{"BenchmarkPageLong", "p50-ms", 9, true},
		{"BenchmarkCommit/three/1writer", "x-raft", 1.2, true},
		{"BenchmarkPage", "edits/s", 0, false},
		{"BenchmarkPag", "p50-ms", 0, false},
	}
	for _, c := range cases {
		if got, found := metric(output, c.bench, c.unit); got != c.want || found != c.found {
			t.Errorf("%s %s: %v %v", c.bench, c.unit, got, found)
		}
	}
}

func TestLinesSayValueTargetAndWhetherItIsMet(t *testing.T) {
	chosen := []figure{
		{"page", "backend/query", "BenchmarkPage", "p99-ms", same, "ms", 5, false, false},
		{"page in ns", "backend/query", "BenchmarkPage", "ns/op", nsToMs, "ms", 0.5, false, false},
		{"floor", "backend/query", "BenchmarkPage", "p99-ms", same, "ms", 5, true, false},
	}
	runs := 0
	var out strings.Builder
	ok := measureAll(context.Background(), chosen, func(context.Context, figure) (string, error) { runs++; return output, nil }, &out)
	want := `{"figure":"page","value":3.1,"unit":"ms","target":5,"met":true}
{"figure":"page in ns","value":0.812345,"unit":"ms","target":0.5,"met":false}
{"figure":"floor","value":3.1,"unit":"ms","target":5,"met":false}
`
	if !ok || out.String() != want || runs != 1 {
		t.Fatalf("%v after %d runs:\n%s", ok, runs, &out)
	}
}

func TestMissingAndFailingBenchmarksAreErrors(t *testing.T) {
	f := figure{"page", "backend/query", "BenchmarkGone", "p99-ms", same, "ms", 5, false, false}
	for name, run := range map[string]runner{
		"missing": func(context.Context, figure) (string, error) { return output, nil },
		"failing": func(context.Context, figure) (string, error) { return "--- FAIL", errors.New("exit status 1") },
	} {
		var out strings.Builder
		if measureAll(context.Background(), []figure{f}, run, &out) {
			t.Errorf("%s: passed", name)
		}
		var got line
		if err := json.Unmarshal([]byte(out.String()), &got); err != nil || got.Value != nil || got.Error == "" {
			t.Errorf("%s: %s %v", name, &out, err)
		}
	}
}

func TestTableIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range figures {
		if seen[f.name] {
			t.Errorf("%s stands twice", f.name)
		}
		seen[f.name] = true
		if f.metric == "" || f.unit == "" || f.scale <= 0 || f.target <= 0 || !strings.HasPrefix(f.bench, "Benchmark") {
			t.Errorf("%s is incomplete", f.name)
		}
	}
	if len(choose(figures, "sync/node")) != 2 || len(choose(figures, "")) != len(figures) {
		t.Error("choosing by package chose others")
	}
}

// A real run, over a module of its own.
func TestGoBenchRunsOneBenchmark(t *testing.T) {
	root := t.TempDir()
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOWORK", "off")
	for path, content := range map[string]string{
		"go.mod":      "module toy\n\ngo 1.26\n",
		"a/a_test.go": "package a\n\nimport \"testing\"\n\nfunc BenchmarkOne(b *testing.B) { b.Run(\"x\", func(b *testing.B) { b.ReportMetric(7, \"things\") }) }\nfunc BenchmarkOneMore(b *testing.B) { b.Fatal(\"not asked for\") }\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, path), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := goBench(root)(t.Context(), figure{pkg: "a", bench: "BenchmarkOne/x", once: true})
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if value, found := metric(text, "BenchmarkOne/x", "things"); !found || value != 7 {
		t.Fatalf("got %v %v from %s", value, found, text)
	}
}
