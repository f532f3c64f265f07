// Package markdown renders Markdown to HTML that is safe to show: nothing in it runs, and nothing is fetched from elsewhere.
package markdown

import (
	"bytes"
	"html"
	"regexp"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// Renderer is safe for concurrent use.
type Renderer struct {
	markdown goldmark.Markdown
	policy   *bluemonday.Policy
}

// New makes a renderer for GitHub-flavoured Markdown. Raw HTML is dropped, images are shown only when they are blobs of this device.
func New() *Renderer {
	policy := bluemonday.NewPolicy()
	policy.AllowElements("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote")
	policy.AllowLists()
	policy.AllowTables()
	policy.AllowURLSchemes("http", "https", "mailto", "tel")
	policy.AllowRelativeURLs(true)
	policy.RequireParseableURLs(true)
	policy.AllowAttrs("href").OnElements("a")
	policy.AllowAttrs("alt").OnElements("img")
	policy.RequireNoReferrerOnLinks(true)
	policy.AddTargetBlankToFullyQualifiedLinks(true)
	policy.AllowAttrs("src").Matching(regexp.MustCompile(`^/api/v1/blobs/[0-9a-f]{64}$`)).OnElements("img")
	policy.AllowAttrs("checked", "disabled").OnElements("input")
	policy.AllowAttrs("type").Matching(regexp.MustCompile(`^checkbox$`)).OnElements("input")
	return &Renderer{markdown: goldmark.New(goldmark.WithExtensions(extension.GFM)), policy: policy}
}

// HTML renders the text. Text that cannot be rendered is shown as it is, escaped.
func (r *Renderer) HTML(text string) string {
	var out bytes.Buffer
	if err := r.markdown.Convert([]byte(text), &out); err != nil {
		return "<pre>" + html.EscapeString(text) + "</pre>"
	}
	return string(r.policy.SanitizeBytes(out.Bytes()))
}
