package api

import (
	"context"
	"io"
	"time"

	"holdfast/app/prefs"
	"holdfast/backend/desk"
	"holdfast/backend/markdown"
	"holdfast/backend/query"
	"holdfast/backend/record"
	"holdfast/backend/search"
	"holdfast/backend/store"
)

// Program is the running program as the API sees it.
type Program interface {
	// Services gives the services of this device's site, or nil before the first run is done.
	Services() *Services
	// Prefs gives this device's own settings.
	Prefs() *prefs.Prefs
	// Wiped says that the data of this device was removed on an administrator's word; "" otherwise.
	Wiped() string
	// DataFolder and Version describe the program.
	DataFolder() string
	Version() string
	// Found starts a new site; Join enrols this device with an invite. Both leave Services usable, and give the recovery
	// code of a data folder that was to be encrypted: nobody can ask for it again.
	Found(ctx context.Context, f FirstSite) (recovery string, err error)
	Join(ctx context.Context, j Joining) (recovery string, err error)
	// Changes tells about changes of records, sync and configuration until ctx ends.
	Changes(ctx context.Context) <-chan ChangeEvent
}

// FirstSite is what a person says to start a new site.
type FirstSite struct {
	Name, Code, Person string
	Starter, Sample    bool
	Encrypt            bool // encrypt the data folder
}

// Joining is what a person says to join a site.
type Joining struct {
	Invite, Person, Device string
	Encrypt                bool // encrypt the data folder
}

// Services are the parts of a set-up site.
type Services struct {
	Desk     *desk.Desk
	Kinds    record.Catalogue
	Store    Store
	Tables   *query.Tables
	Search   *search.Index
	Config   Configuration
	Sync     Sync
	Exchange Exchange
	Audit    Audit
	Bundles  Bundles
	Files    Files
	Actor    desk.Actor
	Device   record.DeviceID
	// Provisional gives a record's provisional number, "" for kinds without numbers.
	Provisional func(*record.State) string
	Now         func() time.Time
	Markdown    *markdown.Renderer
}

// Store is what the API reads from the replica's store.
type Store interface {
	View(id record.ID) (*record.State, error)
	History(ctx context.Context, id record.ID) ([]record.Change, error)
	Frontiers() []record.Frontier
	PendingCount() int
	PendingOf(id record.ID) []*record.Edit
	// Edit gives a tentative edit, or one that is decided as far as they are kept; nil, nil otherwise.
	Edit(id record.EditID) (*record.Edit, error)
	record.Reader
	PendingAfter(space record.Space, after store.PendingCursor, limit int) []*record.Edit
	PendingIn(space record.Space) int
	Spaces() []record.Space
	Health() store.Health
	Verify(ctx context.Context) ([]store.Finding, error)
	Parked(ctx context.Context, cursor string) ([]store.ParkedEdit, string, error)
	Conflicted(ctx context.Context) ([]record.ID, error)
}

// Configuration is the repository of configuration and runbooks with its draft, as the desk publishes it.
type Configuration interface {
	// Words gives what the configuration in force calls things.
	Words() Words
	Status(ctx context.Context) (ConfigStatus, error)
	File(ctx context.Context, path, commit string) (ConfigFile, error)
	Edit(ctx context.Context, path, text, base string) (ConfigEdited, error)
	Log(ctx context.Context, limit int) ([]ConfigCommit, error)
	Diff(ctx context.Context, from, to string) ([]ConfigFileDiff, error)
	Publish(ctx context.Context, message string) (Publication, error)
	// Merge brings a version that was overtaken into the draft.
	Merge(ctx context.Context, commit string) (Publication, error)
	Revert(ctx context.Context, commit string) (ConfigEdited, error)
	Discard(ctx context.Context) error
	Runbooks(ctx context.Context) ([]Runbook, error)
}

// Sync is what people see and do about sharing.
type Sync interface {
	Status() SyncStatus
	Pause() error
	Resume() error
	Members(ctx context.Context) (Members, error)
	Promote(ctx context.Context, id string) error
	Remove(ctx context.Context, id string) error
	Invite(ctx context.Context, wish InviteWish) (Invite, error)
	Invites(ctx context.Context) ([]Invite, error)
	Devices(ctx context.Context) ([]Device, error)
	// SetSites says for which sites a device is, SetAddress where a node of the group is reached.
	SetSites(ctx context.Context, id string, wish SitesWish) error
	SetAddress(ctx context.Context, id, address string) error
	// Care gives what makes the cluster recoverable, without checks.
	Care(ctx context.Context) (Care, error)
	// Backup writes a proven backup to a file of this computer.
	Backup(ctx context.Context, file string) (Backup, error)
	// RecoveryKey makes a new recovery key of the cluster; the one before is void.
	RecoveryKey(ctx context.Context) (string, error)
	// ShutOut shuts a device out from when the cluster has agreed.
	ShutOut(ctx context.Context, id string, wish ShutOutWish) error
}

// Exchange imports and exports records.
type Exchange interface {
	Begin(ctx context.Context, wish ImportWish) (Import, error)
	Chunk(ctx context.Context, id string, number int, chunk []byte) error
	Plan(ctx context.Context, id string, mapping string) error
	Run(ctx context.Context, id string) error
	Cancel(id string) error
	Import(id string) (Import, error)
	Export(ctx context.Context, w io.Writer) error
}

// ChangeEvent tells a UI what to fetch again. No ids means that many records changed.
type ChangeEvent struct {
	Revision string   `json:"revision"`
	IDs      []string `json:"ids"`
	Kinds    []string `json:"kinds"`
	Sync     bool     `json:"sync"`
	Config   bool     `json:"config"`
}
