package frontend

import (
	"io/fs"
	"testing"
)

func TestAssetsAlwaysHaveAFirstPage(t *testing.T) {
	page, err := fs.ReadFile(Assets(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	if len(page) == 0 {
		t.Fatal("index.html is empty")
	}
}
