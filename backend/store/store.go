package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Store is one device's durable replica. All methods are safe for concurrent use.
type Store struct {
	cfg    Config
	device record.DeviceID
	lock   *os.File
	blobs  *Blobs

	// writing is held by whoever changes the database; it comes before mu.
	writing sync.Mutex
	broken  bool // guarded by writing: memory and database may differ; see mend
	owed    owed // guarded by writing

	// mu guards what follows. It is held for writing while a transaction commits and memory follows it, so that a reader who opens a transaction under it sees both alike.
	mu        sync.RWMutex
	db        *database
	frontiers map[record.Space]record.Frontier
	raft      RaftPosition
	pending   *pendingSet
	views     map[record.ID]*record.State
	revision  uint64
	renew     bool                  // this device must begin new incarnations
	imports   map[record.Space]bool // spaces that are being taken over
	retired   []record.Space        // no edits of this device are saved there

	redactions redactions
	closed     bool
	calls      sync.WaitGroup // reads in progress

	placesMu sync.Mutex
	places   map[record.ID]record.Space // where records were found lately

	news   *announcer
	health healthNotes
	hybrid atomic.Pointer[clock.Hybrid]
	room   *room // of the database

	requests chan *appendRequest
	tidy     chan struct{} // asks the appender to trim the journal
	rotate   atomic.Bool   // and to begin a new segment first
	purge    chan struct{} // asks for the disk to follow redactions
	lost     chan struct{} // asks the appender to offer lost edits again
	unasked  atomic.Bool   // lost edits could not be offered again; the next write that works asks for it once more
	settling chan chan struct{}
	stop     chan struct{}
	stopped  sync.WaitGroup

	// What follows belongs to the appender's goroutine.
	journal     *journal
	journalRoom *room
	own         map[record.Space]ownTail
}

// ownTail is where this device's current incarnation of a space stands.
type ownTail struct {
	Incarnation record.Incarnation `cbor:"1,keyasint"`
	Sequence    uint64             `cbor:"2,keyasint"`
	Hash        record.Hash        `cbor:"3,keyasint"`
}

// Open opens or makes the store in cfg.Dir, replays the journal and rebuilds the set of tentative edits. Faults: in_use, newer_format, wrong_key, corrupt, read_only, disk_full.
// A damaged database is set aside and begun anew from the journal: Health says so, and peers fill in the rest.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	if err := cfg.Files.MkdirAll(cfg.Dir, folderMode); err != nil {
		return nil, folderFault(err, "store.Open", cfg.Dir)
	}
	lock, err := lockFolder(cfg.Dir)
	if err != nil {
		return nil, err
	}
	s := newStore(cfg, lock)
	if err := s.start(ctx); err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

func newStore(cfg Config, lock *os.File) *Store {
	s := &Store{
		cfg:      cfg,
		device:   cfg.Device.ID(),
		lock:     lock,
		news:     newAnnouncer(),
		requests: make(chan *appendRequest, appendQueue),
		tidy:     make(chan struct{}, 1),
		lost:     make(chan struct{}, 1),
		purge:    make(chan struct{}, 1),
		settling: make(chan chan struct{}),
		stop:     make(chan struct{}),
	}
	s.room = s.newRoom(databaseReserveBytes)
	s.journalRoom = s.newRoom(journalReserveBytes)
	s.blobs = &Blobs{store: s, room: s.newRoom(blobReserveBytes)}
	return s
}

func (s *Store) newRoom(reserve uint64) *room {
	return &room{files: s.cfg.Files, dir: s.cfg.Dir, reserve: reserve}
}

// Blobs gives the store of attached files.
func (s *Store) Blobs() *Blobs { return s.blobs }

// start brings everything up; on an error the caller releases what is open.
func (s *Store) start(ctx context.Context) error {
	if err := checkFormat(s.cfg.Dir); err != nil {
		return err
	}
	if err := roomToOpen(s.cfg.Files, s.cfg.Dir); err != nil {
		return err
	}
	clean, err := takeCleanMarker(s.cfg.Dir)
	if err != nil {
		return err
	}
	damaged, err := s.openCurrent()
	if err != nil {
		return err
	}
	if damaged != nil {
		defer damaged.close()
	}
	if err := s.blobs.prepare(); err != nil { // with a key that the database has proven
		return err
	}
	if err := s.load(); err != nil {
		return err
	}
	if err := s.replay(ctx, clean); err != nil {
		return err
	}
	if damaged != nil {
		damaged.commits(ctx)
	}
	if s.health.rebuilt != "" {
		if err := s.SetMeta(ctx, incompleteName, []byte(s.health.rebuilt)); err != nil {
			return err
		}
	}
	if err := endSalvage(s.cfg.Dir); err != nil {
		return err
	}
	s.health.folder = networkWarning(s.cfg.Dir)
	signal(s.lost)
	s.stopped.Go(s.appendLoop)
	s.stopped.Go(s.purgeLoop)
	s.followRedactions()
	return nil
}

// openCurrent opens the active database; a damaged one is set aside for a new one and given back for what can be taken out of it. When that was interrupted, it begins anew.
func (s *Store) openCurrent() (damaged *salvage, err error) {
	name, err := currentDatabase(s.cfg.Dir)
	if err != nil {
		return nil, err
	}
	aside, err := interruptedSalvage(s.cfg.Dir)
	if err != nil {
		return nil, err
	}
	if aside != "" {
		return s.replaceDamaged(name, aside)
	}
	if err := dropLeftovers(s.cfg.Dir, name); err != nil {
		return nil, folderFault(err, "store.Open", s.cfg.Dir)
	}
	folder := filepath.Join(s.cfg.Dir, databases, name)
	err = s.unlock(folder)
	if !fault.Is(err, fault.Corrupt) {
		return nil, err
	}
	s.cfg.Log.Error("The database is damaged; it is set aside.", "folder", folder, "error", err)
	aside = name + asideMark + s.cfg.Wall().UTC().Format("20060102T150405")
	if err := beginSalvage(s.cfg.Dir, aside); err != nil {
		return nil, err
	}
	return s.replaceDamaged(name, aside)
}

// unlock opens a database with the key, and tells a wrong key from damage to where the database keeps its own.
func (s *Store) unlock(folder string) error {
	proven, err := provesKey(s.cfg.Dir, s.cfg.Key)
	if err != nil {
		return err
	}
	if proven {
		said, err := mendRegistry(folder, s.cfg.Key)
		if err != nil {
			return err
		}
		if said != "" {
			s.health.opening = append(s.health.opening, said)
		}
	}
	s.db, err = openDatabase(&s.cfg, folder)
	if err == nil && !proven {
		err = noteKey(s.cfg.Dir, s.cfg.Key)
	}
	return sortKeyFault(err, proven, folder)
}

// replaceDamaged sets the database called name aside, unless that was done before, and begins a new one with what can be taken out of it. A new one that was begun before is dropped.
func (s *Store) replaceDamaged(name, asideName string) (*salvage, error) {
	aside := filepath.Join(s.cfg.Dir, databases, asideName)
	if _, err := os.Stat(aside); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(filepath.Join(s.cfg.Dir, databases, name), aside); err != nil {
			return nil, folderFault(err, "store.Open", aside)
		}
	}
	fresh := nextDatabase(s.cfg.Dir)
	if err := switchDatabase(s.cfg.Dir, fresh); err != nil {
		return nil, err
	}
	if err := dropLeftovers(s.cfg.Dir, fresh); err != nil {
		return nil, folderFault(err, "store.Open", s.cfg.Dir)
	}
	s.health.rebuilt = aside
	var err error
	if s.db, err = openDatabase(&s.cfg, filepath.Join(s.cfg.Dir, databases, fresh)); err != nil {
		return nil, err
	}
	damaged := s.salvageFrom(aside)
	if damaged == nil {
		return nil, nil
	}
	return damaged, damaged.rows(s.db)
}

// Close waits for running calls, marks the stop as clean and releases the folder. Calls made later fail as unavailable.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	close(s.stop)
	s.stopped.Wait()
	s.writing.Lock()
	defer s.writing.Unlock()
	s.news.close()
	s.calls.Wait()
	return s.shutDown()
}

// shutDown closes the files in the order that makes the clean marker true.
func (s *Store) shutDown() error {
	size := s.journal.lastBytes()
	err := errors.Join(s.payOwed(), s.journal.close())
	s.db.users.Wait()
	if dbErr := s.db.Close(); dbErr != nil {
		err = errors.Join(err, writeFault(dbErr, s.db.folder))
	}
	if keepErr := keepRegistry(s.db.folder); keepErr != nil {
		s.cfg.Log.Warn("The copy of the database's keys could not be renewed.", "error", keepErr)
	}
	if err == nil {
		s.dropRenewed()
		err = leaveCleanMarker(s.cfg.Dir, s.own, size)
	}
	if lockErr := s.lock.Close(); err == nil {
		err = lockErr
	}
	return err
}

// release closes what a failed Open had opened, without a clean marker.
func (s *Store) release() {
	if s.journal != nil {
		s.journal.close()
	}
	if s.db != nil {
		s.db.Close()
	}
	s.lock.Close()
}

var errClosed = fault.New(fault.Unavailable, "store", "Holdfast is closing. What was saved before is safe.")
