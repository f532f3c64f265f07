package browser_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"holdfast/app/browser"
	"holdfast/backend/core/fault"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func serve(t *testing.T) *browser.Host {
	t.Helper()
	operations := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "operation "+r.URL.Path) })
	files := fstest.MapFS{"index.html": {Data: []byte("the interface")}, "assets/app.js": {Data: []byte("code")}}
	host, err := browser.Serve(browser.HostConfig{Address: "127.0.0.1:0", Handler: browser.Interface(operations, files), Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	return host
}

// get gives the status and body of a request with changes made to it.
func get(t *testing.T, url string, change func(*http.Request)) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(request)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestOnlyTheTokensHolderGetsIn(t *testing.T) {
	host := serve(t)
	bearer := func(token string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	}
	for _, c := range []struct {
		name, path string
		change     func(*http.Request)
		status     int
	}{
		{"no token", "/", nil, http.StatusUnauthorized},
		{"wrong token", "/", bearer("wrong"), http.StatusUnauthorized},
		{"right token", "/", bearer(host.Token()), http.StatusOK},
		{"token in the address", "/?token=" + host.Token(), nil, http.StatusSeeOther},
		{"wrong token in the address", "/?token=wrong", nil, http.StatusUnauthorized},
		{"cookie", "/", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "holdfast_token", Value: host.Token()}) }, http.StatusOK},
		{"foreign host name", "/", func(r *http.Request) { bearer(host.Token())(r); r.Host = "evil.example" }, http.StatusForbidden},
		{"foreign host name, our port", "/", func(r *http.Request) {
			bearer(host.Token())(r)
			r.Host = "evil.example" + host.Origin()[strings.LastIndex(host.Origin(), ":"):]
		}, http.StatusForbidden},
		{"foreign page", "/", func(r *http.Request) { bearer(host.Token())(r); r.Header.Set("Origin", "http://evil.example") }, http.StatusForbidden},
		{"own page", "/", func(r *http.Request) { bearer(host.Token())(r); r.Header.Set("Origin", host.Origin()) }, http.StatusOK},
		{"foreign fetch", "/", func(r *http.Request) { bearer(host.Token())(r); r.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
	} {
		if status, text := get(t, host.Origin()+c.path, c.change); status != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, status, text, c.status)
		}
	}
}

func TestPlacesOfTheInterfaceAndOperations(t *testing.T) {
	host := serve(t)
	for path, want := range map[string]string{
		"/": "the interface", "/tickets/42": "the interface", "/assets/app.js": "code", "/api/v1/tickets": "operation /api/v1/tickets",
	} {
		_, text := get(t, host.Origin()+path, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+host.Token()) })
		if text != want {
			t.Errorf("%s gives %q, want %q", path, text, want)
		}
	}
}

func TestPortInUseIsSaidPlainly(t *testing.T) {
	host := serve(t)
	_, err := browser.Serve(browser.HostConfig{Address: strings.TrimPrefix(host.Origin(), "http://"), Handler: http.NotFoundHandler(), Log: quiet()})
	if !fault.Is(err, fault.PortInUse) {
		t.Errorf("got %v, want %s", err, fault.PortInUse)
	}
}

func TestOnlyThisComputerIsServed(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "example.org:80", "7400"} {
		if _, err := browser.Serve(browser.HostConfig{Address: address, Handler: http.NotFoundHandler(), Log: quiet()}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want %s", address, err, fault.Invalid)
		}
	}
}

func TestCommandsReachTheProgramThroughItsFolder(t *testing.T) {
	folder := t.TempDir()
	if _, running := browser.DialControl(t.Context(), folder); running {
		t.Fatal("nothing runs, and yet it answers")
	}
	control, err := browser.ServeControl(folder, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }), quiet())
	if err != nil {
		t.Fatal(err)
	}
	way, running := browser.DialControl(t.Context(), folder)
	if !running {
		t.Fatal("it runs and does not answer")
	}
	client := &http.Client{Transport: way}
	response, err := client.Get("http://holdfast/api/v1/setup")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil || string(text) != "here" {
		t.Errorf("got %q, %v", text, err)
	}
	client.CloseIdleConnections()
	if err := control.Close(); err != nil {
		t.Error(err)
	}
	if _, running := browser.DialControl(t.Context(), folder); running {
		t.Error("it answers after it was closed")
	}
}
