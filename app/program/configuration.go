package program

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"holdfast/app/api"
	"holdfast/backend/config"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/markdown"
	"holdfast/backend/record"
)

// configuration is the repository of configuration and runbooks on this device: the published branch, which follows the cluster's branch table, and the draft on top of it.
type configuration struct {
	site       *site
	repository *config.Repository
	force      atomic.Pointer[inForce]
	markdown   *markdown.Renderer
	mu         sync.Mutex  // one change of draft or published branch at a time
	publishing sync.Mutex  // one publication at a time; it is held while its outcome is awaited
	again      atomic.Bool // somebody looks for overtaken publications once publishing is free
}

// inForce is the configuration that the desk works by.
type inForce struct {
	commit   config.Hash
	at       time.Time
	tree     config.Tree
	value    *config.Configuration
	rulebook *desk.Rulebook
}

// Branches of the repository.
const (
	branchMain  = config.Main
	branchDraft = config.Draft
)

// openConfiguration opens the repository, makes it with the starter configuration when it is new, and puts the published version in force.
func openConfiguration(ctx context.Context, s *site) (*configuration, error) {
	repository, err := config.Open(ctx, s.program.path("configuration.git"), s.program.config.Log)
	if err != nil {
		return nil, err
	}
	c := &configuration{site: s, repository: repository, markdown: markdown.New()}
	head, err := c.begin(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.enforce(ctx, head); err != nil {
		return nil, err
	}
	return c, c.catchUp(ctx)
}

// begin gives the published commit as this device last knew it. The first one is the same everywhere: its author and time are fixed.
func (c *configuration) begin(ctx context.Context) (config.Hash, error) {
	tree, err := config.Starter()
	if err != nil {
		return "", err
	}
	head, err := c.repository.Init(ctx, tree, config.Entry{Author: "Holdfast", At: starterTime, Message: "Begin with the starter configuration"})
	if err != nil {
		return "", err
	}
	if _, err := c.repository.Head(branchDraft); fault.Is(err, fault.NotFound) {
		return head, c.repository.SetHead(branchDraft, head)
	}
	return head, nil
}

// starterTime is the time of the first commit.
var starterTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// enforce puts a commit in force. One that does not validate is refused, and what was in force stays so.
func (c *configuration) enforce(ctx context.Context, commit config.Hash) error {
	tree, err := c.repository.ReadTree(ctx, commit)
	if err != nil {
		return err
	}
	value, problems := config.Load(tree)
	if len(problems) > 0 {
		return fault.Newf(fault.Invalid, "program.enforce", "The published configuration has a mistake in %s, line %d: %s The one before it stays in force.",
			problems[0].File, problems[0].Line, problems[0].What)
	}
	c.force.Store(&inForce{
		commit: commit, at: c.site.program.config.Wall(), tree: tree, value: value, rulebook: rulebookOf(value, short(commit)),
	})
	return nil
}

// short is how much of a commit's name people see.
func short(commit config.Hash) string { return string(commit[:min(len(commit), 8)]) }

func (c *configuration) rulebook() *desk.Rulebook { return c.force.Load().rulebook }

// Words gives what the configuration in force calls things.
func (c *configuration) Words() api.Words { return words{c.force.Load().value} }

// The mapping of incident logs among the files.
const (
	logMappingKey  = "servicenow-log"
	logMappingFile = "mappings/" + logMappingKey + ".yaml"
)

// logMapping reads a mapping of incident logs against the configuration in force; without a text it is the configuration's own.
func (c *configuration) logMapping(text string) (config.Mapping, string, error) {
	force := c.force.Load()
	if text == "" || text == force.tree[logMappingFile] {
		return force.value.Mappings[logMappingKey], force.tree[logMappingFile], nil
	}
	tree := maps.Clone(force.tree)
	tree[logMappingFile] = text
	loaded, problems := config.Load(tree)
	if len(problems) > 0 {
		return config.Mapping{}, text, fault.Newf(fault.Invalid, "program.logMapping", "Line %d of the mapping: %s", problems[0].Line, problems[0].What)
	}
	return loaded.Mappings[logMappingKey], text, nil
}

// follow is called when the branch table may have changed.
func (c *configuration) follow(ctx context.Context) {
	if err := c.catchUp(ctx); err != nil {
		c.site.program.config.Log.Error("the configuration could not follow what was published", "error", err)
	}
	c.again.Store(true)
	c.retry(ctx)
}

// catchUp takes in the publications that arrived and moves the published branch to where the branch table says.
func (c *configuration) catchUp(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	published, err := c.takeIn(ctx)
	if err != nil {
		return err
	}
	if force := c.force.Load(); published == "" || (force != nil && force.commit == published) {
		return nil
	}
	before, err := c.repository.Head(branchMain)
	if err != nil {
		return err
	}
	if err := c.enforce(ctx, published); err != nil {
		return err
	}
	if err := c.repository.SetHead(branchMain, published); err != nil {
		return err
	}
	return c.moveDraft(before, published)
}

// takeIn takes in the publications that arrived, and gives the commit that the branch table names: "" before the first publication.
func (c *configuration) takeIn(ctx context.Context) (config.Hash, error) {
	table, err := c.site.store.Committed(desk.RepositoryID)
	if err != nil || table == nil {
		return "", err
	}
	err = desk.EachVolume(c.site.store, func(volume *record.State) error {
		for _, item := range volume.Fields[desk.FieldPacks].Items {
			if err := c.unpack(ctx, item.Value); err != nil {
				return err
			}
		}
		return nil
	})
	return config.Hash(table.Shown(desk.FieldMain).AsText()), err
}

// unpack takes in one publication, unless it is here already.
func (c *configuration) unpack(ctx context.Context, item record.Value) error {
	named := item.AsNamed()
	if _, err := c.repository.Version(config.Hash(named[desk.ItemCommit].AsText())); err == nil {
		return nil
	}
	return c.repository.Unpack(ctx, named[desk.ItemPack].AsBytes())
}

// moveDraft lets a draft without changes of its own follow the published branch.
func (c *configuration) moveDraft(before, published config.Hash) error {
	draft, err := c.repository.Head(branchDraft)
	if err != nil {
		return err
	}
	if draft == before || draft == published {
		return c.repository.SetHead(branchDraft, published)
	}
	return nil
}
