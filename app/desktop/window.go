package desktop

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
)

// Window is bound into the interface as window.go.desktop.Window. Its methods take and give flat values of strings,
// numbers and booleans only, because a result that JSON cannot hold would end the program.
type Window struct {
	shell   shell
	pid     int
	handler http.Handler // of the interface and the API, for what is saved without passing through the page

	readyFile string
	once      sync.Once
	failed    func(error) // is told when the ready file cannot be written
}

// FileQuestion is what a file dialog asks for.
type FileQuestion struct {
	Title      string   `json:"title"`
	Name       string   `json:"name"`       // the file name to start with; may be empty
	Kind       string   `json:"kind"`       // what such files are called, such as "Incident log"; may be empty
	Extensions []string `json:"extensions"` // without a dot, such as "csv"; none means any file
}

// Answer is the outcome of a dialog.
type Answer struct {
	Path      string `json:"path"` // absolute; empty when cancelled
	Cancelled bool   `json:"cancelled"`
}

// Problem is a fault as the interface receives it: the promise of a bound method is rejected with an Error whose message
// is this, as JSON, because Wails passes on nothing but a message.
type Problem struct {
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
}

// OpenFile asks for a file to read.
func (w *Window) OpenFile(q FileQuestion) (Answer, error) {
	return ask("desktop.OpenFile", func() (string, error) { return w.shell.openFile(q) })
}

// SaveFile asks for a file to write.
func (w *Window) SaveFile(q FileQuestion) (Answer, error) {
	answer, err := ask("desktop.SaveFile", func() (string, error) { return w.shell.saveFile(q) })
	answer.Path = withExtension(answer.Path, q.Extensions)
	return answer, err
}

// withExtension gives a name the extension that a person left out: not every system's dialog does so, and without it the file is not offered when
// it is to be read. A file that is there already is never chosen this way, because nobody agreed to replace it.
func withExtension(path string, extensions []string) string {
	if path == "" || len(extensions) == 0 || filepath.Ext(path) != "" {
		return path
	}
	named := path + "." + extensions[0]
	if _, err := os.Lstat(named); !errors.Is(err, fs.ErrNotExist) {
		return path
	}
	return named
}

// SaveText asks where to save and writes the text there, replacing what the person agreed to replace. A page in a window
// cannot download.
func (w *Window) SaveText(q FileQuestion, text string) (Answer, error) {
	answer, err := w.SaveFile(q)
	if err != nil || answer.Cancelled {
		return answer, err
	}
	if err := diskfile.Replace(answer.Path, []byte(text), 0o644); err != nil {
		return Answer{}, err
	}
	return answer, nil
}

// OpenFolder asks for a folder.
func (w *Window) OpenFolder(title string) (Answer, error) {
	return ask("desktop.OpenFolder", func() (string, error) { return w.shell.openFolder(title) })
}

// Notify shows a notification outside the window. It fails with code Unavailable where the system does not allow it; the
// interface must therefore show the same thing inside the window too.
func (w *Window) Notify(title, body string) error {
	const op = "desktop.Notify"
	return guard(op, func() error {
		err := w.shell.notify(title, body)
		return fault.Wrap(err, fault.Unavailable, op,
			"This computer does not show notifications of Holdfast. Allow them in the system's settings.")
	})
}

// OpenLink opens a web or mail address in the person's browser and refuses every other kind of address.
func (w *Window) OpenLink(address string) error {
	const op = "desktop.OpenLink"
	return guard(op, func() error {
		link, err := url.Parse(address)
		if err != nil || !isOutside(link) {
			return &fault.Fault{Code: fault.Invalid, Op: op, Err: err,
				Sentence: "Only web addresses (http, https) and mail addresses (mailto) can be opened."}
		}
		w.shell.browse(link.String())
		return nil
	})
}

// SetTheme colours the window's frame: "light", "dark", anything else follows the system.
func (w *Window) SetTheme(theme string) error {
	return guard("desktop.SetTheme", func() error { w.shell.setTheme(theme); return nil })
}

// SetTitle names the window.
func (w *Window) SetTitle(title string) error {
	return guard("desktop.SetTitle", func() error { w.shell.setTitle(title); return nil })
}

// Rendered tells the program what the first screen shows. Later calls do nothing.
func (w *Window) Rendered(title, path, text string) error {
	return guard("desktop.Rendered", func() error {
		if w.readyFile != "" {
			w.once.Do(func() {
				if err := writeReady(w.readyFile, Ready{Pid: w.pid, Title: title, Path: path, Text: text}); err != nil {
					w.failed(err)
				}
			})
		}
		return nil
	})
}

func isOutside(link *url.URL) bool {
	switch link.Scheme {
	case "http", "https":
		return link.Host != ""
	case "mailto":
		return link.Opaque != ""
	}
	return false
}

func ask(op string, question func() (string, error)) (answer Answer, err error) {
	err = guard(op, func() error {
		path, err := question()
		answer = Answer{Path: path, Cancelled: path == ""}
		return fault.Wrap(err, fault.Unavailable, op, "The system's file dialog could not be opened. Try again.")
	})
	if err != nil {
		answer = Answer{}
	}
	return answer, err
}

// guard turns a panic into a fault: without an answer the interface would wait for ever.
func guard(op string, work func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &fault.Fault{Code: fault.Internal, Op: op, Err: fmt.Errorf("panic: %v", cause),
				Sentence: "The window could not do that. Nothing was lost; try again, and report it if it comes back."}
		}
	}()
	return work()
}

// problem is how errors of bound methods reach the interface.
func problem(err error) any {
	raw, marshalErr := json.Marshal(Problem{Code: string(fault.CodeOf(err)), Sentence: fault.SentenceOf(err)})
	if marshalErr != nil {
		return err.Error()
	}
	return string(raw)
}

// writeReady puts the document into path in one step, so that whoever waits for the file never reads half of it.
func writeReady(path string, ready Ready) error {
	raw, err := json.Marshal(ready)
	if err != nil {
		return err
	}
	return diskfile.Replace(path, append(raw, '\n'), 0o600)
}
