package program

import (
	"context"
	"path"
	"slices"
	"strings"

	"holdfast/app/api"
	"holdfast/backend/config"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/record/textmerge"
)

// entry says who makes a version now.
func (c *configuration) entry(message string) config.Entry {
	name := "Holdfast"
	if state, err := c.site.store.View(c.site.actor().Person); err == nil && state != nil {
		name = state.Shown("title").AsText()
	}
	return config.Entry{Author: name, At: c.site.program.config.Wall(), Message: message}
}

func problemsOf(problems []config.Problem) []api.ConfigProblem {
	views := make([]api.ConfigProblem, 0, len(problems))
	for _, p := range problems {
		views = append(views, api.ConfigProblem{File: p.File, Line: p.Line, Column: p.Column, What: p.What, Allowed: strings.Join(p.Allowed, ", ")})
	}
	return views
}

// Status gives the published configuration and the draft on top of it.
func (c *configuration) Status(ctx context.Context) (api.ConfigStatus, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	force := c.force.Load()
	draft, err := c.repository.Head(branchDraft)
	if err != nil {
		return api.ConfigStatus{}, err
	}
	version, err := c.repository.Version(force.commit)
	if err != nil {
		return api.ConfigStatus{}, err
	}
	tree, err := c.repository.ReadTree(ctx, draft)
	if err != nil {
		return api.ConfigStatus{}, err
	}
	_, problems := config.Load(tree)
	status := api.ConfigStatus{
		Branch: branchMain, Commit: string(force.commit), PublishedAt: &version.At, By: version.Author,
		Problems: problemsOf(problems), Files: filesOf(tree, force.tree),
	}
	for _, file := range status.Files {
		if file.Changed {
			status.Draft.Changed++
		}
	}
	for file := range force.tree {
		if _, kept := tree[file]; !kept {
			status.Draft.Changed++
		}
	}
	status.Draft.Waiting = c.waiting()
	return status, nil
}

// waiting reports whether a publication of this device is on its way.
func (c *configuration) waiting() bool {
	for _, edit := range c.site.store.PendingOf(desk.RepositoryID) {
		if edit.ID.Device == c.site.program.device.ID() {
			return true
		}
	}
	return false
}

func filesOf(tree, published config.Tree) []api.ConfigFileInfo {
	files := make([]api.ConfigFileInfo, 0, len(tree))
	for name, text := range tree {
		before, had := published[name]
		files = append(files, api.ConfigFileInfo{Path: name, Size: len(text), Kind: kindOf(name), Changed: !had || before != text})
	}
	slices.SortFunc(files, func(a, b api.ConfigFileInfo) int { return strings.Compare(a.Path, b.Path) })
	return files
}

// kindOf names the group that a file is listed under.
func kindOf(name string) string {
	if folder := path.Dir(name); folder != "." {
		return folder
	}
	return "general"
}

// File gives one file of the draft, or of a commit.
func (c *configuration) File(ctx context.Context, name, commit string) (api.ConfigFile, error) {
	const op = "program.File"
	from, err := c.named(commit)
	if err != nil {
		return api.ConfigFile{}, err
	}
	tree, err := c.repository.ReadTree(ctx, from)
	if err != nil {
		return api.ConfigFile{}, err
	}
	text, ok := tree[name]
	if !ok {
		return api.ConfigFile{}, fault.New(fault.NotFound, op, "This version of the configuration has no file "+name+".")
	}
	file := api.ConfigFile{Path: name, Text: text, Commit: string(from)}
	if schema, ok := config.SchemaOf(name); ok {
		file.Schema = schema.Means
	}
	return file, nil
}

// named gives a commit by its name; the draft for none.
func (c *configuration) named(commit string) (config.Hash, error) {
	if commit == "" || commit == branchDraft {
		return c.repository.Head(branchDraft)
	}
	if commit == branchMain {
		return c.force.Load().commit, nil
	}
	return config.ParseHash(commit)
}

// Edit changes one file of the draft; no text removes it. base is the commit that the author saw: when somebody changed the file since, nothing is overwritten.
func (c *configuration) Edit(ctx context.Context, name, text, base string) (api.ConfigEdited, error) {
	const op = "program.Edit"
	c.mu.Lock()
	defer c.mu.Unlock()
	draft, err := c.repository.Head(branchDraft)
	if err != nil {
		return api.ConfigEdited{}, err
	}
	if base != "" && base != string(draft) {
		seen, err := c.File(ctx, name, base)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return api.ConfigEdited{}, err
		}
		if now, err := c.File(ctx, name, ""); err == nil && now.Text != seen.Text {
			return api.ConfigEdited{}, fault.New(fault.Conflict, op, "The file was changed in another window since you opened it. Your text is kept here; open the file again to compare.")
		}
	}
	commit, err := c.repository.Commit(ctx, []config.Hash{draft}, []config.Change{{Path: name, Content: text, Remove: text == ""}}, c.entry("Edit "+name))
	if err != nil {
		return api.ConfigEdited{}, err
	}
	return c.drafted(ctx, commit)
}

// drafted moves the draft to a commit and says what is wrong in it.
func (c *configuration) drafted(ctx context.Context, commit config.Hash) (api.ConfigEdited, error) {
	if err := c.repository.SetHead(branchDraft, commit); err != nil {
		return api.ConfigEdited{}, err
	}
	tree, err := c.repository.ReadTree(ctx, commit)
	if err != nil {
		return api.ConfigEdited{}, err
	}
	_, problems := config.Load(tree)
	return api.ConfigEdited{Commit: string(commit), Problems: problemsOf(problems)}, nil
}

// Log gives the versions that led to the draft, newest first.
func (c *configuration) Log(ctx context.Context, limit int) ([]api.ConfigCommit, error) {
	draft, err := c.repository.Head(branchDraft)
	if err != nil {
		return nil, err
	}
	versions, err := c.repository.Log(ctx, draft, "", limit)
	if err != nil {
		return nil, err
	}
	commits := make([]api.ConfigCommit, 0, len(versions))
	for _, v := range versions {
		published, err := c.repository.IsAncestor(v.Hash, c.force.Load().commit)
		if err != nil {
			return nil, err
		}
		commits = append(commits, api.ConfigCommit{Hash: string(v.Hash), Author: v.Author, At: v.At, Message: v.Message, Published: published})
	}
	return commits, nil
}

// Diff gives what differs between two versions: from what is published to the draft when they are not named.
func (c *configuration) Diff(ctx context.Context, from, to string) ([]api.ConfigFileDiff, error) {
	if from == "" {
		from = branchMain
	}
	old, err := c.named(from)
	if err != nil {
		return nil, err
	}
	newer, err := c.named(to)
	if err != nil {
		return nil, err
	}
	diffs, err := c.repository.Diff(ctx, old, newer)
	if err != nil {
		return nil, err
	}
	views := make([]api.ConfigFileDiff, 0, len(diffs))
	for _, diff := range diffs {
		view := api.ConfigFileDiff{Path: diff.Path, Status: string(diff.Change), Lines: make([]api.ConfigDiffLine, 0, len(diff.Lines))}
		for _, line := range diff.Lines {
			view.Lines = append(view.Lines, api.ConfigDiffLine{Op: signs[line.Change], Old: line.Old, New: line.New, Text: line.Text})
		}
		views = append(views, view)
	}
	return views, nil
}

// signs are how a difference marks its lines.
var signs = map[textmerge.Change]string{textmerge.Same: " ", textmerge.Added: "+", textmerge.Removed: "-"}

// Revert takes a version back, in the draft.
func (c *configuration) Revert(ctx context.Context, commit string) (api.ConfigEdited, error) {
	const op = "program.Revert"
	c.mu.Lock()
	defer c.mu.Unlock()
	hash, err := config.ParseHash(commit)
	if err != nil {
		return api.ConfigEdited{}, err
	}
	draft, err := c.repository.Head(branchDraft)
	if err != nil {
		return api.ConfigEdited{}, err
	}
	reverted, err := c.repository.Revert(ctx, draft, hash, c.entry("Take back "+short(hash)))
	if err != nil {
		return api.ConfigEdited{}, err
	}
	if len(reverted.Conflicts) > 0 {
		return api.ConfigEdited{}, fault.New(fault.Conflict, op, "Later versions changed the same lines of "+reverted.Conflicts[0].Path+". Edit the file by hand instead.")
	}
	return c.drafted(ctx, reverted.Commit)
}

// Discard drops the draft.
func (c *configuration) Discard(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.repository.SetHead(branchDraft, c.force.Load().commit)
}

// Runbooks gives the published runbooks, rendered.
func (c *configuration) Runbooks(context.Context) ([]api.Runbook, error) {
	runbooks := []api.Runbook{}
	for _, runbook := range c.force.Load().value.Runbooks {
		runbooks = append(runbooks, api.Runbook{Path: runbook.Path, Title: runbook.Title, HTML: c.markdown.HTML(runbook.Body)})
	}
	return runbooks, nil
}
