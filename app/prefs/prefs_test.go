package prefs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"holdfast/backend/core/fault"
)

func TestMissingFileMeansDefaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "settings.json")
	p, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Get(); got != Defaults() {
		t.Fatalf("got %+v", got)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Fatal("opening wrote a file")
	}
}

func TestUpdatesSurviveReopening(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		path := filepath.Join(folder, rapid.StringMatching(`[a-z]{12}`).Draw(rt, "file"), "settings.json")
		want := Settings{
			Theme:      rapid.SampledFrom([]string{"system", "light", "dark", "solarised"}).Draw(rt, "theme"),
			Language:   rapid.SampledFrom([]string{"", "de", "fr-CH"}).Draw(rt, "language"),
			Density:    rapid.SampledFrom([]string{"comfortable", "compact"}).Draw(rt, "density"),
			DataFolder: rapid.StringMatching(`[a-zÀ-ü "\\/]{0,20}`).Draw(rt, "folder"),
			SyncPaused: rapid.Bool().Draw(rt, "paused"),
			Window: Window{
				Width: rapid.IntRange(0, 9000).Draw(rt, "width"), Height: rapid.IntRange(0, 9000).Draw(rt, "height"),
				X: rapid.IntRange(-9000, 9000).Draw(rt, "x"), Y: rapid.IntRange(-9000, 9000).Draw(rt, "y"),
				Placed: rapid.Bool().Draw(rt, "placed"), Maximised: rapid.Bool().Draw(rt, "maximised"),
			},
		}
		p, err := Open(path)
		if err != nil {
			rt.Fatal(err)
		}
		if err := p.Update(func(s *Settings) { *s = want }); err != nil {
			rt.Fatal(err)
		}
		again, err := Open(path)
		if err != nil {
			rt.Fatal(err)
		}
		if again.Get() != want || p.Get() != want {
			rt.Fatalf("want %+v, got %+v and %+v", want, p.Get(), again.Get())
		}
	})
}

func TestUnreadableFileIsLeftAlone(t *testing.T) {
	cases := []struct {
		name, content string
		code          fault.Code
	}{
		{"damaged", `{"version":1,"theme":`, fault.Corrupt},
		{"empty", ``, fault.Corrupt},
		{"not an object", `[1]`, fault.Corrupt},
		{"nothing", `null`, fault.Corrupt},
		{"no such version", `{"version":0,"theme":"dark"}`, fault.Corrupt},
		{"wrong type by hand", `{"keepLogDays":"ten"}`, fault.Corrupt},
		{"wrong type", `{"version":1,"theme":7}`, fault.Corrupt},
		{"newer", `{"version":99,"theme":"dark"}`, fault.NewerFormat},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "settings.json")
			put(t, path, c.content)
			p, err := Open(path)
			if fault.CodeOf(err) != c.code || !strings.HasSuffix(fault.SentenceOf(err), ".") {
				t.Fatalf("want %s, got %v", c.code, err)
			}
			if err := p.Update(func(s *Settings) { s.Theme = "dark" }); err != nil {
				t.Fatal(err)
			}
			if p.Get().Theme != "dark" {
				t.Fatal("the choice did not hold in memory")
			}
			if got := take(t, path); got != c.content {
				t.Fatalf("the file became %q", got)
			}
		})
	}
}

func TestFileThatIsAFolderIsAFault(t *testing.T) {
	p, err := Open(t.TempDir())
	if fault.CodeOf(err) != fault.Unavailable || p == nil {
		t.Fatalf("got %v, %v", p, err)
	}
}

func TestFileDamagedWhileOpenIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	p, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, "{")
	if err := p.Update(func(s *Settings) { s.Theme = "dark" }); !fault.Is(err, fault.Corrupt) {
		t.Fatalf("got %v", err)
	}
	if take(t, path) != "{" || p.Get() != Defaults() {
		t.Fatal("a failed update changed something")
	}
}

func TestFolderThatCannotBeMadeKeepsTheSettings(t *testing.T) {
	blocker := filepath.Join(t.TempDir(), "file")
	put(t, blocker, "not a folder")
	path := filepath.Join(blocker, "settings.json")
	if err := write(path, Defaults()); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("got %v", err)
	}
	if take(t, blocker) != "not a folder" {
		t.Fatal("the blocking file changed")
	}
}

func TestFieldsOfAnotherVersionSurvive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	put(t, path, `{"version":1,"theme":"dark","haptics":{"on":true}}`)
	p, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Update(func(s *Settings) { s.Density = "compact" }); err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(take(t, path)), &fields); err != nil {
		t.Fatal(err)
	}
	if fields["haptics"] == nil || fields["theme"] != "dark" || fields["density"] != "compact" {
		t.Fatalf("got %v", fields)
	}
}

func TestTwoProgramsKeepEachOthersChoices(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	one, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := one.Update(func(s *Settings) { s.Theme = "dark" }); err != nil {
		t.Fatal(err)
	}
	if err := two.Update(func(s *Settings) { s.Density = "compact" }); err != nil {
		t.Fatal(err)
	}
	if got := two.Get(); got.Theme != "dark" || got.Density != "compact" {
		t.Fatalf("got %+v", got)
	}
}

func TestConcurrentUpdatesAllCount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	p, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	const writers = 16
	var done sync.WaitGroup
	for range writers {
		done.Go(func() {
			if err := p.Update(func(s *Settings) { s.Window.Width++ }); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if got := p.Get().Window.Width; got != writers {
		t.Fatalf("got %d", got)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Fatalf("not only the settings are there: %v %v", left, err)
	}
}

func FuzzDecodeNeverPanics(f *testing.F) {
	f.Add([]byte(`{"version":1,"theme":"dark","window":{"width":3}}`))
	f.Add([]byte(`{"version":2}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		settings, err := decode(raw)
		if err != nil && settings != (Settings{}) {
			t.Fatalf("a failed decode gave %+v", settings)
		}
	})
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func take(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// A file from before devices nearby were looked for means that they are, and whoever waits for a choice hears of it.
func TestNearbyIsOnUntilSomebodyTurnsItOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	if err := os.WriteFile(path, []byte(`{"version":1,"theme":"dark"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Open(path)
	if err != nil || !p.Get().Nearby {
		t.Fatal(p.Get(), err)
	}
	changes, done := p.Changes()
	if err := p.Update(func(s *Settings) { s.Nearby = false }); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changes:
	default:
		t.Error("nobody was told")
	}
	done()
	if err := p.Update(func(s *Settings) { s.Theme = "light" }); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changes:
		t.Error("somebody who went was told")
	default:
	}
	if again, err := Open(path); err != nil || again.Get().Nearby {
		t.Error(again.Get(), err)
	}
}

// TestAFileWrittenByHandNeedsOnlyWhatItChooses is for those who put one line into a folder before the first start.
func TestAFileWrittenByHandNeedsOnlyWhatItChooses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	put(t, path, `{"keepLogDays": 10}`)
	p, err := Open(path)
	want := Defaults()
	want.KeepLogDays = 10
	if err != nil || p.Get() != want {
		t.Fatalf("got %+v, %v", p.Get(), err)
	}
	if err := p.Update(func(s *Settings) { s.Theme = "dark" }); err != nil {
		t.Fatal(err)
	}
	again, err := Open(path)
	if want.Theme = "dark"; err != nil || again.Get() != want {
		t.Fatalf("after a choice: %+v, %v", again.Get(), err)
	}
}
