// Package imports runs imports and exports for the API: files come in piece by piece, are planned first, then carried out with progress, and can be cancelled.
package imports

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"holdfast/app/api"
	"holdfast/backend/config"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/exchange"
	"holdfast/backend/record"
)

// Store is what imports write to and exports read from.
type Store interface {
	exchange.Views
	exchange.Walker
	exchange.Appender
}

// Config is what imports need.
type Config struct {
	Dir   string // for files on their way in; emptied at start
	Store Store
	Kinds record.Catalogue
	Actor desk.Actor
	May   func(permission string) (bool, error)
	// LogMapping reads a mapping of incident logs, the configuration's own when text is empty, and gives it with its text.
	LogMapping func(text string) (config.Mapping, string, error)
	// Initial gives the state that a new record of a kind starts in, Asked the fields that a person who makes one is asked for.
	Initial func(kind string) string
	Asked   func(kind string) []string
	// Choices gives what people can choose in a field of a kind.
	Choices func(kind, field string) []api.Choice
	Wall    func() time.Time
	Log     *slog.Logger
}

// Imports are the imports of this run of the program. Close cancels them and waits.
type Imports struct {
	config  Config
	ctx     context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
	mu      sync.Mutex
	jobs    map[string]*job
}

// job is one import.
type job struct {
	wish    api.ImportWish
	view    api.Import // guarded by Imports.mu
	path    string
	chunks  int
	bytes   int64
	cancel  context.CancelFunc
	started time.Time
}

// New makes the folder for incoming files ready.
func New(c Config) (*Imports, error) {
	const op = "imports.New"
	if err := errors.Join(os.RemoveAll(c.Dir), os.MkdirAll(c.Dir, 0o700)); err != nil {
		return nil, fault.Wrap(err, fault.ReadOnly, op, "The data folder cannot be written. Check its permissions and start Holdfast again.")
	}
	ctx, stop := context.WithCancel(context.Background())
	return &Imports{config: c, ctx: ctx, stop: stop, jobs: map[string]*job{}}, nil
}

// Close cancels what runs and waits for it. What is imported stays.
func (x *Imports) Close() error {
	x.stop()
	x.running.Wait()
	return os.RemoveAll(x.config.Dir)
}

// jobsMax bounds the imports that one run of the program remembers.
const jobsMax = 64

// Begin announces a file.
func (x *Imports) Begin(_ context.Context, wish api.ImportWish) (api.Import, error) {
	const op = "imports.Begin"
	if may, err := x.config.May("ticket.import"); err != nil || !may {
		return api.Import{}, errors.Join(err, fault.New(fault.Forbidden, op, "Your roles do not allow you to import. Ask an administrator of your site."))
	}
	id, err := uuid.NewRandom()
	if err != nil {
		return api.Import{}, err
	}
	j := &job{wish: wish, path: filepath.Join(x.config.Dir, id.String()), view: api.Import{ID: id.String(), Name: wish.Name, State: "receiving"}}
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.jobs) >= jobsMax {
		return api.Import{}, fault.New(fault.Unavailable, op, "Too many imports were begun. Restart Holdfast to begin another.")
	}
	x.jobs[j.view.ID] = j
	return j.view, nil
}

func (x *Imports) find(id string) (*job, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if j, ok := x.jobs[id]; ok {
		return j, nil
	}
	return nil, fault.New(fault.NotFound, "imports.find", "This import is over or was never begun. Choose the file again.")
}

// Chunk takes the next piece of the file. A piece that came already is taken as done.
func (x *Imports) Chunk(_ context.Context, id string, number int, chunk []byte) error {
	const op = "imports.Chunk"
	j, err := x.find(id)
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case number < j.chunks:
		return nil
	case number > j.chunks || j.view.State != "receiving":
		return fault.New(fault.Conflict, op, "The pieces of the file came in the wrong order. Choose the file again.")
	case j.bytes+int64(len(chunk)) > j.wish.Size:
		return fault.New(fault.Invalid, op, "The file is larger than it said at first. Choose it again.")
	}
	file, err := os.OpenFile(j.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.Wrap(err, fault.DiskFull, op, "The file cannot be kept while it is read in. Free some space and choose it again.")
	}
	_, err = file.Write(chunk)
	if err := errors.Join(err, file.Close()); err != nil {
		return fault.Wrap(err, fault.DiskFull, op, "The file cannot be kept while it is read in. Free some space and choose it again.")
	}
	j.chunks++
	j.bytes += int64(len(chunk))
	return nil
}

// Import tells how far an import is.
func (x *Imports) Import(id string) (api.Import, error) {
	j, err := x.find(id)
	if err != nil {
		return api.Import{}, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return j.view, nil
}

// Cancel stops an import. What is imported stays.
func (x *Imports) Cancel(id string) error {
	j, err := x.find(id)
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if j.cancel != nil {
		j.cancel()
	} else {
		j.view.State = "cancelled"
	}
	return nil
}

// Plan reads the whole file and counts what would be done.
func (x *Imports) Plan(_ context.Context, id, mapping string) error {
	return x.start(id, "planning", []string{"receiving", "planned", "failed"}, func(ctx context.Context, j *job) error {
		source, err := x.source(ctx, j, firstOf(mapping, j.view.Mapping))
		if err != nil {
			return err
		}
		defer source.close()
		summary, err := exchange.Plan(ctx, source, x.progress(j))
		x.update(j, func(view *api.Import) {
			view.Plan = planOf(&summary)
			view.Mapping, view.Columns = source.mapping, source.columns
			view.Total = view.Done
			view.State = "planned"
		})
		return err
	})
}

// Run carries the planned import out.
func (x *Imports) Run(_ context.Context, id string) error {
	return x.start(id, "running", []string{"planned"}, func(ctx context.Context, j *job) error {
		source, err := x.source(ctx, j, j.view.Mapping)
		if err != nil {
			return err
		}
		defer source.close()
		space := record.SiteSpace(x.config.Actor.Site)
		summary, err := exchange.Run(ctx, source, x.config.Store, space, x.config.Actor.Person, x.progress(j))
		x.update(j, func(view *api.Import) {
			view.Result = planOf(&summary)
			view.State = "done"
		})
		return err
	})
}

// start runs work on a goroutine of its own when the import is in one of the states.
func (x *Imports) start(id, state string, from []string, work func(context.Context, *job) error) error {
	j, err := x.find(id)
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if !contains(from, j.view.State) {
		return fault.New(fault.Conflict, "imports.start", "The import is "+j.view.State+" at the moment. Wait for it, or begin another.")
	}
	ctx, cancel := context.WithCancel(x.ctx)
	j.cancel, j.started = cancel, x.config.Wall()
	j.view.State, j.view.Done, j.view.Problem = state, 0, nil
	x.running.Go(func() {
		defer cancel()
		err := work(ctx, j)
		x.update(j, func(view *api.Import) { conclude(view, err) })
	})
	return nil
}

func conclude(view *api.Import, err error) {
	switch {
	case err == nil:
	case errors.Is(err, context.Canceled):
		view.State = "cancelled"
	default:
		view.State = "failed"
		view.Problem = &api.Problem{Type: "about:blank", Title: "Import failed", Code: string(fault.CodeOf(err)), Detail: fault.SentenceOf(err), Op: "imports"}
	}
}

func (x *Imports) update(j *job, change func(*api.Import)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	change(&j.view)
}

// progress notes how far an import is, with its mean rate.
func (x *Imports) progress(j *job) func(done int) {
	return func(done int) {
		seconds := x.config.Wall().Sub(j.started).Seconds()
		x.update(j, func(view *api.Import) {
			view.Done = done
			if seconds > 0 {
				view.Rate = float64(done) / seconds
			}
		})
	}
}

// Export writes everything as JSON Lines.
func (x *Imports) Export(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<16)
	if err := exchange.Write(ctx, x.config.Store, x.config.Kinds, out); err != nil {
		return err
	}
	return out.Flush()
}

func planOf(s *exchange.Summary) *api.ImportPlan {
	plan := &api.ImportPlan{
		Create: s.Create, Change: s.Change, Skip: s.Skip, Steps: s.Steps, Reasons: s.Reasons, Samples: append([]string{}, s.Samples...),
		Errors: []api.ImportError{}, Lacking: s.Lacks,
	}
	for _, match := range s.Matches {
		plan.Matches = append(plan.Matches, api.ImportMatch{Line: match.Line, Kind: match.Kind, Name: match.Name, ID: match.ID.String(), Title: match.Title})
	}
	for _, problem := range s.Problems {
		plan.Errors = append(plan.Errors, api.ImportError{Line: problem.Line, Reason: problem.Reason})
	}
	return plan
}
