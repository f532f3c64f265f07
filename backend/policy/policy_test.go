package policy_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"holdfast/backend/policy"
)

func roles() []policy.Role {
	return []policy.Role{
		{Key: "requester", Label: "Requester", May: []string{policy.TicketCreate}},
		{Key: "technician", Label: "Technician", May: []string{"ticket.*", policy.ArticleEdit}},
		{Key: "manager", Label: "Service manager", May: []string{"ticket.*", policy.ConfigPublish}},
		{Key: "admin", May: []string{policy.Everything}},
	}
}

func made(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.New(roles())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMay(t *testing.T) {
	p := made(t)
	cases := []struct {
		held    string
		action  string
		allowed bool
		reason  string
	}{
		{"requester", policy.TicketCreate, true, "The role Requester may create tickets."},
		{"requester", policy.TicketEdit, false, "Your role (Requester) may not edit tickets; this needs Technician or Service manager or admin."},
		{"technician", policy.TicketImport, true, "The role Technician may import tickets."},
		{"technician", policy.ConfigPublish, false, "Your role (Technician) may not publish configuration; this needs Service manager or admin."},
		{"requester technician", policy.ArticleEdit, true, "The role Technician may edit articles."},
		{"admin", "something.new", true, "The role admin may do something.new."},
		{"technician", "something.new", false, "Your role (Technician) may not do something.new; this needs admin."},
		{"", policy.TicketEdit, false, "You have no role that this site knows, so you may not edit tickets; this needs Technician or Service manager or admin."},
		{"ghost", policy.TicketCreate, false, "You have no role that this site knows, so you may not create tickets; this needs Requester or Technician or Service manager or admin."},
		{"technician", "ticketing.edit", false, "Your role (Technician) may not do ticketing.edit; this needs admin."},
	}
	for _, c := range cases {
		if got := p.May(strings.Fields(c.held), c.action); got.Allowed != c.allowed || got.Reason != c.reason {
			t.Errorf("%q %s: %+v", c.held, c.action, got)
		}
	}
	if !p.Has("admin") || p.Has("ghost") || len(p.Roles()) != 4 {
		t.Error("the list of roles is not what was given")
	}
}

func TestFindings(t *testing.T) {
	cases := []struct {
		name, path, what string
		spoil            func(r []policy.Role) []policy.Role
	}{
		{"no key", "roles[0]", "has no key", func(r []policy.Role) []policy.Role { r[0].Key = ""; return r }},
		{"twice", "roles[1].key", `"requester" is defined twice`, func(r []policy.Role) []policy.Role { r[1].Key = "requester"; return r }},
		{"unknown action", "roles[0].may[0]", `no action "ticket.fly"`, func(r []policy.Role) []policy.Role { r[0].May = []string{"ticket.fly"}; return r }},
		{"unknown area", "roles[0].may[0]", `no action "planes.*"`, func(r []policy.Role) []policy.Role { r[0].May = []string{"planes.*"}; return r }},
		{"nobody could repair it", "roles", "nobody could ever change this", func(r []policy.Role) []policy.Role { return r[:2] }},
	}
	for _, c := range cases {
		spoilt := c.spoil(roles())
		findings := policy.Check(spoilt)
		if len(findings) != 1 || findings[0].Path != c.path || !strings.Contains(findings[0].What, c.what) {
			t.Errorf("%s: %+v", c.name, findings)
		}
		if _, err := policy.New(spoilt); err == nil {
			t.Errorf("%s: accepted", c.name)
		}
	}
}

// More roles never allow less, and every action has a label that makes a sentence.
func TestMoreRolesNeverAllowLess(t *testing.T) {
	p := made(t)
	var actions []string
	for _, a := range policy.Actions() {
		actions = append(actions, a.Name)
		if a.Label == "" || strings.Contains(p.May(nil, a.Name).Reason, a.Name) {
			t.Errorf("%s has no label", a.Name)
		}
	}
	keys := rapid.SliceOf(rapid.SampledFrom([]string{"requester", "technician", "manager", "admin", "ghost"}))
	rapid.Check(t, func(t *rapid.T) {
		some, more, action := keys.Draw(t, "some"), keys.Draw(t, "more"), rapid.SampledFrom(actions).Draw(t, "action")
		if p.May(some, action).Allowed && !p.May(append(more, some...), action).Allowed {
			t.Fatalf("%v may %s, with %v too not", some, action, more)
		}
	})
}
