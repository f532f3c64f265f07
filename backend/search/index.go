// Package search answers full-text queries: numbers, provisional numbers, MAC and IP addresses, serials, phrases, prefixes, and words with one typing error. The index
// is derived and disposable: it holds ids and terms only, is filled in batches behind the commit, and what is not in it yet is found in an in-memory tail.
package search

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/google/uuid"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Document is what is searched of one record.
type Document struct {
	ID    record.ID
	Kind  string
	Title string
	Names []string // numbers, provisional numbers, logins: found whole or by prefix before anything else
	Text  string
	Gone  bool // archived: leaves the index
}

// Config says where the index lies and how it is fed.
type Config struct {
	Dir string // disposable; made anew when unreadable
	Log *slog.Logger
	// BatchDelay is how long changes gather before they are indexed; zero means 100 ms.
	BatchDelay time.Duration
}

// Index is safe for concurrent use. Close waits for the indexing goroutine.
type Index struct {
	log     *slog.Logger
	delay   time.Duration
	disk    bleve.Index
	mu      sync.RWMutex
	tail    map[record.ID]entry // not in disk yet
	wake    chan struct{}
	stop    context.CancelFunc
	done    chan struct{}
	drained *sync.Cond // on mu; signalled when a batch has been indexed
	fresh   bool
}

// entry is a document of the tail with its turn, so that a newer version is not dropped with an older one's batch.
type entry struct {
	document Document
	words    []string
	turn     uint64
}

// batchDocuments is how many documents go into the index at once.
const batchDocuments = 500

// Open opens the index, or makes an empty one: Fresh tells, and then every record has to be put in again.
func Open(c Config) (*Index, error) {
	disk, fresh, err := openDisk(c.Dir, c.Log)
	if err != nil {
		return nil, err
	}
	if c.BatchDelay == 0 {
		c.BatchDelay = 100 * time.Millisecond
	}
	ctx, stop := context.WithCancel(context.Background())
	x := &Index{
		log: c.Log, delay: c.BatchDelay, disk: disk, tail: map[record.ID]entry{}, wake: make(chan struct{}, 1),
		stop: stop, done: make(chan struct{}), fresh: fresh,
	}
	x.drained = sync.NewCond(&x.mu)
	go x.run(ctx)
	return x, nil
}

func openDisk(dir string, log *slog.Logger) (bleve.Index, bool, error) {
	const op = "search.Open"
	disk, err := reopened(dir)
	if err == nil {
		return disk, false, nil
	}
	if !errors.Is(err, bleve.ErrorIndexPathDoesNotExist) {
		log.Warn("search index is made anew", "reason", err)
	}
	if err := os.RemoveAll(dir); err != nil {
		return nil, false, fault.Wrap(err, fault.ReadOnly, op, "The search index cannot be written. Check that the data folder is writable; your records are not affected.")
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return nil, false, fault.Wrap(err, fault.ReadOnly, op, "The data folder cannot be written. Check its permissions and start Holdfast again.")
	}
	disk, err = bleve.New(dir, mapping())
	if err != nil {
		return nil, false, fault.Wrap(err, fault.Unavailable, op, "The search index could not be made. Check that the disk has room; your records are not affected.")
	}
	return disk, true, disk.SetInternal([]byte(versionKey), []byte(version))
}

// reopened opens an index that is there. Its libraries panic over a file that was cut, and read beyond its end; here that is an error like others.
func reopened(dir string) (disk bleve.Index, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("damaged: %v", r)
		}
	}()
	if err := checkWhole(dir); err != nil {
		return nil, err
	}
	if disk, err = bleve.Open(dir); err == nil && !hasVersion(disk) {
		err = errors.Join(errors.New("other version"), disk.Close())
	}
	return disk, err
}

const (
	versionKey = "holdfast-version"
	markKey    = "holdfast-mark"
	version    = "1"
)

func hasVersion(disk bleve.Index) bool {
	found, err := disk.GetInternal([]byte(versionKey))
	return err == nil && string(found) == version
}

// Fresh reports whether the index was made empty by Open.
func (x *Index) Fresh() bool { return x.fresh }

// Mark gives what the last SetMark that reached the disk said: how far the index had come.
func (x *Index) Mark() string {
	mark, err := x.disk.GetInternal([]byte(markKey))
	if err != nil {
		return ""
	}
	return string(mark)
}

// SetMark notes how far the index has come, once all that was put before is in it.
func (x *Index) SetMark(ctx context.Context, mark string) error {
	if err := x.Settle(ctx); err != nil {
		return err
	}
	return x.disk.SetInternal([]byte(markKey), []byte(mark))
}

// Put makes documents findable at once and indexes them soon.
func (x *Index) Put(documents ...Document) {
	x.mu.Lock()
	for _, d := range documents {
		x.tail[d.ID] = entry{document: d, words: wordsOf(&d), turn: x.tail[d.ID].turn + 1}
	}
	x.mu.Unlock()
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

// Behind gives how many documents are not in the index on disk yet.
func (x *Index) Behind() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.tail)
}

// Settle waits until everything put so far is in the index on disk.
func (x *Index) Settle(ctx context.Context) error {
	release := context.AfterFunc(ctx, x.drained.Broadcast)
	defer release()
	x.mu.Lock()
	defer x.mu.Unlock()
	for len(x.tail) > 0 && ctx.Err() == nil {
		x.drained.Wait()
	}
	return ctx.Err()
}

// Purge has the files on disk forget words that no document has any more. Old files go a little later; where that must be certain, remove the folder before Open.
func (x *Index) Purge(ctx context.Context) error {
	if err := x.Settle(ctx); err != nil {
		return err
	}
	inner, err := x.disk.Advanced()
	if err != nil {
		return err
	}
	merging, able := inner.(*scorch.Scorch)
	if !able {
		return errors.New("this kind of index cannot be merged")
	}
	return merging.ForceMerge(ctx, nil)
}

// Close stops indexing and closes the files. What is only in the tail is indexed again after the next start.
func (x *Index) Close() error {
	x.stop()
	<-x.done
	return x.disk.Close()
}

func (x *Index) run(ctx context.Context) {
	defer close(x.done)
	for {
		select {
		case <-ctx.Done():
			return
		case <-x.wake:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(x.delay):
		}
		for x.Behind() > 0 && ctx.Err() == nil {
			if err := x.flush(); err != nil {
				x.log.Error("search index could not take a batch; it is tried again with the next change", "error", err)
				break
			}
		}
	}
}

// flush moves one batch from the tail to the disk.
func (x *Index) flush() error {
	taken := x.take()
	batch := x.disk.NewBatch()
	for id, e := range taken {
		if e.document.Gone {
			batch.Delete(idOf(id))
		} else if err := batch.Index(idOf(id), indexed(&e.document)); err != nil {
			return err
		}
	}
	if err := x.disk.Batch(batch); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for id, e := range taken {
		if x.tail[id].turn == e.turn {
			delete(x.tail, id)
		}
	}
	x.drained.Broadcast()
	return nil
}

func (x *Index) take() map[record.ID]entry {
	x.mu.RLock()
	defer x.mu.RUnlock()
	taken := make(map[record.ID]entry, batchDocuments)
	for id, e := range x.tail {
		if taken[id] = e; len(taken) == batchDocuments {
			break
		}
	}
	return taken
}

func idOf(id record.ID) string { return string(id[:]) }

func parseID(text string) record.ID {
	id, err := uuid.FromBytes([]byte(text))
	if err != nil {
		return record.ID{}
	}
	return id
}
