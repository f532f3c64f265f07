//go:build desktop && linux

package desktop

import (
	"os"
	"path/filepath"
	"testing"
)

func environment(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestDisplayIsNeededAndFound(t *testing.T) {
	for _, c := range []struct {
		env   map[string]string
		opens bool
	}{
		{map[string]string{}, false},
		{map[string]string{"DISPLAY": ":0"}, true},
		{map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, true},
	} {
		if why := lacksDisplay(environment(c.env)); (why == "") != c.opens {
			t.Errorf("%v: %q", c.env, why)
		}
	}
}

func TestNoMessageBusIsStarted(t *testing.T) {
	folder := t.TempDir()
	if hasSessionBus(environment(nil)) || hasSessionBus(environment(map[string]string{"XDG_RUNTIME_DIR": folder})) {
		t.Fatal("found a bus where there is none")
	}
	if err := os.WriteFile(filepath.Join(folder, "bus"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if !hasSessionBus(environment(map[string]string{"XDG_RUNTIME_DIR": folder})) ||
		!hasSessionBus(environment(map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/x"})) {
		t.Fatal("missed a bus")
	}
}

func TestFiltersAreWrittenAsTheSystemsWantThem(t *testing.T) {
	if got := filters(FileQuestion{Kind: "anything"}); got != nil {
		t.Fatalf("got %v", got)
	}
	got := filters(FileQuestion{Kind: "Incident log", Extensions: []string{"csv", "tsv"}})
	if len(got) != 1 || got[0].DisplayName != "Incident log" || got[0].Pattern != "*.csv;*.tsv" {
		t.Fatalf("got %v", got)
	}
}
