package main

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// mark is a text that has no place in the repository.
type mark struct {
	pattern *regexp.Regexp
	where   func(path string) bool   // nil: every text file
	excused func(before string) bool // by the line before it; nil: never
	reason  string
}

// The patterns are written in pieces so that this file does not break its own rules.
var marks = []mark{
	{regexp.MustCompile(`/ho` + `me/[a-z]|/ro` + `ot/|/Us` + `ers/[A-Za-z]|[A-Z]:\\\\?Us` + `ers\\|/wo` + `rk/(main|steer` + `ing|shared)`), isOurs, nil,
		"a path of one machine: another has none such"},
	{regexp.MustCompile(`(proxy|sum)[.]go` + `lang[.]org|registry[.]np` + `mjs|deb[.]deb` + `ian[.]org`), nil, nil,
		"a registry's host: machines are set up to use their own"},
	{regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME)\b|not impl` + `emented|unimpl` + `emented`), isCode, nil,
		"a promise: finish it or leave it out"},
	{regexp.MustCompile(`\bt\.Sk` + `ip(f|Now)?\(|\b(it|test|describe)\.(sk` + `ip|on` + `ly)\(`), isCode, nil,
		"a test that does not run tells nothing"},
	{regexp.MustCompile(`no` + `lint|eslint-dis` + `able|@ts-ig` + `nore|@ts-noc` + `heck|\bas a` + `ny\b`), isCode, isReason,
		"a silenced warning: mend what it warns of, or give the reason on the line before"},
}

// isOurs leaves out the data that stands in for a real program's answers.
func isOurs(file string) bool { return !strings.Contains(file, "/mock/") }

// isReason tells a comment with a few words from other lines.
func isReason(line string) bool {
	line = strings.TrimSpace(line)
	comment := strings.HasPrefix(line, "//") || strings.HasPrefix(line, "{/*") || strings.HasPrefix(line, "/*")
	return comment && len(strings.Fields(line)) >= 5
}

func isCode(file string) bool {
	switch path.Ext(file) {
	case ".go", ".ts", ".tsx", ".sh":
		return true
	}
	return false
}

func isScript(file string) bool {
	ext := path.Ext(file)
	return ext == ".ts" || ext == ".tsx" || ext == ".js" || ext == ".mjs"
}

// isGenerated tells files that a program writes, which no length rule binds.
func isGenerated(file string) bool {
	return strings.Contains(file, ".gen.") || strings.Contains(file, "_gen.") || strings.Contains(file, "/gen/") ||
		strings.HasSuffix(file, "routeTree.gen.ts") || strings.HasSuffix(file, ".d.ts")
}

// checkText gives what is wrong with any text file.
func checkText(file string, source []byte) (found []finding) {
	if bytes.IndexByte(source, 0) >= 0 || path.Base(file) == "package-lock.json" || path.Base(file) == "go.sum" {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(string(source), "\n"), "\n")
	for i, line := range lines {
		for _, m := range marks {
			if m.where != nil && !m.where(file) {
				continue
			}
			text := m.pattern.FindString(line)
			if text != "" && (m.excused == nil || i == 0 || !m.excused(lines[i-1])) {
				found = append(found, finding{file, i + 1, fmt.Sprintf("%q: %s", text, m.reason)})
			}
		}
	}
	if (isCode(file) || isScript(file)) && len(lines) > fileLinesMax && !isGenerated(file) {
		found = append(found, finding{file, 0, fmt.Sprintf("has %d lines, more than %d: there is more than one reason in it", len(lines), fileLinesMax)})
	}
	return found
}
