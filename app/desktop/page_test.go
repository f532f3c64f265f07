package desktop

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func get(handler http.Handler, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	inWindow(handler, quiet()).ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func answering(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestScreensGetTheWindowsScripts(t *testing.T) {
	const page = "<html><head><title>T</title></head></html>"
	cases := []struct {
		name, method, path, contentType, body string
		status                                int
		scripts                               bool
	}{
		{"deep screen", "GET", "/tickets/3", "text/html; charset=utf-8", page, 200, true},
		{"root is left to Wails", "GET", "/", "text/html", page, 200, false},
		{"asset", "GET", "/assets/app.js", "text/javascript", page, 200, false},
		{"html asset", "GET", "/help.html", "text/html", page, 200, false},
		{"api", "GET", "/api/v1/articles/3", "text/html", page, 200, false},
		{"post", "POST", "/tickets", "text/html", page, 200, false},
		{"not found", "GET", "/nowhere", "text/html", page, 404, false},
		{"json", "GET", "/manifest", "application/json", "{}", 200, false},
		{"page without a head", "GET", "/bare", "text/html", "<p>bare", 200, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := get(answering(c.status, c.contentType, c.body), c.method, c.path)
			body := w.Body.String()
			if got := strings.Contains(body, pageScripts); got != c.scripts {
				t.Fatalf("scripts: %v in %q", got, body)
			}
			if strings.ReplaceAll(body, pageScripts, "") != c.body || w.Code != c.status {
				t.Fatalf("answered %d %q", w.Code, body)
			}
			if w.Header().Get("Content-Length") != strconv.Itoa(len(body)) {
				t.Fatalf("content length %s of %d", w.Header().Get("Content-Length"), len(body))
			}
		})
	}
}

func TestPanicsAnswerAndDoNotEndTheProgram(t *testing.T) {
	for _, path := range []string{"/tickets", "/api/v1/tickets"} {
		w := get(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("broken") }), "GET", path)
		if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "broken") {
			t.Fatalf("%s answered %d %q", path, w.Code, w.Body)
		}
	}
}
