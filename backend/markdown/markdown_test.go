package markdown_test

import (
	"strings"
	"testing"

	"holdfast/backend/markdown"
)

func TestRendersWhatPeopleWrite(t *testing.T) {
	got := markdown.New().HTML("# Steps\n\n1. Close **it**\n2. [x](https://example.org)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n")
	for _, want := range []string{"<h1", "<ol>", "<strong>it</strong>", `href="https://example.org"`, "noreferrer", "<table>", `type="checkbox"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %s", want, got)
		}
	}
}

func TestNothingRunsAndNothingIsFetched(t *testing.T) {
	for name, text := range map[string]string{
		"script":       "<script>alert(1)</script>",
		"handler":      `<b onclick="alert(1)">x</b>`,
		"link":         "[x](javascript:alert(1))",
		"remote image": "![x](https://example.org/pixel.png)",
		"frame":        `<iframe src="https://example.org"></iframe>`,
		"style":        `<p style="background:url(https://example.org)">x</p>`,
		"SVG":          `<svg onload="alert(1)"></svg>`,
		"data image":   "![x](data:text/html;base64,PHNjcmlwdD4=)",
	} {
		got := markdown.New().HTML(text)
		for _, bad := range []string{"script", "onclick", "javascript:", "onload", "iframe", "svg", "style=", "src="} {
			if strings.Contains(got, bad) {
				t.Errorf("%s: %q survives in %s", name, bad, got)
			}
		}
	}
}
