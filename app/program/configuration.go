package program

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
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
	mu         sync.Mutex // one change of draft or published branch at a time
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
	if err := c.retry(ctx); err != nil {
		c.site.program.config.Log.Error("a publication could not be offered again", "error", err)
	}
}

// catchUp takes in the publications that arrived and moves the published branch to where the branch table says.
func (c *configuration) catchUp(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	table, err := c.site.store.Committed(desk.RepositoryID)
	if err != nil || table == nil {
		return err
	}
	for _, item := range table.Fields[desk.FieldPacks].Items {
		if err := c.unpack(ctx, item.Value); err != nil {
			return err
		}
	}
	published := config.Hash(table.Shown(desk.FieldMain).AsText())
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

// Publish checks the draft and offers it to the cluster. Where the branch moved meanwhile, both are merged first. Without a network the publication waits.
func (c *configuration) Publish(ctx context.Context, message string) (api.Publication, error) {
	const op = "program.Publish"
	may, err := c.site.desk.May(c.site.actor().Person, []string{"config.publish"})
	if err != nil {
		return api.Publication{}, err
	}
	if !may["config.publish"] {
		return api.Publication{}, fault.New(fault.Forbidden, op, "Your roles do not allow you to publish configuration. Your draft is kept; ask an administrator to publish it.")
	}
	merged := false
	for range publishTries {
		publication, edit, err := c.offer(ctx, message)
		if err != nil || edit.IsZero() {
			return publication, err
		}
		outcome, err := c.await(ctx, edit)
		switch {
		case err != nil:
			return publication, err
		case outcome == nil:
			publication.State = "waiting"
			return publication, nil
		case outcome.Result != record.Parked:
			publication.State = "published"
			if merged {
				publication.State = "merged"
			}
			return publication, c.catchUp(ctx)
		case outcome.Reason.Code != record.ReasonClaimed:
			return publication, fault.New(fault.Forbidden, op, outcome.Reason.Sentence)
		}
		merged = true
		if err := errors.Join(c.catchUp(ctx), c.dismiss(ctx, edit)); err != nil {
			return publication, err
		}
	}
	return api.Publication{}, fault.New(fault.Conflict, op, "Others kept publishing at the same moment. Your draft is kept; publish it again.")
}

// publishTries is how often a publication is merged and offered again when others were faster.
const publishTries = 5

// offer makes the edit that publishes the draft, or says why there is nothing to publish.
func (c *configuration) offer(ctx context.Context, message string) (api.Publication, record.EditID, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var none record.EditID
	published := c.force.Load().commit
	draft, conflicts, err := c.onTop(ctx, published, message)
	if err != nil || len(conflicts) > 0 {
		return api.Publication{State: "conflict", Commit: string(draft), Conflicts: conflicts}, none, err
	}
	if draft == published {
		return api.Publication{State: "nothing", Commit: string(published)}, none, nil
	}
	tree, err := c.repository.ReadTree(ctx, draft)
	if err != nil {
		return api.Publication{}, none, err
	}
	if _, problems := config.Load(tree); len(problems) > 0 {
		return api.Publication{State: "refused", Commit: string(draft), Problems: problemsOf(problems)}, none, nil
	}
	pack, err := c.repository.Pack(ctx, c.published(), []config.Hash{draft})
	if err != nil {
		return api.Publication{}, none, err
	}
	edit, err := c.site.desk.Publish(ctx, c.site.actor(), c.branchTable(), string(draft), pack)
	return api.Publication{Commit: string(draft)}, edit, err
}

// onTop gives one commit that holds the draft and has the published commit as a parent: the draft's changes as one version, or, where the published branch
// moved since the draft began, a merge of both. The draft goes on from it.
func (c *configuration) onTop(ctx context.Context, published config.Hash, message string) (config.Hash, []string, error) {
	draft, err := c.repository.Head(branchDraft)
	if err != nil || draft == published {
		return draft, nil, err
	}
	above, err := c.repository.IsAncestor(published, draft)
	if err != nil {
		return "", nil, err
	}
	var one config.Hash
	if above {
		one, err = c.asOne(ctx, published, draft, message)
	} else {
		var merged config.Merged
		merged, err = c.repository.Merge(ctx, "", published, draft, c.entry(message))
		if one = merged.Commit; err == nil && len(merged.Conflicts) > 0 {
			return draft, pathsOf(merged.Conflicts), nil
		}
	}
	if err != nil {
		return "", nil, err
	}
	return one, nil, c.repository.SetHead(branchDraft, one)
}

// asOne makes one version of all that the draft changed.
func (c *configuration) asOne(ctx context.Context, published, draft config.Hash, message string) (config.Hash, error) {
	before, err := c.repository.ReadTree(ctx, published)
	if err != nil {
		return "", err
	}
	after, err := c.repository.ReadTree(ctx, draft)
	if err != nil {
		return "", err
	}
	var changes []config.Change
	for name, text := range after {
		if had, ok := before[name]; !ok || had != text {
			changes = append(changes, config.Change{Path: name, Content: text})
		}
	}
	for name := range before {
		if _, kept := after[name]; !kept {
			changes = append(changes, config.Change{Path: name, Remove: true})
		}
	}
	slices.SortFunc(changes, func(a, b config.Change) int { return strings.Compare(a.Path, b.Path) })
	return c.repository.Commit(ctx, []config.Hash{published}, changes, c.entry(message))
}

func pathsOf(conflicts []config.FileConflict) []string {
	paths := make([]string, 0, len(conflicts))
	for _, conflict := range conflicts {
		paths = append(paths, conflict.Path)
	}
	return paths
}

// branchTable gives the published commit as the branch table has it: "" before the first publication.
func (c *configuration) branchTable() string {
	table, err := c.site.store.Committed(desk.RepositoryID)
	if err != nil || table == nil {
		return ""
	}
	return table.Shown(desk.FieldMain).AsText()
}

// published names the commits whose objects every replica has. The starter is made by each version of the program itself, so it does not count.
func (c *configuration) published() []config.Hash {
	if commit := c.branchTable(); commit != "" {
		return []config.Hash{config.Hash(commit)}
	}
	return nil
}

// awaitTime is how long a publication waits for the cluster before it is left to wait on its own.
const awaitTime = 3 * time.Second

// await gives the outcome of an edit, or nil when nobody decided it in time.
func (c *configuration) await(ctx context.Context, edit record.EditID) (*record.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, awaitTime)
	defer cancel()
	changes := c.site.store.Subscribe(1)
	defer changes.Close()
	for {
		if outcome, ok := c.site.store.Outcome(edit); ok {
			return outcome, nil
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case _, open := <-changes.C():
			if !open {
				return nil, nil
			}
		}
	}
}

// retry offers a publication again that waited, and that somebody else's overtook.
func (c *configuration) retry(ctx context.Context) error {
	parked, _, err := c.site.store.Parked(ctx, "")
	if err != nil {
		return err
	}
	for _, p := range parked {
		own := p.Edit.ID.Device == c.site.program.device.ID() && p.Edit.Action == desk.ActionPublish
		if !own || p.Outcome.Reason == nil || p.Outcome.Reason.Code != record.ReasonClaimed {
			continue
		}
		if err := c.dismiss(ctx, p.Edit.ID); err != nil {
			return err
		}
		publication, _, err := c.offer(ctx, "Merge with what was published meanwhile")
		if err != nil || publication.State == "conflict" {
			return err
		}
	}
	return nil
}

// dismiss settles an overtaken publication: what it held is in the next one.
func (c *configuration) dismiss(ctx context.Context, edit record.EditID) error {
	_, err := c.site.desk.Change(ctx, c.site.actor(), desk.Intent{
		Record: desk.RepositoryID, Action: desk.ActionPublish,
		Mutations: []record.Mutation{{Op: record.OpSettle, Seen: []record.EditID{edit}}},
	})
	return err
}
