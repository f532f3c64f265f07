package desktop

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"holdfast/backend/core/fault"
)

// parts answers with as many bytes as the address says, or with trouble.
func parts(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/api/v1/part/1":
		_, _ = w.Write(bytes.Repeat([]byte("a"), 300_000))
	case "/api/v1/part/2":
		_, _ = w.Write([]byte("b"))
	case "/api/v1/cut":
		_, _ = w.Write([]byte("half"))
		panic(http.ErrAbortHandler)
	default:
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"code":"not_found","detail":"There is no such part."}`))
	}
}

func TestAnswersAreSavedWhereThePersonSays(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "work")
	w := &Window{shell: &deskShell{path: path}, handler: http.HandlerFunc(parts)}
	if got, err := w.SaveAnswers(FileQuestion{}, []string{"/api/v1/part/2"}); err != nil || got.Path != path {
		t.Fatal(got, err)
	}
	if got, err := w.SaveAnswers(FileQuestion{}, []string{"/api/v1/part/1", "/api/v1/part/2"}); err != nil || got.Path != path {
		t.Fatal(got, err)
	}
	for name, want := range map[string]int{"work": 1, "work.001": 300_000, "work.002": 1} {
		raw, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || len(raw) != want {
			t.Errorf("%s has %d bytes: %v", name, len(raw), err)
		}
	}
	if got, err := (&Window{shell: &deskShell{}}).SaveAnswers(FileQuestion{}, []string{"/api/v1/part/1"}); err != nil || !got.Cancelled {
		t.Fatal(got, err)
	}
}

func TestWhatCannotBeSavedLeavesNothing(t *testing.T) {
	for code, addresses := range map[fault.Code][]string{
		fault.NotFound: {"/api/v1/nothing"}, fault.Unavailable: {"/api/v1/cut"}, fault.Invalid: {"https://example.org/api/v1/part/1"}, fault.Conflict: {"/api/v1/part/1", "/api/v1/part/2"},
	} {
		folder := t.TempDir()
		taken := filepath.Join(folder, "work.002")
		if err := os.WriteFile(taken, []byte("other"), 0o600); err != nil {
			t.Fatal(err)
		}
		w := &Window{shell: &deskShell{path: filepath.Join(folder, "work")}, handler: http.HandlerFunc(parts)}
		if got, err := w.SaveAnswers(FileQuestion{}, addresses); !fault.Is(err, code) || got != (Answer{}) {
			t.Errorf("%v: %v %v", addresses, got, err)
		}
		left, err := os.ReadDir(folder)
		if err != nil || len(left) != 1 {
			t.Errorf("%v left %v behind", addresses, left)
		}
	}
}
