package desktop

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"holdfast/backend/core/fault"
)

// deskShell is a shell without a screen: it answers what it was told to and notes what it was asked.
type deskShell struct {
	path   string
	err    error
	broken bool
	log    []string
}

func (s *deskShell) answer(what string) (string, error) {
	s.log = append(s.log, what)
	if s.broken {
		panic("the window system broke")
	}
	return s.path, s.err
}

func (s *deskShell) openFile(q FileQuestion) (string, error) { return s.answer("open " + q.Name) }
func (s *deskShell) saveFile(q FileQuestion) (string, error) { return s.answer("save " + q.Name) }
func (s *deskShell) openFolder(title string) (string, error) { return s.answer("folder " + title) }
func (s *deskShell) browse(address string)                   { _, _ = s.answer("browse " + address) }
func (s *deskShell) setTheme(theme string)                   { _, _ = s.answer("theme " + theme) }
func (s *deskShell) setTitle(title string)                   { _, _ = s.answer("title " + title) }
func (s *deskShell) notify(title, body string) error {
	_, err := s.answer("notify " + title + body)
	return err
}

func TestDialogsSayWhatThePersonChose(t *testing.T) {
	w := &Window{shell: &deskShell{path: "/tmp/log.csv"}}
	if got, err := w.OpenFile(FileQuestion{}); err != nil || got != (Answer{Path: "/tmp/log.csv"}) {
		t.Fatalf("got %v %v", got, err)
	}
	w = &Window{shell: &deskShell{}}
	for _, ask := range []func() (Answer, error){
		func() (Answer, error) { return w.OpenFile(FileQuestion{}) },
		func() (Answer, error) { return w.SaveFile(FileQuestion{}) },
		func() (Answer, error) { return w.OpenFolder("Data") },
	} {
		if got, err := ask(); err != nil || got != (Answer{Cancelled: true}) {
			t.Fatalf("got %v %v", got, err)
		}
	}
}

func TestANameGetsTheExtensionThatWasLeftOut(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	if err := os.WriteFile(taken+".age", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		chosen     string
		extensions []string
		want       string
	}{
		{filepath.Join(dir, "monday"), []string{"age"}, filepath.Join(dir, "monday.age")},
		{filepath.Join(dir, "monday.age"), []string{"age"}, filepath.Join(dir, "monday.age")},
		{filepath.Join(dir, "monday.txt"), []string{"csv", "txt"}, filepath.Join(dir, "monday.txt")},
		{filepath.Join(dir, "monday"), nil, filepath.Join(dir, "monday")},
		{taken, []string{"age"}, taken},
	} {
		w := &Window{shell: &deskShell{path: c.chosen}}
		if got, err := w.SaveFile(FileQuestion{Extensions: c.extensions}); err != nil || got != (Answer{Path: c.want}) {
			t.Errorf("%s as %v: %v %v, want %s", c.chosen, c.extensions, got, err, c.want)
		}
	}
}

func TestEveryMethodSurvivesABrokenWindowSystem(t *testing.T) {
	w := reflect.ValueOf(&Window{shell: &deskShell{broken: true}})
	for i := range w.NumMethod() {
		name := w.Type().Method(i).Name
		if name == "Rendered" {
			continue // does not ask the window system
		}
		method := w.Method(i)
		args := make([]reflect.Value, method.Type().NumIn())
		for a := range args {
			args[a] = reflect.Zero(method.Type().In(a))
			if name == "OpenLink" {
				args[a] = reflect.ValueOf("https://example.org/")
			}
		}
		out := method.Call(args)
		err, _ := out[len(out)-1].Interface().(error)
		if !fault.Is(err, fault.Internal) {
			t.Errorf("%s gave %v", name, err)
		}
	}
}

func TestFailuresOfTheSystemBecomeSentences(t *testing.T) {
	w := &Window{shell: &deskShell{path: "/half", err: errors.New("no bus")}}
	if got, err := w.SaveFile(FileQuestion{}); !fault.Is(err, fault.Unavailable) || got != (Answer{}) {
		t.Fatalf("got %v %v", got, err)
	}
	if err := w.Notify("a", "b"); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("got %v", err)
	}
}

func TestTextIsSavedWhereThePersonSays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tickets.csv")
	w := &Window{shell: &deskShell{path: path}}
	if got, err := w.SaveText(FileQuestion{Name: "tickets.csv"}, "número;título\n"); err != nil || got.Path != path {
		t.Fatalf("got %v %v", got, err)
	}
	raw, err := os.ReadFile(path)
	if err != nil || string(raw) != "número;título\n" {
		t.Fatalf("got %q %v", raw, err)
	}
	if got, err := (&Window{shell: &deskShell{}}).SaveText(FileQuestion{}, "x"); err != nil || !got.Cancelled {
		t.Fatalf("got %v %v", got, err)
	}
	w = &Window{shell: &deskShell{path: filepath.Join(path, "below a file")}}
	if got, err := w.SaveText(FileQuestion{}, "x"); err == nil || got != (Answer{}) {
		t.Fatalf("got %v %v", got, err)
	}
}

func TestOnlyOutsideAddressesAreOpened(t *testing.T) {
	cases := []struct {
		address string
		opened  bool
	}{
		{"https://example.org/a?b=c", true},
		{"http://intranet/", true},
		{"mailto:ana@example.org", true},
		{"file:///etc/passwd", false},
		{"javascript:alert(1)", false},
		{"https:///nowhere", false},
		{"C:\\Windows\\System32\\calc.exe", false},
		{"/usr/bin/true", false},
		{"", false},
		{"https://%zz", false},
	}
	for _, c := range cases {
		shell := &deskShell{}
		err := (&Window{shell: shell}).OpenLink(c.address)
		if (err == nil) != c.opened || (len(shell.log) == 1) != c.opened {
			t.Errorf("%q: %v, %v", c.address, err, shell.log)
		}
		if err != nil && fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%q: code %s", c.address, fault.CodeOf(err))
		}
	}
}

func TestProblemsReachTheInterfaceWithCodeAndSentence(t *testing.T) {
	text, _ := problem(fault.New(fault.DiskFull, "x", "The disk is full.")).(string)
	var got Problem
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got != (Problem{"disk_full", "The disk is full."}) {
		t.Fatalf("got %+v", got)
	}
}

// A value that JSON cannot hold, or that loses precision in JavaScript, must have no way into a bound method's result.
func TestBoundMethodsCarryOnlyFlatValues(t *testing.T) {
	window := reflect.TypeOf(&Window{})
	failure := reflect.TypeFor[error]()
	for i := range window.NumMethod() {
		method := window.Method(i)
		for in := 1; in < method.Type.NumIn(); in++ {
			mustBeFlat(t, method.Name, method.Type.In(in))
		}
		for out := range method.Type.NumOut() {
			if kind := method.Type.Out(out); kind != failure {
				mustBeFlat(t, method.Name, kind)
			}
		}
	}
	if window.NumMethod() == 0 {
		t.Fatal("nothing is bound")
	}
}

func mustBeFlat(t *testing.T, name string, kind reflect.Type) {
	t.Helper()
	switch kind.Kind() {
	case reflect.String, reflect.Bool:
	case reflect.Slice:
		mustBeFlat(t, name, kind.Elem())
	case reflect.Struct:
		for _, field := range reflect.VisibleFields(kind) {
			if !field.IsExported() || field.Anonymous || field.Tag.Get("json") == "" {
				t.Errorf("%s: field %s is hidden, embedded or without a JSON name", name, field.Name)
			}
			mustBeFlat(t, name, field.Type)
		}
	default:
		t.Errorf("%s carries a %s", name, kind)
	}
}

func TestReadyFileIsWrittenOnceAndWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ready.json")
	w := &Window{shell: &deskShell{}, pid: 42, readyFile: path, failed: func(err error) { t.Error(err) }}
	for _, title := range []string{"First", "Second"} {
		if err := w.Rendered(title, "/", "Start a new site"); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(raw)); got != `{"pid":42,"title":"First","path":"/","text":"Start a new site"}` {
		t.Fatalf("got %s", got)
	}
}

func TestReadyFileThatCannotBeWrittenIsReported(t *testing.T) {
	var reported error
	w := &Window{readyFile: filepath.Join(t.TempDir(), "missing", "ready.json"), failed: func(err error) { reported = err }}
	if err := w.Rendered("T", "/", "x"); err != nil || !errors.Is(reported, os.ErrNotExist) {
		t.Fatalf("got %v, reported %v", err, reported)
	}
}
