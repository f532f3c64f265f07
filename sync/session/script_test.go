package session_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"holdfast/backend/record"
)

var update = flag.Bool("update", false, "rewrite the expected traces under testdata")

// TestConversations plays each script of testdata and compares all that was said and reached. A script is a list of paragraphs: commands, then
// "----", then what they bring about.
func TestConversations(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(raw))
			if *update {
				err = os.WriteFile(path, []byte(got), 0o644)
			} else if got != string(raw) {
				err = errors.New("the conversation went another way:\n" + difference(string(raw), got))
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// play gives the script with the results that its commands have now.
func play(t *testing.T, script string) string {
	t.Helper()
	n := newNetwork()
	var out []string
	for paragraph := range strings.SplitSeq(strings.TrimSpace(script), "\n\n") {
		commands, _, checked := strings.Cut(paragraph, "\n----")
		if !checked {
			out = append(out, paragraph) // a comment
			continue
		}
		n.trace.Reset()
		for line := range strings.SplitSeq(commands, "\n") {
			if fields := strings.Fields(line); fields[0] != "#" {
				if err := n.command(fields); err != nil {
					t.Fatalf("%s: %v", line, err)
				}
			}
		}
		out = append(out, strings.TrimRight(commands+"\n----\n"+n.trace.String(), "\n"))
	}
	return strings.Join(out, "\n\n") + "\n"
}

// command runs one line of a script.
//
//	desktop A | node N | stranger S    make a device; others do not know a stranger's key
//	edit A org one two                 save one batch of edits
//	decide N org 10                    let a node commit up to ten tentative edits
//	connect A B [org site/LYO]         open a session, and deliver until all is said
//	connect A B cut 3                  the same, but cut the session after three messages
//	push A                             tell A's sessions that A has changed, and deliver
//	cut A B                            drop their session
//	end A B                            A ends their session in good order
//	state                              print every replica
//	status A B                         print what A knows of B
func (n *network) command(f []string) error {
	switch f[0] {
	case "desktop", "node", "stranger":
		n.add(f[1], f[0] == "node", f[0] == "stranger")
		return nil
	case "edit":
		return n.devices[f[1]].replica.Append(record.Space(f[2]), f[3:]...)
	case "decide":
		count, err := strconv.Atoi(f[3])
		if err != nil {
			return err
		}
		_, err = n.devices[f[1]].replica.Decide(record.Space(f[2]), count)
		return err
	case "connect":
		return n.connectCommand(n.devices[f[1]], n.devices[f[2]], f[3:])
	case "push":
		n.poll(n.devices[f[1]], nil)
		n.settle()
		return nil
	case "cut", "end", "status":
		return n.endCommand(f[0], n.devices[f[1]].towards(f[2]))
	case "state":
		n.state()
		return nil
	case "cluster":
		n.devices[f[1]].cluster = f[2]
		return nil
	}
	return fmt.Errorf("no such command: %s", f[0])
}

func (n *network) connectCommand(a, b *device, rest []string) error {
	var spaces []record.Space
	after := -1
	for i, word := range rest {
		if word == "cut" {
			var err error
			if after, err = strconv.Atoi(rest[i+1]); err != nil {
				return err
			}
			break
		}
		spaces = append(spaces, record.Space(word))
	}
	left, _ := n.connect(a, b, spaces...)
	for i := 0; i != after && n.deliver(); i++ {
	}
	if after >= 0 {
		n.cut(left)
		n.queue = nil
	}
	return nil
}

func (d *device) towards(name string) *end {
	at := slices.IndexFunc(d.ends, func(e *end) bool { return e.there.here.name == name })
	if at < 0 {
		return nil
	}
	return d.ends[at]
}

func (n *network) endCommand(command string, e *end) error {
	switch {
	case e == nil:
		return errors.New("no such session")
	case command == "cut":
		n.cut(e)
	case command == "end":
		n.send(e, e.session.End())
		n.settle()
	default:
		st := e.session.Status()
		n.note("%s of %s: live %v, covered %v", e.here.name, e.there.here.name, st.Live, st.Covered)
		for _, sp := range st.Spaces {
			n.note("  %s mine %d theirs %d covered %v differs %v", sp.Space, sp.Mine.Commit, sp.Theirs.Commit, sp.Covered, sp.DigestDiffers)
		}
	}
	return nil
}

// digest numbers digests in the order in which they are first printed.
func (n *network) digest(d record.Hash) string {
	at := slices.Index(n.digests, d)
	if at < 0 {
		at, n.digests = len(n.digests), append(n.digests, d)
	}
	return fmt.Sprintf("digest %d", at+1)
}

// state prints commit number, digest and uncommitted incarnations of every space of every replica.
func (n *network) state() {
	for _, name := range n.order {
		r := n.devices[name].replica
		for _, space := range r.Spaces() {
			front := r.Frontier(space)
			n.note("%s", strings.TrimSpace(fmt.Sprintf("%s %s@%d %s %s", name, space, front.Commit, n.digest(front.Digest), n.tails(r.Tails(space)))))
		}
	}
}
