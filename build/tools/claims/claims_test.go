// Package claims holds the documentation against the code.
package claims

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// named is a test as the documentation names it: its folder and its function.
var named = regexp.MustCompile("`((?:app|backend|sync)/[a-z/]+) ((?:Test|Fuzz|Benchmark)[A-Za-z0-9_]+)`")

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
			if !defined(t, filepath.Join(top, filepath.FromSlash(m[1])), m[2]) {
				t.Errorf("%s names %s in %s, which is not there", filepath.Base(page), m[2], m[1])
			}
		}
	}
	if found == 0 {
		t.Error("no page names any test: the pattern no longer fits")
	}
}

func defined(t *testing.T, folder, function string) bool {
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
		if strings.Contains(string(text), "\nfunc "+function+"(") {
			return true
		}
	}
	return false
}
