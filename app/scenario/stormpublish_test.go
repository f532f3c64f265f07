package scenario

import (
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"holdfast/app/api"
	"holdfast/backend/config"
)

// publisher is what a person remembers of the configuration that they changed.
type publisher struct {
	lines  []line
	swaps  []swap
	looked []look
}

// line is a line that somebody wrote into a configuration file.
type line struct {
	file, text string
	saved      bool // the draft was acknowledged
	dropped    bool // the person gave their draft up after a conflict
}

// swap is a publication: the published branch moves from one version to another.
type swap struct {
	call   time.Time
	answer time.Time // zero: nobody said that it happened
	to     string    // the new version, when it was acknowledged
}

// look is a version that a person saw in force.
type look struct {
	call, answer time.Time
	at           string
}

// contested is a file in which everybody changes the same line.
const contested = "runbooks/contested.md"

const contestedText = "---\ntitle: Contested\n---\n\nLast looked through: never\n"

// letPublish makes everybody an administrator, and publishes the file that they will quarrel over.
func (s *storm) letPublish(t *testing.T) {
	t.Helper()
	first := s.desktops[0]
	for _, d := range s.desktops[1:] {
		await(t, "the first administrator knows "+d.name, agreeTime, func() bool { return first.shows(d.me) })
		first.change(t, d.me, api.ChangeWish{Op: "add", Field: "roles", Value: "administrator"})
	}
	if err := first.ask(http.MethodPut, fileAt(contested), map[string]any{"text": contestedText, "base": ""}, nil); err != nil {
		t.Fatal(err)
	}
	var published api.Publication
	first.call(t, http.MethodPost, "/config/publish", map[string]any{"message": "Something to quarrel over"}, &published)
	for _, d := range s.everyone() {
		await(t, d.name+" has the first publication", agreeTime, func() bool {
			return get[api.ConfigStatus](t, d, "/config").Commit == published.Commit
		})
	}
}

func fileAt(path string) string { return "/config/file?path=" + url.QueryEscape(path) }

// publish writes a line into this person's own runbook, or replaces the one line of the contested file, and publishes the draft.
func (w *worker) publish() {
	l := line{file: fmt.Sprintf("runbooks/by-%d.md", w.number), text: "Step " + uuid.NewString()}
	write := func(before string) string { return before + l.text + "\n" }
	if w.random.IntN(4) == 0 {
		l.file = contested
		write = func(before string) string {
			head, _, _ := strings.Cut(before, "Last looked through:")
			return head + "Last looked through: " + l.text + "\n"
		}
	}
	var file api.ConfigFile
	if w.desktop.ask(http.MethodGet, fileAt(l.file), nil, &file) != nil {
		file.Text = fmt.Sprintf("---\ntitle: Of person %d\n---\n\n", w.number)
	}
	l.saved = w.desktop.ask(http.MethodPut, fileAt(l.file), map[string]any{"text": write(file.Text), "base": file.Commit}, nil) == nil
	w.lines = append(w.lines, l)
	w.offer()
	w.lookUp()
}

// offer publishes the draft. Whoever changed the same line as somebody else gives the draft up.
func (w *worker) offer() api.Publication {
	p := swap{call: time.Now()}
	var said api.Publication
	err := w.desktop.ask(http.MethodPost, "/config/publish", map[string]any{"message": fmt.Sprintf("By person %d", w.number)}, &said)
	switch {
	case err == nil && (said.State == "published" || said.State == "merged"):
		p.answer, p.to = time.Now(), said.Commit
	case err == nil && said.State == "conflict":
		for i := range w.lines {
			w.lines[i].dropped = true // of those that are published already, more is known from the file
		}
		_ = w.desktop.ask(http.MethodPost, "/config/discard", nil, nil) // what fails is found at the next attempt
	}
	w.swaps = append(w.swaps, p)
	return said
}

func (w *worker) lookUp() {
	seen := look{call: time.Now()}
	var status api.ConfigStatus
	if w.desktop.ask(http.MethodGet, "/config", nil, &status) == nil {
		seen.answer, seen.at = time.Now(), status.Commit
		w.looked = append(w.looked, seen)
	}
}

// publishRest lets everybody publish what is left in their drafts, one after the other, until nothing is.
func (s *storm) publishRest(t *testing.T) {
	t.Helper()
	for _, w := range s.workers {
		await(t, w.desktop.name+" has nothing left to publish", agreeTime, func() bool {
			status := get[api.ConfigStatus](t, w.desktop.device, "/config")
			return status.Draft.Changed == 0 && !status.Draft.Waiting || w.offer().State == "nothing"
		})
	}
	awaitSameWithin(t, afterStorm, s.everyone()...)
	last := ""
	await(t, "everybody has the same configuration in force", agreeTime, func() bool {
		in := map[string]bool{}
		for _, d := range s.everyone() {
			last = get[api.ConfigStatus](t, d, "/config").Commit
			in[last] = true
		}
		return len(in) == 1
	})
	for _, w := range s.workers {
		w.lookUp()
	}
}

// checkPublished holds the versions of the configuration against what people remember, and gives how many there are.
func (s *storm) checkPublished(t *testing.T) int {
	t.Helper()
	for _, w := range s.workers {
		w.checkLines(t)
	}
	history := s.versions(t)
	position := map[string]int{}
	for i, v := range history {
		position[string(v.Hash)] = i
	}
	checkOrder(t, "publications and looks at them", branchModel(s.begin, position), s.publications(t, history, position))
	return len(history) - 1
}

// checkLines fails for a line that was acknowledged and that is not in force. One that was replaced in the contested file is in an earlier version.
func (w *worker) checkLines(t *testing.T) {
	t.Helper()
	inForce := map[string]string{}
	for _, l := range w.lines {
		if l.file == contested || !l.saved || l.dropped {
			continue
		}
		if _, read := inForce[l.file]; !read {
			inForce[l.file] = get[api.ConfigFile](t, w.desktop.device, fileAt(l.file)+"&commit=main").Text
		}
		if n := strings.Count(inForce[l.file], l.text); n != 1 {
			t.Errorf("%s: the acknowledged line %q stands %d times in %s", w.desktop.name, l.text, n, l.file)
		}
	}
}

// versions gives the published versions as a node has them, from the one before the storm on. It reads a copy, as git would.
func (s *storm) versions(t *testing.T) []config.Version {
	t.Helper()
	const name = "configuration.git"
	node := s.nodes[0].device
	copied := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(copied, os.DirFS(filepath.Join(node.folder, name))); err != nil {
		t.Fatal(err)
	}
	repository, err := config.Open(t.Context(), copied, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	var history []config.Version
	for at := config.Hash(get[api.ConfigStatus](t, node, "/config").Commit); ; {
		v, err := repository.Version(at)
		if err != nil {
			t.Fatalf("a version that was published cannot be read: %v", err)
		}
		history = append(history, v)
		if string(at) == s.begin {
			slices.Reverse(history)
			return history
		}
		if len(v.Parents) == 0 {
			t.Fatalf("the version before the storm, %s, is no longer behind the one in force", s.begin)
		}
		at = v.Parents[0] // what was published before; the other one is what it was merged with
	}
}

// move and seen are what porcupine reads: the branch moved, or was seen where it is or was.
type move struct{ from, to string }
type seen struct{ at string }

// publications gives what happened to the published branch as porcupine reads it. A publication that nobody was told of happened at some time after its author
// began to publish something that they got no answer for.
func (s *storm) publications(t *testing.T, history []config.Version, position map[string]int) []porcupine.Operation {
	t.Helper()
	before := func(to string) string {
		i, there := position[to]
		if !there || i == 0 {
			t.Errorf("the version %s was acknowledged as published, and it is not", to)
			return ""
		}
		return string(history[i-1].Hash)
	}
	var all []porcupine.Operation
	told := map[string]bool{}
	unanswered := map[string]int64{} // by author
	for _, w := range s.workers {
		for _, p := range w.swaps {
			if p.to == "" {
				author := "Person " + w.desktop.name
				if _, earlier := unanswered[author]; !earlier {
					unanswered[author] = p.call.UnixNano()
				}
				continue
			}
			told[p.to] = true
			all = append(all, porcupine.Operation{
				ClientId: w.number, Call: p.call.UnixNano(), Return: p.answer.UnixNano(), Input: move{before(p.to), p.to},
			})
		}
		for _, l := range w.looked {
			all = append(all, porcupine.Operation{ClientId: w.number, Call: l.call.UnixNano(), Return: l.answer.UnixNano(), Input: seen{l.at}})
		}
	}
	for _, v := range history[1:] {
		if to := string(v.Hash); !told[to] {
			call, asked := unanswered[v.Author]
			if !asked {
				t.Errorf("nobody asked for the version %s by %s", to, v.Author)
			}
			all = append(all, porcupine.Operation{ClientId: len(s.workers), Call: call, Return: math.MaxInt64, Input: move{before(to), to}})
		}
	}
	return all
}

// branchModel is one branch that moves by compare-and-swap. Whoever looks at it on their own device may be shown where it was, never where it will be.
func branchModel(begin string, position map[string]int) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return begin },
		Step: func(state, input, _ any) (bool, any) {
			at := state.(string)
			switch in := input.(type) {
			case move:
				return in.from == at, in.to
			case seen:
				i, published := position[in.at]
				return published && i <= position[at], at
			}
			return false, at
		},
	}
}
