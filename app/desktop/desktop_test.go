package desktop

import (
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"holdfast/app/prefs"
	"holdfast/backend/core/fault"
)

func TestRunWithoutAWindowNamesTheBrowser(t *testing.T) {
	if Available() && runtime.GOOS != "linux" {
		t.Log("a display is always there on this system")
		return
	}
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	p, err := prefs.Open(filepath.Join(t.TempDir(), "settings.json"))
	if err != nil {
		t.Fatal(err)
	}
	err = Run(t.Context(), Options{Handler: http.NotFoundHandler(), Prefs: p, Log: quiet()})
	if fault.CodeOf(err) != NoWindow || !strings.Contains(fault.SentenceOf(err), "holdfast serve") {
		t.Fatalf("got %v", err)
	}
}

func TestRunRefusesIncompleteOptions(t *testing.T) {
	if err := Run(t.Context(), Options{}); fault.CodeOf(err) != fault.Internal {
		t.Fatalf("got %v", err)
	}
}

func TestTitle(t *testing.T) {
	if got := (Options{}).title(); got != "Holdfast" {
		t.Fatalf("got %q", got)
	}
	if got := (Options{Title: "Lyon"}).title(); got != "Lyon" {
		t.Fatalf("got %q", got)
	}
}

func TestWindowOpensWhereItCanBeSeen(t *testing.T) {
	screen := area{1920, 1080}
	cases := []struct {
		name   string
		window prefs.Window
		screen area
		place  bool
	}{
		{"as left", prefs.Window{Width: 1000, Height: 700, X: 50, Y: 60, Placed: true}, screen, true},
		{"never placed", prefs.Window{Width: 1000, Height: 700, X: 50, Y: 60}, screen, false},
		{"half over the left edge", prefs.Window{Width: 1000, Height: 700, X: -500, Y: 0, Placed: true}, screen, true},
		{"monitor gone, right", prefs.Window{Width: 1000, Height: 700, X: 2500, Y: 60, Placed: true}, screen, false},
		{"monitor gone, left", prefs.Window{Width: 1000, Height: 700, X: -1900, Y: 60, Placed: true}, screen, false},
		{"title bar above the screen", prefs.Window{Width: 1000, Height: 700, X: 50, Y: -40, Placed: true}, screen, false},
		{"below the screen", prefs.Window{Width: 1000, Height: 700, X: 50, Y: 1070, Placed: true}, screen, false},
		{"no screen known", prefs.Window{Width: 1000, Height: 700, X: 0, Y: 0, Placed: true}, area{}, false},
	}
	for _, c := range cases {
		if _, _, place := startPlace(c.window, c.screen); place != c.place {
			t.Errorf("%s: placed %v", c.name, place)
		}
	}
}

func TestStartSize(t *testing.T) {
	cases := []struct{ window, want prefs.Window }{
		{prefs.Window{}, prefs.Window{Width: widthDefault, Height: heightDefault}},
		{prefs.Window{Width: 5, Height: 5}, prefs.Window{Width: widthMin, Height: heightMin}},
		{prefs.Window{Width: 1500, Height: -1}, prefs.Window{Width: widthDefault, Height: heightDefault}},
		{prefs.Window{Width: 1500, Height: 1000}, prefs.Window{Width: 1500, Height: 1000}},
	}
	for _, c := range cases {
		if w, h := startSize(c.window); w != c.want.Width || h != c.want.Height {
			t.Errorf("%+v: %d×%d", c.window, w, h)
		}
	}
}

func TestMaximisedWindowKeepsTheSizeItReturnsTo(t *testing.T) {
	s := prefs.Defaults()
	remember(&s, 1000, 700, 10, 20, false)
	remember(&s, 1920, 1080, 0, 0, true)
	if want := (prefs.Window{Width: 1000, Height: 700, X: 10, Y: 20, Placed: true, Maximised: true}); s.Window != want {
		t.Fatalf("got %+v", s.Window)
	}
	remember(&s, 1, 1, 0, 0, false)
	if s.Window.Width != 1000 || s.Window.Maximised {
		t.Fatalf("a window without a size replaced %+v", s.Window)
	}
}

func TestMenuNamesEveryActionOnce(t *testing.T) {
	seen := map[string]string{}
	for _, group := range menuGroups() {
		for _, entry := range group.entries {
			if entry == (menuEntry{}) {
				continue
			}
			for _, key := range []string{entry.action, entry.label, entry.shortcut} {
				if other, twice := seen[key]; key != "" && twice {
					t.Errorf("%q stands for %q and %q", key, other, entry.label)
				}
				seen[key] = entry.label
			}
			if entry.label == "" || entry.action == "" {
				t.Errorf("%+v lacks a label or an action", entry)
			}
		}
	}
}
