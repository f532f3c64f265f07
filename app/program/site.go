package program

import (
	"context"
	"errors"
	"os"
	"sync"

	"github.com/google/uuid"

	"holdfast/app/api"
	"holdfast/app/bundles"
	"holdfast/app/imports"
	"holdfast/app/keeping"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/markdown"
	"holdfast/backend/query"
	"holdfast/backend/record"
	"holdfast/backend/search"
	"holdfast/backend/store"
	"holdfast/backend/ticket"
	"holdfast/sync/enrol"
	"holdfast/sync/generation"
)

// site is everything that runs while this device belongs to a site.
type site struct {
	program  *Program
	founding bool // this start founds the cluster
	trust    *enrol.Credentials
	store    *store.Store
	roster   *roster
	desk     *desk.Desk
	config   *configuration
	tables   *query.Tables
	index    *search.Index
	feed     *feed
	tender   *tender
	imports  *imports.Imports
	bundles  *bundles.Bundles
	files    *keeping.Files
	sharing  *sharing
	services *api.Services
	kinds    record.Catalogue
	parked   parkedCount
	// book is what is known of the cluster's recoveries; recovered holds a value when there is a new one.
	book      *generation.Book
	recovered chan struct{}

	closers []func() error
}

// enter starts the services of the site that the membership names; founding says that this device founds it now. Nothing is left running when it fails.
func (p *Program) enter(ctx context.Context, membership *enrol.Membership, founding bool) (*site, error) {
	s := &site{program: p, kinds: desk.Kinds(), founding: founding}
	err := s.start(ctx, membership)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// start brings up the parts, each on top of those before it.
func (s *site) start(ctx context.Context, membership *enrol.Membership) error {
	var err error
	s.roster = &roster{}
	if s.trust, err = enrol.NewCredentials(s.program.device, membership, s.roster.standing); err != nil {
		return err
	}
	s.roster.trust = s.trust
	if s.store, err = store.Open(ctx, store.Config{
		Dir: s.program.path("store"), Device: s.program.device, Kinds: s.kinds,
		Wall: s.program.config.Wall, Random: s.program.config.Random, Log: s.program.config.Log,
		Key: s.program.key,
	}); err != nil {
		return lockFault(err)
	}
	s.roster.store = s.store
	s.onClose(s.store.Close)
	for _, step := range []func(context.Context) error{s.openBook, s.leaveOthers, s.startDesk, s.startReading, s.startFiles, s.startSharing, s.startImports, s.startBundles} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	s.services = s.offer()
	return nil
}

func (s *site) onClose(end func() error) { s.closers = append(s.closers, end) }

// close ends the parts in the opposite order.
func (s *site) close() error {
	var errs []error
	for len(s.closers) > 0 {
		last := len(s.closers) - 1
		errs = append(errs, s.closers[last]())
		s.closers = s.closers[:last]
	}
	return errors.Join(errs...)
}

func (s *site) startDesk(ctx context.Context) error {
	var err error
	if s.config, err = openConfiguration(ctx, s); err != nil {
		return err
	}
	s.desk, err = desk.New(desk.Config{
		Store: s.store, Kinds: s.kinds, Rulebook: s.config.rulebook, NewID: uuid.NewV7, System: s.refounder, Log: s.program.config.Log,
	})
	return err
}

// startReading fills tables and index and keeps them current.
func (s *site) startReading(ctx context.Context) error {
	s.parked.store = s.store
	s.tender = newTender(func(state *record.State) bool { return desk.Owes(state) || s.desk.MayOweBreaches(state) }, s.program.config.Wall())
	s.tables = query.NewTables(query.TablesConfig{
		Store: noting{s.store, s.tender}, Kinds: s.kinds, Groups: [][]string{{ticket.Incident, ticket.Request}}, Phase: s.desk.PhaseOf,
		Provisional: s.provisional, Parked: s.parked.of, Due: s.desk.Due,
	})
	if err := s.openIndex(ctx); err != nil {
		return err
	}
	s.feed = &feed{
		store: s.store, tables: s.tables, index: s.index, desk: s.desk, changes: s.program.changes, log: s.program.config.Log,
		repository: s.config.follow, parked: &s.parked, tender: s.tender,
	}
	if err := s.feed.start(ctx); err != nil {
		return err
	}
	s.onClose(func() error {
		s.feed.close()
		return nil
	})
	return nil
}

// openIndex opens the search index. It is never encrypted, so that of an encrypted folder lasts no longer than the program runs.
func (s *site) openIndex(ctx context.Context) error {
	folder := s.program.path("search")
	if err := s.freshIndex(ctx, folder); err != nil {
		return err
	}
	if s.program.key != nil {
		forget := func() error {
			return fault.Wrap(os.RemoveAll(folder), fault.ReadOnly, "program.openIndex", "The search index of this encrypted folder could not be removed. Delete "+folder+" yourself; it is made anew at the next start.")
		}
		if err := forget(); err != nil {
			return err
		}
		s.onClose(forget)
	}
	var err error
	if s.index, err = search.Open(search.Config{Dir: folder, Log: s.program.config.Log}); err != nil {
		return err
	}
	s.onClose(s.index.Close)
	return nil
}

func (s *site) provisional(state *record.State) string { return desk.Provisional(s.kinds, state) }

// startFiles looks after the attached files. Whoever is enrolled as a node keeps all, so that others may let go of theirs.
func (s *site) startFiles(context.Context) error {
	s.files = keeping.New(keeping.Config{
		Store: s.store, Blobs: s.store.Blobs(), Prefs: s.program.prefs, KeepsAll: s.trust.Identity().Role == Node,
		Revoked: s.roster.revoked, Wall: s.program.config.Wall, Log: s.program.config.Log,
	})
	s.onClose(s.files.Close)
	return nil
}

func (s *site) startSharing(ctx context.Context) error {
	var err error
	if s.sharing, err = startSharing(ctx, s); err == nil {
		s.files.Share(s.sharing.syncer)
	}
	return err
}

func (s *site) startImports(context.Context) error {
	var err error
	s.imports, err = imports.New(imports.Config{
		Dir: s.program.path("incoming"), Store: s.store, Kinds: s.kinds, Actor: s.actor(),
		May: func(permission string) (bool, error) {
			may, err := s.desk.May(s.actor().Person, []string{permission})
			return may[permission], err
		},
		LogMapping: s.config.logMapping, Initial: s.desk.Initial, Asked: s.desk.Asked, Choices: s.choices, Wall: s.program.config.Wall, Log: s.program.config.Log,
	})
	if err != nil {
		return err
	}
	s.onClose(s.imports.Close)
	return nil
}

// choices are those of the configuration in force.
func (s *site) choices(kind, field string) []api.Choice { return s.config.Words().Choices(kind, field) }

// actor is the person of this device. A node that is nobody's acts for the system.
func (s *site) actor() desk.Actor {
	identity := s.trust.Identity()
	return desk.Actor{Person: identity.Person, Site: identity.Site()}
}

func (s *site) offer() *api.Services {
	return &api.Services{
		Desk: s.desk, Kinds: s.kinds, Store: s.store, Tables: s.tables, Search: s.index, Config: s.config, Sync: s.sharing, Exchange: s.imports, Audit: s, Bundles: s.bundles,
		Files: s.files,
		Actor: s.actor(), Device: s.program.device.ID(), Provisional: s.provisional, Now: s.program.config.Wall, Markdown: markdown.New(),
	}
}

// address gives where other devices reach this one.
func (s *site) address() string {
	addresses := s.sharing.addresses()
	if len(addresses) == 0 {
		return ""
	}
	return addresses[0]
}

// parkedCount counts the parked edits of each record, for lists.
type parkedCount struct {
	store *store.Store
	mu    sync.RWMutex
	count map[record.ID]int
}

func (c *parkedCount) of(id record.ID) int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.count[id]
}

// refresh counts anew. There are few parked edits: each waits for a person.
func (c *parkedCount) refresh(ctx context.Context) error {
	count := map[record.ID]int{}
	for cursor, first := "", true; first || cursor != ""; first = false {
		edits, next, err := c.store.Parked(ctx, cursor)
		if err != nil {
			return err
		}
		cursor = next
		for _, parked := range edits {
			for i := range parked.Edit.Mutations {
				if id := parked.Edit.Mutations[i].Record; i == 0 || id != parked.Edit.Mutations[i-1].Record {
					count[id]++
				}
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count = count
	return nil
}

// errSetUp refuses a second site on one data folder.
func errSetUp(op string) error {
	return fault.New(fault.Conflict, op, "This device belongs to a site already. Use another data folder for another site.")
}
