package scenario

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"holdfast/app/api"
)

// siteCode is the site that the tests' cluster and its desktops belong to.
const siteCode = "LYO"

// cluster is three sync nodes and two desktops of one site: A is the administrator's, B a technician's.
type cluster struct {
	nodes []*device
	a, b  *device
}

// startCluster starts the nodes and lets both desktops join.
func startCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{}
	for i := range 3 {
		node := &device{name: fmt.Sprintf("N%d", i+1), folder: filepath.Join(t.TempDir(), "data")}
		node.args = []string{"node", "--listen", freeAddress(t)}
		if i == 0 {
			node.args = append(node.args, "--bootstrap", "--cluster", "Works", "--site", siteCode)
		} else {
			node.args = append(node.args, "--join", c.nodes[0].invite(t, "node"))
		}
		node.start(t)
		c.nodes = append(c.nodes, node)
	}
	c.giveVotes(t)
	c.a = c.join(t, "A", "Ada Lovelace")
	c.b = c.join(t, "B", "Blaise Pascal")
	await(t, "both desktops know both people", agreeTime, func() bool {
		return !slices.ContainsFunc([]*device{c.a, c.b}, func(d *device) bool { return get[api.Page](t, d, "/people").Total != 2 })
	})
	return c
}

// invite makes an invite with the command.
func (d *device) invite(t *testing.T, role string, more ...string) string {
	t.Helper()
	return printed[api.Invite](t, append([]string{"invite", "--data", d.folder, "--role", role}, more...)...).Text
}

// join makes a desktop of the cluster and starts it.
func (c *cluster) join(t *testing.T, name, person string) *device {
	t.Helper()
	d := desktopOn(name, filepath.Join(t.TempDir(), "data"))
	succeed(t, "join", "--data", d.folder, c.nodes[0].invite(t, "desktop"), "--person", person, "--device", "Desktop "+name)
	d.start(t)
	return d
}

// giveVotes waits until all three nodes vote.
func (c *cluster) giveVotes(t *testing.T) {
	t.Helper()
	await(t, "three nodes vote", agreeTime, func() bool {
		var members api.Members
		if c.nodes[0].try(http.MethodGet, "/sync/members", nil, &members) != nil || len(members.Members) != 3 {
			return false
		}
		votes := 0
		for _, member := range members.Members {
			if member.Voter {
				votes++
				continue
			}
			// Before it has caught up, a node gets no vote; it is asked again.
			_ = c.nodes[0].try(http.MethodPost, "/sync/members/"+member.ID+"/promote", nil, nil)
		}
		return votes == 3
	})
}

// leader gives the node that leads and the others.
func (c *cluster) leader(t *testing.T) (leads *device, others []*device) {
	t.Helper()
	await(t, "a node leads", agreeTime, func() bool {
		members := get[api.Members](t, c.nodes[0], "/sync/members").Members
		i := slices.IndexFunc(members, func(m api.Member) bool { return m.Leader })
		if i < 0 {
			return false
		}
		others = nil
		for _, node := range c.nodes {
			if get[api.SyncStatus](t, node, "/sync").Device.ID == members[i].ID || node.ready.Address == members[i].Address {
				leads = node
			} else {
				others = append(others, node)
			}
		}
		return leads != nil
	})
	return leads, others
}

func (c *cluster) everyone() []*device { return append(slices.Clone(c.nodes), c.a, c.b) }

// standing is how far a device is in one space.
type standing struct{ generation, commit, digest string }

// standings gives how far a device is in every space, and how many edits wait there.
func (d *device) standings() (map[string]standing, int, error) {
	var status api.Status
	if err := d.try(http.MethodGet, "/status", nil, &status); err != nil {
		return nil, 0, err
	}
	spaces := map[string]standing{}
	for _, space := range status.Spaces {
		spaces[space.Space] = standing{space.Generation, space.Commit, space.Digest}
	}
	return spaces, status.Waiting, nil
}

// awaitSame waits until nothing waits anywhere and all devices hold the same, by digest, in every space.
func awaitSame(t *testing.T, devices ...*device) {
	t.Helper()
	awaitSameWithin(t, agreeTime, devices...)
}

func awaitSameWithin(t *testing.T, deadline time.Duration, devices ...*device) {
	t.Helper()
	last := ""
	defer func() {
		if t.Failed() {
			t.Log("devices stand at:\n" + last)
		}
	}()
	await(t, "all devices hold the same", deadline, func() bool {
		last = ""
		var first map[string]standing
		same := true
		for _, d := range devices {
			spaces, waiting, err := d.standings()
			last += fmt.Sprintf("%s: waiting %d, %v, %v\n", d.name, waiting, spaces, err)
			if first == nil {
				first = spaces
			}
			same = same && err == nil && waiting == 0 && len(spaces) > 1 && fmt.Sprint(spaces) == fmt.Sprint(first)
		}
		return same
	})
}
