// Package claims holds the documentation against the code.
package claims

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// named is a test as the documentation names it: its folder, its function and, after a slash, the part of it that is meant.
var named = regexp.MustCompile("`((?:app|backend|sync)/[a-z/]+) ((?:Test|Fuzz|Benchmark)[A-Za-z0-9_]+)(?:/([^`]+))?`")

// TestEveryNamedTestExists fails when a page under build/docs refers to a test that is gone: the claim beside it would be unproven.
func TestEveryNamedTestExists(t *testing.T) {
	top := filepath.Join("..", "..", "..")
	pages, err := filepath.Glob(filepath.Join(top, "build", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			found++
			folder := filepath.Join(top, filepath.FromSlash(m[1]))
			if !written(t, folder, "\nfunc "+m[2]+"(") || m[3] != "" && !written(t, folder, strconv.Quote(m[3])) {
				t.Errorf("%s names %s in %s, which is not there", filepath.Base(page), m[0], m[1])
			}
		}
	}
	if found == 0 {
		t.Error("no page names any test: the pattern no longer fits")
	}
}

// written reports whether a text stands in one of a folder's tests.
func written(t *testing.T, folder, wanted string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), wanted) {
			return true
		}
	}
	return false
}
