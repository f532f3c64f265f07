package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"holdfast/app/api"
	"holdfast/app/browser"
)

// device is one data folder and, while it runs, the Holdfast on it.
type device struct {
	name    string
	folder  string
	args    []string // how it is started
	within  []string // the command that puts it on a host of its own; nil: it runs on this one
	running *process
	ready   readiness
	http    *http.Client
	person  string // who works here, once the device belongs to a site
}

// start starts the device and waits until it can be used.
func (d *device) start(t *testing.T) {
	t.Helper()
	file := readyFile(t)
	d.running = launchWithin(t, d.within, append(append([]string{}, d.args...), "--data", d.folder, "--ready", file)...)
	d.connect(t, file)
}

// connect waits for the file of --ready and makes the way to what runs.
func (d *device) connect(t *testing.T, file string) {
	t.Helper()
	d.ready = d.running.awaitReady(t, file)
	d.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	if d.within != nil { // its loopback address is not ours
		way, running := browser.DialControl(t.Context(), d.folder)
		if !running {
			t.Fatalf("%s is ready and cannot be reached", d.name)
		}
		d.http.Transport = way
	}
	t.Cleanup(d.http.CloseIdleConnections)
	var me api.Me
	if err := d.try(http.MethodGet, "/me", nil, &me); err == nil && me.Person != nil {
		d.person = me.Person.ID
	}
}

// run runs a command on the device's host, which has to work.
func (d *device) run(t *testing.T, args ...string) string {
	t.Helper()
	end := holdfastWithin(t, d.within, args...)
	if end.code != 0 {
		t.Fatalf("%s: holdfast %q ended with %d: %s", d.name, args, end.code, end.stderr)
	}
	return end.stdout
}

// ticketOf gives the fields of a ticket with what every new one needs beside its own: somebody who called, and how.
func (d *device) ticketOf(fields map[string]any) map[string]any {
	all := map[string]any{"caller": d.person, "channel": "phone"}
	maps.Copy(all, fields)
	return map[string]any{"fields": all}
}

// problem is an answer that says what went wrong.
type problem struct{ api.Problem }

func (p *problem) Error() string { return p.Code + ": " + p.Detail }

// try calls the API; a problem is given as such.
func (d *device) try(method, path string, in, out any) error {
	var content io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		content = bytes.NewReader(raw)
	}
	request, err := http.NewRequest(method, d.ready.URL+api.Base+path, content)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+d.ready.Token)
	request.Header.Set("Content-Type", "application/json")
	response, err := d.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		said := &problem{}
		if err := json.Unmarshal(raw, &said.Problem); err != nil {
			return err
		}
		return said
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}

// call calls the API and has to succeed.
func (d *device) call(t *testing.T, method, path string, in, out any) {
	t.Helper()
	if err := d.try(method, path, in, out); err != nil {
		t.Fatalf("%s: %s %s: %v", d.name, method, path, err)
	}
}

// get reads something that has to be there.
func get[T any](t *testing.T, d *device, path string) T {
	t.Helper()
	var value T
	d.call(t, http.MethodGet, path, nil, &value)
	return value
}

// refused calls the API and has to be refused with the code.
func (d *device) refused(t *testing.T, code, method, path string, in any) string {
	t.Helper()
	err := d.try(method, path, in, nil)
	var said *problem
	if !errors.As(err, &said) || said.Code != code {
		t.Fatalf("%s: %s %s gave %v, want the problem %s", d.name, method, path, err, code)
	}
	return said.Detail
}

func (d *device) pause(t *testing.T) {
	t.Helper()
	d.call(t, http.MethodPost, "/sync/pause", nil, nil)
	if state := get[api.SyncStatus](t, d, "/sync").State; state != "paused" {
		t.Fatalf("%s works offline and says %q", d.name, state)
	}
}

func (d *device) resume(t *testing.T) {
	t.Helper()
	d.call(t, http.MethodPost, "/sync/resume", nil, nil)
}

// foundSite makes a data folder with a site of its own.
func foundSite(t *testing.T, code, person string, more ...string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "data")
	succeed(t, append([]string{"init", "--data", folder, "--site", code, "--name", "Office " + code, "--person", person}, more...)...)
	return folder
}

// desktopOn is a desktop that serves its interface on a folder; it is not started.
func desktopOn(name, folder string) *device {
	return &device{name: name, folder: folder, args: []string{"serve", "--listen", "127.0.0.1:0", "--peers", "127.0.0.1:0"}}
}

// freeAddress gives an address of this computer that nobody listens on at the moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
