// Package desktop opens the native window and gives the user interface what only a window can do: dialogs,
// notifications, the menu. It is the only importer of Wails, and only when built with the tag "desktop".
package desktop

import (
	"log/slog"
	"net/http"

	"holdfast/app/prefs"
	"holdfast/backend/core/fault"
)

// NoWindow is the code of a fault that means: this program or this machine cannot open a window.
const NoWindow fault.Code = "no_window"

// Names of the Wails events that the interface listens to.
const (
	EventChanged = "holdfast:changed" // payload: Changed
	EventMenu    = "holdfast:menu"    // payload: the name of an action, such as "new-ticket"
)

// Options are what a window needs. Handler, Prefs and Log are required.
type Options struct {
	Title string // empty: "Holdfast"

	// Handler serves the interface at "/" and the API below "/api", inside the process: no port is opened. It is called
	// from many goroutines. A response should end; an endless one holds its goroutine for the life of the window.
	Handler http.Handler

	Prefs *prefs.Prefs // remembers where the window was

	// Changes carries what changed, as it changes; nil or closed means nothing ever will. While Run runs the window
	// receives without pause; afterwards nobody does, so a sender also watches for the end.
	Changes <-chan Changed

	// ReadyFile, when not empty, names a file that gets one JSON document (Ready) once the first screen is rendered.
	ReadyFile string

	Log *slog.Logger
}

// Ready describes the first rendered screen. It is what tests and scripts wait for.
type Ready struct {
	Pid   int    `json:"pid"`
	Title string `json:"title"` // of the page
	Path  string `json:"path"`  // of the page
	Text  string `json:"text"`  // what a person can read on it, cut at 4,000 characters
}

func (o Options) validate() error {
	const op = "desktop.Run"
	if o.Handler == nil || o.Prefs == nil || o.Log == nil {
		return fault.New(fault.Internal, op, "The window was asked for without a handler, settings or a log. Please report this.")
	}
	return nil
}

func (o Options) title() string {
	if o.Title == "" {
		return "Holdfast"
	}
	return o.Title
}

func noWindow(op, why string, cause error) error {
	return &fault.Fault{Code: NoWindow, Op: op, Err: cause,
		Sentence: why + " Run “holdfast serve” and open the address that it prints in a browser."}
}
