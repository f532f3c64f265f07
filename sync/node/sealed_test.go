package node_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/sync/node"
	"holdfast/sync/node/nodetest"
)

// logSays reports whether the log in a node's folder holds a text in the clear.
func logSays(t *testing.T, dir, text string) bool {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "log"))
	must(t, err)
	return bytes.Contains(raw, []byte(text))
}

func TestASealedLogOpensWithItsKeyOnly(t *testing.T) {
	const secret = "the password of the safe"
	key := bytes.Repeat([]byte{7}, 32)
	for _, sealed := range []bool{false, true} {
		device := nodetest.NewSigner("desktop")
		s := nodetest.Store(t, t.TempDir(), device)
		cfg := configOf(s, device, t.TempDir())
		cfg.Decider = nodetest.Decider{}
		if sealed {
			cfg.Key = key
		}
		_, stop := start(t, cfg)
		ids := appendAll(t, s, nodetest.Ticket(nodetest.NewID(), secret))
		committed(t, s)
		stop()
		if logSays(t, cfg.Dir, secret) == sealed {
			t.Errorf("sealed %v: the log says the secret: %v", sealed, !sealed)
		}
		other := cfg
		other.Key = bytes.Repeat([]byte{8}, 32)
		if n, err := node.New(t.Context(), other); !fault.Is(err, fault.Corrupt) {
			t.Errorf("sealed %v: with another key: %v, %v", sealed, n, err)
		}
		_, stop = start(t, cfg)
		ids = append(ids, appendAll(t, s, nodetest.Ticket(nodetest.NewID(), "After a restart"))...)
		committed(t, s)
		stop()
		for _, id := range ids {
			if o, found := s.Outcome(id); !found {
				t.Errorf("sealed %v: an outcome is missing: %+v", sealed, o)
			}
		}
	}
}
