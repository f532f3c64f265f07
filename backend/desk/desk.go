// Package desk turns what people mean to do into checked edits, and decides them where this replica leads.
package desk

import (
	"context"
	"log/slog"

	"github.com/google/uuid"

	"holdfast/backend/core/fault"
	"holdfast/backend/policy"
	"holdfast/backend/priority"
	"holdfast/backend/record"
	"holdfast/backend/sla"
	"holdfast/backend/workflow"
)

// Store is what the desk needs of the replica's store.
type Store interface {
	// Append makes drafts durable and gives their ids; all of one call are one batch.
	Append(ctx context.Context, drafts ...record.Draft) ([]record.EditID, error)
	// View gives a record as people see it, or nil when there is none.
	View(id record.ID) (*record.State, error)
	record.Reader
}

// Rulebook is what the published configuration says about who may do what and how things go on. It is immutable.
type Rulebook struct {
	Workflows  map[string]*workflow.Machine // by kind
	Priorities *priority.Matrix
	Policy     *policy.Policy
	// Promise gives what the service level that a ticket's service names, or else the default one, promises for its priority, with the policy's
	// name and version; nil: nothing.
	Promise func(kind, named, priority string) (promise *sla.Promise, policy string, onChange sla.ChangeRule)
}

// Config is what a Desk is made of.
type Config struct {
	Store    Store
	Kinds    record.Catalogue
	Rulebook func() *Rulebook          // the one in force; never nil
	NewID    func() (uuid.UUID, error) // uuid.NewV7; tests hand in their own
	// System tells of a device that may write in the system's name although it is enrolled as a desktop: the one that recovered the cluster. Nil: there is none.
	System func(record.DeviceID) bool
	Log    *slog.Logger
}

// Desk is the service desk of one replica. It is safe for concurrent use.
type Desk struct {
	store      Store
	kinds      record.Catalogue
	rulebook   func() *Rulebook
	newID      func() (uuid.UUID, error)
	lifecycles map[string]*workflow.Machine
	log        *slog.Logger
	system     func(record.DeviceID) bool
}

// New makes a desk.
func New(c Config) (*Desk, error) {
	if c.System == nil {
		c.System = func(record.DeviceID) bool { return false }
	}
	machines, err := lifecycles()
	if err != nil {
		return nil, err
	}
	return &Desk{
		store: c.Store, kinds: c.Kinds, rulebook: c.Rulebook, newID: c.NewID, lifecycles: machines, log: c.Log, system: c.System,
	}, nil
}

// Actor is the person who acts, at the site where they work.
type Actor struct {
	Person record.ID
	Site   string
}

// Creation is the intent to make a record.
type Creation struct {
	ID     record.ID // optional: made by the caller, so that a retry makes no second record
	Kind   string
	Site   string // optional: the actor's own
	Action string // "create" when empty
	Fields map[string]record.Value
	// Elements are the first members of set fields, Items the first entries of lists.
	Elements map[string][]record.Value
	Items    map[string][]record.Value
}

// Intent is the wish to change one record in one atomic edit.
type Intent struct {
	Record    record.ID
	Action    string
	Mutations []record.Mutation // Record may be left zero
	Blobs     []record.Hash
}

// Create checks the intent, makes the record and gives it as people see it. Creating an id that exists gives the record as it is.
func (d *Desk) Create(ctx context.Context, actor Actor, c Creation) (*record.State, error) {
	const op = "desk.Create"
	if c.ID != (record.ID{}) {
		if existing, err := d.store.View(c.ID); err != nil || existing != nil {
			return existing, err
		}
	}
	draft, id, err := d.DraftOf(actor, c)
	if err != nil {
		return nil, err
	}
	if err := d.permitLocally(op, draft); err != nil {
		return nil, err
	}
	if _, err := d.store.Append(ctx, draft); err != nil {
		return nil, err
	}
	return d.store.View(id)
}

// DraftOf gives the edit that would carry out a creation, without permission checks.
func (d *Desk) DraftOf(actor Actor, c Creation) (record.Draft, record.ID, error) {
	const op = "desk.Create"
	kind, known := d.kinds.Kind(c.Kind)
	if !known {
		return record.Draft{}, record.ID{}, fault.Newf(fault.Invalid, op, "There is no kind of record called %q.", c.Kind)
	}
	if err := d.complete(actor, kind, &c); err != nil {
		return record.Draft{}, record.ID{}, err
	}
	mutations, err := d.creationMutations(kind, c)
	if err != nil {
		return record.Draft{}, record.ID{}, err
	}
	space := record.Organisation
	if !kind.Shared {
		space = record.SiteSpace(firstOf(c.Site, actor.Site))
	}
	return record.Draft{Space: space, Author: actor.Person, Action: firstOf(c.Action, "create"), Mutations: mutations}, c.ID, nil
}

// Change checks the intent, makes the edit and gives the record as people see it then.
func (d *Desk) Change(ctx context.Context, actor Actor, intent Intent) (*record.State, error) {
	const op = "desk.Change"
	state, err := d.find(op, intent.Record)
	if err != nil {
		return nil, err
	}
	for i := range intent.Mutations {
		intent.Mutations[i].Record = intent.Record
		state.Complete(&intent.Mutations[i])
	}
	if err := d.checkMutations(state, intent.Mutations); err != nil {
		return nil, err
	}
	if intent.Mutations, err = d.withPriority(state, intent.Mutations); err != nil {
		return nil, err
	}
	draft := record.Draft{
		Space: state.Space, Author: actor.Person, Action: firstOf(intent.Action, "edit"),
		Mutations: intent.Mutations, Blobs: intent.Blobs,
	}
	if err := d.permitLocally(op, draft); err != nil {
		return nil, err
	}
	if _, err := d.store.Append(ctx, draft); err != nil {
		return nil, err
	}
	return d.store.View(intent.Record)
}

func (d *Desk) find(op string, id record.ID) (*record.State, error) {
	state, err := d.store.View(id)
	if err != nil {
		return nil, err
	}
	if state == nil {
		return nil, fault.New(fault.NotFound, op, "This record is not on this device. It may belong to a site that this device does not share, or the link may be wrong.")
	}
	return state, nil
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
