package program

import (
	"context"
	"slices"
	"strings"
	"time"

	"holdfast/app/api"
	"holdfast/backend/config"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/policy"
	"holdfast/backend/record"
)

// Publish checks the draft and offers it to the cluster. Where the branch moved meanwhile, both are merged first. Without a network the publication waits.
func (c *configuration) Publish(ctx context.Context, message string) (api.Publication, error) {
	const op = "program.Publish"
	may, err := c.site.desk.May(c.site.actor().Person, []string{policy.ConfigPublish})
	if err != nil {
		return api.Publication{}, err
	}
	if !may[policy.ConfigPublish] {
		return api.Publication{}, fault.New(fault.Forbidden, op, "Your roles do not allow you to publish configuration. Your draft is kept; ask an administrator to publish it.")
	}
	c.publishing.Lock()
	publication, err := c.publish(ctx, message)
	c.publishing.Unlock()
	c.retry(ctx)
	return publication, err
}

func (c *configuration) publish(ctx context.Context, message string) (api.Publication, error) {
	const op = "program.Publish"
	merged := false
	for range publishTries {
		publication, edit, err := c.offer(ctx, message)
		if err == nil && publication.State == "conflict" {
			publication.Commit, err = c.bringTogether(ctx, message)
		}
		if err != nil || edit.IsZero() {
			return publication, err
		}
		outcome := c.await(ctx, edit)
		switch {
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
		if _, err := c.dismissOvertaken(ctx); err != nil {
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
	from, published, err := c.top(ctx)
	if err != nil {
		return api.Publication{}, none, err
	}
	draft, conflicts, err := c.onTop(ctx, published, message)
	if err != nil || len(conflicts) > 0 {
		return api.Publication{State: "conflict", Commit: string(draft), Conflicts: conflicts}, none, err
	}
	if draft == published {
		state := "nothing"
		if c.pending() == published {
			state = "waiting"
		}
		return api.Publication{State: state, Commit: string(published)}, none, nil
	}
	tree, err := c.repository.ReadTree(ctx, draft)
	if err != nil {
		return api.Publication{}, none, err
	}
	if _, problems := config.Load(tree); len(problems) > 0 {
		return api.Publication{State: "refused", Commit: string(draft), Problems: problemsOf(problems)}, none, nil
	}
	pack, err := c.repository.Pack(ctx, shared(from), []config.Hash{draft})
	if err != nil {
		return api.Publication{}, none, err
	}
	edit, err := c.site.desk.Publish(ctx, c.site.actor(), string(from), string(draft), pack)
	return api.Publication{Commit: string(draft)}, edit, err
}

// top gives the version that the next publication goes on from. What the draft is put on top of and what the swap expects have to be one, whatever moves the branch
// meanwhile. A publication of this device that still waits counts when the draft holds it: whoever publishes twice before anybody decides must not meet themselves as
// somebody else. from is "" before the first publication, and published the starter then.
func (c *configuration) top(ctx context.Context) (from, published config.Hash, err error) {
	if from, err = c.takeIn(ctx); err != nil {
		return "", "", err
	}
	if waiting := c.pending(); waiting != "" {
		held, err := c.draftHolds(waiting)
		if err != nil || held {
			return waiting, waiting, err
		}
	}
	if from == "" {
		return from, c.force.Load().commit, nil
	}
	return from, from, nil
}

// draftHolds reports whether the draft goes on from a version. One that is not here any more is in no draft.
func (c *configuration) draftHolds(version config.Hash) (bool, error) {
	if _, err := c.repository.Version(version); fault.Is(err, fault.NotFound) {
		return false, nil
	}
	draft, err := c.repository.Head(branchDraft)
	if err != nil {
		return false, err
	}
	return c.repository.IsAncestor(version, draft)
}

// pending gives the version that this device's last publication brings which nobody has decided; "" when none waits.
func (c *configuration) pending() (to config.Hash) {
	for _, edit := range c.site.store.PendingOf(desk.RepositoryID) {
		for _, m := range edit.Mutations {
			if edit.ID.Device == c.site.program.device.ID() && m.Op == record.OpClaim {
				to = config.Hash(m.Value.AsText()) // the later one, as they come by time
			}
		}
	}
	return to
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

// asOne makes one version of all that the draft changed, with the versions that it has merged as further parents.
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
	others, err := c.broughtIn(published, draft)
	if err != nil {
		return "", err
	}
	return c.repository.Commit(ctx, append([]config.Hash{published}, others...), changes, c.entry(message))
}

func pathsOf(conflicts []config.FileConflict) []string {
	paths := make([]string, 0, len(conflicts))
	for _, conflict := range conflicts {
		paths = append(paths, conflict.Path)
	}
	return paths
}

// shared names the commits whose objects every replica has. The starter is made by each version of the program itself, so it does not count.
func shared(from config.Hash) []config.Hash {
	if from == "" {
		return nil
	}
	return []config.Hash{from}
}

// awaitTime is how long a publication waits for the cluster before it is left to wait on its own.
const awaitTime = 3 * time.Second

// await gives the outcome of an edit, or nil when nobody decided it in time.
func (c *configuration) await(ctx context.Context, edit record.EditID) *record.Outcome {
	ctx, cancel := context.WithTimeout(ctx, awaitTime)
	defer cancel()
	var outcome *record.Outcome
	err := c.site.until(ctx, func() (decided bool, err error) {
		outcome, decided = c.site.store.Outcome(edit)
		return decided, nil
	})
	if err != nil {
		return nil
	}
	return outcome
}

// retry offers again what waited and was overtaken by others, if somebody asked for a look and no publication is under way: that one looks when it is over.
func (c *configuration) retry(ctx context.Context) {
	for c.again.Load() && c.publishing.TryLock() {
		c.again.Store(false)
		err := c.offerOvertaken(ctx)
		c.publishing.Unlock()
		if err != nil {
			c.site.program.config.Log.Error("a publication could not be offered again", "error", err)
		}
	}
}

func (c *configuration) offerOvertaken(ctx context.Context) error {
	if c.pending() != "" {
		return nil // what comes of it decides
	}
	dismissed, err := c.dismissOvertaken(ctx)
	if err == nil && dismissed > 0 {
		_, _, err = c.offer(ctx, "Merge with what was published meanwhile")
	}
	return err
}

// dismissOvertaken settles this device's overtaken publications, and gives how many there were: what they held is in the draft.
func (c *configuration) dismissOvertaken(ctx context.Context) (int, error) {
	overtaken, err := c.overtaken(ctx)
	if err != nil || len(overtaken) == 0 {
		return 0, err
	}
	mutations := make([]record.Mutation, 0, len(overtaken))
	for _, edit := range overtaken {
		mutations = append(mutations, record.Mutation{Op: record.OpSettle, Seen: []record.EditID{edit}})
	}
	_, err = c.site.desk.Change(ctx, c.site.actor(), desk.Intent{Record: desk.RepositoryID, Action: desk.ActionPublish, Mutations: mutations})
	return len(overtaken), err
}

// overtaken gives this device's publications that others were faster than and that it has not settled.
func (c *configuration) overtaken(ctx context.Context) ([]record.EditID, error) {
	settled := map[record.EditID]bool{}
	for _, edit := range c.site.store.PendingOf(desk.RepositoryID) {
		for _, m := range edit.Mutations {
			for _, id := range m.Seen {
				settled[id] = true
			}
		}
	}
	var found []record.EditID
	for cursor := ""; ; {
		page, next, err := c.site.store.Parked(ctx, cursor)
		if err != nil {
			return nil, err
		}
		for _, p := range page {
			own := p.Edit.ID.Device == c.site.program.device.ID() && p.Edit.Action == desk.ActionPublish && !settled[p.Edit.ID]
			if own && p.Outcome.Reason != nil && p.Outcome.Reason.Code == record.ReasonClaimed {
				found = append(found, p.Edit.ID)
			}
		}
		if cursor = next; next == "" {
			return found, nil
		}
	}
}
