package scenario

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backend/audit"
)

// TestHistoryIsVerifiedWithoutTheDevice exports a site's history, verifies it where there is no data folder, and alters one decision.
func TestHistoryIsVerifiedWithoutTheDevice(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	succeed(t, "init", "--data", folder, "--site", "LYO", "--name", "Lyon office", "--person", "Ada Lovelace", "--starter", "--sample")
	file := filepath.Join(t.TempDir(), "history.jsonl")
	succeed(t, "audit", "export", file, "--data", folder)

	nowhere := filepath.Join(t.TempDir(), "nowhere")
	report := printed[audit.Report](t, "audit", "verify", file, "--data", nowhere)
	if len(report.Spaces) != 2 || report.Spaces[0].Commits == 0 || report.Devices != 1 {
		t.Errorf("%+v", report)
	}
	for _, s := range statusOf(t, folder).Spaces {
		for _, verified := range report.Spaces {
			if string(verified.Space) == s.Space && s.Commit != jsonNumber(t, verified.Commits) {
				t.Errorf("%s: the device stands at %s, the history at %d", s.Space, s.Commit, verified.Commits)
			}
		}
	}
	if _, err := os.Stat(nowhere); !os.IsNotExist(err) {
		t.Error("verifying made a data folder")
	}

	altered := alterDecision(t, file, 5)
	end := holdfast(t, "audit", "verify", altered)
	if end.code != 3 || !strings.Contains(end.stderr, "entry 5 of ") {
		t.Errorf("the altered history ended with %d: %s", end.code, end.stderr)
	}
}

func jsonNumber(t *testing.T, n uint64) string {
	t.Helper()
	raw, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// alterDecision flips one bit of the decision in the entry with that number of the first space that has one, and gives the new file.
func alterDecision(t *testing.T, file string, number uint64) string {
	t.Helper()
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for i, raw := range lines {
		var c audit.Commit
		if json.Unmarshal(raw, &c) != nil || c.Number != number {
			continue
		}
		c.Outcome[len(c.Outcome)-1] ^= 1
		again, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = append(again, '\n')
		altered := filepath.Join(t.TempDir(), "altered.jsonl")
		if err := os.WriteFile(altered, bytes.Join(lines, nil), 0o600); err != nil {
			t.Fatal(err)
		}
		return altered
	}
	t.Fatalf("the history has no entry %d", number)
	return ""
}
