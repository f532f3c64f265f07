package store

import (
	"bytes"
	"context"
	"testing"
)

func restoreFrom(t testing.TB, from, to *Store) {
	t.Helper()
	snapshot, err := from.Snapshot(context.Background())
	must(t, err)
	defer snapshot.Close()
	var stream bytes.Buffer
	_, err = snapshot.WriteTo(&stream)
	must(t, err)
	must(t, to.Restore(context.Background(), &stream))
}
