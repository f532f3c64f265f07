package program

import (
	"strings"
	"testing"

	"holdfast/app/api"
	"holdfast/backend/config"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/people"
	"holdfast/backend/record"
)

// write changes one file of p's draft by adding a text at its end.
func write(t *testing.T, p *Program, name, text string) {
	t.Helper()
	config := p.Services().Config
	file, err := config.File(t.Context(), name, "")
	if err != nil {
		t.Fatal(err)
	}
	edited, err := config.Edit(t.Context(), name, file.Text+text, file.Commit)
	if err != nil {
		t.Fatal(err)
	}
	if len(edited.Problems) > 0 {
		t.Fatal(edited.Problems)
	}
}

func publish(t *testing.T, p *Program) api.Publication {
	t.Helper()
	publication, err := p.Services().Config.Publish(t.Context(), "Try it")
	if err != nil {
		t.Fatal(err)
	}
	return publication
}

// promote makes the person of other an administrator, and waits until other knows.
func promote(t *testing.T, p, other *Program) {
	t.Helper()
	person := other.site.actor().Person
	until(t, p, func() bool { return known(p, person) })
	_, err := p.site.desk.Change(t.Context(), p.site.actor(), desk.Intent{Record: person, Mutations: []record.Mutation{
		{Op: record.OpAdd, Field: people.FieldRoles, Value: record.Text(desk.RoleAdministrator)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	until(t, other, func() bool {
		may, err := other.site.desk.May(person, []string{"config.publish"})
		return err == nil && may["config.publish"]
	})
}

func known(p *Program, id record.ID) bool {
	state, err := p.site.store.View(id)
	return err == nil && state != nil
}

const (
	category = "  - key: drones\n    label: Drones\n    subcategories: [Rotor]\n"
	runbook  = "\nAsk the pilot first.\n"
)

func TestPublicationsThatMeetAreMerged(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	other := joined(t, p, t.TempDir())
	defer shutAt(t, other)
	promote(t, p, other)
	if err := other.Services().Sync.Pause(); err != nil {
		t.Fatal(err)
	}
	write(t, other, "runbooks/site-cut-off.md", runbook)
	if got := publish(t, other).State; got != "waiting" {
		t.Errorf("offline, the publication is %s, want waiting", got)
	}
	write(t, p, "categories.yaml", category)
	if got := publish(t, p).State; got != "published" {
		t.Errorf("the publication is %s, want published", got)
	}
	if err := other.Services().Sync.Resume(); err != nil {
		t.Fatal(err)
	}
	both := func(at *Program) func() bool {
		return func() bool {
			tree := at.site.config.force.Load().tree
			return strings.Contains(tree["categories.yaml"], "drones") && strings.Contains(tree["runbooks/site-cut-off.md"], "pilot")
		}
	}
	follow(t, p, both(p))
	follow(t, other, both(other))
	commit := p.site.config.force.Load().commit
	if theirs := other.site.config.force.Load().commit; theirs != commit {
		t.Errorf("one desktop is at %s, the other at %s", commit, theirs)
	}
	version, err := p.site.config.repository.Version(commit)
	if err != nil {
		t.Fatal(err)
	}
	if len(version.Parents) != 2 {
		t.Errorf("the merge has %d parents, want 2", len(version.Parents))
	}
}

// Whoever publishes twice before anybody decides does not meet themselves as somebody else, whether others publish meanwhile or not.
func TestSeveralPublicationsThatWait(t *testing.T) {
	for name, other := range map[string]string{"nobody else publishes": "", "somebody publishes meanwhile": category} {
		t.Run(name, func(t *testing.T) {
			p := founded(t, t.TempDir())
			defer shutAt(t, p)
			away := joined(t, p, t.TempDir())
			defer shutAt(t, away)
			promote(t, p, away)
			if err := away.Services().Sync.Pause(); err != nil {
				t.Fatal(err)
			}
			for _, line := range []string{"First.\n", "Second.\n"} {
				write(t, away, "runbooks/site-cut-off.md", line)
				if got := publish(t, away).State; got != "waiting" {
					t.Errorf("offline, the publication is %s, want waiting", got)
				}
			}
			if got := publish(t, away).State; got != "waiting" {
				t.Errorf("what waits and is published once more is %s, want waiting", got)
			}
			if other != "" {
				write(t, p, "categories.yaml", other)
				publish(t, p)
			}
			if err := away.Services().Sync.Resume(); err != nil {
				t.Fatal(err)
			}
			for _, at := range []*Program{p, away} {
				follow(t, at, func() bool {
					tree := at.site.config.force.Load().tree
					return strings.Contains(tree["runbooks/site-cut-off.md"], "First.\nSecond.\n") && strings.Contains(tree["categories.yaml"], other)
				})
			}
			if left, err := away.site.config.overtaken(t.Context()); err != nil || len(left) != 0 {
				t.Errorf("%d publications are left behind: %v", len(left), err)
			}
		})
	}
}

// follow waits for changes of p's interface until it is so: the configuration follows the store.
func follow(t *testing.T, p *Program, so func() bool) {
	t.Helper()
	changes := p.Changes(t.Context())
	for !so() {
		select {
		case <-changes:
		case <-t.Context().Done():
			t.Fatal("it never came to be so")
		}
	}
}

func TestTechniciansKeepADraftButDoNotPublish(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	other := joined(t, p, t.TempDir())
	defer shutAt(t, other)
	write(t, other, "categories.yaml", category)
	_, err := other.Services().Config.Publish(t.Context(), "Mine")
	if !fault.Is(err, fault.Forbidden) {
		t.Errorf("got %v, want %s", err, fault.Forbidden)
	}
	status, err := other.Services().Config.Status(t.Context())
	if err != nil || status.Draft.Changed != 1 {
		t.Errorf("%d files of the draft are changed, want 1: %v", status.Draft.Changed, err)
	}
}

func TestWhatDoesNotValidateIsNotPublished(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	config := p.Services().Config
	file, err := config.File(t.Context(), "roles.yaml", "")
	if err != nil {
		t.Fatal(err)
	}
	edited, err := config.Edit(t.Context(), "roles.yaml", file.Text+"  - key: broken\n", file.Commit)
	if err != nil || len(edited.Problems) == 0 || edited.Problems[0].Line == 0 {
		t.Fatalf("problems %v, %v", edited.Problems, err)
	}
	before := p.site.config.force.Load().commit
	if got := publish(t, p); got.State != "refused" || len(got.Problems) == 0 {
		t.Errorf("the publication is %s with %v, want refused", got.State, got.Problems)
	}
	if p.site.config.force.Load().commit != before {
		t.Error("something else is in force now")
	}
}

func TestPublishedCategoriesAreOffered(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	write(t, p, "categories.yaml", category)
	if got := publish(t, p).State; got != "published" {
		t.Fatalf("the publication is %s", got)
	}
	offered := false
	for _, choice := range p.Services().Config.Words().Choices("incident", "category") {
		offered = offered || choice.Key == "drones"
	}
	if !offered {
		t.Error("the new category is not offered")
	}
}

// twoPublish has two desktops publish other lines for one place from the same version, the second one offline. It gives what each offered.
func twoPublish(t *testing.T, p, other *Program, name string) (first, second api.Publication) {
	t.Helper()
	promote(t, p, other)
	if err := other.Services().Sync.Pause(); err != nil {
		t.Fatal(err)
	}
	write(t, other, name, "\nBen: ask the pilot first.\n")
	second = publish(t, other)
	write(t, p, name, "\nAna: ask the tower first.\n")
	first = publish(t, p)
	if first.State != "published" || second.State != "waiting" {
		t.Fatalf("the publications are %s and %s", first.State, second.State)
	}
	if err := other.Services().Sync.Resume(); err != nil {
		t.Fatal(err)
	}
	come(t, func() bool {
		return string(other.site.config.force.Load().commit) == first.Commit && other.site.store.PendingCount() == 0
	})
	return first, second
}

// Scenario 29: two publish from one base. One swap happens; the other one is told that the branch moved, sees the difference, and settles it. Both histories are on all devices.
func TestOfTwoPublicationsFromOneBaseOneSucceeds(t *testing.T) {
	const name = "runbooks/site-cut-off.md"
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	other := joined(t, p, t.TempDir())
	defer shutAt(t, other)
	first, second := twoPublish(t, p, other, name)
	again := publish(t, other)
	if again.State != "conflict" || len(again.Conflicts) != 1 || again.Conflicts[0] != name {
		t.Fatalf("the one that was overtaken is told %+v", again)
	}
	diff, err := other.Services().Config.Diff(t.Context(), first.Commit, "")
	if err != nil || len(diff) != 1 || diff[0].Path != name {
		t.Fatalf("what differs is %+v, %v", diff, err)
	}
	said := ""
	for _, line := range diff[0].Lines {
		said += line.Op + line.Text + "\n"
	}
	if !strings.Contains(said, "-Ana: ask the tower first.") || !strings.Contains(said, "+Ben: ask the pilot first.") {
		t.Errorf("the difference is\n%s", said)
	}
	write(t, other, name, "\nAna: ask the tower first.\n")
	last := publish(t, other)
	if last.State != "published" && last.State != "merged" {
		t.Fatalf("settled, it is %+v", last)
	}
	come(t, func() bool { return string(p.site.config.force.Load().commit) == last.Commit })
	for _, at := range []*Program{p, other} {
		if head, err := at.site.config.repository.Head(branchMain); err != nil || string(head) != last.Commit {
			t.Errorf("the branch stands at %s, %v", head, err)
		}
		for _, commit := range []string{first.Commit, second.Commit} {
			if above, err := at.site.config.repository.IsAncestor(config.Hash(commit), config.Hash(last.Commit)); err != nil || !above {
				t.Errorf("%s is not in the history: %v", commit, err)
			}
		}
		if tree := at.site.config.force.Load().tree[name]; !strings.Contains(tree, "Ana: ask") || !strings.Contains(tree, "Ben: ask") {
			t.Errorf("published is %q", tree)
		}
	}
}

// Scenario 30: a runbook that two desktops edited offline is merged on a third one. The merge has both as parents, and all end on it.
func TestAThirdDesktopMergesWhatTwoWrote(t *testing.T) {
	const name = "runbooks/site-cut-off.md"
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	other, third := joined(t, p, t.TempDir()), joined(t, p, t.TempDir())
	defer shutAt(t, other)
	defer shutAt(t, third)
	promote(t, p, third)
	first, second := twoPublish(t, p, other, name)
	come(t, func() bool {
		_, err := third.site.config.repository.Version(config.Hash(second.Commit))
		return err == nil && string(third.site.config.force.Load().commit) == first.Commit
	})
	merged, err := third.Services().Config.Merge(t.Context(), second.Commit)
	if err != nil || merged.State != "conflict" || len(merged.Conflicts) != 1 {
		t.Fatalf("merging gives %+v, %v", merged, err)
	}
	write(t, third, name, "\nBen: ask the pilot first.\n")
	last := publish(t, third)
	if last.State != "published" {
		t.Fatalf("the merge is %+v", last)
	}
	for _, at := range []*Program{p, other, third} {
		come(t, func() bool { return string(at.site.config.force.Load().commit) == last.Commit })
		version, err := at.site.config.repository.Version(config.Hash(last.Commit))
		if err != nil || len(version.Parents) != 2 || string(version.Parents[0]) != first.Commit || string(version.Parents[1]) != second.Commit {
			t.Errorf("the merge has the parents %v, want %s and %s: %v", version.Parents, first.Commit, second.Commit, err)
		}
	}
}
