// Package bundles writes and reads bundles for the API: files come in piece by piece, work goes on in the background with progress, and can be cancelled.
package bundles

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/google/uuid"

	"holdfast/app/api"
	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/bundle"
)

// Config is what bundles need.
type Config struct {
	Dir    string // parts that wait for others stay in it over restarts; the rest is emptied at start
	Bundle bundle.Config
	// Before is called before a bundle is written: it notes where the devices stand that are in touch now.
	Before func(ctx context.Context)
	// Device and Person name what people know; Person gives nil for nobody.
	Device func(id record.DeviceID) string
	Person func(id record.ID) *api.Ref
	Log    *slog.Logger
}

// Bundles are the bundles of this run of the program. Close cancels them and waits.
type Bundles struct {
	config  Config
	inbox   *bundle.Inbox
	ctx     context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
	reading sync.Mutex // one reading at a time

	mu      sync.Mutex
	jobs    map[string]*job
	files   map[string]*arriving
	written string // the job whose parts lie here
}

type job struct {
	view   api.BundleJob // guarded by Bundles.mu
	cancel context.CancelFunc
}

// arriving is a file on its way in.
type arriving struct {
	file   api.BundleFile
	path   string
	chunks int
	bytes  int64
	taken  bool // by a reading
}

const (
	// jobsMax bounds the bundles that one run of the program remembers, runningMax those of them that are not over, filesMax the files that are on their way in at once.
	jobsMax    = 256
	runningMax = 8
	filesMax   = bundle.PartsMax

	arrivingDir = "arriving"
	leavingDir  = "leaving"
	inboxDir    = "inbox"
)

// New makes the folders ready.
func New(c Config) (*Bundles, error) {
	b := &Bundles{config: c, jobs: map[string]*job{}, files: map[string]*arriving{}}
	if err := b.sweep(); err != nil {
		return nil, err
	}
	for _, folder := range []string{arrivingDir, leavingDir} {
		if err := os.MkdirAll(b.path(folder), 0o700); err != nil {
			return nil, folderFault(err, "bundles.New")
		}
	}
	var err error
	if b.inbox, err = bundle.OpenInbox(b.path(inboxDir)); err != nil {
		return nil, err
	}
	b.ctx, b.stop = context.WithCancel(context.Background())
	return b, nil
}

func (b *Bundles) path(parts ...string) string {
	return filepath.Join(append([]string{b.config.Dir}, parts...)...)
}

func (b *Bundles) sweep() error {
	return folderFault(errors.Join(os.RemoveAll(b.path(arrivingDir)), os.RemoveAll(b.path(leavingDir))), "bundles.sweep")
}

func folderFault(err error, op string) error {
	return fault.Wrap(err, diskfile.Code(err), op, "The data folder cannot be written. Check its permissions and that its disk has room, then try again.")
}

// Close cancels what runs and waits for it. What is read stays.
func (b *Bundles) Close() error {
	b.stop()
	b.running.Wait()
	return b.sweep()
}

// start runs work on a goroutine of its own.
func (b *Bundles) start(work func(ctx context.Context, j *job) error) (api.BundleJob, error) {
	id, err := uuid.NewRandom()
	if err != nil {
		return api.BundleJob{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.runs() >= runningMax {
		return api.BundleJob{}, fault.New(fault.Unavailable, "bundles.start", "Several bundles are being written or read already. Wait until one of them is done, or cancel it.")
	}
	if len(b.jobs) >= jobsMax {
		b.forgetJobs()
	}
	ctx, cancel := context.WithCancel(b.ctx)
	j := &job{view: api.BundleJob{ID: id.String(), State: "running"}, cancel: cancel}
	b.jobs[j.view.ID] = j
	b.running.Go(func() {
		defer cancel()
		err := work(ctx, j)
		b.update(j, func(view *api.BundleJob) { conclude(view, err) })
	})
	return j.view, nil
}

// runs counts the jobs that are not over. The caller holds mu.
func (b *Bundles) runs() (n int) {
	for _, j := range b.jobs {
		if j.view.State == "running" {
			n++
		}
	}
	return n
}

// forgetJobs forgets the jobs that are over. The caller holds mu.
func (b *Bundles) forgetJobs() {
	for id, j := range b.jobs {
		if j.view.State != "running" && id != b.written {
			delete(b.jobs, id)
		}
	}
}

func conclude(view *api.BundleJob, err error) {
	switch {
	case err == nil:
		view.State = "done"
	case errors.Is(err, context.Canceled):
		view.State = "cancelled"
	default:
		view.State = "failed"
		view.Problem = &api.Problem{Type: "about:blank", Title: "Bundle failed", Code: string(fault.CodeOf(err)), Detail: fault.SentenceOf(err), Op: "bundles"}
	}
}

func (b *Bundles) update(j *job, change func(*api.BundleJob)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&j.view)
}

func (b *Bundles) find(id string) (*job, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if j, ok := b.jobs[id]; ok {
		return j, nil
	}
	return nil, fault.New(fault.NotFound, "bundles.find", "This bundle is over or was never begun. Begin again.")
}

// Job tells how far a bundle is.
func (b *Bundles) Job(id string) (api.BundleJob, error) {
	j, err := b.find(id)
	if err != nil {
		return api.BundleJob{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return j.view, nil
}

// Cancel stops a bundle. The parts of a written one are forgotten; what was read stays.
func (b *Bundles) Cancel(id string) error {
	j, err := b.find(id)
	if err != nil {
		return err
	}
	j.cancel()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.written == id && j.view.State != "running" {
		b.written = ""
		return folderFault(os.RemoveAll(b.path(leavingDir, id)), "bundles.Cancel")
	}
	return nil
}

// Write begins to write a bundle.
func (b *Bundles) Write(_ context.Context, wish api.BundleWish) (api.BundleJob, error) {
	const op = "bundles.Write"
	asked := bundle.Wish{Commits: bundle.Commits(wish.Commits), Files: !wish.NoFiles, PartBytes: wish.PartBytes}
	if wish.PartBytes != 0 && wish.PartBytes < bundle.PartBytesMin {
		return api.BundleJob{}, fault.Newf(fault.Invalid, op, "A part has to have at least %d bytes (4 MiB).", bundle.PartBytesMin)
	}
	if wish.For != "" {
		device, err := record.ParseDevice(wish.For)
		if err != nil {
			return api.BundleJob{}, err
		}
		if b.config.Bundle.Devices.KeyOf(device) == nil {
			return api.BundleJob{}, fault.New(fault.NotFound, op, "There is no such device. See the list of devices.")
		}
		asked.For = device
	}
	return b.start(func(ctx context.Context, j *job) error { return b.write(ctx, j, asked) })
}

func (b *Bundles) write(ctx context.Context, j *job, wish bundle.Wish) error {
	if err := b.makeRoom(j); err != nil {
		return err
	}
	b.config.Before(ctx)
	folder := b.path(leavingDir, j.view.ID)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return folderFault(err, "bundles.write")
	}
	wish.Progress = func(bytes int64) { b.update(j, func(view *api.BundleJob) { view.Done = bytes }) }
	written, err := bundle.Export(ctx, b.config.Bundle, folder, wish)
	if err != nil {
		return errors.Join(err, os.RemoveAll(folder))
	}
	b.update(j, func(view *api.BundleJob) { view.Written = writtenOf(&written) })
	return nil
}

// makeRoom forgets the bundle that was written before: its parts were saved by now, or can be written again. One that is still being written keeps its place.
func (b *Bundles) makeRoom(j *job) error {
	const op = "bundles.makeRoom"
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.jobs[b.written]
	if before != nil && before.view.State == "running" {
		return fault.New(fault.Unavailable, op, "Another bundle is being written. Wait until it is done, or cancel it.")
	}
	b.written = j.view.ID
	if before == nil {
		return nil
	}
	return folderFault(os.RemoveAll(b.path(leavingDir, before.view.ID)), op)
}

// Part opens a part that was written.
func (b *Bundles) Part(id string, number int) (io.ReadCloser, int64, error) {
	const op = "bundles.Part"
	view, err := b.Job(id)
	if err != nil {
		return nil, 0, err
	}
	if view.State != "done" || view.Written == nil || number < 1 || number > len(view.Written.Parts) {
		return nil, 0, fault.New(fault.NotFound, op, "There is no such part.")
	}
	file, err := os.Open(b.path(leavingDir, id, bundle.PartName("part", number, 0)))
	if err != nil {
		return nil, 0, fault.Wrap(err, fault.NotFound, op, "The parts of this bundle are not here any more. Write it again.")
	}
	return file, view.Written.Parts[number-1], nil
}

// Waiting gives the bundles of which parts are missing.
func (b *Bundles) Waiting() ([]api.BundleInfo, error) {
	waiting, err := b.inbox.Waiting()
	if err != nil {
		return nil, err
	}
	infos := make([]api.BundleInfo, 0, len(waiting))
	for i := range waiting {
		infos = append(infos, b.info(&waiting[i]))
	}
	return infos, nil
}

// Forget drops the parts of a bundle that wait for others.
func (b *Bundles) Forget(id string) error {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != len(bundle.ID{}) {
		return fault.Newf(fault.Invalid, "bundles.Forget", "%q is not the id of a bundle.", id)
	}
	b.reading.Lock()
	defer b.reading.Unlock()
	return b.inbox.Forget(bundle.ID(raw))
}
