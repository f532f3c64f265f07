// Package prefs keeps this device's own settings: what a person may choose for one machine and what no other replica
// needs to know. They live in one JSON file which is never replaced when it cannot be read.
package prefs

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
)

// Settings are the choices of one device. Names of themes, languages and densities are open: a value that this version
// does not know is kept, and the interface falls back on its default.
type Settings struct {
	Theme      string `json:"theme"`      // "system", "light" or "dark"
	Language   string `json:"language"`   // BCP 47 tag; empty: the system's
	Density    string `json:"density"`    // "comfortable" or "compact"
	Window     Window `json:"window"`     // where the window was last
	DataFolder string `json:"dataFolder"` // last used data folder; empty: the platform's default
	SyncPaused bool   `json:"syncPaused"` // the person chose to work offline
	// KeepLogDays is how long agreed changes are kept one by one, beside the records and their history. Zero: for ever on a node, 90 days on a desktop; negative: for ever.
	KeepLogDays int   `json:"keepLogDays"`
	Files       Files `json:"files"` // which attached files are kept here
	// Nearby: devices of the site are looked for on the local network, and told that this one is there.
	Nearby bool `json:"nearby"`
}

// What of the attached files a device keeps.
const (
	KeepAll    = "all"    // every one
	KeepRecent = "recent" // those attached in the last Days days that are at most Megabytes large; others on demand
	KeepDemand = "demand" // those that a person asks for
)

// Files say which attached files this device fetches by itself. An unknown Keep counts as KeepAll.
type Files struct {
	Keep      string `json:"keep"`
	Days      int    `json:"days"`
	Megabytes int    `json:"megabytes"`
}

// Window is the size and place of the window in logical pixels. Zero width or height means never saved.
type Window struct {
	Width     int  `json:"width"`
	Height    int  `json:"height"`
	X         int  `json:"x"`
	Y         int  `json:"y"`
	Placed    bool `json:"placed"` // X and Y were saved; otherwise the window is centred
	Maximised bool `json:"maximised"`
}

// Defaults are the settings of a device that has none yet.
func Defaults() Settings {
	return Settings{Theme: "system", Density: "comfortable", Files: Files{Keep: KeepAll, Days: 90, Megabytes: 20}, Nearby: true}
}

// Prefs holds the settings of one file. It is safe for concurrent use.
type Prefs struct {
	path string

	mu        sync.Mutex
	settings  Settings
	detached  bool // the file could not be read: nothing is ever written to it
	listeners map[chan struct{}]struct{}
}

// DefaultPath is where the settings of this person on this machine are kept.
func DefaultPath() (string, error) {
	const op = "prefs.DefaultPath"
	folder, err := os.UserConfigDir()
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, op,
			"Holdfast cannot tell where this computer keeps settings. Set the HOME (Windows: APPDATA) variable and start again.")
	}
	return filepath.Join(folder, "holdfast", "settings.json"), nil
}

// Open reads the settings in path; a missing file means defaults. When the file is there and cannot be read (damaged,
// not permitted, written by a newer version) Open gives both usable defaults that live in memory only and a fault that
// says so; the file stays as it is, and no later Update touches it.
func Open(path string) (*Prefs, error) {
	settings, err := read(path)
	if err != nil {
		return &Prefs{path: path, settings: Defaults(), detached: true}, err
	}
	return &Prefs{path: path, settings: settings}, nil
}

// Get gives the settings as they are now.
func (p *Prefs) Get() Settings {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.settings
}

// Update changes the settings and makes them durable before it returns. The change is applied to what the file holds
// now, so that two programs which share the file keep each other's choices. When writing fails the settings in memory
// stay unchanged and the fault says why; for settings that live in memory only it changes those and returns nil.
func (p *Prefs) Update(change func(*Settings)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.detached {
		change(&p.settings)
		p.tell()
		return nil
	}
	next, err := read(p.path)
	if err != nil {
		return err
	}
	change(&next)
	if err := write(p.path, next); err != nil {
		return err
	}
	p.settings = next
	p.tell()
	return nil
}

// Changes gives a channel that holds a value after settings were changed here since it was last read, and the function that ends it.
func (p *Prefs) Changes() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listeners == nil {
		p.listeners = map[chan struct{}]struct{}{}
	}
	p.listeners[c] = struct{}{}
	return c, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.listeners, c)
	}
}

func (p *Prefs) tell() {
	for c := range p.listeners {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func read(path string) (Settings, error) {
	const op = "prefs.read"
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Defaults(), nil
	case err != nil:
		return Settings{}, &fault.Fault{Code: fault.Unavailable, Op: op, Err: err, Sentence: "The settings in " + path +
			" cannot be opened, so defaults are used and nothing is saved there. Allow reading the file and start again."}
	}
	settings, err := decode(raw)
	if err != nil {
		return Settings{}, unreadable(path, err)
	}
	return settings, nil
}

func unreadable(path string, err error) error {
	const op = "prefs.read"
	var newer *newerError
	if errors.As(err, &newer) {
		return &fault.Fault{Code: fault.NewerFormat, Op: op, Err: err, Sentence: "The settings in " + path +
			" were written by a newer Holdfast, so defaults are used and the file is left alone. Update Holdfast on this device."}
	}
	return &fault.Fault{Code: fault.Corrupt, Op: op, Err: err, Sentence: "The settings in " + path +
		" are damaged, so defaults are used and the file is left alone. Mend it, or move it away to start with new ones."}
}

func write(path string, settings Settings) error {
	const op = "prefs.write"
	raw, err := encode(path, settings)
	if err != nil {
		return fault.Wrap(err, fault.Internal, op, "The settings could not be written down. The ones in use stay as they are.")
	}
	err = os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = diskfile.Replace(path, raw, 0o600)
	}
	return fault.Wrap(err, diskfile.Code(err), op, "The settings could not be saved in "+path+
		". Check that the disk has room and that the folder can be written; the earlier settings are still there.")
}

// document is the file. Fields of the same format that this version does not know are carried over by encode.
type document struct {
	Version int `json:"version"`
	Settings
}

// The formats of the file, oldest first.
const (
	formatFirst   = 1 // theme, language, density, window, data folder, sync pause; attached files and devices nearby came later and have defaults
	formatCurrent = formatFirst
)

type newerError struct{ version int }

func (e *newerError) Error() string { return "format is newer than this program's" }

func decode(raw []byte) (Settings, error) {
	var head struct {
		Version *int `json:"version"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return Settings{}, err
	}
	switch {
	case !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")):
		return Settings{}, errors.New("not an object")
	case head.Version == nil: // written by hand: the program always says which format it writes
	case *head.Version > formatCurrent:
		return Settings{}, &newerError{*head.Version}
	case *head.Version < formatFirst:
		return Settings{}, errors.New("no such format version")
	}
	doc := document{Settings: Defaults()}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return Settings{}, err
	}
	return doc.Settings, nil
}

// encode writes the settings over what the file holds, so that fields which only a newer version knows survive.
func encode(path string, settings Settings) ([]byte, error) {
	fields := map[string]json.RawMessage{}
	if old, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(old, &fields); err != nil {
			return nil, err
		}
	}
	known, err := json.Marshal(document{Version: formatCurrent, Settings: settings})
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(known, &fields); err != nil {
		return nil, err
	}
	raw, err := json.MarshalIndent(fields, "", "  ")
	return append(raw, '\n'), err
}
