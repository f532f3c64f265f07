// Command figures runs the benchmarks behind the design's figures and prints one JSON line a figure:
//
//	{"figure":"…","value":1.2,"unit":"ms","target":5,"met":true}
//
// A figure whose benchmark is missing or fails has "value":null and says why in "error"; then the command fails in the
// end. A missed target does not make it fail: a figure is a measurement, and machines differ.
//
//	go run ./figures -root ../.. [-only text]
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"time"
)

func main() {
	root := flag.String("root", "../..", "folder of the repository")
	only := flag.String("only", "", "measure only figures whose name or package contains this text")
	list := flag.Bool("list", false, "print the figures and their benchmarks, measure nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	chosen := choose(figures, *only)
	if *list {
		for _, f := range chosen {
			fmt.Printf("%s: %s %s (%s)\n", f.name, f.pkg, f.bench, f.metric)
		}
		return
	}
	if !measureAll(ctx, chosen, goBench(*root), os.Stdout) {
		os.Exit(1)
	}
}

func choose(all []figure, text string) (chosen []figure) {
	for _, f := range all {
		if strings.Contains(f.name, text) || strings.Contains(f.pkg, text) {
			chosen = append(chosen, f)
		}
	}
	return chosen
}

// runner runs one benchmark and gives what "go test" printed.
type runner func(ctx context.Context, f figure) (string, error)

// benchTimeMax bounds one benchmark, preparing its data included.
const benchTimeMax = 10 * time.Minute

func goBench(root string) runner {
	return func(ctx context.Context, f figure) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, benchTimeMax+time.Minute)
		defer cancel()
		duration := "1s"
		if f.once {
			duration = "1x"
		}
		test := exec.CommandContext(ctx, "go", "test", "-run=^$", "-bench="+pattern(f.bench), "-benchtime="+duration,
			"-count=1", "-timeout="+benchTimeMax.String(), "./"+f.pkg)
		test.Dir = root
		test.WaitDelay = 10 * time.Second
		out, err := test.CombinedOutput()
		return string(out), err
	}
}

// pattern makes each part of a benchmark's name match only itself.
func pattern(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = "^" + part + "$"
	}
	return strings.Join(parts, "/")
}

// line is what is printed for one figure.
type line struct {
	Figure string   `json:"figure"`
	Value  *float64 `json:"value"`
	Unit   string   `json:"unit"`
	Target float64  `json:"target"`
	Met    bool     `json:"met"`
	Error  string   `json:"error,omitempty"`
}

// measureAll prints a line for each figure and reports whether all could be measured. Figures of one benchmark share
// one run of it.
func measureAll(ctx context.Context, chosen []figure, run runner, out io.Writer) bool {
	type result struct {
		text string
		err  error
	}
	done := map[string]result{}
	measured := true
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, f := range chosen {
		key := f.pkg + " " + f.bench
		r, ran := done[key]
		if !ran {
			r.text, r.err = run(ctx, f)
			done[key] = r
		}
		l := f.line(r.text, r.err)
		measured = measured && l.Error == ""
		if err := encoder.Encode(l); err != nil {
			return false
		}
	}
	return measured
}

func (f figure) line(text string, err error) line {
	l := line{Figure: f.name, Unit: f.unit, Target: f.target}
	value, found := metric(text, f.bench, f.metric)
	switch {
	case err != nil:
		l.Error = lastLines(text, err)
	case !found:
		l.Error = fmt.Sprintf("%s in %s reported no %q", f.bench, f.pkg, f.metric)
	default:
		value *= f.scale
		l.Value = &value
		l.Met = value <= f.target
		if f.atLeast {
			l.Met = value >= f.target
		}
	}
	return l
}
