// Package keeping decides which attached files this device keeps: what its sessions ask for, and what may go again.
package keeping

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"holdfast/app/api"
	"holdfast/app/prefs"
	"holdfast/backend/attachment"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

const (
	// fetchedKept is how long a file stays that is here although the device need not keep it: somebody asked for it, or attached it.
	fetchedKept = 7 * 24 * time.Hour
	// tidyEvery is how often the device looks for files that may go, and how old the list of wanted ones gets: time alone changes both.
	tidyEvery = time.Hour
	// roomBytes is what must be free beyond the store's reserve for files to be asked for.
	roomBytes = 8 << 20
)

// Config is what Files need.
type Config struct {
	Store Store
	Blobs *store.Blobs
	Prefs *prefs.Prefs
	// KeepsAll says that others rely on this device to keep every file, whatever its settings: it is a node.
	KeepsAll bool
	// Revoked tells devices that are shut out: what they keep counts for nothing.
	Revoked func(record.DeviceID) bool
	Wall    func() time.Time
	Log     *slog.Logger
}

// Store gives the records that files hang on.
type Store interface {
	View(id record.ID) (*record.State, error)
}

// Sharing moves files between devices.
type Sharing interface {
	Look()                          // lets the sessions ask for what is wanted by now
	Fetching(hash record.Hash) bool // whether a file is on its way
}

// Files are the attached files of this device, as its sessions and its people see them. It is safe for concurrent use. Close ends it.
type Files struct {
	*store.Blobs
	cfg  Config
	stop context.CancelFunc
	look chan struct{}
	done sync.WaitGroup

	mu      sync.Mutex
	sharing Sharing // nil until the sessions run
	known   map[record.Hash]facts
	wanted  []record.Hash
	at      uint64 // the revision of the missing files that wanted is of
	policy  prefs.Files
	chosen  time.Time
}

// facts are what a record says of a file.
type facts struct {
	size int64
	at   time.Time
}

// New starts looking after the files.
func New(cfg Config) *Files {
	life, stop := context.WithCancel(context.Background())
	f := &Files{Blobs: cfg.Blobs, cfg: cfg, stop: stop, look: make(chan struct{}, 1), known: map[record.Hash]facts{}}
	f.done.Go(func() { f.keepTidy(life) })
	return f
}

// Close waits for what runs.
func (f *Files) Close() error {
	f.stop()
	f.done.Wait()
	return nil
}

// Share names who moves the files.
func (f *Files) Share(with Sharing) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sharing = with
}

// Policy gives which files this device keeps, and whether that can be chosen.
func (f *Files) Policy() (policy prefs.Files, fixed bool) {
	if f.cfg.KeepsAll {
		return prefs.Files{Keep: prefs.KeepAll}, true
	}
	return f.cfg.Prefs.Get().Files, false
}

// SetPolicy chooses which files this device keeps.
func (f *Files) SetPolicy(policy prefs.Files) error {
	if f.cfg.KeepsAll {
		return fault.New(fault.Invalid, "keeping.SetPolicy", "This device keeps all files for its site, because it takes part in agreeing on changes.")
	}
	if err := f.cfg.Prefs.Update(func(s *prefs.Settings) { s.Files = policy }); err != nil {
		return err
	}
	f.ask()
	select {
	case f.look <- struct{}{}:
	default:
	}
	return nil
}

func (f *Files) ask() {
	f.mu.Lock()
	sharing := f.sharing
	f.mu.Unlock()
	if sharing != nil {
		sharing.Look()
	}
}

// keeps reports whether the device keeps a file of which a record says this.
func keeps(policy prefs.Files, of facts, now time.Time) bool {
	switch policy.Keep {
	case prefs.KeepRecent:
		return of.size <= int64(policy.Megabytes)<<20 && now.Sub(of.at) <= time.Duration(policy.Days)*24*time.Hour
	case prefs.KeepDemand:
		return false
	}
	return true
}

// Wanted gives the files to ask peers for: those that somebody asked for or that were begun, then the newest.
func (f *Files) Wanted(most int) []record.Hash {
	revision, now := f.MissingRevision(), f.cfg.Wall()
	policy, _ := f.Policy()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.chosen.IsZero() || f.at != revision || f.policy != policy || now.Sub(f.chosen).Abs() > tidyEvery {
		f.wanted, f.at = f.choose(policy, now)
		f.policy, f.chosen = policy, now
	}
	if len(f.wanted) == 0 || f.Room(roomBytes) != nil {
		return nil
	}
	return slices.Clone(f.wanted[:min(len(f.wanted), max(most, 0))])
}

// choose gives the wanted files in their order. The caller holds mu.
func (f *Files) choose(policy prefs.Files, now time.Time) ([]record.Hash, uint64) {
	type candidate struct {
		hash  record.Hash
		begun bool
		at    time.Time
	}
	missing, revision := f.Missing()
	still := make(map[record.Hash]facts, len(f.known))
	var all []candidate
	for _, one := range missing {
		of, known := f.factsOf(one)
		if known {
			still[one.Hash] = of
		}
		begun := f.Begun(one.Hash)
		if begun || !known || keeps(policy, of, now) {
			all = append(all, candidate{one.Hash, begun, of.at})
		}
	}
	f.known = still
	slices.SortFunc(all, func(a, b candidate) int {
		switch {
		case a.begun && !b.begun:
			return -1
		case b.begun && !a.begun:
			return 1
		}
		return cmp.Or(b.at.Compare(a.at), bytes.Compare(a.hash[:], b.hash[:]))
	})
	hashes := make([]record.Hash, 0, len(all))
	for _, one := range all {
		hashes = append(hashes, one.hash)
	}
	return hashes, revision
}

// factsOf gives what the record says of a file; false when it says nothing (yet).
func (f *Files) factsOf(one store.Missing) (facts, bool) {
	if of, known := f.known[one.Hash]; known {
		return of, true
	}
	return f.read(one)
}

func (f *Files) read(one store.Missing) (facts, bool) {
	if one.Record == (record.ID{}) {
		return facts{}, false
	}
	state, err := f.cfg.Store.View(one.Record)
	if err != nil || state == nil {
		return facts{}, false // it is fetched, so that nothing is withheld for an error
	}
	var of facts
	found := false
	for _, file := range attachment.Of(state) {
		if file.Blob != one.Hash {
			continue
		}
		found, of.size = true, file.Size
		if at := file.Origin.At.Time(); at.After(of.at) {
			of.at = at
		}
	}
	return of, found
}

// WriteChunk stores bytes of a file that a peer sends, unless it sends more or less than was attached.
func (f *Files) WriteChunk(ctx context.Context, h record.Hash, offset, total int64, chunk []byte) (bool, error) {
	f.mu.Lock()
	of, known := f.known[h]
	f.mu.Unlock()
	if known && of.size != total {
		return false, fault.New(fault.Invalid, "keeping.WriteChunk", "A peer's file has another size than the one that was attached. It was refused.")
	}
	return f.Blobs.WriteChunk(ctx, h, offset, total, chunk)
}

// HeldBy notes that a node keeps a file.
func (f *Files) HeldBy(h record.Hash, keeper record.DeviceID) {
	if f.cfg.KeepsAll {
		return
	}
	if err := f.NoteHeld(h, keeper); err != nil {
		f.cfg.Log.Warn("who keeps a file could not be noted, so it stays here", "error", err)
	}
}

// Standing tells how far a file is here.
func (f *Files) Standing(h record.Hash) api.FileStanding {
	if f.Has(h) {
		return api.FileStanding{State: api.FileHere}
	}
	standing := api.FileStanding{State: api.FileElsewhere, Received: f.Partial(h)}
	f.mu.Lock()
	sharing := f.sharing
	f.mu.Unlock()
	switch {
	case sharing != nil && sharing.Fetching(h):
		standing.State = api.FileComing
	case slices.Contains(f.Wanted(math.MaxInt), h):
		standing.State = api.FileWaiting
	}
	return standing
}

// Fetch asks for a file now, whatever the settings say.
func (f *Files) Fetch(h record.Hash) error {
	if err := f.Wish(h); err != nil {
		return err
	}
	f.ask()
	return nil
}

// keepTidy drops what may go, again and again until life ends.
func (f *Files) keepTidy(life context.Context) {
	ticker := time.NewTicker(tidyEvery)
	defer ticker.Stop()
	for {
		select {
		case <-life.Done():
			return
		case <-f.look:
		case <-ticker.C:
			f.ask() // what is recent changes with time
		}
		if dropped, err := f.Tidy(life); err != nil && life.Err() == nil {
			f.cfg.Log.Warn("files that need not be kept could not be removed", "error", err)
		} else if dropped > 0 {
			f.cfg.Log.Info("files were removed that a node keeps and this device need not", "files", dropped)
		}
	}
}

// Tidy drops the files that the settings do not keep, that came more than fetchedKept ago and that a node which is not shut out is known to keep. It gives how
// many.
func (f *Files) Tidy(ctx context.Context) (int, error) {
	policy, fixed := f.Policy()
	if fixed || policy.Keep != prefs.KeepRecent && policy.Keep != prefs.KeepDemand {
		return 0, nil
	}
	named, err := f.Named()
	if err != nil {
		return 0, err
	}
	now, kept := f.cfg.Wall(), map[record.Hash]bool{}
	for _, one := range named {
		if of, known := f.read(one); !known || keeps(policy, of, now) {
			kept[one.Hash] = true
		}
	}
	dropped := 0
	for _, one := range named {
		if ctx.Err() != nil {
			return dropped, ctx.Err()
		}
		if kept[one.Hash] || !f.mayGo(one.Hash, now) {
			continue
		}
		if err := f.Drop(one); err != nil {
			return dropped, err
		}
		dropped++
	}
	return dropped, nil
}

func (f *Files) mayGo(h record.Hash, now time.Time) bool {
	since, err := f.Since(h)
	if err != nil || now.Sub(since) < fetchedKept {
		return false
	}
	keeper, known := f.Keeper(h)
	return known && !f.cfg.Revoked(keeper)
}

// Figures counts what is attached and what of it is here.
func (f *Files) Figures() (api.FileFigures, error) {
	named, err := f.Named()
	if err != nil {
		return api.FileFigures{}, err
	}
	var figures api.FileFigures
	seen := make(map[record.Hash]bool, len(named))
	for _, one := range named {
		if seen[one.Hash] {
			continue
		}
		seen[one.Hash] = true
		figures.Files++
		if size, err := f.Size(one.Hash); err == nil {
			figures.Here++
			figures.Bytes += size
		}
	}
	return figures, nil
}
