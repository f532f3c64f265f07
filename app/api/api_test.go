package api_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"holdfast/app/api"
)

func handler() http.Handler {
	return api.New(api.Config{Version: "test", Log: slog.New(slog.DiscardHandler)})
}

func TestTheAPIDescribesItself(t *testing.T) {
	answer := httptest.NewRecorder()
	handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, api.Base+"/openapi.json", nil))
	var description struct {
		OpenAPI string                    `json:"openapi"`
		Paths   map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &description); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(description.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %q, want 3.1", description.OpenAPI)
	}
	for _, path := range []string{"/tickets", "/services", "/articles", "/people", "/teams", "/sites", "/search", "/conflicts", "/sync", "/config", "/history"} {
		if _, ok := description.Paths[api.Base+path]; !ok {
			t.Errorf("%s is not described", path)
		}
	}
}
