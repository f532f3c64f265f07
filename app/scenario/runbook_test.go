package scenario

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// runbook follows a page of build/docs/runbooks command by command. What the page calls $NAME is in vars.
type runbook struct {
	page    string
	vars    map[string]string
	devices map[string]*device // those that the page starts, by the name of the variable of their folder
	said    map[string]string  // what the commands printed, by their first words
}

var (
	variable = regexp.MustCompile(`\$[A-Z0-9]+`)
	captured = regexp.MustCompile(`^([A-Z0-9]+)=\$\((.*) \| head -n 1\)$`)
)

// commands gives the lines of a page's code blocks.
func (r *runbook) commands(t *testing.T) []string {
	t.Helper()
	var all []string
	inside := false
	lines := bufio.NewScanner(bytes.NewReader(readFile(t, filepath.Join(moduleRoot, "build", "docs", "runbooks", r.page))))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		switch {
		case strings.HasPrefix(line, "```"):
			inside = !inside
		case inside && line != "":
			all = append(all, line)
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s has no commands", r.page)
	}
	return all
}

// follow runs all commands of the page.
func (r *runbook) follow(t *testing.T) {
	t.Helper()
	r.devices, r.said = map[string]*device{}, map[string]string{}
	for _, line := range r.commands(t) {
		r.run(t, line)
	}
}

func (r *runbook) run(t *testing.T, line string) {
	t.Helper()
	if capture := captured.FindStringSubmatch(line); capture != nil {
		first, _, _ := strings.Cut(succeed(t, r.words(t, capture[2])...), "\n")
		r.vars[capture[1]] = first
		return
	}
	words := r.words(t, line)
	if words[0] != "node" && words[0] != "serve" {
		r.said[words[0]] = succeed(t, words...)
		return
	}
	name := regexp.MustCompile(`--data "\$([A-Z0-9]+)"`).FindStringSubmatch(line)
	if name == nil {
		t.Fatalf("%s: %q names no folder", r.page, line)
	}
	d := &device{name: name[1], folder: r.vars[name[1]]}
	for i := 0; i < len(words); i++ {
		if words[i] == "--data" {
			i++ // device.start names the folder
			continue
		}
		d.args = append(d.args, words[i])
	}
	d.start(t)
	r.devices[d.name] = d
}

// words splits a command as a shell does, and leaves the program's name out.
func (r *runbook) words(t *testing.T, line string) []string {
	t.Helper()
	rest, found := strings.CutPrefix(line, "holdfast ")
	if !found {
		t.Fatalf("%s: the test cannot follow %q", r.page, line)
	}
	var words []string
	for _, word := range strings.Fields(rest) {
		words = append(words, variable.ReplaceAllStringFunc(strings.Trim(word, `"`), func(name string) string {
			value, known := r.vars[name[1:]]
			if !known {
				t.Fatalf("%s: nobody says what %s is", r.page, name)
			}
			return value
		}))
	}
	return words
}

// TestRunbooksNameCommandsThatExist holds every page to the command line: each of its commands is one, with flags that it has.
func TestRunbooksNameCommandsThatExist(t *testing.T) {
	pages, err := os.ReadDir(filepath.Join(moduleRoot, "build", "docs", "runbooks"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		r := &runbook{page: page.Name()}
		for _, line := range r.commands(t) {
			if capture := captured.FindStringSubmatch(line); capture != nil {
				line = capture[2]
			}
			rest, _ := strings.CutPrefix(line, "holdfast ")
			name, _, _ := strings.Cut(rest, " ")
			help := succeed(t, name, "--help")
			for _, word := range strings.Fields(rest)[1:] {
				if strings.HasPrefix(word, "--") && !strings.Contains(help, word+" ") {
					t.Errorf("%s: %q: there is no flag %s", page.Name(), line, word)
				}
			}
		}
	}
}
