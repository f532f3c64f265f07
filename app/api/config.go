package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// ConfigProblem is something wrong in a configuration file.
type ConfigProblem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	What    string `json:"what"`
	Allowed string `json:"allowed,omitempty"`
}

// ConfigStatus is the published configuration and the draft on top of it.
type ConfigStatus struct {
	Branch      string           `json:"branch"`
	Commit      string           `json:"commit"`
	PublishedAt *time.Time       `json:"publishedAt"`
	By          string           `json:"by,omitempty"`
	Draft       DraftStatus      `json:"draft"`
	Problems    []ConfigProblem  `json:"problems"`
	Files       []ConfigFileInfo `json:"files"`
}

// DraftStatus says what is edited and not published.
type DraftStatus struct {
	Changed int  `json:"changed"`
	Waiting bool `json:"waiting" doc:"a publication is on its way to be agreed"`
}

// ConfigFileInfo is one file in the list.
type ConfigFileInfo struct {
	Path    string `json:"path"`
	Size    int    `json:"size"`
	Kind    string `json:"kind"`
	Changed bool   `json:"changed"`
}

// ConfigFile is one file with its text.
type ConfigFile struct {
	Path   string `json:"path"`
	Text   string `json:"text"`
	Commit string `json:"commit"`
	Schema string `json:"schema,omitempty" doc:"what the file may contain, in words"`
}

// ConfigEdited answers an edit of the draft.
type ConfigEdited struct {
	Commit   string          `json:"commit"`
	Problems []ConfigProblem `json:"problems"`
}

// ConfigCommit is one version in the history.
type ConfigCommit struct {
	Hash      string    `json:"hash"`
	Author    string    `json:"author"`
	At        time.Time `json:"at"`
	Message   string    `json:"message"`
	Published bool      `json:"published"`
}

// ConfigLog is the history, newest first.
type ConfigLog struct {
	Commits []ConfigCommit `json:"commits"`
}

// ConfigDiffLine is one line of a difference.
type ConfigDiffLine struct {
	Op   string `json:"op" enum:" ,+,-"`
	Old  int    `json:"old,omitempty"`
	New  int    `json:"new,omitempty"`
	Text string `json:"text"`
}

// ConfigFileDiff is the difference of one file.
type ConfigFileDiff struct {
	Path   string           `json:"path"`
	Status string           `json:"status" enum:"added,removed,changed"`
	Lines  []ConfigDiffLine `json:"lines"`
}

// ConfigDiff is the difference of two versions.
type ConfigDiff struct {
	Files []ConfigFileDiff `json:"files"`
}

// Publication says what became of publishing the draft.
type Publication struct {
	State     string          `json:"state" enum:"published,waiting,merged,conflict,refused,nothing"`
	Commit    string          `json:"commit"`
	Problems  []ConfigProblem `json:"problems,omitempty"`
	Conflicts []string        `json:"conflicts,omitempty" doc:"files that two people changed in the same lines"`
}

// Runbook is a published runbook, rendered.
type Runbook struct {
	Path  string `json:"path"`
	Title string `json:"title"`
	HTML  string `json:"html"`
}

// Runbooks are all published runbooks.
type Runbooks struct {
	Runbooks []Runbook `json:"runbooks"`
}

func (s *server) registerConfig(api huma.API) {
	operation(api, http.MethodGet, "/config", "config-status", "The published configuration and the draft", s.configStatus)
	operation(api, http.MethodGet, "/config/file", "get-config-file", "One file of the draft, or of a version", s.configFile)
	operation(api, http.MethodPut, "/config/file", "put-config-file", "Change a file of the draft", s.editConfig)
	operation(api, http.MethodGet, "/config/log", "config-log", "Versions, newest first", s.configLog)
	operation(api, http.MethodGet, "/config/diff", "config-diff", "What differs between two versions; the draft when to is left out", s.configDiff)
	operation(api, http.MethodPost, "/config/publish", "publish-config", "Publish the draft everywhere", s.publish)
	operation(api, http.MethodPost, "/config/merge", "merge-config", "Bring a version that was overtaken into the draft", s.mergeConfig)
	operation(api, http.MethodPost, "/config/revert", "revert-config", "Take a version back, in the draft", s.revertConfig)
	operation(api, http.MethodPost, "/config/discard", "discard-config", "Drop the draft", s.discardConfig)
	operation(api, http.MethodGet, "/runbooks", "list-runbooks", "Published runbooks", s.runbooks)
}

// configuration runs act on the configuration of a set-up site.
func configuration[T any](s *server, op string, act func(Configuration) (T, error)) (*body[T], error) {
	v, err := s.services(op)
	if err != nil {
		return nil, err
	}
	return answer(act(v.Config))
}

func (s *server) configStatus(ctx context.Context, _ *none) (*body[ConfigStatus], error) {
	return configuration(s, "api.configStatus", func(c Configuration) (ConfigStatus, error) { return c.Status(ctx) })
}

type configFileInput struct {
	Path   string `query:"path" required:"true"`
	Commit string `query:"commit"`
}

func (s *server) configFile(ctx context.Context, in *configFileInput) (*body[ConfigFile], error) {
	return configuration(s, "api.configFile", func(c Configuration) (ConfigFile, error) { return c.File(ctx, in.Path, in.Commit) })
}

type editConfigInput struct {
	Path string `query:"path" required:"true"`
	Body struct {
		Text string `json:"text"`
		Base string `json:"base" doc:"the commit that the author saw"`
	}
}

func (s *server) editConfig(ctx context.Context, in *editConfigInput) (*body[ConfigEdited], error) {
	return configuration(s, "api.editConfig", func(c Configuration) (ConfigEdited, error) {
		return c.Edit(ctx, in.Path, in.Body.Text, in.Body.Base)
	})
}

type configLogInput struct {
	Limit int `query:"limit" default:"50" minimum:"1" maximum:"200"`
}

func (s *server) configLog(ctx context.Context, in *configLogInput) (*body[ConfigLog], error) {
	return configuration(s, "api.configLog", func(c Configuration) (ConfigLog, error) {
		commits, err := c.Log(ctx, in.Limit)
		return ConfigLog{commits}, err
	})
}

type configDiffInput struct {
	From string `query:"from"`
	To   string `query:"to"`
}

func (s *server) configDiff(ctx context.Context, in *configDiffInput) (*body[ConfigDiff], error) {
	return configuration(s, "api.configDiff", func(c Configuration) (ConfigDiff, error) {
		files, err := c.Diff(ctx, in.From, in.To)
		return ConfigDiff{files}, err
	})
}

type publishInput struct {
	Body struct {
		Message string `json:"message" minLength:"1"`
	}
}

func (s *server) publish(ctx context.Context, in *publishInput) (*body[Publication], error) {
	return configuration(s, "api.publish", func(c Configuration) (Publication, error) { return c.Publish(ctx, in.Body.Message) })
}

type versionInput struct {
	Body struct {
		Commit string `json:"commit"`
	}
}

func (s *server) revertConfig(ctx context.Context, in *versionInput) (*body[ConfigEdited], error) {
	return configuration(s, "api.revertConfig", func(c Configuration) (ConfigEdited, error) { return c.Revert(ctx, in.Body.Commit) })
}

func (s *server) mergeConfig(ctx context.Context, in *versionInput) (*body[Publication], error) {
	return configuration(s, "api.mergeConfig", func(c Configuration) (Publication, error) { return c.Merge(ctx, in.Body.Commit) })
}

func (s *server) discardConfig(ctx context.Context, _ *none) (*body[ConfigStatus], error) {
	return configuration(s, "api.discardConfig", func(c Configuration) (ConfigStatus, error) {
		if err := c.Discard(ctx); err != nil {
			return ConfigStatus{}, err
		}
		return c.Status(ctx)
	})
}

func (s *server) runbooks(ctx context.Context, _ *none) (*body[Runbooks], error) {
	return configuration(s, "api.runbooks", func(c Configuration) (Runbooks, error) {
		runbooks, err := c.Runbooks(ctx)
		return Runbooks{runbooks}, err
	})
}
