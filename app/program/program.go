// Package program composes store, services and sharing into one value: what every way of running Holdfast runs.
package program

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"holdfast/app/api"
	"holdfast/app/prefs"
	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/sync/enrol"
)

// Role is what a device is enrolled as.
type Role = enrol.Role

// The roles.
const (
	Desktop = enrol.Desktop
	Node    = enrol.Node
)

// DefaultListen is where other devices reach this one: on all its addresses, on any free port that is then kept.
const DefaultListen = ":0"

// Config is what a program is made of.
type Config struct {
	Data    string // the data folder; made when it is missing
	Version string
	Listen  string // for other devices, host:port; DefaultListen when empty
	// Advertise is what others are told in place of Listen, host:port each, where they reach this device by way of a forwarded port or another name;
	// empty: where it listens.
	Advertise []string
	Role      Role   // what a new device becomes; Desktop when empty
	Prefs     string // the settings' file; inside the data folder when empty
	Keys      Keys   // for data folders that are encrypted
	Wall      clock.Wall
	Random    io.Reader
	Log       *slog.Logger
}

// Program is one running Holdfast on one data folder. It is safe for concurrent use.
type Program struct {
	config  Config
	prefs   *prefs.Prefs
	device  *enrol.Device
	handler http.Handler
	changes *broadcast
	key     []byte // of an encrypted folder; nil: plain. Set before the site is entered

	mu   sync.Mutex // held while a site is entered or left
	site *site      // nil before the first run is done

	life    context.Context // of what runs beside the site
	end     context.CancelFunc
	running sync.WaitGroup

	leaving sync.WaitGroup // a wipe under way
}

// defaults fills in the real clock and randomness.
func defaults(c Config) Config {
	if c.Wall == nil {
		c.Wall = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	return c
}

// Open opens the data folder and, when the device belongs to a site, starts its services. Close ends them.
func Open(ctx context.Context, c Config) (*Program, error) {
	const op = "program.Open"
	c = defaults(c)
	if c.Listen == "" {
		c.Listen = DefaultListen
	}
	if c.Role == "" {
		c.Role = Desktop
	}
	whole, err := filepath.Abs(c.Data)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, op, "The data folder's path cannot be used: "+c.Data+".")
	}
	c.Data = whole
	if err := os.MkdirAll(filepath.Join(c.Data, "device"), 0o700); err != nil {
		return nil, fault.Wrap(err, fault.ReadOnly, op, "The data folder "+c.Data+" cannot be made. Choose another with --data, or change the permissions of the folder around it.")
	}
	p := &Program{config: c, changes: newBroadcast()}
	p.life, p.end = context.WithCancel(context.Background())
	if err := p.open(ctx); err != nil {
		p.end()
		return nil, err
	}
	return p, nil
}

func (p *Program) open(ctx context.Context) error {
	if err := p.checkRestored(); err != nil {
		return err
	}
	var err error
	file := p.config.Prefs
	if file == "" {
		file = p.path("settings.json")
	}
	if p.prefs, err = prefs.Open(file); err != nil {
		// The person can work without settings; what could not be read stays as it is.
		p.config.Log.Warn("settings are not in force", "error", err)
	}
	if p.device, err = enrol.LoadOrCreateDevice(p.path("device", "key"), p.config.Random); err != nil {
		return err
	}
	if err := p.finishWipe(); err != nil {
		return err
	}
	p.handler = api.New(api.Config{Version: p.config.Version, Program: p, Log: p.config.Log})
	membership, err := enrol.LoadMembership(p.path("device", "membership.json"))
	if fault.Is(err, fault.NotFound) {
		return p.holdFolder()
	}
	if err != nil {
		return err
	}
	if err := p.unlock(); err != nil {
		return err
	}
	if p.site, err = p.enter(ctx, membership, false); err != nil {
		return err
	}
	p.running.Go(func() { p.keepStanding(p.life) })
	return nil
}

// holdFolder checks that the folder can be written before anyone types anything into the first run.
func (p *Program) holdFolder() error {
	probe := p.path(".probe")
	err := os.WriteFile(probe, nil, 0o600)
	if err == nil {
		err = os.Remove(probe)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.ReadOnly, "program.Open", "The data folder "+p.config.Data+" cannot be written. Choose another with --data, or change its permissions.")
	}
	return nil
}

func (p *Program) path(parts ...string) string {
	return filepath.Join(append([]string{p.config.Data}, parts...)...)
}

// Close ends everything that runs and waits for it.
func (p *Program) Close() error {
	p.end()
	p.running.Wait()
	p.changes.close()
	err := p.leave()
	p.leaving.Wait()
	return err
}

func (p *Program) leave() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.site == nil {
		return nil
	}
	site := p.site
	p.site = nil
	return site.close()
}

// Handler gives the API.
func (p *Program) Handler() http.Handler { return p.handler }

// Services gives the services of this device's site, or nil before the first run is done.
func (p *Program) Services() *api.Services {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.site == nil {
		return nil
	}
	return p.site.services
}

// Prefs gives this device's own settings.
func (p *Program) Prefs() *prefs.Prefs { return p.prefs }

// DataFolder gives the whole path of the data folder.
func (p *Program) DataFolder() string { return p.config.Data }

// Version gives the program's version.
func (p *Program) Version() string { return p.config.Version }

// Changes tells about changes until ctx ends.
func (p *Program) Changes(ctx context.Context) <-chan api.ChangeEvent {
	return p.changes.subscribe(ctx)
}

// Address gives where other devices reach this one; "" before the first run is done.
func (p *Program) Address() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.site == nil {
		return ""
	}
	return p.site.address()
}
