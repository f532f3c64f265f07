package search_test

import (
	"os"
	"path/filepath"
	"testing"
)

// damage overwrites the index's own description.
func damage(t *testing.T, dir string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "index_meta.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
}
