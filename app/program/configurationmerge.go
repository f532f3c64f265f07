package program

import (
	"context"

	"holdfast/app/api"
	"holdfast/backend/config"
	"holdfast/backend/core/fault"
)

// bringTogether makes the draft a merge of itself and the published version, in which the draft's lines stay wherever both changed the same ones. The person has been told where that
// is, sees it as what the draft changes of the published version, and publishes once it is right.
func (c *configuration) bringTogether(ctx context.Context, message string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, published, err := c.top(ctx)
	if err != nil {
		return "", err
	}
	draft, err := c.repository.Head(branchDraft)
	if err != nil {
		return "", err
	}
	merged, err := c.repository.MergeKeeping(ctx, draft, published, c.entry(message))
	if err != nil {
		return "", err
	}
	return string(merged.Commit), c.repository.SetHead(branchDraft, merged.Commit)
}

// Merge brings a version into the draft that is here and not published: one that somebody else's publication overtook. Where both changed the same lines, those of the draft stay, and
// the answer names the files.
func (c *configuration) Merge(ctx context.Context, commit string) (api.Publication, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	hash, err := config.ParseHash(commit)
	if err != nil {
		return api.Publication{}, err
	}
	if _, err := c.repository.Version(hash); err != nil {
		return api.Publication{}, fault.Wrap(err, fault.NotFound, "program.Merge", "This device does not have the version "+short(hash)+" of the configuration. It comes with the publication that it belongs to.")
	}
	draft, err := c.repository.Head(branchDraft)
	if err != nil {
		return api.Publication{}, err
	}
	merged, err := c.repository.MergeKeeping(ctx, draft, hash, c.entry("Merge "+short(hash)))
	if err != nil {
		return api.Publication{}, err
	}
	answer := api.Publication{State: "merged", Commit: string(merged.Commit), Conflicts: pathsOf(merged.Conflicts)}
	if len(merged.Conflicts) > 0 {
		answer.State = "conflict"
	}
	return answer, c.repository.SetHead(branchDraft, merged.Commit)
}

// broughtIn gives the versions beside the published one that a draft on top of it has merged: they stay parents of what is published.
func (c *configuration) broughtIn(published, draft config.Hash) ([]config.Hash, error) {
	var others []config.Hash
	for at := draft; at != published; {
		version, err := c.repository.Version(at)
		if err != nil {
			return nil, err
		}
		next := published
		for _, parent := range version.Parents {
			known, err := c.repository.IsAncestor(parent, published)
			if err != nil {
				return nil, err
			}
			above, err := c.repository.IsAncestor(published, parent)
			switch {
			case err != nil:
				return nil, err
			case above:
				next = parent
			case !known:
				others = append(others, parent)
			}
		}
		at = next
	}
	return others, nil
}
