package main

import (
	"regexp"
	"strconv"
	"strings"
)

// processors is the suffix that Go gives a benchmark's name when more than one processor runs it.
var processors = regexp.MustCompile(`-\d+$`)

// metric finds a unit's value on the result line of a benchmark, such as
//
//	BenchmarkPage-2   1203   812345 ns/op   0.81 p50-ms
func metric(text, bench, unit string) (value float64, found bool) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 4 || (fields[0] != bench && processors.ReplaceAllString(fields[0], "") != bench) {
			continue
		}
		for i := 2; i+1 < len(fields); i += 2 {
			if fields[i+1] != unit {
				continue
			}
			value, err := strconv.ParseFloat(fields[i], 64)
			return value, err == nil
		}
	}
	return 0, false
}

// errorLinesMax bounds how much of a failed run an error carries.
const errorLinesMax = 6

func lastLines(text string, err error) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) > errorLinesMax {
		lines = lines[len(lines)-errorLinesMax:]
	}
	return err.Error() + ": " + strings.Join(lines, " | ")
}
